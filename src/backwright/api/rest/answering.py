"""Answers that are no JSON value: text, pages, files, streams and redirects as responses."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from backwright.api.http.files import file_response
from backwright.api.http.html import Pages
from backwright.api.http.message import Header, HttpRequest, HttpResponse
from backwright.operations.answers import Answer, File, Headers, Html, Json, Redirect, Stream, Text
from backwright.operations.results import loose

_encode = msgspec.json.Encoder(enc_hook=loose).encode
PAGE_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""What a page may do unless it brings a Content-Security-Policy of its own: use what this server serves, and no inline script."""


class Answers:
    """Sends answers; templates are looked for in one folder."""

    def __init__(self, templates: Path | None) -> None:
        self._pages = Pages(templates if templates is not None and templates.is_dir() else None)

    async def respond(self, request: HttpRequest, answer: Answer) -> HttpResponse:
        """The response. Raises refusals for conditions of the request that do not hold; a broken header or template is a fault."""
        response = await self._made(request, answer)
        response.own = frozenset(name for name, _ in response.headers)
        return response

    async def _made(self, request: HttpRequest, answer: Answer) -> HttpResponse:
        match answer:
            case Json():
                return self._plain(answer.status, b"application/json", answer.headers, _encode(loose(answer.value)))
            case Text():
                return self._plain(answer.status, b"text/plain; charset=utf-8", answer.headers, answer.text.encode())
            case Html():
                response = self._plain(answer.status, b"text/html; charset=utf-8", answer.headers, self._pages.render(answer))
                if not any(name == b"content-security-policy" for name, _ in response.headers):
                    response.headers.append((b"content-security-policy", PAGE_POLICY.encode()))
                return response
            case File():
                return await file_response(answer, request.method, request.headers)
            case Stream():
                kind = answer.content_type.encode("latin-1")
                return HttpResponse(answer.status, [(b"content-type", kind), *raw(answer.headers)], chunks=_pieces(answer))
            case Redirect():
                return HttpResponse(answer.status, [(b"location", location(answer).encode("ascii")), *raw(answer.headers)])

    def _plain(self, status: int, kind: bytes, own: Headers, body: bytes) -> HttpResponse:
        headers = raw(own)
        if not any(name == b"content-type" for name, _ in headers):
            headers.insert(0, (b"content-type", kind))
        return HttpResponse(status, headers, body)


def raw(headers: Headers) -> list[Header]:
    """Headers as bytes. One with a line break or a colon in its name is a fault (``ValueError``), never a second header."""
    found: list[Header] = []
    for name, value in headers:
        if any(c in name + value for c in "\r\n\0") or not name.isascii() or ":" in name or " " in name:
            raise ValueError(f"{name!r} is not a header that can be sent")
        found.append((name.lower().encode("ascii"), value.encode("latin-1")))
    return found


def location(answer: Redirect) -> str:
    """Where to: a path of this server or an absolute https URL. Anything else is a fault (``ValueError``), not an open redirect."""
    to = answer.location
    own = to.startswith("/") and not to.startswith(("//", "/\\"))
    if not 300 <= answer.status < 400 or not (own or to.startswith("https://")) or not to.isascii() or not to.isprintable() or " " in to:
        raise ValueError(f"{to!r} is not a place to redirect to with {answer.status}")
    return to


async def _pieces(answer: Stream) -> AsyncIterator[bytes]:
    async for piece in answer.pieces:
        if piece:
            yield piece.encode() if isinstance(piece, str) else piece
