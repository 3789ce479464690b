"""Everything in a set of tables that must be accounted for, each thing once, with its place and an address of its own. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from backwright.worker.design import Element
from backwright.worker.place import Place
from backwright.worker.tables import Column, ForeignKey, Table, Tables


def elements_of(tables: Tables) -> tuple[Element, ...]:
    """In the order of files and lines. Addresses are unique: the second of a kind gets a number."""
    found: list[Element] = []
    seen: dict[str, int] = {}
    for element in sorted(_all(tables), key=lambda e: (e.place.file if e.place.line else "", e.place.line)):
        number = seen[element.address] = seen.get(element.address, 0) + 1
        place = element.place
        found.append(element if number == 1 else replace(element, place=replace(place, pointer=f"{place.pointer}#{number}")))
    return tuple(found)


def _all(tables: Tables) -> Iterator[Element]:
    for enum in tables.enums:
        yield Element("enum type", enum.name, enum.place)
    for table in tables.tables:
        yield from of_table(table)
    for other in tables.others:
        yield Element(other.kind, other.name, other.place)


def of_table(table: Table) -> Iterator[Element]:
    """A table with everything in it. The last part of a pointer is the kind, where it is a clause of something else."""
    yield Element("table", table.id, table.place)
    yield from _said("comment", table.id, table.comment.place if table.comment is not None else None)
    for column in table.columns:
        yield from _of_column(table, column)
    if table.primary is not None:
        yield Element("primary key", f"{table.id} ({', '.join(table.primary.columns)})", at(table.primary.place, table, "primary key"))
    for key in table.foreign_keys:
        yield from _of_reference(table, key)
    for unique in table.uniques:
        name = f"{table.id} ({', '.join(unique.columns)})"
        yield Element("unique", name, at(unique.place, table, f"uniques/{','.join(unique.columns)}"))
    for check in table.checks:
        yield Element("check", f"{table.id} {check.name or check.text}", at(check.place, table, f"checks/{check.text}"))
    for index in table.indexes:
        yield Element("index", f"{index.name} on {table.id} ({', '.join(index.parts)})", at(index.place, table, f"indexes/{index.name}"))
    for other in table.others:
        yield Element("table clause", f"{table.id} {other.text}", at(other.place, table, f"clauses/{other.text}"))


def _of_reference(table: Table, key: ForeignKey) -> Iterator[Element]:
    name, pointer = f"{table.id} ({', '.join(key.columns)}) → {key.target}", f"foreign keys/{','.join(key.columns)}"
    yield Element("foreign key", name, at(key.place, table, pointer))
    for word, action in (("on delete", key.on_delete), ("on update", key.on_update), ("deferrable", "later" if key.deferrable else "")):
        if action:
            yield Element(word, f"{name} {action}", at(key.place, table, f"{pointer}/{word}"))


def _of_column(table: Table, column: Column) -> Iterator[Element]:
    name = f"{table.id}.{column.name}"
    yield Element("column", name, column.place)
    yield from _said("not null", name, column.not_null, column)
    for kind, words in (
        ("default", column.default), ("generated", column.generated), ("collation", column.collation), ("comment", column.comment),
    ):  # fmt: skip
        yield from _said(
            kind, name if words is None or kind == "comment" else f"{name} {words.text}", words.place if words else None, column
        )
    if column.identity:
        yield Element("identity", name, replace(column.place, pointer=f"{column.place.pointer}/identity"))


def _said(kind: str, name: str, place: Place | None, column: Column | None = None) -> Iterator[Element]:
    if place is not None:
        pointer = f"{column.place.pointer}/{kind}" if column is not None else place.pointer
        yield Element(kind, name, replace(place, pointer=pointer))


def at(place: Place, table: Table, what: str) -> Place:
    """The same place with the pointer of a thing in the table."""
    return replace(place, pointer=f"{table.place.pointer}/{what}")
