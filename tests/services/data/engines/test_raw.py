"""A transaction for the caller's own SQL leaves nothing behind for the next one."""

import pytest

from backwright.data.engines.engine import Engine
from backwright.data.errors import DataError, UniqueViolated
from tests.support.engines import add, ids, with_items


def test_raw_settings_do_not_reach_the_next(postgres_url: str) -> None:
    """SET, SET ROLE, a temporary table, an advisory lock, LISTEN and PREPARE are gone when the connection serves the next."""

    async def body(engine: Engine) -> None:
        async with engine.transaction(raw=True) as tx:
            await tx.run("SET search_path TO pg_catalog")
            await tx.run("SET statement_timeout TO 12345")
            await tx.run("SET ROLE pg_monitor")
            await tx.run("CREATE TEMP TABLE scratch (a int)")
            await tx.run("PREPARE mine AS SELECT 1")
            await tx.run("LISTEN news")
            await tx.rows("SELECT pg_advisory_lock(7)")
        rows = await engine.rows(
            "SELECT current_setting('search_path'), current_setting('statement_timeout'), current_setting('TimeZone'), current_user::text,"
            " to_regclass('pg_temp.scratch')::text, (SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'),"
            " (SELECT count(*) FROM pg_listening_channels()), "
            " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
        )
        assert tuple(rows[0]) == ('"$user", public', "10s", "UTC", "postgres", None, 0, 0, 0)

    with_items(postgres_url, body, pool=1)


def test_raw_settings_do_not_reach_the_next_on_sqlite(sqlite_url: str) -> None:
    """A temporary table and pragmas are gone with the connection they were set on."""

    async def body(engine: Engine) -> None:
        async with engine.transaction(raw=True) as tx:
            await tx.run("CREATE TEMP TABLE scratch (a int)")
            await tx.run("PRAGMA case_sensitive_like = 1")
            await tx.run("PRAGMA query_only = 1")
        assert [tuple(row) for row in await engine.rows("SELECT count(*) FROM sqlite_temp_schema")] == [(0,)]
        async with engine.transaction() as tx:
            assert [tuple(row) for row in await tx.rows("SELECT count(*) FROM sqlite_temp_schema")] == [(0,)]
            assert [tuple(row) for row in await tx.rows("SELECT 'A' LIKE 'a'")] == [(1,)]
            await add(tx, 1)

    with_items(sqlite_url, body)


def test_a_raw_transaction_is_kept_or_undone_as_any_other(database_url: str) -> None:
    """Its body decides, and its errors are translated."""

    async def body(engine: Engine) -> None:
        async with engine.transaction(raw=True) as tx:
            await add(tx, 1)
        with pytest.raises(UniqueViolated):
            async with engine.transaction(raw=True) as tx:
                await add(tx, 2)
                await add(tx, 1)
        async with engine.transaction(raw=True, read_only=True) as tx:
            assert await ids(tx) == [1]
        with pytest.raises(DataError):
            async with engine.transaction(raw=True, read_only=True) as tx:
                await add(tx, 3)
        assert await ids(engine) == [1]

    with_items(database_url, body)


def test_a_body_that_ends_its_own_transaction_is_told(database_url: str) -> None:
    """A COMMIT in the caller's SQL is noticed, and the connection is clean for the next."""

    async def body(engine: Engine) -> None:
        with pytest.raises(DataError, match="ended the transaction itself"):
            async with engine.transaction(raw=True) as tx:
                await tx.run("COMMIT")
        await add(engine, 1)
        assert await ids(engine) == [1]

    with_items(database_url, body)


@pytest.mark.parametrize("command", ["COMMIT", "rollback", "/* now */ RELEASE turn", "-- go\nSAVEPOINT mine", "BEGIN"])
def test_commands_for_the_connection_are_for_raw_transactions_only(database_url: str, command: str) -> None:
    """What would end the transaction, or outlive it on a connection that others share, is refused, and harms nobody."""

    async def body(engine: Engine) -> None:
        with pytest.raises(DataError, match="raw=True"):
            await engine.write(command)
        with pytest.raises(DataError, match="raw=True"):
            async with engine.transaction() as tx:
                await add(tx, 1)
                await tx.run(command)
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(database_url, body, **({"pool": 1} if database_url.startswith("postgresql") else {}))


def test_the_kit_s_own_transactions_are_not_reset(postgres_url: str) -> None:
    """Statements stay prepared from one transaction to the next: no reset runs between them."""

    async def body(engine: Engine) -> None:
        for _ in range(5):
            await ids(engine)
            async with engine.transaction() as tx:
                await ids(tx)
        rows = await engine.rows("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT id FROM item%'")
        assert [tuple(row) for row in rows] == [(1,)]

    with_items(postgres_url, body, pool=1)
