"""A long request body on its way from a connection to the endpoint that reads it, held back while nobody does."""

import asyncio
from collections.abc import MutableMapping
from typing import Any, Protocol

from backwright.api.http.wire import CONTINUE
from backwright.domain.refusals import Refusal

MOST_WAITING = 65_536
"""Bytes that may wait for the endpoint before the connection is no longer read."""


class Source(Protocol):
    """The connection, as far as the body of its request is concerned."""

    def flow(self) -> None:
        """Read on, or stop reading: what waits has changed."""
        ...

    def write(self, data: bytes) -> None:
        """Send something at once."""
        ...


class Inflow:
    """Fed by the parser, emptied by `receive`."""

    __slots__ = ("_data", "_dropped", "_refusal", "_source", "_waiter", "done", "expected", "lost")

    def __init__(self, source: Source, *, expected: bool) -> None:
        self._source = source
        self._data = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._dropped = False
        self._refusal: Refusal | None = None
        self.done = False
        """Whether all of it has come."""
        self.expected = expected
        """Whether the client waits for our 100 before it sends anything (RFC 9110, 10.1.1)."""
        self.lost = False
        """Whether the client has gone."""

    @property
    def full(self) -> bool:
        """Whether enough waits."""
        return len(self._data) > MOST_WAITING

    def feed(self, data: bytes) -> None:
        """A piece has come."""
        self.expected = False
        if not self._dropped:
            self._data += data
            self._wake()

    def finish(self) -> None:
        """The last piece has come."""
        self.expected = False
        self.done = True
        self._wake()

    def fail(self, refusal: Refusal) -> None:
        """What comes cannot be read."""
        self._refusal = refusal
        self._wake()

    def lose(self) -> None:
        """The client has gone."""
        self.lost = True
        self._wake()

    def drop(self) -> None:
        """Nobody will read it any more: let the rest pass by."""
        self._dropped = True
        self._data.clear()

    async def receive(self) -> MutableMapping[str, Any]:
        """What has come since the last call, as an ASGI message; waits if that is nothing. Raises `Malformed`."""
        if self.expected:
            self.expected = False
            self._source.write(CONTINUE)
        while not (self._data or self.done or self.lost or self._refusal):
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if self._refusal is not None:
            raise self._refusal
        if self.lost:
            return {"type": "http.disconnect"}
        data = bytes(self._data)
        self._data.clear()
        self._source.flow()
        return {"type": "http.request", "body": data, "more_body": not self.done}

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
