"""A rule's values as parameters: checked to be of the field's type, and exact where a column cannot hold what Python compares with. Pure.

A value of another type raises ``TypeError``: Python would call it unequal, the databases would each do something else.
"""

import json
import math
from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from backwright.data.engines.engine import Dialect
from backwright.data.sql.kinds import encoder, scale
from backwright.domain.model import Field, Kind
from backwright.domain.predicate import Operator

Encode = Callable[[Any], Any]
_PYTHON: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,), Kind.INT: (int,), Kind.FLOAT: (float, int), Kind.DECIMAL: (Decimal, int), Kind.BOOL: (bool,), Kind.DATE: (date,),
    Kind.TIME: (time,), Kind.DATETIME: (datetime,), Kind.DURATION: (timedelta,), Kind.UUID: (UUID,), Kind.BYTES: (bytes,),
}  # fmt: skip
_LEAST, _MOST = -(2**63), 2**63 - 1
_NO_INTEGER = 0.5
"""Equal to no scaled integer."""


def parameter(field: Field, dialect: Dialect, operator: Operator) -> Encode:
    """The function from a Python value (never None) to the driver's, for ``column operator value``."""
    places = scale(field) if field.kind is Kind.DECIMAL else 0
    return _parameter(field.kind, field.type, places, dialect, operator if field.kind is Kind.DECIMAL else "eq")


@lru_cache(maxsize=4096)
def _parameter(kind: Kind, python: Any, places: int, dialect: Dialect, operator: Operator) -> Encode:
    types = _PYTHON.get(kind, (python,))
    encode = _special(kind, places, dialect, operator) or encoder(Field("", "", "", kind, python), dialect)

    def checked(value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, datetime) and kind is Kind.DATE):
            raise TypeError(f"a rule compares {types[0].__name__} with {value!r}, which is {type(value).__name__}")
        return encode(value) if encode is not None else value

    return checked


def _special(kind: Kind, places: int, dialect: Dialect, operator: Operator) -> Encode | None:
    if kind is Kind.DECIMAL:
        return (lambda value: _scaled(value, places, operator)) if dialect == "sqlite" else _decimal
    if kind is Kind.DATETIME:
        encode = encoder(Field("", "", "", kind, datetime), dialect)
        return lambda value: _aware(value) if encode is None else encode(_aware(value))
    return {Kind.TEXT: str.__str__, Kind.INT: _integer, Kind.FLOAT: _float}.get(kind)


def _integer(value: int) -> int:
    if not _LEAST <= value <= _MOST:
        raise OverflowError(f"a rule compares an int field with {value}, which does not fit 64 bits")
    return int(value)


def _float(value: float) -> float:
    number = float(value)
    if math.isnan(number) or number != value:
        raise ValueError(f"a rule compares a float field with {value}, which no float is equal to")
    return number


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"a rule compares a time with {value!r}, which has no time zone: write datetime(..., tzinfo=UTC)")
    return value


def _decimal(value: Decimal | int) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"a rule compares a decimal field with {value}, which is not a number")
    return number


def _scaled(value: Decimal | int, places: int, operator: Operator) -> int | float:
    """The bound as a scaled integer: rounded to the side that leaves the comparison as it is; a float beyond 64 bits."""
    numerator, denominator = _decimal(value).as_integer_ratio()
    below, rest = divmod(numerator * 10**places, denominator)
    if operator in ("eq", "ne"):
        return below if not rest and _LEAST <= below <= _MOST else _NO_INTEGER
    bound = below + 1 if rest and operator in ("lt", "ge") else below
    return bound if _LEAST <= bound <= _MOST else math.copysign(math.inf, bound)


@lru_cache(maxsize=1024)
def collection(encode: Encode, dialect: Dialect) -> Encode:
    """A captured collection as one parameter: an array on PostgreSQL, JSON text on SQLite. None in it is left out, see `holds_none`."""

    def encoded(values: Any) -> Any:
        many = [encode(value) for value in _many(values) if value is not None]
        return many if dialect == "postgresql" else json.dumps(many)

    return encoded


def holds_none(values: Any) -> bool:
    """Whether None is in a captured collection."""
    return any(value is None for value in _many(values))


def _many(values: Any) -> Collection[Any]:
    if isinstance(values, str | bytes | Enum) or not isinstance(values, Collection):
        raise TypeError(f"a rule looks into {values!r}: give it a list, a tuple or a set")
    return values  # pyright: ignore[reportUnknownVariableType]
