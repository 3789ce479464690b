"""A small site behind either HTTP edge, on a real socket: the kit's own protocol, and uvicorn's through ASGI."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from backwright.api.http.asgi import AsgiEdge
from backwright.api.http.body import body_chunks, read_body
from backwright.api.http.edge import Endpoint
from backwright.api.http.message import HttpRequest, HttpResponse
from backwright.api.http.problems import Fault, ProblemJson
from backwright.api.http.server import protocol_for
from backwright.api.http.wire import header_lines
from backwright.domain.refusals import NotFound, Refusal
from backwright.observe.events import Event
from backwright.operations.address import Proxies

HOST = b"Host: test\r\n"
LAST = HOST + b"Connection: close\r\n"


class Answer:
    """An endpoint made of a function."""

    def __init__(self, name: str, answer: Any) -> None:
        self.name, self._answer = name, answer

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = await self._answer(request)
        return response


class World:
    """A site with a few endpoints, which notes what happens."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.cancelled = asyncio.Event()
        self.begun = asyncio.Event()
        self.release = asyncio.Event()

    def find(self, request: HttpRequest, /) -> Endpoint:
        answer = getattr(self, request.path.strip("/"), None)
        if answer is None:
            raise NotFound
        return Answer(request.path, answer)

    def error(self, request: HttpRequest, problem: Refusal | None, /) -> HttpResponse:
        what = Fault() if problem is None else problem
        headers, body = ProblemJson()(what, request.id)
        return HttpResponse(what.status, headers, body)

    def finish(self, request: HttpRequest, response: HttpResponse, /) -> None:
        if response.chunks is None and response.status not in (204, 304):
            response.lines = header_lines([(b"content-length", b"%d" % len(response.body))])

    async def hello(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, [(b"content-type", b"text/plain")], b"hello " + request.query)

    async def echo(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, [], await read_body(request, 1_000_000))

    async def count(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, [], b"%d" % sum([len(piece) async for piece in body_chunks(request)]))

    async def small(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, [], await read_body(request, 10))

    async def nothing(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(204)

    async def unchanged(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(304, [(b"etag", b'"1"')])

    async def pieces(self, request: HttpRequest) -> HttpResponse:
        async def three() -> AsyncIterator[bytes]:
            for piece in (b"one ", b"", b"two ", b"three"):
                yield piece

        return HttpResponse(200, [], chunks=three())

    async def broken(self, request: HttpRequest) -> HttpResponse:
        async def some() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError("no more")

        return HttpResponse(200, [], chunks=some())

    async def fails(self, request: HttpRequest) -> HttpResponse:
        raise RuntimeError("ours")

    async def splits(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, [(b"x-name", b"a\r\nset-cookie: b=c")], b"")

    async def waits(self, request: HttpRequest) -> HttpResponse:
        self.begun.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return HttpResponse(200, [], b"waited")


class Served:
    """A world behind one of the edges."""

    def __init__(self, world: World, port: int, state: ServerState) -> None:
        self.world, self.port, self.state = world, port, state

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def talk(self, *pieces: bytes) -> bytes:
        """Everything that comes back until the server closes."""
        reader, writer = await self.connect()
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(20):
            found = await reader.read()
        writer.close()
        return found


Story = Callable[[Served], Any]


def tell(kind: str, story: Story) -> None:
    """Run a story against one edge."""

    async def main() -> None:
        world, state = World(), ServerState()
        edge = AsgiEdge(world, world.events.append, request_id=lambda given: "1", proxies=Proxies(()))
        config = uvicorn.Config(edge.http, lifespan="off", log_config=None, ws="none", access_log=False, interface="asgi3")
        config.load()
        make: Any = protocol_for(lambda: edge) if kind == "direct" else HttpToolsProtocol
        server = await asyncio.get_running_loop().create_server(
            lambda: make(config=config, server_state=state, app_state={}), "127.0.0.1", 0
        )
        try:
            await story(Served(world, server.sockets[0].getsockname()[1], state))
        finally:
            server.close()
            for connection in list(state.connections):
                connection.shutdown()

    asyncio.run(main())


def direct(story: Story) -> None:
    tell("direct", story)


def split(answer: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of the first answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    return int(first.split()[1]), dict(line.lower().split(b": ", 1) for line in rest), body
