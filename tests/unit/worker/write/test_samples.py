"""Sample values fit what they are made for."""

import re
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.write.samples import other, wire_value


@given(st.integers(0, 40), st.integers(0, 40))
def test_text_fits_its_lengths(least: int, more: int) -> None:
    """A text is as long as its limits ask."""
    value = wire_value(Kind.TEXT, Limits(min_length=least, max_length=least + more))
    assert least <= len(value) <= max(least + more, 1)


@given(st.integers(-50, 50), st.integers(0, 20))
def test_number_fits_its_bounds(low: int, room: int) -> None:
    """A number lies within its bounds."""
    assert low <= wire_value(Kind.INT, Limits(ge=low, le=low + room)) <= low + room


@given(st.sampled_from([r"^[A-Z]{3}$", r"^[a-z0-9-]+$", r"^([01]\d|2[0-3]):?([0-5]\d)$", r"^\d{5}$", r"^#[0-9a-f]{6}$"]))
def test_usual_patterns(pattern: str) -> None:
    """Patterns that designs use often are met."""
    assert re.search(pattern, wire_value(Kind.TEXT, Limits(pattern=pattern)))


@given(st.integers(0, 9), st.integers(2, 9))
def test_another_value(low: int, room: int) -> None:
    """Another value is another one, and fits as well."""
    limits = Limits(ge=low, le=low + room)
    value = wire_value(Kind.INT, limits)
    assert value != other(Kind.INT, limits, value)
    assert low <= other(Kind.INT, limits, value) <= low + room


def test_example_that_fits_is_taken() -> None:
    """The design's own example is the best sample; one that does not fit is not taken."""
    assert wire_value(Kind.TEXT, Limits(max_length=9), example="Dune") == "Dune"
    assert wire_value(Kind.TEXT, Limits(max_length=3), example="Dune") != "Dune"


def test_decimal_as_on_the_wire() -> None:
    """Decimals have four digits behind the point."""
    value: Any = wire_value(Kind.DECIMAL, Limits(ge=0))
    assert Decimal(value) >= 0
    assert re.fullmatch(r"\d+\.\d{4}", value)
