"""The clock that tests move."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.testing import Clock


def test_it_stands_still() -> None:
    """Two looks at it are one time."""
    clock = Clock(datetime(2026, 2, 1, tzinfo=UTC))

    assert (clock(), clock()) == (1769904000.0, 1769904000.0)


@given(st.lists(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=100)), max_size=5))
def test_steps_add_up(steps: list[timedelta]) -> None:
    """After several steps it shows the sum of them."""
    clock = Clock()
    begin = clock.now
    for step in steps:
        clock.advance(step)

    assert clock.now - begin == sum(steps, timedelta())


def test_it_does_not_go_back() -> None:
    """Nor does it start without a time zone."""
    with pytest.raises(ValueError, match="does not go back"):
        Clock().advance(minutes=-1)
    with pytest.raises(ValueError, match="aware"):
        Clock(datetime(2026, 1, 1))
