"""What a writing request asks besides its body: the version it changes, its idempotency key, and its content type."""

import hashlib
from collections.abc import Callable

from backwright.api.http.etag import wanted_versions
from backwright.api.http.message import HttpRequest
from backwright.domain.refusals import Malformed, Problem, UnsupportedMedia, VersionRequired
from backwright.operations.call import Call

Prepare = Callable[[HttpRequest, bytes, Call], None]
LONGEST_KEY = 255


def expect_json(request: HttpRequest) -> None:
    """Refuse a body that is not declared as JSON. Raises `UnsupportedMedia`."""
    declared = request.headers.get(b"content-type")
    if declared == b"application/json":
        return
    media = (declared or b"").split(b";")[0].strip().lower()
    if media != b"application/json" and not (media.startswith(b"application/") and media.endswith(b"+json")):
        raise UnsupportedMedia(accepts=("application/json",))


def prepare_write() -> Prepare:
    """For creations and calls: JSON, and perhaps an Idempotency-Key."""

    def prepare(request: HttpRequest, body: bytes, call: Call) -> None:
        expect_json(request)
        key = request.headers.get(b"idempotency-key")
        if key is not None:
            remember_key(request, key, body, call)

    return prepare


def remember_key(request: HttpRequest, key: bytes, body: bytes, call: Call) -> None:
    """Take an Idempotency-Key with what it stands for. Raises `Malformed`."""
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.decode().isprintable():
        detail = f"An idempotency key has 1 to {LONGEST_KEY} printable ASCII characters."
        raise Malformed(problems=(Problem(detail, parameter="Idempotency-Key", code="header"),))
    call.idempotency_key = key.decode()
    what = f"{request.method} {request.path}?{request.query.decode('latin-1')}\n".encode()
    call.body_digest = hashlib.sha256(what + body).hexdigest()


def prepare_change(*, versioned: bool, required: bool) -> Prepare:
    """For changes and deletions: If-Match, where the entity has versions; a body, where there is one, must be JSON."""

    def prepare(request: HttpRequest, body: bytes, call: Call) -> None:
        if request.method != "DELETE":
            media = (request.headers.get(b"content-type") or b"").split(b";")[0].strip()
            if media != b"application/merge-patch+json":
                expect_json(request)
        key = request.headers.get(b"idempotency-key")
        if key is not None:
            remember_key(request, key, body, call)
        wanted = request.headers.get(b"if-match")
        if wanted is not None and versioned:
            call.if_match = wanted_versions(wanted.decode("latin-1"))
        elif required and versioned:
            raise VersionRequired()

    return prepare
