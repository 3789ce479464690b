"""An entity with a field of every kind, each once required and once optional, and the values that such fields can hold."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import msgspec
from hypothesis import strategies as st

from backwright.domain.entity import Entity
from backwright.domain.fields import Id, Limits, Many, Point, Range


class Cover(Enum):
    """A textual enum."""

    HARD, SOFT, ODD = "hard", "soft", "Ä'\""


class Rank(Enum):
    """A numeric enum."""

    LOW, HIGH = -(2**40), 7


class Tag(Entity, id=int, stamps=False, versioned=False):
    """Something to refer to by number."""

    word: str


class Owner(Entity, stamps=False, versioned=False):
    """Something to refer to by UUID."""

    name: str


class Thing(Entity):
    """A field of every kind."""

    owner: Id[Owner]
    text: str
    whole: int
    real: float
    price: Decimal
    small: Annotated[Decimal, Limits(digits=6, scale=0)]
    flag: bool
    day: date
    hour: time
    moment: datetime
    span: timedelta
    cover: Cover
    rank: Rank
    blob: bytes
    extra: dict[str, Any]
    words: list[str]
    during: Range[date]
    spot: Point
    tags: Many[Tag] = msgspec.field(default_factory=list)
    maybe_tag: Id[Tag] | None = None
    maybe_text: str | None = None
    maybe_whole: int | None = None
    maybe_real: float | None = None
    maybe_price: Decimal | None = None
    maybe_flag: bool | None = None
    maybe_day: date | None = None
    maybe_hour: time | None = None
    maybe_moment: datetime | None = None
    maybe_span: timedelta | None = None
    maybe_cover: Cover | None = None
    maybe_rank: Rank | None = None
    maybe_blob: bytes | None = None
    maybe_extra: dict[str, Any] | None = None
    maybe_words: list[str] | None = None
    maybe_during: Range[int] | None = None
    maybe_spot: Point | None = None


BIG = 2**63 - 1
MICROSECOND = timedelta(microseconds=1)
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["", "'", '"', "\\", "\\u0041", "\n\t\x7f\x01", "\u2028", "\U0001f600", "a\u0308", "?1 $1 :x", "\ufeff", "NULL"]
)
WHOLE = st.integers(-BIG - 1, BIG) | st.sampled_from([0, -1, BIG, -BIG - 1, 2**53 + 1])
REAL = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.1 + 0.2, 5e-324, sys.float_info.max, -0.0, 1e15, 1e16, 1e22])
PRICE = st.integers(-BIG, BIG).map(lambda n: Decimal(n).scaleb(-4)) | st.sampled_from([Decimal("0"), Decimal("-0.0001"), Decimal("1E+2")])
SMALL = st.integers(-999_999, 999_999).map(Decimal)
DAY = st.dates() | st.sampled_from([date.min, date.max])
HOUR = st.times() | st.sampled_from([time(0), time(23, 59, 59, 999_999), time(0, 0, 0, 1)])
MOMENT = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [
        datetime.min.replace(microsecond=1, tzinfo=UTC),
        datetime.max.replace(microsecond=999_998, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
    ]
)
SPAN = st.integers(-BIG, BIG).map(lambda micros: micros * MICROSECOND) | st.sampled_from(
    [timedelta(0), -MICROSECOND, timedelta(seconds=-1)]
)
BLOB = st.binary(max_size=200) | st.integers(50, 5000).map(lambda n: bytes(range(256)) * (n // 256 + 1))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-BIG, BIG) | st.floats(-1e15, 1e15, allow_subnormal=False).map(lambda x: x or 0.5) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
EXTRA = st.dictionaries(TEXT, JSON, max_size=3)
WORDS = st.lists(TEXT, max_size=3)
POINT = st.builds(Point, x=st.floats(-180, 180, allow_subnormal=False), y=st.floats(-90, 90, allow_subnormal=False))


def ranges(bounds: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Half-open intervals, open on either side or not."""
    return st.builds(Range, lower=st.none() | bounds, upper=st.none() | bounds)


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT, "whole": WHOLE, "real": REAL, "price": PRICE, "small": SMALL, "flag": st.booleans(), "day": DAY, "hour": HOUR,
    "moment": MOMENT, "span": SPAN, "cover": st.sampled_from(Cover), "rank": st.sampled_from(Rank), "blob": BLOB, "extra": EXTRA,
    "words": WORDS, "during": ranges(DAY), "spot": POINT,
}  # fmt: skip
OPTIONAL = {f"maybe_{name}": st.none() | of for name, of in FIELDS.items() if name not in ("small", "during")} | {
    "maybe_during": st.none() | ranges(st.integers(-BIG, BIG))
}
EVERYTHING = st.fixed_dictionaries(FIELDS | OPTIONAL)
