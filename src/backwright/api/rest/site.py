"""The REST door: every route of the contract compiled into one table, errors in the contract's shape, and what every answer carries."""

from collections.abc import Callable, Mapping
from typing import Any

from backwright.api.http.edge import Endpoint
from backwright.api.http.message import Header, HttpRequest, HttpResponse
from backwright.api.http.problems import ErrorShape, Fault, ProblemJson
from backwright.api.http.router import Router, normal
from backwright.api.http.security import SecurityHeaders, compile_cors
from backwright.api.http.wire import header_lines
from backwright.domain.refusals import Refusal


class RestSite:
    """What the HTTP edge serves."""

    def __init__(
        self, *, errors: ErrorShape | None, cors: Any, clock: Callable[[], float], statuses: Mapping[type[Refusal], int] | None = None,
        security: SecurityHeaders = SecurityHeaders(),
    ) -> None:  # fmt: skip
        self.router: Router[Endpoint] = Router()
        self.errors: ErrorShape = errors or ProblemJson()
        self.statuses = dict(statuses or {})
        self.clock = clock
        self._security: list[Header] = security.compiled()
        self._security_lines = header_lines(self._security)
        self._cors = compile_cors(cors) if cors is not None else None

    def add(self, method: str, path: str, endpoint: Endpoint) -> None:
        """Serve an endpoint. Raises ``ValueError`` if the route is taken."""
        self.router.add(method, path, endpoint)

    def find(self, request: HttpRequest) -> Endpoint:
        """The endpoint of a request. A HEAD is served by the GET; an OPTIONS is answered here."""
        method = request.method
        if "%" in request.path:
            request.path = normal(request.path)
        if method == "OPTIONS":
            return _Options(self)
        endpoint, request.params = self.router.match("GET" if method == "HEAD" else method, request.path)
        return endpoint

    def error(self, request: HttpRequest, problem: Refusal | None) -> HttpResponse:
        """The answer to a refusal, or to a fault (None), in the contract's shape."""
        if problem is not None and self.statuses:
            problem.status = self.status(type(problem))  # type: ignore[misc]
        what = Fault() if problem is None else problem
        headers, body = self.errors(what, request.id)
        return HttpResponse(what.status, headers, body)

    def status(self, kind: type[Refusal]) -> int:
        """The code of a kind of refusal under this contract."""
        return next((self.statuses[base] for base in kind.__mro__ if base in self.statuses), kind.status)

    def finish(self, request: HttpRequest, response: HttpResponse) -> None:
        """Add what every answer carries: length, request id, limits, security headers, CORS."""
        own, status = response.own, response.status
        security = self._security_lines if own is None else header_lines([h for h in self._security if h[0] not in own])
        limits = b"" if request.limit is None else request.limit.lines(self.clock())
        lines = b"x-request-id: %b\r\n%b%b" % (request.id.encode("latin-1"), limits, security)
        if response.chunks is None and status >= 200 and status not in (204, 304) and not (own and b"content-length" in own):
            lines = b"content-length: %d\r\n%b" % (len(response.body), lines)
        response.lines = lines
        if self._cors is not None:
            response.headers += self._cors.simple(request.header(b"origin"))


class _Options:
    """Answers OPTIONS: a preflight by the CORS policy, else what the path allows."""

    name = "options"

    def __init__(self, site: RestSite) -> None:
        self._site = site

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        site = self._site
        methods = site.router.methods(request.path)
        if not methods:
            site.router.match("GET", request.path)
        wanted = request.header(b"access-control-request-method")
        if wanted is not None and site._cors is not None:  # pyright: ignore[reportPrivateUsage]
            asked = request.header(b"access-control-request-headers") or ""
            found = site._cors.preflight(request.header(b"origin"), wanted, asked)  # pyright: ignore[reportPrivateUsage]
            if found is None:
                return HttpResponse(403)
            return HttpResponse(204, found)
        return HttpResponse(204, [(b"allow", ", ".join(methods).encode())])
