"""The query string of a list: typed conditions, order, page and names, all checked against the model and the contract."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.api.http.message import HttpRequest
from backwright.api.rest.contract import Filter, Paging, named, resource
from backwright.api.rest.listing import MOST_REMEMBERED, MOST_SHAPES, Listing
from backwright.api.rest.resources import serve_resource
from backwright.domain.access import allow, anyone
from backwright.domain.refusals import Malformed
from backwright.operations.library import Library
from backwright.operations.operation import build_catalogue
from backwright.operations.records import ListRequest
from backwright.operations.reply import Reply
from tests.support.shelf import KEY, MODEL, Book, Cover, Writer, problems

CATALOGUE = build_catalogue([allow(Book, read=anyone), allow(Writer, read=anyone)], MODEL)
LIBRARY = Library(MODEL, "sqlite", CATALOGUE.read)


def listing(case: Any = "snake", **contract: Any) -> Listing:
    """The reader of a contract's list of books."""
    served = serve_resource(resource(Book, "/books", **contract), MODEL, LIBRARY, prefix="/v1", naming=named(case), secret=b"secret")
    return Listing(served)


BOOKS = listing()


async def _silent() -> dict[str, Any]:
    return {}


def request(query: str | bytes | list[tuple[str, str]]) -> HttpRequest:
    """A GET with this query string."""
    raw = urlencode(query).encode() if isinstance(query, list) else query.encode() if isinstance(query, str) else query
    return HttpRequest("GET", "/v1/books", raw, [], _silent, "192.0.2.1")


def read(query: Any, books: Listing = BOOKS) -> ListRequest:
    """What a query asks for."""
    return books.request(request(query))[1]


def conditions(asked: ListRequest) -> list[tuple[str, str, Any]]:
    """The conditions with their values."""
    return [(c.field.name, c.operator, asked.values.get(f"c{n}")) for n, c in enumerate(asked.page.conditions)]


def test_conditions_are_typed() -> None:
    """Bare names are equality, brackets name the operator, values have the field's type and not its limits."""
    query = [("price[gte]", "-10"), ("cover", "hard"), ("author_id[in]", f"{KEY},{KEY}"), ("title[prefix]", "#"), ("printed[null]", "true")]
    assert conditions(read(query)) == [
        ("price", "gte", Decimal(-10)),
        ("cover", "eq", Cover.HARD),
        ("author", "in", [UUID(KEY), UUID(KEY)]),
        ("title", "prefix", "#"),
        ("printed", "null", None),
    ]


def test_order_names_and_page() -> None:
    """Sort keys keep their direction; fields and expansions make the shape."""
    shape, asked = BOOKS.request(request("sort=-price,title&fields=id,author_id,chapters&expand=author&limit=5&offset=10"))
    assert [(k.field.name, k.descending) for k in asked.page.order] == [("price", True), ("title", False)]
    assert [wire for wire, _ in shape.fields] == ["id", "author_id"] and [w for w, _, _ in (*shape.expanded, *shape.parts)] == [
        "author",
        "chapters",
    ]
    assert (asked.limit, asked.values, asked.page.offset) == (5, {"offset": 10}, True)


def test_the_bare_list_has_defaults() -> None:
    """Without a query the first page of the default size is asked for."""
    asked = read("")
    assert (asked.limit, asked.values, asked.page.conditions, asked.page.order, asked.page.after) == (20, {}, (), (), False)


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
        ("limit", "0", "bound"),
        ("limit", "101", "bound"),
        ("limit", "+5", "bound"),
        ("offset", "-1", "bound"),
        ("offset", "9" * 30, "bound"),
        ("expand", "title", "unknown"),
        ("sort", "title,title", "repeated"),
        ("sort", "", "unknown"),
        ("cursor", "abc", "cursor"),
        ("printed[null]", "1", "type"),
        ("[gte]", "1", "unknown"),
        ("price[in]", ",".join("1" * 102), "max-length"),
        ("title", "\x00", "text"),
        ("sort", "title,price,stock,cover,rank,id", "sort"),
        ("page", "1", "unknown"),
    ],
)
def test_each_wrong_part_is_named(name: str, text: str, code: str) -> None:
    """A wrong name, operator, value or bound is refused with the parameter and a code; secret fields are unknown."""
    with pytest.raises(Malformed) as caught:
        read([(name, text)])
    assert problems(caught.value) == {name: code}


