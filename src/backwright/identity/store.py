"""The accounts of one class in the database, as signing in needs them."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

import msgspec

from backwright.data.engines.engine import Engine
from backwright.data.errors import DataError
from backwright.data.sql.parameters import Environment
from backwright.data.sql.statements import Condition, Page
from backwright.domain.entity import Account
from backwright.operations.execution import Executor
from backwright.operations.library import Library

A = TypeVar("A", bound=Account)


class AccountTable(Generic[A]):
    """Finds and stores accounts. Writing goes through the unit of work, like every other write."""

    def __init__(self, kind: type[A], engine: Engine, library: Library, executor: Executor, clock: Callable[[], float] = time.time) -> None:
        self._kind, self._engine, self._executor, self._clock = kind, engine, executor, clock
        self._plans = library.plans[kind]
        model = self._plans.model
        email = Page(conditions=(Condition(model.by_name["email"], "eq"),))
        self._by_email = library.plans.statements.find(kind, email)
        self._by_id = self._plans.load

    async def by_email(self, email: str) -> A | None:
        """The account with this normal form of an address."""
        statement = self._by_email
        return self._one(await self._rows(statement.sql, statement.bind(Environment({"c0": email}))))

    async def by_id(self, account_id: str) -> A | None:
        """The account with this id, given as text."""
        try:
            id_type: type[Any] = self._plans.model.id_type
            key = msgspec.convert(account_id, id_type, strict=False)
        except msgspec.ValidationError:
            return None
        return self._one(await self._rows(self._by_id.sql, self._by_id.bind(Environment({"ids": [key]}))))

    async def add(self, values: Mapping[str, Any]) -> A:
        """Store a new account. Raises `AlreadyExists` when a unique value is taken."""
        return cast(A, await self._executor.store(self._kind(**values), self._now()))

    async def set_password_hash(self, account: A, password_hash: str) -> None:
        """Replace the password hash. Raises `DataError`."""
        await self._executor.amend(self._kind, account.id, {"password_hash": password_hash}, self._now())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    async def _rows(self, sql: str, args: Sequence[Any]) -> Sequence[Sequence[Any]]:
        try:
            return await self._engine.rows(sql, args)
        except DataError as error:
            raise self._executor.translated(error) from error

    def _one(self, rows: Sequence[Sequence[Any]]) -> A | None:
        return cast(A, self._plans.objects.from_row(rows[0])) if rows else None
