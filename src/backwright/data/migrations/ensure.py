"""What serving does to the database at start: an empty one is filled, one that is behind is refused, one that is right costs one query."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from backwright.data.layout import Layout
from backwright.data.layout_of import layout_of
from backwright.data.migrations.describe import describe
from backwright.data.migrations.diff import difference
from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.history import History, read_history
from backwright.data.migrations.probe import dialect_of, fetch
from backwright.domain.model import Model

if TYPE_CHECKING:
    import sqlalchemy as sa

MODEL = "model"  # what the log says instead of a revision where the tables were created from the model


@dataclass(frozen=True, slots=True)
class Ensured:
    """What was found or done, and one sentence that says so."""

    state: Literal["current", "created", "migrated", "ahead"]
    message: str


@dataclass(frozen=True, slots=True)
class _Project:
    model: Model
    database_url: str
    directory: Path


async def ensure(engine_url: str, model: Model, directory: Path, migrate: bool = False) -> Ensured:
    """Make sure that the database can serve the model. Raises `MigrationError` with the command that helps.

    Without migration files the tables are created from the model in an empty database. With them an empty database is migrated; one that
    is behind is migrated if ``migrate``, else refused; one that is ahead (a newer release came meanwhile) serves if it still holds all
    that this release needs.
    """
    history = read_history(directory)
    project = _Project(model, engine_url, directory)
    if not history.versions:
        return await _without_migrations(project)
    if left := difference(history.layout(history.head), layout_of(model)):
        first = "; ".join(map(describe, (*left.steps, *left.indexes)[:3]))
        raise MigrationError(f'the model has changes that no migration makes ({first}…): `backwright migrate make "what changed"`')
    rows = await fetch(engine_url, "SELECT version_num FROM alembic_version")
    current = str(rows[0][0]) if rows else None
    if current == history.head:
        return Ensured("current", f"the database is at {history.versions[-1].name}")
    if current is not None and all(current != version.revision for version in history.versions):
        return await _ahead(project, history, current)
    pending = history.versions[history.position(current) :]
    if current is not None and not migrate:
        names = ", ".join(version.name for version in pending)
        raise MigrationError(f"the database is behind by {len(pending)} ({names}): `backwright migrate up`, or serve with --migrate")
    from backwright.data.migrations.commands import up

    done = await up(project, say=lambda line: None)
    return Ensured("migrated", f"the database was migrated to {history.versions[-1].name} ({len(done)} migrations)")


async def _without_migrations(project: _Project) -> Ensured:
    layout = layout_of(project.model)
    rows = await fetch(project.database_url, f"SELECT checksum FROM backwright_migration WHERE revision = '{MODEL}'")
    if rows and rows[0][0] == fingerprint(layout):
        return Ensured("current", "the database is as the model says")
    from backwright.data.migrations.connection import connected

    return await connected(project.database_url, lambda connection: _create(connection, project, layout), alone=True)


def fingerprint(layout: Layout) -> str:
    """A digest of everything that a layout says."""
    return sha256(repr(layout).encode()).hexdigest()


def _create(connection: "sa.Connection", project: _Project, layout: Layout) -> Ensured:
    import sqlalchemy as sa

    from backwright.data.migrations.catalog import drift
    from backwright.data.migrations.runner import note
    from backwright.data.schema import create_layout_sql, raw

    with connection.begin():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        there = set(sa.inspect(connection).get_table_names()) & {table.name for table in layout.own()}
        if not there:
            for statement in create_layout_sql(layout, dialect_of(project.database_url)):
                connection.execute(raw(statement))
            note(connection, MODEL, "created from the model", fingerprint(layout))
            return Ensured(
                "created", 'the empty database got its tables from the model (no migrations yet: `backwright migrate make "first"`)'
            )
    found = drift(connection, layout)
    connection.rollback()
    if found:
        raise MigrationError(
            f"the database was made from another model ({found[0]}{f' and {len(found) - 1} more' if found[1:] else ''}), and there are no "
            "migrations: delete it if it holds nothing of worth; else check out the model it was made from, "
            '`backwright migrate make "first"`, `backwright migrate baseline`, and come back'
        )
    return Ensured("current", "the database is as the model says")


async def _ahead(project: _Project, history: History, current: str) -> Ensured:
    from backwright.data.migrations.catalog import drift
    from backwright.data.migrations.connection import connected

    found = await connected(project.database_url, lambda connection: drift(connection, layout_of(project.model)))
    if found:
        history.position(current)  # raises: the files do not know this revision
    return Ensured("ahead", f"the database is at {current}, which is newer than this release, and holds all that this release needs")
