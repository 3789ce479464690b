"""Both edges over real sockets: the kit's own protocol, and uvicorn's through ASGI. What holds for one holds for the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from backwright.api.http import connection as module
from backwright.api.http.asgi import AsgiEdge
from backwright.api.http.body import body_chunks, read_body
from backwright.api.http.edge import Endpoint
from backwright.api.http.message import HttpRequest, HttpResponse
from backwright.api.http.problems import Fault, ProblemJson
from backwright.api.http.server import protocol_for
from backwright.api.http.wire import header_lines
from backwright.domain.refusals import NotFound, Refusal
from backwright.observe.events import Event, RequestFinished
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


@pytest.fixture(params=["direct", "asgi"])
def both(request: pytest.FixtureRequest) -> Iterator[Callable[[Story], None]]:
    yield lambda story: tell(request.param, story)


def direct(story: Story) -> None:
    tell("direct", story)


def split(answer: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of the first answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    return int(first.split()[1]), dict(line.lower().split(b": ", 1) for line in rest), body


# --- what holds for both ----------------------------------------------------------------------------------------------


def test_a_get_is_answered(both: Callable[[Story], None]) -> None:
    """Status, own headers, length and body arrive, and the event is told."""

    async def story(served: Served) -> None:
        status, headers, body = split(await served.talk(b"GET /hello?you HTTP/1.1\r\n" + LAST + b"\r\n"))

        assert (status, headers[b"content-type"], headers[b"content-length"], body) == (200, b"text/plain", b"9", b"hello you")
        assert [type(event) for event in served.world.events] == [RequestFinished]

    both(story)


def test_answers_come_in_order_on_one_connection(both: Callable[[Story], None]) -> None:
    """Requests sent in one piece, without waiting, are answered one after the other."""

    async def story(served: Served) -> None:
        sent = b"".join(b"GET /hello?%d HTTP/1.1\r\n" % n + HOST + b"\r\n" for n in range(20))
        answer = await served.talk(sent + b"GET /hello?last HTTP/1.1\r\n" + LAST + b"\r\n")

        found = [part.split(b"HTTP/1.1")[0] for part in answer.split(b"hello ")[1:]]
        assert found == [*(b"%d" % n for n in range(20)), b"last"]

    both(story)


def test_a_head_has_the_headers_of_the_get(both: Callable[[Story], None]) -> None:
    """But no body, so that the next answer begins where it should."""

    async def story(served: Served) -> None:
        sent = b"HEAD /hello?you HTTP/1.1\r\n" + HOST + b"\r\nGET /nothing HTTP/1.1\r\n" + LAST + b"\r\n"
        status, headers, rest = split(await served.talk(sent))

        assert (status, headers[b"content-length"]) == (200, b"9")
        assert rest.startswith(b"HTTP/1.1 204")

    both(story)


@pytest.mark.parametrize(("path", "status"), [(b"/nothing", 204), (b"/unchanged", 304)])
def test_answers_without_a_body_have_no_length(both: Callable[[Story], None], path: bytes, status: int) -> None:
    """204 and 304 end with their head (RFC 9110, 6.4.1)."""

    async def story(served: Served) -> None:
        found, headers, body = split(await served.talk(b"GET " + path + b" HTTP/1.1\r\n" + LAST + b"\r\n"))

        assert (found, body) == (status, b"")
        assert not headers.keys() & {b"content-length", b"transfer-encoding"}

    both(story)


@pytest.mark.parametrize("size", [0, 1, 70_000, 900_000])
@pytest.mark.parametrize("coded", [False, True])
def test_bodies_arrive_whole(both: Callable[[Story], None], size: int, coded: bool) -> None:
    """Short and long ones, with a length and in the chunked coding."""

    async def story(served: Served) -> None:
        data = bytes(n % 251 for n in range(size))
        frame = b"Transfer-Encoding: chunked\r\n\r\n" if coded else b"Content-Length: %d\r\n\r\n" % size
        pieces = [data[n : n + 30_000] for n in range(0, size, 30_000)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n" if coded else data
        _, _, echoed = split(await served.talk(b"POST /echo HTTP/1.1\r\n" + LAST + frame, body))

        assert echoed == data

    both(story)


def test_a_body_is_awaited_piece_by_piece(both: Callable[[Story], None]) -> None:
    """A client that sends its request byte by byte is answered as any other."""

    async def story(served: Served) -> None:
        whole = b"POST /echo HTTP/1.1\r\n" + LAST + b"Content-Length: 5\r\n\r\nhello"

        assert split(await served.talk(*(whole[n : n + 1] for n in range(len(whole)))))[2] == b"hello"

    both(story)


def test_a_stream_is_sent_in_pieces(both: Callable[[Story], None]) -> None:
    """In the chunked coding, without an empty chunk before the end."""

    async def story(served: Served) -> None:
        _, headers, body = split(await served.talk(b"GET /pieces HTTP/1.1\r\n" + LAST + b"\r\n"))

        assert headers[b"transfer-encoding"] == b"chunked"
        assert body == b"4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"

    both(story)


def test_a_stream_that_breaks_off_does_not_look_whole(both: Callable[[Story], None]) -> None:
    """The connection is cut without the last chunk."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(b"GET /broken HTTP/1.1\r\n" + HOST + b"\r\n")
        found = b""
        try:
            while piece := await reader.read(1000):
                found += piece
        except ConnectionResetError:
            pass
        writer.close()

        assert not found.endswith(b"0\r\n\r\n")

    both(story)


