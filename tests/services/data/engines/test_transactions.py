"""Transactions, savepoints and failed statements: the same on both engines."""

import asyncio

import pytest

from backwright.data.engines.engine import Engine
from backwright.data.engines.retry import retrying
from backwright.data.errors import CheckViolated, DataError, SerializationFailed, UniqueViolated
from tests.support.engines import add, ids, opened, with_items


class Stop(Exception):
    """What a body raises on purpose."""


def test_a_transaction_is_kept_when_its_body_ends(database_url: str) -> None:
    """What a body wrote is there for everybody after it."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            await add(tx, 1)
            assert await ids(tx) == [1]
            assert await ids(engine) == []
        assert await ids(engine) == [1]

    with_items(database_url, body)


def test_a_transaction_is_undone_when_its_body_raises(database_url: str) -> None:
    """A body that raises leaves nothing, and its error comes out as it is."""

    async def body(engine: Engine) -> None:
        with pytest.raises(Stop):
            async with engine.transaction() as tx:
                await add(tx, 1)
                raise Stop
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(database_url, body)


def test_a_savepoint_is_undone_alone(database_url: str) -> None:
    """What was written before and after an undone savepoint stays; savepoints nest."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            await add(tx, 1)
            async with tx.savepoint():
                await add(tx, 2)
                with pytest.raises(Stop):
                    async with tx.savepoint():
                        await add(tx, 3)
                        raise Stop
            await add(tx, 4)
        assert await ids(engine) == [1, 2, 4]

    with_items(database_url, body)


def test_a_savepoint_saves_a_transaction_from_a_failed_statement(database_url: str) -> None:
    """A statement that fails inside a savepoint does not cost the transaction."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            await add(tx, 1)
            with pytest.raises(UniqueViolated):
                async with tx.savepoint():
                    await add(tx, 1)
            await add(tx, 2)
        assert await ids(engine) == [1, 2]

    with_items(database_url, body)


def test_after_a_failed_statement_nothing_more_can_be_done(database_url: str) -> None:
    """A body that keeps a failed statement to itself can neither go on nor save half of its work."""

    async def body(engine: Engine) -> None:
        with pytest.raises(DataError, match="rolled back"):
            async with engine.transaction() as tx:
                await add(tx, 1)
                with pytest.raises(UniqueViolated):
                    await add(tx, 1)
                with pytest.raises(DataError, match="nothing more can be done"):
                    await ids(tx)
        assert await ids(engine) == []

    with_items(database_url, body)


def test_a_savepoint_that_hides_a_failed_statement_says_so(database_url: str) -> None:
    """A savepoint whose body keeps a failed statement to itself is rolled back and raises; the transaction may go on."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            with pytest.raises(DataError):
                async with tx.savepoint():
                    await add(tx, 1)
                    with pytest.raises(UniqueViolated):
                        await add(tx, 1)
            await add(tx, 2)
        assert await ids(engine) == [2]

    with_items(database_url, body)


def test_a_session_is_over_with_its_transaction(database_url: str) -> None:
    """A session kept beyond its transaction runs nothing: its connection serves others."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            await add(tx, 1)
        with pytest.raises(DataError, match="over"):
            await add(tx, 2)
        assert await ids(engine) == [1]

    with_items(database_url, body)


def test_run_counts_the_rows_touched(database_url: str) -> None:
    """`run` returns how many rows a statement changed, and `rows` what RETURNING gives."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            await tx.run_many("INSERT INTO item (id, name) VALUES (1, 'a')", [()])
            await add(tx, 2)
            assert await tx.run("UPDATE item SET stock = 7") == 2
            assert await tx.run("UPDATE item SET stock = 8 WHERE id = 99") == 0
            assert [tuple(row) for row in await tx.rows("DELETE FROM item WHERE id = 2 RETURNING id, stock")] == [(2, 7)]

    with_items(database_url, body)


