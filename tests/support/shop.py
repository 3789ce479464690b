"""The bookshop as an app: what tests of running and testing share."""

from decimal import Decimal
from typing import Any

from backwright import App, Conflict, Database, Id, Password, Tier, Transaction, allow, anyone, signed_in
from tests.bookshop_model import Author, Book, Copies, Customer, Order, OrderLine, Review


class OutOfStock(Conflict):
    """The shelf holds fewer copies than the order asks for."""

    book: Id[Book]
    left: int


async def place_order(tx: Transaction[Customer], basket: dict[Id[Book], Copies]) -> Order:
    """Take the books off the shelf."""
    order = tx.add(Order(customer=tx.caller.id))
    for book in (await tx.lock(Book, basket)).values():
        copies = basket[book.id]
        if book.stock < copies:
            raise OutOfStock(book=book.id, left=book.stock)
        book.stock -= copies
        order.total += book.price * copies
        tx.add(OrderLine(order=order.id, book=book.id, copies=copies))
    return order


async def whoami(tx: Transaction[Customer | None]) -> str:
    """The caller's address, or nobody."""
    return tx.caller.email if tx.caller else "nobody"


async def broken(tx: Transaction[Customer | None]) -> str:
    """A fault."""
    raise RuntimeError("the roof leaks")


def staff(who: Customer) -> bool:
    """Whether the caller works here."""
    return who.is_staff


def buyer(order: Order, who: Customer) -> bool:
    """Whether it is the caller's order."""
    return order.customer == who.id or who.is_staff


def reviewer(review: Review, who: Customer) -> bool:
    """Whether the caller wrote it."""
    return review.reader == who.id


def shop(**changed: Any) -> App:
    """The app."""
    words: dict[str, Any] = {
        "access": [
            allow(Author, read=anyone, write=staff), allow(Book, read=anyone, write=staff), allow(Order, read=buyer),
            allow(Review, read=anyone, write=reviewer), allow(place_order, call=signed_in), allow(whoami, call=anyone),
            allow(broken, call=anyone),
        ],
        "sign_in": [Password(Customer)], "database": Database(), "entities": [OrderLine],
        "tiers": [Tier("anonymous", 10_000), Tier("authenticated", 10_000)],
    }  # fmt: skip
    return App(**(words | changed))


def dune(author: Author, **fields: Any) -> Book:
    """A book."""
    return Book(**({"isbn": "9780441013593", "author": author.id, "price": Decimal("9.5"), "stock": 1} | fields))
