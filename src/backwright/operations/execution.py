"""Running operations in transactions: one place that begins, retries, claims idempotency keys, flushes and translates errors."""

import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, TypeGuard, TypeVar

from backwright.data.engines.engine import Engine, Session
from backwright.data.errors import Busy, DatabaseUnavailable, DataError, ReferenceViolated, SerializationFailed
from backwright.data.ids import new_uuid
from backwright.data.references import ReferenceInDoubt, missing, suspects
from backwright.data.sql.parameters import Environment
from backwright.data.unit import StaleRow, Unit
from backwright.domain.access import Isolation
from backwright.domain.entity import Entity
from backwright.domain.model import EntityModel, Model
from backwright.operations.call import Call
from backwright.operations.idempotency import Claims, scope
from backwright.operations.library import Library
from backwright.operations.operation import Operation
from backwright.operations.reply import NOTHING, Reply
from backwright.operations.results import ANSWERS
from backwright.operations.transaction import Transaction
from backwright.operations.translate import refusal

T = TypeVar("T")
Work = Callable[[Session, Unit], Awaitable[Reply]]
Pause = Callable[[float], Coroutine[Any, Any, None]]

ATTEMPTS = 10
"""Each failed attempt was another's success, so few who meet on one row need so many; who does is told 409."""


