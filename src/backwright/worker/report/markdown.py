"""Small pieces of Markdown that stay whole whatever the text in them."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any


def line(text: str) -> str:
    """The text on one line, so that nothing in it can begin a heading or a list."""
    return " ".join(text.split())


def code(text: str) -> str:
    """The text as code within a line."""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{line(text)}{pad}{ticks}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, or one line that says there is nothing to put into it."""
    cells = [[line(cell).replace("\\", "\\\\").replace("|", "\\|") for cell in row] for row in rows]
    if not cells:
        return ["None."]
    return [_row(heads), _row(["---"] * len(heads)), *map(_row, cells)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def example(value: Any) -> list[str]:
    """A body as a block of JSON."""
    return ["```json", json.dumps(value, indent=2, ensure_ascii=False, default=str), "```"]


def headings(text: str) -> list[str]:
    """The headings down to the fourth level, outside blocks of code, each with its marks: ``### Executive Summary``."""
    found: list[str] = []
    fence = ""
    for row in text.splitlines():
        mark = re.match(r" {0,3}(`{3,}|~{3,})", row)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not row.strip().strip(fence[0]):
            fence = ""
        elif not fence and re.match(r" {0,3}#{1,4}\s", row):
            found.append(" ".join(row.split()).rstrip("# ") if row.strip("# ") else row.strip())
    return found
