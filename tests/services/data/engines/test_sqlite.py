"""SQLite in particular: the loop never stalls, other processes share the file, and what a file can hold."""

import asyncio
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from backwright.data.engines.engine import Engine
from backwright.data.errors import DatabaseUnavailable, DataError, LockNotAvailable
from tests.support.engines import TABLE, add, ids, opened, until, with_items

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT count(*) FROM n"


def path_of(url: str) -> str:
    """The file of a URL."""
    return url.removeprefix("sqlite:///")


async def ticks_during(work: Any) -> int:
    """How often the loop came round while the work ran."""
    task, count = asyncio.ensure_future(work), 0
    while not task.done():
        await asyncio.sleep(0)
        count += 1
    await task
    return count


def test_a_long_read_leaves_the_loop(sqlite_url: str) -> None:
    """A read over its budget goes on in a thread while the loop serves others, and starts there the next time."""

    async def body(engine: Any) -> None:
        assert await ticks_during(engine.rows(LONG)) > 10
        assert LONG in engine._slow
        assert await ticks_during(engine.rows(LONG)) > 10
        assert await ticks_during(engine.rows("SELECT 1")) <= 3

    with_items(sqlite_url, body, read_budget=0.005)


def test_a_long_read_in_a_transaction_leaves_the_loop_too(sqlite_url: str) -> None:
    """Inside a transaction the same, and it sees what the transaction wrote."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            await add(tx, 1)
            assert await ticks_during(tx.rows(f"{LONG.replace('count(*)', 'count(*), (SELECT count(*) FROM item)')}")) > 10
            assert await ids(tx) == [1]

    with_items(sqlite_url, body, read_budget=0.005)


def test_a_cancelled_write_on_a_thread_does_not_stop_the_loop(sqlite_url: str) -> None:
    """A long write cannot be cut short without costing others their work: its caller waits for its end, the loop goes on."""
    fill = f"INSERT INTO item (id, name) SELECT i, 'x' FROM ({LONG.replace('count(*)', 'i')})"

    async def body(engine: Any) -> None:
        engine._context.slow.add(fill)

        sessions: list[Any] = []

        async def work() -> None:
            async with engine.transaction() as tx:
                sessions.append(tx)
                await tx.run(fill)

        task = asyncio.create_task(work())
        await until(lambda: bool(sessions and sessions[0].busy))
        task.cancel()
        assert await ticks_during(asyncio.gather(task, return_exceptions=True)) > 10
        assert task.cancelled()
        assert await ids(engine) == []

    with_items(sqlite_url, body)


def test_a_statement_that_became_fast_comes_back_to_the_loop(sqlite_url: str) -> None:
    """What was slow once, with a cold cache say, is not kept on a thread for ever."""

    async def body(engine: Any) -> None:
        engine._context.slow.add("SELECT 1")
        for _ in range(20):
            await engine.rows("SELECT 1")
        assert "SELECT 1" not in engine._slow

    with_items(sqlite_url, body)


def test_reads_do_not_wait_for_a_writer(sqlite_url: str) -> None:
    """While a transaction is open, others read what was there before."""

    async def body(engine: Engine) -> None:
        await add(engine, 1)
        async with engine.transaction() as tx:
            await add(tx, 2)
            assert await ticks_during(ids(engine)) <= 3
            assert await ids(engine) == [1]

    with_items(sqlite_url, body)


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_a_lock_of_another_process_is_waited_for(sqlite_url: str, journal_mode: str) -> None:
    """While somebody else writes to the file the loop goes on; when he is done, so do we."""

    async def body(engine: Engine) -> None:
        other = sqlite3.connect(path_of(sqlite_url), isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")  # in a rollback journal this locks readers out too
        writing = [asyncio.create_task(add(engine, 1)), asyncio.create_task(ids(engine))]
        for _ in range(50):
            await asyncio.sleep(0)
        assert not writing[0].done()
        assert writing[1].done() is (journal_mode == "wal")
        other.execute("COMMIT")
        await asyncio.gather(*writing)
        assert await ids(engine) == [1]
        other.close()

    with_items(sqlite_url, body, journal_mode=journal_mode)


def test_a_lock_of_another_process_is_not_waited_for_for_ever(sqlite_url: str) -> None:
    """After lock_timeout, single writes, transactions and raw ones say that the file is locked; then it works again."""

    async def body(engine: Engine) -> None:
        other = sqlite3.connect(path_of(sqlite_url), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockNotAvailable, match="another process"):
            await add(engine, 1)
        for raw in (False, True):
            with pytest.raises(LockNotAvailable):
                async with engine.transaction(raw=raw):
                    pass
        other.execute("ROLLBACK")
        other.close()
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(sqlite_url, body, lock_timeout=0.05)


def test_two_engines_share_a_file(sqlite_url: str) -> None:
    """Two writers on one file, as two processes have them, lose nothing."""

    async def body(engine: Engine) -> None:
        async with opened(sqlite_url) as other:
            await asyncio.gather(*(add(engine if number % 2 else other, number) for number in range(60)))
            assert await ids(engine) == await ids(other) == list(range(60))

    with_items(sqlite_url, body)


def test_a_database_in_memory_works_like_a_file() -> None:
    """:memory: has the same concurrency as a file, is private, and is gone after closing."""

    async def main() -> None:
        async with opened("sqlite:///:memory:") as engine, opened("sqlite:///:memory:") as other:
            await engine.write(TABLE)
            async with engine.transaction() as tx:
                await add(tx, 1)
                assert await ids(engine) == []
            assert await ids(engine) == [1]
            with pytest.raises(DataError, match="no such table"):
                await ids(other)
            folder = Path(engine._context.path).parent  # type: ignore[attr-defined]
            assert folder.exists()
        assert not folder.exists()

    asyncio.run(main())


def test_what_is_promised_of_a_file_is_set(sqlite_url: str) -> None:
    """Write-ahead log, full synchronisation and foreign keys are on, on every connection that they matter to."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
                assert [tuple(row) for row in await tx.rows(f"PRAGMA {pragma}")] == [(value,)]
        with pytest.raises(DataError):
            await engine.rows("INSERT INTO item (id, name) VALUES (1, 'by the reader')")
        assert await ids(engine) == []

    with_items(sqlite_url, body)


