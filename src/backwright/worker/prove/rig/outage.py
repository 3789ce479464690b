"""Taking a scratch database away from everybody, and giving it back."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit


def can_be_taken_away(url: str) -> bool:
    """Whether the database is one of a server that we may ask to refuse connections."""
    return urlsplit(url).scheme.startswith("postgres")


@asynccontextmanager
async def away(url: str) -> AsyncGenerator[None]:
    """Inside, the server lets nobody connect to the database, and those who were connected are thrown out."""
    import asyncpg  # type: ignore[import-untyped]

    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    at = urlunsplit(parts._replace(scheme="postgresql", path="/postgres", query=""))
    manager = cast(Any, await asyncpg.connect(at))  # pyright: ignore[reportUnknownMemberType]
    try:
        await manager.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        await manager.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        yield
    finally:
        await manager.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
        await manager.close()
