"""Replies as responses: envelopes, validators, locations and pages, each writer compiled for one route."""

import zlib
from collections.abc import Callable
from typing import Any

import msgspec

from backwright.api.http.message import Header, HttpRequest, HttpResponse
from backwright.operations.reply import Reply

Write = Callable[[HttpRequest, Reply], HttpResponse]
NextCursor = Callable[[HttpRequest, Reply], bytes]
JSON: Header = (b"content-type", b"application/json")
NULL = b"null"


def entity_tag(body: bytes, version: int | None) -> bytes:
    """A strong validator of this very representation; in front of it the version that If-Match goes by.

    The version alone would not do: parts, counters and expanded references change without it.
    """
    return b'"%d-%x"' % (version or 0, zlib.crc32(body))


def matches(header: bytes, tag: bytes) -> bool:
    """Whether If-None-Match names this tag (weak comparison, RFC 9110 section 13.1.2)."""
    return header.strip() == b"*" or any(part.strip().removeprefix(b"W/") == tag for part in header.split(b","))


def enveloped(key: str | None) -> tuple[bytes, bytes]:
    """What stands before and behind a value under an envelope's key."""
    return (b"", b"") if key is None else (b"{" + msgspec.json.encode(key) + b":", b"}")


def one(status: int, key: str | None = None, *, location: str | None = None, tagged: bool = True) -> Write:
    """One representation. `location` is the template of its own address, with ``%s`` for the id."""
    before, behind = enveloped(key)
    bare = key is None

    def write(request: HttpRequest, reply: Reply) -> HttpResponse:
        text = reply.text
        if text is None:
            return HttpResponse(204)
        body = text.encode() if bare else before + text.encode() + behind
        headers = [JSON]
        if tagged:
            tag = entity_tag(body, reply.version)
            if request.method in ("GET", "HEAD") and (wanted := request.headers.get(b"if-none-match")) is not None and matches(wanted, tag):
                return HttpResponse(304, [(b"etag", tag)])
            headers.append((b"etag", tag))
        if location is not None and reply.id is not None:
            headers.append((b"location", (location % reply.id).encode()))
        return HttpResponse(status, headers, body)

    return write


def empty(status: int) -> Write:
    """No body."""

    def write(request: HttpRequest, reply: Reply) -> HttpResponse:
        return HttpResponse(status)

    return write


def page(status: int, items: str | None, next: str | None, total: str | None, cursor: NextCursor) -> Write:
    """A page of representations: an array under `items` (or bare), the position behind it, and the number of all rows."""
    if items is None:

        def write_bare(request: HttpRequest, reply: Reply) -> HttpResponse:
            return HttpResponse(status, [JSON], ("[" + ",".join(reply.items or ()) + "]").encode())

        return write_bare
    before = b"{" + msgspec.json.encode(items) + b":["
    follow = b"" if next is None else b"," + msgspec.json.encode(next) + b":"
    count = b"" if total is None else b"," + msgspec.json.encode(total) + b":"

    def write(request: HttpRequest, reply: Reply) -> HttpResponse:
        parts = [before, ",".join(reply.items or ()).encode(), b"]"]
        if follow:
            parts += (follow, cursor(request, reply) if reply.more else NULL)
        if count:
            parts += (count, b"%d" % (reply.total or 0))
        parts.append(b"}")
        return HttpResponse(status, [JSON], b"".join(parts))

    return write


def value(status: int, key: str | None, encode: Callable[[Any], bytes]) -> Write:
    """What a function returned: a plain value, an entity, a list of them, or nothing."""
    before, behind = enveloped(key)
    single = one(status or 200, key)

    def write(request: HttpRequest, reply: Reply) -> HttpResponse:
        if reply.text is not None:
            return single(request, reply)
        if reply.items is not None:
            return HttpResponse(status or 200, [JSON], before + ("[" + ",".join(reply.items) + "]").encode() + behind)
        if reply.value is None:
            return HttpResponse(status or 204)
        return HttpResponse(status or 200, [JSON], before + encode(reply.value) + behind)

    return write
