"""SQLite cannot alter most of a table: it is made anew beside the old one. Unknown columns, indexes and triggers stay."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from backwright.data.layout import Column, ForeignKey, text_for
from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.steps import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AlterColumn,
    AlterTable,
    Change,
    DropCheck,
    DropColumn,
    DropForeignKey,
)
from backwright.data.schema import raw, type_sql
from backwright.data.sql.shapes import literal, quoted

Execute = Callable[[str], None]


@dataclass(slots=True)
class _Made:
    """The table as it is, on its way to what it will be."""

    columns: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, str] = field(default_factory=dict[str, str])
    """For each column the expression over the old row."""
    primary: str = ""
    checks: dict[str, str] = field(default_factory=dict[str, str])
    others: dict[str, str] = field(default_factory=dict[str, str])
    """Foreign keys and unique constraints."""


def rebuild(step: AlterTable, connection: sa.Connection, execute: Execute) -> None:
    """Make all changes of the step in one copy of the table. Raises `MigrationError` for a table that it would damage."""
    if connection.execute(raw("PRAGMA foreign_keys")).scalar():
        raise MigrationError(
            "SQLite tables are rebuilt with PRAGMA foreign_keys = OFF only: dropping the old one would delete what refers to it"
        )
    made = _read(step.table, connection)
    for change in step.changes:
        _change(made, change)
    again = _indexes_and_triggers(step.table, connection)
    new, table = quoted(f"_new_{step.table}"), quoted(step.table)
    lines = [*made.columns.values(), made.primary, *made.checks.values(), *made.others.values()]
    execute(f"CREATE TABLE {new} (\n  " + ",\n  ".join(line for line in lines if line) + "\n)")
    execute(f"INSERT INTO {new} ({', '.join(map(quoted, made.values))}) SELECT {', '.join(made.values.values())} FROM {table}")
    execute(f"DROP TABLE {table}")
    execute("PRAGMA legacy_alter_table = ON")  # other tables' keys and triggers say the name that this table takes back
    execute(f"ALTER TABLE {new} RENAME TO {table}")
    execute("PRAGMA legacy_alter_table = OFF")
    for sql in again:
        execute(sql)


def _read(table: str, connection: sa.Connection) -> _Made:
    rows = connection.execute(raw(f"PRAGMA table_xinfo({quoted(table)})")).all()
    if not rows:
        raise MigrationError(f"there is no table {table} to alter")
    sql = str(connection.execute(raw(f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = {literal(table)}")).scalar())
    tail = sql[sql.rindex(")") + 1 :].strip()
    if tail or any(row.hidden for row in rows):
        raise MigrationError(f"{table} has what a rebuild would lose ({tail or 'generated columns'}): alter it by hand")
    made = _Made()
    for row in rows:
        default = f" DEFAULT {row.dflt_value}" if row.dflt_value is not None else ""
        made.columns[row.name] = _line(row.name, row.type, bool(row.notnull), default)
        made.values[row.name] = quoted(row.name)
    inspector = sa.inspect(connection)
    primary = inspector.get_pk_constraint(table)
    made.primary = _named(primary["name"], f"PRIMARY KEY ({_names(primary['constrained_columns'])})")
    for n, check in enumerate(inspector.get_check_constraints(table)):
        made.checks[check["name"] or f"?{n}"] = _named(check["name"], f"CHECK ({check['sqltext']})")
    for n, unique in enumerate(inspector.get_unique_constraints(table)):
        made.others[unique["name"] or f"?u{n}"] = _named(unique["name"], f"UNIQUE ({_names(unique['column_names'])})")
    for n, key in enumerate(inspector.get_foreign_keys(table)):
        made.others[key["name"] or f"?f{n}"] = _named(key["name"], _reference(key))
    return made


def _line(name: str, type_: str, never_null: bool, default: str = "") -> str:
    return f"{quoted(name)} {type_}{' NOT NULL' if never_null else ''}{default}".rstrip()


def _named(name: str | None, text: str) -> str:
    return f"CONSTRAINT {quoted(name)} {text}" if name else text


def _names(columns: list[Any]) -> str:
    return ", ".join(map(quoted, columns))


def _reference(key: Any) -> str:
    options = "".join(f" {word} {key['options'][option]}" for option, word in _OPTIONS.items() if key["options"].get(option))
    target = f"{quoted(key['referred_table'])} ({_names(key['referred_columns'])})"
    return f"FOREIGN KEY ({_names(key['constrained_columns'])}) REFERENCES {target}{options}"


_OPTIONS = {"ondelete": "ON DELETE", "onupdate": "ON UPDATE"}


def _change(made: _Made, change: Change) -> None:
    match change:
        case AddColumn(column):
            made.columns[column.name] = _definition(column)
            made.values[column.name] = "NULL" if column.default is None else text_for(column.default, "sqlite")
        case DropColumn(column):
            made.columns.pop(column.name)
            made.values.pop(column.name)
        case AlterColumn(_, column, using):
            made.columns[column.name] = _definition(column)
            value = quoted(column.name) if using is None else text_for(using, "sqlite")
            fill = not column.nullable and column.default is not None
            made.values[column.name] = f"coalesce({value}, {text_for(column.default or '', 'sqlite')})" if fill else value
        case AddCheck(check):
            if text := text_for(check.text, "sqlite"):
                made.checks[check.name] = _named(check.name, f"CHECK ({text})")
        case DropCheck(check):
            if text_for(check.text, "sqlite"):
                made.checks.pop(check.name)
        case AddForeignKey(key):
            made.others[key.name] = _named(key.name, _key(key))
        case DropForeignKey(key):
            made.others.pop(key.name)


def _definition(column: Column) -> str:
    return _line(column.name, type_sql(column.type, "sqlite"), not column.nullable)


def _key(key: ForeignKey) -> str:
    target = f"{quoted(key.target)} ({quoted(key.target_column)})"
    return f"FOREIGN KEY({quoted(key.column)}) REFERENCES {target} ON DELETE {key.on_delete}"


def _indexes_and_triggers(table: str, connection: sa.Connection) -> list[str]:
    found = f"SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND tbl_name = {literal(table)} AND sql IS NOT NULL"
    return [str(row[0]) for row in connection.execute(raw(found))]
