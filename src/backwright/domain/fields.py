"""What an annotation says about a field: references, marks and limits. Nothing here stores or decodes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")
E = TypeVar("E")
B = TypeVar("B", int, Decimal, date, datetime)


class Id(Generic[E]):
    """The key of one entity, e.g. ``Id[Book]``. As a field it is a foreign key: indexed, enforced, expandable.

    At run time the value is a ``uuid.UUID`` (time-ordered, RFC 9562 version 7) or an ``int`` for entities declared with ``id=int``.
    To the type checkers it is opaque and invariant, so the key of a book is never taken for the key of an order.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One word said about a field by ``Annotated``. Use the aliases below, not this class."""

    word: Literal["unique", "managed", "secret", "maybe", "part", "many", "owner"]


Unique = Annotated[T, Mark("unique")]
"""No two rows hold the same value."""

Managed = Annotated[T, Mark("managed")]
"""Clients may see it; only the server sets it."""

Secret = Annotated[T, Mark("secret")]
"""Never leaves the server, is never taken from a client, and cannot be filtered or sorted by."""

Maybe = Annotated[T | None, Mark("maybe")]
"""It may be missing: None in Python, and left out of answers where others show null, e.g. ``due: Maybe[date] = None``."""

PartOf = Annotated[Id[E], Mark("part")]
"""The whole this row belongs to: deleted with it, read by its rule, embedded in it."""

Owner = Annotated[Id[E], Mark("managed"), Mark("owner")]
"""A managed reference to the account that created the row, e.g. ``author: Owner[Customer]``."""

Many = Annotated[list[Id[E]], Mark("many")]
"""Any number of references to another entity, kept in a table of their own, e.g. ``tags: Many[Tag]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a value, enforced in the decoder, in the database (a named CHECK) and in OpenAPI alike."""

    ge: int | float | Decimal | None = None
    gt: int | float | Decimal | None = None
    le: int | float | Decimal | None = None
    lt: int | float | Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    """A regular expression in the dialect shared by Python, ECMA 262 and RE2; it must match somewhere, so anchor it."""
    format: Literal["email", "uri", "phone"] | None = None
    digits: int | None = None
    """Decimals: digits in all (default 19)."""
    scale: int | None = None
    """Decimals: digits behind the point (default 4)."""


@dataclass(frozen=True, slots=True)
class Wire:
    """The name clients see, where it is not the field's own: ``Annotated[str, Wire("eventId")]``.

    ``number=True`` shows a `Decimal` as a JSON number instead of a string, for contracts that ask for it.
    """

    name: str | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """The column's name in the database, where it is not the field's own."""

    name: str


@dataclass(frozen=True, slots=True)
class Doc:
    """One sentence about the field for OpenAPI and the schema's documentation, with an example if the type suggests none."""

    text: str
    example: object = None


@dataclass(frozen=True, slots=True)
class CountedIn:
    """Keep the number of rows that reference the target in one of the target's fields (a declared denormalization).

    ``article: Annotated[Id[Article], CountedIn(lambda article: article.favorites, because="shown in every list")]``.
    """

    field: Callable[[Any], object]
    because: str


class Range(msgspec.Struct, Generic[B], frozen=True):
    """A half-open interval [lower, upper); ``None`` leaves a side open."""

    lower: B | None = None
    upper: B | None = None


class Point(msgspec.Struct, frozen=True):
    """A position: x (longitude) and y (latitude)."""

    x: float
    y: float
