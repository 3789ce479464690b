"""Engines for tests: opened for one test body, and SQL that both understand."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from backwright.data.engines.address import engine_at
from backwright.data.engines.engine import Engine

Body = Callable[[Engine], Awaitable[None]]
TABLE = (
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, code TEXT CONSTRAINT item_code UNIQUE, "
    "stock INTEGER DEFAULT 0 CONSTRAINT item_stock CHECK (stock >= 0), parent_id INTEGER REFERENCES item (id))"
)


def placed(engine: Engine, sql: str) -> str:
    """SQL with ? placeholders in the engine's own form."""
    if engine.dialect == "sqlite":
        return sql
    numbers = iter(range(1, 100))
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[Engine]:
    """An engine, open, with the options in the URL; closed at the end."""
    hook = options.pop("on_statement", None)
    slow = options.pop("slow", 0.1)
    query = "&".join(f"{name}={value}" for name, value in options.items())
    engine = engine_at(f"{url}?{query}" if query else url, on_statement=hook, slow=slow)
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


def with_items(url: str, body: Body, **options: Any) -> None:
    """Run a test body on an open engine with the table `item` in it."""

    async def main() -> None:
        async with opened(url, **options) as engine:
            await engine.write(TABLE)
            await body(engine)

    asyncio.run(main())


async def add(engine: Any, number: int, name: str = "thing") -> None:
    """Write one item, by an engine or a session of SQLite or PostgreSQL."""
    run = engine.write if hasattr(engine, "write") else engine.run
    await run(f"INSERT INTO item (id, name) VALUES ({number}, '{name}')")


async def ids(engine: Any) -> list[int]:
    """The ids of all items, in order."""
    return [row[0] for row in await engine.rows("SELECT id FROM item ORDER BY id")]


async def until(condition: Callable[[], bool]) -> None:
    """Give the loop to others until the condition holds; the test's own deadline is the bound."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)
