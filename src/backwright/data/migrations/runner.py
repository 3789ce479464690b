"""Runs migrations up and down, one at a time: Alembic carries each out and keeps the version; locks, time-outs and the log are ours."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.runtime.migration import MigrationStep
from alembic.script import ScriptDirectory

from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.history import History, Version
from backwright.data.schema import raw
from backwright.data.sql.shapes import literal

LOG = "backwright_migration"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Runner:
    """The migrations of one project on one connection that nobody else migrates on."""

    connection: sa.Connection
    history: History
    directory: Path
    lock_timeout: float = 5.0
    say: Say = lambda line: None

    def current(self) -> str | None:
        """The revision the database is at. Raises `MigrationError` if a plain Alembic branched it."""
        if not sa.inspect(self.connection).has_table("alembic_version"):
            self.connection.rollback()
            return None
        found = [row[0] for row in self.connection.execute(sa.text("SELECT version_num FROM alembic_version"))]
        self.connection.rollback()
        if len(found) > 1:
            raise MigrationError(f"alembic_version holds {len(found)} revisions; this project's history has one line")
        return found[0] if found else None

    def up(self, to: str | None) -> list[Version]:
        """Go up to a revision; returns what was applied."""
        done: list[Version] = []
        goal = self.history.position(to)
        self._refuse_tables_without_version(to)
        while (version := self._next(goal)) is not None:
            done.append(version)
        return done

    def _refuse_tables_without_version(self, to: str | None) -> None:
        if self.current() is None:
            there = set(sa.inspect(self.connection).get_table_names()) & {table.name for table in self.history.layout(to).own()}
            self.connection.rollback()
            if there:
                raise MigrationError(
                    f"the database holds {', '.join(sorted(there))}, but no migration is noted in it: "
                    "`backwright migrate baseline` takes it as it is, if it matches"
                )

    def _next(self, goal: int) -> Version | None:
        with self._transaction() as revision:
            here = self.history.position(revision)
            if here >= goal:
                return None
            version = self.history.versions[here]
            if not self._beside_writers(version):
                self._run(version, upwards=True)
        if self._beside_writers(version):
            self._outside(version, upwards=True)
        self.say(f"up    {version.name}")
        return version

    def down(self, to: str | None) -> list[Version]:
        """Go down to a revision; returns what was undone. Nothing is begun if a migration on the way is irreversible."""
        goal = self.history.position(to)
        here = self.history.position(self.current())
        for version in reversed(self.history.versions[goal:here]):
            if version.irreversible:
                raise MigrationError(f"{version.name} does not go down: {version.irreversible}")
        done: list[Version] = []
        for version in reversed(self.history.versions[goal:here]):
            if self._beside_writers(version):
                self._outside(version, upwards=False)
            else:
                with self._transaction():
                    self._run(version, upwards=False)
            self.say(f"down  {version.name}")
            done.append(version)
        return done

    def stamp(self, revision: str) -> None:
        """Note a revision, and all files up to it, as applied, without running them."""
        with self._transaction():
            self._context().stamp(ScriptDirectory(str(self.directory)), revision)
            for version in self.history.versions[: self.history.position(revision)]:
                note(self.connection, version.revision, version.name, version.checksum)

    # --- one migration ------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Generator[str | None, None, None]:
        """A transaction that holds the right to migrate; gives the revision it starts from."""
        with self.connection.begin():
            if self.connection.dialect.name == "sqlite":
                self.connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                self.connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(self.lock_timeout * 1000)}")
            yield self._context().get_current_revision()

    def _run(self, version: Version, upwards: bool) -> None:
        """Carry out one migration and note it, in the transaction that is open."""
        with _explained(version, self.lock_timeout):
            self._migrate(version, upwards)
            if self.connection.dialect.name == "sqlite":
                _refuse_broken_references(self.connection, version)

    def _migrate(self, version: Version, upwards: bool) -> None:
        context = self._context(version, upwards)
        with Operations.context(context):
            context.run_migrations()
        if upwards:
            note(self.connection, version.revision, version.name, version.checksum)
        else:
            forget(self.connection, version.revision)

    def _context(self, version: Version | None = None, upwards: bool = True) -> MigrationContext:
        def steps(*_: Any) -> list[MigrationStep]:
            assert version is not None
            scripts = ScriptDirectory(str(self.directory))
            script = scripts.get_revision(version.revision)
            make: Any = MigrationStep.upgrade_from_script if upwards else MigrationStep.downgrade_from_script
            return [make(scripts.revision_map, script)]

        return MigrationContext.configure(connection=self.connection, opts={"fn": steps})

    def _beside_writers(self, version: Version) -> bool:
        return version.concurrent and self.connection.dialect.name == "postgresql"

    def _outside(self, version: Version, upwards: bool) -> None:
        """Index builds: each is a step of its own, and an interrupted run is simply run again."""
        self.connection.rollback()
        self.connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            with _explained(version, self.lock_timeout):
                self._migrate(version, upwards)
        finally:
            self.connection.rollback()
            self.connection.execution_options(isolation_level="READ COMMITTED")


def note(connection: sa.Connection, revision: str, name: str, checksum: str) -> None:
    """Write down what was applied and when, with the checksum of what it was applied from."""
    columns = "revision text PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at text NOT NULL"
    connection.execute(raw(f"CREATE TABLE IF NOT EXISTS {LOG} ({columns})"))
    forget(connection, revision)
    values = ", ".join(map(literal, (revision, name, checksum)))
    connection.execute(raw(f"INSERT INTO {LOG} VALUES ({values}, CAST(CURRENT_TIMESTAMP AS text))"))


def forget(connection: sa.Connection, revision: str) -> None:
    """What was undone is not noted any more."""
    connection.execute(raw(f"DELETE FROM {LOG} WHERE revision = {literal(revision)}"))


def edited(connection: sa.Connection, history: History) -> list[str]:
    """The migrations whose files no longer say what was applied."""
    if not sa.inspect(connection).has_table(LOG):
        return []
    applied = {row[0]: row[1] for row in connection.execute(sa.text(f"SELECT revision, checksum FROM {LOG}"))}
    return [version.name for version in history.versions if applied.get(version.revision, version.checksum) != version.checksum]


def _refuse_broken_references(connection: sa.Connection, version: Version) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise MigrationError(
            f"{version.name}: a row of {broken[0]} would refer to a row of {broken[2]} that is not there; nothing was changed"
        )


@contextmanager
def _explained(version: Version, lock_timeout: float) -> Generator[None, None, None]:
    """What the database says, in a sentence with the migration's name."""
    try:
        yield
    except sqlalchemy.exc.DBAPIError as error:
        said = str(error.orig).partition("HINT")[0].strip()
        if getattr(error.orig, "sqlstate", "") == "55P03":
            raise MigrationError(
                f"{version.name}: a lock was not granted within {lock_timeout:g} s because others are using the table; "
                "nothing was changed: run it again at a quieter time, or with --lock-timeout"
            ) from error
        raise MigrationError(f"{version.name}: {said}; nothing was changed") from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise MigrationError(f"{version.name}: {error}") from error
