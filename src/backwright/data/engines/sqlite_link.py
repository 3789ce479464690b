"""One SQLite connection as the engine uses it: opened with its pragmas, watched by a clock, with a thread of its own if needed."""

import asyncio
import sqlite3
from base64 import b64encode
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar
from urllib.parse import quote

from backwright.data.engines.sqlite_errors import FAILURES, is_busy, translated, unavailable
from backwright.data.engines.sqlite_settings import SqliteSettings
from backwright.data.engines.worker_thread import WorkerThread, finished
from backwright.data.errors import DatabaseUnavailable, LockNotAvailable

T = TypeVar("T")
_OPCODES = 2000  # between two looks at the clock: 20 to 100 microseconds of work
_OLDEST = (3, 38, 0)  # JSON functions built in; RETURNING came in 3.35


class Watch:
    """Stops a statement that runs too long, or whose caller has gone. SQLite calls it every few thousand steps.

    The clock starts with the first look, so a short statement never pays for reading it.
    """

    __slots__ = ("_seconds", "started")

    def __init__(self) -> None:
        self.started = 0.0
        self._seconds = float("inf")

    def arm(self, seconds: float) -> None:
        """The next statement may take so long."""
        self.started = 0.0
        self._seconds = seconds

    def stop(self) -> None:
        """Stop the running statement at the next look."""
        self._seconds = -1.0

    def ran_for(self, seconds: float) -> bool:
        """Whether the statement since `arm` took at least `seconds`."""
        return self.started != 0.0 and perf_counter() - self.started >= seconds

    def __call__(self) -> bool:
        if self.started == 0.0:
            self.started = perf_counter()
            return self._seconds < 0
        return perf_counter() - self.started > self._seconds


class Link:
    """A connection, its watch and its thread."""

    __slots__ = ("db", "thread", "watch")

    def __init__(self, db: sqlite3.Connection, thread: WorkerThread) -> None:
        self.db, self.thread, self.watch = db, thread, Watch()
        db.set_progress_handler(self.watch.__call__, _OPCODES)

    async def off_loop(self, work: Callable[[], T], *, stoppable: bool = True) -> T:
        """What `work` returns, run on the thread. A cancelled caller waits until the thread has let go of the connection."""
        running = self.thread.call(work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            if stoppable:
                self.watch.stop()
            await finished(running)
            running.exception()  # looked at: nobody else will
            raise

    async def close(self) -> None:
        """Close it; what is open is rolled back."""
        await self.off_loop(self.db.close, stoppable=False)
        self.thread.stop()

    def read(self, sql: str, args: object, seconds: float) -> list[tuple[object, ...]]:
        """All rows of a statement, on whichever thread this is called. Raises what sqlite3 raises."""
        self.watch.arm(seconds)
        return self.db.execute(sql, args).fetchall()  # type: ignore[arg-type]


def open_link(path: str, settings: SqliteSettings, thread: WorkerThread, *, read_only: bool, busy: float = 0.0) -> Link:
    """A new connection. Blocks. `busy` is how long SQLite itself may sleep for another's lock. Raises `DatabaseUnavailable`."""
    if sqlite3.sqlite_version_info < _OLDEST:
        raise DatabaseUnavailable(f"SQLite {sqlite3.sqlite_version} is too old: Python must be linked with 3.38 or newer")
    name = f"file:{quote(path)}?mode={'ro' if read_only else 'rwc'}"
    try:
        db = sqlite3.connect(
            name, busy, isolation_level=None, check_same_thread=False, cached_statements=settings.cached_statements, uri=True
        )
        _prepare(db, path, settings, read_only=read_only)
    except FAILURES as error:
        raise unavailable(error, path) from error
    return Link(db, thread)


async def open_on_thread(path: str, settings: SqliteSettings, *, read_only: bool, busy: float = 0.0) -> Link:
    """A new connection with a thread of its own, opened there. Raises `DatabaseUnavailable`."""
    thread = WorkerThread("sqlite reader" if read_only else "sqlite writer")
    opening = thread.call(lambda: open_link(path, settings, thread, read_only=read_only, busy=busy))
    try:
        return await asyncio.shield(opening)
    except BaseException:
        await finished(opening)
        if opening.exception() is None:
            opening.result().db.close()
        thread.stop()
        raise


def begin(db: sqlite3.Connection, path: str) -> bool:
    """Open a writing transaction; False where somebody else has the file locked. Raises `DataError`."""
    try:
        db.execute("BEGIN IMMEDIATE")
    except FAILURES as error:
        if is_busy(error):
            return False
        raise translated(error, path) from error
    return True


def still_locked(path: str, seconds: float) -> LockNotAvailable:
    """The error of not getting another process's lock."""
    return LockNotAvailable(f"{path}: another process has kept the file locked for {seconds:g} s")


def _prepare(db: sqlite3.Connection, path: str, settings: SqliteSettings, *, read_only: bool) -> None:
    if read_only:
        db.execute("PRAGMA query_only = ON")
    else:
        db.execute(f"PRAGMA synchronous = {settings.synchronous}")
        (mode,) = db.execute(f"PRAGMA journal_mode = {settings.journal_mode}").fetchone()
        if mode != settings.journal_mode:
            raise DatabaseUnavailable(
                f"{path}: journal mode {settings.journal_mode} cannot be had (it stays {mode}); "
                "put the file on a local disk, or ask for journal_mode=delete"
            )
        if settings.max_pages is not None:
            db.execute(f"PRAGMA max_page_count = {settings.max_pages:d}")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # reads the file: says now if it is not a database
    db.create_function("bw_base64", 1, _base64, deterministic=True)
    db.create_function("bw_float", 1, _float, deterministic=True)


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode("ascii")


def _float(value: float | None) -> str | None:
    """The shortest decimal form that reads back as the same number; SQLite's own JSON keeps 15 digits only."""
    return None if value is None else repr(float(value))
