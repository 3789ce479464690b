"""Clients that send back the whole of what they were shown, where the contract lets them."""

import asyncio

from backwright import App, Database, Entity, Managed, Rest, allow, anyone, resource
from backwright.testing import Client


class Parcel(Entity):
    """Something that is sent."""

    label: str
    opened: Managed[bool] = False


def _app(*, echo: bool) -> App:
    served = resource(Parcel, "/parcels", echo=echo)
    return App(access=[allow(Parcel, read=anyone, write=anyone)], serve=[Rest(resources=[served])], database=Database("sqlite://"))


def test_what_was_shown_may_come_back_and_is_not_used() -> None:
    """Id, stamps and managed fields are read-only with ``echo``: a whole row is taken by PUT and PATCH, and none of them changes."""

    async def main() -> None:
        async with Client(_app(echo=True)) as client:
            shown = (await client.post("/v1/parcels", {"label": "a"})).json()
            path = f"/v1/parcels/{shown['id']}"
            changed = await client.put(path, {**shown, "label": "b", "opened": True, "created_at": "2001-01-01T00:00:00Z"})
            assert changed.status == 200
            assert changed.json() | {"updated_at": 0, "version": 0} == shown | {"label": "b", "updated_at": 0, "version": 0}
            assert (await client.patch(path, {**shown, "label": "c"})).json()["label"] == "c"

    asyncio.run(main())


def test_a_new_row_gets_its_own_id() -> None:
    """The id in the body of a creation, alone or in a batch, is read and not used."""

    async def main() -> None:
        async with Client(_app(echo=True)) as client:
            first = (await client.post("/v1/parcels", {"label": "a"})).json()
            second = await client.post("/v1/parcels", {**first, "label": "b"})
            several = await client.post("/v1/parcels", [{"id": first["id"], "label": "c"}])
            ids = {first["id"], second.json()["id"], several.json()["items"][0]["id"]}
            assert (second.status, several.status, len(ids)) == (201, 201, 3)

    asyncio.run(main())


def test_the_id_of_another_row_is_refused() -> None:
    """A change whose body names another row than its path is no change of either."""

    async def main() -> None:
        async with Client(_app(echo=True)) as client:
            first, second = [(await client.post("/v1/parcels", {"label": label})).json() for label in "ab"]
            refused = await client.put(f"/v1/parcels/{first['id']}", {"id": second["id"], "label": "c"})
            assert (refused.status, refused.json()["errors"][0]["pointer"]) == (422, "/id")

    asyncio.run(main())


def test_without_it_they_are_refused() -> None:
    """By default a key that would be dropped is an error."""

    async def main() -> None:
        async with Client(_app(echo=False)) as client:
            shown = (await client.post("/v1/parcels", {"label": "a"})).json()
            assert (await client.put(f"/v1/parcels/{shown['id']}", shown)).status == 422

    asyncio.run(main())