def test_text_that_is_not_utf8_is_a_clear_error(sqlite_url: str) -> None:
    """A row that something else wrote in Latin-1 says so, and does not disturb other rows."""

    async def body(engine: Engine) -> None:
        await engine.write("INSERT INTO item (id, name) VALUES (1, CAST(x'ff80' AS TEXT)), (2, 'good')")
        with pytest.raises(DataError, match="not valid UTF-8"):
            await engine.rows("SELECT name FROM item ORDER BY id")
        assert [tuple(row) for row in await engine.rows("SELECT name FROM item WHERE id = 2")] == [("good",)]

    with_items(sqlite_url, body)


def test_the_functions_that_json_needs_are_there(sqlite_url: str) -> None:
    """Bytes as base64 and floats in full, on readers and writers, NULL staying NULL."""

    async def body(engine: Engine) -> None:
        ask = "SELECT bw_base64(x'00ff'), bw_base64(NULL), bw_float(0.1 + 0.2), bw_float(NULL), json_object('x', json(bw_float(1e300)))"
        expected = ("AP8=", None, "0.30000000000000004", None, '{"x":1e+300}')
        assert tuple((await engine.rows(ask))[0]) == expected
        async with engine.transaction() as tx:
            assert tuple((await tx.rows(ask))[0]) == expected

    with_items(sqlite_url, body)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_without_permission_says_what_to_do(sqlite_url: str) -> None:
    """A file that may only be read cannot be served, and says so at the start."""
    sqlite3.connect(path_of(sqlite_url)).close()
    Path(path_of(sqlite_url)).chmod(0o400)

    async def main() -> None:
        with pytest.raises(DatabaseUnavailable, match="write access"):
            async with opened(sqlite_url):
                pass

    asyncio.run(main())


def test_a_damaged_file_is_told(sqlite_url: str) -> None:
    """A file whose pages are garbage is not served as if it were well."""
    path = Path(path_of(sqlite_url))
    with sqlite3.connect(path) as db:
        db.execute(TABLE)
        db.executemany("INSERT INTO item (id, name) VALUES (?, ?)", [(number, "x" * 100) for number in range(1000)])
    db.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xa5" * (len(whole) - 8192))

    async def main() -> None:
        async with opened(sqlite_url) as engine:
            with pytest.raises(DatabaseUnavailable, match=r"damaged|backup"):
                await engine.rows("SELECT * FROM item")

    asyncio.run(main())


def test_one_statement_at_a_time(sqlite_url: str) -> None:
    """Two statements at once in one transaction are refused, not mixed."""

    async def body(engine: Engine) -> None:
        with pytest.raises(DataError, match="one at a time"):
            async with engine.transaction(raw=True) as tx:
                await asyncio.gather(tx.rows(LONG), tx.rows(LONG))
        assert await ids(engine) == []

    with_items(sqlite_url, body)
