"""What a database engine offers, whichever it is. SQL text and driver-ready arguments in, rows out. No SQL is made here."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, NamedTuple, Protocol

from backwright.domain.access import Isolation

Dialect = Literal["postgresql", "sqlite"]
Row = Sequence[Any]
"""One row, read by position: an ``asyncpg.Record`` or a tuple."""
OnStatement = Callable[[str, float], None]
"""Told of a slow statement: its text (never its arguments) and its seconds."""


class Occupancy(NamedTuple):
    """How busy an engine is."""

    in_use: int
    """Connections that somebody holds."""
    waiting: int
    """Callers in line for one."""


class Session(Protocol):
    """One open transaction on one connection."""

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one statement (a SELECT, or a DML statement with RETURNING). Raises `DataError`."""
        ...

    async def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run one statement; returns the number of rows it touched. Raises `DataError`."""
        ...

    async def run_many(self, sql: str, many: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each argument row (bulk insert, update, delete). Raises `DataError`."""
        ...

    def stream(self, sql: str, args: Sequence[Any] = (), batch: int = 500) -> AsyncIterator[Row]:
        """Rows by server-side cursor, `batch` at a time. Raises `DataError`."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """A nested unit that can be undone alone: rolls back when its body raises."""
        ...


class Engine(Protocol):
    """A database that can be opened, asked, and closed."""

    dialect: Dialect

    async def open(self) -> None:
        """Connect. Raises `DatabaseUnavailable` with the reason and what to do."""
        ...

    async def close(self) -> None:
        """Let running work end, then disconnect."""
        ...

    def occupancy(self) -> Occupancy:
        """How busy it is, for gauges."""
        ...

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one read-only statement, outside any transaction. The hot path: no reset, prepared once per connection."""
        ...

    async def write(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one writing statement (DML with RETURNING) in a transaction of its own, durable when this returns."""
        ...

    def transaction(
        self, *, isolation: Isolation | None = None, read_only: bool = False, raw: bool = False
    ) -> AbstractAsyncContextManager[Session]:
        """A transaction: commits when the body ends, rolls back when it raises; the commit is durable when the context exits.

        ``raw`` says that the caller's own SQL will run: connection state is reset before the connection serves anybody else.
        """
        ...
