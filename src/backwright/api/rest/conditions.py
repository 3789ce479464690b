"""What a writing request asks besides its body: the version it changes, its idempotency key, and its content type."""

import hashlib
from collections.abc import Callable

from backwright.api.http.etag import wanted_versions
from backwright.api.http.message import HttpRequest
from backwright.api.http.negotiate import require_media
from backwright.domain.refusals import Malformed, Problem, VersionRequired
from backwright.operations.call import Call

Prepare = Callable[[HttpRequest, bytes, Call], None]
LONGEST_KEY = 255


def expect_json(request: HttpRequest) -> None:
    """Refuse a body that is not declared as JSON, or not in UTF-8. Raises `UnsupportedMedia`."""
    declared = request.headers.get(b"content-type")
    if declared != b"application/json":
        require_media(None if declared is None else declared.decode("latin-1"), ("application/json",))


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
