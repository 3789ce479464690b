"""A connection for migrating: one owner at a time, on either database, through SQLAlchemy's synchronous interface."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.probe import asyncpg_driver, dialect_of, sqlite_path, without_password

T = TypeVar("T")
LOCK = 0x6261636B77  # one number for every Backwright process; PostgreSQL keeps such locks per database
PATIENCE = 600.0


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
    path = sqlite_path(url)
    if path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)  # `migrate up` may well come before the first `serve`
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection


async def _on_postgresql(url: str, work: Callable[[sa.Connection], T], alone: bool) -> T:
    asyncpg = asyncpg_driver()

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
