"""What a scratch database really holds after the project's migrations: tables, primary keys, foreign keys and indexes, from its catalog."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backwright.data.layout import Layout
from backwright.data.layout_of import layout_of
from backwright.data.migrations.connection import connected
from backwright.domain.model import build_model
from backwright.testing.scratch import scratch
from backwright.worker.prove.rig.rig import databases, make_tables, mapped_tables
from backwright.worker.prove.target import Target

BOOKKEEPING = frozenset({"alembic_version", "backwright_migration"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key in the catalog."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldTable:
    """One table of the catalog. An index is the tuple of its columns; unique constraints and the primary key count as indexes."""

    name: str
    columns: dict[str, bool]
    """Whether each may be NULL."""
    primary: tuple[str, ...]
    references: tuple[Reference, ...]
    indexes: tuple[tuple[str, ...], ...]


def read_catalog(connection: sa.Connection) -> dict[str, HeldTable]:
    """Every table but the migrations' own."""
    inspector = sa.inspect(connection)
    return {name: _table(inspector, name) for name in sorted(set(inspector.get_table_names()) - BOOKKEEPING)}


def _table(inspector: Any, name: str) -> HeldTable:
    columns = {column["name"]: bool(column["nullable"]) for column in inspector.get_columns(name)}
    primary = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
    references = tuple(
        Reference(tuple(key["constrained_columns"]), key["referred_table"], tuple(key["referred_columns"]))
        for key in inspector.get_foreign_keys(name)
    )
    indexes = [tuple(index["column_names"]) for index in inspector.get_indexes(name)]
    indexes += [tuple(key["column_names"]) for key in inspector.get_unique_constraints(name)]
    return HeldTable(name, columns, primary, references, (primary, *indexes))


def on_each_catalog(target: Target, check: Callable[[dict[str, HeldTable], Layout, str], None]) -> list[str]:
    """Migrate an empty database of each kind and hand over its catalog beside what is declared (the layout of the classes)."""
    app = target.load()
    declared = layout_of(build_model(app.model.entities))

    async def all_of_them() -> list[str]:
        done: list[str] = []
        for dialect, server in databases(target):
            async with scratch(server) as url:
                await mapped_tables(url, app.model)
                await make_tables(url, app)
                check(await connected(url, read_catalog), declared, dialect)
            done.append(dialect)
        return done

    return asyncio.run(all_of_them())
