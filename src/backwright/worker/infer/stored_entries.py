"""The account of what a design says about storage: what becomes of tables and of everything beside them. Pure."""

import re

from backwright.worker.account import Entry
from backwright.worker.design import Design, Element
from backwright.worker.infer.stored_draft import Answer
from backwright.worker.infer.stored_elements import elements_of
from backwright.worker.tables import Tables

OTHERS: dict[str, Answer] = {
    "view": ("refused", "a view is not declared by the kit: a list with filters, or an operation of your own, answers the same rows"),
    "trigger": ("refused", "what a trigger does becomes a rule of an operation, or stays with the database-specialist"),
    "function": ("refused", "what a function does becomes an operation, or stays with the database-specialist"),
    "sequence": ("changed", "keys are numbered by the database; other numbers are to be drawn by a function"),
    "schema": ("changed", "all tables live in one schema"),
    "extension": ("refused", "the kit needs no extensions of the database"),
    "seed data": ("refused", "rows are no design: a data migration can load them"),
    "domain": ("changed", "its type and its checks are those of each column that uses it"),
    "type": ("refused", "a type of several parts is kept as text or JSON by the columns that use it"),
    "partition": ("refused", "tables are kept whole; partitions are up to the database-specialist"),
    "session command": ("refused", "it concerns the session that runs the file, and stores nothing"),
    "drop": ("refused", "a design drops nothing"),
    "grant": ("refused", "who may do what is in access.py; rights of database users are up to who runs the database"),
    "comment": ("refused", "the kit keeps comments of tables and columns only"),
    "temporary table": ("refused", "what lives as long as a session is not stored"),
    "virtual table": ("refused", "virtual tables are not declared by the kit"),
    "policy": ("refused", "who may see which row is said by the rules in access.py"),
}
_LIVE: Answer = ("changed", "it stays in the database as it is, and goes on working; the kit does not know it")
_UNKNOWN: Answer = ("refused", "the kit has no such thing; to be decided by the database-specialist")


def stored_entries(design: Design, told: dict[str, Answer]) -> tuple[Entry, ...]:
    """One entry for each element about storage, in the order of the design."""
    return tuple(Entry(element, *answer(element, told, design.tables)) for element in elements_of(design.tables))


def answer(element: Element, told: dict[str, Answer], tables: Tables) -> Answer:
    """What becomes of one element: what was noted for it or for the table that is refused as a whole, else built."""
    pointer = re.sub(r"#\d+$", "", element.place.pointer)
    table = next((t for t in tables.tables if pointer.startswith(f"{t.place.pointer}/") or pointer == t.place.pointer), None)
    if table is None:
        if element.kind == "enum type":
            return "built", ""
        return _LIVE if tables.live and element.kind not in ("seed data", "session command") else OTHERS.get(element.kind, _UNKNOWN)
    if (whole := told.get(table.place.pointer, ("built", "")))[0] == "refused":
        return whole
    column = re.match(rf"{re.escape(table.place.pointer)}/columns/[^/]+", pointer)
    if column is not None and told.get(column[0], ("built", ""))[0] == "refused":
        return told[column[0]]
    return told.get(pointer, ("built", ""))