def test_all_problems_of_a_query_come_at_once() -> None:
    """Every wrong parameter is listed."""
    with pytest.raises(Malformed) as caught:
        read("prise=1&limit=x&stock[gte]=a&stock[gte]=1&cursor=c&offset=1")
    found = {(p.parameter, p.code) for p in caught.value.problems}
    assert found >= {("prise", "unknown"), ("limit", "bound"), ("stock[gte]", "repeated"), ("cursor", "conflict")}


@pytest.mark.parametrize("query", [b"a=%zz", b"a=%ff", b"\xff", b"&".join([b"a=1"] * 201), b"title=%ed%a0%80"])
def test_a_query_that_cannot_be_read_is_malformed(query: bytes) -> None:
    """Broken escapes, bytes that are no UTF-8, half surrogates and floods are refused as a whole."""
    with pytest.raises(Malformed):
        read(query)


def test_a_cursor_continues_the_order_it_was_made_for() -> None:
    """The cursor of a page is read back as key values, and refused under another order."""
    first = request("sort=-price")
    BOOKS.request(first)
    cursor = BOOKS.next_cursor(first, Reply(keys=[150, KEY], more=True)).decode().strip('"')
    asked = read(f"sort=-price&cursor={cursor}")
    assert (asked.page.after, asked.values) == (True, {"k0": Decimal("1.50"), "k1": UUID(KEY)})
    with pytest.raises(Malformed):
        read(f"sort=price&cursor={cursor}")


def test_a_contract_names_its_parameters() -> None:
    """Filters, pages and keys have the contract's names; nothing else is offered."""
    paging = Paging(limit="pageSize", offset=None, page="page", cursor=None)
    books = listing("camel", paging=paging, filters=[Filter("cheaperThan", lambda b: b.price, "lt")], flexible=False)
    asked = read("cheaperThan=5&page=3&pageSize=10", books)
    assert (conditions(asked)[0][:2], asked.limit, asked.values["offset"]) == (("price", "lt"), 10, 20)
    for name in ("limit", "price", "price[lt]", "sort", "fields", "expand", "cursor"):
        with pytest.raises(Malformed):
            read(f"{name}=title", books)


def test_camel_case_is_for_every_name() -> None:
    """Filters, sort keys, fields and expansions are asked for as they are shown."""
    shape, asked = listing("camel").request(request(f"authorId={KEY}&sort=soldAt&fields=soldAt,authorId"))
    assert conditions(asked)[0][0] == "author" and asked.page.order[0].field.name == "sold_at"
    assert [wire for wire, _ in shape.fields] == ["authorId", "soldAt"]


def test_a_repeated_query_is_remembered_and_floods_are_forgotten() -> None:
    """The same query string gives the same page and shape; however many different ones come, only so many are kept."""
    books = listing()
    assert (
        books.request(request("fields=id"))[0] is books.request(request("fields=id"))[0] is books.request(request("fields=id&limit=3"))[0]
    )
    for n in range(MOST_REMEMBERED + MOST_SHAPES):
        read(f"stock={n}", books)
    assert len(books._known) <= MOST_REMEMBERED  # pyright: ignore[reportPrivateUsage]


names = st.sampled_from(
    ["price", "price[gte]", "title[in]", "sort", "fields", "limit", "offset", "cursor", "expand", "id", "id[in]", "printed[null]"]
) | st.text(max_size=8)


@given(st.lists(st.tuples(names, st.text(max_size=10)), max_size=5))
@settings(max_examples=300, deadline=None)
def test_any_query_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    """No query raises anything but `Malformed`."""
    try:
        assert isinstance(read([(n, t.encode("utf-8", "replace").decode()) for n, t in pairs]), ListRequest)
    except Malformed as refusal:
        assert refusal.problems


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(query: bytes) -> None:
    """No query string raises anything but `Malformed`."""
    try:
        read(query)
    except Malformed as refusal:
        assert refusal.problems
