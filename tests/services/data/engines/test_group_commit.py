"""SQLite's group commit: far fewer commits than writers, nobody answered before his is durable, nobody lost to another's failure."""

import asyncio
import sqlite3
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from backwright.data.engines.engine import Engine
from backwright.data.engines.group_commit import GroupLost
from backwright.data.errors import DatabaseUnavailable, DataError, ReferenceViolated, SerializationFailed, UniqueViolated
from tests.support.engines import add, ids, with_items


def writer(engine: Any) -> sqlite3.Connection:
    """The engine's writing connection, to watch what it does."""
    connection: sqlite3.Connection = engine._commits.link.db
    return connection


def commits(engine: Any) -> list[str]:
    """The COMMITs from now on, as a list that grows."""
    found: list[str] = []
    writer(engine).set_trace_callback(lambda sql: found.append(sql) if sql == "COMMIT" else None)
    return found


async def in_transaction(engine: Engine, number: int) -> None:
    """Write one item in a transaction whose body gives way to others."""
    async with engine.transaction() as tx:
        await asyncio.sleep(0)
        await add(tx, number)


class Undone(Exception):
    """Ends the transaction behind which the others stood in line."""


async def behind_each_other(engine: Engine, *work: Coroutine[Any, Any, None]) -> list[Any]:
    """Let all stand in line for the turn at once, so that they make groups; returns what became of each."""
    with suppress(Undone):
        async with engine.transaction() as tx:
            await tx.rows("SELECT 1")
            tasks = [asyncio.create_task(one) for one in work]
            await asyncio.sleep(0)
            raise Undone
    return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("start", [add, in_transaction], ids=["writes", "transactions"])
@pytest.mark.parametrize("synchronous", ["full", "normal"])
def test_writers_share_commits(sqlite_url: str, start: Any, synchronous: str) -> None:
    """Two hundred concurrent writers need a small part of two hundred commits, and all their rows are there."""

    async def body(engine: Engine) -> None:
        seen = commits(engine)
        assert await behind_each_other(engine, *(start(engine, number) for number in range(200))) == [None] * 200
        assert len(seen) <= 50
        assert await ids(engine) == list(range(200))

    with_items(sqlite_url, body, synchronous=synchronous)


def test_nobody_is_answered_before_the_commit(sqlite_url: str) -> None:
    """When a writer has its answer, another connection sees the row."""

    async def body(engine: Engine) -> None:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))

        async def work(number: int) -> None:
            await (add if number % 2 else in_transaction)(engine, number)
            assert other.execute("SELECT count(*) FROM item WHERE id = ?", (number,)).fetchone() == (1,)

        await asyncio.gather(*(work(number) for number in range(100)))
        other.close()

    with_items(sqlite_url, body)


def test_one_that_fails_costs_the_others_nothing(sqlite_url: str) -> None:
    """In one group some are undone, statements and transactions, and the rest is kept."""

    async def body(engine: Engine) -> None:
        async def failing(number: int) -> None:
            async with engine.transaction() as tx:
                await add(tx, number)
                raise KeyError(number)

        await add(engine, 0)
        starts = [add, in_transaction, lambda e, n: failing(n), lambda e, n: add(e, 0)]
        outcomes = await behind_each_other(engine, *(starts[number % 4](engine, number) for number in range(1, 41)))
        kinds = [type(outcome) for outcome in outcomes]
        assert [kinds.count(kind) for kind in (type(None), KeyError, UniqueViolated)] == [20, 10, 10]
        assert await ids(engine) == [0, *(number for number in range(1, 41) if number % 4 in (0, 1))]

    with_items(sqlite_url, body)


def test_a_failed_commit_fails_the_whole_group(sqlite_url: str) -> None:
    """When the disk cannot take the commit, everybody in the group is told and nothing of it stays; the engine goes on."""

    async def body(engine: Engine) -> None:
        big = "x" * 20_000
        outcomes = await behind_each_other(engine, *(add(engine, number, big) for number in range(30)))
        kept = {number for number, outcome in enumerate(outcomes) if outcome is None}
        assert all(outcome is None or isinstance(outcome, DatabaseUnavailable | SerializationFailed) for outcome in outcomes)
        assert 0 < len(kept) < 30
        assert set(await ids(engine)) == kept
        await engine.write("DELETE FROM item")
        await add(engine, 1)

    with_items(sqlite_url, body, max_pages=60)


async def violate(engine: Engine) -> None:
    """Point at an item that is not there; only COMMIT will notice."""
    await engine.write("INSERT INTO child (id, item_id) VALUES (1, 99)")


def test_a_deferred_violation_is_found_out(sqlite_url: str) -> None:
    """A constraint checked by COMMIT fails him who violated it, and nobody who happened to write beside him."""

    async def body(engine: Engine) -> None:
        await engine.write(
            "CREATE TABLE child (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)"
        )
        writes = [add(engine, number) for number in range(20)]
        writes.insert(10, violate(engine))
        outcomes = await behind_each_other(engine, *writes)
        assert isinstance(outcomes.pop(10), ReferenceViolated)
        assert outcomes == [None] * 20
        assert await ids(engine) == list(range(20))

    with_items(sqlite_url, body)


def test_a_group_ended_by_a_statement_is_told(sqlite_url: str) -> None:
    """A statement that rolls the outer transaction back takes the group with it: others learn that they have to run again."""

    async def body(engine: Engine) -> None:
        await add(engine, 1)
        killer = engine.write("INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'x')")
        outcomes = await behind_each_other(engine, in_transaction(engine, 2), killer, in_transaction(engine, 3))  # type: ignore[arg-type]
        assert [type(outcome) for outcome in outcomes] == [GroupLost, UniqueViolated, type(None)]
        assert await ids(engine) == [1, 3]

    with_items(sqlite_url, body)


def test_an_argument_that_breaks_the_driver_does_not_stop_the_turn(sqlite_url: str) -> None:
    """Whatever an argument raises comes out of `write`, and the next writer gets his turn."""

    class Rude:
        def __conform__(self, protocol: object) -> None:
            raise RuntimeError("rude")

    async def body(engine: Engine) -> None:
        with pytest.raises(DataError):
            await engine.write("INSERT INTO item (id, name) VALUES (1, ?)", (Rude(),))
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(sqlite_url, body, wait=1)


def test_a_bulk_write_does_not_stop_the_loop(sqlite_url: str) -> None:
    """While many rows are written, reads are answered."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            bulk = asyncio.create_task(tx.run_many("INSERT INTO item (id, name) VALUES (?, ?)", [(n, "x") for n in range(30_000)]))
            reads = 0
            while not bulk.done():
                assert await ids(engine) == []
                reads += 1
                await asyncio.sleep(0)
        assert reads > 3
        assert len(await ids(engine)) == 30_000

    with_items(sqlite_url, body)
