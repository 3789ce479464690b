"""The three kinds of transaction on SQLite: a turn in the group commit, a snapshot to read from, and one for the caller's own SQL."""

from time import perf_counter
from types import TracebackType

from backwright.data.engines.group_commit import GroupCommit
from backwright.data.engines.readers import Readers
from backwright.data.engines.sqlite_errors import FAILURES, translated
from backwright.data.engines.sqlite_link import Link, begin, open_on_thread, still_locked
from backwright.data.engines.sqlite_session import Context, SqliteSession
from backwright.data.errors import DataError, StatementTimedOut


class WriteTurn:
    """A transaction on the writer, as one member of a group that is committed together."""

    __slots__ = ("_commits", "_context", "_joined", "_since", "session")

    def __init__(self, commits: GroupCommit, context: Context) -> None:
        self._commits, self._context = commits, context
        self._joined = False

    async def __aenter__(self) -> SqliteSession:
        commits = self._commits
        await commits.take()
        self._joined = commits.has_members
        if self._joined:  # the first of a group needs no savepoint: the group is its own so far
            commits.link.db.execute("SAVEPOINT turn")
        self._since = perf_counter()
        self.session = SqliteSession(commits.link, self._context, alive=commits.check_alive, bulk=commits.commit_soon)
        commits.holder = self
        return self.session

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        session, commits = self.session, self._commits
        if session.ended:  # evicted
            if error is None:
                raise session.failed or DataError("the transaction is over")
            return
        failed = session.failed or self._ended_by_body(error)
        session.end()
        if error is not None or failed is not None:
            self._undo()
            if error is None:
                raise DataError(f"{failed}; the transaction was rolled back") from failed
            return
        if self._joined:
            try:
                commits.link.db.execute("RELEASE turn")
            except FAILURES as fault:
                self._undo()
                raise translated(fault, self._context.path) from fault
        await commits.saved()

    def evict(self, seconds: float) -> None:
        """Undo it and end the turn if it has had it for so long and is idle."""
        if perf_counter() - self._since > seconds and not self.session.busy:
            self.session.end(StatementTimedOut(f"the transaction stood in everybody's way for over {seconds:g} s and was rolled back"))
            self._undo()

    def _undo(self) -> None:
        db = self._commits.link.db
        try:
            if db.in_transaction and self._joined:
                db.execute("ROLLBACK TO turn")
                db.execute("RELEASE turn")
            elif db.in_transaction:
                db.execute("ROLLBACK")
        except FAILURES:  # the body's own SQL has taken the savepoint away: nothing of the group can be told apart any more
            db.execute("ROLLBACK")
            self._commits.check_alive()
        finally:
            self._commits.undone()

    def _ended_by_body(self, error: BaseException | None) -> DataError | None:
        if error is not None or self._commits.check_alive():
            return None
        return DataError("the body ended the transaction itself")


class ReadTurn:
    """A snapshot to read from, on a reader of its own for as long."""

    __slots__ = ("_context", "_link", "_readers", "_session")

    def __init__(self, readers: Readers, context: Context) -> None:
        self._readers, self._context = readers, context

    async def __aenter__(self) -> SqliteSession:
        self._link = await self._readers.take()
        self._link.db.execute("BEGIN")
        threaded = self._context.settings.journal_mode != "wal"  # else a writer's lock could stop the event loop
        self._session = SqliteSession(self._link, self._context, threaded=threaded)
        return self._session

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.end()
        if self._link.db.in_transaction:
            self._link.db.execute("ROLLBACK")
        self._readers.give(self._link)


class RawTurn:
    """A transaction for the caller's own SQL: on a connection made for it and thrown away, so nothing it sets can reach anybody else."""

    __slots__ = ("_commits", "_context", "_link", "_read_only", "_session")

    def __init__(self, commits: GroupCommit, context: Context, *, read_only: bool) -> None:
        self._commits, self._context, self._read_only = commits, context, read_only

    async def __aenter__(self) -> SqliteSession:
        if not self._read_only:
            await self._commits.take(alone=True)
        try:
            self._link = await self._open()
        except BaseException:
            self._leave()
            raise
        self._session = SqliteSession(self._link, self._context, raw=True)
        return self._session

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        failed = self._session.failed
        self._session.end()
        save = error is None and failed is None and not self._read_only
        try:
            if save:
                await self._link.off_loop(self._commit, stoppable=False)
        finally:
            try:
                await self._link.close()
            finally:
                self._leave()
        if failed is not None and error is None:
            raise DataError(f"{failed}; the transaction was rolled back") from failed

    async def _open(self) -> Link:
        context, busy = self._context, self._context.settings.lock_timeout
        link = await open_on_thread(context.path, context.settings, read_only=self._read_only, busy=busy)
        try:
            await link.off_loop(lambda: self._begin(link))
        except BaseException:
            await link.close()
            raise
        return link

    def _begin(self, link: Link) -> None:
        if self._read_only:
            link.db.execute("BEGIN")
        elif not begin(link.db, self._context.path):
            raise still_locked(self._context.path, self._context.settings.lock_timeout)

    def _commit(self) -> None:
        db = self._link.db
        if not db.in_transaction:
            raise DataError("the body ended the transaction itself")
        self._link.watch.arm(float("inf"))
        try:
            db.execute("COMMIT")
        except FAILURES as error:
            raise translated(error, self._context.path) from error

    def _leave(self) -> None:
        if not self._read_only:
            self._commits.undone()
