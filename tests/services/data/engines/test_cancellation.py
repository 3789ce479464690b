"""A caller that goes away at any moment leaves no open transaction, no lock and no lost connection."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from backwright.data.engines.engine import Engine
from tests.support.engines import add, ids, with_items

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"
FEW = {"sqlite": {"readers": 1}, "postgresql": {"pool": 1}}


def few(url: str) -> dict[str, int]:
    """Options with one connection only, so that a lost one is noticed."""
    return dict(FEW[url.partition(":")[0]])


async def cut_short(work: Awaitable[Any], seconds: float = 0.05) -> None:
    """Cancel the work in its middle."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await work


def test_a_cancelled_read_gives_its_connection_back(database_url: str) -> None:
    """A long read that is cancelled is stopped in the database too, and the next one works."""

    async def body(engine: Engine) -> None:
        for _ in range(3):
            await cut_short(engine.rows(ENDLESS))
        assert await ids(engine) == []
        assert len(await engine.rows("SELECT 1 WHERE 1 = 1")) == 1

    with_items(database_url, body, **few(database_url))


def test_a_cancelled_transaction_is_undone(database_url: str) -> None:
    """Cancelled while a statement runs, the whole transaction is rolled back."""

    async def body(engine: Engine) -> None:
        async def work() -> None:
            async with engine.transaction() as tx:
                await add(tx, 1)
                await tx.rows(ENDLESS)

        await cut_short(work())
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(database_url, body, **few(database_url))


def test_a_body_cancelled_between_statements_is_undone(database_url: str) -> None:
    """Cancelled while it waits for something else, the transaction is rolled back as well."""

    async def body(engine: Engine) -> None:
        async def work() -> None:
            async with engine.transaction() as tx:
                await add(tx, 1)
                await asyncio.Event().wait()

        await cut_short(work(), 0.02)
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(database_url, body, **few(database_url))


def test_a_savepoint_with_a_deadline_is_undone_alone(database_url: str) -> None:
    """A statement cut short inside a savepoint leaves the transaction usable."""

    async def body(engine: Engine) -> None:
        async def slow(tx: Any) -> None:
            async with tx.savepoint():
                await add(tx, 2)
                await tx.rows(ENDLESS)

        async with engine.transaction() as tx:
            await add(tx, 1)
            await cut_short(slow(tx))
            await add(tx, 3)
        assert await ids(engine) == [1, 3]

    with_items(database_url, body, **few(database_url))


def test_a_cancelled_raw_transaction_is_undone(database_url: str) -> None:
    """Own SQL that is cancelled leaves as little as any other."""

    async def body(engine: Engine) -> None:
        async def work() -> None:
            async with engine.transaction(raw=True) as tx:
                await add(tx, 1)
                await tx.rows(ENDLESS)

        await cut_short(work())
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(database_url, body, **few(database_url))


def test_a_stream_may_be_cancelled(database_url: str) -> None:
    """A stream left by cancellation frees its connection."""

    async def body(engine: Engine) -> None:
        async def work() -> None:
            async with engine.transaction(read_only=True) as tx:
                async for _ in tx.stream(ENDLESS.replace("count(*)", "i"), batch=50):
                    await asyncio.sleep(0)

        await cut_short(work())
        assert await ids(engine) == []

    with_items(database_url, body, **few(database_url))


def all_or_nothing(url: str, start: Callable[[Engine, int], Awaitable[None]]) -> None:
    """Cancel a unit of two rows at every step of its life: afterwards both rows are there or none, and the next one works."""

    async def body(engine: Engine) -> None:
        for steps in range(40):
            task = asyncio.ensure_future(start(engine, steps * 2))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await add(engine, 1000 + steps)
        found = await ids(engine)
        assert [number for number in found if number >= 1000] == [1000 + steps for steps in range(40)]
        assert all((number ^ 1) in found for number in found if number < 1000)

    with_items(url, body, wait=3, **few(url))


def test_cancelled_anywhere_a_transaction_is_whole_or_absent(database_url: str) -> None:
    """Whenever a transaction is cancelled, waiting, writing or committing, it is kept whole or not at all."""

    async def start(engine: Engine, number: int) -> None:
        async with engine.transaction() as tx:
            await add(tx, number)
            await add(tx, number + 1)

    all_or_nothing(database_url, start)


def test_cancelled_anywhere_a_write_is_whole_or_absent(database_url: str) -> None:
    """The same for a single statement."""

    async def start(engine: Engine, number: int) -> None:
        await engine.write(f"INSERT INTO item (id, name) VALUES ({number}, 'a'), ({number + 1}, 'b')")

    all_or_nothing(database_url, start)


def test_cancelled_anywhere_a_raw_transaction_is_whole_or_absent(database_url: str) -> None:
    """The same for own SQL."""

    async def start(engine: Engine, number: int) -> None:
        async with engine.transaction(raw=True) as tx:
            await add(tx, number)
            await add(tx, number + 1)

    all_or_nothing(database_url, start)
