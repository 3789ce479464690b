"""What machines ask of a server: is it alive, is it ready, what did it count. No caller, no limit, no contract."""

from collections.abc import Awaitable, Callable

from backwright.api.http.message import Header, HttpRequest, HttpResponse

_JSON: list[Header] = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class Health:
    """``GET /health/live``: 200 as long as the process answers at all."""

    name = "health_live"

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, _JSON, b'{"status":"alive"}')


class Readiness:
    """``GET /health/ready``: 200 if requests can be served, else 503, with the reason in one word."""

    name = "health_ready"

    def __init__(self, reason: Callable[[], Awaitable[str | None]]) -> None:
        self._reason = reason
        """Why not, or None."""

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        reason = await self._reason()
        if reason is None:
            return HttpResponse(200, _JSON, b'{"status":"ready"}')
        return HttpResponse(503, [*_JSON, (b"retry-after", b"1")], b'{"status":"%b"}' % reason.encode())


class Exposition:
    """``GET /metrics``: everything counted, in the text format of Prometheus."""

    name = "metrics"

    def __init__(self, content_type: str, text: Callable[[], bytes]) -> None:
        self._headers: list[Header] = [(b"content-type", content_type.encode()), (b"cache-control", b"no-store")]
        self._text = text

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, self._headers, self._text())
