"""What a PostgreSQL database says of itself, put back together as the SQL that would make it, in its own spelling."""

import asyncio
from collections.abc import Callable
from typing import Any

from backwright.data.migrations.probe import asyncpg_driver
from backwright.data.sql.shapes import literal, quoted
from backwright.worker.importers.catalogs.said import OWN, Said, Unreachable

CONNECT, STATEMENT, ALL = 10.0, 15.0, 60.0
"""Seconds: to connect, for one statement, and for everything."""
_USERS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_FREE = "NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.objid = {0}.oid AND x.deptype = 'e')"

_ENUMS = f"""
SELECT n.nspname AS schema, t.typname AS name, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE {_USERS} AND {_FREE.format("t")} GROUP BY 1, 2 ORDER BY 1, 2"""
_DOMAINS = f"""
SELECT n.nspname AS schema, t.typname AS name, format_type(t.typbasetype, t.typtypmod) AS type, t.typnotnull AS never_null,
  coalesce((SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k
    WHERE k.contypid = t.oid AND k.contype = 'c'), '') AS checks
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND {_USERS} AND {_FREE.format("t")} ORDER BY 1, 2"""
_COLUMNS = f"""
SELECT n.nspname AS schema, c.relname AS tab, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS never_null,
  a.attidentity::text AS identity, a.attgenerated::text AS generated, pg_get_expr(d.adbin, d.adrelid) AS expression,
  col_description(c.oid, a.attnum) AS comment,
  (SELECT collname FROM pg_collation WHERE oid = a.attcollation AND a.attcollation <> t.typcollation) AS collation
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {_USERS} AND {_FREE.format("c")} ORDER BY 1, 2, a.attnum"""
_CONSTRAINTS = f"""
SELECT n.nspname AS schema, c.relname AS tab, k.conname AS name, k.contype::text AS kind, pg_get_constraintdef(k.oid) AS text
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND NOT c.relispartition AND {_USERS} ORDER BY 1, 2, k.contype = 'f', 3"""
_INDEXES = f"""
SELECT n.nspname AS schema, c.relname AS tab, pg_get_indexdef(i.indexrelid) AS text
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT c.relispartition AND c.relkind IN ('r', 'p') AND {_USERS}
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY 1, 2, i.indexrelid"""
_COMMENTS = f"""
SELECT n.nspname AS schema, c.relname AS tab, obj_description(c.oid, 'pg_class') AS text, pg_get_partkeydef(c.oid) AS partition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {_USERS} ORDER BY 1, 2"""
_RELATIONS = f"""
SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.relispartition AS partition,
  coalesce((SELECT p.inhparent::regclass::text FROM pg_inherits p WHERE p.inhrelid = c.oid LIMIT 1), '') AS parent
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (c.relkind IN ('v', 'm', 'f') OR c.relispartition AND c.relkind IN ('r', 'p')
  OR c.relkind = 'S' AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.objid = c.oid AND x.deptype IN ('a', 'i')))
  AND {_USERS} AND {_FREE.format("c")} ORDER BY 1, 2"""
_TRIGGERS = f"""
SELECT n.nspname AS schema, c.relname AS tab, t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND {_USERS} ORDER BY 1, 2, 3"""
_FUNCTIONS = f"""
SELECT n.nspname AS schema, p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {_USERS} AND {_FREE.format("p")} ORDER BY 1, 2"""
_POLICIES = f"""
SELECT n.nspname AS schema, c.relname AS tab, p.polname AS name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_USERS} ORDER BY 1, 2, 3"""
_KINDS = {"v": "VIEW", "m": "MATERIALIZED VIEW", "S": "SEQUENCE", "f": "FOREIGN TABLE"}

Rows = list[Any]


def read_postgresql(url: str, warnings: list[str]) -> list[Said]:
    """Everything in all schemas but the system's, types first. Raises `Unreachable`."""
    try:
        return asyncio.run(asyncio.wait_for(_read(url, warnings), ALL))
    except TimeoutError:
        raise Unreachable(f"The database did not say what it holds within {ALL:.0f} s.", "Try again when it is less busy.") from None


async def _read(url: str, warnings: list[str]) -> list[Said]:
    asyncpg = asyncpg_driver()
    settings = {"default_transaction_read_only": "on", "statement_timeout": str(int(STATEMENT * 1000)), "lock_timeout": "5000",
                "search_path": "pg_catalog", "application_name": "backwright"}  # fmt: skip
    address = url.replace("+asyncpg", "", 1)
    try:
        connection = await asyncpg.connect(address, timeout=CONNECT, command_timeout=STATEMENT + 2, server_settings=settings)
    except TimeoutError:
        raise Unreachable(f"The database does not answer within {CONNECT:.0f} s.", "Check its address, and that it runs.") from None
    except (OSError, asyncpg.PostgresError) as error:
        raise Unreachable(f"The database cannot be reached: {_told(error)}.", "Check address, name, user and password.") from None
    except Exception:  # what is wrong with the address itself is not repeated: it may hold the password
        raise Unreachable("The address of the database is not understood.", "Write postgresql://user:password@host:5432/name.") from None
    try:
        async with connection.transaction(readonly=True, isolation="repeatable_read"):
            return await _catalog(connection, asyncpg, warnings)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Unreachable(f"The catalog cannot be read: {_told(error)}.", "Try again, or ask who runs the database.") from None
    finally:
        connection.terminate()


