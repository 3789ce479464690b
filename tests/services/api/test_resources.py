"""Resources over HTTP, on both databases: batches, replacing, conditional requests, and parts that change their whole."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from backwright import App, Database, Entity, Id, PartOf, Tier, Transaction, Unique, allow, anyone
from backwright.testing import Client, open_app
from tests.support.served import Author, Book, Label, served_app

Test = Callable[[Client], Awaitable[None]]


@pytest.fixture(params=["sqlite", "postgresql"])
def serve(request: pytest.FixtureRequest) -> Callable[..., None]:
    """A function that runs a test against an app, once on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_session_url")

    def run(test: Test, app: App | None = None) -> None:
        async def main() -> None:
            async with open_app(app or served_app(), url) as opened:
                await test(Client(opened))

        asyncio.run(main())

    return run


async def a_book(client: Client, **more: Any) -> dict[str, Any]:
    author = await client.app.given(Author(name="Le Guin"))
    answer = await client.post("/v1/books", {"isbn": "1", "author_id": author.id, "price": "9.50", **more})
    assert answer.status == 201, answer
    return answer.json()


# --- batches ----------------------------------------------------------------------------------------------------------


def test_an_array_creates_several_rows(serve: Callable[..., None]) -> None:
    """POST of an array creates them all, and answers their representations in order under the page's key."""

    async def test(client: Client) -> None:
        answer = await client.post("/v1/notes", [{"text": f"n{i}"} for i in range(50)])
        assert answer.status == 201 and [item["text"] for item in answer.json()["items"]] == [f"n{i}" for i in range(50)]
        assert (await client.get("/v1/notes?limit=100")).json()["items"] == answer.json()["items"]

    serve(test)


def test_a_batch_with_many_references_and_parts(serve: Callable[..., None]) -> None:
    """Rows of a batch are created like single ones: with their links, defaults and stamps."""

    async def test(client: Client) -> None:
        label = await client.app.given(Label(word="new"))
        first = await a_book(client)
        batch = [{"isbn": str(n), "author_id": first["author_id"], "price": "1", "label_ids": [label.id]} for n in (2, 3)]
        found = (await client.post("/v1/books", batch)).json()["items"]
        assert [(b["isbn"], b["label_ids"], b["stock"], b["version"]) for b in found] == [("2", [label.id], 3, 1), ("3", [label.id], 3, 1)]

    serve(test)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"price": "x"}, "/3/price", "type"),
        ({"price": "-1"}, "/3/price", "minimum"),
        ({"isbn": None}, "/3/isbn", "type"),
        ({"colour": 1}, "/3/colour", "unknown"),
        ({"stock": -1}, "/3/stock", "minimum"),
    ],
)
def test_the_problems_of_a_batch_have_their_place(change: dict[str, Any], pointer: str, code: str) -> None:
    """One wrong item refuses the whole batch; the pointer says which item and which key, and nothing is created."""

    async def main() -> None:
        async with Client(served_app()) as client:
            author = await client.app.given(Author(name="A"))
            batch = [{"isbn": str(n), "author_id": author.id, "price": "1"} for n in range(5)]
            batch[3] |= change
            answer = await client.post("/v1/books", batch)
            assert (answer.status, [(e["pointer"], e["code"]) for e in answer.json()["errors"]]) == (422, [(pointer, code)])
            assert await client.app.count(Book) == 0

    asyncio.run(main())


def test_a_batch_is_all_or_nothing(serve: Callable[..., None]) -> None:
    """A conflict of one row takes back the others."""

    async def test(client: Client) -> None:
        answer = await client.post("/v1/labels", [{"word": "a"}, {"word": "b"}, {"word": "a"}])
        assert (answer.status, answer.json()["fields"], await client.app.count(Label)) == (409, ["word"], 0)

    serve(test)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 422),
        (b"[" + b",".join([b'{"text":"x"}'] * 1001) + b"]", 422),
        (b"[1]", 422),
        (b"[[]]", 422),
        (b'[{"text":"x"},]', 400),
        (b'[{"text":"x","text":"y"}]', 400),
        (b'[{"text":"\\u0000"}]', 400),
        (b"[" * 40 + b"]" * 40, 400),
        (b'["' + b"x" * 1_048_576 + b'"]', 413),
    ],
)
def test_bad_batches_are_refused(body: bytes, status: int) -> None:
    """Empty and oversized batches, items that are no objects, duplicate keys, NUL and depth are refused like those of single bodies."""

    async def main() -> None:
        async with Client(served_app()) as client:
            assert (await client.post("/v1/notes", body=body, content_type="application/json")).status == status

    asyncio.run(main())


