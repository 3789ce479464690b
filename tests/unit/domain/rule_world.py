"""The entities that the tests of rules talk about."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

from backwright.domain.entity import Account, Entity
from backwright.domain.fields import Id, Many
from backwright.domain.model import build_model


class Status(Enum):
    PLACED, PAID, CANCELLED = "placed", "paid", "cancelled"


class Customer(Account):
    is_staff: bool = False
    level: int = 0
    nick: str | None = None


class Robot(Account):
    serial: str


class Team(Entity):
    name: str


class Membership(Entity):
    team: Id[Team]
    account: Id[Customer]


class Order(Entity):
    customer: Id[Customer]
    team: Id[Team] | None = None
    status: Status = Status.PLACED
    total: Decimal = Decimal(0)
    count: int = 0
    weight: float = 0.0
    note: str | None = None
    open: bool = True
    hidden: bool | None = None
    due: datetime | None = None
    extra: dict[str, int] | None = None
    teams: Many[Team] = []


MODEL = build_model([Order, Membership, Robot])
