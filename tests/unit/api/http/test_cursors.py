"""Cursors: what was encoded comes back, and nothing else is accepted."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.api.http.cursor import CursorCodec
from backwright.domain.refusals import Malformed

CODEC = CursorCodec(b"secret", "Book:-price", (Decimal, str, datetime, UUID))
keys = st.tuples(
    st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    st.none() | st.text(st.characters(codec="utf-8")),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.uuids(),
)


@given(keys)
def test_a_cursor_gives_its_key_values_back(values: tuple[object, ...]) -> None:
    """Decoding an encoded cursor gives the same typed values."""
    assert CODEC.decode(CODEC.encode(values)) == values


@given(keys, st.data())
def test_a_changed_cursor_is_refused(values: tuple[object, ...], data: st.DataObject) -> None:
    """Any other character at any place makes it malformed."""
    cursor = CODEC.encode(values)
    at = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.characters(exclude_characters=cursor[at]))
    with pytest.raises(Malformed):
        CODEC.decode(cursor[:at] + other + cursor[at + 1 :])


@given(st.text(max_size=60))
def test_any_text_is_refused(text: str) -> None:
    """A text that was not encoded here is malformed."""
    with pytest.raises(Malformed):
        CODEC.decode(text)


@pytest.mark.parametrize(("secret", "context"), [(b"other", "Book:-price"), (b"secret", "Book:price"), (b"secret", "Author:-price")])
def test_a_cursor_belongs_to_one_list_and_order(secret: bytes, context: str) -> None:
    """Another secret, entity or order refuses it."""
    cursor = CODEC.encode((None, "a", None, UUID(int=1)))
    with pytest.raises(Malformed):
        CursorCodec(secret, context, (Decimal, str, datetime, UUID)).decode(cursor)
