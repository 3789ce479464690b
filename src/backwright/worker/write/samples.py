"""Values that fit: what generated tests send and store. The same design always gives the same values. Pure."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.blueprint import Blueprint, FieldPlan, Member
from backwright.worker.design import ABSENT

_TEXTS = (
    "one",
    "first",
    "One",
    "example-1",
    "a-b",
    "12345",
    "A1",
    "09:00",
    "2026-01-15",
    "abc",
    "ABC",
    "x",
    "1",
    "AB-123",
    "en",
    "EUR",
    "#aabbcc",
)
_FORMATS = {"email": "ada@example.com", "uri": "https://example.com/one", "phone": "+4915112345678"}


def wire_value(kind: Kind, limits: Limits, *, element: Kind | None = None, enum: tuple[Any, ...] = (), example: Any = ABSENT) -> Any:
    """A JSON value of the kind within the limits: the design's example where that fits."""
    if example is not ABSENT and example is not None and _fits(kind, limits, enum, example):
        return example
    if enum:
        return [enum[0]] if kind is Kind.LIST else enum[0]
    if kind is Kind.TEXT:
        return _text(limits)
    if kind in (Kind.INT, Kind.FLOAT, Kind.DECIMAL):
        number = _number(limits)
        return f"{Decimal(number):.4f}" if kind is Kind.DECIMAL else float(number) if kind is Kind.FLOAT else int(number)
    simple: dict[Kind, Any] = {
        Kind.BOOL: True, Kind.DATE: "2026-01-15", Kind.TIME: "09:30:00", Kind.DATETIME: "2026-01-15T09:30:00Z", Kind.DURATION: "PT90S",
        Kind.UUID: "0190a5c8-7d2e-7c3a-9f10-2b6a4d5e6f01", Kind.BYTES: "AAEC", Kind.JSON: {}, Kind.POINT: {"x": 1.0, "y": 2.0},
        Kind.RANGE: {"lower": None, "upper": None},
    }  # fmt: skip
    if kind is Kind.LIST:
        return [wire_value(element, Limits())] if element is not None and limits.max_length != 0 else []
    return simple.get(kind)


