"""What a database really holds, read from its own catalog, and where that differs from a layout.

The layout is created in a scratch schema (rolled back) or an in-memory file, and both catalogs are compared as the database spells them:
so checks, keys, index methods and triggers are compared by text, and what is in the database beyond the layout is left alone.
"""

import re
import secrets

import sqlalchemy as sa

from backwright.data.layout import Layout
from backwright.data.migrations.connection import open_sqlite
from backwright.data.schema import create_layout_sql, raw
from backwright.data.sql.shapes import literal, quoted

Catalog = dict[tuple[str, str, str], str]
"""(table, what, name) → definition."""


def drift(connection: sa.Connection, layout: Layout) -> list[str]:
    """One sentence for each thing of the layout that the database lacks or spells otherwise. Unknown things are not counted."""
    if connection.dialect.name == "sqlite":
        actual, wanted = sqlite_catalog(connection), _wanted_on_sqlite(layout)
    else:
        actual, wanted = postgresql_catalog(connection), _wanted_on_postgresql(connection, layout)
    connection.rollback()
    mapped = {table.name for table in layout.tables if table.mapped}
    return [s for key, text in sorted(wanted.items()) if (s := _judge(key, text, actual, mapped))]


def unknown(connection: sa.Connection, layout: Layout) -> list[str]:
    """The tables that the layout does not know. They are never touched."""
    known = {table.name for table in layout.tables} | {"alembic_version", "backwright_migration"}
    return sorted(set(sa.inspect(connection).get_table_names()) - known)


def _judge(key: tuple[str, str, str], wanted: str, actual: Catalog, mapped: set[str]) -> str:
    table, what, name = key
    if what != "table" and (table, "table", table) not in actual:
        return ""  # said once, for the table
    if table in mapped:
        return f"{table}: the mapped {what} {name} is missing" if what in ("table", "column") and key not in actual else ""
    if key not in actual:
        return f"{table}: {what} {name} is missing"
    found = actual[key]
    return f"{table}: {what} {name} is {found!r}, not {wanted!r}" if found != wanted else ""


# --- SQLite -----------------------------------------------------------------------------------------------------------


def _wanted_on_sqlite(layout: Layout) -> Catalog:
    engine = sa.create_engine("sqlite://", creator=lambda: open_sqlite("sqlite://"))
    with engine.connect() as connection:
        for sql in create_layout_sql(layout, "sqlite", mapped=True):
            connection.execute(raw(sql))
        found = sqlite_catalog(connection)
    engine.dispose()
    return found


def sqlite_catalog(connection: sa.Connection) -> Catalog:
    """The catalog of an SQLite database."""
    found: Catalog = {}
    inspector = sa.inspect(connection)
    for row in connection.execute(raw("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql > '' AND name NOT LIKE 'sqlite_%'")):
        if row.type != "table":
            found[row.tbl_name, row.type, row.name] = _plain(row.sql)
            continue
        found[row.name, "table", row.name] = ""
        for column in connection.execute(raw(f"PRAGMA table_xinfo({quoted(row.name)})")):
            default = f" DEFAULT {column.dflt_value}" if column.dflt_value is not None else ""
            never_null = " NOT NULL" if column.notnull else ""
            found[row.name, "column", column.name] = f"{column.type}{never_null}{default}"
        for check in inspector.get_check_constraints(row.name):
            found[row.name, "check", str(check["name"])] = _plain(check["sqltext"])
        for key in inspector.get_foreign_keys(row.name):
            target = f"{key['referred_table']}({', '.join(key['referred_columns'])})"
            found[row.name, "foreign key", str(key["name"])] = f"{', '.join(key['constrained_columns'])} → {target} {key.get('options')}"
        found[row.name, "primary key", ""] = ", ".join(inspector.get_pk_constraint(row.name)["constrained_columns"])
    return found


def _plain(sql: str) -> str:
    return re.sub(r"\s+", " ", sql.replace('"', "")).replace("( ", "(").replace(" (", "(").strip()


# --- PostgreSQL -------------------------------------------------------------------------------------------------------

_COLUMNS = """
SELECT c.relname AS tab, a.attname AS name, format_type(a.atttypid, a.atttypmod)
  || CASE WHEN a.attcollation <> t.typcollation
     THEN ' COLLATE ' || (SELECT collname FROM pg_collation WHERE oid = a.attcollation) ELSE '' END
  || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
  || CASE WHEN a.attidentity <> '' THEN ' IDENTITY' ELSE '' END
  || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = {schema}"""
_CONSTRAINTS = """
SELECT c.relname AS tab, k.contype::text AS contype, k.conname AS name, pg_get_constraintdef(k.oid)
  || CASE WHEN k.convalidated THEN '' ELSE ' NOT VALID' END AS text
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype IN ('p', 'c', 'f') AND c.relnamespace = {schema}"""
_INDEXES = """
SELECT c.relname AS tab, x.relname AS name, pg_get_indexdef(x.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END AS text
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
WHERE NOT i.indisprimary AND c.relnamespace = {schema}"""
_TRIGGERS = """
SELECT c.relname AS tab, t.tgname AS name, pg_get_triggerdef(t.oid) || ' ' || p.prosrc AS text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = {schema}"""
_KEYS = {"p": "primary key", "c": "check", "f": "foreign key"}


def _wanted_on_postgresql(connection: sa.Connection, layout: Layout) -> Catalog:
    scratch = f"backwright_scratch_{secrets.token_hex(4)}"
    connection.rollback()
    try:
        connection.execute(raw(f"CREATE SCHEMA {quoted(scratch)}"))
        connection.execute(raw(f"SET LOCAL search_path TO {quoted(scratch)}"))
        for sql in create_layout_sql(layout, "postgresql", mapped=True):
            connection.execute(raw(sql))
        return postgresql_catalog(connection)
    finally:
        connection.rollback()


def postgresql_catalog(connection: sa.Connection) -> Catalog:
    """The catalog of the current schema."""
    schema = str(connection.execute(raw("SELECT current_schema()")).scalar())
    found: Catalog = {}

    def read(query: str) -> sa.CursorResult[tuple[str, ...]]:
        return connection.execute(raw(query.format(schema=f"{literal(quoted(schema))}::regnamespace")))

    for row in read(_COLUMNS):
        found[row.tab, "table", row.tab] = ""
        found[row.tab, "column", row.name] = row.text
    for row in read(_CONSTRAINTS):
        found[row.tab, _KEYS[row.contype], "" if row.contype == "p" else row.name] = row.text
    for row in read(_INDEXES):
        found[row.tab, "index", row.name] = row.text
    for row in read(_TRIGGERS):
        found[row.tab, "trigger", row.name] = row.text
    spelled = re.compile(rf"(?:{re.escape(schema)}|{re.escape(quoted(schema))})\.")
    return {key: spelled.sub("", text) for key, text in found.items()}