def test_a_read_only_transaction_cannot_write(database_url: str) -> None:
    """A read-only transaction reads one state and refuses to write."""

    async def body(engine: Engine) -> None:
        with pytest.raises(DataError):
            async with engine.transaction(read_only=True, isolation="repeatable read") as tx:
                assert await ids(tx) == []
                await add(engine, 1)
                assert await ids(tx) == []
                await add(tx, 2)
        assert await ids(engine) == [1]

    with_items(database_url, body)


def test_concurrent_read_and_write_transactions_lose_no_update(database_url: str) -> None:
    """Serializable transactions that read, think and write add up, run again where one got in another's way."""

    async def body(engine: Engine) -> None:
        await add(engine, 1)

        async def increase() -> None:
            async with engine.transaction(isolation="serializable") as tx:
                ((stock,),) = await tx.rows("SELECT stock FROM item WHERE id = 1")
                await asyncio.sleep(0)
                await tx.run(f"UPDATE item SET stock = {stock + 1} WHERE id = 1")

        await asyncio.gather(*(retrying(increase, attempts=50) for _ in range(12)))
        assert [tuple(row) for row in await engine.rows("SELECT stock FROM item")] == [(12,)]

    with_items(database_url, body)


def test_a_transaction_that_lost_a_race_is_told_so(postgres_url: str) -> None:
    """Two serializable transactions that overlap: one raises `SerializationFailed`, and the pool has lost nothing."""

    async def body(engine: Engine) -> None:
        await add(engine, 1)
        with pytest.raises(SerializationFailed):
            async with engine.transaction(isolation="serializable") as one:
                await ids(one)
                async with engine.transaction(isolation="serializable") as two:
                    await two.run("UPDATE item SET stock = 2")
                await one.run("UPDATE item SET stock = 1")
        assert [tuple(row) for row in await engine.rows("SELECT stock FROM item")] == [(2,)]

    with_items(postgres_url, body, pool=2)


def test_a_single_write_that_fails_leaves_nothing(database_url: str) -> None:
    """`write` is a transaction of its own: it raises and nothing of it stays."""

    async def body(engine: Engine) -> None:
        with pytest.raises(CheckViolated):
            await engine.write("INSERT INTO item (id, name, stock) VALUES (1, 'a', 1), (2, 'b', -1)")
        assert await ids(engine) == []

    with_items(database_url, body)


def test_rows_come_in_a_stream(database_url: str) -> None:
    """A stream gives every row in order, may be left early, and other statements may run between its rows."""

    async def body(engine: Engine) -> None:
        async with engine.transaction() as tx:
            for number in range(25):
                await add(tx, number)
            seen = [row[0] async for row in tx.stream("SELECT id FROM item ORDER BY id", batch=10)]
            assert seen == list(range(25))
            stream = tx.stream("SELECT id FROM item ORDER BY id", batch=10)
            assert (await anext(stream))[0] == 0
            await tx.run("DELETE FROM item WHERE id > 20")
            await stream.aclose()  # type: ignore[attr-defined]
        assert await ids(engine) == list(range(21))

    with_items(database_url, body)


def test_a_snapshot_streams_while_others_write(database_url: str) -> None:
    """A read-only stream sees one state, whatever is written meanwhile, and stops no writer."""

    async def body(engine: Engine) -> None:
        for number in range(5):
            await add(engine, number)
        async with engine.transaction(read_only=True, isolation="repeatable read") as tx:
            seen = []
            async for row in tx.stream("SELECT id FROM item ORDER BY id", batch=2):
                seen.append(row[0])
                await add(engine, 100 + row[0])
        assert seen == [0, 1, 2, 3, 4]
        assert len(await ids(engine)) == 10

    with_items(database_url, body)


def test_an_engine_opens_again_after_closing(database_url: str) -> None:
    """Close ends what there is; open makes it work again; in between every use says that it is closed."""

    async def main() -> None:
        async with opened(database_url) as engine:
            assert len(await engine.rows("SELECT 1")) == 1
        with pytest.raises(DataError, match=r"not open|closed"):
            await engine.rows("SELECT 1")
        with pytest.raises(DataError, match=r"not open|closed"):
            async with engine.transaction():
                pass
        await engine.open()
        assert len(await engine.rows("SELECT 1")) == 1
        await engine.close()

    asyncio.run(main())
