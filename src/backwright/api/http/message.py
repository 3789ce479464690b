"""One HTTP request and one response, as every door over HTTP sees them. No server's own types go further in than this."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from backwright.observe.traces import UNTRACED

Header = tuple[bytes, bytes]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class HttpRequest:
    """A request; a long body is still on the wire."""

    __slots__ = (
        "address", "answered", "body", "body_read", "caller", "ended", "headers", "id", "limit", "method", "operation", "params", "path",
        "query", "raw_headers", "receive", "root_path", "scheme", "stages", "started", "trace", "version",
    )  # fmt: skip

    def __init__(
        self, method: str, path: str, query: bytes, raw_headers: list[Header], receive: Receive | None, address: str, scheme: str = "http",
        body: bytes = b"",
    ) -> None:  # fmt: skip
        self.method = method
        self.path = path
        self.query = query
        self.raw_headers = raw_headers
        self.headers = dict(raw_headers)
        """By lower-case name; of a repeated header the last. What may be repeated is read from `raw_headers`."""
        self.receive = receive
        """Where the rest of the body comes from, as ASGI has it; None: there is no more than `body`."""
        self.body = body
        self.address = address
        """The client's address, as far as trusted proxies say."""
        self.scheme = scheme
        self.id = ""
        """The request id."""
        self.root_path = ""
        """What the server's mount took off the path."""
        self.operation = "-"
        """The operation's name, once it is known."""
        self.caller: str | None = None
        """The caller's pseudonym, once it is known."""
        self.limit: Any = None
        """The limiter's decision, for the headers."""
        self.stages: Any = None
        self.started = 0.0
        """When it began, by ``time.perf_counter``."""
        self.trace = UNTRACED
        self.version = "1.1"
        """Of HTTP."""
        self.answered = False
        """Whether the response is there, so that the deadline no longer counts."""
        self.ended = ""
        """Why it was cancelled: "late" or "gone"."""
        self.body_read = method in ("GET", "HEAD", "DELETE", "OPTIONS")
        self.params: tuple[str, ...] = ()
        """The path's parameters in order."""

    def header(self, name: bytes) -> str | None:
        """A header's value as text, or None."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def all(self, name: bytes) -> list[str]:
        """Every value of a header, in order."""
        return [value.decode("latin-1") for key, value in self.raw_headers if key == name]


class HttpResponse:
    """A response: a body in one piece, or in chunks."""

    __slots__ = ("body", "chunks", "close", "headers", "lines", "own", "status")

    def __init__(
        self,
        status: int,
        headers: Iterable[Header] = (),
        body: bytes = b"",
        chunks: AsyncIterator[bytes] | None = None,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.status = status
        self.headers = list(headers)
        self.body = body
        self.chunks = chunks
        self.close = close
        self.own: frozenset[bytes] | None = None
        """The names of headers that the site must not add, because this answer says them itself."""
        self.lines = b""
        """Headers that the site added, as they go over the wire."""

    def all_headers(self) -> list[Header]:
        """The headers one by one, those in `lines` included."""
        return self.headers + [(name, value) for name, _, value in (line.partition(b": ") for line in self.lines.split(b"\r\n")[:-1])]


Handler = Callable[[HttpRequest], Awaitable[HttpResponse]]
