"""Connections that only read, each with a thread of its own, for what is too long for the event loop."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from backwright.data.engines.engine import Occupancy
from backwright.data.engines.line import Line
from backwright.data.engines.sqlite_link import Link
from backwright.data.errors import DatabaseUnavailable


class Readers:
    """At most so many, opened when first needed; who comes when all are taken stands in line."""

    __slots__ = ("_free", "_line", "_made", "_make", "_most")

    def __init__(self, make: Callable[[], Awaitable[Link]], most: int, line: Line) -> None:
        self._make, self._most, self._line = make, most, line
        self._free: list[Link] = []
        self._made = 0

    def occupancy(self) -> Occupancy:
        """Readers in use, and callers in line for one."""
        return Occupancy(self._made - len(self._free), len(self._line))

    async def take(self) -> Link:
        """A reader, to be given back. Raises `DatabaseUnavailable`."""
        if self._free:
            return self._free.pop()
        if self._made >= self._most:
            taken: Link = await self._line.wait(self.give)
            return taken
        self._made += 1
        try:
            return await self._make()
        except BaseException:
            self._made -= 1
            raise

    def give(self, link: Link) -> None:
        """Give it to who has waited longest, or keep it."""
        waiter = self._line.next()
        if waiter is None:
            self._free.append(link)
        else:
            waiter.future.set_result(link)

    async def close(self) -> None:
        """Close all, waiting for those in use as long as anybody waits for one."""
        self._most = self._made
        with suppress(DatabaseUnavailable):
            while self._made:
                link = await self.take()
                self._made -= 1
                self._most = self._made
                await link.close()
