"""Values inside a row: Structs kept as JSON, and what may be missing, over HTTP on both databases."""

import asyncio
from datetime import date
from typing import Annotated, Any

from msgspec import Struct

from backwright import App, Database, Entity, Limits, Maybe, Rest, allow, anyone
from backwright.testing import Client


class Place(Struct, rename="camel", omit_defaults=True):
    """Where something is."""

    street_name: str
    floor: Maybe[Annotated[int, Limits(ge=0)]] = None


class Shop(Entity, stamps=False, versioned=False):
    """A place where things are sold."""

    name: str
    place: Maybe[Place] = None
    others: list[Place] = []
    since: Maybe[date] = None
    open: bool | None = None


def _asked(database_url: str, *bodies: dict[str, Any]) -> list[tuple[int, Any]]:
    """Post each body; the answers, those that made a row read back as well."""

    async def main() -> list[tuple[int, Any]]:
        app = App(access=[allow(Shop, read=anyone, write=anyone)], serve=[Rest(case="camel")], database=Database(database_url))
        found: list[tuple[int, Any]] = []
        async with Client(app) as client:
            for body in bodies:
                made = await client.post("/v1/shops", body)
                found.append((made.status, made.json()))
                if made.status == 201:
                    assert (await client.get(f"/v1/shops/{made.json()['id']}")).json() == made.json()
        return found

    return asyncio.run(main())


def test_a_struct_is_a_value_with_known_keys(database_url: str) -> None:
    """It is kept and shown under its own names, alone and in a list; a key without a value is left out."""
    body = {
        "name": "a",
        "place": {"streetName": "Main", "floor": 2},
        "others": [{"streetName": "Side"}],
        "since": "2026-01-02",
        "open": True,
    }
    ((status, shown),) = _asked(database_url, body)
    assert (status, {key: value for key, value in shown.items() if key != "id"}) == (201, body)


def test_every_problem_inside_a_struct_is_told_with_its_place(database_url: str) -> None:
    """Limits, missing and unknown keys, as deep as they lie."""
    body = {"name": "a", "place": {"floor": -1}, "others": [{"streetName": "Side", "colour": 1}]}
    ((status, told),) = _asked(database_url, body)
    assert status == 422
    assert {one["pointer"] for one in told["errors"]} == {"/place/streetName", "/place/floor", "/others/0/colour"}


def test_a_creation_tells_null_from_false_and_leaves_out_what_is_missing(database_url: str) -> None:
    """What the creation answers is what a reader gets: null where null is shown, no key where it may be missing."""
    ((status, shown),) = _asked(database_url, {"name": "a"})
    assert (status, {key: value for key, value in shown.items() if key != "id"}) == (201, {"name": "a", "others": [], "open": None})
