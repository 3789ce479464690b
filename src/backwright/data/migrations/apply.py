"""Carries out steps on a database: plain ALTERs on PostgreSQL, one rebuild a table on SQLite. Reached from Alembic's operations."""

from collections.abc import Callable, Iterator

import sqlalchemy as sa

from backwright.data.counters import create_counter_sql, drop_counter_sql, fill_counter_sql
from backwright.data.engines.engine import Dialect
from backwright.data.layout import Column, Layout, text_for
from backwright.data.layout_of import is_constant
from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.rebuild import rebuild
from backwright.data.migrations.steps import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AlterColumn,
    AlterTable,
    Change,
    CreateCounter,
    CreateIndex,
    CreateTable,
    Data,
    DropCheck,
    DropColumn,
    DropCounter,
    DropForeignKey,
    DropIndex,
    DropTable,
    RenameColumn,
    RenameTable,
    Step,
)
from backwright.data.schema import add_foreign_key_sql, create_index_sql, create_table_sql, raw, type_sql
from backwright.data.sql.shapes import quoted

Execute = Callable[[str], None]


def apply_in_alembic(steps: tuple[Step, ...]) -> None:
    """Carry out the steps in the Alembic migration that is running."""
    from alembic import op

    context = op.get_context()
    if context.dialect.name == "postgresql":
        apply(steps, "postgresql", lambda sql: op.execute(raw(sql)), None if context.as_sql else op.get_bind())
    elif context.as_sql:
        raise MigrationError("SQLite's statements depend on the tables that are there: use `backwright migrate sql --dialect sqlite`")
    else:
        apply(steps, "sqlite", lambda sql: op.execute(raw(sql)), op.get_bind())


def apply(steps: tuple[Step, ...], dialect: Dialect, execute: Execute, connection: sa.Connection | None) -> None:
    """Carry out the steps. Without a connection (PostgreSQL only) the statements are just handed to `execute`."""
    for step in steps:
        if connection is not None:
            _refuse_missing_values(step, connection)
        if isinstance(step, AlterTable) and dialect == "sqlite":
            assert connection is not None
            rebuild(step, connection, execute)
            continue
        if isinstance(step, RenameTable) and dialect == "sqlite":
            execute("PRAGMA legacy_alter_table = OFF")  # so that keys of other tables follow the name
        for sql in statements(step, dialect):
            execute(sql)


def statements(step: Step, dialect: Dialect) -> Iterator[str]:  # noqa: C901 - one case a step
    """The SQL of one step; of an `AlterTable` for PostgreSQL only."""
    match step:
        case CreateTable(table):
            yield from create_table_sql(table, dialect, Layout((table,)))
        case DropTable(table):
            yield f"DROP TABLE {quoted(table.name)}"
        case AlterTable(table, changes):
            for change in changes:
                yield from _alter(table, change)
        case RenameTable(old, new):
            yield f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new)}"
        case RenameColumn(table, old, new):
            yield f"ALTER TABLE {quoted(table)} RENAME COLUMN {quoted(old)} TO {quoted(new)}"
        case CreateIndex(table, index, concurrently):
            beside = concurrently and dialect == "postgresql"
            if beside:  # what an interrupted build left behind is in the way
                yield f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(index.name)}"
            yield create_index_sql(table, index, dialect, concurrently=beside)
        case DropIndex(_, index, concurrently):
            beside = concurrently and dialect == "postgresql"
            yield f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(index.name)}" if beside else f"DROP INDEX {quoted(index.name)}"
        case CreateCounter(counter):
            yield fill_counter_sql(counter)
            yield from create_counter_sql(counter, dialect)
        case DropCounter(counter):
            yield from drop_counter_sql(counter, dialect)
        case Data(up):
            if text := text_for(up, dialect):
                yield text


def _alter(table: str, change: Change) -> Iterator[str]:
    alter = f"ALTER TABLE {quoted(table)}"
    match change:
        case AddColumn(column):
            yield from _add_column(table, column)
        case DropColumn(column):
            yield f"{alter} DROP COLUMN {quoted(column.name)}"
        case AlterColumn():
            yield from _alter_column(table, change)
        case AddCheck(check):
            if text := text_for(check.text, "postgresql"):
                yield f"{alter} ADD CONSTRAINT {quoted(check.name)} CHECK ({text})"
        case DropCheck(check):
            if text_for(check.text, "postgresql"):
                yield f"{alter} DROP CONSTRAINT {quoted(check.name)}"
        case AddForeignKey(key):
            yield add_foreign_key_sql(table, key)
        case DropForeignKey(key):
            yield f"{alter} DROP CONSTRAINT {quoted(key.name)}"


def _add_column(table: str, column: Column) -> Iterator[str]:
    alter, name = f"ALTER TABLE {quoted(table)}", quoted(column.name)
    add = f"{alter} ADD COLUMN {name} {type_sql(column.type, 'postgresql')}"
    never_null = "" if column.nullable else " NOT NULL"
    default = None if column.default is None else text_for(column.default, "postgresql")
    if default is None:
        yield add + never_null
    elif is_constant(default):
        yield f"{add}{never_null} DEFAULT {default}"
        yield f"{alter} ALTER COLUMN {name} DROP DEFAULT"
    else:
        yield add
        yield f"UPDATE {quoted(table)} SET {name} = {default}"
        if never_null:
            yield f"{alter} ALTER COLUMN {name} SET NOT NULL"


def _alter_column(table: str, change: AlterColumn) -> Iterator[str]:
    old, new = change.old, change.new
    name = quoted(new.name)
    alter = f"ALTER TABLE {quoted(table)} ALTER COLUMN {name}"
    if old.type != new.type:
        wanted = type_sql(new.type, "postgresql")
        using = f"{name}::{wanted.split(' COLLATE')[0]}" if change.using is None else text_for(change.using, "postgresql")
        yield f"{alter} TYPE {wanted} USING {using}"
    if old.nullable and not new.nullable:
        if new.default is not None:
            yield f"UPDATE {quoted(table)} SET {name} = {text_for(new.default, 'postgresql')} WHERE {name} IS NULL"
        yield f"{alter} SET NOT NULL"
    elif new.nullable and not old.nullable:
        yield f"{alter} DROP NOT NULL"


def _refuse_missing_values(step: Step, connection: sa.Connection) -> None:
    """Say in the kit's words what the database would say in its own, before anything is done."""
    for change in step.changes if isinstance(step, AlterTable) else ():
        if isinstance(change, AddColumn) and not change.column.nullable and change.column.default is None:
            assert isinstance(step, AlterTable)
            if connection.execute(raw(f"SELECT 1 FROM {quoted(step.table)} LIMIT 1")).first() is not None:
                column = f"{step.table}.{change.column.name}"
                raise MigrationError(
                    f"{column} may not be null and has no default, but {step.table} holds rows: give the column a default in this migration"
                )
