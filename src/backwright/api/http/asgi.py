"""The ASGI edge: bytes to a request, a response to bytes; the one place that turns refusals and faults into answers and tells what happened.

Pure ASGI 3, one layer, so that it runs on any server and mounts anywhere.
"""

import asyncio
import secrets
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Protocol
from urllib.parse import quote

from backwright.api.http.message import HttpRequest, HttpResponse, Receive
from backwright.data.errors import DatabaseUnavailable
from backwright.domain.refusals import Refusal, TooLarge, Unavailable
from backwright.observe.events import FaultRaised, LimitReached, Observer, RequestFinished
from backwright.observe.traces import Sampler, Trace
from backwright.operations.address import Proxies

UNTRACED = Trace("", "", "", False)
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Endpoint(Protocol):
    """Answers one route."""

    name: str
    """The operation's name, for logs and metrics."""

    async def __call__(self, request: HttpRequest, /) -> HttpResponse: ...


class Site(Protocol):
    """What the edge serves: it finds endpoints, and it writes errors in the contract's shape."""

    def find(self, request: HttpRequest, /) -> Endpoint:
        """The endpoint of a request, whose path parameters are set on it. Raises `NotFound`, `MethodNotAllowed`."""
        ...

    def error(self, request: HttpRequest, problem: Refusal | None, /) -> HttpResponse:
        """The answer to a refusal, or to a fault (None)."""
        ...

    def finish(self, request: HttpRequest, response: HttpResponse, /) -> None:
        """Add what every answer carries: security headers, CORS, the request id."""
        ...