class Executor:
    """Runs the work of operations on one database."""

    def __init__(self, engine: Engine, library: Library, pause: Pause) -> None:
        self.engine = engine
        self.library = library
        self.model: Model = library.model
        self._claims = Claims(library.plans)
        self._pause = pause
        self.kinds: dict[str, Callable[[Operation, dict[str, Any], Call], Awaitable[Reply]]] = {"Transaction": self._in_transaction}
        """How each kind of function is run; higher floors add theirs."""
        self.changed: Callable[[type[Entity], Any], None] = lambda entity, id: None
        """Told of every row that was changed or removed, after the commit."""
        self.away: Callable[[DatabaseUnavailable], None] = lambda error: None
        """Told when the database could not be reached."""

    async def transact(self, operation: str, call: Call, work: Work) -> Reply:
        """Run `work` in a transaction; its changes are flushed and durable when this returns. Raises refusals and faults."""
        return await self._retried(lambda: self._once(operation, call, work))

    async def _retried(self, once: Callable[[], Awaitable[T]]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await once()
            except (SerializationFailed, StaleRow) as error:
                if attempt == ATTEMPTS:
                    raise self.translated(error) from error
                await self._pause(0.005 * 2 ** min(attempt, 6) * random.random())
            except DataError as error:
                raise await self.explained(error) from error
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _unit(self, now: datetime, isolation: Isolation | None = None) -> AsyncGenerator[tuple[Session, Unit]]:
        """A transaction with its unit of work; what is left is flushed at the end, and after the commit the changes are told."""
        async with self.engine.transaction(isolation=isolation) as session:
            unit = Unit(session, self.library.plans, lambda: now, self.library.new_id)
            await self.library.integers.reserve(session, self.library.dialect)
            yield session, unit
            await unit.flush()
        for entity, key in unit.touched:
            self.changed(entity, key)

    async def _once(self, operation: str, call: Call, work: Work) -> Reply:
        async with self._unit(call.request.time, call.isolation) as (session, unit):
            if call.idempotency_key is None:
                return await work(session, unit)
            key = scope(call, operation)
            stored = await self._claims.claim(session, key, call.body_digest, new_uuid(), call.request.time)
            if stored is not None:
                return stored
            reply = await work(session, unit)
            await unit.flush()
            await self._claims.answer(session, key, reply)
            return reply

    def translated(self, error: DataError) -> Exception:
        """The refusal that a database error means, or the error itself where it is a fault."""
        if isinstance(error, DatabaseUnavailable) and not isinstance(error, Busy):
            self.away(error)
        return refusal(error, self.model) or error

    async def explained(self, error: DataError) -> Exception:
        """Like `translated`, once the transaction is over: a database that did not say which reference points to nothing is asked."""
        if isinstance(error, ReferenceInDoubt):
            with suppress(DataError):
                error = await missing(self.engine.rows, self.library.plans, error)
        return self.translated(error)

    async def guarded(self, work: Awaitable[T]) -> T:
        """Await a single statement; database errors come out as refusals."""
        try:
            return await work
        except DataError as error:
            raise self.translated(error) from error

    async def inserted(self, work: Awaitable[T], model: EntityModel, values: Mapping[str, Any]) -> T:
        """Await the single statement that inserts these values; database errors come out as refusals."""
        try:
            return await work
        except ReferenceViolated as error:
            doubt = ReferenceInDoubt(list(suspects(model, values, lambda entity, key: False)))
            raise await self.explained(error if error.columns else doubt) from error
        except DataError as error:
            raise self.translated(error) from error

    # --- users' functions ---------------------------------------------------------------------------------------------

    async def command(self, operation: Operation, inputs: dict[str, Any], call: Call) -> Reply:
        """Call a user's function and represent what it returns."""
        return await self.kinds[operation.kind](operation, inputs, call)

    async def _in_transaction(self, operation: Operation, inputs: dict[str, Any], call: Call) -> Reply:
        function = operation.function
        assert function is not None
        call.anonymous_allowed = operation.anonymous
        call.isolation = operation.isolation

        async def work(session: Session, unit: Unit) -> Reply:
            result = await function(Transaction(session, unit, self.library, call), **inputs)
            await unit.flush()
            return await self.represent(session, call, result)

        return await self.transact(operation.name, call, work)

    @asynccontextmanager
    async def opened(self, call: Call) -> AsyncGenerator[Transaction[Any]]:
        """A transaction for whoever runs outside of one. Raises refusals."""
        try:
            async with self._unit(call.request.time) as (session, unit):
                yield Transaction(session, unit, self.library, call)
        except DataError as error:
            raise await self.explained(error) from error

    async def store(self, item: Entity, now: datetime) -> Entity:
        """Insert one row in a transaction of its own. Raises refusals."""

        async def once() -> Entity:
            async with self._unit(now) as (_, unit):
                unit.add(item)
            return item

        return await self._retried(once)

    async def amend(self, entity: type[Entity], key: Any, values: dict[str, Any], now: datetime) -> None:
        """Set fields of one row in a transaction of its own, whoever asks. Raises refusals."""
        plans = self.library.plans[entity]

        async def once() -> None:
            async with self._unit(now) as (session, unit):
                for row in plans.rows(await session.rows(plans.lock.sql, plans.lock.bind(Environment({"ids": [key]})))):
                    await unit.load_links(entity, [row])
                    item = unit.attach(row)
                    for name, value in values.items():
                        setattr(item, name, value)

        await self._retried(once)

    async def represented(self, call: Call, result: Any) -> Reply:
        """Represent the result of a function that ran outside a transaction."""
        if not isinstance(result, Entity | list):
            return plain_reply(call, result)
        async with self.engine.transaction(read_only=True) as session:
            return await self.represent(session, call, result)

    async def represent(self, session: Session, call: Call, result: Any) -> Reply:
        """A result for the door: entities are read back by the same statement that reads them anywhere else."""
        if result is None:
            return NOTHING
        if isinstance(result, Entity):
            rows = await self.representations(session, call, type(result), [result.id])
            return Reply(text=rows[0][0], version=rows[0][1], id=result.id)
        if rows_of(result):
            found = await self.representations(session, call, type(result[0]), [item.id for item in result])
            return Reply(items=[text for text, _ in found])
        return plain_reply(call, result)

    async def representations(self, session: Session, call: Call, entity: type[Entity], ids: list[Any]) -> list[tuple[str, int | None]]:
        """The JSON texts and versions of rows, in the order of `ids`."""
        shape = call.shape
        if shape is not None and shape.model.entity is entity:
            statement = self.library.made(("several", shape), lambda: self.library.plans.statements.several(shape))
        else:
            statement = self.library.plans[entity].several
        rows = await session.rows(statement.sql, statement.bind(Environment({"ids": ids}, call.caller.account, call.request)))
        by_id = {str(row[2]): (row[0], row[1]) for row in rows}
        return [by_id[str(key)] for key in ids]


def rows_of(result: Any) -> TypeGuard[list[Entity]]:
    """Whether it is a list of entities, and not an empty one."""
    items: list[Any] = result if isinstance(result, list) else []  # pyright: ignore[reportUnknownVariableType]
    return bool(items) and all(isinstance(item, Entity) for item in items)


def plain_reply(call: Call, result: Any) -> Reply:
    """A value as the door writes it; what is more than a value (`Text`, `File`) is left to the door."""
    if result is None or call.encode is None or isinstance(result, ANSWERS):
        return Reply(value=result)
    return Reply(text=call.encode(result).decode())
