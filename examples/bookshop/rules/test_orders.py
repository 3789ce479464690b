"""Orders take books off the shelf and put them back."""

from decimal import Decimal

from model import Book, Customer, Order, Status
from pytest import raises

from backwright import NotFound
from backwright.testing import Client
from rules.orders import OrderClosed, OutOfStock, cancel_order, place_order
from tests.rows import a_book, a_customer
from tests.served import served


@served
async def test_place_order(client: Client) -> None:
    """The copies leave the shelf, and the total is the sum of price times copies."""
    shop, ada = client.app, await a_customer(client.app)
    dune, emma = await a_book(shop, price=Decimal("9.99"), stock=5), await a_book(shop, price=Decimal("4.5"), stock=1)
    order = await shop.as_(ada).call(place_order, {dune.id: 2, emma.id: 1})
    assert (order.total, order.status, order.customer) == (Decimal("24.48"), Status.PLACED, ada.id)
    assert [(await shop.get(Book, book.id)).stock for book in (dune, emma)] == [3, 0]


@served
async def test_out_of_stock(client: Client) -> None:
    """An order that asks for too many copies changes nothing, and says how many are left."""
    shop, ada = client.app, await a_customer(client.app)
    dune, emma = await a_book(shop, stock=5), await a_book(shop, stock=1)
    with raises(OutOfStock) as refused:
        await shop.as_(ada).call(place_order, {dune.id: 1, emma.id: 2})
    assert (refused.value.book, refused.value.left) == (emma.id, 1)
    assert (await shop.get(Book, dune.id)).stock == 5
    assert await shop.count(Order) == 0


@served
async def test_place_order_over_http(client: Client) -> None:
    """The order is answered with its lines."""
    ada, book = await a_customer(client.app), await a_book(client.app, stock=5)
    answer = await client.post("/v1/place-order", {"basket": {str(book.id): 2}}, as_=ada)
    assert answer.status == 200, answer
    assert [(line["book_id"], line["copies"]) for line in answer.json()["order_lines"]] == [(str(book.id), 2)]


@served
async def test_out_of_stock_over_http(client: Client) -> None:
    """A conflict names the book and what is left of it."""
    ada, book = await a_customer(client.app), await a_book(client.app, stock=1)
    answer = await client.post("/v1/place-order", {"basket": {str(book.id): 2}}, as_=ada)
    assert (answer.status, answer.json()["book"], answer.json()["left"]) == (409, str(book.id), 1)


@served
async def test_cancel_order(client: Client) -> None:
    """The copies are back on the shelf."""
    shop, ada = client.app, await a_customer(client.app)
    order, book = await placed(client, ada)
    cancelled = await shop.as_(ada).call(cancel_order, order.id)
    assert cancelled.status is Status.CANCELLED
    assert (await shop.get(Book, book.id)).stock == 5


@served
async def test_cancel_twice(client: Client) -> None:
    """A cancelled order is closed; nothing goes back to the shelf twice."""
    shop, ada = client.app, await a_customer(client.app)
    order, book = await placed(client, ada)
    await shop.as_(ada).call(cancel_order, order.id)
    with raises(OrderClosed):
        await shop.as_(ada).call(cancel_order, order.id)
    assert (await shop.get(Book, book.id)).stock == 5


@served
async def test_cancel_by_a_stranger(client: Client) -> None:
    """Another customer's order is not found, and not even the staff cancels it."""
    shop, ada = client.app, await a_customer(client.app)
    order, _ = await placed(client, ada)
    for other in (await a_customer(shop), await a_customer(shop, is_staff=True)):
        with raises(NotFound):
            await shop.as_(other).call(cancel_order, order.id)


async def placed(client: Client, buyer: Customer) -> tuple[Order, Book]:
    """An order of two of five copies."""
    book = await a_book(client.app, stock=5)
    return await client.app.as_(buyer).call(place_order, {book.id: 2}), book
