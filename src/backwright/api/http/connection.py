"""One client's connection: bytes to requests, responses to bytes, in the order of the requests.

A client may be slow, but not for ever: a request has `ARRIVAL` seconds to arrive, an answer `DEPARTURE` seconds to be taken, and a head
`MOST_HEAD` bytes.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any, Protocol

import httptools

from backwright.api.http.edge import Edge
from backwright.api.http.inflow import Inflow
from backwright.api.http.message import Header, HttpRequest, HttpResponse
from backwright.api.http.wire import CHUNKED, CLOSE, LAST_CHUNK, chunk, declared_length, head
from backwright.domain.refusals import Malformed, Problem, Refusal

ARRIVAL = 20.0
DEPARTURE = 60.0
LINGER = 2.0
"""Seconds for a client that is still sending to read why its connection closes."""
MOST_HEAD = 65_536
MOST_HEADERS = 128
AT_ONCE = 65_536
"""A body up to this size is awaited before its request begins; a longer one is read by its endpoint."""
NEVER = float("inf")


class ServerState(Protocol):
    """What uvicorn's server shares with its connections."""

    connections: set[Any]
    total_requests: int
    default_headers: list[Header]


class Listener(Protocol):
    """What the connections of one server share."""

    connections: set[Any]
    now: float
    """The loop's time, to the second."""

    def join(self, connection: Any, /) -> None:
        """Take a connection up; `expire` is called when its `until` has passed."""
        ...

    def lines(self, headers: list[Header], /) -> bytes:
        """uvicorn's own headers as lines."""
        ...


