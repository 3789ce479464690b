"""What functions return, on the wire: read back by the decoder of the same shape it is the same value."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.domain.fields import Limits, Point, Range
from backwright.domain.mistakes import DeclarationError
from backwright.domain.naming import camel
from backwright.operations.answers import File, Text
from backwright.operations.idempotency import pack, unpack
from backwright.operations.inputs import Decoder, input_of
from backwright.operations.reply import Reply
from backwright.operations.results import Result, duration, encoder_of, loose, moment, result_of
from backwright.operations.shapes import member, shape_of
from tests.support.shelf import MODEL, Book


class Mood(Enum):
    GOOD, BAD = 1, 2


@dataclass
class Many:
    """One of each."""

    a_text: str
    number: int
    share: float
    price: Annotated[Decimal, Limits(scale=3)]
    truth: bool
    day: date
    hour: time
    at: datetime
    long: timedelta
    key: UUID
    mood: Mood
    raw: bytes
    several: list[Decimal]
    by_day: dict[date, int]
    span: Range[int]
    spot: Point
    maybe: int | None


scaled = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-3))
values = st.builds(
    Many,
    a_text=st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
    number=st.integers(-(2**63), 2**63 - 1),
    share=st.floats(allow_nan=False, allow_infinity=False),
    price=scaled,
    truth=st.booleans(),
    day=st.dates(),
    hour=st.times(),
    at=st.datetimes(timezones=st.just(UTC)),
    long=st.timedeltas(timedelta(days=-99999), timedelta(days=99999)),
    key=st.uuids(),
    mood=st.sampled_from(Mood),
    raw=st.binary(),
    several=st.lists(scaled, max_size=3),
    by_day=st.dictionaries(st.dates(), st.integers(0, 9), max_size=3),
    span=st.builds(lambda low, more: Range(low, low + more), st.integers(0, 9), st.integers(0, 9)),
    spot=st.builds(Point, st.floats(-9, 9), st.floats(-9, 9)),
    maybe=st.none() | st.integers(0, 9),
)
DECODER = Decoder(input_of("Back", (member("value", Many, MODEL),)))
ENCODE = encoder_of(shape_of(Many, MODEL))


@given(values)
def test_a_result_is_read_back_as_it_was(value: Many) -> None:
    """Encoding and decoding by the same shape are inverse, for every kind of value."""
    assert DECODER.decode(b'{"value":' + ENCODE(value) + b"}").value == value


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_are_utc_with_six_digits(value: datetime) -> None:
    """27 characters that sort as the times do, whatever the year."""
    assert len(moment(value)) == 27 and datetime.fromisoformat(moment(value)) == value


def test_a_time_without_zone_is_a_fault() -> None:
    """Nobody could say when it is."""
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("value", "text"), [(timedelta(seconds=90), "PT90S"), (timedelta(seconds=-1.5), "-PT1.500000S"), (timedelta(0), "PT0S")]
)
def test_durations_are_seconds(value: timedelta, text: str) -> None:
    """ISO 8601, a sign in front, a fraction only where there is one."""
    assert duration(value) == text


def test_values_of_no_declared_type_have_their_own_form() -> None:
    """What a function without annotation returns is written by what it is; an entity in it is a fault."""
    assert loose({Mood.GOOD: [Decimal("1.50"), {b"\x00"}]}) == {"1": ["1.50", ["AA=="]]}
    with pytest.raises(TypeError, match="Book"):
        loose([Book(title="t", author=UUID(int=1), price=Decimal(1), tags=[])])  # type: ignore[arg-type]


def test_names_are_the_contracts() -> None:
    """Keys of classes are named by the contract; keys that are data are left alone."""

    async def told(tx: Any) -> dict[str, Many]:
        raise NotImplementedError

    found = result_of(told, MODEL, camel)
    assert found.shape is not None
    sample = Many(*[None] * 17)  # type: ignore[arg-type]
    told_of = msgspec.json.decode(encoder_of(found.shape)({"snake_key": sample}))
    assert list(told_of) == ["snake_key"] and {"aText", "byDay"} < told_of["snake_key"].keys()


def test_annotations_are_understood() -> None:
    """Entities, lists of them, answers, None and values, alone and as alternatives."""

    async def nothing(tx: Any) -> None: ...
    async def maybe(tx: Any) -> Book | None: ...
    async def listed(tx: Any) -> list[Book]: ...  # type: ignore[empty-body]
    async def either(tx: Any) -> Book | Text | File: ...  # type: ignore[empty-body]

    assert result_of(nothing, MODEL) == Result(nothing=True)
    assert result_of(maybe, MODEL) == Result(entity=Book, nothing=True)
    assert result_of(listed, MODEL) == Result(entity=Book, many=True)
    assert result_of(either, MODEL) == Result(entity=Book, answers=(Text, File))


def test_an_entity_inside_a_class_is_a_mistake() -> None:
    """It would leave past the rules of reading; the mistake says where it stands and what to write."""

    class Holder(msgspec.Struct):
        books: list[Book]

    async def held(tx: Any) -> Holder: ...  # type: ignore[empty-body]

    held.__annotations__["return"] = Holder
    Holder.__annotations__["books"] = list[Book]
    with pytest.raises(DeclarationError, match="Book is an entity inside another value"):
        result_of(held, MODEL)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text='{"a":1}', version=3, id="x"),
        Reply(items=['{"a":1}', '{"b":2}']),
        Reply(value={"price": "1.5"}),
        Reply(),
        Reply(value=Text("hello", status=202)),
    ],
    ids=["one", "list", "value", "nothing", "text"],
)
def test_a_stored_reply_is_the_reply(reply: Reply) -> None:
    """Packing and unpacking keep everything a door shows."""
    again = unpack(pack(reply))
    assert all(getattr(again, name) == getattr(reply, name) for name in ("text", "version", "id", "items", "value"))
