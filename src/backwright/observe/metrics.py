"""Counts events for Prometheus, in a registry of its own, so that two apps in one process do not mix."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from backwright.observe.events import (
    DatabaseBack,
    DatabaseLost,
    Event,
    FaultRaised,
    LimitReached,
    RequestFinished,
    SignedIn,
    SignInRefused,
    StatementSlow,
    TokenReused,
)  # fmt: skip

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MOST_ROUTES = 5_000
"""Label values kept apart at most; what comes after is counted as ``other``, since a series is never forgotten."""


class Metrics:
    """An `Observer` whose counts `exposition` gives in the Prometheus text format.

    Counts are of this process: with several workers, scrape each or sum over the ``worker`` label (see the operations chapter).
    """

    def __init__(self, *, worker: int = 0) -> None:
        self.registry = registry = CollectorRegistry()
        self._worker = str(worker)
        self._seconds = Histogram(
            "backwright_request_seconds", "Time from the first byte of a request to the end of its answer.",
            ("method", "operation", "status", "worker"), registry=registry, buckets=BUCKETS,
        )  # fmt: skip
        self._requests = Counter(
            "backwright_requests", "Requests answered.", ("method", "operation", "status", "worker"), registry=registry
        )
        self._events = Counter("backwright_events", "Other events, by kind.", ("event", "detail", "worker"), registry=registry)
        self._up = Gauge("backwright_database_up", "1 while the database answers.", ("worker",), registry=registry).labels(self._worker)
        self._up.set(1)
        self._children: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}

    def __call__(self, event: Event, /) -> None:
        if type(event) is RequestFinished:
            child = self._children.get((event.method, event.operation, event.status))
            if child is None:
                child = self._child(event)
            child[0]()
            child[1](event.seconds)
        else:
            self._other(event)

    def gauge(self, name: str, help: str, read: Callable[[], float]) -> None:
        """A number asked for at each scrape, e.g. the connections of a pool that are in use, or the requests in flight."""
        Gauge(f"backwright_{name}", help, ("worker",), registry=self.registry).labels(self._worker).set_function(read)

    def exposition(self) -> bytes:
        """Everything counted so far (content type: `CONTENT_TYPE`)."""
        return generate_latest(self.registry)

    def _child(self, event: RequestFinished) -> tuple[Callable[[], None], Callable[[float], None]]:
        full = len(self._children) >= MOST_ROUTES
        labels = (
            event.method if event.method in _METHODS else "other",
            "other" if full else event.operation, str(event.status), self._worker,
        )  # fmt: skip
        child = (self._requests.labels(*labels).inc, self._seconds.labels(*labels).observe)
        if not full and event.method in _METHODS:
            self._children[event.method, event.operation, event.status] = child
        return child

    def _other(self, event: Event) -> None:
        match event:
            case DatabaseLost() | DatabaseBack():
                self._up.set(type(event) is DatabaseBack)
            case SignInRefused():
                self._count("sign_in_refused", event.reason)
            case LimitReached():
                self._count("limit_reached", event.tier)
            case FaultRaised():
                self._count("fault_raised", event.operation)
            case StatementSlow() | SignedIn() | TokenReused():
                self._count(str(type(event).__struct_config__.tag), "")
            case _:
                pass

    def _count(self, event: str, detail: str) -> None:
        self._events.labels(event, detail, self._worker).inc()