def test_a_repeated_batch_is_done_once(serve: Callable[..., None]) -> None:
    """An Idempotency-Key holds for batches: the same list comes back, and no row is made twice."""

    async def test(client: Client) -> None:
        first, second = [await client.post("/v1/notes", [{"text": "a"}, {"text": "b"}], headers={"idempotency-key": "k"}) for _ in range(2)]
        assert (first.status, first.body) == (second.status, second.body) == (201, first.body)
        assert len((await client.get("/v1/notes")).json()["items"]) == 2

    serve(test)


# --- replacing and conditions -----------------------------------------------------------------------------------------


def test_put_gives_back_the_defaults(serve: Callable[..., None]) -> None:
    """What a PUT leaves out goes back to its default; what is required must be there; what the server keeps stays."""

    async def test(client: Client) -> None:
        book = await a_book(client, stock=9, weight=1.5, words=["x"], cover="hard")
        path = f"/v1/books/{book['id']}"
        replaced = (await client.put(path, {"isbn": "2", "author_id": book["author_id"], "price": "1"})).json()
        assert (replaced["stock"], replaced["weight"], replaced["words"], replaced["cover"], replaced["version"]) == (
            3,
            None,
            None,
            "soft",
            2,
        )
        assert replaced["created_at"] == book["created_at"]
        assert (await client.put(path, {"isbn": "2"})).status == 422
        assert (
            await client.put("/v1/books/0197c0de-0000-7000-8000-00000000000a", {"isbn": "2", "author_id": book["author_id"], "price": "1"})
        ).status == 404

    serve(test)


def test_lists_and_rows_are_not_sent_twice(serve: Callable[..., None]) -> None:
    """A GET with the ETag of what is there is 304 without a body; after a change it is 200 again."""

    async def test(client: Client) -> None:
        book = await a_book(client)
        for path in ("/v1/books?sort=-price", f"/v1/books/{book['id']}?expand=author"):
            tag = (await client.get(path)).headers["etag"]
            for sent in (tag, f"W/{tag}", f'"x", {tag}', "*"):
                again = await client.get(path, headers={"if-none-match": sent})
                assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
            await client.patch(f"/v1/authors/{book['author_id']}", {"name": tag})
            await client.patch(f"/v1/books/{book['id']}", {"stock": len(path)})
            assert (await client.get(path, headers={"if-none-match": tag})).status == 200

    serve(test)


@pytest.mark.parametrize(
    ("header", "status"), [("junk", 400), ('"1', 400), ('"nothing-of-ours"', 412), ('"7-a-b"', 412), ("*", 200), ('W/"1"', 412)]
)
def test_if_match_is_understood_or_refused(header: str, status: int) -> None:
    """A header that cannot be read is 400; one that names no version of this row is 412."""

    async def main() -> None:
        async with Client(served_app()) as client:
            book = await a_book(client)
            assert (await client.patch(f"/v1/books/{book['id']}", {"stock": 1}, headers={"if-match": header})).status == status

    asyncio.run(main())


# --- parts ------------------------------------------------------------------------------------------------------------


class Crate(Entity):
    name: Unique[str]


class Box(Entity):
    crate: PartOf[Crate]
    name: str


class Item(Entity):
    box: PartOf[Box]
    name: str


async def rename_all(tx: Transaction[None], crate: Id[Crate], name: str) -> Crate:
    """Rename the crate and everything in it."""
    whole = await tx.lock(Crate, crate)
    boxes = await tx.find(Box, lambda b: b.crate == crate)
    for box in boxes:
        box.name = name
    await tx.flush()
    for item in await tx.find(Item):
        item.name = name
    await tx.flush()
    whole.name = name
    return whole


async def fill(tx: Transaction[None], name: str) -> Crate:
    """Make a crate in several steps."""
    crate = tx.add(Crate(name=name))
    await tx.flush()
    box = tx.add(Box(crate=crate.id, name=name))
    await tx.flush()
    tx.add(Item(box=box.id, name=name))
    return crate


async def sweep(tx: Transaction[None], crate: Id[Crate], name: str) -> None:
    """Rename all boxes of a crate, then delete them, by condition."""
    boxes = tx.query(Box).where(lambda b: b.crate == crate)
    assert await boxes.update(name=name) == await tx.query(Box).where(lambda b: b.crate == crate).delete() == 1


