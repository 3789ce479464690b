"""The bookshop of the design: the entities that tests of several rooms share."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

from backwright.domain.entity import Account, Entity
from backwright.domain.fields import Id, Limits, Managed, PartOf, Unique
from backwright.domain.model import Model, build_model

Copies = Annotated[int, Limits(ge=0)]


class Status(Enum):
    """How far an order got."""

    PLACED, PAID, CANCELLED = "placed", "paid", "cancelled"


class Customer(Account):
    """Somebody who buys."""

    is_staff: Managed[bool] = False


class Author(Entity):
    """Somebody who writes."""

    name: str


class Book(Entity):
    """A title in the shop."""

    isbn: Unique[str]
    author: Id[Author]
    price: Decimal
    stock: Copies = 0


class Order(Entity):
    """What a customer buys at once."""

    customer: Id[Customer]
    status: Managed[Status] = Status.PLACED
    total: Managed[Decimal] = Decimal(0)


class OrderLine(Entity):
    """One title in an order."""

    order: PartOf[Order]
    book: Id[Book]
    copies: Copies


class Review(Entity):
    """What a reader thinks of a book."""

    book: Id[Book]
    reader: Id[Customer]
    stars: Annotated[int, Limits(ge=1, le=5)]


ENTITIES = (Customer, Author, Book, Order, OrderLine, Review)


def bookshop() -> Model:
    """The checked model of the bookshop."""
    return build_model(ENTITIES)
