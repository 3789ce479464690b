"""What runs inside a PostgreSQL transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from time import perf_counter
from types import TracebackType
from typing import Any

from backwright.data.engines.asyncpg_driver import Failures, StalePlan
from backwright.data.engines.engine import OnStatement, Row
from backwright.data.engines.pool import Pool, PostgresLink
from backwright.data.engines.postgres_errors import translated
from backwright.data.errors import DataError


class PostgresSession:
    """Statements of one transaction. After a failed one nothing more can be done, until a savepoint around it is left."""

    __slots__ = ("_hook", "_over", "_raw", "_slow_seconds", "link", "pool")

    def __init__(self, link: PostgresLink, pool: Pool, hook: OnStatement | None, slow_seconds: float, *, raw: bool = False) -> None:
        self.link, self.pool, self._hook, self._slow_seconds, self._raw = link, pool, hook, slow_seconds, raw
        self._over = False

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one statement. Raises `DataError`."""
        with self._running(sql):
            return await (await self.link.statement(sql, raw=self._raw)).fetch(*args)

    async def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run one statement; returns the number of rows it touched. Raises `DataError`."""
        with self._running(sql):
            statement = await self.link.statement(sql, raw=self._raw)
            await statement.fetch(*args)
            count = (statement.get_statusmsg() or "").rpartition(" ")[2]
            return int(count) if count.isdigit() else 0

    async def run_many(self, sql: str, many: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each argument row, without waiting for each answer. Raises `DataError`."""
        with self._running(sql):
            await (await self.link.statement(sql, raw=self._raw)).executemany(many)

    async def stream(self, sql: str, args: Sequence[Any] = (), batch: int = 500) -> AsyncIterator[Row]:
        """Rows by a server-side cursor, `batch` at a time. Raises `DataError`."""
        with self._running(sql):
            cursor = await (await self.link.statement(sql, raw=self._raw)).cursor(*args)
        while True:
            with self._running(sql):
                rows = await cursor.fetch(batch)
            if not rows:
                return
            for row in rows:
                yield row

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """A nested unit that rolls back when its body raises."""
        return _Savepoint(self)

    async def command(self, sql: str) -> str:
        """Run a transaction command; returns the server's tag, e.g. COMMIT, or ROLLBACK where that is all that was possible."""
        with self._running(sql):
            return await self.link.connection.execute(sql)

    def end(self) -> None:
        """Let nothing more run: the connection serves somebody else now."""
        self._over = True

    def _running(self, sql: str) -> "_Running":
        if self._over:
            raise DataError("the transaction is over")
        return _Running(sql, self.link, self.pool, self._hook, self._slow_seconds)


class _Running:
    """Around one statement: the pool knows since when it runs, errors are translated, a slow one is told of."""

    __slots__ = ("_began", "_hook", "_link", "_slow_seconds", "_sql")

    def __init__(self, sql: str, link: PostgresLink, pool: Pool, hook: OnStatement | None, slow_seconds: float) -> None:
        self._sql, self._link, self._hook, self._slow_seconds = sql, link, hook, slow_seconds
        link.since = pool.tick
        self._began = 0.0 if hook is None else perf_counter()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._link.since = 0
        if self._hook is not None and (took := perf_counter() - self._began) >= self._slow_seconds:
            self._hook(self._sql, took)
        if isinstance(error, StalePlan):
            self._link.statements.clear()
        if isinstance(error, Failures):
            raise translated(error) from error


class _Savepoint:
    __slots__ = ("_session",)

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def __aenter__(self) -> None:
        await self._session.command("SAVEPOINT inner_unit")

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        session = self._session
        if error is None:
            try:
                return await _release(session)
            except DataError:  # a failed statement whose error the body kept to itself
                await _undo(session)
                raise
        with suppress(DataError):  # a broken connection: the body's own error says it
            await _undo(session)


async def _release(session: PostgresSession) -> None:
    """Keep what the innermost savepoint did."""
    await session.command("RELEASE inner_unit")


async def _undo(session: PostgresSession) -> None:
    """Undo the innermost savepoint."""
    await session.command("ROLLBACK TO inner_unit")
    await session.command("RELEASE inner_unit")