def _fits(kind: Kind, limits: Limits, enum: tuple[Any, ...], value: Any) -> bool:
    if enum:
        return value in enum
    wanted: dict[Kind, Callable[[Any], bool]] = {
        Kind.TEXT: lambda v: isinstance(v, str) and _acceptable(limits, v),
        Kind.INT: lambda v: isinstance(v, int) and not isinstance(v, bool) and _within(limits, v),
        Kind.FLOAT: lambda v: isinstance(v, int | float) and not isinstance(v, bool) and _within(limits, v),
        Kind.BOOL: lambda v: isinstance(v, bool),
        Kind.DATE: lambda v: isinstance(v, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", v) is not None,
    }
    return kind in wanted and wanted[kind](value)


def _text(limits: Limits) -> str:
    if limits.format is not None:
        return _FORMATS[limits.format]
    for candidate in _candidates(limits):
        if _acceptable(limits, candidate):
            return candidate
    return "x" * (limits.min_length or 1)


def _candidates(limits: Limits) -> Iterator[str]:
    yield from _TEXTS
    least, most = limits.min_length or 1, limits.max_length or 40
    for letter in ("a", "A", "1", "f"):
        yield letter * least
        yield letter * most
        for length in range(least, min(most, least + 24)):
            yield letter * length


def _acceptable(limits: Limits, value: str) -> bool:
    if not (limits.min_length or 0) <= len(value) <= (len(value) if limits.max_length is None else limits.max_length):
        return False
    if limits.format is not None and not re.search(r"[@:+]", value):
        return False
    return limits.pattern is None or re.search(limits.pattern, value) is not None


def _number(limits: Limits) -> Decimal:
    for candidate in (Decimal(3), Decimal(1), Decimal(0), *_edges(limits)):
        if _within(limits, candidate):
            return candidate
    return Decimal(1)


def _edges(limits: Limits) -> Iterator[Decimal]:
    for bound, step in ((limits.ge, 0), (limits.gt, 1), (limits.le, 0), (limits.lt, -1)):
        if bound is not None:
            yield Decimal(str(bound)) + step


def _within(limits: Limits, value: Any) -> bool:
    number = Decimal(str(value))
    low = all(number >= Decimal(str(b)) for b in (limits.ge,) if b is not None) and all(
        number > Decimal(str(b)) for b in (limits.gt,) if b is not None
    )
    high = all(number <= Decimal(str(b)) for b in (limits.le,) if b is not None) and all(
        number < Decimal(str(b)) for b in (limits.lt,) if b is not None
    )
    return low and high


def other(kind: Kind, limits: Limits, value: Any) -> Any:
    """Another value that fits as well; the same where there is none to be found."""
    if kind is Kind.TEXT and isinstance(value, str):
        return next((c for c in (value + "2", value[:-1] + "7", *_TEXTS) if c != value and _acceptable(limits, c)), value)
    if kind in (Kind.INT, Kind.FLOAT):
        return next((value + step for step in (1, -1) if _within(limits, value + step)), value)
    if kind is Kind.DECIMAL:
        return next((f"{Decimal(value) + step:.4f}" for step in (1, -1) if _within(limits, Decimal(value) + step)), value)
    if kind is Kind.BOOL:
        return not value
    return "2026-02-16" if kind is Kind.DATE else value


def values_of(blueprint: Blueprint, enum: str) -> tuple[Any, ...]:
    """The values of an enum on the wire."""
    return next((tuple(v for _, v in e.members) for e in blueprint.enums if e.name == enum), ())


def of_member(blueprint: Blueprint, member: Member) -> Any:
    """A value for a key of a body."""
    if member.shape and member.shape in blueprint.values:
        return of_value(blueprint, member.shape, many=member.many)
    return wire_value(member.kind, member.limits, element=member.element, enum=values_of(blueprint, member.enum), example=member.example)


def of_field(blueprint: Blueprint, item: FieldPlan) -> Any:
    """A value for a stored field, as on the wire."""
    if item.value:
        return of_value(blueprint, item.value, many=item.kind is Kind.LIST)
    return wire_value(item.kind, item.limits, element=item.element, enum=values_of(blueprint, item.enum), example=item.example)


def of_value(blueprint: Blueprint, shape: str, *, many: bool) -> Any:
    """An object with what it must have, alone or in a list."""
    made = {m.wire: of_member(blueprint, m) for m in blueprint.shape(shape).members if m.required}
    return [made] if many else made


def expression(blueprint: Blueprint, item: FieldPlan, value: Any, use: Callable[[str, str], str]) -> str:
    """The wire value as the Python expression of the field's type; ``use`` imports what it needs."""
    if item.value:
        title = use("model", blueprint.value_name(item.value))
        return f"{use('msgspec', 'convert')}({value!r}, {f'list[{title}]' if item.kind is Kind.LIST else title})"
    if item.kind is Kind.ENUM:
        enum = next(e for e in blueprint.enums if e.name == item.enum)
        return f"{use('model', enum.name)}.{next(name for name, one in enum.members if one == value)}"
    if item.kind is Kind.DECIMAL:
        return f"{use('decimal', 'Decimal')}({json.dumps(str(value))})"
    read: dict[Kind, tuple[str, Callable[[str], Any]]] = {
        Kind.DATE: ("date", date.fromisoformat), Kind.TIME: ("time", time.fromisoformat),
        Kind.DATETIME: ("datetime", lambda text: datetime.fromisoformat(text).astimezone(UTC)),
    }  # fmt: skip
    if item.kind in read:
        name, parse = read[item.kind]
        parse(value)
        return f"{use('datetime', name)}.fromisoformat({json.dumps(value)})"
    if item.kind is Kind.UUID:
        return f"{use('uuid', 'UUID')}({json.dumps(str(UUID(value)))})"
    if item.kind is Kind.BYTES:
        return repr(base64.b64decode(value))
    if item.kind is Kind.LIST and item.element is Kind.DATE:
        return "[" + ", ".join(f"{use('datetime', 'date')}.fromisoformat({json.dumps(v)})" for v in value) + "]"
    return repr(value)
