"""Transactions at the same time: locks, their order, conflicts and running again, on both databases."""

import asyncio
from typing import Any

import pytest

from backwright.domain.entity import Entity
from backwright.domain.fields import Id
from backwright.domain.refusals import NotFound
from backwright.operations.operation import Operation
from backwright.operations.rules import Rule
from backwright.operations.transaction import Transaction
from tests.support.spine import Spine, call, spine


class Purse(Entity):
    """Kept with a version."""

    coins: int = 10


class Jar(Entity, stamps=False, versioned=False):
    """Kept without one: only a lock keeps its changes apart."""

    coins: int = 10


ENTITIES = [Purse, Jar]


async def _command(opened: Spine, function: Any, **inputs: Any) -> Any:
    operation = Operation(name=function.__name__, verb="call", rule=Rule("anyone", needs_caller=False), function=function)
    return await opened.executor.command(operation, inputs, call())


@pytest.mark.parametrize("entity", [Purse, Jar])
def test_no_change_is_lost(database_url: str, entity: type[Any]) -> None:
    """Twenty transactions at once that lock, read and change one row: every change counts."""
    with spine(database_url, ENTITIES) as opened:

        async def add(tx: Transaction[None], key: Any) -> None:
            row = await tx.lock(entity, key)
            await asyncio.sleep(0)
            row.coins += 1

        async def body() -> None:
            row = entity()
            await opened.given(row)
            await asyncio.gather(*(_command(opened, add, key=row.id) for _ in range(20)))
            assert [found.coins for found in await opened.all(entity)] == [30]

        opened.run(body())


def test_locks_are_taken_in_one_order(database_url: str) -> None:
    """Transactions that ask for the same rows in opposite orders wait for each other, and none has to run again."""
    with spine(database_url, ENTITIES) as opened:
        runs = 0

        async def move(tx: Transaction[None], keys: list[Id[Jar]]) -> None:
            nonlocal runs
            runs += 1
            jars = await tx.lock(Jar, keys)
            await asyncio.sleep(0.001)
            jars[keys[0]].coins -= 1
            jars[keys[-1]].coins += 1

        async def body() -> None:
            jars = [Jar() for _ in range(5)]
            await opened.given(*jars)
            keys = [jar.id for jar in jars]
            await asyncio.gather(*(_command(opened, move, keys=keys if n % 2 else keys[::-1]) for n in range(12)))
            assert runs == 12 and [jar.coins for jar in await opened.all(Jar)] == [10] * 5

        opened.run(body())


def test_changes_are_written_in_one_order(database_url: str) -> None:
    """Rows that were only read and then changed are written in order of their ids, so that no deadlock comes of it either."""
    with spine(database_url, ENTITIES) as opened:
        runs = 0

        async def change(tx: Transaction[None], keys: list[Id[Jar]]) -> None:
            nonlocal runs
            runs += 1
            for key in keys:
                (await tx.trusted.many(Jar, [key]))[key].coins = len(keys)
            await asyncio.sleep(0.001)

        async def body() -> None:
            jars = [Jar(coins=0) for _ in range(4)]
            await opened.given(*jars)
            keys = [jar.id for jar in jars]
            await asyncio.gather(*(_command(opened, change, keys=keys if n % 2 else keys[::-1]) for n in range(8)))
            assert runs == 8 and [jar.coins for jar in await opened.all(Jar)] == [4] * 4

        opened.run(body())


def test_a_lock_brings_the_present_values(postgres_url: str) -> None:
    """What was read before and changed by another meanwhile has its present values once it is locked."""
    with spine(postgres_url, ENTITIES) as opened:

        async def body() -> None:
            jar = Jar()
            await opened.given(jar)
            async with opened.tx() as tx:
                early = await tx.get(Jar, jar.id)
                async with opened.tx() as other:
                    (await other.lock(Jar, jar.id)).coins = 3
                locked = await tx.lock(Jar, jar.id)
                assert locked is early and locked.coins == 3
                locked.coins += 1
            assert [found.coins for found in await opened.all(Jar)] == [4]

        opened.run(body())


def test_a_row_deleted_meanwhile_is_not_locked(postgres_url: str) -> None:
    """A row that another deleted is not found, though this transaction has read it."""
    with spine(postgres_url, ENTITIES) as opened:

        async def body() -> None:
            jar = Jar()
            await opened.given(jar)
            async with opened.tx() as tx:
                await tx.get(Jar, jar.id)
                async with opened.tx() as other:
                    other.delete(await other.lock(Jar, jar.id))
                with pytest.raises(NotFound):
                    await tx.lock(Jar, jar.id)
                with pytest.raises(NotFound):
                    await tx.lock(Jar, [jar.id])

        opened.run(body())


def test_a_stale_row_makes_the_function_run_again(postgres_url: str) -> None:
    """A versioned row that was read without a lock and changed by another: the function runs again on the new values."""
    with spine(postgres_url, ENTITIES) as opened:
        runs = 0

        async def careless(tx: Transaction[None], key: Any) -> None:
            nonlocal runs
            runs += 1
            purse = await tx.get(Purse, key)
            if runs == 1:
                async with opened.tx() as other:
                    (await other.lock(Purse, key)).coins += 100
            purse.coins += 1

        async def body() -> None:
            purse = Purse()
            await opened.given(purse)
            await _command(opened, careless, key=purse.id)
            assert (runs, [(p.coins, p.version) for p in await opened.all(Purse)]) == (2, [(111, 3)])

        opened.run(body())


def test_a_deadlock_is_broken_by_running_again(postgres_url: str) -> None:
    """Two transactions that lock row by row against each other: the database stops one of them, and it runs again."""
    with spine(postgres_url, ENTITIES) as opened:
        runs = 0
        first_locks = asyncio.Barrier(2)

        async def crossing(tx: Transaction[None], keys: list[Id[Jar]]) -> None:
            nonlocal runs
            runs += 1
            (await tx.lock(Jar, keys[0])).coins += 1
            if runs <= 2:
                await first_locks.wait()
            (await tx.lock(Jar, keys[1])).coins += 1

        async def body() -> None:
            jars = [Jar(), Jar()]
            await opened.given(*jars)
            keys = [jar.id for jar in jars]
            await asyncio.gather(_command(opened, crossing, keys=keys), _command(opened, crossing, keys=keys[::-1]))
            assert runs == 3 and [jar.coins for jar in await opened.all(Jar)] == [12, 12]

        opened.run(body())


def test_a_query_locks_what_it_finds(postgres_url: str) -> None:
    """``query(...).lock()`` holds its rows against others until the end."""
    with spine(postgres_url, ENTITIES) as opened:

        async def body() -> None:
            await opened.given(Jar(coins=1), Jar(coins=2))
            order: list[str] = []

            async def late() -> None:
                async with opened.tx() as tx:
                    for jar in await tx.query(Jar).lock().all():
                        jar.coins += 1
                order.append("second")

            async with opened.tx() as tx:
                found = await tx.query(Jar).where(lambda jar: jar.coins > 1).lock().all()
                task = asyncio.create_task(late())
                await _waiting(opened)
                found[0].coins = 10
                order.append("first")
            await task
            assert order == ["first", "second"] and [jar.coins for jar in await opened.all(Jar)] == [2, 11]

        opened.run(body())


async def _waiting(opened: Spine) -> None:
    """Until some statement of this database waits for a lock."""
    text = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while (await opened.engine.rows(text))[0][0] == 0:
        await asyncio.sleep(0)
