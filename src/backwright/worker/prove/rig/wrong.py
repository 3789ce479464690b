"""Values that a shape must refuse: of the wrong type, just outside each bound, of the wrong form. Each with a word for what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.operations.shapes import Leaf, ListOf, MapOf, ObjectOf, Shape

_TYPES: dict[Kind, tuple[Any, ...]] = {
    Kind.TEXT: (12, True, ["text"], {}), Kind.INT: ("12", 1.5, True, [1]), Kind.FLOAT: ("1.5", True, [1]),
    Kind.DECIMAL: ("12,5", True, [1]),
    Kind.BOOL: ("true", 1, 0, []), Kind.DATE: ("21.11.2026", 20261121, "2026-13-01"), Kind.TIME: ("noon", 12, "25:00:00"),
    Kind.DATETIME: ("yesterday", 1795298700, "2026-11-21T13:05:00"), Kind.DURATION: ("an hour", 3600), Kind.UUID: ("no-uuid", 7),
    Kind.ENUM: ("no such choice", 987_654, None.__class__.__name__, [1]), Kind.BYTES: ("not base64 !", 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrong:
    """A value to be refused; `at` is where below the value the problem lies, as a JSON pointer."""

    what: str
    value: Any
    at: str = ""


def wrong(shape: Shape, good: Any) -> Iterator[Wrong]:
    """Every way to be wrong that the shape's declaration names. `good` is an acceptable value."""
    if not shape.optional:
        yield Wrong("null", None)
    match shape:
        case Leaf():
            yield from _leaf(shape)
        case ListOf():
            yield Wrong("wrong type", {"0": 1})
            yield Wrong("wrong type", "text")
            if shape.limits.max_length is not None and isinstance(good, list) and good and not shape.distinct:
                yield Wrong("one too many", [good[0]] * (shape.limits.max_length + 1))
            if shape.distinct and isinstance(good, list) and good:
                yield Wrong("the same twice", [good[0], good[0]])
            yield from (Wrong(f"item: {w.what}", [w.value], f"/0{w.at}") for w in _some(shape.element, good[0] if good else None))
        case MapOf():
            yield Wrong("wrong type", [1])
            key = next(iter(good)) if good else "key"
            yield from (Wrong(f"value: {w.what}", {key: w.value}, f"/{key}{w.at}") for w in _some(shape.value, good[key] if good else None))
        case ObjectOf():
            yield Wrong("wrong type", [1])
            yield Wrong("unknown key", {**good, "planted_key": 1}, "/planted_key")
            for member in shape.members:
                for w in _some(member.shape, good.get(member.wire)):
                    yield Wrong(f"{member.wire}: {w.what}", {**good, member.wire: w.value}, f"/{member.wire}{w.at}")


def _some(shape: Shape, good: Any) -> list[Wrong]:
    return list(wrong(shape, good))[:12] if good is not None or isinstance(shape, Leaf) else []


def _leaf(leaf: Leaf) -> Iterator[Wrong]:
    for value in _TYPES.get(leaf.kind, ()):
        yield Wrong("wrong type", value)
    limits = leaf.limits
    match leaf.kind:
        case Kind.INT:
            yield from (Wrong(what, int(value)) for what, value in _outside(limits, Decimal(1)) if value == int(value))
            yield Wrong("beyond 64 bits", 2**63)
        case Kind.FLOAT:
            yield from (Wrong(what, float(value)) for what, value in _outside(limits, Decimal("0.001")))
        case Kind.DECIMAL:
            scale = 4 if limits.scale is None else limits.scale
            yield from (Wrong(what, f"{value:f}") for what, value in _outside(limits, Decimal(1).scaleb(-scale)))
            yield Wrong("too many digits behind the point", "1." + "0" * scale + "1")
            yield Wrong("too many digits", "1" + "0" * ((19 if limits.digits is None else limits.digits) - scale))
        case Kind.TEXT:
            yield from _text(limits)
        case _:
            return


def _outside(limits: Limits, step: Decimal) -> Iterator[tuple[str, Decimal]]:
    """The nearest values that each bound keeps out."""
    if limits.ge is not None:
        yield "below the least", Decimal(str(limits.ge)) - step
    if limits.gt is not None:
        yield "on the open lower bound", Decimal(str(limits.gt))
    if limits.le is not None:
        yield "above the greatest", Decimal(str(limits.le)) + step
    if limits.lt is not None:
        yield "on the open upper bound", Decimal(str(limits.lt))


def _text(limits: Limits) -> Iterator[Wrong]:
    yield Wrong("a NUL", "a\0b")
    if limits.min_length:
        yield Wrong("too short", "x" * (limits.min_length - 1))
    if limits.max_length is not None:
        yield Wrong("too long", "x" * (limits.max_length + 1))
    if limits.format is not None:
        yield Wrong("wrong form", {"email": "nobody at home", "uri": "no address", "phone": "call me"}[limits.format])
    if limits.pattern is not None:
        import re

        for text in ("", " ", "~", "A", "a", "1", "~~ ~~ not by the pattern"):
            if not re.search(limits.pattern, text):
                yield Wrong("against the pattern", text)
                return
