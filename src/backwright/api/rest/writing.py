"""Replies as responses: envelopes, validators, locations and pages, each writer compiled for one route."""

from collections.abc import Callable
from typing import Any

import msgspec

from backwright.api.http.etag import known_already, representation_tag
from backwright.api.http.message import Header, HttpRequest, HttpResponse
from backwright.operations.reply import Reply

Write = Callable[[HttpRequest, Reply], HttpResponse]
NextCursor = Callable[[HttpRequest, Reply], bytes]
JSON: Header = (b"content-type", b"application/json")
NULL = b"null"


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
            tag = representation_tag(body, reply.version)
            if unchanged(request, tag):
                return HttpResponse(304, [(b"etag", tag)])
            headers.append((b"etag", tag))
        if location is not None and reply.id is not None:
            headers.append((b"location", (request.root_path + location.replace("%s", str(reply.id))).encode()))
        return HttpResponse(status, headers, body)

    return write


def unchanged(request: HttpRequest, tag: bytes) -> bool:
    """Whether a GET or HEAD asks only for what the client has not got (RFC 9110, 13.1.2). Raises `Malformed`."""
    wanted = request.headers.get(b"if-none-match")
    return wanted is not None and request.method in ("GET", "HEAD") and known_already(wanted, tag)


def tagged_json(request: HttpRequest, status: int, body: bytes) -> HttpResponse:
    """JSON with a validator made of its bytes; 304 for a reader who has it."""
    tag = representation_tag(body, None)
    if unchanged(request, tag):
        return HttpResponse(304, [(b"etag", tag)])
    return HttpResponse(status, [JSON, (b"etag", tag)], body)


def empty(status: int) -> Write:
    """No body."""

    def write(request: HttpRequest, reply: Reply) -> HttpResponse:
        return HttpResponse(status)

    return write


def page(status: int, items: str | None, next: str | None, total: str | None, cursor: NextCursor) -> Write:
    """A page of representations: an array under `items` (or bare), the position behind it, and the number of all rows."""
    if items is None:

        def write_bare(request: HttpRequest, reply: Reply) -> HttpResponse:
            return tagged_json(request, status, array(reply))

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
        return tagged_json(request, status, b"".join(parts))

    return write


def batch(status: int, items: str | None, single: Write) -> Write:
    """What a creation made: one representation, or those of a whole batch as the lists of the contract have them."""
    before, behind = enveloped(items)

    def write(request: HttpRequest, reply: Reply) -> HttpResponse:
        if reply.items is None:
            return single(request, reply)
        return HttpResponse(status, [JSON], before + array(reply) + behind)

    return write


def array(reply: Reply) -> bytes:
    """The representations of a reply as a JSON array."""
    return ("[" + ",".join(reply.items or ()) + "]").encode()


def value(status: int, key: str | None, encode: Callable[[Any], bytes]) -> Write:
    """What a function returned: a plain value, an entity, a list of them, or nothing."""
    before, behind = enveloped(key)
    single = one(status or 200, key)

    def write(request: HttpRequest, reply: Reply) -> HttpResponse:
        if reply.text is not None:
            return single(request, reply)
        if reply.items is not None:
            return tagged_json(request, status or 200, before + array(reply) + behind)
        if reply.value is None:
            return HttpResponse(status or 204)
        return HttpResponse(status or 200, [JSON], before + encode(reply.value) + behind)

    return write
