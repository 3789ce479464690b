"""What a user's operation can do in its transaction, and what it can see of it, on both databases."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
import pytest

from backwright.data.errors import SerializationFailed
from backwright.data.outbox import OutboxMessage
from backwright.domain.access import allow, anyone, signed_in
from backwright.domain.entity import Account, Entity
from backwright.domain.events import Event
from backwright.domain.fields import Id, PartOf
from backwright.domain.refusals import NotFound, Refusal, Unauthenticated
from backwright.operations.call import Call
from backwright.operations.caller import ANONYMOUS
from backwright.operations.operation import Operation
from backwright.operations.rules import Rule
from backwright.operations.transaction import Transaction
from tests.support.spine import Spine, call, spine


class State(Enum):
    """How far it got."""

    NEW, DONE = "new", "done"


class Buyer(Account):
    """Somebody who orders."""


class Order(Entity):
    """What only its buyer sees."""

    buyer: Id[Buyer]
    total: Decimal = Decimal(0)
    due: date | None = None
    state: State = State.NEW


class Line(Entity):
    """A part of an order."""

    order: PartOf[Order]
    copies: int = 1


class Hint(Entity):
    """What every buyer sees, and nobody else."""

    text: str


class Placed(Event):
    """An order was placed."""

    order: Id[Order]
    total: Decimal
    state: State


def buyer(order: Order, who: Buyer) -> bool:
    """Whether it is the caller's own."""
    return order.buyer == who.id


ENTITIES = [Buyer, Order, Line, Hint]
ACCESS = [allow(Order, read=buyer), allow(Hint, read=signed_in), allow(Buyer, read=anyone)]
LIMIT = 4  # a variable of the module, for conditions


async def _two(opened: Spine) -> tuple[Buyer, Buyer, list[Order]]:
    async with opened.tx() as tx:
        ada, bob = tx.add_many([Buyer(email="ada@example.org"), Buyer(email="bob@example.org")])
        orders = tx.add_many([Order(buyer=who.id, total=Decimal(n)) for n, who in enumerate((ada, bob, ada, bob, ada))])
        tx.add_many([Line(order=order.id, copies=n) for n, order in enumerate(orders)])
    return ada, bob, orders


# --- seeing -----------------------------------------------------------------------------------------------------------


def test_a_transaction_sees_with_the_callers_eyes(database_url: str) -> None:
    """Get, lock, many, find, first and count of another's row: as if it were not there."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, bob, orders = await _two(opened)
            async with opened.tx(ada) as tx:
                theirs = orders[1].id
                for read in (
                    tx.get(Order, theirs),
                    tx.lock(Order, theirs),
                    tx.many(Order, [orders[0].id, theirs]),
                    tx.lock(Order, [theirs]),
                ):
                    with pytest.raises(NotFound):
                        await read
                assert {order.buyer for order in await tx.find(Order)} == {ada.id}
                assert await tx.first(Order, lambda o: o.buyer == bob.id) is None
                assert (await tx.count(Order), await tx.count(Order, lambda o: o.total > 0)) == (3, 2)

        opened.run(body())

def test_reading_a_row_by_its_id_sees_what_was_deleted_with_its_whole(database_url: str) -> None:
    """A deletion that waits is written before a row is read by its id: a part of what is deleted is not found."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            _, _, orders = await _two(opened)
            line = next(line for line in await opened.all(Line) if line.order == orders[0].id)
            async with opened.tx() as tx:
                tx.delete(await tx.trusted.get(Order, orders[0].id))
                with pytest.raises(NotFound):
                    await tx.get(Line, line.id)

        opened.run(body())


def test_reading_rows_by_id_writes_nothing_early(database_url: str) -> None:
    """Changes wait until the end, or until a read that they could make a difference to: each row is written once."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            _, _, orders = await _two(opened)
            async with opened.tx() as tx:
                for order in orders:
                    row = await tx.trusted.get(Order, order.id)
                    row.total += 1
                    assert (await tx.trusted.lock(Hint, [])) == {} and row.version == 1
                assert len(await tx.trusted.find(Order, lambda o: o.total >= 1)) == 5
                assert [(await tx.trusted.get(Order, order.id)).version for order in orders] == [2] * 5

        opened.run(body())


def test_trusted_looks_past_the_rules(database_url: str) -> None:
    """``tx.trusted`` is the same transaction without the read rules."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, orders = await _two(opened)
            async with opened.tx(ada) as tx:
                theirs = await tx.trusted.lock(Order, orders[1].id)
                theirs.total = Decimal(99)
                assert await tx.trusted.count(Order) == 5
            assert [order.total for order in await opened.all(Order)][1] == 99

        opened.run(body())


