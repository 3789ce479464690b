"""Waiting for a connection or a turn: in order, bounded, and left without a trace."""

import asyncio

import pytest

from backwright.data.engines.engine import Engine
from backwright.data.errors import DatabaseUnavailable, DataError
from tests.support.engines import add, ids, with_items

ONE = {"postgresql": {"pool": 1}, "sqlite": {}}


def one(url: str) -> dict[str, int]:
    """Options under which only one can write at a time."""
    return dict(ONE[url.partition(":")[0]])


def test_nobody_waits_for_ever(database_url: str) -> None:
    """Who does not get a turn in time is told when to come back, and the line goes on."""

    async def body(engine: Engine) -> None:
        async def late() -> None:
            with pytest.raises(DatabaseUnavailable) as error:
                await add(engine, 2)
            assert error.value.retry_after is not None

        async with engine.transaction() as tx:
            await add(tx, 1)
            await asyncio.create_task(late())
        await add(engine, 3)
        assert await ids(engine) == [1, 3]

    with_items(database_url, body, wait=0.05, **one(database_url))


def test_a_long_line_is_refused_at_once(database_url: str) -> None:
    """The line is bounded: who comes when it is full does not wait at all."""

    async def body(engine: Engine) -> None:
        async with engine.transaction():
            waiting = [asyncio.create_task(add(engine, number)) for number in range(3)]
            await asyncio.sleep(0)
            with pytest.raises(DatabaseUnavailable, match="wait already"):
                await asyncio.create_task(add(engine, 9))
        await asyncio.gather(*waiting)
        assert await ids(engine) == [0, 1, 2]

    with_items(database_url, body, queue=3, **one(database_url))


def test_turns_come_in_order(database_url: str) -> None:
    """First come, first served, for single statements and transactions alike."""

    async def body(engine: Engine) -> None:
        served: list[int] = []

        async def turn(number: int) -> None:
            if number % 2:
                async with engine.transaction() as tx:
                    served.append(number)
                    await add(tx, number)
            else:
                await engine.write(f"INSERT INTO item (id, name) VALUES ({number}, 'x')")

        async with engine.transaction():
            tasks = [asyncio.create_task(turn(number)) for number in range(10)]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        assert served == [1, 3, 5, 7, 9]
        assert await ids(engine) == list(range(10))

    with_items(database_url, body, **one(database_url))


def test_a_cancelled_waiter_leaves_the_line(database_url: str) -> None:
    """Who gives up waiting writes nothing, and those behind move up."""

    async def body(engine: Engine) -> None:
        async with engine.transaction():
            tasks = [asyncio.create_task(add(engine, number)) for number in range(4)]
            await asyncio.sleep(0)
            tasks[0].cancel()
            tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert await ids(engine) == [1, 3]

    with_items(database_url, body, **one(database_url))


def test_a_waiter_cancelled_while_being_served_passes_the_turn_on(database_url: str) -> None:
    """Cancelled in the very moment of getting the turn: the next one gets it."""

    async def body(engine: Engine) -> None:
        async def turn(number: int) -> None:
            async with engine.transaction() as tx:
                await add(tx, number)

        for _ in range(20):
            async with engine.transaction():
                tasks = [asyncio.create_task(turn(number)) for number in range(2)]
                await asyncio.sleep(0)
                asyncio.get_running_loop().call_soon(tasks[0].cancel)
            await asyncio.gather(*tasks, return_exceptions=True)
            assert 1 in await ids(engine)
            await engine.write("DELETE FROM item")

    with_items(database_url, body, wait=2, **one(database_url))


def test_close_waits_for_running_work(database_url: str) -> None:
    """What has begun is finished before the connections go."""

    async def body(engine: Engine) -> None:
        began, go_on = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            async with engine.transaction() as tx:
                began.set()
                await go_on.wait()
                await add(tx, 1)

        task = asyncio.create_task(work())
        await began.wait()
        closing = asyncio.create_task(engine.close())
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(task, closing)
        await engine.open()
        assert await ids(engine) == [1]

    with_items(database_url, body)


def test_a_transaction_that_stands_in_the_way_is_ended(sqlite_url: str) -> None:
    """On SQLite an idle transaction loses its turn to those who wait for it; nothing of it stays."""

    async def body(engine: Engine) -> None:
        async def other() -> None:
            await add(engine, 2)

        with pytest.raises(DataError, match="in everybody's way"):
            async with engine.transaction() as tx:
                await add(tx, 1)
                await asyncio.create_task(other())
                await add(tx, 3)
        assert await ids(engine) == [2]

    with_items(sqlite_url, body, turn_seconds=0)


def test_a_transaction_never_waits_for_itself(sqlite_url: str) -> None:
    """Writing past an open transaction in the same task would wait for ever on SQLite; it is refused at once."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            with pytest.raises(DataError, match="already"):
                await add(engine, 2)
            with pytest.raises(DataError, match="already"):
                async with engine.transaction():
                    pass
            await add(tx, 1)
        assert await ids(engine) == [1]

    with_items(sqlite_url, body)


def test_readers_are_bounded(sqlite_url: str) -> None:
    """Snapshots beyond the number of readers wait for one, and are refused after the time one waits."""

    async def body(engine: Engine) -> None:
        async with engine.transaction(read_only=True):
            with pytest.raises(DatabaseUnavailable, match="reader"):
                async with engine.transaction(read_only=True):
                    pass
            waiting = asyncio.create_task(ids_of_snapshot(engine))
            await asyncio.sleep(0)
        assert await waiting == []

    with_items(sqlite_url, body, readers=1, wait=0.1)


async def ids_of_snapshot(engine: Engine) -> list[int]:
    """The ids, read in a snapshot."""
    async with engine.transaction(read_only=True) as tx:
        return await ids(tx)


def test_the_last_used_connection_is_used_first(postgres_url: str) -> None:
    """A pool that is hardly used keeps to its warm connections."""

    async def body(engine: Engine) -> None:
        backend = "SELECT pg_backend_pid()"
        await asyncio.gather(*(engine.rows(backend) for _ in range(4)))
        used = {(await engine.rows(backend))[0][0] for _ in range(8)}
        assert len(used) == 1

    with_items(postgres_url, body)


def test_connections_are_opened_when_needed(postgres_url: str) -> None:
    """One is opened at the start, never more than the pool may have."""

    async def body(engine: Engine) -> None:
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        assert [tuple(row) for row in await engine.rows(count)] == [(1,)]
        await asyncio.gather(*(engine.rows("SELECT pg_sleep(0.01)") for _ in range(9)))
        assert [tuple(row) for row in await engine.rows(count)] == [(3,)]

    with_items(postgres_url, body, pool=3)
