"""What a Markdown document promises: Python that runs, commands that exist, standards and files that are there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^(?: {4}|\t).+\n?)+", re.MULTILINE)
COMMAND = re.compile(r"^(?:\$ )?(?P<command>(?:make|backwright|\.venv/bin/\w+)\b[^#\n]*)", re.MULTILINE)
INLINE = re.compile(r"`(?P<command>(?:make|backwright) [a-z][^`]*)`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<path>[^)#\s]+)")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A fenced block: where it begins, the words behind the fence, and its text."""

    file: Path
    line: int
    info: tuple[str, ...]
    code: str

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}"


def snippets(file: Path) -> list[Snippet]:
    """The fenced blocks of a document."""
    text = file.read_text()
    return [Snippet(file, text.count("\n", 0, m.start()) + 1, tuple(m["info"].split()), m["code"]) for m in FENCE.finditer(text)]


def commands(file: Path) -> Iterator[str]:
    """The commands a document tells its reader to run: in shell blocks, indented blocks and inline code."""
    text = file.read_text()
    shell = [s.code for s in snippets(file) if s.info[:1] in (("sh",), ("bash",), ("console",))]
    prose = FENCE.sub("", text)
    for block in [*shell, *(re.sub(r"^\s+", "", m[0], flags=re.MULTILINE) for m in INDENTED.finditer(prose))]:
        yield from (m["command"].strip() for m in COMMAND.finditer(block))
    yield from (m["command"].strip() for m in INLINE.finditer(prose))


def links(file: Path) -> list[Path]:
    """The files of the repository that a document links to."""
    return [file.parent / m["path"] for m in LINK.finditer(file.read_text())]
