"""An app under test: rows given, operations called, everything on either database."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from backwright import NotFound, Unauthenticated
from backwright.testing import Client, Clock, ServerFault, both_ways, open_app
from tests.bookshop_model import Author, Book, Customer, Order, OrderLine
from tests.support.shop import OutOfStock, broken, buyer, dune, place_order, shop, staff, whoami


def test_more_than_the_shelf_holds(database_url: str) -> None:
    """An order for more copies than there are is refused, and nothing changes."""

    async def main() -> None:
        async with open_app(shop(), database_url) as opened:
            ada, frank = await opened.given(Customer(email="ada@example.org"), Author(name="Frank Herbert"))
            book = await opened.given(dune(frank))

            with pytest.raises(OutOfStock) as refused:
                await opened.as_(ada).call(place_order, basket={book.id: 2})

            assert refused.value.left == 1
            assert (await opened.get(Book, book.id)).stock == 1
            assert await opened.all(Order) == []

    asyncio.run(main())


def test_a_call_is_committed(database_url: str) -> None:
    """What an operation did is there afterwards, and the caller gets what it returned."""

    async def main() -> None:
        async with open_app(shop(), database_url) as opened:
            ada, frank = await opened.given(Customer(email="ada@example.org"), Author(name="Frank Herbert"))
            book = await opened.given(dune(frank, stock=5))

            order = await opened.call(place_order, as_=ada, basket={book.id: 2})

            assert order.total == Decimal(19)
            assert (await opened.get(Order, order.id)).customer == ada.id
            assert [line.copies for line in await opened.all(OrderLine, lambda line: line.order == order.id)] == [2]
            assert await opened.count(Book, lambda b: b.stock == 3) == 1

    asyncio.run(main())


def test_a_rule_is_asked_first() -> None:
    """An operation for those who signed in is refused to nobody, before it runs."""

    async def main() -> None:
        async with open_app(shop()) as opened:
            with pytest.raises(Unauthenticated):
                await opened.call(place_order, basket={})
            assert await opened.call(whoami) == "nobody"

    asyncio.run(main())


def test_what_is_not_there_is_not_found() -> None:
    """Reading a row that is not there raises what the app itself would raise."""

    async def main() -> None:
        async with open_app(shop()) as opened:
            ada = await opened.given(Customer(email="ada@example.org"))
            with pytest.raises(NotFound):
                await opened.get(Order, ada.id)  # type: ignore[arg-type]

    asyncio.run(main())


def test_a_request_as_somebody(database_url: str) -> None:
    """The client sends an account's access token, JSON and queries, and reads the answer."""

    async def main() -> None:
        async with open_app(shop(), database_url) as opened, Client(opened) as client:
            ada = await opened.given(Customer(email="ada@example.org", is_staff=True))
            made = await client.post("/v1/authors", {"name": "Ursula"}, as_=ada)
            listed = await client.get("/v1/authors", query={"limit": "1"})

            assert (made.status, made.json()["name"]) == (201, "Ursula")
            assert made.headers["Location"] == f"/v1/authors/{made.json()['id']}"
            assert listed.json()["items"] == [made.json()]
            assert (await client.get("/v1/me")).status == 401
            assert (await client.get("/v1/me", as_=ada)).json()["email"] == "ada@example.org"

    asyncio.run(main())


def test_a_fault_is_shown_to_tests_only() -> None:
    """A test sees the traceback; a client that asks for it sees the opaque answer of the real server."""

    async def main() -> None:
        async with open_app(shop()) as opened:
            async with Client(opened) as client:
                with pytest.raises(ServerFault, match="the roof leaks"):
                    await client.post("/v1/broken")
            async with Client(opened, raise_faults=False) as client:
                answer = await client.post("/v1/broken")
            assert answer.status == 500
            assert "roof" not in answer.text
            with pytest.raises(RuntimeError):
                await opened.call(broken)

    asyncio.run(main())


def test_time_stands_still_until_it_is_moved() -> None:
    """Stamps, tokens and limits go by the test's clock."""

    async def main() -> None:
        clock = Clock()
        async with open_app(shop(), clock=clock) as opened, Client(opened) as client:
            ada = await opened.given(Customer(email="ada@example.org"))
            assert ada.created_at == clock.now
            header = await opened.authorization(ada)
            clock.advance(minutes=16)
            assert (await client.get("/v1/me", headers={"authorization": header})).status == 401
            assert (await client.get("/v1/me", as_=ada)).status == 200, "the client signs in anew"
            later = await opened.given(Author(name="late"))
            assert later.created_at - ada.created_at == timedelta(minutes=16)

    asyncio.run(main())


def test_passwords_are_cheap_but_true() -> None:
    """Signing up and in works as it does outside."""

    async def main() -> None:
        async with Client(shop()) as client:
            given = {"email": "ada@example.org", "password": "correct horse battery"}
            assert (await client.post("/v1/sign-up", given)).status == 201
            token = (await client.post("/v1/sign-in", given)).json()["access_token"]
            assert (await client.get("/v1/me", as_=token)).status == 200
            assert (await client.post("/v1/sign-in", given | {"password": "wrong"})).status == 401

    asyncio.run(main())


def test_both_ways_gives_a_table_of_verdicts(database_url: str) -> None:
    """A line for each caller, a verdict for each row; Python and the database were asked."""

    async def main() -> None:
        async with open_app(shop(), database_url) as opened:
            ada, bob, boss = await opened.given(
                Customer(email="a@example.org"), Customer(email="b@example.org"), Customer(email="c@example.org", is_staff=True)
            )
            orders = await opened.given(Order(customer=ada.id), Order(customer=bob.id))

            verdicts = await both_ways(buyer, orders, [ada, bob, boss, None], opened)

            assert verdicts == [[True, False], [False, True], [True, True], [False, False]]
            assert await both_ways(staff, orders, [ada, boss], opened) == [[False, False], [True, True]]

    asyncio.run(main())


_asked = 0


def moody(order: Order, who: Customer) -> bool:
    """A rule that leans on what the database was not told."""
    return order.total > _asked


def test_a_rule_that_disagrees_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python and the database differ, caller and row are named."""

    async def main() -> None:
        async with open_app(shop()) as opened:
            ada = await opened.given(Customer(email="a@example.org"))
            order = await opened.given(Order(customer=ada.id, total=Decimal(5)))
            order.total = Decimal(-5)  # what the database was not told

            with pytest.raises(AssertionError, match=r"moody: the database says True, Python says False"):
                await both_ways(moody, [order], [ada], opened)

    asyncio.run(main())
