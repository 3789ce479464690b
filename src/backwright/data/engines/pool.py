"""Connections to one PostgreSQL server: last used first (its caches are warm), bounded, each with its prepared statements.

No reset query runs between two users of a connection: what the kit itself issues leaves nothing behind. What may have left something
(the caller's own SQL, a cancelled statement, an open transaction) goes through `mend` first.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from backwright.data.engines.asyncpg_driver import Connection, Failures, NotSent, Statement, connect, quick
from backwright.data.engines.engine import Occupancy
from backwright.data.engines.line import Line
from backwright.data.engines.postgres_errors import is_gone, unavailable
from backwright.data.engines.postgres_settings import PostgresSettings
from backwright.data.engines.session_commands import refuse_session_command
from backwright.data.errors import DatabaseUnavailable

_GRACE = 5.0  # seconds that a server may overrun its own statement_timeout before its connection counts as dead


class PostgresLink:
    """One connection and the statements prepared on it."""

    __slots__ = ("_made", "_most", "connection", "since", "statements")

    def __init__(self, connection: Connection, most: int) -> None:
        self.connection, self._most, self._made = connection, most, 0
        self.statements: OrderedDict[str, Statement] = OrderedDict()
        self.since = 0
        """The pool's tick when the running statement began; 0 while none runs."""

    async def prepare(self, sql: str, *, raw: bool = False) -> Statement:
        """Prepare a statement and keep it; the one not used for longest goes. Raises `Failures`.

        Unless `raw`, raises `DataError` for a command that would change the connection for those who get it next.
        """
        if not raw:
            refuse_session_command(sql)
        self._made += 1
        try:
            statement = quick(await self.connection.prepare(sql, name=f"bw{self._made}"))
        except Failures as error:
            if is_gone(error):
                raise NotSent(str(error)) from error
            raise
        self.statements[sql] = statement
        if len(self.statements) > self._most:
            self.statements.popitem(last=False)
        return statement

    async def statement(self, sql: str, *, raw: bool = False) -> Statement:
        """The prepared statement of a text. Raises as `prepare` does."""
        found = self.statements.get(sql)
        if found is None:
            return await self.prepare(sql, raw=raw)
        self.statements.move_to_end(sql)
        return found


class Pool:
    """At most `settings.pool` connections, opened when first needed; who comes when all are taken stands in line."""

    def __init__(self, url: str, shown: str, settings: PostgresSettings) -> None:
        self._url, self._shown, self._settings = url, shown, settings
        self._free: list[PostgresLink] = []
        self._all: set[PostgresLink] = set()
        self._opening = 0
        self._closing = False
        self._line = Line(f"{shown}: all {settings.pool} connections are in use", settings.queue, settings.wait)
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self.tick = 1
        """Counts seconds, roughly; cheaper to read than a clock."""

    async def open(self) -> None:
        """Open one connection, to see that it can be done. Raises `DatabaseUnavailable`."""
        self._closing = False
        self.give(await self.take())
        self._watch()

    async def close(self) -> None:
        """Let those in use be given back, as long as anybody waits for one, then close all."""
        self._closing = True
        self._idle.clear()
        if len(self._free) < len(self._all) or self._opening or self._tasks:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), self._settings.wait)
        if self._timer is not None:
            self._timer.cancel()
        self._line.refuse_all(DatabaseUnavailable(f"{self._shown}: closed"))
        for link in list(self._all):
            if link in self._free:
                with suppress(*Failures):
                    await link.connection.close(timeout=1.0)
            link.connection.terminate()
        self._all.clear()
        self._free.clear()

    def occupancy(self) -> Occupancy:
        """Connections in use, and callers in line for one."""
        return Occupancy(len(self._all) - len(self._free), len(self._line))

    def pick(self) -> PostgresLink | None:
        """A free connection that is alive, at once; else None, and `take` is the way."""
        free = self._free
        while free:
            link = free.pop()
            if not link.connection.is_closed():
                return link
            self._all.discard(link)
        return None

    async def take(self) -> PostgresLink:
        """A connection, to be given back by `give`, `drop` or `mend`. Raises `DatabaseUnavailable`."""
        link = self.pick()
        if link is not None:
            return link
        if self._closing:
            raise DatabaseUnavailable(f"{self._shown}: the database is closed")
        if self._has_room():
            try:
                return await self._connect()
            except BaseException:
                self._replace()  # those in line may have counted on this one
                raise
        waited: PostgresLink = await self._line.wait(self.give)
        return waited

    def give(self, link: PostgresLink) -> None:
        """Give a clean connection to who has waited longest, or keep it."""
        link.since = 0
        if link.connection.is_closed():
            return self.drop(link)
        waiter = self._line.next()
        if waiter is not None:
            return waiter.future.set_result(link)
        self._free.append(link)
        if self._closing:
            self._idle_if_all_are_free()

    def drop(self, link: PostgresLink) -> None:
        """Close a connection that is of no use any more; who waits gets a new one."""
        link.connection.terminate()
        self._all.discard(link)
        self._replace()
        if self._closing:
            self._idle_if_all_are_free()

    def drop_idle(self) -> None:
        """Close the connections that are not in use."""
        idle, self._free = self._free, []
        for link in idle:
            link.connection.terminate()
            self._all.discard(link)

    def mend(self, link: PostgresLink, *, reset: bool = False) -> asyncio.Task[None]:
        """Bring a connection back to a clean state, or drop it, without the caller having to wait."""
        return self._spawn(self._mend(link, reset))

    # --- inside -------------------------------------------------------------------------------------------------------

    def _has_room(self) -> bool:
        return len(self._all) + self._opening < self._settings.pool

    def _replace(self) -> None:
        if len(self._line) and self._has_room():
            self._spawn(self._connect_for_waiter())

    async def _connect(self) -> PostgresLink:
        self._opening += 1
        try:
            connection = await connect(self._url, self._settings.session(), self._settings.connect_timeout)
        except Failures as error:
            raise unavailable(error, self._shown) from error
        finally:
            self._opening -= 1
        link = PostgresLink(connection, self._settings.cached_statements)
        self._all.add(link)
        return link

    async def _connect_for_waiter(self) -> None:
        try:
            self.give(await self._connect())
        except DatabaseUnavailable as error:
            if not self._all:  # nobody will give one back
                self._line.refuse_all(error)

    async def _mend(self, link: PostgresLink, reset: bool) -> None:
        connection = link.connection
        link.since = self.tick
        try:
            # A cancel request may still be under way and hit the first of these; the second then finds a quiet connection.
            async with asyncio.timeout(_GRACE):
                with suppress(*Failures):
                    await connection.execute("SELECT 1" if not connection.is_in_transaction() else "ROLLBACK")
                await connection.execute("ROLLBACK" if connection.is_in_transaction() else "SELECT 1")
                if reset:
                    link.statements.clear()
                    await connection.execute("DISCARD ALL")
        except BaseException as error:
            self.drop(link)
            if not isinstance(error, Failures):
                raise
        else:
            self.give(link)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._closing:
            self._idle_if_all_are_free()

    def _idle_if_all_are_free(self) -> None:
        if len(self._free) == len(self._all) and not self._opening and not self._tasks:
            self._idle.set()

    def _watch(self) -> None:
        """Once a second: end connections whose server has not kept its own deadline, as a dead network answers nothing."""
        self.tick += 1
        oldest = self.tick - (self._settings.statement_timeout + _GRACE)
        for link in [link for link in self._all if 0 < link.since < oldest]:
            link.connection.terminate()
        self._timer = asyncio.get_running_loop().call_later(1.0, self._watch)
