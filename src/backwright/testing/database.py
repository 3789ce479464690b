"""An app, open on a database of its own, and the words that tests use on it: given, as_, call, get."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Concatenate, ParamSpec, TypeVar, cast, get_origin, get_type_hints, overload

from backwright.app.app import App
from backwright.app.running import Running
from backwright.data.database import Database
from backwright.data.engines.engine import Dialect
from backwright.data.schema import create_all_sql
from backwright.domain.entity import Account, Entity
from backwright.domain.fields import Id
from backwright.domain.request import Request
from backwright.identity.passwords import FOR_TESTS
from backwright.observe.events import Event, FaultRaised
from backwright.operations.call import Call
from backwright.operations.caller import ANONYMOUS, Caller
from backwright.operations.operation import Operation
from backwright.operations.rules import Rule
from backwright.operations.transaction import Transaction
from backwright.settings.kit import KitSettings
from backwright.testing.clock import Clock
from backwright.testing.scratch import scratch

E = TypeVar("E", bound=Entity)
E1 = TypeVar("E1", bound=Entity)
E2 = TypeVar("E2", bound=Entity)
E3 = TypeVar("E3", bound=Entity)
E4 = TypeVar("E4", bound=Entity)
R = TypeVar("R")
P = ParamSpec("P")

SECRET = "only for tests: neither random nor secret"


class OpenApp:
    """An app under test; made by `open_app`."""

    def __init__(self, app: App, running: Running, clock: Clock) -> None:
        self.app = app
        self.running = running
        self.clock = clock
        self.events: list[Event] = []
        """Everything that was observed, in order."""
        self._tokens: dict[tuple[str, Any], str] = {}
        running.observer.add(self.events.append)

    @property
    def faults(self) -> list[FaultRaised]:
        """What went wrong inside the app while it answered, with tracebacks."""
        return [event for event in self.events if isinstance(event, FaultRaised)]

    # --- what is there ------------------------------------------------------------------------------------------------

    @overload
    async def given(self, one: E, /) -> E: ...
    @overload
    async def given(self, one: E1, two: E2, /) -> tuple[E1, E2]: ...
    @overload
    async def given(self, one: E1, two: E2, three: E3, /) -> tuple[E1, E2, E3]: ...
    @overload
    async def given(self, one: E1, two: E2, three: E3, four: E4, /) -> tuple[E1, E2, E3, E4]: ...
    @overload
    async def given(self, *rows: Entity) -> tuple[Entity, ...]: ...
    async def given(self, *rows: Any) -> Any:
        """Insert rows, whatever the rules say; gives them back with their ids: one as itself, several as a tuple.

        Raises refusals where the database will not have them.
        """
        async with self.running.executor.opened(self._call(None)) as tx:
            tx.add_many(rows)
        return rows[0] if len(rows) == 1 else rows

    async def get(self, entity: type[E], key: Id[E]) -> E:
        """The row as it is now, whatever the rules say. Raises `NotFound`."""
        async with self._looking() as tx:
            return await tx.get(entity, key)

    async def all(self, entity: type[E], condition: Callable[[E], bool] | None = None) -> list[E]:
        """All rows (that satisfy a condition) as they are now, in order of their ids."""
        async with self._looking() as tx:
            return await tx.find(entity, condition)

    async def count(self, entity: type[E], condition: Callable[[E], bool] | None = None) -> int:
        """How many rows there are now."""
        async with self._looking() as tx:
            return await tx.count(entity, condition)

    # --- what is done -------------------------------------------------------------------------------------------------

    def as_(self, account: Account | None) -> "Somebody":
        """The app as this account sees it: ``await shop.as_(ada).call(place_order, basket={dune.id: 2})``."""
        return Somebody(self, account)

    async def call(self, function: Callable[..., Awaitable[R]], /, *, as_: Account | None = None, **inputs: Any) -> R:
        """Call an operation in a transaction of its own and give back what it returns, once that is committed.

        Nobody is signed in unless ``as_`` says who. The rule of the access table is asked first; a function that is not in the table is
        called for anybody. Raises the function's refusals as they are: ``with raises(OutOfStock) as refused: ...``
        """
        found = self.app.catalogue.find(function)
        operation = found or _unlisted(function)
        call = self._call(as_)
        operation.rule.admit(call.caller, call.request)
        results: list[R] = []

        async def keep(first: Any, **given: Any) -> None:
            results[:] = [await function(first, **given)]  # a retried transaction keeps the last

        await self.running.executor.command(replace(operation, function=keep), inputs, call)
        return results[0]

    async def authorization(self, who: Account | str) -> str:
        """The Authorization header for an account of the database (a session is opened for it), or for a token."""
        scheme = self.app.rest.authorization
        if isinstance(who, str):
            return f"{scheme} {who}"
        key = (type(who).__name__, who.id)
        if key not in self._tokens or self._late(self._tokens[key]):
            if self.running.signing is None:
                raise LookupError("nobody can sign in to this app: App(sign_in=[Password(Customer)])")
            accounts = self.running.signing.accounts[type(who)]
            self._tokens[key] = (await accounts.begin(who, self.clock())).access_token
        return f"{scheme} {self._tokens[key]}"

    def _late(self, token: str) -> bool:
        from backwright.domain.refusals import Unauthenticated

        assert self.running.signing is not None
        try:
            self.running.signing.tokens.verify_access(token, self.clock())
        except Unauthenticated:
            return True
        return False

    def _call(self, account: Account | None) -> Call:
        caller = ANONYMOUS if account is None else Caller.of(account, factor="password")
        now = datetime.fromtimestamp(self.clock(), UTC)
        return Call(caller, Request(now, "192.0.2.1", caller.factor), anonymous_allowed=True)

    @asynccontextmanager
    async def _looking(self) -> AsyncGenerator[Transaction[Any]]:
        async with self.running.executor.opened(self._call(None)) as tx:
            yield tx.trusted


class Somebody:
    """An app as one account sees it."""

    def __init__(self, app: OpenApp, account: Account | None) -> None:
        self._app = app
        self._account = account

    async def call(self, function: Callable[Concatenate[Any, P], Awaitable[R]], /, *args: P.args, **inputs: P.kwargs) -> R:
        """Call an operation as this account; see `OpenApp.call`. Type checkers see its parameters."""
        names = list(get_type_hints(function))[1:]
        return await self._app.call(function, as_=self._account, **dict(zip(names, args, strict=False)), **inputs)


@asynccontextmanager
async def open_app(
    app: App, database: str | None = None, *, clock: Clock | None = None, settings: KitSettings | None = None
) -> AsyncGenerator[OpenApp]:
    """The app, open on an empty database with its tables (made from the model, mapped ones too), closed and gone at the end.

    ``database`` is a URL, by default the variable TEST_DATABASE_URL, else a fresh SQLite file; on a PostgreSQL server it gets a scratch
    database. The environment counts for nothing else: `settings` are those of development, passwords are hashed cheaply, and time
    stands still until `clock` is moved. Raises `DeclarationError`, `DatabaseUnavailable`.
    """
    clock = clock or Clock()
    async with scratch(database or os.environ.get("TEST_DATABASE_URL")) as url:
        running = Running(
            app, settings=settings or KitSettings(secret_key=SECRET), database=Database(url), clock=clock,
            ticks=clock, password_work=FOR_TESTS,
        )  # fmt: skip
        opened = OpenApp(app, running, clock)
        await running.open(ensure=False)
        try:
            async with running.engine.transaction() as session:
                for sql in _tables(app, running.engine.dialect):
                    await session.run(sql)
            yield opened
        finally:
            await running.close()


@lru_cache(maxsize=16)  # a suite opens one app hundreds of times
def _tables(app: App, dialect: Dialect) -> tuple[str, ...]:
    return tuple(create_all_sql(app.model, dialect, mapped=True))


def _unlisted(function: Callable[..., Any]) -> Operation:
    first = next(iter(get_type_hints(function).values()), None)
    kind = "SignIn" if getattr(get_origin(first), "__name__", "") == "SignIn" else "Transaction"
    rule = Rule("anyone", needs_caller=False)
    return Operation(name=function.__name__, verb="call", rule=rule, function=function, kind=cast(Any, kind), anonymous=True)
