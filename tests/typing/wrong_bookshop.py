"""What both checkers must refuse, line by line. Nothing here is ever run."""

from decimal import Decimal
from enum import Enum

from backwright import Account, Conflict, Entity, Id, Managed, Transaction, allow, anyone, exists, signed_in


class Status(Enum):
    PLACED, PAID = "placed", "paid"


class Customer(Account):
    is_staff: Managed[bool] = False


class Book(Entity):
    title: str
    price: Decimal
    stock: int = 0


class Order(Entity):
    customer: Id[Customer]
    status: Managed[Status] = Status.PLACED


class OrderLine(Entity):
    order: Id[Order]
    book: Id[Book]


class OutOfStock(Conflict):
    """The shelf holds fewer copies than the order asks for."""

    left: int


def staff(who: Customer) -> bool:
    return who.is_staff


def buyer(order: Order, who: Customer) -> bool:
    return order.customer == who.id


def count(who: Customer) -> int:
    return 3


async def cancel(tx: Transaction[Customer], order_id: Id[Order], book_id: Id[Book]) -> Order:
    await tx.lock(Order, book_id)  # wrong: the id of a book for an order
    order = await tx.lock(Order, order_id)
    tx.add(OrderLine(order=order.id, book=order_id))  # wrong: the id of an order for a book
    tx.add(OrderLine(order=order.id))  # wrong: a book is missing
    tx.add(OrderLine(order=order.id, book=book_id, pages=3))  # wrong: no such field
    await tx.find(OrderLine, lambda line: line.ordr == order_id)  # wrong: a misspelt field
    await tx.find(OrderLine, lambda line: line.order == book_id)  # wrong for mypy: keys of two entities
    order.status = "paid"  # wrong: text for an enum
    order.id = order_id  # wrong: ids are given, not set
    raise OutOfStock(lft=3)  # wrong: a misspelt detail


def unsure(order: Order, who: Customer | None) -> bool:
    return order.customer == who.id  # wrong: the caller may be nobody


def other_row(order: Order, who: Customer) -> bool:
    return exists(OrderLine, lambda line: line.title == "x")  # wrong: a field of another entity


def any_key(key: Id[Order]) -> Id[Entity]:
    return key  # wrong: keys are invariant


def sell(price: Decimal) -> Book:
    return Book(title="x", price=price, stock="many")  # wrong: text for a number


allow(Book, read=buyer)  # wrong: a rule about orders
allow(Book, write=buyer)  # wrong: a rule about orders
allow(Order, red=buyer)  # wrong: a misspelt action
allow(Order, call=signed_in)  # wrong: entities are not called
allow(cancel, read=anyone)  # wrong: operations are not read
allow(cancel)  # wrong: an operation without a rule
allow(Order, read=count)  # wrong: not a condition
allow(Order, read=True)  # wrong: not a rule
allow(staff, call=signed_in)  # wrong: a rule is not an operation
