"""Which values a rule may compare, so that Python and both databases give the same answer. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from backwright.domain.entity import Account, Entity
from backwright.domain.model import EntityModel, Field, Kind, Model
from backwright.domain.predicate import Operator

SCALARS = (str, int, float, Decimal, bool, bytes, date, time, timedelta, UUID, Enum)
_EXACT = (Kind.INT, Kind.DECIMAL)
_WHOLE = (Kind.JSON, Kind.LIST, Kind.RANGE, Kind.POINT, Kind.MANY)
_KINDS: dict[type, Kind] = {
    str: Kind.TEXT, bool: Kind.BOOL, int: Kind.INT, float: Kind.FLOAT, Decimal: Kind.DECIMAL, bytes: Kind.BYTES, datetime: Kind.DATETIME,
    date: Kind.DATE, time: Kind.TIME, timedelta: Kind.DURATION, UUID: Kind.UUID,
}  # fmt: skip
_DESCENT: tuple[Any, ...] = (int.__lt__, str.__lt__)
REQUEST = {
    "time": Field("time", "", "", Kind.DATETIME, datetime),
    "address": Field("address", "", "", Kind.TEXT, str),
    "factor": Field("factor", "", "", Kind.TEXT, str, optional=True),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: what it is called in messages, and its field, its constant, or neither (known only when it runs)."""

    said: str
    field: Field | None = None
    constant: Any = None


def key_of(model: EntityModel) -> Field:
    """The id of an entity as a field: a key of that entity, stored as a reference to it is."""
    return Field("id", model.id.column, "id", Kind.REFERENCE, model.id_type, target=model.entity)


def field_of(model: Model, entity: type[Entity], name: str) -> Field | None:
    """The field of that name, the id included. `Account` itself has what every account has."""
    if entity is Account:
        known = next((m for m in model.entities.values() if m.account), None)
        if known is None or (name != "id" and name not in Account.__struct_fields__):
            return None
        return replace(key_of(known), target=Account) if name == "id" else known.by_name.get(name)
    return key_of(model[entity]) if name == "id" else model[entity].by_name.get(name)


def side_of_constant(value: Any) -> Side:
    """A constant as a side of a comparison."""
    if isinstance(value, Enum):
        return Side(str(value), Field("", "", "", Kind.ENUM, type(value)), value)
    kind = next(
        kind for python, kind in _KINDS.items() if type(value) is python or (type(value) not in _KINDS and isinstance(value, python))
    )
    return Side(repr(value), Field("", "", "", kind, type(value)), value)


def mismatch(operator: Operator, left: Side, right: Side) -> str | None:
    """Why the two may not be compared, as a sentence that mends it; None where they may."""
    for side in (left, right):
        if side.field is not None and side.field.kind in _WHOLE:
            return f"{side.said} holds {side.field.kind.value}, which rules cannot compare: compare single values, or ask exists(...)."
        if fault := _unfit(side):
            return fault
        if operator not in ("eq", "ne") and side.field is not None and not _ordered(side.field):
            return f"{side.said} has no order: use == or !=."
    if left.field is None or right.field is None:
        return None
    return _different(left, left.field, right, right.field)


def _unfit(side: Side) -> str | None:
    value = side.constant
    if isinstance(value, datetime) and value.tzinfo is None:
        return f"{side.said} has no time zone: write datetime(..., tzinfo=UTC)."
    if isinstance(value, time) and value.tzinfo is not None:
        return f"{side.said} has a time zone, fields of type time have none: leave it out."
    if isinstance(value, int) and not -(2**63) < value < 2**63:
        return f"{side.said} does not fit 64 bits, and no field holds such a number."
    if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        return f"{side.said} is not a number: compare with a finite one."
    return None


def _ordered(field: Field) -> bool:
    if field.kind is Kind.ENUM:
        return getattr(field.type, "__lt__", None) in _DESCENT
    return field.kind is not Kind.REFERENCE


def _different(left: Side, a: Field, right: Side, b: Field) -> str | None:
    if Kind.ENUM in (a.kind, b.kind):
        if a.type is b.type:
            return None
        enum, other = (a, right) if a.kind is Kind.ENUM else (b, left)
        return f"{other.said} is no {enum.type.__name__}: compare with a member, e.g. {next(iter(enum.type))}."
    if Kind.REFERENCE in (a.kind, b.kind):
        return _keys(left, a, right, b)
    if a.kind is b.kind or (a.kind in _EXACT and b.kind in _EXACT and not _fraction(a, b, left, right)):
        return None
    if _float_and_whole(a, right) or _float_and_whole(b, left):
        return None
    return f"{left.said} is {a.kind.value} and {right.said} is {b.kind.value}: compare values of one type."


def _fraction(a: Field, b: Field, left: Side, right: Side) -> bool:
    """Whether an int is compared with a decimal constant: equal only by accident."""
    return (a.kind is Kind.INT and right.constant is not None and b.kind is Kind.DECIMAL) or (
        b.kind is Kind.INT and left.constant is not None and a.kind is Kind.DECIMAL
    )


def _float_and_whole(field: Field, other: Side) -> bool:
    value = other.constant
    return field.kind is Kind.FLOAT and type(value) is int and abs(value) <= 2**53


def _keys(left: Side, a: Field, right: Side, b: Field) -> str | None:
    one: type[Entity] | None = a.target
    other: type[Entity] | None = b.target
    if a.kind is b.kind is Kind.REFERENCE and one is not None and other is not None:
        if one is other:
            return None
        return f"{left.said} is a key of {one.__name__} and {right.said} a key of {other.__name__}: they never mean the same row."
    if (left.constant is not None or right.constant is not None) and a.type is b.type:
        return None
    key, odd = (left, right) if a.kind is Kind.REFERENCE else (right, left)
    return f"{key.said} is a key and {odd.said} is not: compare it with an id or a reference."
