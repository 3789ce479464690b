"""Ordering books, and cancelling an order."""

from typing import Annotated

from model import Book, Customer, Order, OrderLine, Status

from backwright import Conflict, Id, Limits, NotFound, Transaction

Copies = Annotated[int, Limits(ge=0)]


class OutOfStock(Conflict):
    """The shelf holds fewer copies than the order asks for."""

    book: Id[Book]
    left: Copies


class OrderClosed(Conflict):
    """The order is already paid for, or cancelled."""


async def place_order(tx: Transaction[Customer], basket: dict[Id[Book], Copies]) -> Order:
    """Take the books off the shelf and reckon the total from their prices."""
    order = tx.add(Order(customer=tx.caller.id))
    for book in (await tx.lock(Book, basket)).values():
        copies = basket[book.id]
        if book.stock < copies:
            raise OutOfStock(book=book.id, left=book.stock)
        book.stock -= copies
        order.total += book.price * copies
        tx.add(OrderLine(order=order.id, book=book.id, copies=copies))
    return order


async def cancel_order(tx: Transaction[Customer], order_id: Id[Order]) -> Order:
    """Put the books back on the shelf, unless they are paid for."""
    order = await tx.lock(Order, order_id)
    if order.customer != tx.caller.id:
        raise NotFound
    if order.status is not Status.PLACED:
        raise OrderClosed
    lines = await tx.find(OrderLine, lambda line: line.order == order_id)
    books = await tx.lock(Book, [line.book for line in lines])
    for line in lines:
        books[line.book].stock += line.copies
    order.status = Status.CANCELLED
    return order
