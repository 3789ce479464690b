"""The writer's turn: one writer at a time, first come first served, and one COMMIT for all who wrote shortly after each other.

The outer transaction is the group; each of its members wrote inside a savepoint of its own (a single statement needs none, SQLite
undoes it alone). Nobody is answered before the COMMIT succeeded. COMMIT waits for the disk, so it runs on the writer's thread; those
who come meanwhile stand in line and make the next group.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter, sleep
from typing import Any, Protocol

from backwright.data.engines.line import Line
from backwright.data.engines.sqlite_errors import FAILURES, is_busy, is_constraint, translated
from backwright.data.engines.sqlite_link import Link, begin, still_locked
from backwright.data.engines.sqlite_settings import SqliteSettings
from backwright.data.engines.worker_thread import finished
from backwright.data.errors import DatabaseUnavailable, DataError, SerializationFailed

Statement = tuple[str, Any]
_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05


class GroupLost(SerializationFailed):
    """The whole group was undone because of one of its members; the others may run again."""


class Holder(Protocol):
    """Who has the turn, as far as others who wait for it are concerned."""

    def evict(self, seconds: float) -> None:
        """Undo it and end the turn if it has had it for so long and is idle."""
        ...


class GroupCommit:
    """The one writing connection, its line and its open group."""

    def __init__(self, link: Link, path: str, settings: SqliteSettings, ran: Callable[[str, float], None]) -> None:
        self.link, self._path, self._settings, self._ran = link, path, settings, ran
        self._line = Line(f"{path}: the writer's turn", settings.queue, settings.wait)
        self._members: list[tuple[asyncio.Future[Any], Any]] = []
        self._held = False
        self._born = 0.0
        self._alone = 0  # so many next groups have one member only
        self._tasks: set[asyncio.Task[None]] = set()
        self.holder: Holder | None = None
        self.holder_task: asyncio.Task[Any] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nobody writes, waits or commits."""
        return not self._held

    @property
    def waiting(self) -> int:
        """How many wait for the writer's turn."""
        return len(self._line)

    @property
    def has_members(self) -> bool:
        """Whether somebody has written in the open group, so that it must not be rolled back as a whole."""
        return bool(self._members)

    # --- a single statement -------------------------------------------------------------------------------------------

    def submit(self, sql: str, args: Any) -> asyncio.Future[Any]:
        """A future of the statement's rows, done when they are durable. Raises `DatabaseUnavailable` where the line is full."""
        if self._is_taken():
            return self._line.join((sql, args))
        self._held = True
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._do(future, (sql, args)):
            self._next()
        return future

    def _do(self, future: asyncio.Future[Any], statement: Statement) -> bool:
        """Run the statement in the turn; False where a foreign lock is in the way: when it is gone, the turn goes on by itself."""
        try:
            if not self.link.db.in_transaction and not self._begin():
                task = asyncio.get_running_loop().create_task(self._do_later(future, statement))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                return False
        except DataError as error:
            _fail(future, error)
        else:
            self._run(future, statement)
        return True

    async def _do_later(self, future: asyncio.Future[Any], statement: Statement) -> None:
        try:
            await self._begin_patiently()
            if not future.done():
                self._run(future, statement)
        except DataError as error:
            _fail(future, error)
        finally:
            self._next()

    def _run(self, future: asyncio.Future[Any], statement: Statement) -> None:
        began = perf_counter()
        try:
            rows = self.link.read(*statement, self._settings.statement_timeout)
        except Exception as error:  # whatever it is: the turn must go on
            _fail(future, translated(error, self._path))
            self.check_alive()
        else:
            self._members.append((future, rows))
            self._ran(statement[0], perf_counter() - began)

    # --- a turn of several statements ---------------------------------------------------------------------------------

    async def take(self, *, alone: bool = False) -> None:
        """Wait for the turn; afterwards a transaction is open on the writer, or, with `alone`, none is and no group either.

        Raises `DatabaseUnavailable` (the line is full, or did not move in time) or `LockNotAvailable` (another process).
        """
        if self._is_taken():
            await self._line.wait(lambda _: self._next())
        self._held = True
        try:
            if alone:
                await self._settle()
            elif not self.link.db.in_transaction and not self._begin():
                await self._begin_patiently()
        except BaseException:
            self._next()
            raise
        self.holder_task = asyncio.current_task()

    def saved(self) -> asyncio.Future[Any]:
        """End the turn; the future is done when the group is durable."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._members.append((future, None))
        self._leave()
        return future

    def undone(self) -> None:
        """End the turn; nothing of it is left."""
        self._leave()

    def commit_soon(self) -> None:
        """Let nobody join the open group: its commit is already expensive."""
        self._alone = max(self._alone, 1)

    def check_alive(self) -> bool:
        """Whether the group's transaction is still open; if an error ended it, its members are told."""
        if self.link.db.in_transaction:
            return True
        members, self._members = self._members, []
        for future, _ in members:
            _fail(future, GroupLost(f"{self._path}: undone together with another writer's statement; run the transaction again"))
        return False

    async def close(self) -> None:
        """Let those who write and wait come to their end; who is not done in the time one waits is given up."""
        with suppress(DataError):
            await self.take(alone=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._held = True
        self._line.refuse_all(DatabaseUnavailable(f"{self._path}: the database is closed"))

    # --- passing the turn on ------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        self.holder = self.holder_task = None
        self._next()

    def _next(self) -> None:
        """Commit the group if it is ripe or nobody else wants to join it; else give the turn to the next in line."""
        while True:
            if self._members and (self._is_ripe() or not len(self._line)):
                if not self._settings.commits_in_loop:
                    return self._commit_on_thread()
                self._tell(self._swap(), self._try_commit())
                continue
            waiter = self._line.next()
            if waiter is None:
                if self._members:
                    continue
                return self._rest()
            if waiter.work is None:
                return waiter.future.set_result(None)
            if not self._do(waiter.future, waiter.work):
                return None

    def _rest(self) -> None:
        if self.link.db.in_transaction:  # only those were in it who failed
            self.link.db.execute("ROLLBACK")
        self._held = False

    def _is_ripe(self) -> bool:
        settings = self._settings
        return self._alone > 0 or len(self._members) >= settings.group_members or perf_counter() - self._born > settings.group_seconds

    def _swap(self) -> list[tuple[asyncio.Future[Any], Any]]:
        members, self._members = self._members, []
        return members

    def _commit_on_thread(self) -> None:
        members = self._swap()

        def answer(error: BaseException | None, fault: BaseException | None) -> None:
            self._tell(members, fault or error)
            self._next()

        self.link.thread.post(self._try_commit, answer)

    def _try_commit(self) -> BaseException | None:
        """COMMIT, or the error with everything rolled back. In a rollback journal it waits for the file's readers."""
        db, until = self.link.db, perf_counter() + self._settings.lock_timeout
        self.link.watch.arm(float("inf"))
        while True:
            try:
                db.execute("COMMIT")
                return None
            except FAILURES as error:
                if is_busy(error) and not self._settings.commits_in_loop and perf_counter() < until:
                    sleep(_FIRST_PAUSE)
                    continue
                if db.in_transaction:
                    db.execute("ROLLBACK")
                return error

    def _tell(self, members: list[tuple[asyncio.Future[Any], Any]], error: BaseException | None) -> None:
        self._alone = max(0, self._alone - 1)
        if error is None:
            for future, value in members:
                if not future.done():
                    future.set_result(value)
            return
        # Deferred constraints are checked by COMMIT, which does not say whose they are: let each one try alone.
        guess = is_constraint(error) and len(members) > 1
        if guess:
            self._alone = len(members)
        for future, _ in members:
            _fail(future, GroupLost(f"{self._path}: undone with its group; run it again") if guess else translated(error, self._path))

    # --- waiting ------------------------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """Commit the open group and keep the turn."""
        if self._members:
            members = self._swap()
            running = self.link.thread.call(self._try_commit)
            running.add_done_callback(lambda commit: self._tell(members, commit.exception() or commit.result()))
            try:
                await asyncio.shield(running)
            finally:
                await finished(running)
        elif self.link.db.in_transaction:
            self.link.db.execute("ROLLBACK")

    def _begin(self) -> bool:
        self._born = perf_counter()
        return begin(self.link.db, self._path)

    async def _begin_patiently(self) -> None:
        """Begin as soon as the other process lets go of the file. Raises `LockNotAvailable`."""
        seconds, pause = self._settings.lock_timeout, _FIRST_PAUSE
        until = perf_counter() + seconds
        while not self._begin():
            if perf_counter() >= until:
                raise still_locked(self._path, seconds)
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)

    def _is_taken(self) -> bool:
        """Whether the turn has to be waited for. Raises `DataError` where it would be waited for for ever."""
        if self._held:
            if self.holder_task is not None and self.holder_task is asyncio.current_task():
                raise DataError("a transaction is open in this task already: write through it, or use its savepoint()")
            if self.holder is not None:
                self.holder.evict(self._settings.turn_seconds)
        return self._held


def _fail(future: asyncio.Future[Any], error: DataError) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()  # a caller that has gone leaves nobody to look at it
