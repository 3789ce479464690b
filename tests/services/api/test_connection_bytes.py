"""A connection fed with bytes from memory: however they are cut, and whatever they are."""

import asyncio
from itertools import pairwise
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from backwright.api.http.asgi import AsgiEdge
from backwright.api.http.server import protocol_for
from backwright.observe.events import FaultRaised
from backwright.operations.address import Proxies
from tests.support.edges import HOST, World

REQUESTS = [
    b"GET /hello?you HTTP/1.1\r\n" + HOST + b"\r\n",
    b"HEAD /hello HTTP/1.1\r\n" + HOST + b"\r\n",
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    b"GET /pieces HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /missing HTTP/1.1\r\n" + HOST + b"\r\n",
]


class Memory:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written, self.closed = b"", False

    def get_extra_info(self, name: str) -> Any:
        return ("192.0.2.1", 1) if name == "peername" else None

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


class State:
    """A server with one connection."""

    def __init__(self) -> None:
        self.connections: set[Any] = set()
        self.total_requests = 0
        self.default_headers: list[tuple[bytes, bytes]] = []
        self.timeout_keep_alive = 5


async def fed(pieces: list[bytes]) -> tuple[bytes, list[Any]]:
    """What is written in answer to the pieces, and what went wrong meanwhile."""
    world, memory, state = World(), Memory(), State()
    edge = AsgiEdge(world, world.events.append, request_id=lambda given: "1", proxies=Proxies(()))
    wrong: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: wrong.append(context))
    connection: Any = protocol_for(lambda: edge)(state, state)
    connection.connection_made(memory)
    for piece in pieces:
        connection.data_received(piece)
        await asyncio.sleep(0)
    for _ in range(60):
        await asyncio.sleep(0)
    connection.connection_lost(None)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not edge.running.tasks
    return memory.written, wrong + [event for event in world.events if isinstance(event, FaultRaised)]


@settings(max_examples=60, deadline=None)
@given(chosen=st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=5), cuts=st.sets(st.integers(1, 400)))
def test_how_bytes_are_cut_changes_nothing(chosen: list[bytes], cuts: set[int]) -> None:
    """The answers are those to the requests sent whole, one by one."""
    stream = b"".join(chosen)
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]

    assert asyncio.run(fed(pieces)) == asyncio.run(fed(chosen))


@settings(max_examples=100, deadline=None)
@given(start=st.sampled_from(REQUESTS), at=st.integers(0, 150), removed=st.integers(0, 9), added=st.binary(max_size=9))
@example(start=REQUESTS[2], at=len(REQUESTS[2]) - 8, removed=0, added=b"_")
def test_no_bytes_are_a_fault(start: bytes, at: int, removed: int, added: bytes) -> None:
    """Damaged requests are answered or refused; none raises, and none leaves anything running."""
    _, wrong = asyncio.run(fed([start[:at] + added + start[at + removed :]]))

    assert wrong == []
