"""HTTP/1.1 straight onto the edge, without ASGI in between.

uvicorn keeps what it is good at, which is sockets, signals and draining; each connection is ours: it saves a scope, an event and two
messages for each request, and bounds what uvicorn leaves open (see `connection`).
"""

import asyncio
from collections.abc import Callable
from typing import Any

from backwright.api.http.connection import Connection, ServerState
from backwright.api.http.edge import Edge
from backwright.api.http.message import Header
from backwright.api.http.wire import header_lines


def protocol_for(edge: Callable[[], Edge]) -> Callable[..., asyncio.Protocol]:
    """What to give to uvicorn: ``Config(app, http=protocol_for(lambda: running.edge))``. `edge` is asked when a client connects."""
    listener = Listener()

    def connect(config: Any, server_state: ServerState, app_state: Any = None, _loop: Any = None) -> Connection:
        return Connection(listener, edge(), server_state, config.timeout_keep_alive)

    return connect


class Listener:
    """What connections share: a coarse clock that ends those whose clients keep us waiting, and the headers that uvicorn adds."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.now = 0.0
        self._ticking = False
        self._headers: list[Header] = []
        self._lines = b""

    def join(self, connection: "Connection") -> None:
        """A client has connected."""
        self.connections.add(connection)
        if not self._ticking:
            self._ticking = True
            self._tick(asyncio.get_running_loop())

    def lines(self, headers: list[Header]) -> bytes:
        """uvicorn's own headers (the date, made anew each second) as lines."""
        if headers is not self._headers:
            self._headers, self._lines = headers, header_lines(headers)
        return self._lines

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = now = loop.time()
        for connection in [c for c in self.connections if c.until < now]:
            connection.expire()
        self._ticking = bool(self.connections)
        if self._ticking:
            loop.call_later(1.0, self._tick, loop)
