"""Every kind of field through the database and back, and on the wire, on both databases."""

import json
from base64 import b64encode
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from backwright.data.errors import OutOfRange
from backwright.domain.fields import Point, Range
from tests.support.every_kind import EVERYTHING, FIELDS, MICROSECOND, OPTIONAL, Cover, Owner, Rank, Tag, Thing
from tests.support.spine import Spine, spine

MANY = settings(max_examples=80, deadline=None, database=None)
NAMES = (*FIELDS, *OPTIONAL)
LOOSE = {"real", "maybe_real", "extra", "maybe_extra", "words", "maybe_words", "during", "maybe_during", "spot", "maybe_spot"}
"""Written as JSON numbers and documents: the same values, not the same spelling (1.0 and 1, the order of keys)."""
SAMPLE: dict[str, Any] = {
    "text": "Le Guin é\U0001f600", "whole": -(2**63), "real": 0.1 + 0.2, "price": Decimal("-0.5"), "small": Decimal(7), "flag": True,
    "day": date(2026, 11, 21), "hour": time(13, 5), "moment": datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC), "span": -MICROSECOND,
    "cover": Cover.ODD, "rank": Rank.LOW, "blob": b"\x00\xff" * 60, "extra": {"a": [None, 1.5]}, "words": ["x"],
    "during": Range(lower=date(2026, 1, 1)), "spot": Point(x=1.5, y=-2.0), "maybe_hour": time(0, 0, 0, 1),
    "maybe_span": 90 * 1_000_000 * MICROSECOND,
}  # fmt: skip
SAMPLE_WIRE = {
    "text": "Le Guin é\U0001f600", "whole": -(2**63), "real": 0.30000000000000004, "price": "-0.5000", "small": "7", "flag": True,
    "day": "2026-11-21", "hour": "13:05:00", "moment": "1969-12-31T23:59:59.000001Z", "span": "-PT0.000001S", "cover": "Ä'\"",
    "rank": -(2**40), "blob": b64encode(b"\x00\xff" * 60).decode(), "extra": {"a": [None, 1.5]}, "words": ["x"],
    "during": {"lower": "2026-01-01", "upper": None}, "spot": {"x": 1.5, "y": -2.0}, "maybe_hour": "00:00:00.000001",
    "maybe_span": "PT90S",
}  # fmt: skip


def test_every_value_comes_back_as_it_was(database_url: str) -> None:
    """What is stored and loaded again is equal to what was given, and of its type: a twin of Python for every kind."""
    with spine(database_url, [Thing, Owner, Tag]) as opened:

        @MANY
        @given(EVERYTHING)
        def check(given_values: dict[str, Any]) -> None:
            stored = opened.run(_stored(opened, given_values))
            loaded = opened.run(_loaded(opened, stored.id))
            for name in NAMES:
                assert getattr(loaded, name) == given_values[name], name
                assert isinstance(getattr(loaded, name), type(given_values[name])), name

        check()


def test_both_databases_write_one_wire_form(sqlite_url: str, postgres_url: str) -> None:
    """The JSON of a row is the same text on SQLite and PostgreSQL, field by field; floats and documents are the same values."""
    with spine(sqlite_url, [Thing, Owner, Tag]) as lite, spine(postgres_url, [Thing, Owner, Tag]) as postgres:

        @MANY
        @given(EVERYTHING)
        def check(given_values: dict[str, Any]) -> None:
            wires = [_wire(opened, opened.run(_stored(opened, given_values)).id) for opened in (lite, postgres)]
            first, second = (_fields(wire) for wire in wires)
            assert list(first) == list(second)
            for name in NAMES:
                read = json.loads if name in LOOSE else bytes
                assert read(first[name]) == read(second[name]), name

        check()


def test_the_wire_form_is_the_tables(database_url: str) -> None:
    """The table of wire forms: decimals with all their places, six digits of a second, seconds of a duration, base64, null."""
    with spine(database_url, [Thing, Owner, Tag]) as opened:
        wire = json.loads(_wire(opened, opened.run(_stored(opened, SAMPLE)).id))
        assert {name: wire[name] for name in SAMPLE_WIRE} == SAMPLE_WIRE
        assert wire["maybe_price"] is None and wire["tag_ids"] == [] and wire["maybe_tag_id"] is None


@pytest.mark.parametrize("value", [Decimal("1e15"), Decimal("1e400"), Decimal("-1e15")])
def test_a_decimal_with_too_many_digits_is_refused(database_url: str, value: Decimal) -> None:
    """A number beyond the column's digits is out of range on both databases, never cut."""
    with spine(database_url, [Thing, Owner, Tag]) as opened, pytest.raises(OutOfRange):
        opened.run(_stored(opened, SAMPLE | {"price": value}))


def test_a_decimal_is_rounded_the_same_way(database_url: str) -> None:
    """Places that the column has not are rounded half away from zero, as PostgreSQL does."""
    with spine(database_url, [Thing, Owner, Tag]) as opened:
        for given_value, expected in {"1.00005": "1.0001", "-1.00005": "-1.0001", "1.00004": "1.0000", "0.00005": "0.0001"}.items():
            stored = opened.run(_stored(opened, SAMPLE | {"price": Decimal(given_value)}))
            assert json.loads(_wire(opened, stored.id))["price"] == expected


def test_a_duration_beyond_64_bits_is_refused(database_url: str) -> None:
    """Python's durations reach further than a number of microseconds in 64 bits."""
    with spine(database_url, [Thing, Owner, Tag]) as opened, pytest.raises(OutOfRange):
        opened.run(_stored(opened, SAMPLE | {"span": 2**63 * MICROSECOND}))


@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
def test_the_ends_of_time_are_refused(database_url: str, moment: datetime) -> None:
    """PostgreSQL's driver takes the first and the last time for infinity: neither database stores them."""
    with spine(database_url, [Thing, Owner, Tag]) as opened, pytest.raises(OutOfRange):
        opened.run(_stored(opened, SAMPLE | {"moment": moment.replace(tzinfo=UTC)}))


def test_text_that_no_database_holds_is_refused(postgres_url: str) -> None:
    """NUL is no text on PostgreSQL: out of range, not a fault."""
    with spine(postgres_url, [Thing, Owner, Tag]) as opened, pytest.raises(OutOfRange):
        opened.run(_stored(opened, SAMPLE | {"text": "a\0b"}))


async def _stored(opened: Spine, values: dict[str, Any]) -> Thing:
    owner = Owner(name="o")
    async with opened.unit() as unit:
        unit.add(owner)
        thing = Thing(owner=owner.id, **values)
        unit.add(thing)
    return thing


async def _loaded(opened: Spine, key: Any) -> Thing:
    plans = opened[Thing]
    loaded = plans.rows(await opened.ask(plans.load, ids=[key]))[0]
    assert isinstance(loaded, Thing)
    return loaded


def _wire(opened: Spine, key: Any) -> str:
    text: str = opened.run(opened.ask(opened[Thing].several, ids=[key]))[0][0]
    return text


def _fields(wire: str) -> dict[str, bytes]:
    return {name: bytes(raw) for name, raw in msgspec.json.decode(wire, type=dict[str, msgspec.Raw]).items()}
