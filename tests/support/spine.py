"""A model open on a database: engine, statements and executor, in a loop of their own, for tests that are not async themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from backwright.data.engines.address import engine_at
from backwright.data.engines.engine import Engine
from backwright.data.outbox import OutboxMessage
from backwright.data.plans import EntityPlans
from backwright.data.schema import create_all_sql
from backwright.data.sql.parameters import Environment
from backwright.data.sql.statements import Statement
from backwright.data.unit import Unit
from backwright.domain.access import Grant
from backwright.domain.entity import Entity
from backwright.domain.model import Model, build_model
from backwright.domain.request import Request
from backwright.operations.call import Call
from backwright.operations.caller import ANONYMOUS, Caller
from backwright.operations.execution import Executor
from backwright.operations.idempotency import IdempotencyClaim
from backwright.operations.library import Library
from backwright.operations.operation import Catalogue, build_catalogue
from backwright.operations.records import Records
from backwright.operations.transaction import Transaction

T = TypeVar("T")
NOW = datetime(2026, 11, 21, 12, 30, 15, 123456, tzinfo=UTC)


class Spine:
    """One model on one open database."""

    def __init__(self, engine: Engine, model: Model, catalogue: Catalogue, runner: asyncio.Runner) -> None:
        self.engine, self.model, self.catalogue = engine, model, catalogue
        self.library = Library(model, engine.dialect, catalogue.read)
        self.plans = self.library.plans
        self.executor = Executor(engine, self.library, asyncio.sleep)
        self.records = Records(self.executor, catalogue.rules)
        self._runner = runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await in the spine's own loop."""
        return self._runner.run(_bounded(work))

    def __getitem__(self, entity: type[Entity]) -> EntityPlans:
        return self.plans[entity]

    async def ask(self, statement: Statement, **inputs: Any) -> Sequence[Sequence[Any]]:
        """The rows of one compiled statement, for nobody."""
        return await self.engine.rows(statement.sql, statement.bind(Environment(inputs)))

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """A unit of work in a transaction, flushed at the end."""
        async with self.executor._unit(NOW) as (_, unit):  # pyright: ignore[reportPrivateUsage]
            yield unit

    @asynccontextmanager
    async def tx(self, caller: Entity | None = None) -> AsyncIterator[Transaction[Any]]:
        """A transaction with the caller's eyes."""
        async with self.executor.opened(call(caller)) as tx:
            yield tx

    async def given(self, *rows: Entity) -> None:
        """Insert rows."""
        async with self.tx() as tx:
            tx.add_many(rows)

    async def all(self, entity: type[Any]) -> list[Any]:
        """Every row, in order of ids, whatever the rules."""
        async with self.tx() as tx:
            return await tx.trusted.find(entity)


async def _bounded(work: Coroutine[Any, Any, T]) -> T:
    async with asyncio.timeout(60):
        return await work


def call(caller: Entity | None = None, **words: Any) -> Call:
    """A call by an account, or by nobody."""
    who = ANONYMOUS if caller is None else Caller.of(caller)
    return Call(who, Request(NOW, "192.0.2.1", who.factor), anonymous_allowed=True, **words)


@contextmanager
def spine(
    url: str, entities: Iterable[type[Entity]], access: Sequence[Grant] = (), hook: Callable[[str, float], None] | None = None
) -> Iterator[Spine]:
    """The entities' tables in the empty database at `url`, open; closed at the end."""
    model = build_model([*entities, OutboxMessage, IdempotencyClaim])
    query = "?synchronous=off" if url.startswith("sqlite") else ""
    with asyncio.Runner() as runner:
        engine = engine_at(url + query, on_statement=hook, slow=0.0 if hook else 0.1)
        runner.run(_open(engine, model))
        try:
            yield Spine(engine, model, build_catalogue(access, model), runner)
        finally:
            runner.run(engine.close())


async def _open(engine: Engine, model: Model) -> None:
    await engine.open()
    async with engine.transaction() as session:
        for sql in create_all_sql(model, engine.dialect, mapped=True):
            await session.run(sql)


def values(item: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """Some fields of an object, with their types, so that 1 and True and 1.0 differ."""
    return {name: (type(value := getattr(item, name)).__mro__[-2].__name__, value) for name in names}
