"""What is wrong with tables as a whole, once all of them are read: keys that lead nowhere, types that do not agree, names twice. Pure."""

from collections.abc import Iterator

from backwright.worker.place import Place, Problem, Severity
from backwright.worker.tables import ForeignKey, Table, Tables

_LIKE = {
    "smallint": "integer", "bigint": "integer", "varchar": "text", "char": "text", "citext": "text", "numeric": "numeric",
    "timestamp with time zone": "timestamp",
}  # fmt: skip


def unsound(tables: Tables) -> list[Problem]:
    """Every problem; warnings do not stop a delivery."""
    return [problem for table in tables.tables for problem in _of(table, tables)]


def _of(table: Table, tables: Tables) -> Iterator[Problem]:
    names = {c.name for c in table.columns}
    if not table.columns:
        yield _problem(table.place, f"The table {table.id} has no columns.", "Give it some, or take it out.")
    keys = [(k.place, k.columns, "key") for k in (table.primary, *table.uniques) if k is not None]
    keys += [(k.place, k.columns, "foreign key") for k in table.foreign_keys]
    keys += [(i.place, tuple(p for p in i.parts if not p.startswith("(")), "index") for i in table.indexes]
    for place, columns, what in keys:
        for column in columns:
            if column not in names and table.columns:
                yield _problem(place, f"{table.id} has no column {column}, which its {what} names.", "Correct the name, or add the column.")
    if table.primary is None and table.columns:
        what = f"The table {table.id} has no primary key."
        yield _problem(table.place, what, "Give it one; the kit adds a key called id.", "warning")
    for key in table.foreign_keys:
        yield from _reference(table, key, tables)


def _reference(table: Table, key: ForeignKey, tables: Tables) -> Iterator[Problem]:
    target = tables.table(key.target)
    if target is None:
        what = f"{table.id} refers to the table {key.target}, which is not there."
        yield _problem(key.place, what, "Correct the name, or add the table.", "warning" if tables.live else "error")
        return
    primary = target.primary.columns if target.primary is not None else ()
    columns = key.target_columns or primary
    if not columns:
        yield _problem(key.place, f"{table.id} refers to {target.id}, which has no primary key.", "Name the columns it refers to.")
        return
    if len(columns) != len(key.columns):
        yield _problem(key.place, f"{table.id} refers to {len(columns)} columns of {target.id} with {len(key.columns)}.", "Name as many.")
        return
    unique = [primary, *(u.columns for u in target.uniques), *(i.parts for i in target.indexes if i.unique and not i.where)]
    if all(c is not None for c in map(target.column, columns)) and not any(sorted(columns) == sorted(u) for u in unique):
        yield _problem(key.place, f"{target.id} ({', '.join(columns)}) is not unique, so nothing can refer to it.", "Make it unique.")
    for mine, other in zip(key.columns, columns, strict=True):
        here, there = table.column(mine), target.column(other)
        if there is None:
            yield _problem(key.place, f"{target.id} has no column {other}, which {table.id}.{mine} refers to.", "Correct the name.")
        elif here is not None and _like(here.type) != _like(there.type) and tables.dialect == "postgresql":
            what = f"{table.id}.{mine} is {here.type}, and {target.id}.{other}, which it refers to, is {there.type}."
            yield _problem(key.place, what, "Give both the same type.")


def _like(type_: str) -> str:
    return _LIKE.get(type_, type_)


def _problem(place: Place, what: str, mend: str, severity: Severity = "error") -> Problem:
    return Problem(place.file, place.line, place.pointer, severity, what, mend)
