"""Counts for Prometheus."""

import pytest

from backwright.observe import metrics as module
from backwright.observe.events import DatabaseLost, FaultRaised, LimitReached, RequestFinished, SignInRefused
from backwright.observe.metrics import Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, {"worker": "0", **labels})


def test_requests_are_counted_and_timed() -> None:
    """By method, operation and status."""
    metrics = Metrics()
    for seconds in (0.003, 0.3):
        metrics(RequestFinished("GET", "list_books", 200, seconds))
    labels = {"method": "GET", "operation": "list_books", "status": "200"}

    assert value(metrics, "backwright_requests_total", **labels) == 2
    assert value(metrics, "backwright_request_seconds_bucket", le="0.005", **labels) == 1
    assert value(metrics, "backwright_request_seconds_sum", **labels) == 0.303


def test_invented_methods_share_a_label() -> None:
    """A client cannot make up series."""
    metrics = Metrics()
    for n in range(3):
        metrics(RequestFinished(f"X{n}", "-", 405, 0.001))

    assert value(metrics, "backwright_requests_total", method="other", operation="-", status="405") == 3


def test_the_number_of_series_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound, operations are counted together."""
    monkeypatch.setattr(module, "MOST_ROUTES", 2)
    metrics = Metrics()
    for n in range(5):
        metrics(RequestFinished("GET", f"operation_{n}", 200, 0.001))

    assert value(metrics, "backwright_requests_total", method="GET", operation="operation_1", status="200") == 1
    assert value(metrics, "backwright_requests_total", method="GET", operation="other", status="200") == 3


def test_other_events_are_counted_by_kind() -> None:
    """Refused sign-ins, limits and faults, each with its detail."""
    metrics = Metrics()
    for event in (
        SignInRefused("wrong password"),
        LimitReached("anonymous"),
        FaultRaised("x", operation="list_books"),
        DatabaseLost("away"),
    ):
        metrics(event)

    assert value(metrics, "backwright_events_total", event="sign_in_refused", detail="wrong password") == 1
    assert value(metrics, "backwright_events_total", event="limit_reached", detail="anonymous") == 1
    assert value(metrics, "backwright_database_up") == 0


def test_gauges_are_asked_at_each_scrape() -> None:
    """A pool's use is read when it is scraped, not when it changes."""
    metrics, use = Metrics(), [3.0]
    metrics.gauge("pool_connections", "Connections in use.", lambda: use[0])
    use[0] = 4.0

    assert b'backwright_pool_connections{worker="0"} 4.0' in metrics.exposition()


def test_two_apps_do_not_mix() -> None:
    """Each has a registry of its own."""
    one, other = Metrics(), Metrics()
    one(FaultRaised("x"))

    assert b"fault_raised" in one.exposition() and b"fault_raised" not in other.exposition()
