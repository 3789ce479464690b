"""Steps in words, one line each. Pure."""

import re

from backwright.data.migrations.steps import AlterTable, Change, Data, RenameColumn, RenameTable, Step


def describe(step: Step) -> str:
    """What a step does: ``create table book``, ``alter book: add column stars, drop check ck_book_stock_ge``."""
    match step:
        case AlterTable(table, changes):
            return f"alter {table}: " + ", ".join(f"{_words(change)} {_name(change)}" for change in changes)
        case RenameTable(old, new):
            return f"rename table {old} to {new}"
        case RenameColumn(table, old, new):
            return f"rename column {table}.{old} to {new}"
        case Data(up):
            return f"data: {up}"
        case _:
            return f"{_words(step)} {_name(step)}"


def _words(value: object) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(value).__name__).lower()


def _name(value: Step | Change) -> str:
    for slot in ("new", "column", "check", "key", "index", "counter", "table"):
        if (part := getattr(value, slot, None)) is not None:
            return str(getattr(part, "name", part))
    return ""
