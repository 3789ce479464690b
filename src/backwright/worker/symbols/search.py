"""Text that a regular expression fits, in the files that people wrote. It runs in a process of its own, which a deadline can end."""

import json
import re
import subprocess
import sys
from collections.abc import Generator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from backwright.worker.prove.tree import chosen
from backwright.worker.source.text import Text
from backwright.worker.source.walk import walk
from backwright.worker.symbols.files import inside, said
from backwright.worker.symbols.symbol import Refused

LIMIT = 500
DEADLINE = 60.0
"""Seconds. A regular expression can take forever on a short line."""
_WIDTH = 500


@dataclass(frozen=True, slots=True)
class Match:
    """One place that fits."""

    file: str
    line: int
    """Of its first character, from 1."""
    column: int
    text: str
    """The lines it touches, with those around it where they were asked for; each cut to 500 characters."""


@dataclass(frozen=True, slots=True)
class Matches:
    """What a pattern search brought."""

    matches: tuple[Match, ...]
    files: int
    more: bool = False
    left_out: tuple[str, ...] = ()


def search(
    root: Path,
    pattern: str,
    *,
    within: str | None = None,
    context: int = 0,
    glob: str | None = None,
    limit: int = LIMIT,
    deadline: float = DEADLINE,
) -> Matches:
    """Every place that the regular expression fits: ``^`` and ``$`` are line ends, ``.`` is any character but one.

    ``glob`` chooses files (``**/*.py``, ``!**/test_*``; several with commas). Raises ``Refused`` for a broken pattern and past
    the deadline.
    """
    try:
        re.compile(pattern, re.MULTILINE)
    except (re.error, RecursionError, OverflowError) as error:
        raise Refused(f"{pattern!r} is no regular expression: {error}") from None
    inside(root, within or "")
    asked = {"root": str(root.resolve()), "pattern": pattern, "within": within or "", "context": context, "glob": glob, "limit": limit}
    try:
        ran = subprocess.run(
            [sys.executable, "-c", f"from {__name__} import main; main()"], input=json.dumps(asked), capture_output=True, text=True,
            timeout=deadline, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refused(f"{pattern!r} took more than {deadline:g} s: make it simpler, or name a folder or a glob") from None
    if ran.returncode:
        raise Refused(f"the search ended with status {ran.returncode}: {ran.stderr.strip()[-300:]}")
    found: dict[str, Any] = json.loads(ran.stdout)
    return Matches(tuple(Match(**match) for match in found["matches"]), found["files"], found["more"], tuple(found["left_out"]))


def main() -> None:
    """Answer one question from standard input on standard output."""
    asked: dict[str, Any] = json.load(sys.stdin)
    json.dump(asdict(_searched(**asked)), sys.stdout)


def _searched(root: str, pattern: str, within: str, context: int, glob: str | None, limit: int) -> Matches:
    fits = re.compile(pattern, re.MULTILINE)
    walked = walk(Path(root))
    place = inside(Path(root), within).relative_to(Path(root)).as_posix()
    found: list[Match] = []
    files = 0
    for met in walked.files():
        if len(found) > limit:
            break
        if place != "." and met.path != place and not met.path.startswith(f"{place}/"):
            continue
        if glob and not chosen([met.path], glob.split(",")):
            continue
        read = walked.read(met)
        if isinstance(read, Text):
            files += 1
            found += _in_text(met.path, read.text, fits, context, limit + 1 - len(found))
        else:
            walked.left_out.add(met.path, read.reason.partition(":")[0])
    return Matches(tuple(found[:limit]), files, len(found) > limit, said(walked.left_out))


def _in_text(file: str, text: str, fits: re.Pattern[str], context: int, most: int) -> Generator[Match]:
    lines: list[str] = []
    for match in islice(fits.finditer(text), most):
        lines = lines or text.split("\n")
        first = text.count("\n", 0, match.start())
        last = first + match[0].rstrip("\n").count("\n")
        shown = lines[max(0, first - context) : last + 1 + context]
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
        yield Match(file, first + 1, column, "\n".join(line.rstrip("\r")[:_WIDTH] for line in shown))
