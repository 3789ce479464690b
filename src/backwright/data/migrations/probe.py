"""What a database URL names, and one query on it by the bare driver: starting to serve needs no more, and no library."""

import sqlite3
from contextlib import closing
from importlib import import_module
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from backwright.data.engines.engine import Dialect
from backwright.data.migrations.errors import MigrationError


def dialect_of(url: str) -> Dialect:
    """Which database a URL names. Raises `MigrationError`."""
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme in ("postgresql", "postgres"):
        return "postgresql"
    if scheme == "sqlite":
        return "sqlite"
    raise MigrationError(f"{scheme!r} is no database the kit knows: use sqlite:///file.db or postgresql://…")


def sqlite_path(url: str) -> str:
    """The file of an SQLite URL."""
    return unquote(url.partition("://")[2].partition("?")[0].removeprefix("/")) or ":memory:"


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    return url if parts.password is None else url.replace(f":{parts.password}@", ":***@", 1)


def asyncpg_driver() -> Any:
    """The driver, loaded when it is used; it has no types."""
    return import_module("asyncpg")


async def fetch(url: str, sql: str) -> list[tuple[Any, ...]] | None:
    """The rows of one query by the bare driver, ``None`` where there is no such table or file yet. Raises `MigrationError`."""
    if dialect_of(url) == "sqlite":
        return _fetch_sqlite(url, sql)
    asyncpg = asyncpg_driver()

    try:
        connection = await asyncpg.connect(url.replace("+asyncpg", "", 1), timeout=30)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise MigrationError(f"cannot reach {without_password(url)}: {error}") from error
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


def _fetch_sqlite(url: str, sql: str) -> list[tuple[Any, ...]] | None:
    try:
        with closing(sqlite3.connect(f"file:{quote(sqlite_path(url))}?mode=rw", uri=True)) as connection:
            return connection.execute(sql).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "unable to open" in str(error):
            return None
        raise MigrationError(f"cannot read {without_password(url)}: {error}") from error
