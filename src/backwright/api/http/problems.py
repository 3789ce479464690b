"""Refusals and faults as HTTP answers: RFC 9457 problem details by default; a contract may bring its own shape."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import msgspec

from backwright.domain.refusals import MethodNotAllowed, Refusal, TooManyRequests, Unauthenticated, Unavailable, UnsupportedMedia

RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Our affair: what happened was logged under the request's id, and nobody outside learns more."""

    status: int = 500


class ErrorShape(Protocol):
    """How one API tells its errors."""

    def __call__(self, what: Refusal | Fault, request_id: str) -> tuple[RawHeaders, bytes]:
        """The headers (with the content type, without the length) and the body. The status is ``what.status``."""
        ...


_RESERVED = frozenset({"type", "title", "status", "detail", "instance", "errors", "problems"})
_encode = msgspec.json.Encoder(enc_hook=str).encode


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Some kinds of problems add members of their own.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "The kind of problem; the page behind it explains it."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The id of the request, as in the logs."},
        "errors": {
            "type": "array",
            "description": "Everything that is wrong with the input.",
            "items": {
                "type": "object",
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "Where in the body (JSON pointer, RFC 6901)."},
                    "parameter": {"type": "string", "description": "The name of a path, query, header or form parameter."},
                    "code": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance"],
}


class _Kind(NamedTuple):
    """What all refusals of one class have in common."""

    code: str
    title: str
    message: str
    details: tuple[str, ...]


_kinds: dict[type[Refusal], _Kind] = {}


def _kind(cls: type[Refusal]) -> _Kind:
    if (known := _kinds.get(cls)) is not None:
        return known
    code = cls.code()
    details = tuple(name for name in cls.detail_types() if name not in _RESERVED)
    return _kinds.setdefault(cls, _Kind(code, code.replace("-", " ").capitalize(), cls.message(), details))


@dataclass(frozen=True, slots=True)
class ProblemJson:
    """The default shape: ``application/problem+json`` with every problem of the input under ``errors``."""

    base: str = "/problems/"
    """Where the kinds of problems are explained; the refusal's code is appended."""
    scheme: str = "Bearer"
    """The authentication scheme that a 401 asks for."""

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of every answer of this shape."""
        return PROBLEM_SCHEMA

    def __call__(self, what: Refusal | Fault, request_id: str) -> tuple[RawHeaders, bytes]:
        body = self._fault(what, request_id) if isinstance(what, Fault) else self._refusal(what, request_id)
        try:
            encoded = _encode(body)
        except (TypeError, ValueError, RecursionError):
            encoded = _encode({name: body[name] for name in ("type", "title", "status", "detail", "instance")})
        headers = protocol_headers(what, self.scheme) if isinstance(what, Refusal) else []
        return [(b"content-type", b"application/problem+json"), *headers], encoded

    def _refusal(self, what: Refusal, request_id: str) -> dict[str, Any]:
        kind = _kind(type(what))
        body: dict[str, Any] = {
            "type": self.base + kind.code, "title": kind.title, "status": what.status, "detail": kind.message, "instance": request_id,
        }  # fmt: skip
        if problems := getattr(what, "problems", ()):
            body["errors"] = problems
        for name in kind.details:
            body[name] = getattr(what, name)
        return body

    def _fault(self, what: Fault, request_id: str) -> dict[str, Any]:
        return {
            "type": self.base + "internal-error", "title": "Internal error", "status": what.status,
            "detail": "Something went wrong on our side. Tell us the instance, and we can find it.", "instance": request_id,
        }  # fmt: skip


class RangeNotSatisfiable(Refusal):
    """The file has no such bytes."""

    status = 416
    size: int


def protocol_headers(what: Refusal, scheme: str = "Bearer") -> RawHeaders:
    """The headers that HTTP wants beside an error, whatever its shape (RFC 9110: WWW-Authenticate, Allow, Retry-After, Accept)."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in what.headers]
    match what:
        case Unauthenticated():
            error = "" if what.reason == "missing" or scheme != "Bearer" else ', error="invalid_token"'
            headers.append((b"www-authenticate", f'{scheme} realm="api"{error}'.encode("latin-1")))
        case MethodNotAllowed():
            headers.append((b"allow", ", ".join(what.allow).encode("latin-1")))
        case TooManyRequests() | Unavailable():
            headers.append((b"retry-after", str(max(0, what.retry_after)).encode()))
        case UnsupportedMedia():
            headers.append((b"accept", ", ".join(what.accepts).encode("latin-1")))
        case RangeNotSatisfiable():
            headers.append((b"content-range", f"bytes */{what.size}".encode()))
        case _:
            pass
    return headers
