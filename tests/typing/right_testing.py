"""Tests as users write them: both checkers know what comes back."""

from pytest import raises
from right_bookshop import Book, Customer, Order, OutOfStock, buyer, place_order

from backwright import App, Transaction
from backwright.testing import Client, Clock, both_ways, open_app

app = App()


async def asked(tx: Transaction[Customer], book: Book, times: int = 1) -> list[Order]:
    return []


async def test() -> None:
    clock = Clock()
    async with open_app(app, clock=clock) as shop, Client(shop) as client:
        ada, dune = await shop.given(Customer(email="ada@example.org"), Customer(email="dune@example.org"))
        one: Customer = await shop.given(ada)
        order: Order = await shop.as_(ada).call(place_order, basket={})
        again: Order = await shop.call(place_order, as_=ada, basket={})
        with raises(OutOfStock) as refused:
            await shop.as_(dune).call(place_order, {})
        left: int = refused.value.left
        found: Order = await shop.get(Order, order.id)
        many: list[Order] = await shop.all(Order, lambda o: o.customer == ada.id)
        table: list[list[bool]] = await both_ways(buyer, [found, again], [one, None], shop)
        status: int = (await client.get("/v1/orders", as_=ada)).status
        clock.advance(minutes=5)
        print(left, many, table, status)