def test_expecting_clients_are_told_to_go_on(both: Callable[[Story], None]) -> None:
    """Expect: 100-continue is answered when the body is asked for (RFC 9110, 10.1.1)."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(b"POST /echo HTTP/1.1\r\n" + LAST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")

        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi")
        assert split(await reader.read())[2] == b"hi"
        writer.close()

    both(story)


def test_refusals_and_faults_are_answered(both: Callable[[Story], None]) -> None:
    """404 for what is not there; a fault is opaque, and told with its traceback inside."""

    async def story(served: Served) -> None:
        missing = await served.talk(b"GET /missing HTTP/1.1\r\n" + LAST + b"\r\n")
        fault = await served.talk(b"GET /fails HTTP/1.1\r\n" + LAST + b"\r\n")

        assert (split(missing)[0], split(fault)[0]) == (404, 500)
        assert b"ours" not in fault

    both(story)


# --- what the kit's own protocol promises besides ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"hello there\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 400_000,
        b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 200 + b"\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET ftp://x/y HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"a b: c\r\n\r\n",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["words", "no host", "long header", "many headers", "bytes", "scheme", "name", "two lengths", "lengths", "negative", "chunk"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(sent: bytes) -> None:
    """400 in the site's own form, then the connection closes."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")

        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"application/problem+json" in head
        assert b"connection: close" in head
        writer.close()

    direct(story)


def test_what_cannot_be_read_waits_for_its_turn() -> None:
    """A good request before it on the same connection is answered first."""

    async def story(served: Served) -> None:
        answer = await served.talk(b"GET /hello?first HTTP/1.1\r\n" + HOST + b"\r\nnonsense\r\n\r\n")

        assert answer.index(b"hello first") < answer.index(b"HTTP/1.1 400 ")

    direct(story)


def test_nothing_is_read_behind_the_last_request() -> None:
    """What follows a Connection: close is not served."""

    async def story(served: Served) -> None:
        answer = await served.talk(b"GET /hello?a HTTP/1.1\r\n" + LAST + b"\r\nGET /hello?b HTTP/1.1\r\n" + LAST + b"\r\n")

        assert answer.count(b"HTTP/1.1 ") == 1

    direct(story)


