"""Media types of requests, query pairs and cross-origin rules."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.api.http.negotiate import Media, parse_media, require_media
from backwright.api.http.pairs import parse_pairs
from backwright.api.http.security import Cors, SecurityHeaders, compile_cors
from backwright.domain.refusals import Malformed, UnsupportedMedia

JSON = ("application/json",)


def test_a_media_type_is_read_with_its_parameters() -> None:
    """Names in lower case, quoted values without quotes."""
    assert parse_media('Multipart/Form-Data; Boundary="a;b\\"c" ;x=1') == Media("multipart", "form-data", {"boundary": 'a;b"c', "x": "1"})


@pytest.mark.parametrize("header", ["", "json", "a/b/c", "application/json; charset", "application/json x", "a/" + "b" * 2000, 'a/b; c="'])
def test_what_is_not_a_media_type_is_none(header: str) -> None:
    """Broken headers have no media type."""
    assert parse_media(header) is None


@pytest.mark.parametrize(
    "header", ["application/json", "application/json;charset=UTF-8", "application/merge-patch+json", "APPLICATION/JSON"]
)
def test_json_and_its_kin_are_accepted(header: str) -> None:
    """JSON in UTF-8, whatever it is called."""
    assert require_media(header, JSON).is_json


@pytest.mark.parametrize("header", [None, "text/plain", "application/json;charset=latin-1", "application/x-www-form-urlencoded", "broken"])
def test_other_bodies_are_unsupported(header: str | None) -> None:
    """A missing, foreign or differently encoded body is refused with what is accepted."""
    with pytest.raises(UnsupportedMedia):
        require_media(header, JSON)


@given(st.text(max_size=40))
def test_any_header_is_read_or_refused(header: str) -> None:
    """No Content-Type header raises anything but refusals."""
    parse_media(header)
    with suppress(UnsupportedMedia):
        require_media(header, JSON)


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"))), max_size=6))
def test_pairs_are_read_as_they_are_written(pairs: list[tuple[str, str]]) -> None:
    """Decoding an encoded query gives the same pairs in order."""
    assert parse_pairs(urlencode(pairs).encode()) == pairs


@given(st.binary(max_size=40))
def test_any_query_is_pairs_or_malformed(raw: bytes) -> None:
    """No bytes raise anything but `Malformed`."""
    try:
        parse_pairs(raw)
    except Malformed as refusal:
        assert refusal.problems


@pytest.mark.parametrize("raw", [b"a=%", b"a=%zz", b"a=%ff", b"a=\xff", b"&".join([b"a=1"] * 201)])
def test_bad_escapes_and_too_many_values_are_refused(raw: bytes) -> None:
    """Half an escape, bytes that are not UTF-8, and more values than allowed are malformed."""
    with pytest.raises(Malformed):
        parse_pairs(raw)


def test_an_allowed_origin_is_named_and_another_is_not() -> None:
    """Exact and pattern origins are echoed with credentials; others get only Vary; the pattern must match in full."""
    cors = compile_cors(Cors(origins=("https://a.example",), pattern=r"https://[a-z]+\.b\.example", credentials=True))
    assert (b"access-control-allow-origin", b"https://a.example") in cors.simple("https://a.example")
    assert (b"access-control-allow-credentials", b"true") in cors.simple("https://x.b.example")
    for other in (None, "null", "https://x.b.example.evil", "http://a.example"):
        assert cors.simple(other) == [(b"vary", b"origin")]


def test_a_preflight_is_answered_only_for_what_is_allowed() -> None:
    """Origin, method and every header must be allowed."""
    cors = compile_cors(Cors(origins=("*",)))
    assert cors.preflight("https://x.example", "PATCH", "Content-Type, authorization") is not None
    assert cors.preflight("https://x.example", "TRACE", "") is None
    assert cors.preflight("https://x.example", "GET", "x-secret") is None
    assert cors.preflight(None, "GET", "") is None


def test_credentials_for_everybody_is_a_mistake() -> None:
    """The one combination that opens every session is refused when it is declared."""
    with pytest.raises(ValueError, match="by name"):
        Cors(origins=("*",), credentials=True)


def test_security_headers_are_there() -> None:
    """Sniffing, framing and referrers are off; transport security is on only where it is asked for."""
    names = {name for name, _ in SecurityHeaders().compiled()}
    assert {b"x-content-type-options", b"x-frame-options", b"referrer-policy", b"content-security-policy"} <= names
    assert b"strict-transport-security" not in names
    assert (b"strict-transport-security", b"max-age=60; includeSubDomains") in SecurityHeaders(transport_seconds=60).compiled()
