"""A line of waiters in the order they came, bounded in length and in time."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from backwright.data.errors import Busy, DatabaseUnavailable


class Waiter(NamedTuple):
    """One place in the line: until when it waits, what it waits on, and the work it left to be done for it."""

    until: float
    future: asyncio.Future[Any]
    work: Any


class Line:
    """Who waits for something that is taken: first come, first served; nobody waits longer than `patience` seconds.

    All wait equally long, so the one in front is always the first to give up and one timer serves everybody.
    """

    __slots__ = ("_longest", "_patience", "_timer", "_waiters", "_what")

    def __init__(self, what: str, longest: int, patience: float) -> None:
        self._what, self._longest, self._patience = what, longest, patience
        self._waiters: deque[Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._waiters)

    def join(self, work: Any = None) -> asyncio.Future[Any]:
        """A future that is done when it is this waiter's turn. Raises `DatabaseUnavailable` where the line is full."""
        if len(self._waiters) >= self._longest:
            self._forget_the_gone()
            if len(self._waiters) >= self._longest:
                raise Busy(f"{self._what}: {self._longest} callers wait already", retry_after=self._patience)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._waiters.append(Waiter(loop.time() + self._patience, future, work))
        if self._timer is None:
            self._timer = loop.call_at(self._waiters[0].until, self._expire)
        return future

    async def wait(self, give_back: Callable[[Any], None]) -> Any:
        """What is handed over when it is this waiter's turn. Raises `DatabaseUnavailable` where the line is full or does not move.

        A waiter that is cancelled in the very moment of being served hands it to `give_back`.
        """
        turn = self.join()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                give_back(turn.result())
            raise

    def next(self) -> Waiter | None:
        """Take out and return the first who still waits, or None."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.future.done():
                return waiter
        return None

    def refuse_all(self, error: DatabaseUnavailable) -> None:
        """Send everybody away."""
        while (waiter := self.next()) is not None:
            waiter.future.set_exception(DatabaseUnavailable(str(error), error.retry_after))

    def _forget_the_gone(self) -> None:
        self._waiters = deque(waiter for waiter in self._waiters if not waiter.future.done())

    def _expire(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        # A timer may ring a moment early: its resolution counts as over.
        now = loop.time() + 0.001
        while self._waiters and (self._waiters[0].future.done() or self._waiters[0].until <= now):
            waiter = self._waiters.popleft()
            if not waiter.future.done():
                message = f"{self._what}: still taken after {self._patience:g} s"
                waiter.future.set_exception(Busy(message, retry_after=self._patience))
        if self._waiters:
            self._timer = loop.call_at(self._waiters[0].until, self._expire)