class Connection(asyncio.Protocol):
    """One client. Runs one request at a time, and reads ahead no further than it must."""

    def __init__(self, listener: Listener, edge: Edge, state: ServerState, patience: float) -> None:
        self._listener, self._edge, self._state, self._patience = listener, edge, state, patience
        self._loop = asyncio.get_running_loop()
        self._parser: Any = httptools.HttpRequestParser(self)
        self._queue: deque[tuple[HttpRequest, bool, Inflow | None, Refusal | None]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._headers: list[Header] | None = None
        self._url = b""
        self._taken = 0
        self._arriving: HttpRequest | None = None
        self._inflow: Inflow | None = None
        """The long body that is arriving, and that of the running request: mostly the same, or neither."""
        self._running_body: Inflow | None = None
        self._keep = self._next_keep = self._reading = True
        self._busy = self._deaf = self._stopping = self._choked = False
        self.until = NEVER
        """When the client has kept us waiting for too long."""

    # --- the connection -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """A client has connected."""
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer and not isinstance(peer, str) else ""  # a socket in the file system has a path
        self._scheme = "http" if transport.get_extra_info("sslcontext") is None else "https"
        self._state.connections.add(self)
        self._listener.join(self)
        self.until = self._listener.now + ARRIVAL

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone: what runs for it is cancelled."""
        self._state.connections.discard(self)
        self._listener.connections.discard(self)
        self._deaf = True
        self._queue.clear()
        self._parser = None
        for body in (self._inflow, self._running_body):
            if body is not None:
                body.lose()
        if self._task is not None:
            self._edge.running.cancel(self._task, "gone")

    def shutdown(self) -> None:
        """The server stops: finish the running request, then close."""
        self._stopping = True
        self._keep = False
        if not self._busy:
            self._transport.close()

    def expire(self) -> None:
        """The client has kept us waiting for too long."""
        if self._choked or self._transport.is_closing():
            self._transport.abort()
        else:
            self._transport.close()

    def pause_writing(self) -> None:
        """The client takes answers more slowly than they are made."""
        self._choked = True
        self.until = self._listener.now + DEPARTURE
        self.flow()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._choked = False
        self.until = NEVER if self._busy else self._listener.now + self._patience
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        if not self._busy:
            self._go_on()

    def write(self, data: bytes) -> None:
        """Send something at once."""
        self._transport.write(data)

    def flow(self) -> None:
        """Read on, or stop reading."""
        body = self._inflow
        wanted = not self._queue and not self._choked and not (body is not None and body.full)
        if wanted != self._reading and not self._transport.is_closing():
            self._reading = wanted
            if wanted:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    # --- what arrives -------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Bytes of the client."""
        if self._deaf:
            return
        self._taken += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # there is nothing to change to: the request is answered as it is, then we close
            self._deaf = True
        except httptools.HttpParserError:
            self._malformed("this is not HTTP/1.1")
        if self._taken > MOST_HEAD:
            self._malformed(f"a head may have {MOST_HEAD} bytes")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._url = b""
        self._headers = []
        self._taken = 0
        if not self._busy:
            self.until = self._listener.now + ARRIVAL

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header. Trailers have no meaning here."""
        if self._headers is not None:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is there. A request with a long body begins now, others when their body has come."""
        parser, headers, url = self._parser, self._headers or [], self._url
        self._headers = None
        self._next_keep = parser.should_keep_alive() and not parser.should_upgrade()
        path, _, query = url.partition(b"?")
        if path[:1] != b"/" or b"#" in url or not url.isascii():
            path, query = _target(url)
        method = parser.get_method().decode("ascii")
        request = HttpRequest(method, path.decode("ascii"), query, headers, None, self._address, self._scheme)
        version = request.version = parser.get_http_version()
        if version != "1.1":
            self._next_keep = False
        elif b"host" not in request.headers:
            return self._malformed("a request names its host")
        if not path or len(headers) > MOST_HEADERS:
            return self._malformed(f"a request has a path, and at most {MOST_HEADERS} headers")
        self._arriving = request
        if _is_long(request.headers):
            self._inflow = Inflow(self, expected=request.headers.get(b"expect", b"").lower() == b"100-continue")
            request.receive = self._inflow.receive
            self._arrived(request, self._inflow)

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._taken -= 9 * len(data)  # so that what the chunked coding adds never counts as a head
        if self._inflow is not None:
            self._inflow.feed(data)
            if self._inflow.full:
                self.flow()
        elif self._arriving is not None:
            self._arriving.body += data

    def on_message_complete(self) -> None:
        """The request is there."""
        request, self._arriving = self._arriving, None
        if self._inflow is not None:
            self._inflow.finish()
            self._inflow = None
        elif request is not None:
            self._arrived(request)
        if not self._next_keep:
            self._deaf = True

    def _arrived(self, request: HttpRequest, body: Inflow | None = None, refusal: Refusal | None = None) -> None:
        keep = self._next_keep and refusal is None
        if self._busy or self._queue or self._choked:
            self._queue.append((request, keep, body, refusal))
            self.flow()
        else:
            self._start(request, keep, body, refusal)

    def _malformed(self, detail: str) -> None:
        """Answer in turn that this cannot be read, then close: where the next request would begin is not known."""
        if self._deaf:
            return
        self._deaf = True
        self._arriving = None
        refusal = Malformed(problems=(Problem(detail, code="http"),))
        if self._inflow is not None:  # its request is under way already
            self._inflow.fail(refusal)
            self._inflow = None
        else:
            self._arrived(HttpRequest("-", "/", b"", [], None, self._address, self._scheme), None, refusal)

    # --- what leaves --------------------------------------------------------------------------------------------------

    def _start(self, request: HttpRequest, keep: bool, body: Inflow | None, refusal: Refusal | None) -> None:
        self._busy = True
        self._keep = keep and not self._stopping
        self._running_body = body
        self.until = NEVER
        edge = self._edge
        edge.begin(request)
        if refusal is not None:
            return self._respond(request, edge.refuse(request, refusal))
        loop = self._loop
        task = self._task = loop.create_task(self._run(request))
        edge.running.tasks[task] = (loop.time(), request)

    async def _run(self, request: HttpRequest) -> None:
        edge, task = self._edge, self._task
        assert task is not None
        response: HttpResponse | None = None
        try:
            response = await edge.answer(request)
            if response is not None:
                if response.chunks is None or request.method == "HEAD":
                    self._respond(request, response)
                else:
                    await self._stream(request, response, response.chunks)
        except BaseException:
            self._transport.abort()
            raise
        finally:
            self._task = None
            edge.running.done(task)
            if response is not None and response.close is not None:
                await response.close()

    def _respond(self, request: HttpRequest, response: HttpResponse) -> None:
        """Send a response that is there as a whole."""
        try:
            top = head(response, self._extra())
        except ValueError as fault:
            response = self._edge.fail(request, fault)
            top = head(response, self._extra())
        self._transport.write(top if request.method == "HEAD" else top + response.body)
        self._edge.tell(request, response)
        self._ended()

    async def _stream(self, request: HttpRequest, response: HttpResponse, pieces: AsyncIterator[bytes]) -> None:
        """Send a response that comes in pieces. One that breaks off must not look whole: its connection is cut."""
        length = declared_length(response)
        coded = length is None and request.version == "1.1"
        self._keep = self._keep and (coded or length is not None)
        self._transport.write(head(response, self._extra() + (CHUNKED if coded else b"")))
        try:
            sent = await self._send_all(pieces, coded)
            if length is not None and sent != length:
                raise ValueError(f"the body has {sent} bytes, but its content-length is {length}")
        except asyncio.CancelledError:
            self._transport.abort()
            if request.ended != "gone":
                raise
        except Exception as fault:
            self._transport.abort()
            self._edge.fail(request, fault)
        self._edge.tell(request, response)
        self._ended()

    async def _send_all(self, pieces: AsyncIterator[bytes], coded: bool) -> int:
        sent = 0
        async for piece in pieces:
            if piece:
                sent += len(piece)
                self._transport.write(chunk(piece) if coded else piece)
            if self._choked:
                self._drained = self._loop.create_future()
                await self._drained
        if coded:
            self._transport.write(LAST_CHUNK)
        return sent

    def _extra(self) -> bytes:
        body = self._running_body
        uncertain = body is not None and body.expected  # whether the body still comes, nobody can tell
        if uncertain or (self._deaf and not self._queue):
            self._keep = False
        lines = self._listener.lines(self._state.default_headers)
        return lines if self._keep else lines + CLOSE

    def _ended(self) -> None:
        """The answer is out: close, or go on with what has arrived meanwhile."""
        self._busy = False
        self._state.total_requests += 1
        body, self._running_body = self._running_body, None
        if body is not None and not body.done:
            body.drop()
        if not self._keep:
            self._leave(body is not None and not body.done)
        elif not self._choked:
            self.until = self._listener.now + self._patience
            if self._queue:
                self._loop.call_soon(self._go_on)  # not at once: other connections wait too
            elif not self._reading:
                self.flow()

    def _leave(self, still_sending: bool) -> None:
        self._deaf = True
        if still_sending and self._transport.can_write_eof():  # a close now could take the answer with it
            self._transport.write_eof()
            self.until = self._listener.now + LINGER
            self.flow()
        else:
            self._transport.close()

    def _go_on(self) -> None:
        if self._queue and not (self._busy or self._choked or self._transport.is_closing()):
            self._start(*self._queue.popleft())
        self.flow()


def _is_long(headers: dict[bytes, bytes]) -> bool:
    """Whether the body is to be read by its endpoint, piece by piece."""
    length = headers.get(b"content-length")
    return (length is not None and int(length) > AT_ONCE) or b"transfer-encoding" in headers or b"expect" in headers


def _target(url: bytes) -> tuple[bytes, bytes]:
    """Path and query of a target in another form than the usual (RFC 9112, 3.2); an empty path if it cannot be read."""
    if url == b"*":
        return url, b""
    try:
        parsed = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        return b"", b""
    whole = url.isascii() and parsed.schema in (b"http", b"https", None)
    return (parsed.path or b"/" if whole else b""), parsed.query or b""
