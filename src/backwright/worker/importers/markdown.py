"""Markdown API notes and decision records (ADRs) as context: what people wrote beside a design, and the endpoints that it speaks of."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from backwright.worker.design import Design, Element, Info, Note
from backwright.worker.importers.document import escaped
from backwright.worker.importers.reading import Unreadable, text_of
from backwright.worker.place import BrokenDesign, Place, Problem

_ROUTE = re.compile(r"(?<![\w/])(GET|POST|PUT|PATCH|DELETE)\s+`?(/[\w\-./{}:<>]*)")
_STATUS = re.compile(r"^\s*(?:\*\*)?status(?:\*\*)?\s*:?\s*(?:\*\*)?\s*(.+)$", re.IGNORECASE)
_RECORD = re.compile(r"(^|/)(adr|adrs|decisions?)/|(^|/)(adr[-_ ]?)?\d{3,4}[-_]", re.IGNORECASE)


def import_markdown(files: Sequence[tuple[Path, str]]) -> Design:
    """The notes as a design that promises nothing by itself. Raises `BrokenDesign` for what cannot be read."""
    problems: list[Problem] = []
    notes: list[Note] = []
    elements: list[Element] = []
    for path, name in files:
        try:
            text = text_of(path)
        except Unreadable as error:
            problems.append(Problem(name, error.line, "", "error", error.what, error.mend))
            continue
        headings = list(_headings(text, name))
        elements += [Element("note", title, place) for title, place in headings]
        notes.append(_note(text, name, headings))
    if problems:
        raise BrokenDesign(tuple(problems))
    first = notes[0]
    return Design(
        file=first.place.file, version="markdown", info=Info(first.title, "1.0.0", "", "", first.place), servers=(), tags=(), security=(),
        security_schemes={}, schemas={}, operations=(), webhooks=(), elements=tuple(elements), warnings=(), context=tuple(notes),
    )  # fmt: skip


def _headings(text: str, file: str) -> Iterator[tuple[str, Place]]:
    """Every heading with its place; the pointer counts them, since two may say the same."""
    tokens: list[Any] = MarkdownIt("commonmark").parse(text)
    for number, token in enumerate(t for t in pairwise(tokens) if t[0].type == "heading_open"):
        line = (token[0].map or [0])[0] + 1
        yield token[1].content.strip() or "untitled", Place(file, line, f"/{number}/{escaped(token[1].content.strip())}")


def _note(text: str, file: str, headings: list[tuple[str, Place]]) -> Note:
    title, place = headings[0] if headings else (file, Place(file, 1, ""))
    record = _RECORD.search(file) is not None or re.match(r"(ADR|\d{3,4})\b", title) is not None
    return Note("decision" if record else "notes", title, place, _status(text) if record else "", tuple(_routes(text, file)))


def _status(text: str) -> str:
    """The state of a decision: the line that says it, or the first line under a heading of that name."""
    lines = text.splitlines()
    for n, line in enumerate(lines):
        if re.match(r"#+\s*status\s*$", line, re.IGNORECASE):
            return next((said.strip().rstrip(".") for said in lines[n + 1 :] if said.strip()), "")
        if (match := _STATUS.match(line)) is not None:
            return match[1].strip(" *.")
    return ""


def _routes(text: str, file: str) -> Iterator[tuple[str, Place]]:
    """The endpoints that the text names: method and path, parameters without their names."""
    for n, line in enumerate(text.splitlines(), start=1):
        for match in _ROUTE.finditer(line):
            path = re.sub(r"\{[^}]*\}|:\w+|<[^>]*>", "{}", match[2].rstrip("/.,:") or "/")
            yield f"{match[1]} {path}", Place(file, n, "")
