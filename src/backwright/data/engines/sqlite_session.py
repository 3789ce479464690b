"""What runs inside an SQLite transaction, on whichever connection it has been given."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from itertools import islice
from time import perf_counter
from types import TracebackType
from typing import Any, TypeVar

from backwright.data.engines.engine import OnStatement, Row
from backwright.data.engines.session_commands import refuse_session_command
from backwright.data.engines.slow_statements import SlowStatements
from backwright.data.engines.sqlite_errors import FAILURES, is_interrupt, translated
from backwright.data.engines.sqlite_link import Link
from backwright.data.engines.sqlite_settings import SqliteSettings
from backwright.data.errors import DataError

T = TypeVar("T")
_READS = re.compile(r"\s*(SELECT|VALUES|WITH)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
_CHUNK = 500  # rows of a bulk statement between two looks at whether the caller is still there


class Context:
    """What all sessions of one engine share."""

    __slots__ = ("hook", "path", "settings", "slow", "slow_seconds")

    def __init__(self, path: str, settings: SqliteSettings, hook: OnStatement | None, slow_seconds: float) -> None:
        self.path, self.settings, self.hook, self.slow_seconds = path, settings, hook, slow_seconds
        self.slow = SlowStatements()


class SqliteSession:
    """Statements run in the event loop, or on the connection's thread where they are known to be slow (`threaded`: always).

    As on PostgreSQL, after a failed statement nothing more can be done, until a savepoint around it is left.
    """

    __slots__ = ("_alive", "_bulk", "_context", "_link", "_raw", "_threaded", "busy", "ended", "failed")

    def __init__(
        self,
        link: Link,
        context: Context,
        *,
        threaded: bool = False,
        raw: bool = False,
        alive: Callable[[], bool] = lambda: True,
        bulk: Callable[[], None] = lambda: None,
    ) -> None:
        self._link, self._context, self._threaded, self._raw, self._alive, self._bulk = link, context, threaded or raw, raw, alive, bulk
        self.busy = False
        self.ended = False
        self.failed: DataError | None = None

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one statement. Raises `DataError`."""
        return await self._execute(sql, args, sqlite3.Cursor.fetchall)

    async def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run one statement; returns the number of rows it touched. Raises `DataError`."""
        return await self._execute(sql, args, _touched)

    async def run_many(self, sql: str, many: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each argument row, on the thread. Raises `DataError`."""
        self.check()
        self._bulk()
        rest, watch, db = iter(many), self._link.watch, self._link.db

        def chunk() -> bool:
            part = list(islice(rest, _CHUNK))
            if part:
                watch.arm(self._context.settings.statement_timeout)
                db.executemany(sql, part)
            return bool(part)

        # A bulk statement that others of the group would suffer from is left to end its chunk, not stopped within it.
        while await self._off_loop(sql, chunk, stoppable=False):
            pass

    async def stream(self, sql: str, args: Sequence[Any] = (), batch: int = 500) -> AsyncIterator[Row]:
        """Rows by a cursor, `batch` at a time, each batch fetched on the thread. Raises `DataError`."""
        self.check()
        cursor = self._link.db.cursor()
        seconds, watch = self._context.settings.statement_timeout, self._link.watch

        def first() -> list[Any]:
            return cursor.execute(sql, args).fetchmany(batch)

        def more() -> list[Any]:
            return cursor.fetchmany(batch)

        try:
            watch.arm(seconds)
            rows = await self._off_loop(sql, first)
            while rows:
                for row in rows:
                    yield row
                self.check()
                watch.arm(seconds)
                rows = await self._off_loop(sql, more)
        finally:
            cursor.close()

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """A nested unit that rolls back when its body raises."""
        return _Savepoint(self)

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, for the savepoints."""
        return self._link.db

    def end(self, error: DataError | None = None) -> None:
        """Let nothing more run: the connection serves somebody else now."""
        self.ended = True
        self.failed = error or self.failed or DataError("the transaction is over")

    # --- inside -------------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raises `DataError` where no statement may run now."""
        if self.failed is not None:
            raise DataError(f"{self.failed}; nothing more can be done in this transaction, leave it (or the savepoint around it)")
        if self.busy:
            raise DataError("a statement of this transaction is still running: one at a time")

    async def _execute(self, sql: str, args: Any, take: Callable[[sqlite3.Cursor], T]) -> T:
        self.check()
        context, link = self._context, self._link
        if not self._raw:
            refuse_session_command(sql)
        if self._threaded or sql in context.slow.texts:
            return await self._on_thread(sql, args, take)
        reads = is_read(sql)
        began = perf_counter() if context.hook is not None else 0.0
        try:
            link.watch.arm(context.settings.read_budget if reads else context.settings.statement_timeout)
            result = take(link.db.execute(sql, args))
        except FAILURES as error:
            if not (reads and is_interrupt(error)):
                raise self._failure(error) from error
            context.slow.add(sql)
            return await self._on_thread(sql, args, take)
        if not reads and link.watch.ran_for(context.settings.read_budget):
            context.slow.add(sql)
        if context.hook is not None and (took := perf_counter() - began) >= context.slow_seconds:
            context.hook(sql, took)
        return result

    async def _on_thread(self, sql: str, args: Any, take: Callable[[sqlite3.Cursor], T]) -> T:
        link, settings = self._link, self._context.settings

        link.watch.arm(settings.statement_timeout)  # not on the thread: a caller that goes before it begins must be able to stop it

        def work() -> tuple[T, bool]:
            result = take(link.db.execute(sql, args))
            return result, link.watch.ran_for(settings.read_budget / 4)

        result, was_slow = await self._off_loop(sql, work, stoppable=self._threaded or is_read(sql))
        if not was_slow:
            self._context.slow.was_fast(sql)
        return result

    async def _off_loop(self, sql: str, work: Callable[[], T], *, stoppable: bool = True) -> T:
        context = self._context
        began = perf_counter() if context.hook is not None else 0.0
        self.busy = True
        try:
            return await self._link.off_loop(work, stoppable=stoppable)
        except FAILURES as error:
            raise self._failure(error) from error
        finally:
            self.busy = False
            if context.hook is not None and (took := perf_counter() - began) >= context.slow_seconds:
                context.hook(sql, took)

    def _failure(self, error: BaseException) -> DataError:
        self.failed = translated(error, self._context.path)
        self._alive()
        return self.failed


class _Savepoint:
    __slots__ = ("_session",)

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def __aenter__(self) -> None:
        self._session.check()
        self._session.db.execute("SAVEPOINT inner_unit")

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        session = self._session
        db = session.db
        if session.ended or not db.in_transaction:
            return
        undo = error is not None or session.failed is not None
        if undo:
            db.execute("ROLLBACK TO inner_unit")
        db.execute("RELEASE inner_unit")
        swallowed, session.failed = session.failed, None
        if undo and error is None:
            raise DataError(f"{swallowed}; its savepoint was rolled back")


@lru_cache(4096)
def is_read(sql: str) -> bool:
    """Whether a statement surely writes nothing, so that stopping it undoes nothing."""
    found = _READS.match(sql)
    return found is not None and (found[1].upper() != "WITH" or not _WRITES.search(sql))


def _touched(cursor: sqlite3.Cursor) -> int:
    found = len(cursor.fetchall())
    return found if cursor.rowcount < 0 else cursor.rowcount