def test_a_rule_about_the_caller_alone_counts_too(database_url: str) -> None:
    """Nobody finds what only the signed-in may read, although the rule asks nothing of the row."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, _ = await _two(opened)
            await opened.given(Hint(text="psst"))
            async with opened.tx() as tx:
                assert await tx.find(Hint) == []
            async with opened.tx(ada) as tx:
                assert len(await tx.find(Hint)) == 1

        opened.run(body())


def test_entities_outside_the_access_table_are_the_operations_own(database_url: str) -> None:
    """What cannot be reached from outside has no rule to obey inside."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, _ = await _two(opened)
            async with opened.tx(ada) as tx:
                assert await tx.count(Line) == 5

        opened.run(body())


def test_the_caller_is_there_or_refused(database_url: str) -> None:
    """``tx.caller`` is the account; where one is needed and nobody signed in it is a refusal."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, _ = await _two(opened)
            async with opened.tx(ada) as tx:
                assert tx.caller is ada and tx.now == call().request.time
            async with opened.tx() as tx:
                assert tx.caller is None
            async with opened.executor.opened(Call(ANONYMOUS, call().request)) as tx:
                with pytest.raises(Unauthenticated):
                    _ = tx.caller

        opened.run(body())


# --- asking -----------------------------------------------------------------------------------------------------------


def test_a_query_is_put_together(database_url: str) -> None:
    """Conditions joined by and, with captured values; order, limit and offset; first and count."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            await _two(opened)
            async with opened.tx() as tx:
                least, lines = 1, tx.query(Line)
                found = lines.where(lambda line: line.copies >= least).where(lambda line: line.copies < LIMIT)
                found = found.order_by(lambda line: line.copies, descending=True)
                assert await found.count() == 3
                assert [line.copies for line in await found.offset(1).all()] == [2, 1]
                assert [line.copies for line in await found.limit(1).all()] == [2]
                assert [line.copies for line in await tx.query(Line).order_by(lambda line: line.copies).limit(2).all()] == [0, 1]
                assert await tx.query(Line).where(lambda line: line.copies > 100).first() is None

        opened.run(body())


def test_a_captured_value_is_that_of_now(database_url: str) -> None:
    """One lambda in a loop is one statement, bound each time to the value that it sees."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            await _two(opened)
            async with opened.tx() as tx:
                found = []
                for wanted in (3, 1, 2):
                    found += await tx.find(Line, lambda line: line.copies == wanted)  # noqa: B023
                assert [line.copies for line in found] == [3, 1, 2]
                many = [0, 4]
                assert [line.copies for line in await tx.find(Line, lambda line: line.copies in many)] == many

        opened.run(body())


def test_related_rows_come_in_one_statement(database_url: str) -> None:
    """Eager loading made explicit: what the rows refer to, by id, each once."""
    asked: list[str] = []
    with spine(database_url, ENTITIES, ACCESS, hook=lambda sql, seconds: asked.append(sql)) as opened:

        async def body() -> None:
            await _two(opened)
            async with opened.tx() as tx:
                orders = await tx.trusted.find(Order)
                asked.clear()
                buyers = await tx.related(orders, lambda order: order.buyer)
                assert {buyers[order.buyer].email for order in orders} == {"ada@example.org", "bob@example.org"}
                assert len(asked) == 1 and await tx.related([], lambda order: order.buyer) == {}

        opened.run(body())


def test_reads_see_what_was_changed_before(database_url: str) -> None:
    """What was added, changed and deleted so far is written before anything is read."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, orders = await _two(opened)
            async with opened.tx(ada) as tx:
                (await tx.lock(Order, orders[0].id)).total = Decimal(50)
                tx.delete(await tx.get(Order, orders[2].id))
                new = tx.add(Order(buyer=ada.id, total=Decimal(60)))
                assert [o.total for o in await tx.find(Order, lambda o: o.total > 3)] == [50, 4, 60]
                assert await tx.count(Order) == 3 and await tx.get(Order, new.id) is new
                with pytest.raises(NotFound):
                    await tx.get(Order, orders[2].id)

        opened.run(body())


class Sum(msgspec.Struct):
    """A row of raw SQL."""

    id: Any
    due: date | None
    created: datetime
    lines: int


