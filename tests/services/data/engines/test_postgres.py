"""PostgreSQL in particular: broken connections heal, statements stay prepared, sessions start alike."""

import asyncio

import asyncpg
import pytest

from backwright.data.engines.engine import Engine
from backwright.data.errors import DatabaseUnavailable, DataError, LockNotAvailable, OutcomeUnknown
from tests.support.engines import add, ids, opened, with_items

BACKEND = "SELECT pg_backend_pid()"


async def kill_all(url: str, *, running: str | None = None) -> None:
    """End every other connection to the database, as an administrator or a restart would; first wait until `running` runs."""
    connection = await asyncpg.connect(url)
    seen = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep' AND query LIKE $1"
    while running is not None and not await connection.fetchval(seen, f"%{running}%"):
        pass
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


def test_idle_connections_that_were_killed_are_replaced(postgres_url: str) -> None:
    """After the server has ended all connections, reads, writes and transactions work as if nothing had happened."""

    async def body(engine: Engine) -> None:
        for work in (lambda: ids(engine), lambda: add(engine, 1), lambda: in_transaction(engine)):
            await asyncio.gather(*(engine.rows("SELECT pg_sleep(0.01)") for _ in range(3)))
            await kill_all(postgres_url)
            await work()
        assert await ids(engine) == [1, 2]

    with_items(postgres_url, body, pool=3)


async def in_transaction(engine: Engine) -> None:
    """A transaction of one statement."""
    async with engine.transaction() as tx:
        await add(tx, 2)


def test_a_read_whose_connection_is_killed_is_asked_again(postgres_url: str) -> None:
    """A running read survives the end of its connection: it is run once more on another."""

    async def body(engine: Engine) -> None:
        reading = asyncio.create_task(engine.rows("SELECT 7, pg_sleep(0.3)"))
        await kill_all(postgres_url, running="SELECT 7")
        assert (await reading)[0][0] == 7

    with_items(postgres_url, body)


def test_a_write_whose_connection_is_killed_is_not_repeated(postgres_url: str) -> None:
    """Nobody knows whether a broken write was saved, so it is not run again and says so; the pool heals."""

    async def body(engine: Engine) -> None:
        writing = asyncio.create_task(engine.write("INSERT INTO item (id, name) SELECT 1, 'a' FROM pg_sleep(5)"))
        await kill_all(postgres_url, running="INSERT INTO item")
        with pytest.raises(OutcomeUnknown):
            await writing
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(postgres_url, body, pool=1)


def test_a_transaction_whose_connection_is_killed_fails_as_a_whole(postgres_url: str) -> None:
    """A broken connection in the middle of a body is a database that is unavailable; nothing stays, the pool heals."""

    async def body(engine: Engine) -> None:
        with pytest.raises(DatabaseUnavailable):
            async with engine.transaction() as tx:
                await add(tx, 1)
                await kill_all(postgres_url)
                await add(tx, 2)
        assert await ids(engine) == []

    with_items(postgres_url, body, pool=1)


def test_those_in_line_get_the_replacement_of_a_broken_connection(postgres_url: str) -> None:
    """When the only connection breaks, who waits for it gets a new one."""

    async def body(engine: Engine) -> None:
        with pytest.raises(DatabaseUnavailable):
            async with engine.transaction() as tx:
                waiting = asyncio.create_task(ids(engine))
                await asyncio.sleep(0)
                await kill_all(postgres_url)
                await add(tx, 1)
        assert await waiting == []

    with_items(postgres_url, body, pool=1)


def test_an_altered_table_is_noticed(postgres_url: str) -> None:
    """A statement prepared before its table changed is prepared again, reads and writes alike."""

    async def body(engine: Engine) -> None:
        everything, insert = "SELECT * FROM item", "INSERT INTO item (id, name) VALUES ($1, 'a') RETURNING *"
        await engine.write(insert, (1,))
        assert len((await engine.rows(everything))[0]) == 5
        await engine.write("ALTER TABLE item ADD COLUMN colour text")
        assert len((await engine.rows(everything))[0]) == 6
        assert len((await engine.write(insert, (2,)))[0]) == 6

    with_items(postgres_url, body, pool=1)


def test_a_connection_keeps_so_many_statements(postgres_url: str) -> None:
    """Prepared statements are bounded on the server too; those in use stay."""

    async def main() -> None:
        from backwright.data.engines.postgres import PostgresEngine
        from backwright.data.engines.postgres_settings import PostgresSettings

        engine = PostgresEngine(postgres_url, PostgresSettings(pool=1, cached_statements=10))
        await engine.open()
        for number in range(50):
            await engine.rows("SELECT 'in use'")
            await engine.rows(f"SELECT {number}")
        rows = await engine.rows("SELECT count(*), min(name) FILTER (WHERE statement = 'SELECT ''in use''') FROM pg_prepared_statements")
        assert rows[0][0] <= 12
        assert rows[0][1] == "bw1"
        await engine.close()

    asyncio.run(main())


def test_sessions_start_alike(postgres_url: str) -> None:
    """Time zone, deadlines and name are set when a connection is made; the URL may choose others."""
    names = ("TimeZone", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "jit", "application_name")
    ask = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)

    async def main() -> None:
        async with opened(postgres_url, application_name="shop", lock_timeout=2) as engine:
            assert tuple((await engine.rows(ask))[0]) == ("UTC", "10s", "2s", "1min", "off", "shop")

    asyncio.run(main())


def test_a_lock_is_waited_for_so_long(postgres_url: str) -> None:
    """A row that another transaction has locked is a `LockNotAvailable` after lock_timeout."""

    async def body(engine: Engine) -> None:
        await add(engine, 1)
        async with engine.transaction() as one:
            await one.run("UPDATE item SET stock = 1")
            with pytest.raises(LockNotAvailable):
                await engine.write("UPDATE item SET stock = 2")

    with_items(postgres_url, body, lock_timeout=0.05)


def test_a_read_only_server_is_named(postgres_url: str) -> None:
    """Writing where only reading is allowed is not the caller's fault: it says what the server is."""

    async def main() -> None:
        async with opened(postgres_url, default_transaction_read_only="on") as engine:
            with pytest.raises(DatabaseUnavailable, match="replica"):
                await engine.write("CREATE TABLE t (a int)")

    asyncio.run(main())


def test_a_server_that_goes_away_is_missed_and_found_again(postgres_url: str) -> None:
    """While no connection can be made everybody is told at once; afterwards it works again without a restart."""

    async def body(engine: Engine) -> None:
        pool = engine._pool  # type: ignore[attr-defined]
        good, pool._url = pool._url, "postgresql://postgres@127.0.0.1:1/none"
        await kill_all(postgres_url)
        outcomes = await asyncio.gather(*(ids(engine) for _ in range(8)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailable}
        pool._url = good
        assert await ids(engine) == []

    with_items(postgres_url, body, pool=2, wait=3)


def test_one_statement_at_a_time(postgres_url: str) -> None:
    """Two statements at once in one transaction are refused, not mixed."""

    async def body(engine: Engine) -> None:
        with pytest.raises(DataError):
            async with engine.transaction() as tx:
                await asyncio.gather(tx.rows("SELECT pg_sleep(0.05)"), tx.rows("SELECT pg_sleep(0.05)"))
        assert await ids(engine) == []

    with_items(postgres_url, body, pool=1)
