"""Decoding under fuzz: any bytes at all, generated bodies against an independent validator, and round trips."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import jsonschema_rs
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.domain.fields import Id
from backwright.domain.refusals import Invalid, Malformed, Refusal, TooLarge
from backwright.operations.formats import Wrong, email, phone, uri
from backwright.operations.inputs import Decoder, call_type, create_type, patch_type
from backwright.operations.schemas import json_schema
from tests.support.shelf import KEY, LEAST, MODEL, Book, Chapter, Copies


async def place(tx: Any, basket: dict[Id[Book], Copies], note: str = "") -> None: ...


WHOLE = create_type(MODEL, Book, parts={Chapter})
CREATE, PATCH, CALL = Decoder(WHOLE), Decoder(patch_type(MODEL, Book)), Decoder(call_type(place, MODEL))
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([KEY, "1.5", "2026-01-01", "hard"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=12
)
pieces = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b":",
        b",",
        b"\\u",
        b"\\u0000",
        b"\\ud800",
        b"1e9",
        b"null",
        b"\xff",
        b'"title"',
        b'"price"',
        b" ",
        b"-1",
    ]
)


def outcome(decoder: Decoder, body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (Malformed, Invalid, TooLarge) as refusal:
        return refusal


@given(st.binary(max_size=60) | st.lists(pieces, max_size=25).map(b"".join))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    """No bytes raise anything but a refusal with at least one problem, and the problems can be sent."""
    for decoder in (CREATE, PATCH, CALL):
        found = outcome(decoder, body)
        assert not isinstance(found, Refusal) or msgspec.json.encode(found.details()["problems"])


good: dict[str, list[Any]] = {
    "title": ["Emma"],
    "author_id": [KEY],
    "price": ["12.50", 3, "0"],
    "stock": [0, 7],
    "cover": ["hard"],
    "weight": [1.5, None],
    "printed": ["2026-01-31", None],
    "opens": ["10:00:00", None],
    "sold_at": ["2026-01-01T00:00:00Z", None],
    "lasts": ["PT90S", None],
    "code": [KEY, None],
    "scan": ["aGk=", None],
    "extra": [{"a": 1}, None],
    "words": [["a"], None],
    "during": [{"lower": 1}, None],
    "spot": [{"x": 1, "y": 2}, None],
    "tag_ids": [[1, 2], []],
    "contact": ["a@b.example", None],
    "phone": ["+442079460018", None],
    "site": ["https://a.example/", None],
    "rented": [True],
    "chapters": [[{"heading": "I", "pages": 1}], []],
}
bad = st.sampled_from(
    [
        None,
        1.5,
        -1,
        99,
        "",
        "x",
        "#",
        "1.234",
        [],
        [1, 1],
        ["a"] * 4,
        {},
        {"x": 1},
        {"lower": "a"},
        True,
        "2026-13-01",
        [{"heading": 1}],
        {"upper": 1, "z": 1},
    ]
)


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    body = dict(LEAST)
    for name in draw(st.lists(st.sampled_from(sorted(good)), max_size=6)):
        body[name] = draw(st.sampled_from(good[name]))
    for name in draw(st.lists(st.sampled_from([*sorted(good), "other"]), max_size=2)):
        body[name] = draw(bad)
    for name in draw(st.lists(st.sampled_from(sorted(body)), max_size=1)):
        del body[name]
    return body


def holds(check: Callable[[str], str]) -> Callable[[str], bool]:
    def run(text: str) -> bool:
        try:
            check(text)
        except Wrong:
            return False
        return True

    return run


def oracle() -> jsonschema_rs.Draft202012Validator:
    formats = {"email": holds(email), "phone": holds(phone), "uri": holds(uri), "decimal": lambda text: True}
    return jsonschema_rs.Draft202012Validator(json_schema(WHOLE.shape), validate_formats=True, formats=formats)


ORACLE = oracle()


@given(bodies())
@settings(max_examples=400, deadline=None)
def test_the_decoder_and_the_published_schema_agree(body: dict[str, Any]) -> None:
    """What an independent validator accepts by the published schema is decoded, and what it refuses is refused."""
    found = outcome(CREATE, json.dumps(body).encode())
    assert isinstance(found, Refusal) == (not ORACLE.is_valid(body)), (body, [e.message for e in ORACLE.iter_errors(body)])


@given(bodies())
@settings(max_examples=300, deadline=None)
def test_the_same_places_are_wrong_to_both(body: dict[str, Any]) -> None:
    """The pointers of a refusal are those that the validator finds (it names an object where a key is missing or too many)."""
    found = outcome(CREATE, json.dumps(body).encode())
    ours = (
        {p.pointer if p.code not in ("required", "unknown") else (p.pointer or "").rpartition("/")[0] for p in found.problems}
        if isinstance(found, Invalid)
        else set()
    )
    theirs = {"".join(f"/{step}" for step in e.instance_path) for e in ORACLE.iter_errors(body)}
    assert {p.split("/")[1] if p else "" for p in ours if p is not None} == {t.split("/")[1] if t else "" for t in theirs}


@given(st.dictionaries(st.text(max_size=6), values, max_size=5))
@settings(max_examples=300, deadline=None)
def test_generated_objects_are_decoded_or_refused(body: dict[str, Any]) -> None:
    """Objects of any shape, and the same under real names, raise nothing but refusals."""
    renamed = dict(zip(sorted(good), body.values(), strict=False))
    for document in (body, {**LEAST, **renamed}, {"basket": body}):
        for decoder in (CREATE, PATCH, CALL):
            outcome(decoder, json.dumps(document).encode("utf-8", "replace"))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_repeated_key_never_passes(data: st.DataObject) -> None:
    """Whatever good body it stands in, and wherever, a second key of the same name is malformed."""
    body = dict(LEAST) | {
        name: data.draw(st.sampled_from(good[name])) for name in data.draw(st.lists(st.sampled_from(sorted(good)), max_size=5))
    }
    name = data.draw(st.sampled_from(sorted(body)))
    twice = json.dumps(body)[:-1] + f', "{name}": {json.dumps(body[name])}}}'
    assert isinstance(outcome(CREATE, twice.encode()), Malformed)


@given(
    st.decimals(min_value=0, max_value=999999, places=2, allow_nan=False),
    st.text(min_size=1, max_size=20).filter(lambda t: "#" not in t and "\x00" not in t),
)
@settings(deadline=None)
def test_exact_values_survive_the_wire(price: Decimal, title: str) -> None:
    """Decimals and texts come out as they went in, whether a decimal is sent as text or as a number."""
    try:
        title.encode()
    except UnicodeEncodeError:
        return
    text = json.dumps({**LEAST, "title": title, "price": str(price)})
    for body in (text, text.replace(f'"{price}"', str(price))):
        book = CREATE.decode(body.encode())
        assert (book.title, book.price) == (title, price)
