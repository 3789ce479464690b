"""PostgreSQL as an engine: asyncpg connections in an own pool, statements prepared once per connection, no reset between requests."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from time import perf_counter
from types import TracebackType
from typing import Any

from backwright.data.engines.asyncpg_driver import Failures, ServerError, StalePlan
from backwright.data.engines.engine import Dialect, Occupancy, OnStatement, Row, Session
from backwright.data.engines.pool import Pool, PostgresLink
from backwright.data.engines.postgres_errors import is_gone, translated, was_not_sent
from backwright.data.engines.postgres_session import PostgresSession
from backwright.data.engines.postgres_settings import PostgresSettings
from backwright.data.errors import DatabaseUnavailable, DataError, OutcomeUnknown
from backwright.domain.access import Isolation


class PostgresEngine:
    """A database on a server. `url` is what asyncpg takes; `shown` stands for it in messages, where no password may be."""

    dialect: Dialect = "postgresql"

    def __init__(
        self,
        url: str,
        settings: PostgresSettings | None = None,
        *,
        shown: str = "PostgreSQL",
        on_statement: OnStatement | None = None,
        slow: float = 0.1,
    ) -> None:
        self._settings = settings or PostgresSettings()
        self._pool = Pool(url, shown, self._settings)
        self._hook, self._slow_seconds = on_statement, slow

    async def open(self) -> None:
        """Connect once, to see that it can be done. Raises `DatabaseUnavailable` with the reason and what to do."""
        await self._pool.open()

    async def close(self) -> None:
        """Let running work end, at most as long as one waits for a connection, then disconnect."""
        await self._pool.close()

    def occupancy(self) -> Occupancy:
        """Connections in use, and callers in line for one."""
        return self._pool.occupancy()

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one read-only statement. If its connection broke, it is asked once more on another. Raises `DataError`."""
        try:
            return await self._fetch(sql, args)
        except Failures as error:
            return await self._fetch_again(error, sql, args, reads=True)

    async def write(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one writing statement in a transaction of its own, durable when this returns.

        Raises `DataError`; `OutcomeUnknown` where the connection broke before the answer.
        """
        try:
            return await self._fetch(sql, args)
        except Failures as error:
            return await self._fetch_again(error, sql, args, reads=False)

    def transaction(
        self, *, isolation: Isolation | None = None, read_only: bool = False, raw: bool = False
    ) -> AbstractAsyncContextManager[Session]:
        """A transaction at the server's default isolation, or the one asked for. Raises `DataError`."""
        begin = "BEGIN" if isolation is None else f"BEGIN ISOLATION LEVEL {isolation.upper()}"
        return _Transaction(self._pool, f"{begin} READ ONLY" if read_only else begin, raw, self._hook, self._slow_seconds)

    async def _fetch_again(self, error: BaseException, sql: str, args: Sequence[Any], *, reads: bool) -> Sequence[Row]:
        """Run once more, on another connection, what only reads or was not executed yet. Else raise the error."""
        if was_not_sent(error) or isinstance(error, StalePlan) or (reads and is_gone(error)):
            try:
                return await self._fetch(sql, args)
            except Failures as another:
                error = another
        raise (None if reads else _lost(error)) or translated(error) from error

    async def _fetch(self, sql: str, args: Sequence[Any]) -> Sequence[Row]:
        pool = self._pool
        link = pool.pick() or await pool.take()
        began = 0.0 if self._hook is None else perf_counter()
        link.since = pool.tick
        try:
            statement = link.statements.get(sql)
            if statement is None:
                statement = await link.prepare(sql)
            else:
                link.statements.move_to_end(sql)
            rows = await statement.fetch(*args)
        except BaseException as error:
            after(error, pool, link)
            raise
        finally:
            if self._hook is not None and (took := perf_counter() - began) >= self._slow_seconds:
                self._hook(sql, took)
        pool.give(link)
        return rows


class _DiedIdle(DatabaseUnavailable):
    """The connection had died unnoticed before the transaction began: another one may live."""


class _Transaction:
    __slots__ = ("_begin", "_hook", "_pool", "_raw", "_session", "_slow_seconds")

    def __init__(self, pool: Pool, begin: str, raw: bool, hook: OnStatement | None, slow_seconds: float) -> None:
        self._pool, self._begin, self._raw, self._hook, self._slow_seconds = pool, begin, raw, hook, slow_seconds

    async def __aenter__(self) -> PostgresSession:
        with suppress(_DiedIdle):
            return await self._open()
        return await self._open()

    async def _open(self) -> PostgresSession:
        pool = self._pool
        link = await pool.take()
        session = self._session = PostgresSession(link, pool, self._hook, self._slow_seconds, raw=self._raw)
        try:
            await session.command(self._begin)
        except BaseException as error:
            cause = error.__cause__ or error
            after(cause, pool, link)
            if is_gone(cause):
                raise _DiedIdle(str(error)) from cause
            raise
        return session

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        session, pool, link = self._session, self._pool, self._session.link
        if error is not None:
            session.end()
            await asyncio.shield(pool.mend(link, reset=self._raw))
            return
        ended = not link.connection.is_in_transaction() and not link.connection.is_closed()
        try:
            tag = "" if ended else await session.command("COMMIT")
        except BaseException as fault:
            cause = fault.__cause__ or fault
            after(cause, pool, link, reset=self._raw)
            raise _lost(cause) or fault from fault.__cause__
        finally:
            session.end()
        if self._raw:
            pool.mend(link, reset=True)
        else:
            pool.give(link)
        if tag != "COMMIT":
            why = "the body ended the transaction itself" if ended else "a statement of this transaction had failed; it was rolled back"
            raise DataError(why)


def _lost(error: BaseException) -> OutcomeUnknown | None:
    if not is_gone(error) or was_not_sent(error):
        return None
    return OutcomeUnknown(f"{error}; the connection broke before the server's answer: the change may be there or not", 1.0)


def after(error: BaseException, pool: Pool, link: PostgresLink, *, reset: bool = False) -> None:
    """Put a connection back after a failed statement: the server's word leaves it clean, anything else has to be looked at."""
    if link.connection.is_closed() or is_gone(error):
        pool.drop(link)
        pool.drop_idle()  # what broke one connection, a restart say, has often broken the others unnoticed
    elif isinstance(error, (ServerError, DataError)) and not reset and not link.connection.is_in_transaction():
        if isinstance(error, StalePlan):
            link.statements.clear()
        pool.give(link)
    else:
        pool.mend(link, reset=reset)
