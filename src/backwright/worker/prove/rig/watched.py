"""An engine that is watched: every statement is noted, and writing can be undone, so that a check may try what it must not leave."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from backwright.data.database import Database
from backwright.data.engines.engine import Dialect, Engine, Occupancy, OnStatement, Row, Session
from backwright.domain.access import Isolation


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the driver got it."""

    sql: str
    args: tuple[Any, ...]


class _Undone(Exception):
    """Thrown into a transaction so that it rolls back."""


class Watched:
    """The engine of a scratch database. `statements` grows with each statement; with `undo` no transaction is kept."""

    def __init__(self, inner: Engine) -> None:
        self.inner = inner
        self.dialect: Dialect = inner.dialect
        self.statements: list[Statement] = []
        self.undo = False
        self.broken: Exception | None = None
        """Raised by every statement while it is set: a fault of ours."""

    async def open(self) -> None:
        await self.inner.open()

    async def close(self) -> None:
        await self.inner.close()

    def occupancy(self) -> Occupancy:
        return self.inner.occupancy()

    def note(self, sql: str, args: Sequence[Any]) -> None:
        """Remember a statement. Raises `broken`."""
        if self.broken is not None:
            raise self.broken
        self.statements.append(Statement(sql, tuple(args)))

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        self.note(sql, args)
        return await self.inner.rows(sql, args)

    async def write(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        if self.undo:
            async with self.transaction() as session:
                return await session.rows(sql, args)
        self.note(sql, args)
        return await self.inner.write(sql, args)

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation | None = None, read_only: bool = False, raw: bool = False
    ) -> AsyncGenerator[Session]:
        undo = self.undo and not read_only
        try:
            async with self.inner.transaction(isolation=isolation, read_only=read_only, raw=raw) as session:
                yield _Session(session, self)
                if undo:
                    raise _Undone
        except _Undone:
            pass


class _Session:
    """A transaction of a watched engine."""

    def __init__(self, inner: Session, watched: Watched) -> None:
        self._inner = inner
        self._watched = watched

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Row]:
        self._watched.note(sql, args)
        return await self._inner.rows(sql, args)

    async def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        self._watched.note(sql, args)
        return await self._inner.run(sql, args)

    async def run_many(self, sql: str, many: Sequence[Sequence[Any]]) -> None:
        if many:
            self._watched.note(sql, many[0])
        await self._inner.run_many(sql, many)

    def stream(self, sql: str, args: Sequence[Any] = (), batch: int = 500) -> AsyncIterator[Row]:
        self._watched.note(sql, args)
        return self._inner.stream(sql, args, batch)

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        return self._inner.savepoint()


@dataclass(frozen=True)
class ScratchDatabase(Database):
    """A database like any other, whose engines are watched."""

    engines: list[Watched] = field(default_factory=list["Watched"], kw_only=True)

    def engine(self, on_statement: OnStatement | None = None) -> Engine:
        """A watched engine, not yet open; the newest is the last of `engines`."""
        watched = Watched(super().engine(on_statement))
        self.engines.append(watched)
        return watched
