"""Counts events for Prometheus, in a registry of its own, so that two apps in one process do not mix."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

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


class Series:
    """The requests of one method, operation and status: how many in each bucket, and their seconds together."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0


class Requests(Collector):
    """Counts requests without the locks of prometheus_client's own classes: the event loop alone counts here, a scrape only reads."""

    def __init__(self) -> None:
        self.series: dict[tuple[str, str, str, str], Series] = {}

    def collect(self) -> Iterable[Metric]:
        """What has been counted, as the registry asks for it."""
        labels = ("method", "operation", "status", "worker")
        answered = CounterMetricFamily("backwright_requests", "Requests answered.", labels=labels)
        what = "Time from the first byte of a request to the end of its answer."
        seconds = HistogramMetricFamily("backwright_request_seconds", what, labels=labels)
        for values, series in list(self.series.items()):
            counts = list(accumulate(series.counts))
            answered.add_metric(values, counts[-1])
            seconds.add_metric(values, [*zip((*map(str, BUCKETS), "+Inf"), counts, strict=True)], series.total)
        return answered, seconds


class Metrics:
    """An `Observer` whose counts `exposition` gives in the Prometheus text format.

    Counts are of this process: with several workers a scrape shows the one that answered it, and the ``worker`` label says which.
    """

    def __init__(self, *, worker: int = 0) -> None:
        self.registry = registry = CollectorRegistry()
        self._worker = str(worker)
        self._requests = Requests()
        registry.register(self._requests)
        self._events = Counter("backwright_events", "Other events, by kind.", ("event", "detail", "worker"), registry=registry)
        self._up = Gauge("backwright_database_up", "1 while the database answers.", ("worker",), registry=registry).labels(self._worker)
        self._up.set(1)
        self._known: dict[tuple[str, str, int], Series] = {}

    def __call__(self, event: Event, /) -> None:
        if type(event) is RequestFinished:
            series = self._known.get((event.method, event.operation, event.status)) or self._new(event)
            seconds = event.seconds
            series.total += seconds
            series.counts[bisect_left(BUCKETS, seconds)] += 1
        else:
            self._other(event)

    def gauge(self, name: str, help: str, read: Callable[[], float]) -> None:
        """A number asked for at each scrape, e.g. the connections of a pool that are in use, or the requests in flight."""
        Gauge(f"backwright_{name}", help, ("worker",), registry=self.registry).labels(self._worker).set_function(read)

    def exposition(self) -> bytes:
        """Everything counted so far (content type: `CONTENT_TYPE`)."""
        return generate_latest(self.registry)

    def _new(self, event: RequestFinished) -> Series:
        full = len(self._known) >= MOST_ROUTES
        labels = (
            event.method if event.method in _METHODS else "other",
            "other" if full else event.operation, str(event.status), self._worker,
        )  # fmt: skip
        series = self._requests.series.setdefault(labels, Series())
        if not full and event.method in _METHODS:
            self._known[event.method, event.operation, event.status] = series
        return series

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
