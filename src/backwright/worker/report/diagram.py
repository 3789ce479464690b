"""The entity diagram: tables as boxes, references as lines from a row to the table it refers to. SVG text; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from backwright.worker.report.input import Table

WIDTH, ROW, HEAD = 230, 20, 30
GAP_X, GAP_Y, EDGE = 90, 28, 14
MOST_COLUMNS = 14


@dataclass(frozen=True, slots=True)
class _Box:
    table: Table
    x: int
    y: int

    @property
    def height(self) -> int:
        return HEAD + ROW * len(_shown(self.table)) + 8


def diagram(tables: Sequence[Table]) -> str:
    """All the tables with their references; who is referred to stands further left. Nothing for no tables."""
    boxes = _placed(tables)
    if not boxes:
        return ""
    width = max(box.x for box in boxes.values()) + WIDTH + EDGE
    height = max(box.y + box.height for box in boxes.values()) + EDGE
    lines = [line for box in boxes.values() for line in _references(box, boxes)]
    inside = "".join([*lines, *map(_drawn, boxes.values())])
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg class="diagram" {size} role="img" aria-label="entities and their references">{inside}</svg>'


def ranks(tables: Sequence[Table]) -> dict[str, int]:
    """How far each table is from those that refer to nothing; what refers in a circle breaks it where it was met first."""
    targets = {t.name: [r.table for r in t.relationships if r.table != t.name] for t in tables}
    found: dict[str, int] = {}

    def visit(name: str, above: frozenset[str]) -> int:
        if name not in found:
            below = [visit(other, above | {name}) for other in targets[name] if other in targets and other not in above]
            found.setdefault(name, 1 + max(below, default=-1))
        return found[name]

    for table in tables:
        visit(table.name, frozenset())
    return found


def _placed(tables: Sequence[Table]) -> dict[str, _Box]:
    rank = ranks(tables)
    boxes: dict[str, _Box] = {}
    below: dict[int, int] = {}
    by_rank = sorted(tables, key=lambda t: rank[t.name])
    for level in sorted(set(rank.values())):
        for table in sorted((t for t in by_rank if rank[t.name] == level), key=lambda t: _height_of_targets(t, boxes)):
            box = _Box(table, EDGE + level * (WIDTH + GAP_X), below.get(level, EDGE))
            boxes[table.name] = box
            below[level] = box.y + box.height + GAP_Y
    return boxes


def _height_of_targets(table: Table, boxes: Mapping[str, _Box]) -> float:
    """The middle of what it refers to, so that lines cross less."""
    heights = [boxes[r.table].y for r in table.relationships if r.table in boxes]
    return sum(heights) / len(heights) if heights else 0.0


def _shown(table: Table) -> list[tuple[str, str, str]]:
    """The rows of a box: name, type and mark; the rest is counted."""
    keys = {r.column for r in table.relationships}
    rows = [
        (c.name, c.type, "PK" if "primary key" in c.constraints else "FK" if c.name in keys else "U" if "unique" in c.constraints else "")
        for c in table.columns
    ]
    rows.sort(key=lambda row: {"PK": 0, "FK": 1}.get(row[2], 2))
    more = len(rows) - MOST_COLUMNS
    return rows if more <= 0 else [*rows[:MOST_COLUMNS], (f"and {more} more", "", "")]


def _drawn(box: _Box) -> str:
    rows = "".join(_row(box, number, *row) for number, row in enumerate(_shown(box.table)))
    title = f"<title>{escape(box.table.purpose)}</title>"
    name = f'<text class="name" x="{box.x + 12}" y="{box.y + 20}">{escape(_cut(box.table.name, 26))}</text>'
    back = f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="6"/>'
    rule = f'<line x1="{box.x}" x2="{box.x + WIDTH}" y1="{box.y + HEAD}" y2="{box.y + HEAD}"/>'
    return f'<g class="box">{title}{back}{name}{rule}{rows}</g>'


def _row(box: _Box, number: int, name: str, type: str, mark: str) -> str:
    y = box.y + HEAD + 16 + number * ROW
    shown = f'<text x="{box.x + 12}" y="{y}">{escape(_cut(name, 20))}</text>'
    right = f'<text class="type" x="{box.x + WIDTH - 34}" y="{y}" text-anchor="end">{escape(_cut(type, 12))}</text>'
    return shown + right + (f'<text class="mark" x="{box.x + WIDTH - 8}" y="{y}" text-anchor="end">{mark}</text>' if mark else "")


def _references(box: _Box, boxes: Mapping[str, _Box]) -> list[str]:
    names = [name for name, _, _ in _shown(box.table)]
    found: list[str] = []
    for reference in box.table.relationships:
        if (target := boxes.get(reference.table)) is not None:
            row = names.index(reference.column) if reference.column in names else len(names) - 1
            y = box.y + HEAD + 11 + row * ROW
            said = f"<title>{escape(box.table.name)}.{escape(reference.column)} → {escape(reference.table)}</title>"
            way, end = _way(box, y, target)
            found.append(f'<g class="reference">{said}<path d="{way}"/><circle cx="{end}" cy="{target.y + HEAD // 2}" r="3.5"/></g>')
    return found


def _way(box: _Box, y: int, target: _Box) -> tuple[str, int]:
    """From the row's left edge to the target's head; to itself, or to the right, around the right edge. And where that ends."""
    end = target.y + HEAD // 2
    if target.x < box.x:
        right = target.x + WIDTH
        bend = min(60, (box.x - right) // 2 + 20)
        return f"M {box.x} {y} C {box.x - bend} {y} {right + bend} {end} {right} {end}", right
    start, right = box.x + WIDTH, target.x + WIDTH
    out = max(start, right) + 40
    return f"M {start} {y} C {out} {y} {out} {end} {right} {end}", right


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
