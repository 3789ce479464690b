"""The benchmark's shop: `contract.py`'s routes on tables that exist already. Declared only; the kit derives every handler.

Switched on: access rules, per-caller limits (set high, so that the load passes), metrics, request logs, deadlines, body checks.
With SHOP_SIGN_IN=yes every request needs an access token as well.
"""

import os
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from msgspec import field

from backwright import (
    Account,
    App,
    Column,
    Database,
    Entity,
    Id,
    Limits,
    Managed,
    Paging,
    Password,
    Rest,
    Tier,
    Wire,
    allow,
    anyone,
    resource,
    signed_in,
)

SIGNED_IN = os.environ.get("SHOP_SIGN_IN") == "yes"


def now() -> datetime:
    return datetime.now(UTC)


class Customer(Account):
    """Who may come in, where the shop asks."""


class Category(Entity, id=int, mapped=True):
    name: str


class Product(Entity, id=int, mapped=True):
    name: Annotated[str, Limits(min_length=1, max_length=120)]
    description: str | None = None
    price: Annotated[Decimal, Limits(gt=0, scale=2), Wire(number=True)]
    stock: int = 0
    active: Managed[bool] = True
    category: Id[Category]
    added: Annotated[Managed[datetime], Column("created_at"), Wire("created_at")] = field(default_factory=now)


who = signed_in if SIGNED_IN else anyone
by_id = Paging(cursor="after", cursor_is_key=True, offset=None)

app = App(
    access=[allow(Category, read=who), allow(Product, read=who, create=who)],
    sign_in=[Password(Customer)] if SIGNED_IN else [],
    serve=[
        Rest(
            prefix="",
            resources=[
                resource(Product, "/products", verbs=["read", "list", "create"], paging=by_id),
                resource(Product, "/nested", verbs=["list"], paging=by_id, expand=[lambda product: product.category]),
            ],
        )
    ],
    database=Database.from_environment(),
    tiers=[Tier(name, 10**9) for name in ("anonymous", "authenticated", "premium")],
)
