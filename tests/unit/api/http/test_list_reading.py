"""The query of a list: typed conditions, order, page and names, all checked against the model."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.api.http.filters import ListReader
from backwright.domain.refusals import Malformed
from backwright.operations.list_query import Filter, ListQuery, SortKey
from tests.support.shelf import KEY, MODEL, Book, Cover, problems

READER = ListReader(MODEL[Book], b"secret")


def test_conditions_are_typed() -> None:
    """Bare names are equality, brackets name the operator, values have the field's type and not its limits."""
    found = READER.read(
        [("price[gte]", "-10"), ("cover", "hard"), ("author_id[in]", f"{KEY},{KEY}"), ("title[prefix]", "#"), ("printed[null]", "true")]
    )
    assert found.filters == (
        Filter("price", "gte", Decimal(-10)),
        Filter("cover", "eq", Cover.HARD),
        Filter("author", "in", (UUID(KEY), UUID(KEY))),
        Filter("title", "prefix", "#"),
        Filter("printed", "null", True),
    )


def test_order_names_and_page() -> None:
    """Sort keys keep their direction; fields and expansions become Python names."""
    found = READER.read(
        [("sort", "-price,title"), ("fields", "id,author_id,chapters"), ("expand", "author"), ("limit", "5"), ("offset", "10")]
    )
    assert found == ListQuery(
        sort=(SortKey("price", True), SortKey("title")), fields=("id", "author", "chapters"), expand=("author",), limit=5, offset=10
    )


def test_the_bare_list_has_defaults() -> None:
    """Without a query the first page of the default size is asked for."""
    assert READER.read([]) == ListQuery()


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("cost", "1", "unknown"),
        ("sort", "cost", "unknown"),
        ("fields", "cost", "unknown"),
        ("prise", "1", "unknown"),
        ("extra", "1", "unknown"),
        ("price[like]", "1", "operator"),
        ("price[contains]", "1", "operator"),
        ("rented[lt]", "true", "operator"),
        ("title[null]", "true", "operator"),
        ("price", "x", "type"),
        ("price[gte]", "1.234", "scale"),
        ("cover", "paper", "choice"),
        ("limit", "0", "range"),
        ("limit", "101", "range"),
        ("limit", "+5", "range"),
        ("offset", "-1", "range"),
        ("offset", "9" * 30, "range"),
        ("expand", "title", "unknown"),
        ("sort", "title,title", "sort"),
        ("sort", "", "unknown"),
        ("cursor", "abc", "cursor"),
        ("printed[null]", "1", "type"),
        ("[gte]", "1", "unknown"),
        ("price[in]", ",".join("1" * 102), "max-length"),
        ("title", "\x00", "text"),
    ],
)
def test_each_wrong_part_is_named(name: str, text: str, code: str) -> None:
    """A wrong name, operator, value or bound is refused with the parameter and a code; secret fields are unknown."""
    with pytest.raises(Malformed) as caught:
        READER.read([(name, text)])
    assert problems(caught.value) == {name: code}


def test_all_problems_of_a_query_come_at_once() -> None:
    """Every wrong parameter is listed."""
    with pytest.raises(Malformed) as caught:
        READER.read([("prise", "1"), ("limit", "x"), ("limit", "5"), ("stock[gte]", "a"), ("cursor", "c"), ("offset", "1")])
    assert [(p.parameter, p.code) for p in caught.value.problems] == [
        ("prise", "unknown"),
        ("limit", "range"),
        ("limit", "repeated"),
        ("stock[gte]", "type"),
        ("offset", "conflict"),
    ]


def test_a_cursor_continues_the_order_it_was_made_for() -> None:
    """The cursor of a page is read back as key values, and refused under another order."""
    query = READER.read([("sort", "-price")])
    cursor = READER.next_cursor(query, (Decimal("1.50"), UUID(KEY)))
    assert READER.read([("sort", "-price"), ("cursor", cursor)]).after == (Decimal("1.50"), UUID(KEY))
    with pytest.raises(Malformed):
        READER.read([("sort", "price"), ("cursor", cursor)])


names = st.sampled_from(
    ["price", "price[gte]", "title[in]", "sort", "fields", "limit", "offset", "cursor", "expand", "id", "id[in]"]
) | st.text(max_size=8)


@given(st.lists(st.tuples(names, st.text(max_size=10)), max_size=5))
@settings(max_examples=300, deadline=None)
def test_any_query_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    """No query raises anything but `Malformed`."""
    try:
        assert isinstance(READER.read(pairs), ListQuery)
    except Malformed as refusal:
        assert refusal.problems
