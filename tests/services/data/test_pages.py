"""Pages of rows: every filter, every order, and keyset cursors that neither skip nor repeat, on both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.data.sql.kinds import loader
from backwright.data.sql.shapes import build_shape
from backwright.data.sql.statements import Condition, FilterOperator, Page, SortKey
from backwright.domain.entity import Entity
from backwright.domain.fields import Limits
from tests.support.spine import Spine, spine


class Colour(Enum):
    """What a pebble looks like."""

    RED, BLUE = "red", "blue"


class Pebble(Entity, stamps=False, versioned=False, id_column="PebbleId"):
    """A row with values that collide."""

    name: str
    size: int
    weight: Annotated[Decimal, Limits(scale=2)]
    found: date | None = None
    seen: datetime | None = None
    note: str | None = None
    colour: Colour | None = None
    age: timedelta = timedelta(0)
    shiny: bool = False


Check = Callable[[Pebble], bool]
SIX = [
    Pebble(name="a", size=1, weight=Decimal("1.00"), note="sea"),
    Pebble(name="B", size=2, weight=Decimal("1.01"), note="Sea shell", colour=Colour.RED),
    Pebble(name="b", size=2, weight=Decimal("-1"), found=date(2026, 1, 1), note=""),
    Pebble(name="ä", size=-3, weight=Decimal("99.99"), found=date(1999, 12, 31), colour=Colour.BLUE, shiny=True),
    Pebble(name="", size=0, weight=Decimal(0), note="100%_", seen=datetime(1969, 1, 1, tzinfo=UTC)),
    Pebble(name="a\U0001f600", size=2**62, weight=Decimal("1.00"), age=timedelta(days=-1)),
]
CASES: list[tuple[str, FilterOperator, Any, Check]] = [
    ("name", "eq", "a", lambda p: p.name == "a"), ("name", "ne", "a", lambda p: p.name != "a"),
    ("name", "lt", "b", lambda p: p.name < "b"), ("name", "gte", "b", lambda p: p.name >= "b"),
    ("name", "in", ["a", "ä", "zz"], lambda p: p.name in ("a", "ä")), ("name", "in", [], lambda p: False),
    ("name", "prefix", "a", lambda p: p.name.startswith("a")), ("name", "contains", "\U0001f600", lambda p: "\U0001f600" in p.name),
    ("note", "contains", "sea", lambda p: "sea" in (p.note or "")), ("note", "contains", "%", lambda p: "%" in (p.note or "")),
    ("note", "prefix", "", lambda p: p.note is not None), ("note", "prefix", "100%_", lambda p: p.note == "100%_"),
    ("note", "null", None, lambda p: p.note is None), ("note", "notnull", None, lambda p: p.note is not None),
    ("note", "ne", "sea", lambda p: p.note != "sea"), ("size", "gt", 0, lambda p: p.size > 0), ("size", "lte", 1, lambda p: p.size <= 1),
    ("size", "in", [2, 2**62], lambda p: p.size in (2, 2**62)), ("weight", "lt", Decimal("1.001"), lambda p: p.weight < Decimal("1.001")),
    ("weight", "gte", Decimal("1.001"), lambda p: p.weight >= Decimal("1.001")),
    ("weight", "eq", Decimal("1.001"), lambda p: False), ("weight", "ne", Decimal("1.001"), lambda p: True),
    ("weight", "in", [Decimal("1.00"), Decimal(-1)], lambda p: p.weight in (1, -1)),
    ("weight", "lt", Decimal("1e30"), lambda p: True), ("found", "gt", date(2000, 1, 1), lambda p: p.found == date(2026, 1, 1)),
    ("found", "in", [date(1999, 12, 31)], lambda p: p.found == date(1999, 12, 31)),
    ("seen", "lt", datetime(1970, 1, 1, tzinfo=UTC), lambda p: p.seen is not None),
    ("colour", "eq", Colour.RED, lambda p: p.colour is Colour.RED),
    ("colour", "ne", Colour.RED, lambda p: p.colour is not Colour.RED), ("colour", "in", [Colour.BLUE], lambda p: p.colour is Colour.BLUE),
    ("age", "lt", timedelta(0), lambda p: p.age < timedelta(0)), ("shiny", "eq", True, lambda p: p.shiny),
]  # fmt: skip


def _page(opened: Spine, page: Page, **inputs: Any) -> list[Any]:
    statement = opened.plans.statements.page(build_shape(opened.model, Pebble, keys=["id"]), page)
    return list(opened.run(opened.ask(statement, **inputs)))


def _filled(opened: Spine) -> list[Pebble]:
    rows = [Pebble(**{n: getattr(p, n) for n in Pebble.__struct_fields__ if not n.startswith("_")}) for p in SIX]
    opened.run(opened.given(*rows))
    return rows


def test_every_filter_means_what_python_means(database_url: str) -> None:
    """Each operator on each kind of value keeps the rows that the same comparison keeps in Python; null is unequal to everything."""
    with spine(database_url, [Pebble]) as opened:
        rows = _filled(opened)
        for name, operator, value, keeps in CASES:
            page = Page(conditions=(Condition(opened.model[Pebble].by_name[name], operator),))
            found = {str(row[-1]) for row in _page(opened, page, c0=value, limit=100)}
            assert found == {str(row.id) for row in rows if keeps(row)}, (name, operator, value)


def test_filters_are_joined_by_and_and_counted(database_url: str) -> None:
    """Several conditions all hold; the total counts what they leave, whatever the page."""
    with spine(database_url, [Pebble]) as opened:
        _filled(opened)
        by_name = opened.model[Pebble].by_name
        page = Page(conditions=(Condition(by_name["size"], "gt"), Condition(by_name["weight"], "lt")), order=(SortKey(by_name["size"]),))
        values = {"c0": 0, "c1": Decimal("1.01")}
        assert len(_page(opened, page, **values, limit=1)) == 1
        assert opened.run(opened.ask(opened.plans.statements.count(Pebble, page), **values))[0][0] == 3


@pytest.mark.parametrize("descending", [False, True])
def test_nulls_come_last_whichever_way(database_url: str, descending: bool) -> None:
    """Ascending or descending, rows without a value stand at the end."""
    with spine(database_url, [Pebble]) as opened:
        rows = {str(row.id): row for row in _filled(opened)}
        found = _page(opened, Page(order=(SortKey(opened.model[Pebble].by_name["found"], descending),)), limit=10)
        days = [rows[str(row[-1])].found for row in found]
        assert days == [*sorted((day for day in days if day), reverse=descending), None, None, None, None]


def test_an_offset_leaves_out_the_first_rows(database_url: str) -> None:
    """Offset and limit cut the same order."""
    with spine(database_url, [Pebble]) as opened:
        _filled(opened)
        order = (SortKey(opened.model[Pebble].by_name["name"]),)
        everything = [row[-1] for row in _page(opened, Page(order=order), limit=10)]
        assert [row[-1] for row in _page(opened, Page(order=order, offset=True), limit=2, offset=3)] == everything[3:5]


SORTABLE = ["name", "size", "weight", "found", "seen", "note", "colour", "age", "shiny", "id"]
ORDERS = st.lists(st.tuples(st.sampled_from(SORTABLE), st.booleans()), max_size=3, unique_by=lambda key: key[0])
SMALL = st.builds(
    Pebble, name=st.sampled_from(["", "a", "B", "ä", "\U0001f600"]), size=st.integers(0, 2),
    weight=st.sampled_from([Decimal(0), Decimal("0.01")]),
    found=st.sampled_from([None, date(2026, 1, 1), date(1999, 1, 1)]), note=st.sampled_from([None, "", "x"]),
    seen=st.sampled_from([None, datetime(1960, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)]),
    colour=st.sampled_from([None, *Colour]), age=st.sampled_from([timedelta(0), timedelta(-1)]), shiny=st.booleans(),
)  # fmt: skip


def _walk(opened: Spine, order: list[tuple[str, bool]], size: int, between: Callable[[], None]) -> list[UUID]:
    """The ids of all pages, each asked for behind the last row of the one before."""
    model = opened.model[Pebble]
    keys = tuple(SortKey(model.id if name == "id" else model.by_name[name], down) for name, down in order)
    fields: list[Any] = []
    for key in keys:
        fields += [None, key.field] if key.field.optional else [key.field]
    fields += [] if any(key.field is model.id for key in keys) else [model.id]
    at = next(n for n, item in enumerate(fields) if item is model.id)
    position: dict[str, Any] = {}
    seen: list[UUID] = []
    while rows := _page(opened, Page(order=keys, after=bool(position)), limit=size, **position):
        seen += [UUID(str(row[1 + at])) for row in rows]
        position = {f"k{n}": _python(opened, item, value) for n, (item, value) in enumerate(zip(fields, rows[-1][1:], strict=True))}
        between()
    return seen


def _python(opened: Spine, item: Any, value: Any) -> Any:
    load = None if item is None or value is None else loader(item, opened.engine.dialect)
    return value if load is None else load(value)


def test_cursors_neither_skip_nor_repeat(database_url: str) -> None:
    """Whatever the order, page by page gives every row once, in the order of one big page."""
    with spine(database_url, [Pebble]) as opened:

        @settings(max_examples=40, deadline=None, database=None)
        @given(st.lists(SMALL, min_size=1, max_size=9), ORDERS, st.integers(1, 4))
        def check(rows: list[Pebble], order: list[tuple[str, bool]], size: int) -> None:
            opened.run(_replaced(opened, rows))
            paged = _walk(opened, order, size, lambda: None)
            assert paged == _walk(opened, order, 100, lambda: None)
            assert sorted(paged) == sorted(UUID(str(row.id)) for row in rows)

        check()


def test_cursors_bear_changes_in_between(database_url: str) -> None:
    """Rows inserted and deleted between two pages: those that were there all the time are seen, and none is seen twice."""
    with spine(database_url, [Pebble]) as opened:

        @settings(max_examples=25, deadline=None, database=None)
        @given(st.lists(SMALL, min_size=4, max_size=8), st.lists(SMALL, max_size=4), ORDERS)
        def check(rows: list[Pebble], more: list[Pebble], order: list[tuple[str, bool]]) -> None:
            opened.run(_replaced(opened, rows))
            waiting, going = list(more), rows[:2]

            def change() -> None:
                if waiting:
                    opened.run(opened.given(waiting.pop()))
                if going:
                    opened.run(_removed(opened, going.pop()))

            paged = _walk(opened, order, 2, change)
            assert len(paged) == len(set(paged))
            assert {UUID(str(row.id)) for row in rows[2:]} <= set(paged)

        check()


async def _replaced(opened: Spine, rows: list[Pebble]) -> None:
    async with opened.tx() as tx:
        await tx.execute("DELETE FROM pebble")
        tx.add_many(rows)


async def _removed(opened: Spine, row: Pebble) -> None:
    async with opened.tx() as tx:
        await tx.execute('DELETE FROM pebble WHERE "PebbleId" = :id', id=row.id)
