"""A project to migrate, entities made on the spot, and rows for whatever tables there are."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from backwright.data.engines.engine import Dialect
from backwright.data.layout import Layout, Table, text_for
from backwright.data.layout_of import layout_of
from backwright.data.migrations.catalog import drift
from backwright.data.migrations.connection import connected
from backwright.data.migrations.probe import dialect_of
from backwright.data.schema import raw
from backwright.data.sql.shapes import quoted
from backwright.domain.entity import Entity
from backwright.domain.model import Kind, Model, build_model


@dataclass
class Project:
    """What the migrate commands are given; `becomes` is the same project after somebody edited its entities."""

    model: Model
    database_url: str
    directory: Path

    def becomes(self, *entities: type[Entity]) -> "Project":
        """The project with another model."""
        return replace(self, model=build_model(entities))


def entity(name: str, hints: dict[str, Any], defaults: dict[str, Any] | None = None, **options: Any) -> type[Entity]:
    """An entity class of these fields."""
    names = {"__annotations__": hints, "__module__": __name__, "__qualname__": name, **(defaults or {})}
    made: type[Entity] = type(Entity)(name, (Entity,), names, **options)
    return made


def execute(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements in one transaction; the rows of the last."""

    def work(connection: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for sql in statements:
            result = connection.execute(raw(sql))
            rows = [tuple(row) for row in result] if result.returns_rows else []
        connection.commit()
        return rows

    return asyncio.run(connected(url, work))


def differs(url: str, layout: Layout) -> list[str]:
    """Where the database differs from a layout."""
    return asyncio.run(connected(url, lambda connection: drift(connection, layout)))


def tables(url: str) -> set[str]:
    """The names of the tables that are there."""
    from sqlalchemy import inspect

    return set(asyncio.run(connected(url, lambda connection: inspect(connection).get_table_names())))


def seed(url: str, model: Model, rows: int = 3) -> None:
    """Some rows in every table; where a column has a default, its value, so that checks hold."""
    layout = layout_of(model)
    dialect = dialect_of(url)
    execute(url, *(sql for table in layout.own() for n in range(rows) for sql in [_insert(table, n, dialect)]))


def _insert(table: Table, n: int, dialect: Dialect) -> str:
    targets = {key.column for key in table.foreign_keys}
    values = [_value(table, column.name, n, dialect, column.name in targets) for column in table.columns]
    return f"INSERT INTO {quoted(table.name)} ({', '.join(quoted(c.name) for c in table.columns)}) VALUES ({', '.join(values)})"


def _value(table: Table, name: str, n: int, dialect: Dialect, is_key: bool) -> str:
    column = table.column(name)
    if column.default is not None:
        return text_for(column.default, dialect)
    match column.type.kind:
        case Kind.UUID:
            return f"'{UUID(int=n + 1 if is_key or name in table.primary else n + 99)}'"
        case Kind.TEXT:
            return f"'{name} {n}'"
        case Kind.BOOL:
            return "TRUE" if dialect == "postgresql" else "1"
        case Kind.DATE:
            return f"'2026-01-0{n + 1}'"
        case Kind.TIME:
            return f"'10:00:0{n}'"
        case Kind.DATETIME:
            return f"'2026-01-0{n + 1}T00:00:00Z'" if dialect == "postgresql" else f"{1767225600000000 + n}"
        case Kind.BYTES:
            return rf"'\x0{n}'" if dialect == "postgresql" else f"X'0{n}'"
        case Kind.JSON:
            return f"""'{{"n": {n}}}'"""
        case _:
            return str(n + 1)
