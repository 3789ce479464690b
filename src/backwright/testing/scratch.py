"""Databases for one test each: a fresh SQLite file, or a scratch database on a PostgreSQL server."""

import secrets
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from backwright.data.engines.address import address


@asynccontextmanager
async def scratch(url: str | None = None) -> AsyncGenerator[str]:
    """The URL of an empty database that is gone afterwards. Without `url` it is an SQLite file; the URL of a PostgreSQL server gives a
    database of its own on it; another SQLite URL is used as it is, and stays.
    """
    if url is None:
        with tempfile.TemporaryDirectory(prefix="backwright-test-") as folder:
            # nobody pulls the plug in a test: waiting for the disk would only be slow
            yield f"sqlite:///{Path(folder, 'test.db')}?synchronous=off"
    elif url.startswith("sqlite:"):
        yield url
    else:
        async with _on_server(url) as made:
            yield made


@asynccontextmanager
async def _on_server(url: str) -> AsyncGenerator[str]:
    name = f"backwright_test_{secrets.token_hex(6)}"
    await _run(url, f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        await _run(url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _run(url: str, sql: str) -> None:
    from backwright.data.engines.asyncpg_driver import connect

    connection = await connect(address(url).target, {}, timeout=5)
    try:
        await connection.execute(sql)
    finally:
        await connection.close(timeout=5)
