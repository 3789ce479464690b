"""A small model with a field of every kind, for the tests of decoding."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

from backwright.domain.entity import Entity
from backwright.domain.fields import Id, Limits, Managed, Many, PartOf, Point, Range, Secret
from backwright.domain.model import build_model
from backwright.domain.refusals import Invalid, Malformed

Copies = Annotated[int, Limits(ge=0)]
KEY = "0197c0de-0000-7000-8000-00000000000a"


class Cover(Enum):
    HARD, SOFT = "hard", "soft"


class Writer(Entity):
    name: Annotated[str, Limits(min_length=1, max_length=40)]


class Tag(Entity, id=int):
    word: str


class Book(Entity):
    """A book on the shelf."""

    title: Annotated[str, Limits(min_length=1, max_length=20, pattern="^[^#]*$")]
    author: Id[Writer]
    price: Annotated[Decimal, Limits(ge=0, digits=8, scale=2)]
    stock: Copies = 0
    cover: Cover = Cover.SOFT
    weight: Annotated[float, Limits(gt=0)] | None = None
    printed: date | None = None
    opens: time | None = None
    sold_at: datetime | None = None
    lasts: timedelta | None = None
    code: UUID | None = None
    scan: bytes | None = None
    extra: dict[str, Any] | None = None
    words: Annotated[list[str], Limits(max_length=3)] | None = None
    during: Range[int] | None = None
    spot: Point | None = None
    tags: Many[Tag]
    contact: Annotated[str, Limits(format="email")] | None = None
    phone: Annotated[str, Limits(format="phone")] | None = None
    site: Annotated[str, Limits(format="uri")] | None = None
    rented: bool = False
    rank: Managed[int] = 0
    cost: Secret[Decimal | None] = None


class Chapter(Entity):
    book: PartOf[Book]
    heading: str
    pages: Copies


@dataclass
class Address:
    street: str
    number: int = 1


MODEL = build_model([Book, Writer, Tag, Chapter])
LEAST = {"title": "Emma", "author_id": KEY, "price": "12.50"}


def problems(refusal: Invalid | Malformed) -> dict[str | None, str | None]:
    """The codes of a refusal by pointer or parameter."""
    return {p.pointer if p.pointer is not None else p.parameter: p.code for p in refusal.problems}
