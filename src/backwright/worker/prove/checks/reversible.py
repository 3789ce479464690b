"""db.reversible: every migration up, down and up again on seeded rows; what survives has equal checksums, and the catalog is the same."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from backwright.data.layout import Layout
from backwright.data.migrations.catalog import postgresql_catalog, sqlite_catalog
from backwright.data.migrations.checksum import Checksum, checksums
from backwright.data.migrations.commands import down, up
from backwright.data.migrations.connection import connected
from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.history import History, Version, read_history, versions_folder
from backwright.data.migrations.steps import AlterColumn, AlterTable
from backwright.domain.model import Kind
from backwright.testing.scratch import scratch
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Edit, NothingToPlant, Plant
from backwright.worker.prove.rig.rig import Project, databases, mapped_tables, open_rig_at
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

Sums = Mapping[str, Checksum]
BOOKKEEPING = ("alembic_version", "backwright_migration")


def reversible(target: Target) -> Finding:
    """Step down one migration after the other, and up again."""
    seen, app = Breaches(), target.load()

    async def on_all() -> list[str]:
        done: list[str] = []
        for dialect, server in databases(target):
            async with scratch(server) as url:
                await _there_and_back(seen, app, url, dialect)
            done.append(dialect)
        return done

    where = asyncio.run(on_all())
    return seen.finding(
        "steps", "every migration goes down and up again, and what survives is unchanged", nothing="there are no migrations", where=where
    )


async def _there_and_back(seen: Breaches, app: Any, url: str, dialect: str) -> None:
    project = Project(app.model, url, app.folder / "migrations")
    history = read_history(project.directory)
    if not history.versions:
        return
    await mapped_tables(url, app.model)
    async with open_rig_at(url, app, rows=8) as rig:
        seen.note(f"{dialect}: seeded { ({e.__name__: len(r) for e, r in rig.rows.items()}) }")
    for behind in range(1, len(history.versions) + 1):
        undone = history.versions[-behind:]
        if stop := next((v for v in undone if v.irreversible), None):
            seen.note(f"{dialect}: {stop.name} is declared irreversible: {stop.irreversible}")
            seen.count("declared_irreversible")
            return
        await _one_trip(seen, project, history, undone, f"{undone[0].name} on {dialect}")


async def _one_trip(seen: Breaches, project: Project, history: History, undone: tuple[Version, ...], what: str) -> None:
    """Down over these migrations and up again."""
    before, catalog = await checksums(project.database_url, project.model), await _catalog(project.database_url)
    try:
        await down(project, f"-{len(undone)}", say=lambda line: None)
        between = await checksums(project.database_url, project.model)
        await up(project, say=lambda line: None)
    except (MigrationError, SQLAlchemyError) as error:
        seen.expect(False, f"{what} cannot go down and up again: {' '.join(str(error).split())[:200]}")
        return
    after = await checksums(project.database_url, project.model)
    altered = _altered(undone)
    seen.expect(await _catalog(project.database_url) == catalog, f"{what}: the catalog is another one after down and up")
    _compare(seen, f"{what}, after going down", before, between, altered)
    survived = {table: set(sums.columns) for table, sums in between.items() if sums.rows}
    _compare(seen, f"{what}, after down and up", {t: s for t, s in before.items() if t in survived}, after, altered, survived)
    left = history.layout(undone[0].down_revision)
    lost = [table for table in _tables(left) if table not in between and table in before]
    seen.expect(not lost, f"{what}: going down loses the table {', '.join(lost)}")
    seen.note(f"{what}: {sum(s.rows for s in between.values())} rows survive going down")


def _compare(
    seen: Breaches, what: str, before: Sums, after: Sums, altered: set[tuple[str, str]], only: Mapping[str, set[str]] | None = None
) -> None:
    for table, sums in before.items():
        if table not in after:
            continue
        seen.expect(after[table].rows == sums.rows, f"{what}: {table} has {after[table].rows} rows, not {sums.rows}")
        names = (set(sums.columns) & set(after[table].columns)) if only is None else only[table] & set(sums.columns)
        for name in sorted(names - {column for t, column in altered if t == table}):
            seen.expect(after[table].columns.get(name) == sums.columns[name], f"{what}: {table}.{name} has another checksum")


def _altered(undone: tuple[Version, ...]) -> set[tuple[str, str]]:
    """The columns whose values are meant to change on the way."""
    return {
        (step.table, change.new.name)
        for version in undone
        for step in version.steps
        if isinstance(step, AlterTable)
        for change in step.changes
        if isinstance(change, AlterColumn) and change.old.type != change.new.type
    }


def _tables(layout: Layout) -> list[str]:
    return [table.name for table in layout.tables]


async def _catalog(url: str) -> dict[tuple[str, str, str], str]:
    def read(connection: sa.Connection) -> dict[tuple[str, str, str], str]:
        found = sqlite_catalog(connection) if connection.dialect.name == "sqlite" else postgresql_catalog(connection)
        connection.rollback()
        return {key: text for key, text in found.items() if key[0] not in BOOKKEEPING}

    return await connected(url, read)


def _planted(copy: Path, up: str, down: str) -> None:
    """One more migration that moves data by this SQL."""
    directory = copy / "migrations"
    lines = ['"""Planted."""', "from backwright.data.migrations import types as bw", 'revision = "planted"']
    lines += [
        f"down_revision = {read_history(directory).head!r}",
        f"steps = (bw.data({up!r}, {down!r}),)",
        "upgrade, downgrade = bw.both_ways(steps)",
    ]
    (versions_folder(directory) / "9999_planted.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _careless_data(copy: Path) -> None:
    history = read_history(copy / "migrations")
    for table in history.layout(history.head).tables if history.head else ():
        number = next((c.name for c in table.columns if c.type.kind is Kind.INT and c.name == "version"), None)
        if number is not None:
            _planted(copy, f'UPDATE "{table.name}" SET "{number}" = "{number}" + 1', "")
            return
    raise NothingToPlant("no table has a number to spoil")


def _one_way(copy: Path) -> None:
    if read_history(copy / "migrations").head is None:
        raise NothingToPlant("there are no migrations")
    _planted(copy, "", 'UPDATE "no_such_table" SET "a" = 1')


REVERSIBLE = Standard(
    id="db.reversible",
    sentence="Every migration goes down and up again on seeded rows; what survives has equal checksums.",
    why="The day a release must be taken back is no day to find out.",
    check=reversible,
    plants=(
        Plant(
            "careless-data-move",
            "db.reversible",
            "a move of data is not undone",
            Edit("a migration of a table with numbers", _careless_data),
        ),
        Plant("rollback-that-fails", "db.reversible", "the way back fails", Edit("the last migration", _one_way)),
    ),
    tools=("alembic", "sqlalchemy"),
)
