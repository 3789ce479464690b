"""Filters over the items of a list, on both databases."""

import asyncio
from datetime import date
from typing import Any

from backwright import Account, App, Database, Entity, Filter, Paging, Rest, Transaction, allow, anyone, resource, route
from backwright.testing import Client


class Concert(Entity, stamps=False, versioned=False):
    """Something that happens on several days."""

    name: str
    days: list[date]
    words: list[str] = []
    halls: list[int] = []


FILTERS = [
    Filter("from", lambda c: c.days, "gte"), Filter("to", lambda c: c.days, "lte"), Filter("word", lambda c: c.words),
    Filter("hall", lambda c: c.halls, "gt"), Filter("name", lambda c: c.name),
]  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"name": "early", "days": ["2026-01-01", "2026-01-09"], "words": ["loud", "Ö"], "halls": [2]},
    {"name": "late", "days": ["2026-03-01"], "words": ["it's"], "halls": [10, 1]},
    {"name": "never", "days": []},
]


def test_a_filter_over_a_list_asks_for_one_item(database_url: str) -> None:
    """Equal and ordered comparisons; two over the same list mean the same item; an empty list has none."""
    served = resource(Concert, "/concerts", filters=FILTERS, paging=Paging(items=None, next=None, cursor=None))

    async def main() -> None:
        app = App(access=[allow(Concert, read=anyone, write=anyone)], serve=[Rest(resources=[served])], database=Database(database_url))
        async with Client(app) as client:
            for row in ROWS:
                assert (await client.post("/v1/concerts", row)).status == 201
            asked = {
                "from=2026-01-05": ["early", "late"], "from=2026-01-02&to=2026-01-08": [], "from=2026-01-09&to=2026-01-09": ["early"],
                "to=2026-02-01&name=late": [], "word=%C3%96": ["early"], "word=it's": ["late"], "word=lou": [], "hall=2": ["late"],
            }  # fmt: skip
            for query, names in asked.items():
                found = [row["name"] for row in (await client.get(f"/v1/concerts?{query}")).json()]
                assert (query, found) == (query, names)
            assert (await client.get("/v1/concerts?from=soon")).status == 400

    asyncio.run(main())


class Talk(Entity, stamps=False, versioned=False):
    """Something that is said."""

    title: str
    place: str | None = None
    marks: dict[str, int] = {}


async def find_talks(tx: Transaction[Account | None], word: str, place: str = "") -> list[Talk]:
    """Talks whose title or place holds a word, and whose place holds another."""
    return await tx.query(Talk).containing(word, lambda t: (t.title, t.place)).containing(place, lambda t: t.place).limit(5).all()


def _talks(database_url: str) -> App:
    served = resource(Talk, "/talks", filters=[Filter("q", lambda t: (t.title, t.place), "contains")], paging=Paging(items=None, next=None))
    access = [allow(Talk, read=anyone, write=anyone), allow(find_talks, call=anyone)]
    routes = [route("GET /found", find_talks)]
    return App(access=access, serve=[Rest(resources=[served], routes=routes)], database=Database(database_url))


def test_a_filter_over_several_fields_asks_for_one_of_them(database_url: str) -> None:
    """A text is found in either field, just as it is written; null holds nothing; functions ask the same by `containing`."""
    rows = [{"title": "100% sure", "place": "Ulm"}, {"title": "Ulm"}, {"title": "_"}]

    async def main() -> None:
        async with Client(_talks(database_url)) as client:
            for row in rows:
                assert (await client.post("/v1/talks", row)).status == 201
            for query, found in {"q=Ulm": 2, "q=%25": 1, "q=_": 1, "q=ulm": 0, "q=": 3}.items():
                assert (query, len((await client.get(f"/v1/talks?{query}")).json())) == (query, found)
            for query, found in {"word=Ulm": 1, "word=Ulm&place=U": 1, "word=%25&place=m": 1, "word=_&place=m": 0}.items():
                assert (query, len((await client.get(f"/v1/found?{query}")).json())) == (query, found)

    asyncio.run(main())


def test_a_map_holds_what_its_type_says(database_url: str) -> None:
    """The values of a ``dict[str, int]`` are checked, told in the contract, and answered as they came."""

    async def main() -> None:
        async with Client(_talks(database_url)) as client:
            made = await client.post("/v1/talks", {"title": "a", "marks": {"x": 1}})
            assert (made.status, made.json()["marks"]) == (201, {"x": 1})
            at = f"/v1/talks/{made.json()['id']}"
            assert (await client.patch(at, {"marks": {"x": None, "y": 2}})).status == 422
            assert (await client.patch(at, {"marks": {"y": 2}})).json()["marks"] == {"y": 2}
            assert (await client.post("/v1/talks", {"title": "b", "marks": {"x": "one"}})).status == 422
            told = (await client.get("/openapi.json")).json()["components"]["schemas"]["Talk"]["properties"]["marks"]
            assert (told["type"], told["additionalProperties"]["type"]) == ("object", "integer")

    asyncio.run(main())
