"""The bookshop as a user writes it: both checkers find nothing to say."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

from backwright import (
    Account,
    Conflict,
    Entity,
    Id,
    Limits,
    Managed,
    PartOf,
    Request,
    Transaction,
    Unique,
    allow,
    anyone,
    exists,
    index,
    signed_in,
    unique,
)  # fmt: skip

Copies = Annotated[int, Limits(ge=0)]


class Status(Enum):
    PLACED, PAID, CANCELLED = "placed", "paid", "cancelled"


class Customer(Account):
    is_staff: Managed[bool] = False


class Author(Entity):
    name: str


class Book(Entity):
    isbn: Unique[str]
    author: Id[Author]
    price: Decimal
    stock: Copies = 0


class Order(Entity):
    customer: Id[Customer]
    status: Managed[Status] = Status.PLACED
    total: Managed[Decimal] = Decimal(0)

    @index()
    def by_state(self) -> object:
        return self.customer, self.status


class OrderLine(Entity):
    order: PartOf[Order]
    book: Id[Book]
    copies: Copies


class Review(Entity):
    book: Id[Book]
    reader: Id[Customer]
    stars: Annotated[int, Limits(ge=1, le=5)]

    @unique
    def once(self) -> object:
        return self.book, self.reader


class OutOfStock(Conflict):
    """The shelf holds fewer copies than the order asks for."""

    book: Id[Book]
    left: int


class OrderClosed(Conflict):
    """The order is already paid for, or cancelled."""


async def place_order(tx: Transaction[Customer], basket: dict[Id[Book], Copies]) -> Order:
    """Take the books off the shelf and ask for the money."""
    order = tx.add(Order(customer=tx.caller.id))
    for book in (await tx.lock(Book, basket)).values():
        copies = basket[book.id]
        if book.stock < copies:
            raise OutOfStock(book=book.id, left=book.stock)
        book.stock -= copies
        order.total += book.price * copies
        tx.add(OrderLine(order=order.id, book=book.id, copies=copies))
    return order


async def open_order(tx: Transaction[Customer], order_id: Id[Order]) -> Order:
    order = await tx.lock(Order, order_id)
    if order.status is not Status.PLACED:
        raise OrderClosed
    return order


async def cancel_order(tx: Transaction[Customer], order_id: Id[Order]) -> Order:
    """Put the books back on the shelf, unless they are paid for."""
    order = await open_order(tx, order_id)
    lines = await tx.find(OrderLine, lambda line: line.order == order_id)
    books = await tx.lock(Book, [line.book for line in lines])
    for line in lines:
        books[line.book].stock += line.copies
    order.status = Status.CANCELLED
    return order


def staff(who: Customer) -> bool:
    return who.is_staff


def buyer(order: Order, who: Customer) -> bool:
    return order.customer == who.id or who.is_staff


def reviewer(review: Review, who: Customer) -> bool:
    return review.reader == who.id


def read_it(review: Review, who: Customer | None) -> bool:
    if who is None:
        return review.stars > 3
    return exists(Order, lambda order: order.customer == who.id and exists(OrderLine, lambda line: line.order == order.id))


def at_work(order: Order, who: Customer, request: Request) -> bool:
    return buyer(order, who) and request.factor is not None


access = [
    allow(Author, read=anyone, write=staff),
    allow(Book, read=anyone, write=staff, cost=2),
    allow(Order, read=buyer, update=at_work, delete=staff),
    allow(Review, read=read_it, write=reviewer),
    allow(place_order, call=signed_in),
    allow(cancel_order, call=staff),
]