def crates() -> App:
    """An app with parts of parts."""
    access = [
        *(allow(kind, read=anyone, write=anyone) for kind in (Crate, Box, Item)),
        allow(rename_all, call=anyone),
        allow(fill, call=anyone),
        allow(sweep, call=anyone),
    ]
    return App(access=access, database=Database("sqlite://"), tiers=[Tier("anonymous", 10**9)])


async def a_crate(client: Client) -> tuple[str, str, str]:
    crate = (await client.post("/v1/crates", {"name": "c"})).json()["id"]
    box = (await client.post("/v1/boxes", {"name": "b", "crate_id": crate})).json()["id"]
    item = (await client.post("/v1/items", {"name": "i", "box_id": box})).json()["id"]
    return crate, box, item


def test_a_part_that_changes_changes_its_whole(serve: Callable[..., None]) -> None:
    """Creating, changing and deleting a part, and a part of a part, each count up the whole's version and move its ``updated_at``."""

    async def test(client: Client) -> None:
        crate, box, item = await a_crate(client)
        seen = [(await client.get(f"/v1/crates/{crate}")).json()]
        assert seen[0]["version"] == 3
        for method, path, body in (
            ("PATCH", f"/v1/items/{item}", {"name": "new"}), ("PATCH", f"/v1/boxes/{box}", {"name": "new"}), 
            ("DELETE", f"/v1/items/{item}", None),
            ("DELETE", f"/v1/boxes/{box}", None),
        ):  # fmt: skip
            client.app.clock.advance(seconds=1)
            assert (await client.request(method, path, **({} if body is None else {"json": body}))).status in (200, 204)
            seen.append((await client.get(f"/v1/crates/{crate}")).json())
        assert [c["version"] for c in seen] == [3, 4, 5, 6, 7]
        assert len({c["updated_at"] for c in seen}) == 5 and len({c["created_at"] for c in seen}) == 1

    serve(test, crates())


def test_if_match_on_the_whole_protects_its_parts(serve: Callable[..., None]) -> None:
    """Whoever read the whole before a part was changed cannot change it unseen."""

    async def test(client: Client) -> None:
        crate, box, _ = await a_crate(client)
        tag = (await client.get(f"/v1/crates/{crate}")).headers["etag"]
        await client.patch(f"/v1/boxes/{box}", {"name": "changed meanwhile"})
        assert (await client.patch(f"/v1/crates/{crate}", {"name": "mine"}, headers={"if-match": tag})).status == 412

    serve(test, crates())


def test_a_part_that_moves_changes_both_wholes(serve: Callable[..., None]) -> None:
    """The whole that it leaves and the one that it joins have new versions."""

    async def test(client: Client) -> None:
        crate, box, _ = await a_crate(client)
        other = (await client.post("/v1/crates", {"name": "d"})).json()["id"]
        await client.patch(f"/v1/boxes/{box}", {"crate_id": other})
        assert [(await client.get(f"/v1/crates/{c}")).json()["version"] for c in (crate, other)] == [4, 2]

    serve(test, crates())


def test_one_transaction_counts_once_and_is_not_stale_to_itself(serve: Callable[..., None]) -> None:
    """Parts and whole changed in several flushes of one transaction: no conflict with itself; a new whole keeps version 1."""

    async def test(client: Client) -> None:
        crate, _, _ = await a_crate(client)
        answer = await client.post("/v1/rename-all", {"crate_id": crate, "name": "x"})
        assert (answer.status, answer.json()["version"]) == (200, 5), answer
        assert (await client.post("/v1/fill", {"name": "y"})).json()["version"] == 1

    serve(test, crates())


def test_parts_changed_by_condition_count_up_their_whole_too(serve: Callable[..., None]) -> None:
    """Bulk changes and deletions of parts are seen on the whole; the reader's If-Match no longer holds."""

    async def test(client: Client) -> None:
        crate, _, _ = await a_crate(client)
        before = await client.get(f"/v1/crates/{crate}")
        assert (await client.post("/v1/sweep", {"crate_id": crate, "name": "x"})).status == 204
        after = (await client.get(f"/v1/crates/{crate}")).json()
        assert (before.json()["version"], after["version"], after["boxes"]) == (3, 4, [])
        refused = await client.patch(f"/v1/crates/{crate}", {"name": "mine"}, headers={"if-match": before.headers["etag"]})
        assert refused.status == 412

    serve(test, crates())
