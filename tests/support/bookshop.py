"""The bookshop as a project on disk: the clean twin of the faults that the dynamic standards must catch."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from backwright.worker.prove.target import Target
from tests.support.trees import plant

ENTITIES = '''"""What the bookshop stores."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

from backwright import Account, Entity, Id, Limits, Managed, Owner, PartOf, Secret, Unique

Copies = Annotated[int, Limits(ge=0, le=1000)]


class Status(Enum):
    """Where an order stands."""

    PLACED, PAID, CANCELLED = "placed", "paid", "cancelled"


class Customer(Account):
    """Who buys."""

    is_staff: Managed[bool] = False
    note: Secret[str | None] = None


class Author(Entity):
    """Who writes."""

    name: Annotated[str, Limits(min_length=1, max_length=80)]


class Book(Entity):
    """What is sold."""

    isbn: Unique[Annotated[str, Limits(pattern="^[0-9]{3}-[0-9]{6,10}$")]]
    author: Id[Author]
    price: Annotated[Decimal, Limits(ge=0)]
    stock: Copies = 0


class Order(Entity):
    """A purchase."""

    customer: Owner[Customer]
    status: Managed[Status] = Status.PLACED
    total: Managed[Decimal] = Decimal(0)


class OrderLine(Entity):
    """One title of a purchase."""

    order: PartOf[Order]
    book: Id[Book]
    copies: Copies


class Review(Entity):
    """What a reader thinks."""

    book: Id[Book]
    reader: Owner[Customer]
    stars: Annotated[int, Limits(ge=1, le=5)]
    text: Annotated[str, Limits(max_length=200)] | None = None
'''
RULES = '''"""Who may do what."""

from entities import Customer, Order, Review


def staff(who: Customer) -> bool:
    """Staff only."""
    return who.is_staff


def buyer(order: Order, who: Customer) -> bool:
    """The buyer, and staff."""
    return order.customer == who.id or who.is_staff


def reviewer(review: Review, who: Customer) -> bool:
    """Whoever wrote the review."""
    return review.reader == who.id
'''
OPERATIONS = '''"""What the bookshop does."""

from backwright import Conflict, Id, Transaction
from entities import Book, Copies, Customer, Order, OrderLine, Status


class OutOfStock(Conflict):
    """The shelf holds fewer copies than the order asks for."""

    book: Id[Book]
    left: int


class OrderClosed(Conflict):
    """The order is already paid for, or cancelled."""


async def place_order(tx: Transaction[Customer], basket: dict[Id[Book], Copies]) -> Order:
    """Take the books off the shelf and open an order."""
    order = tx.add(Order(customer=tx.caller.id))
    for book in (await tx.trusted.lock(Book, basket)).values():
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
    if order.status is not Status.PLACED:
        raise OrderClosed
    lines = await tx.find(OrderLine, lambda line: line.order == order_id)
    books = await tx.trusted.lock(Book, [line.book for line in lines])
    for line in lines:
        books[line.book].stock += line.copies
    order.status = Status.CANCELLED
    return order


async def latest_orders(tx: Transaction[Customer]) -> list[Order]:
    """The orders that the caller may see."""
    return await tx.query(Order).limit(20).all()
'''
APP = '''"""The bookshop, put together."""

from backwright import App, Database, Load, Password, Rest, allow, anyone, signed_in
from entities import Author, Book, Customer, Order, OrderLine, Review
from operations import cancel_order, latest_orders, place_order
from rules import buyer, reviewer, staff

app = App(
    access=[
        allow(Author, read=anyone, write=staff),
        allow(Book, read=anyone, write=staff),
        allow(Order, read=buyer),
        allow(Review, read=anyone, write=reviewer),
        allow(place_order, call=signed_in),
        allow(cancel_order, call=signed_in),
        allow(latest_orders, call=signed_in),
    ],
    entities=[OrderLine],
    sign_in=[Password(Customer)],
    serve=[Rest()],
    database=Database.from_environment(),
    load=Load(rows=400, rate=40),
)
'''
FILES = {"entities.py": ENTITIES, "rules.py": RULES, "operations.py": OPERATIONS, "app.py": APP}
_MAKE = """
import sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, ".")
from app import app
from backwright.data.migrations.commands import make
make(SimpleNamespace(model=app.model, database_url="", directory=Path("migrations")), "first")
"""


@cache
def _migrations() -> dict[str, str]:
    """The bookshop's migration files, written by the kit, once a run."""
    folder = Path(mkdtemp(prefix="bookshop-"))
    plant(folder, FILES)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    subprocess.run([sys.executable, "-c", _MAKE], cwd=folder, check=True, env=environment, capture_output=True)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted((folder / "migrations").rglob("*.py"))}


def bookshop(folder: Path, more: dict[str, str] | None = None, *, databases: tuple[str, ...] = ()) -> Target:
    """The bookshop in a folder, with more files."""
    plant(folder / "bookshop", FILES | _migrations() | (more or {}))
    return Target(folder / "bookshop", databases=databases, cache=folder.parent / "cache")
