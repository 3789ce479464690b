"""What both checkers must refuse in tests. Nothing here is ever run."""

from backwright import Account, Entity, Id, Transaction
from backwright.testing import OpenApp


class Customer(Account):
    pass


class Order(Entity):
    customer: Id[Customer]


async def cancel(tx: Transaction[Customer], order_id: Id[Order]) -> Order:
    return await tx.lock(Order, order_id)


async def test(shop: OpenApp, ada: Customer, order: Order) -> None:
    await shop.as_(ada).call(cancel, ada.id)  # wrong: the key of another entity
    await shop.as_(ada).call(cancel, order=order.id)  # wrong: no such parameter
    await shop.as_(order).call(cancel, order.id)  # wrong: an order cannot sign in
    await shop.get(Order, ada.id)  # wrong: the key of another entity
    cancelled: Customer = await shop.call(cancel, order_id=order.id)  # wrong: it returns an order
    both: tuple[Order, Order] = await shop.given(order, ada)  # wrong: the second is a customer
    await shop.given(cancel)  # wrong: a function is no row
    print(cancelled, both)
