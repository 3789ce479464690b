"""Parameters of path and query: no coercions, all problems at once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.domain.fields import Id, Limits
from backwright.domain.refusals import Invalid, Malformed
from backwright.operations.parameters import ParameterDecoder
from backwright.operations.shapes import Unreadable
from backwright.operations.signatures import call_members
from tests.support.shelf import KEY, MODEL, Book, Cover, problems


async def search(
    tx: Any,
    word: str,
    most: Annotated[int, Limits(le=50)] = 20,
    price: Decimal | None = None,
    share: float = 0.5,
    new: bool = False,
    cover: Cover | None = None,
    since: datetime | None = None,
    day: date | None = None,
    book: list[Id[Book]] | None = None,
) -> None: ...
async def deep(tx: Any, value: dict[str, Any]) -> None: ...


DECODER = ParameterDecoder(call_members(search, MODEL))
SMALL = ParameterDecoder(call_members(search, MODEL)[:2])


def test_texts_become_typed_values() -> None:
    """Each text is read into its type, a repeated one into a list, an absent one is its default."""
    pairs = [
        ("word", "x"),
        ("price", "1.50"),
        ("new", "true"),
        ("cover", "hard"),
        ("since", "2026-01-01T02:00:00+02:00"),
        ("day", "2026-01-01"),
        ("book", KEY),
    ]
    found = DECODER.decode(pairs)
    assert found == {
        "word": "x",
        "most": 20,
        "price": Decimal("1.50"),
        "share": 0.5,
        "new": True,
        "cover": Cover.HARD,
        "since": datetime(2026, 1, 1, tzinfo=UTC),
        "day": date(2026, 1, 1),
        "book": [UUID(KEY)],
    }


@pytest.mark.parametrize("text", ["+5", " 5", "5 ", "5_0", "05", "5.0", "٣", "", "0x5", "9" * 20, "-0", "1e3"])
def test_whole_numbers_have_one_spelling(text: str) -> None:
    """Only plain digits with an optional minus are a whole number."""
    with pytest.raises(Malformed):
        SMALL.decode([("word", "x"), ("most", text)])


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("new", "True", "type"),
        ("new", "1", "type"),
        ("cover", "paper", "choice"),
        ("price", "1e2", "type"),
        ("price", "1.23456", "scale"),
        ("share", "nan", "type"),
        ("share", "1e999", "type"),
        ("since", "2026-01-01", "format"),
        ("day", "2026-1-1", "format"),
        ("book", KEY.replace("-", ""), "format"),
        ("most", "51", "maximum"),
        ("other", "1", "unknown"),
        ("word", "\x00", "text"),
        ("word", "\ud800", "text"),
    ],
)
def test_each_wrong_text_is_named(name: str, text: str, code: str) -> None:
    """A wrong parameter is refused by name with a stable code."""
    with pytest.raises(Malformed) as caught:
        DECODER.decode([(name, text)] + ([("word", "x")] if name != "word" else []))
    assert problems(caught.value) == {name: code}


def test_all_problems_come_at_once() -> None:
    """Unknown, missing and repeated parameters are told together, with a suggestion."""
    with pytest.raises(Malformed) as caught:
        DECODER.decode([("most", "1"), ("most", "2"), ("prise", "1")])
    assert {p.parameter: p.detail for p in caught.value.problems} == {
        "prise": 'is not a parameter here; did you mean "price"?',
        "word": "is required",
        "most": "must be given only once",
    }


def test_a_form_s_problems_are_invalid_not_malformed() -> None:
    """The same texts from a form answer 422."""
    with pytest.raises(Invalid):
        ParameterDecoder(call_members(search, MODEL), "form").decode([])


def test_what_no_text_can_carry_is_refused_at_start() -> None:
    """A dict cannot be a query parameter."""
    with pytest.raises(Unreadable):
        ParameterDecoder(call_members(deep, MODEL))


@given(
    st.lists(
        st.tuples(st.sampled_from(["word", "most", "price", "share", "new", "cover", "since", "day", "book", "x"]), st.text(max_size=12)),
        max_size=6,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_texts_are_decoded_or_refused(pairs: list[tuple[str, str]]) -> None:
    """No text raises anything but `Malformed`."""
    try:
        DECODER.decode(pairs)
    except Malformed as refusal:
        assert refusal.problems
