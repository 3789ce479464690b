"""What every HTTP edge does, whatever carries the bytes: find the endpoint, turn refusals and faults into answers, tell what happened."""

import asyncio
import secrets
import time
import traceback
from collections.abc import Callable
from typing import Any, Protocol

from backwright.api.http.message import HttpRequest, HttpResponse
from backwright.data.errors import DatabaseUnavailable
from backwright.domain.refusals import Refusal, Unavailable
from backwright.observe.events import FaultRaised, LimitReached, Observer, RequestFinished
from backwright.observe.traces import Sampler
from backwright.operations.address import Proxies


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

    async def sweep(self) -> None:
        """Forever: cancel what is past its deadline, and start listening for disconnects of what is slow."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.patience)
            now = loop.time()
            for task, (started, request) in list(self.tasks.items()):
                if now - started > self.deadline and not request.answered:
                    self.cancel(task, "late")
                elif now - started > self.patience and task not in self._watched and request.body_read and request.receive is not None:
                    self._watched[task] = loop.create_task(self._listen(task, request))

    async def _listen(self, task: asyncio.Task[Any], request: HttpRequest) -> None:
        assert request.receive is not None
        message = await request.receive()
        while message["type"] == "http.request":
            message = await request.receive()
        self.cancel(task, "gone")

    def cancel(self, task: asyncio.Task[Any], why: str) -> None:
        """End a request that is past its deadline ("late") or that nobody waits for any more ("gone"); once is enough."""
        running = self.tasks.get(task)
        if running is not None and not running[1].ended:
            running[1].ended = why
            task.cancel()

    def done(self, task: asyncio.Task[Any]) -> None:
        """Forget a request."""
        self.tasks.pop(task, None)
        if self._watched and (listener := self._watched.pop(task, None)) is not None:
            listener.cancel()


class Edge:
    """From a request to its response. What carries the bytes calls `begin`, `answer` and `tell`, in this order."""

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

    def begin(self, request: HttpRequest) -> None:
        """Give a request its id, its place in a trace, and the address that trusted proxies tell."""
        request.started = time.perf_counter()
        headers = request.headers
        if self._believes:
            request.address = self.proxies.client(request.address, request.all(self.proxies.header.encode()))
        request.id = self.request_id(headers.get(b"x-request-id"))
        parent = headers.get(b"traceparent")
        if parent is not None or self.sampler.begins:
            request.trace = self.sampler.begin(parent, secrets.randbits(192))

    async def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The response, whatever happens; None if the client has gone."""
        site = self.site
        try:
            endpoint = site.find(request)
            request.operation = endpoint.name
            response = await endpoint(request)
        except Refusal as refusal:
            response = self._refused(request, refusal)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not request.ended or task is None:
                raise
            task.uncancel()
            if request.ended == "gone":
                return None
            response = site.error(request, Unavailable(retry_after=1))
        except DatabaseUnavailable as error:
            self.away(error)
            response = site.error(request, Unavailable(retry_after=1))
        except Exception as fault:
            response = self._failed(request, fault)
        site.finish(request, response)
        request.answered = True
        return response

    def refuse(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The whole answer to a request that is refused before an endpoint is looked for."""
        response = self._refused(request, refusal)
        self.site.finish(request, response)
        return response

    def fail(self, request: HttpRequest, fault: Exception) -> HttpResponse:
        """The whole answer to a fault that came to light behind the endpoint."""
        response = self._failed(request, fault)
        self.site.finish(request, response)
        return response

    def _refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """A full limit is worth telling."""
        decision = getattr(refusal, "decision", None)
        if decision is not None:
            self.observer(LimitReached(decision.limit.name, request.caller, decision.retry_after, request.operation, request.id))
            request.limit = decision
        return self.site.error(request, refusal)

    def _failed(self, request: HttpRequest, fault: Exception) -> HttpResponse:
        """Told with its traceback inside, opaque outside."""
        trace = "".join(traceback.format_exception(fault))
        self.observer(FaultRaised(f"{type(fault).__name__}: {fault}", trace, request.operation, request.id))
        return self.site.error(request, None)

    def tell(self, request: HttpRequest, response: HttpResponse) -> None:
        """The one event of a request."""
        trace = request.trace
        self.observer(
            RequestFinished(
                request.method, request.operation, response.status, time.perf_counter() - request.started, request.stages, request.caller,
                request.id, trace.trace_id, trace.span_id, trace.parent_span_id, trace.sampled, len(response.body),
            )
        )  # fmt: skip