class Running:
    """The requests that are running, so that slow ones can be watched: their deadline, and whether the client is still there.

    Watching begins only when a request is older than a moment; the others never pay for it.
    """

    def __init__(self, deadline: float, patience: float = 0.25) -> None:
        self.deadline = deadline
        self.patience = patience
        self.tasks: dict[asyncio.Task[Any], tuple[float, HttpRequest]] = {}
        self._watched: dict[asyncio.Task[Any], asyncio.Task[None]] = {}
        self.late: set[asyncio.Task[Any]] = set()
        self.gone: set[asyncio.Task[Any]] = set()

    async def sweep(self) -> None:
        """Forever: cancel what is past its deadline, and start listening for disconnects of what is slow."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.patience)
            now = loop.time()
            for task, (started, request) in list(self.tasks.items()):
                if now - started > self.deadline:
                    if task not in self.late:
                        self.late.add(task)
                        task.cancel()
                elif now - started > self.patience and task not in self._watched and request.body_read:
                    self._watched[task] = loop.create_task(self._listen(task, request))

    async def _listen(self, task: asyncio.Task[Any], request: HttpRequest) -> None:
        message = await request.receive()
        while message["type"] == "http.request":
            message = await request.receive()
        if task in self.tasks:
            self.gone.add(task)
            task.cancel()

    def done(self, task: asyncio.Task[Any]) -> None:
        """Forget a request."""
        self.tasks.pop(task, None)
        self.late.discard(task)
        self.gone.discard(task)
        if (listener := self._watched.pop(task, None)) is not None:
            listener.cancel()


class AsgiEdge:
    """An ASGI application for a site."""

    def __init__(
        self, site: Site, observer: Observer, *, deadline: float = 10.0, request_id: Callable[[bytes | None], str],
        proxies: Proxies, sampler: Sampler | None = None,
    ) -> None:  # fmt: skip
        self.site = site
        self.observer = observer
        self.running = Running(deadline)
        self.request_id = request_id
        self.sampler = sampler or Sampler()
        self.away: Callable[[DatabaseUnavailable], None] = lambda error: None
        """Told when the database could not be reached and nobody below has said so."""
        self.proxies = proxies
        self._believes = bool(proxies)

    async def http(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        started = time.perf_counter()
        client = scope.get("client")
        request = HttpRequest(
            scope["method"], path_of(scope), scope["query_string"], scope["headers"], receive, client[0] if client else "", scope["scheme"],
        )  # fmt: skip
        request.root_path = scope.get("root_path", "")
        if self._believes:
            request.address = self.proxies.client(request.address, request.all(self.proxies.header.encode()))
        request.id = self.request_id(request.headers.get(b"x-request-id"))
        task = asyncio.current_task()
        assert task is not None
        parent = request.headers.get(b"traceparent")
        trace = self.sampler.begin(parent, secrets.randbits(192)) if parent is not None or self.sampler.begins else UNTRACED
        running = self.running
        running.tasks[task] = (asyncio.get_running_loop().time(), request)
        try:
            response = await self.answer(request, task)
            if response is not None:
                await self.write(request, response, send)
        finally:
            running.done(task)
        if response is not None:
            self.observer(
                RequestFinished(
                    request.method, request.operation, response.status, time.perf_counter() - started, request.stages, request.caller,
                    request.id, trace.trace_id, trace.span_id, trace.parent_span_id, trace.sampled, len(response.body),
                )
            )  # fmt: skip

    async def answer(self, request: HttpRequest, task: asyncio.Task[Any]) -> HttpResponse | None:
        """The response, whatever happens; None if the client has gone."""
        site = self.site
        try:
            endpoint = site.find(request)
            request.operation = endpoint.name
            response = await endpoint(request)
        except Refusal as refusal:
            response = self.refused(request, refusal)
        except asyncio.CancelledError:
            if task in self.running.gone:
                task.uncancel()
                return None
            if task not in self.running.late:
                raise
            task.uncancel()
            response = site.error(request, Unavailable(retry_after=1))
        except DatabaseUnavailable as error:
            self.away(error)
            response = site.error(request, Unavailable(retry_after=1))
        except Exception as fault:
            self.observer(FaultRaised(f"{type(fault).__name__}: {fault}", traceback.format_exc(), request.operation, request.id))
            response = site.error(request, None)
        site.finish(request, response)
        return response

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The answer to a refusal; a full limit is worth telling."""
        decision = getattr(refusal, "decision", None)
        if decision is not None:
            self.observer(LimitReached(decision.limit.name, request.caller, decision.retry_after, request.operation, request.id))
            request.limit = decision
        return self.site.error(request, refusal)

    async def write(self, request: HttpRequest, response: HttpResponse, send: Send) -> None:
        """Send a response. A HEAD has no body, but the headers of the GET."""
        await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
        if response.chunks is None or request.method == "HEAD":
            await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else response.body})
        else:
            async for chunk in response.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        if response.close is not None:
            await response.close()


def path_of(scope: Scope) -> str:
    """The path below the mount, still percent-encoded where it was: ``%2F`` in a parameter must not become a slash."""
    path: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if raw is not None and b"%" in raw:
        path = raw.partition(b"?")[0].decode("latin-1")
    elif "%" in path or not path.isascii():
        path = quote(path)
    root: str = scope.get("root_path", "")
    return path[len(root) :] or "/" if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/") else path


async def body_chunks(request: HttpRequest) -> AsyncIterator[bytes]:
    """The body as it arrives; whoever reads it keeps count."""
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        more = message.get("more_body", False)
        if not more:
            request.body_read = True
        if chunk := message.get("body", b""):
            yield chunk


async def read_body(request: HttpRequest, limit: int) -> bytes:
    """The whole body. Raises `TooLarge` before more than `limit` bytes were taken in."""
    declared = request.headers.get(b"content-length")
    if declared is not None and declared.isdigit() and (len(declared) > 15 or int(declared) > limit):
        raise TooLarge(limit=limit)
    message = await request.receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        request.body_read = True
        if len(body) > limit:
            raise TooLarge(limit=limit)
        return body
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit=limit)
        chunks.append(chunk)
    request.body_read = True
    return b"".join(chunks)
