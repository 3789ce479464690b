"""A connection for migrating: one owner at a time, on either database, through SQLAlchemy's synchronous interface."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from backwright.data.engines.engine import Dialect
from backwright.data.migrations.errors import MigrationError

T = TypeVar("T")
LOCK = 0x6261636B77  # one number for every Backwright process; PostgreSQL keeps such locks per database
PATIENCE = 600.0


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


async def connected(url: str, work: Callable[[sa.Connection], T], *, alone: bool = False) -> T:
    """Do the work on a connection of its own. ``alone``: no other process migrates this database meanwhile (on PostgreSQL by an
    advisory lock held throughout; on SQLite each transaction is the only writer from its first statement). Raises `MigrationError`."""
    if dialect_of(url) == "sqlite":
        return await asyncio.to_thread(_on_sqlite, url, work)
    return await _on_postgresql(url, work, alone)


def _on_sqlite(url: str, work: Callable[[sa.Connection], T]) -> T:
    engine = sa.create_engine("sqlite://", creator=lambda: open_sqlite(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return work(connection)
    except sqlite3.Error as error:
        raise MigrationError(f"cannot open {without_password(url)}: {error}") from error


def open_sqlite(url: str) -> sqlite3.Connection:
    """A connection that begins no transaction by itself and leaves foreign keys unenforced while tables are rebuilt."""
    connection = sqlite3.connect(sqlite_path(url), timeout=60, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection


def _asyncpg() -> Any:
    """The driver, loaded when it is used; it has no types."""
    return import_module("asyncpg")


async def _on_postgresql(url: str, work: Callable[[sa.Connection], T], alone: bool) -> T:
    asyncpg = _asyncpg()

    async def connect(*_: Any, **__: Any) -> Any:
        return await asyncpg.connect(url.replace("+asyncpg", "", 1), timeout=30)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            if alone:
                await _take_lock(connection)
            return await connection.run_sync(work)
    except (
        OSError,
        TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidAuthorizationSpecificationError,
    ) as error:
        raise MigrationError(f"cannot reach {without_password(url)}: {error}") from error
    finally:
        await engine.dispose()


async def _take_lock(connection: AsyncConnection) -> None:
    """Asked again and again instead of waited for: a waiting statement would keep CREATE INDEX CONCURRENTLY from ending."""
    for _ in range(int(PATIENCE / 0.1)):
        got = await connection.scalar(sa.text(f"SELECT pg_try_advisory_lock({LOCK})"))
        await connection.commit()
        if got:
            return
        await asyncio.sleep(0.1)
    raise MigrationError(f"another process has been migrating this database for {PATIENCE:.0f} s: see who holds advisory lock {LOCK}")


async def fetch(url: str, sql: str) -> list[tuple[Any, ...]] | None:
    """The rows of one query by the bare driver, ``None`` where there is no such table or file yet. Raises `MigrationError`."""
    if dialect_of(url) == "sqlite":
        return _fetch_sqlite(url, sql)
    asyncpg = _asyncpg()

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