def test_raw_sql_is_parameterised_and_typed(database_url: str) -> None:
    """``:name`` binds values in the kit's own forms, rows become Structs or plain values, and no value becomes text."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, orders = await _two(opened)
            async with opened.tx(ada) as tx:
                day, state, moment, hour = date(2026, 1, 2), State.DONE, datetime(2026, 1, 2, 3, tzinfo=UTC), timedelta(hours=1)
                changed = await tx.execute(
                    "UPDATE \"order\" SET due = :day, state = :state, created_at = :moment WHERE id = :id AND ':x' = ':x'",
                    day=day, state=state, moment=moment, id=orders[1].id,
                )  # fmt: skip
                text = 'SELECT o.id, due, created_at, count(*) FROM "order" o JOIN line l ON order_id = o.id WHERE due = :day GROUP BY o.id'
                (found,) = await tx.sql(Sum, text, day=day)
                assert (changed, str(found.id), found.due, found.created, found.lines) == (1, str(orders[1].id), day, moment, 1)
                assert await tx.sql(int, 'SELECT count(*) FROM "order" WHERE created_at < :late', late=moment + hour) == [1]
                assert await tx.sql(str, "SELECT email FROM buyer WHERE email = :mail", mail="x' OR '1'='1") == []
                with pytest.raises(TypeError, match="names"):
                    await tx.sql(int, "SELECT 1 WHERE 1 = :one", two=2)

        opened.run(body())


def test_refresh_reads_into_the_same_object(database_url: str) -> None:
    """What raw SQL changed is seen in the object at hand; a row that is gone is not found."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, orders = await _two(opened)
            async with opened.tx(ada) as tx:
                order = await tx.get(Order, orders[0].id)
                await tx.execute('UPDATE "order" SET due = :day WHERE id = :id', day=date(2030, 1, 1), id=order.id)
                assert order.due is None
                assert await tx.refresh(order) is order and order.due == date(2030, 1, 1)
                await tx.execute('DELETE FROM "order"')
                with pytest.raises(NotFound):
                    await tx.refresh(order)

        opened.run(body())


# --- all or nothing ---------------------------------------------------------------------------------------------------


class Stop(Refusal):
    """Not like this."""


@pytest.mark.parametrize("error", [Stop, RuntimeError, asyncio.CancelledError])
def test_nothing_is_half_written(database_url: str, error: type[BaseException]) -> None:
    """A function that raises, whatever it raises, leaves no row, no change and no event."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, orders = await _two(opened)

            async def fails(tx: Transaction[Buyer]) -> None:
                new = tx.add(Order(buyer=ada.id))
                tx.emit(Placed(order=new.id, total=Decimal(1), state=State.NEW))
                (await tx.lock(Order, orders[0].id)).total = Decimal(77)
                tx.delete(await tx.get(Order, orders[2].id))
                await tx.flush()
                raise error()

            with pytest.raises(error):
                await opened.executor.command(_operation(fails), {}, call(ada))
            assert [order.total for order in await opened.all(Order)] == [0, 1, 2, 3, 4] and await opened.all(OutboxMessage) == []

        opened.run(body())


def test_events_are_promised_with_the_commit(database_url: str) -> None:
    """An emitted event is a row of the outbox, named by its class in full, with its values, at the transaction's time."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, orders = await _two(opened)
            async with opened.tx(ada) as tx:
                order = await tx.get(Order, orders[0].id)
                tx.emit(Placed(order=order.id, total=Decimal("1.50"), state=order.state))
            (promised,) = await opened.all(OutboxMessage)
            assert promised.name == f"{__name__}.Placed" and promised.emitted_at == call().request.time
            assert promised.payload == {"order": str(order.id), "total": "1.50", "state": "new"} and promised.relayed_at is None

        opened.run(body())


def test_a_function_runs_again_after_a_serialization_failure(database_url: str) -> None:
    """What the first attempt added is forgotten: the second is as if it were the first."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, _ = await _two(opened)
            attempts = 0

            async def place(tx: Transaction[Buyer]) -> Order:
                nonlocal attempts
                attempts += 1
                order = tx.add(Order(buyer=tx.caller.id, total=Decimal(attempts)))
                await tx.flush()
                if attempts < 3:
                    raise SerializationFailed("another was first")
                return order

            reply = await opened.executor.command(_operation(place), {}, call(ada))
            assert attempts == 3 and '"total":"3.0000"' in (reply.text or "").replace(" ", "")
            assert await _count(opened, Order) == 6

        opened.run(body())


def test_results_are_represented_as_anywhere(database_url: str) -> None:
    """An entity, a list of them in its order, an empty list, nothing, a plain value."""
    with spine(database_url, ENTITIES, ACCESS) as opened:

        async def body() -> None:
            ada, _, orders = await _two(opened)

            async def backwards(tx: Transaction[Buyer]) -> list[Order]:
                return [await tx.get(Order, orders[n].id) for n in (4, 0, 2)]

            async def empty(tx: Transaction[Buyer]) -> list[Order]:
                return []

            async def nothing(tx: Transaction[Buyer]) -> None:
                return None

            reply = await opened.executor.command(_operation(backwards), {}, call(ada))
            assert [msgspec.json.decode(text)["id"] for text in reply.items or ()] == [str(orders[n].id) for n in (4, 0, 2)]
            reply = await opened.executor.command(_operation(empty), {}, call(ada))
            assert (reply.items or reply.value) == []
            reply = await opened.executor.command(_operation(nothing), {}, call(ada))
            assert (reply.text, reply.items, reply.value) == (None, None, None)

        opened.run(body())


def _operation(function: Any) -> Operation:
    return Operation(name=function.__name__, verb="call", rule=Rule("anyone", needs_caller=False), function=function)


async def _count(opened: Spine, entity: type[Entity]) -> int:
    return len(await opened.all(entity))
