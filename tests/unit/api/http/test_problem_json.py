"""Errors on the wire: RFC 9457 bodies and the headers HTTP wants beside them."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from backwright.api.http.problems import Fault, ProblemJson, RangeNotSatisfiable, protocol_headers
from backwright.domain.refusals import (
    Conflict,
    Invalid,
    MethodNotAllowed,
    Problem,
    Refusal,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMedia,
)

KEY = UUID("0197c0de-0000-7000-8000-00000000000a")


class OutOfStock(Conflict):
    """The shelf holds fewer copies than asked for."""

    book: UUID
    left: int


class Odd(Conflict):
    """Its detail cannot be encoded."""

    value: Any
    status_: int = 1


def body(what: Refusal | Fault) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(ProblemJson()(what, "r-1")[1])
    return found


def test_a_typed_refusal_shows_its_kind_and_its_details() -> None:
    """The type is a URI made of the refusal's code, and its details are members of their own."""
    assert body(OutOfStock(book=KEY, left=3)) == {
        "type": "/problems/out-of-stock",
        "title": "Out of stock",
        "status": 409,
        "detail": "The shelf holds fewer copies than asked for.",
        "instance": "r-1",
        "book": str(KEY),
        "left": 3,
    }


def test_problems_of_an_input_are_listed_under_errors() -> None:
    """Each problem has its detail, its place and its code, and nothing empty."""
    found = body(Invalid(problems=(Problem("is required", pointer="/a", code="required"), Problem("is odd", parameter="b"))))
    assert found["errors"] == [{"detail": "is required", "pointer": "/a", "code": "required"}, {"detail": "is odd", "parameter": "b"}]


def test_a_fault_tells_nothing_but_where_to_ask() -> None:
    """A fault is a 500 with the request's id and no reason."""
    assert set(body(Fault())) == {"type", "title", "status", "detail", "instance"}


def test_a_detail_that_json_cannot_hold_does_not_hide_the_refusal() -> None:
    """If a detail cannot be encoded, the refusal is sent without its details."""
    loop: list[Any] = []
    loop.append(loop)
    assert body(Odd(value=loop))["type"] == "/problems/odd"


@pytest.mark.parametrize(
    ("what", "header"),
    [
        (Unauthenticated(), (b"www-authenticate", b'Bearer realm="api"')),
        (Unauthenticated(reason="expired"), (b"www-authenticate", b'Bearer realm="api", error="invalid_token"')),
        (MethodNotAllowed(allow=("GET", "PUT")), (b"allow", b"GET, PUT")),
        (TooManyRequests(retry_after=7), (b"retry-after", b"7")),
        (UnsupportedMedia(accepts=("application/json",)), (b"accept", b"application/json")),
        (RangeNotSatisfiable(size=9), (b"content-range", b"bytes */9")),
    ],
)
def test_each_status_has_the_header_that_http_wants(what: Refusal, header: tuple[bytes, bytes]) -> None:
    """WWW-Authenticate, Allow, Retry-After, Accept and Content-Range go with their refusals."""
    assert protocol_headers(what) == [header]


def test_another_scheme_is_asked_for_where_the_contract_says_so() -> None:
    """A contract with its own authentication scheme names it in the 401."""
    assert protocol_headers(Unauthenticated(reason="expired"), "Token") == [(b"www-authenticate", b'Token realm="api"')]
