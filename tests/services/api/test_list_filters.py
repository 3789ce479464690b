"""Filters over the items of a list, on both databases."""

import asyncio
from datetime import date
from typing import Any

from backwright import App, Database, Entity, Filter, Paging, Rest, allow, anyone, resource
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
