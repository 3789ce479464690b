"""``backwright migrate make|up|down|status|sql|baseline`` as functions. They raise `MigrationError` with what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from backwright.data.engines.engine import Dialect
from backwright.data.layout import Layout, Table
from backwright.data.layout_of import layout_of
from backwright.data.migrations.apply import apply
from backwright.data.migrations.catalog import drift, unknown
from backwright.data.migrations.connection import connected, open_sqlite
from backwright.data.migrations.dangers import dangers
from backwright.data.migrations.describe import describe
from backwright.data.migrations.diff import CannotMigrate, Difference, difference, irreversible
from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.history import History, Version, read_history, versions_folder
from backwright.data.migrations.runner import Runner, Say, edited
from backwright.data.migrations.steps import AddColumn, AlterColumn, AlterTable, Change, Step, inverses
from backwright.data.migrations.write import migration_text, revision_of, slug
from backwright.data.schema import create_layout_sql, raw
from backwright.data.sql.shapes import literal
from backwright.domain.model import Model


class Migratable(Protocol):
    """What the commands need to know of a project."""

    @property
    def model(self) -> Model:
        """The checked model."""
        ...

    @property
    def database_url(self) -> str:
        """``sqlite:///file.db`` or ``postgresql://…``."""
        ...

    @property
    def directory(self) -> Path:
        """The project's ``migrations`` folder; its files lie in ``versions/`` below."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """What `make` wrote. No files: the model has not changed."""

    files: tuple[Path, ...] = ()
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """Where a database stands."""

    current: str | None
    head: str | None
    pending: tuple[str, ...]
    edited: tuple[str, ...]
    drift: tuple[str, ...]
    """What the database lacks or spells otherwise than its own revision says."""
    unmade: tuple[str, ...]
    """Changes of the model that no migration makes."""
    unknown: tuple[str, ...]
    """Tables of somebody else, which are never touched."""

    @property
    def code(self) -> int:
        """The exit status: 0 all agree · 3 migrations are pending · 4 the model has changes without a migration · 5 the database or an
        applied file is not what was applied. The highest wins."""
        return 5 if self.drift or self.edited else 4 if self.unmade else 3 if self.pending else 0


def unmade(model: Model, history: History, renames: Iterable[str] = ()) -> Difference:
    """What the model wants beyond the newest migration."""
    try:
        return difference(history.layout(history.head), layout_of(model), renames)
    except CannotMigrate as error:
        raise MigrationError(str(error)) from None


def make(app: Migratable, message: str, *, renames: Iterable[str] = (), existing: Mapping[str, str] | None = None) -> Made:
    """Write the migration from the newest file's layout to the model; needs no database. Indexes on tables that are there get a file
    of their own, so that PostgreSQL builds them beside writers. ``existing`` gives SQL for the rows: ``{"book.isbn": "''"}``."""
    history = read_history(app.directory)
    found = unmade(app.model, history, renames)
    steps = _with_existing(found.steps, existing or {})
    files: list[Path] = []
    after = history.head
    wanted: list[tuple[str, tuple[Step, ...], tuple[str, ...]]] = [
        (message, steps, found.losses),
        (f"{message}: indexes", found.indexes, ()),
    ]
    for words, part, losses in wanted:
        if part:
            path = versions_folder(app.directory) / f"{len(history.versions) + len(files) + 1:04d}_{slug(words)}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = migration_text(words, after, part, losses=losses, warnings=dangers(part), irreversible=irreversible(part))
            part_file = path.with_suffix(".part")  # killed in the middle, it leaves no half migration
            part_file.write_text(text)
            part_file.replace(path)
            after = revision_of(after, words, part)
            files.append(path)
    every = (*steps, *found.indexes)
    return Made(tuple(files), tuple(map(describe, every)), tuple(dangers(every)), found.losses)


def _with_existing(steps: tuple[Step, ...], existing: Mapping[str, str]) -> tuple[Step, ...]:
    left = dict(existing)
    made: list[Step] = []
    for step in steps:
        if isinstance(step, AlterTable):
            step = replace(step, changes=tuple(_filled(step.table, change, left) for change in step.changes))
        made.append(step)
    if left:
        raise MigrationError(f"--existing {', '.join(left)}: this migration neither adds such a column nor makes it not nullable")
    return tuple(made)


def _filled(table: str, change: Change, existing: dict[str, str]) -> Change:
    if isinstance(change, AddColumn) and (sql := existing.pop(f"{table}.{change.column.name}", None)) is not None:
        return AddColumn(replace(change.column, default=sql))
    if isinstance(change, AlterColumn) and (sql := existing.pop(f"{table}.{change.new.name}", None)) is not None:
        return replace(change, new=replace(change.new, default=sql))
    return change


async def up(app: Migratable, to: str = "head", *, lock_timeout: float = 5.0, say: Say = print) -> list[Version]:
    """Apply what is pending, up to a revision. Each migration is all or nothing; processes that start together migrate once."""
    history = read_history(app.directory)
    if not history.versions:
        raise MigrationError(f'{versions_folder(app.directory)} holds no migrations: `backwright migrate make "first"` writes one')

    def work(connection: sa.Connection) -> list[Version]:
        runner = Runner(connection, history, app.directory, lock_timeout, say)
        pending = history.versions[history.position(runner.current()) : history.position(history.find(to))]
        for line in dangers(step for version in pending for step in version.steps):
            say(f"mind  {line}")
        return runner.up(history.find(to))

    return await connected(app.database_url, work, alone=True)


async def down(app: Migratable, to: str = "-1", *, lock_timeout: float = 5.0, say: Say = print) -> list[Version]:
    """Go down to a revision, or so many back (``-1``). Refused before anything is done if a migration on the way is irreversible."""
    history = read_history(app.directory)

    def work(connection: sa.Connection) -> list[Version]:
        runner = Runner(connection, history, app.directory, lock_timeout, say)
        return runner.down(_target(history, runner.current(), to))

    return await connected(app.database_url, work, alone=True)


def _target(history: History, current: str | None, to: str) -> str | None:
    if not to.startswith("-"):
        return history.find(to)
    behind = history.position(current) - int(to[1:])
    if behind < 0:
        raise MigrationError(f"there are only {history.position(current)} migrations to go down")
    return history.versions[behind - 1].revision if behind else None


async def status(app: Migratable) -> Status:
    """Where the database stands, compared with the files, with itself, and with the model."""
    history = read_history(app.directory)
    left = unmade(app.model, history)
    mapped = tuple(table for table in layout_of(app.model).tables if table.mapped)

    def work(connection: sa.Connection) -> Status:
        current = Runner(connection, history, app.directory).current()
        here = history.position(current)
        layout = with_mapped(history.layout(current), mapped)
        return Status(
            current, history.head, tuple(v.name for v in history.versions[here:]), tuple(edited(connection, history)),
            tuple(drift(connection, layout)), tuple(map(describe, (*left.steps, *left.indexes))),
            tuple(unknown(connection, with_mapped(history.layout(history.head), mapped))),
        )  # fmt: skip

    return await connected(app.database_url, work)


def with_mapped(layout: Layout, mapped: tuple[Table, ...]) -> Layout:
    """The layout together with the tables of somebody else that its keys point at."""
    return replace(layout, tables=(*mapped, *layout.tables))


async def baseline(app: Migratable, to: str = "head") -> str:
    """Note in an existing database that it is at a revision already, after checking that it holds what the migrations would make."""
    history = read_history(app.directory)
    revision = history.find(to)
    if revision is None:
        raise MigrationError('there is no migration to take as the baseline: `backwright migrate make "first"` writes one')
    mapped = tuple(table for table in layout_of(app.model).tables if table.mapped)

    def work(connection: sa.Connection) -> str:
        runner = Runner(connection, history, app.directory)
        if (current := runner.current()) is not None:
            raise MigrationError(f"the database is at revision {current} already")
        if found := drift(connection, with_mapped(history.layout(revision), mapped)):
            raise MigrationError("the database does not match, nothing was noted:\n" + "\n".join(f"  {line}" for line in found))
        runner.stamp(revision)
        return revision

    return await connected(app.database_url, work, alone=True)


def sql(app: Migratable, dialect: Dialect, *, start: str = "base", to: str = "head") -> str:
    """The SQL that leads from one revision to another, up or down, for one database; nothing is run and no database is needed."""
    history = read_history(app.directory)
    first, last = history.position(history.find(start)), history.position(history.find(to))
    going_up = first <= last
    versions = history.versions[first:last] if going_up else tuple(reversed(history.versions[last:first]))
    lines: list[str] = []
    scratch = sa.create_engine("sqlite://", creator=lambda: open_sqlite("sqlite://"))
    with scratch.connect() as connection:
        for statement in create_layout_sql(history.layout(history.find(start)), "sqlite"):
            connection.execute(raw(statement))

        def execute(statement: str) -> None:
            lines.append(statement + ";")
            if dialect == "sqlite":
                connection.execute(raw(statement))

        for version in versions:
            steps = version.steps if going_up else inverses(version.steps)
            lines += [f"-- {version.name}", *(f"-- mind: {danger}" for danger in dangers(steps))]
            around = not (version.concurrent and dialect == "postgresql")
            lines += ["BEGIN;"] if around else []
            apply(steps, dialect, execute, connection if dialect == "sqlite" else None)
            lines += [*_noted(version, going_up), *(["COMMIT;"] if around else []), ""]
    scratch.dispose()
    return "\n".join(lines)


def _noted(version: Version, going_up: bool) -> list[str]:
    now = version.revision if going_up else version.down_revision
    column = "version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
    made = f"CREATE TABLE IF NOT EXISTS alembic_version ({column});"
    insert = [f"INSERT INTO alembic_version (version_num) VALUES ({literal(now)});"] if now else []
    return [made, "DELETE FROM alembic_version;", *insert]
