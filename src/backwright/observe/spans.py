"""Recorded traces as OpenTelemetry spans. Nothing is imported until `spans` is called, and that happens only where traces are configured.

A span is made when its request has finished, from the event, with the event's own ids and times; so requests pay nothing for spans
while they run, and what is not sampled costs one comparison. A span of a request that never ends is never seen: its fault is in the log.
"""

import time
from collections.abc import Callable
from typing import Any

from backwright.observe.events import Event, Observer, RequestFinished


class EventIds:
    """The id generator to give to the SDK's ``TracerProvider``, so that spans have the ids that logs and callers already know."""

    def __init__(self) -> None:
        self.span_id = 0
        self.trace_id = 0

    def generate_span_id(self) -> int:
        return self.span_id

    def generate_trace_id(self) -> int:
        return self.trace_id

    def is_trace_id_random(self) -> bool:
        return True


def spans(ids: EventIds, *, provider: Any = None, clock: Callable[[], int] = time.time_ns) -> Observer:
    """An observer that makes one span for each sampled request, by `provider` (by default the one set for the whole process).

    `provider` must have been made with ``id_generator=ids``. Raises ``ImportError`` where ``opentelemetry-api`` is not installed.
    """
    from opentelemetry import trace
    from opentelemetry.context import Context

    tracer = trace.get_tracer("backwright", tracer_provider=provider)

    def record(event: Event, /) -> None:
        if type(event) is not RequestFinished or not event.sampled:
            return
        ids.trace_id, ids.span_id = int(event.trace_id, 16), int(event.span_id, 16)
        end = clock()
        span = tracer.start_span(
            f"{event.method} {event.operation}", _context(trace, Context(), event), kind=trace.SpanKind.SERVER,
            start_time=end - int(event.seconds * 1e9), attributes=_attributes(event),
        )  # fmt: skip
        if event.status >= 500:
            span.set_status(trace.StatusCode.ERROR)
        span.end(end)

    return record


def _context(trace: Any, empty: Any, event: RequestFinished) -> Any:
    """Where the span hangs: below the caller's span, or nowhere; never below what happens to be open in this process."""
    if not event.parent_span_id:
        return empty
    parent = trace.SpanContext(
        int(event.trace_id, 16), int(event.parent_span_id, 16), is_remote=True, trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED)
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(parent), empty)


def _attributes(event: RequestFinished) -> dict[str, Any]:
    """By the names of the OpenTelemetry semantic conventions where they have one."""
    stages = event.stages
    timed = {f"backwright.{name}_seconds": getattr(stages, name) for name in stages.__struct_fields__} if stages else {}
    return {
        "http.request.method": event.method, "http.route": event.operation, "http.response.status_code": event.status,
        "http.response.body.size": event.bytes_out, "backwright.request_id": event.request_id, **timed,
    }  # fmt: skip
