"""SQLite as an engine: reads in the event loop, long ones on threads; one writer, whose transactions share commits."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from functools import partial
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NoReturn

from backwright.data.engines.engine import Dialect, Occupancy, OnStatement, Row, Session
from backwright.data.engines.group_commit import GroupCommit, GroupLost
from backwright.data.engines.line import Line
from backwright.data.engines.readers import Readers
from backwright.data.engines.session_commands import refuse_session_command
from backwright.data.engines.sqlite_errors import FAILURES, code_of, is_busy, is_interrupt, translated
from backwright.data.engines.sqlite_link import Link, open_on_thread
from backwright.data.engines.sqlite_session import Context, SqliteSession
from backwright.data.engines.sqlite_settings import SqliteSettings
from backwright.data.engines.sqlite_turns import RawTurn, ReadTurn, WriteTurn
from backwright.data.errors import DatabaseUnavailable
from backwright.domain.access import Isolation

_AGAIN = 3  # a single statement that was undone because of others is run again so often


class SqliteEngine:
    """A database in a file. All its connections are its own; other processes may use the file too.

    ``:memory:`` is a private file in a memory-backed folder where there is one, gone on `close`: it behaves like any other file.
    """

    dialect: Dialect = "sqlite"

    def __init__(
        self, path: str, settings: SqliteSettings | None = None, *, on_statement: OnStatement | None = None, slow: float = 0.1
    ) -> None:
        settings = settings or SqliteSettings()
        self._in_memory = path == ":memory:"
        if self._in_memory:
            settings = replace(settings, synchronous="off")
        self._settings, self._path = settings, path
        self._hook, self._slow_seconds = on_statement, slow
        self._context = Context(path, settings, on_statement, slow)
        self._folder: TemporaryDirectory[str] | None = None
        self._closed()

    def _closed(self) -> None:
        self._execute: Callable[[str, Sequence[Any]], Any] = self._not_open
        self._watch: Any = self
        self._slow = self._context.slow.texts
        self._links: list[Link] = []
        self._commits: GroupCommit | None = None
        self._readers: Readers | None = None

    async def open(self) -> None:
        """Open the file, or make it. Raises `DatabaseUnavailable` with the reason and what to do."""
        if self._commits is not None:
            return
        path, settings = self._locate(), self._settings
        context = self._context = Context(path, settings, self._hook, self._slow_seconds)
        writer = await open_on_thread(path, settings, read_only=False, busy=settings.lock_timeout)
        try:
            reader = await open_on_thread(path, settings, read_only=True)
        except BaseException:
            await writer.close()
            raise
        writer.db.execute("PRAGMA busy_timeout = 0")  # from here on it runs in the event loop, which does not sleep
        make = partial(open_on_thread, path, settings, read_only=True, busy=settings.lock_timeout)
        self._readers = Readers(make, settings.readers, Line(f"{path}: a reader", settings.queue, settings.wait))
        self._commits = GroupCommit(writer, path, settings, self._ran)
        self._links = [reader, writer]  # closed in this order: the last to go tidies the write-ahead log
        reader.watch.arm(settings.read_budget)
        self._execute, self._watch, self._slow = reader.db.execute, reader.watch, context.slow.texts

    async def close(self) -> None:
        """Let running work end, then close; what is still open after the time one waits in line is rolled back."""
        if self._commits is None or self._readers is None:
            return
        await self._commits.close()
        await self._readers.close()
        links = self._links
        self._closed()
        for link in links:
            await link.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def occupancy(self) -> Occupancy:
        """The writer's turn and the readers in use, and callers in line for them. Reads in the event loop take no connection."""
        if self._commits is None or self._readers is None:
            return Occupancy(0, 0)
        readers = self._readers.occupancy()
        return Occupancy(readers.in_use + (not self._commits.is_idle), readers.waiting + self._commits.waiting)

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one read-only statement. Raises `DataError`."""
        if sql in self._slow:
            return await self._rows_on_thread(sql, args)
        began = perf_counter()
        self._watch.started = 0.0
        try:
            rows: Sequence[Row] = self._execute(sql, args).fetchall()
        except FAILURES as error:
            return await self._rows_after(error, sql, args)
        if (took := perf_counter() - began) >= self._slow_seconds and self._hook is not None:
            self._hook(sql, took)
        return rows

    async def write(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows of one writing statement in a transaction of its own, durable when this returns. Raises `DataError`."""
        for _ in range(_AGAIN):
            with suppress(GroupLost):
                return await self._write(sql, args)
        return await self._write(sql, args)

    def transaction(
        self, *, isolation: Isolation | None = None, read_only: bool = False, raw: bool = False
    ) -> AbstractAsyncContextManager[Session]:
        """A transaction; SQLite's are always serializable, so `isolation` asks for nothing. Raises `DataError`.

        A writing one has the writer's turn for as long as its body runs: keep it short, and await nothing slow in it.
        """
        commits = self._commits or self._not_open()
        if raw:
            return RawTurn(commits, self._context, read_only=read_only)
        if read_only:
            return ReadTurn(self._readers or self._not_open(), self._context)
        return WriteTurn(commits, self._context)

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _write(self, sql: str, args: Sequence[Any]) -> Sequence[Row]:
        commits = self._commits or self._not_open()
        refuse_session_command(sql)
        if sql not in self._slow:
            return await commits.submit(sql, args)  # type: ignore[no-any-return]
        async with WriteTurn(commits, self._context) as session:
            return await session.rows(sql, args)

    def _ran(self, sql: str, seconds: float) -> None:
        """A single writing statement has run in the event loop."""
        if seconds >= self._settings.read_budget:
            self._context.slow.add(sql)
        if seconds >= self._slow_seconds and self._hook is not None:
            self._hook(sql, seconds)

    async def _rows_after(self, error: BaseException, sql: str, args: Sequence[Any]) -> Sequence[Row]:
        if is_interrupt(error):
            self._context.slow.add(sql)
        elif not is_busy(error) and not self._hides_a_lock(error):
            raise translated(error, self._path) from error
        return await self._rows_on_thread(sql, args)

    def _hides_a_lock(self, error: BaseException) -> bool:
        """Whether it may only look like an error: with a rollback journal, SQLite takes a table it cannot look up now for missing."""
        return self._settings.journal_mode != "wal" and code_of(error) == sqlite3.SQLITE_ERROR

    async def _rows_on_thread(self, sql: str, args: Sequence[Any]) -> Sequence[Row]:
        readers = self._readers or self._not_open()
        link = await readers.take()
        try:
            return await SqliteSession(link, self._context, threaded=True).rows(sql, args)
        finally:
            readers.give(link)

    def _locate(self) -> str:
        if not self._in_memory:
            return os.path.abspath(self._path)
        if self._folder is None:
            memory = "/dev/shm"
            self._folder = TemporaryDirectory(prefix="backwright-", dir=memory if os.access(memory, os.W_OK) else None)
        return os.path.join(self._folder.name, "memory.db")

    def _not_open(self, *_: object) -> NoReturn:
        raise DatabaseUnavailable(f"{self._path}: the database is not open")
