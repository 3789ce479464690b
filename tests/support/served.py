"""A small app with every kind of field, reference, part, function input and answer, for the tests of what is served."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from backwright import (
    Account,
    App,
    Body,
    Conflict,
    Database,
    Doc,
    Entity,
    File,
    Form,
    Html,
    Id,
    Json,
    Limits,
    Managed,
    Many,
    NotFound,
    PartOf,
    Password,
    Point,
    Range,
    Redirect,
    Rest,
    Stream,
    Text,
    Tier,
    Transaction,
    Unique,
    Upload,
    allow,
    anyone,
    signed_in,
)  # fmt: skip


class Cover(Enum):
    HARD, SOFT = "hard", "soft"


class Reader(Account):
    name: str = ""


class Author(Entity):
    """Somebody who writes."""

    name: Annotated[str, Limits(min_length=1, max_length=40), Doc("As on the title page.", example="Ursula K. Le Guin")]


class Label(Entity, id=int):
    word: Unique[str]


class Book(Entity):
    """A book on the shelf."""

    isbn: Unique[str]
    author: Id[Author]
    price: Annotated[Decimal, Limits(ge=0, digits=8, scale=2)]
    stock: Annotated[int, Limits(ge=0)] = 3
    cover: Cover = Cover.SOFT
    weight: float | None = None
    printed: date | None = None
    opens: time | None = None
    sold_at: datetime | None = None
    lasts: timedelta | None = None
    code: UUID | None = None
    scan: bytes | None = None
    extra: dict[str, Any] | None = None
    words: list[str] | None = None
    during: Range[int] | None = None
    spot: Point | None = None
    labels: Many[Label]
    rank: Managed[int] = 0


class Chapter(Entity):
    book: PartOf[Book]
    heading: str
    pages: Annotated[int, Limits(ge=1)] = 1


class Note(Entity):
    text: str


class SoldOut(Conflict):
    """There is no copy left."""

    book: Id[Book]
    left: int


@dataclass
class Quote:
    total_price: Decimal
    valid_until: datetime
    cover: Cover
    takes: timedelta
    book_id: UUID


class Renamed(msgspec.Struct, rename="pascal"):
    some_value: int


Tx = Transaction[Account | None]
NOON = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)


async def quote(tx: Tx, book_id: Id[Book], copies: Annotated[int, Limits(ge=1)] = 1) -> Quote:
    """What some copies cost."""
    book = await tx.get(Book, book_id)
    return Quote(book.price * copies, NOON, book.cover, timedelta(seconds=90), book.id)


async def take(tx: Tx, book_id: Id[Book]) -> Book:
    """Take a copy off the shelf."""
    book = await tx.lock(Book, book_id)
    if book.stock == 0:
        raise SoldOut(book=book.id, left=0)
    book.stock -= 1
    return book


async def newest(tx: Tx, count: int = 2) -> list[Book]:
    """The newest books."""
    return await tx.query(Book).order_by(lambda b: b.created_at, descending=True).limit(count).all()


async def renamed(tx: Tx) -> Renamed:
    return Renamed(7)


async def nothing(tx: Tx) -> None:
    """Does nothing."""


async def contact(tx: Tx, name: Form[str], age: Form[int | None] = None) -> Text:
    """Say hello."""
    return Text(f"{name} {age}")


async def set_cover(tx: Tx, book_id: Id[Book], picture: Upload, title: Form[str] = "none") -> Json:
    """Upload a picture."""
    return Json(
        {"file": picture.filename, "size": picture.size, "kind": picture.content_type, "title": title},
        headers=(("x-own", "1"),),
    )


async def hook(tx: Tx, body: Body) -> Json:
    """Take any bytes."""
    return Json({"bytes": len(body), "kind": body.content_type})


async def page(tx: Tx, who: str = "you") -> Html:
    """A page."""
    return Html(template="hello.html", values={"who": who})


async def download(tx: Tx) -> File:
    """A file."""
    return File(b"0123456789", filename="ten.txt")


async def counted(tx: Tx) -> Stream:
    """Three pieces."""

    async def pieces() -> Any:
        for n in range(3):
            yield f"{n}\n"

    return Stream(pieces(), content_type="text/plain; charset=utf-8")


async def moved(tx: Tx) -> Redirect:
    """Elsewhere."""
    return Redirect("/v1/notes")


async def perhaps(tx: Tx, there: bool) -> Note | None:
    """A note, or nothing."""
    return tx.add(Note(text="here")) if there else None


async def missing(tx: Tx) -> Note:
    """Never there."""
    raise NotFound


FUNCTIONS = (quote, take, newest, renamed, nothing, contact, set_cover, hook, page, download, counted, moved, perhaps, missing)
ACCESS = [
    *(allow(kind, read=anyone, write=anyone) for kind in (Author, Label, Book, Chapter, Note)),
    *(allow(function, call=anyone) for function in FUNCTIONS),
    allow(Reader, read=signed_in),
]


def served_app(**rest: Any) -> App:
    """The app under a contract; limits are high."""
    tiers = [Tier(name, 10**9) for name in ("anonymous", "authenticated", "premium")]
    return App(access=ACCESS, sign_in=[Password(Reader)], serve=[Rest(**rest)], database=Database("sqlite://"), tiers=tiers)
