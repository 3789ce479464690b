"""Security headers and cross-origin rules (Fetch: CORS), each compiled at start. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityHeaders:
    """What every answer says to browsers. The content policy is for an API: nothing may be loaded, nobody may frame it."""

    content_policy: str = "default-src 'none'; frame-ancestors 'none'"
    referrer: str = "no-referrer"
    transport_seconds: int = 0
    """Strict-Transport-Security's max-age; 0 leaves the header out (for servers that are not behind TLS)."""

    def compiled(self) -> RawHeaders:
        """The headers, ready to be sent."""
        headers = {
            "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": self.referrer,
            "content-security-policy": self.content_policy, "cross-origin-resource-policy": "same-origin",
        }  # fmt: skip
        if self.transport_seconds:
            headers["strict-transport-security"] = f"max-age={self.transport_seconds}; includeSubDomains"
        return [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """Which pages of other origins may call. Nothing is allowed by default.

    ``origins`` are exact (``https://shop.example``) or the one ``*``; ``pattern`` is a regular expression for a whole origin.
    """

    origins: tuple[str, ...] = ()
    pattern: str | None = None
    methods: tuple[str, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    headers: tuple[str, ...] = ("authorization", "content-type", "if-match", "if-none-match", "idempotency-key")
    exposed: tuple[str, ...] = ("etag", "location", "retry-after", "link")
    credentials: bool = False
    max_age: int = 600
    """How many seconds a browser may remember the answer to a preflight."""

    def __post_init__(self) -> None:
        if self.credentials and "*" in self.origins:
            raise ValueError("Cors(credentials=True) needs its origins by name: with '*' every site could act as the signed-in user")


@dataclass(frozen=True, slots=True)
class CompiledCors:
    """``simple(origin)`` gives the headers of an answer; ``preflight(origin, method, headers)`` those of an OPTIONS, or None: refused."""

    simple: Callable[[str | None], RawHeaders]
    preflight: Callable[[str | None, str, str], RawHeaders | None]


def compile_cors(cors: Cors) -> CompiledCors:
    """The policy as two functions. Answers that depend on the origin say ``Vary: Origin``, allowed or not."""
    exact = frozenset(cors.origins)
    everybody = "*" in exact
    pattern = re.compile(cors.pattern) if cors.pattern is not None else None
    vary: RawHeaders = [] if everybody else [(b"vary", b"origin")]
    credentials: RawHeaders = [(b"access-control-allow-credentials", b"true")] if cors.credentials else []
    exposed = (b"access-control-expose-headers", ", ".join(cors.exposed).encode("latin-1"))
    methods, names = frozenset(cors.methods), frozenset(h.lower() for h in cors.headers)
    answer: RawHeaders = [
        (b"access-control-allow-methods", ", ".join(cors.methods).encode("latin-1")),
        (b"access-control-allow-headers", ", ".join(sorted(names)).encode("latin-1")),
        (b"access-control-max-age", str(cors.max_age).encode()),
    ]

    def allowed(origin: str | None) -> RawHeaders | None:
        if origin is None:
            return None
        if everybody:
            return [(b"access-control-allow-origin", b"*")]
        if origin in exact or (pattern is not None and pattern.fullmatch(origin)):
            return [(b"access-control-allow-origin", origin.encode("latin-1", "replace")), *credentials]
        return None

    def simple(origin: str | None) -> RawHeaders:
        found = allowed(origin)
        return vary if found is None else [*found, exposed, *vary]

    def preflight(origin: str | None, method: str, headers: str) -> RawHeaders | None:
        found = allowed(origin)
        asked = {name.strip().lower() for name in headers.split(",") if name.strip()}
        if found is None or method not in methods or not asked <= names:
            return None
        return [*found, *answer, (b"vary", b"origin, access-control-request-method, access-control-request-headers")]

    return CompiledCors(simple, preflight)
