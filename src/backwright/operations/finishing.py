"""Shape → the checks and conversions that msgspec cannot do, compiled to one function; None where there is nothing to do."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.operations.formats import FORMATS, Wrong
from backwright.operations.shapes import Leaf, ListOf, MapOf, ObjectOf, Shape
from backwright.operations.wire_types import HIGHEST, LOWEST

Finish = Callable[[Any], Any]
MICROSECOND = timedelta(microseconds=1)
_PLAIN = re.compile(rb'"-?[0-9]{1,40}(?:\.[0-9]{1,40})?"|-?[0-9]{1,40}(?:\.[0-9]{1,40})?')
_NUMBER = re.compile(rb"-?[0-9]{1,60}(?:\.[0-9]{1,60})?[eE][+-]?[0-9]{1,3}")
_DECIMAL_TEXT = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?", re.ASCII)
NOT_DECIMAL = Wrong('must be a decimal number, for example "12.50"', "type")


def finisher(shape: Shape) -> Finish | None:
    """What turns a decoded value into the final one. It raises `Wrong` at the first value that is not acceptable."""
    match shape:
        case Leaf():
            return _leaf(shape)
        case ListOf():
            return _list(shape)
        case MapOf():
            each = finisher(shape.value)
            return (lambda found: {key: each(value) for key, value in found.items()}) if each is not None else None
        case ObjectOf():
            return object_finisher(shape)


def object_finisher(shape: ObjectOf) -> Finish | None:
    """Finish the members that need it, then build the class the shape is for."""
    steps = tuple((m.name, finish, _sees_null(m.shape)) for m in shape.members if (finish := finisher(m.shape)) is not None)
    build, interval, names = shape.build, shape.interval, tuple(m.name for m in shape.members)
    if not steps and build is None:
        return None
    unset = msgspec.UNSET

    def run(value: Any) -> Any:
        for name, finish, sees_null in steps:
            found = getattr(value, name)
            if found is unset or (found is None and not sees_null):
                continue
            setattr(value, name, finish(found))
        if build is None:
            return value
        if interval and value.lower is not None and value.upper is not None and value.lower > value.upper:
            raise Wrong("must not have its lower end above its upper end", "range")
        return build(**{name: getattr(value, name) for name in names})

    return run


def _sees_null(shape: Shape) -> bool:
    """Any and Raw let null through whether or not it is allowed."""
    return isinstance(shape, Leaf) and shape.kind in (Kind.DECIMAL, Kind.JSON)


def _list(shape: ListOf) -> Finish | None:
    each, build, distinct = finisher(shape.element), shape.build, shape.distinct
    if each is None and build is None and not distinct:
        return None

    def run(found: list[Any]) -> Any:
        if each is not None:
            found = [item if item is None else each(item) for item in found]
        if distinct and len(set(found)) != len(found):
            raise Wrong("must not name the same item twice", "duplicate")
        return found if build is None else build(found)

    return run


def _leaf(leaf: Leaf) -> Finish | None:
    match leaf.kind:
        case Kind.TEXT if leaf.limits.format is not None:
            return FORMATS[leaf.limits.format]
        case Kind.DECIMAL:
            return decimal_finisher(leaf.limits, leaf.optional)
        case Kind.DATETIME:
            return to_utc
        case Kind.DURATION:
            return within_64_bits
        case Kind.JSON:
            return json_finisher(leaf.optional)
        case _:
            return None


def to_utc(moment: datetime) -> datetime:
    """The same moment in UTC."""
    try:
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise Wrong("must lie between the years 1 and 9999 in UTC", "maximum") from None


def within_64_bits(duration: timedelta) -> timedelta:
    """The same duration, if its microseconds fit 64 bits."""
    if not -(2**63) <= duration // MICROSECOND < 2**63:
        raise Wrong("must be shorter than 292,000 years", "maximum")
    return duration


def decimal_finisher(limits: Limits, optional: bool) -> Finish:
    """Raw JSON (a string or a number) → `Decimal` within digits, scale and bounds. More digits than the scale are refused, not rounded."""
    check, usual = decimal_check(limits), _usual(limits)
    low, high = _inside(limits)

    def run(found: Any) -> Decimal | None:
        if type(found) is not msgspec.Raw:
            return found  # type: ignore[no-any-return]  # a default of the declaration
        text = bytes(found)
        if (match := usual(text)) is not None and low < (value := Decimal(match[1].decode())) < high:
            return value
        if _PLAIN.fullmatch(text):
            return check(Decimal(text.strip(b'"').decode()))
        if text == b"null" and optional:
            return None
        if _NUMBER.fullmatch(text):
            return check(Decimal(text.decode()))
        raise NOT_DECIMAL

    return run


def _digits(limits: Limits) -> tuple[int, int]:
    """How many digits before and behind the point."""
    scale = 4 if limits.scale is None else limits.scale
    return (19 if limits.digits is None else limits.digits) - scale, scale


def _usual(limits: Limits) -> Callable[[bytes], re.Match[bytes] | None]:
    """Matches the spellings whose digits are right by their number alone; the quotes of valid JSON come in pairs."""
    whole, scale = _digits(limits)
    behind = rb"(?:\.[0-9]{1,%d})?" % scale if scale else b""
    return re.compile(rb'"?(-?[0-9]{1,%d}%s)"?' % (max(whole, 1), behind)).fullmatch


def _inside(limits: Limits) -> tuple[Decimal, Decimal]:
    """An open interval in which every value is within all bounds; what lies on an end or outside is looked at closely."""
    bottom, top = _widest(limits)
    lows = [Decimal(str(v)) for v in (limits.ge, limits.gt) if v is not None]
    highs = [Decimal(str(v)) for v in (limits.le, limits.lt) if v is not None]
    return max([bottom, *lows]), min([top, *highs])


def _widest(limits: Limits) -> tuple[Decimal, Decimal]:
    """The open interval that the digits leave, within 64 bits of the scaled value."""
    whole, scale = _digits(limits)
    edge = Decimal(10) ** whole
    return max(-edge, Decimal(LOWEST - 1).scaleb(-scale)), min(edge, Decimal(HIGHEST + 1).scaleb(-scale))


def decimal_of(text: str) -> Decimal:
    """A plain decimal numeral: ASCII digits, at most one point, no exponent, no blanks. Raises `Wrong`."""
    if not _DECIMAL_TEXT.fullmatch(text):
        raise NOT_DECIMAL
    return Decimal(text)


def decimal_check(limits: Limits) -> Callable[[Decimal], Decimal]:
    """Digits, scale, bounds and 64 bits of the scaled value, as one function that returns its argument or raises `Wrong`."""
    whole, scale = _digits(limits)
    bottom, top = _widest(limits)
    bounds = bound_checks(limits)

    def check(value: Decimal) -> Decimal:
        if not value.is_finite():
            raise NOT_DECIMAL
        if value.adjusted() > 60 or not bottom < value < top:
            raise Wrong(f"must have at most {whole} digits before the point", "digits")
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > scale and value != value.quantize(Decimal(1).scaleb(-scale)):
            raise Wrong(f"must have at most {scale} digits behind the point", "scale")
        for test, detail, code in bounds:
            if not test(value):
                raise Wrong(detail, code)
        return value

    return check


def bound_checks(limits: Limits) -> tuple[tuple[Callable[[Any], bool], str, str], ...]:
    """One test, sentence and code for each bound."""
    found: list[tuple[Callable[[Any], bool], str, str]] = []
    if (ge := limits.ge) is not None:
        found.append((lambda v: bool(v >= ge), f"must be at least {ge}", "minimum"))
    if (gt := limits.gt) is not None:
        found.append((lambda v: bool(v > gt), f"must be greater than {gt}", "minimum"))
    if (le := limits.le) is not None:
        found.append((lambda v: bool(v <= le), f"must be at most {le}", "maximum"))
    if (lt := limits.lt) is not None:
        found.append((lambda v: bool(v < lt), f"must be less than {lt}", "maximum"))
    return tuple(found)


def json_finisher(optional: bool) -> Finish:
    """Any JSON value: its whole numbers must fit 64 bits, so that every reader of the data can hold them."""

    def run(found: Any) -> Any:
        if found is None and not optional:
            raise Wrong("must not be null", "type")
        open_ = [found]
        while open_:
            item = open_.pop()
            if isinstance(item, dict):
                open_ += item.values()
            elif isinstance(item, list):
                open_ += item
            elif type(item) is int and item.bit_length() > 64:
                raise Wrong("must not contain whole numbers beyond 64 bits", "maximum")
        return found

    return run