def _told(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200] or type(error).__name__


async def _catalog(connection: Any, asyncpg: Any, warnings: list[str]) -> list[Said]:
    async def rows(what: str, query: str) -> Rows:
        try:
            async with connection.transaction():
                return [row for row in await connection.fetch(query) if not str(row.get("tab") or row.get("name") or "").startswith(OWN)]
        except (asyncpg.PostgresError, TimeoutError) as error:
            warnings.append(f"The {what} cannot be read: {_told(error)}.")
            return []

    found = [_enum(row) for row in await rows("enum types", _ENUMS)]
    found += [_domain(row) for row in await rows("domains", _DOMAINS)]
    found += _tables(await rows("columns", _COLUMNS), await rows("constraints", _CONSTRAINTS))
    found += [Said(_place(row), f"{row['text']};") for row in await rows("indexes", _INDEXES)]
    for row in await rows("comments", _COMMENTS):
        found += _comment(row)
    for row in await rows("views, sequences and partitions", _RELATIONS):
        found.append(_relation(row))
    others: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
        ("triggers", _TRIGGERS, lambda row: f"CREATE TRIGGER {quoted(row['name'])};"),
        ("functions", _FUNCTIONS, lambda row: f"CREATE FUNCTION {_named(row)};"),
        ("policies", _POLICIES, lambda row: f"CREATE POLICY {quoted(row['name'])};"),
    )
    for what, query, sql in others:
        found += [
            Said(_place(row) if row.get("tab") else f"function {row['schema']}.{row['name']}", sql(row)) for row in await rows(what, query)
        ]
    return found


def _place(row: Any) -> str:
    return f"table {row['schema']}.{row['tab']}"


def _named(row: Any, name: str = "name") -> str:
    return f"{quoted(row['schema'])}.{quoted(row[name])}"


def _enum(row: Any) -> Said:
    return Said(f"type {row['schema']}.{row['name']}", f"CREATE TYPE {_named(row)} AS ENUM ({', '.join(map(literal, row['labels']))});")


def _domain(row: Any) -> Said:
    never = " NOT NULL" if row["never_null"] else ""
    return Said(f"domain {row['schema']}.{row['name']}", f"CREATE DOMAIN {_named(row)} AS {row['type']}{never} {row['checks']};")


def _tables(columns: Rows, constraints: Rows) -> list[Said]:
    lines: dict[tuple[str, str], list[str]] = {}
    comments: list[Said] = []
    for row in columns:
        lines.setdefault((row["schema"], row["tab"]), []).append(_column(row))
        if row["comment"]:
            name = f"{_named(row, 'tab')}.{quoted(row['name'])}"
            comments.append(Said(_place(row), f"COMMENT ON COLUMN {name} IS {literal(row['comment'])};"))
    for row in constraints:
        if (row["schema"], row["tab"]) in lines:
            lines[row["schema"], row["tab"]].append(f"CONSTRAINT {quoted(row['name'])} {row['text']}")
    made = [Said(f"table {s}.{t}", f"CREATE TABLE {quoted(s)}.{quoted(t)} ({', '.join(inside)});") for (s, t), inside in lines.items()]
    return [*made, *comments]


def _column(row: Any) -> str:
    text = f"{quoted(row['name'])} {row['type']}"
    text += f" COLLATE {quoted(row['collation'])}" if row["collation"] else ""
    text += " NOT NULL" if row["never_null"] else ""
    if row["identity"]:
        return f"{text} GENERATED BY DEFAULT AS IDENTITY"
    if row["generated"]:
        return f"{text} GENERATED ALWAYS AS ({row['expression']}) STORED"
    return f"{text} DEFAULT {row['expression']}" if row["expression"] else text


def _comment(row: Any) -> list[Said]:
    found = [Said(_place(row), f"COMMENT ON TABLE {_named(row, 'tab')} IS {literal(row['text'])};")] if row["text"] else []
    parted = f"ALTER TABLE {_named(row, 'tab')} PARTITION BY {row['partition']};"
    return [*found, *([Said(_place(row), parted)] if row["partition"] else [])]


def _relation(row: Any) -> Said:
    if row["partition"]:
        return Said(f"table {row['schema']}.{row['name']}", f"CREATE TABLE {_named(row)} PARTITION OF {row['parent']} DEFAULT;")
    kind = _KINDS[row["kind"]]
    return Said(f"{kind.lower()} {row['schema']}.{row['name']}", f"CREATE {kind} {_named(row)};")
