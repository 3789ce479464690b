"""Decoding bodies: what is accepted, what each kind of bad body is told, and that every problem is listed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest

from backwright.domain.fields import Id, Limits, Point, Range
from backwright.domain.mistakes import DeclarationError
from backwright.domain.refusals import Invalid, Malformed, TooLarge
from backwright.operations.given_inputs import Upload
from backwright.operations.inputs import Decoder, call_type, create_type, patch_type, replace_type
from backwright.operations.prescan import InputLimits
from tests.support.shelf import KEY, LEAST, MODEL, Address, Book, Chapter, Copies, Cover, Writer, problems

CREATE = Decoder(create_type(MODEL, Book))
PATCH = Decoder(patch_type(MODEL, Book))


def sent(**more: Any) -> bytes:
    return json.dumps(LEAST | more).encode()


def refused(body: bytes, decoder: Decoder = CREATE) -> dict[str | None, str | None]:
    with pytest.raises(Invalid) as caught:
        decoder.decode(body)
    return problems(caught.value)


def malformed(body: bytes, decoder: Decoder = CREATE) -> str | None:
    with pytest.raises(Malformed) as caught:
        decoder.decode(body)
    (problem,) = caught.value.problems
    return problem.code


def test_a_good_body_becomes_typed_values() -> None:
    """A create body is decoded into exact, typed values, and defaults fill what is absent."""
    book = CREATE.decode(sent(cover="hard", words=["a"]))
    assert (book.author, book.price, book.cover, book.stock, book.words) == (UUID(KEY), Decimal("12.50"), Cover.HARD, 0, ["a"])


def test_moments_are_turned_into_utc() -> None:
    """A moment with any offset becomes the same moment in UTC."""
    assert CREATE.decode(sent(sold_at="2026-01-01T01:30:00+02:00")).sold_at == datetime(2025, 12, 31, 23, 30, tzinfo=UTC)


def test_compound_values_are_the_domain_s_own() -> None:
    """Ranges, points and durations arrive as the classes that users declared."""
    book = CREATE.decode(sent(during={"lower": 1}, spot={"x": 1, "y": 2.5}, lasts="PT90S"))
    assert (book.during, book.spot, book.lasts) == (Range(1, None), Point(1.0, 2.5), timedelta(seconds=90))


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("title", "", "min-length"),
        ("title", "x" * 21, "max-length"),
        ("title", "#1", "pattern"),
        ("title", 3, "type"),
        ("title", None, "type"),
        ("author_id", "x", "format"),
        ("author_id", 5, "type"),
        ("price", "1.234", "scale"),
        ("price", "1234567.00", "digits"),
        ("price", -1, "minimum"),
        ("price", "NaN", "type"),
        ("price", "Infinity", "type"),
        ("price", "1_0", "type"),
        ("price", " 1", "type"),
        ("price", "1e2", "type"),
        ("price", True, "type"),
        ("price", None, "type"),
        ("stock", -1, "minimum"),
        ("stock", 2**63, "maximum"),
        ("stock", 1.5, "type"),
        ("stock", True, "type"),
        ("stock", "1", "type"),
        ("weight", 0, "minimum"),
        ("weight", "1", "type"),
        ("cover", "paper", "choice"),
        ("printed", "2026-02-30", "format"),
        ("opens", "10:00:00Z", "format"),
        ("sold_at", "2026-01-01T00:00:00", "format"),
        ("sold_at", "0001-01-01T00:00:00+05:00", "maximum"),
        ("lasts", "P1Y", "format"),
        ("lasts", "P999999999D", "maximum"),
        ("code", "0197", "format"),
        ("scan", "?", "format"),
        ("extra", [], "type"),
        ("extra", {"a": 2**70}, "maximum"),
        ("words", ["a"] * 4, "max-length"),
        ("during", {"lower": 2, "upper": 1}, "range"),
        ("tag_ids", [1, 1], "duplicate"),
        ("contact", "a@", "format"),
        ("phone", "0123", "format"),
        ("site", "not a uri", "format"),
        ("rented", 1, "type"),
        ("rank", 5, "unknown"),
        ("cost", "1", "unknown"),
    ],
)
def test_each_limit_is_enforced_at_its_place(name: str, value: Any, code: str) -> None:
    """One wrong value is refused with its pointer and a stable code."""
    assert refused(sent(**{name: value})) == {f"/{name}": code}


def test_every_problem_of_a_body_is_listed() -> None:
    """A body with many mistakes is told all of them at once, nested ones with their full pointer."""
    body = {"title": 1, "price": "x", "words": ["a", 2], "spot": {"x": "1"}, "titel": 1}
    assert refused(json.dumps(body).encode()) == {
        "/title": "type",
        "/author_id": "required",
        "/price": "type",
        "/words/1": "type",
        "/spot/x": "type",
        "/spot/y": "required",
        "/titel": "unknown",
    }


def test_an_unknown_key_is_answered_with_the_one_that_was_meant() -> None:
    """A misspelt key gets a suggestion."""
    with pytest.raises(Invalid) as caught:
        CREATE.decode(sent(titel="x"))
    assert caught.value.problems[0].detail == 'is not known here; did you mean "title"?'


def test_the_list_of_problems_is_bounded() -> None:
    """A body with a thousand mistakes is told fifty."""
    with pytest.raises(Invalid) as caught:
        CREATE.decode(sent(**{f"k{n}": 1 for n in range(1000)}))
    assert len(caught.value.problems) == 50


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b'{"a":1,}', "not-json"),
        (b"{'a':1}", "not-json"),
        (b"NaN", "not-json"),
        (b'{"title":"\xff"}', "encoding"),
        (b"\xef\xbb\xbf{}", "encoding"),
        (b'{"title":"a","title":"b"}', "duplicate-key"),
        (b'{"title":"a","titl\\u0065":"b"}', "duplicate-key"),
        (b'{"extra":{"a":1,"a":2}}', "duplicate-key"),
        (b'{"title":"\\u0000"}', "text"),
        (b'{"\\u0000":1}', "text"),
        (b"[" * 500_000, "depth"),
        (b'{"a":' * 200_000, "depth"),
        (b"[" * 40 + b"]" * 40, "depth"),
        (b'{"stock":' + b"9" * 5000 + b"}", "number"),
        (b'{"stock":1e999999}', "number"),
        (b'{"title":"\\ud800"}', "not-json"),
        (b'{"title":"a\nb"}', "not-json"),
    ],
)
def test_what_cannot_be_read_is_malformed(body: bytes, code: str) -> None:
    """Broken JSON, encodings, duplicate keys, NUL, depth and absurd numbers are refused as unreadable, each with its code."""
    assert malformed(body) == code


def test_a_duplicate_key_in_an_otherwise_good_body_is_refused() -> None:
    """The fast decoder would take the last of two; the body is refused instead, however the second one is spelled."""
    for again in (b'"price":"1.00"', b'"pric\\u0065":"1.00"', b'"price" : null'):
        assert malformed(sent()[:-1] + b"," + again + b"}") == "duplicate-key"


def test_nul_in_free_json_is_refused() -> None:
    """A NUL deep inside a JSON field is found."""
    assert malformed(sent(extra={"a": ["\x00"]})) == "text"


def test_free_json_is_bounded_in_depth_like_the_rest() -> None:
    """Lists without a single key in them count as levels too."""
    deep = b'{"value":' + b"[" * 40 + b"]" * 40 + b"}"
    assert malformed(deep, Decoder(call_type(free, MODEL))) == "depth"
    assert malformed(b'{"value":1,"inner":{"value":' + b"[" * 40 + b"]" * 40 + b"}}", Decoder(call_type(free, MODEL))) == "depth"


def test_a_duplicate_inside_a_part_is_refused() -> None:
    """Keys repeat from one row to the next, but not within a row."""
    whole = Decoder(create_type(MODEL, Book, parts={Chapter}))
    rows = b'[{"heading":"I","pages":1},{"heading":"J","pages":1}]'
    assert len(whole.decode(sent()[:-1] + b',"chapters":' + rows + b"}").chapters) == 2
    assert malformed(sent()[:-1] + b',"chapters":' + rows.replace(b"J", b'J","heading":"K') + b"}", whole) == "duplicate-key"


def test_the_text_of_an_escaped_nul_is_a_text() -> None:
    """A backslash followed by u0000 is six harmless characters, not a NUL."""
    assert CREATE.decode(sent(title="\\u0000")).title == "\\u0000"


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    """One byte more than the limit is refused before anything is parsed."""
    body = sent()
    assert Decoder(create_type(MODEL, Book), InputLimits(max_bytes=len(body))).decode(body).title == "Emma"
    with pytest.raises(TooLarge):
        Decoder(create_type(MODEL, Book), InputLimits(max_bytes=len(body) - 1)).decode(body)


def test_a_patch_tells_absent_from_null() -> None:
    """In a merge patch an absent field is left alone and null empties an optional one."""
    assert PATCH.input.given(PATCH.decode(b'{"printed":null,"stock":4}')) == {"printed": None, "stock": 4}


def test_a_patch_refuses_null_for_what_must_have_a_value() -> None:
    """Null is only for optional fields, decimals included."""
    assert refused(b'{"title":null,"price":null,"author_id":null}', PATCH) == {"/title": "type", "/price": "type", "/author_id": "type"}


def test_a_replacement_needs_what_creation_needs() -> None:
    """A PUT without a required field is refused."""
    assert refused(b'{"title":"a"}', Decoder(replace_type(MODEL, Book))) == {"/author_id": "required", "/price": "required"}


def test_parts_are_taken_only_where_they_are_writable() -> None:
    """Rows of a part are embedded under its wire name, without the reference to the whole; elsewhere the key is unknown."""
    whole = Decoder(create_type(MODEL, Book, parts={Chapter}))
    chapters = whole.decode(sent(chapters=[{"heading": "I", "pages": 3}])).chapters
    assert [msgspec.structs.asdict(c) for c in chapters] == [{"heading": "I", "pages": 3}]
    assert refused(sent(chapters=[{"heading": "I", "pages": -1}]), whole) == {"/chapters/0/pages": "minimum"}
    assert refused(sent(chapters=[])) == {"/chapters": "unknown"}


def test_fields_that_the_path_gives_are_left_out() -> None:
    """A reference that the path names is not a key of the body."""
    assert refused(b'{"book_id":1,"heading":"I","pages":1}', Decoder(create_type(MODEL, Chapter, without={"book"}))) == {
        "/book_id": "unknown"
    }


@dataclass
class Inner:
    value: Any


async def place(tx: Any, basket: dict[Id[Book], Copies], home: Address | None = None, writer: Id[Writer] | None = None) -> None: ...
async def tagged(tx: Any, words: set[str], size: Annotated[int, Limits(le=9)] = 1, book_id: Id[Book] | None = None) -> None: ...
async def covered(tx: Any, note: str, cover: Upload) -> None: ...
async def free(tx: Any, value: Any, inner: Inner | None = None) -> None: ...
async def unreadable(tx: Any, a: complex, b: int | str, c: int = 1) -> None: ...


def test_a_call_takes_its_parameters_as_they_are_written() -> None:
    """Maps of ids, dataclasses and references are read by wire name into the types of the signature."""
    call = Decoder(call_type(place, MODEL))
    body = json.dumps({"basket": {KEY: 2}, "home": {"street": "High"}, "writer_id": KEY}).encode()
    assert call.input.given(call.decode(body)) == {"basket": {UUID(KEY): 2}, "home": Address("High"), "writer": UUID(KEY)}


def test_two_spellings_of_one_key_are_a_duplicate() -> None:
    """Two texts that mean the same id are refused, though as texts they differ."""
    body = json.dumps({"basket": {KEY: 1, KEY.upper(): 2}}).encode()
    assert refused(body, Decoder(call_type(place, MODEL))) == {f"/basket/{KEY.upper()}": "duplicate-key"}


def test_sets_and_limits_of_parameters() -> None:
    """A set refuses the same item twice; limits of parameters bind; an id parameter named like its key keeps its name."""
    call = Decoder(call_type(tagged, MODEL))
    assert call.decode(b'{"words":["a"],"book_id":null}').words == {"a"}
    assert refused(b'{"words":["a","a"],"size":10}', call) == {"/words": "duplicate", "/size": "maximum"}


def test_uploads_are_not_part_of_the_body() -> None:
    """A parameter that takes an uploaded file is left to the form."""
    assert [m.name for m in call_type(covered, MODEL).shape.members] == ["note"]


def test_types_that_no_input_can_have_are_all_named_at_start() -> None:
    """Every unreadable parameter is a mistake with its place."""
    with pytest.raises(DeclarationError) as caught:
        call_type(unreadable, MODEL)
    assert [m.what for m in caught.value.mistakes] == ["unreadable(a) cannot be an input.", "unreadable(b) cannot be an input."]


@pytest.mark.parametrize(
    "more", [lambda n: b'"' + b"\\" * n + b'"', lambda n: b'"' + b'\\"' * n, lambda n: b"-" * n, lambda n: b'{"a":' + b"1" * n]
)
def test_no_body_costs_more_than_its_size(more: Callable[[int], bytes]) -> None:
    """Half a million hostile bytes are refused without a walk that grows with their square (a quadratic one would run for minutes)."""
    with pytest.raises((Malformed, Invalid)):
        CREATE.decode(more(500_000))
