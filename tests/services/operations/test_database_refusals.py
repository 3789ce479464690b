"""What only the database can refuse becomes a refusal that names the field, the same on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid4

import msgspec

from backwright import (
    App,
    Database,
    Entity,
    Id,
    Invalid,
    Limits,
    Many,
    PartOf,
    Refusal,
    Tier,
    Transaction,
    Unique,
    Wire,
    allow,
    anyone,
    unique,
)  # fmt: skip
from backwright.testing import Client, OpenApp, open_app


class Tag(Entity):
    """A word."""

    word: Unique[str]


class Shelf(Entity, plural="shelves"):
    """Where boxes stand."""

    name: str


class Box(Entity):
    """With limits of every kind."""

    shelf: Id[Shelf]
    next: "Id[Box] | None" = None
    row: int = 0
    place: Annotated[int, Wire("placeNumber")] = 0
    weight: Annotated[int, Limits(ge=0, le=100)] = 1
    label: Annotated[str, Limits(min_length=2, max_length=5)] = "box"
    price: Annotated[Decimal, Limits(digits=6, scale=2, gt=0)] = Decimal(1)
    tags: Many[Tag] = msgspec.field(default_factory=list)

    @unique
    def spot(self) -> object:
        """One box a place."""
        return self.shelf, self.row, self.place


class Slip(Entity):
    """In a box."""

    box: PartOf[Box]
    text: str
    tag: Id[Tag] | None = None


async def press(
    tx: Transaction[None], box: Id[Box], weight: int | None = None, label: str | None = None, price: Decimal | None = None
) -> Box:
    """Set what no decoder has seen."""
    found = await tx.lock(Box, box)
    found.weight = found.weight if weight is None else weight
    found.label = found.label if label is None else label
    found.price = found.price if price is None else price
    return found


ACCESS = [allow(entity, read=anyone, write=anyone) for entity in (Tag, Shelf, Box)] + [allow(press, call=anyone)]
Body = Callable[[OpenApp, Client], Awaitable[None]]


def boxes(url: str, body: Callable[[OpenApp, Client, Shelf], Awaitable[None]]) -> None:
    """Run a test with a shelf to stand on."""
    app = App(access=ACCESS, entities=[Slip], database=Database(), tiers=[Tier("anonymous", 10**6)])

    async def main() -> None:
        async with asyncio.timeout(60), open_app(app, url) as opened, Client(opened) as client:
            await body(opened, client, await opened.given(Shelf(name="s")))

    asyncio.run(main())


def _pointers(answer: Any) -> list[tuple[str, str]]:
    assert answer.status == 422, answer
    return [(e.get("pointer"), e.get("code")) for e in answer.json()["errors"]]


def test_several_fields_that_must_differ_are_named_together(database_url: str) -> None:
    """A unique constraint over fields names all of them as clients know them."""

    async def body(opened: OpenApp, client: Client, shelf: Shelf) -> None:
        given = {"shelf_id": shelf.id, "row": 1, "placeNumber": 2}
        answers = [await client.post("/v1/boxes", given) for _ in range(2)]
        assert (answers[1].status, answers[1].json()["fields"]) == (409, ["shelf_id", "row", "placeNumber"])

    boxes(database_url, body)


def test_every_missing_target_is_found(database_url: str) -> None:
    """Where two references point to nothing, neither database leaves the client in the dark about both."""

    async def body(opened: OpenApp, client: Client, shelf: Shelf) -> None:
        one = await client.post("/v1/boxes", {"shelf_id": shelf.id, "next_id": uuid4()})
        assert _pointers(one) == [("/next_id", "reference")]
        both = _pointers(await client.post("/v1/boxes", {"shelf_id": uuid4(), "next_id": uuid4()}))
        assert both and set(both) <= {("/shelf_id", "reference"), ("/next_id", "reference")}

    boxes(database_url, body)


def test_a_missing_target_of_a_change_is_named(database_url: str) -> None:
    """The same for a change, which runs in a transaction."""

    async def body(opened: OpenApp, client: Client, shelf: Shelf) -> None:
        box = await opened.given(Box(shelf=shelf.id))
        assert _pointers(await client.patch(f"/v1/boxes/{box.id}", {"next_id": uuid4()})) == [("/next_id", "reference")]
        assert (await opened.get(Box, box.id)).version == 1

    boxes(database_url, body)


def test_a_missing_target_among_many_is_named(database_url: str) -> None:
    """A many-reference to nothing is told of under its own wire name."""

    async def body(opened: OpenApp, client: Client, shelf: Shelf) -> None:
        tag = await opened.given(Tag(word="w"))
        answer = await client.post("/v1/boxes", {"shelf_id": shelf.id, "tag_ids": [tag.id, uuid4()]})
        assert _pointers(answer) == [("/tag_ids", "reference")] and await opened.count(Box) == 0

    boxes(database_url, body)


def test_what_is_referred_to_stays(database_url: str) -> None:
    """Deleting a row that others refer to is 409; parts and many-references do not hold their row back."""

    async def body(opened: OpenApp, client: Client, shelf: Shelf) -> None:
        tag = await opened.given(Tag(word="w"))
        box = await opened.given(Box(shelf=shelf.id, tags=[tag.id]))
        await opened.given(Slip(box=box.id, text="t"))
        assert (await client.delete(f"/v1/shelves/{shelf.id}")).status == 409
        assert (await client.delete(f"/v1/tags/{tag.id}")).status == 204
        assert (await client.delete(f"/v1/boxes/{box.id}")).status == 204
        assert await opened.count(Slip) == 0 and (await client.delete(f"/v1/shelves/{shelf.id}")).status == 204

    boxes(database_url, body)


def test_a_limit_that_a_function_breaks_names_its_field(database_url: str) -> None:
    """A named CHECK tells field and limit: 422, and nothing is written."""

    async def body(opened: OpenApp, client: Client, shelf: Shelf) -> None:
        box = await opened.given(Box(shelf=shelf.id))
        for given, pointer, said in (
            ({"weight": -1}, "/weight", "must be at least 0"), ({"weight": 101}, "/weight", "must be at most 100"),
            ({"label": "x"}, "/label", "must be longer"), ({"price": "0"}, "/price", "must be more than 0"),
        ):  # fmt: skip
            (error,) = (await client.post("/v1/press", {"box_id": box.id, **given})).json()["errors"]
            assert (error["pointer"], error["detail"]) == (pointer, said)
        assert (await opened.get(Box, box.id)).version == 1

    boxes(database_url, body)


def test_a_number_out_of_range_is_refused(database_url: str) -> None:
    """A number that a function made too large for its column is 422, not a fault, and is not cut."""

    async def body(opened: OpenApp, client: Client, shelf: Shelf) -> None:
        box = await opened.given(Box(shelf=shelf.id))
        answer = await client.post("/v1/press", {"box_id": box.id, "price": "123456.78"})
        assert answer.status == 422 and (await opened.get(Box, box.id)).price == 1
        for wrong in (Box(shelf=shelf.id, row=2**63), Box(shelf=shelf.id, place=-(2**63) - 1)):
            assert await _refused(opened, wrong) == Invalid

    boxes(database_url, body)


def test_a_value_that_must_not_be_null_is_named(database_url: str) -> None:
    """A function that leaves out what a row needs is told where."""

    async def body(opened: OpenApp, client: Client, shelf: Shelf) -> None:
        box = Box(shelf=shelf.id, label=None)  # type: ignore[arg-type]
        try:
            await opened.given(box)
        except Invalid as refused:
            assert [(p.pointer, p.code) for p in refused.problems] == [("/label", "required")]
        else:
            raise AssertionError("it was stored")

    boxes(database_url, body)


async def _refused(opened: OpenApp, item: Entity) -> type[Refusal] | None:
    try:
        await opened.given(item)
    except Refusal as refused:
        return type(refused)
    return None