def test_old_clients_are_served() -> None:
    """HTTP/1.0 needs no host, gets no chunks, and its connection closes."""

    async def story(served: Served) -> None:
        _, headers, body = split(await served.talk(b"GET /pieces HTTP/1.0\r\n\r\n"))

        assert (body, headers[b"connection"]) == (b"one two three", b"close")
        assert b"transfer-encoding" not in headers

    direct(story)


def test_a_wish_to_change_the_protocol_is_passed_over() -> None:
    """A server may ignore Upgrade (RFC 9110, 7.8): the request is answered as it is."""

    async def story(served: Served) -> None:
        wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"

        assert split(await served.talk(b"GET /hello?you HTTP/1.1\r\n" + HOST + wish))[2] == b"hello you"

    direct(story)


def test_a_header_cannot_become_two() -> None:
    """A line break in a header's value is our fault: 500, and nothing of it is sent."""

    async def story(served: Served) -> None:
        answer = await served.talk(b"GET /splits HTTP/1.1\r\n" + LAST + b"\r\n")

        assert split(answer)[0] == 500
        assert b"set-cookie" not in answer

    direct(story)


def test_a_refused_upload_is_answered_before_it_ends() -> None:
    """413 at once; a client that then stops sending keeps nobody busy."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(b"POST /small HTTP/1.1\r\n" + HOST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000)

        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 413 ")
        writer.close()

    direct(story)


def test_a_refusal_instead_of_100_closes() -> None:
    """Whether the body still comes nobody can tell, so what follows is not read as a request."""

    async def story(served: Served) -> None:
        sent = b"POST /small HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n"
        status, headers, _ = split(await served.talk(sent))

        assert (status, headers[b"connection"]) == (413, b"close")

    direct(story)


def test_a_long_body_is_held_back() -> None:
    """While nobody reads it, the client cannot send more than some 64 KiB and what fits the buffers of the system."""

    async def story(served: Served) -> None:
        _, writer = await served.connect()
        writer.write(b"POST /waits HTTP/1.1\r\n" + HOST + b"Content-Length: 100000000\r\n\r\n")
        await served.world.begun.wait()
        writer.write(b"x" * 30_000_000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await writer.drain()

        served.world.release.set()
        writer.transport.abort()

    direct(story)


def test_a_client_that_goes_ends_its_request() -> None:
    """The endpoint is cancelled as soon as the connection is lost, and nothing is told of an answer."""

    async def story(served: Served) -> None:
        _, writer = await served.connect()
        writer.write(b"GET /waits HTTP/1.1\r\n" + HOST + b"\r\n")
        await served.world.begun.wait()
        writer.close()

        await asyncio.wait_for(served.world.cancelled.wait(), 10)
        assert served.world.events == []

    direct(story)


def test_stopping_lets_the_running_request_end() -> None:
    """Its answer says that the connection closes."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(b"GET /waits HTTP/1.1\r\n" + HOST + b"\r\n")
        await served.world.begun.wait()
        for connection in list(served.state.connections):
            connection.shutdown()
        served.world.release.set()
        status, headers, body = split(await reader.read())

        assert (status, headers[b"connection"], body) == (200, b"close", b"waited")
        writer.close()

    direct(story)


@pytest.mark.parametrize("sent", [b"", b"GET /hel", b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf"])
def test_who_does_not_finish_a_request_is_let_go(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """Neither an open connection nor half a head nor half a body holds a place for ever."""
    monkeypatch.setattr(module, "ARRIVAL", -1.0)

    async def story(served: Served) -> None:
        assert await served.talk(sent) == b""
        assert not served.state.connections

    direct(story)


def test_who_does_not_take_an_answer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks and never reads is cut off."""
    monkeypatch.setattr(module, "DEPARTURE", -1.0)

    async def story(served: Served) -> None:
        _, writer = await served.connect()
        body = b"x" * 900_000
        ask = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body
        with pytest.raises((ConnectionError, TimeoutError)):
            async with asyncio.timeout(20):
                while True:
                    writer.write(ask)
                    await writer.drain()
        assert not served.state.connections
        writer.transport.abort()

    direct(story)
