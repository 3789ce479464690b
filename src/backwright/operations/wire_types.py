"""Shape → msgspec type: what the fast decoder checks by itself. What it cannot check is left to `finishing`."""

import math
from datetime import datetime, time, timedelta
from typing import Annotated, Any

import msgspec

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.operations.shapes import NOTHING, Leaf, ListOf, MapOf, Member, ObjectOf, Shape

LOWEST, HIGHEST = -(2**63), 2**63 - 1


def wire_type(shape: Shape) -> Any:
    """The type that msgspec decodes this shape into. Decimals stay `msgspec.Raw`: only their text says how many digits were sent."""
    bare = _bare(shape)
    return bare if not shape.optional or bare is msgspec.Raw else bare | None


def _bare(shape: Shape) -> Any:
    match shape:
        case ObjectOf():
            return object_type(shape)
        case ListOf():
            return _sized(list[wire_type(shape.element)], shape.limits)  # type: ignore[misc]
        case MapOf():
            return _sized(dict[_bare(shape.key), wire_type(shape.value)], shape.limits)  # type: ignore[misc]
        case Leaf():
            return _leaf(shape)


def object_type(shape: ObjectOf) -> type[msgspec.Struct]:
    """A keyword-only Struct with the members' Python names, their wire names as keys; unknown keys are refused."""
    fields = [(m.name, wire_type(m.shape), _default(m)) for m in shape.members]
    return msgspec.defstruct(shape.name, fields, kw_only=True, forbid_unknown_fields=True)


def _default(m: Member) -> Any:
    if m.default is not NOTHING:
        return msgspec.field(default=m.default, name=m.wire)
    if m.default_factory is not NOTHING:
        return msgspec.field(default_factory=m.default_factory, name=m.wire)
    return msgspec.field(name=m.wire)


def _leaf(leaf: Leaf) -> Any:
    limits = leaf.limits
    match leaf.kind:
        case Kind.TEXT:
            return _sized(str, limits)
        case Kind.INT:
            low, high = int_bounds(limits)
            return Annotated[int, msgspec.Meta(ge=low, le=high)]
        case Kind.FLOAT:
            return Annotated[float, msgspec.Meta(**float_bounds(limits))]
        case Kind.DECIMAL:
            return msgspec.Raw
        case Kind.TIME:
            return Annotated[time, msgspec.Meta(tz=False)]
        case Kind.DATETIME:
            return Annotated[datetime, msgspec.Meta(tz=True)]
        case Kind.DURATION:
            return timedelta
        case Kind.BYTES:
            return _sized(bytes, limits)
        case Kind.JSON:
            return dict[str, Any] if leaf.python is dict else Any
        case _:
            return leaf.python


def int_bounds(limits: Limits) -> tuple[int, int]:
    """The least and the greatest whole number allowed: the limits, within 64 bits."""
    low = max([LOWEST] + [math.ceil(v) for v in (limits.ge,) if v is not None] + [math.floor(v) + 1 for v in (limits.gt,) if v is not None])
    high = min(
        [HIGHEST] + [math.floor(v) for v in (limits.le,) if v is not None] + [math.ceil(v) - 1 for v in (limits.lt,) if v is not None]
    )
    return low, high


def float_bounds(limits: Limits) -> dict[str, Any]:
    """The bounds as msgspec takes them: the tighter one of each side."""
    bounds: dict[str, float] = {}
    if limits.gt is not None and (limits.ge is None or limits.gt >= limits.ge):
        bounds["gt"] = float(limits.gt)
    elif limits.ge is not None:
        bounds["ge"] = float(limits.ge)
    if limits.lt is not None and (limits.le is None or limits.lt <= limits.le):
        bounds["lt"] = float(limits.lt)
    elif limits.le is not None:
        bounds["le"] = float(limits.le)
    return bounds


def _sized(bare: Any, limits: Limits) -> Any:
    pattern = limits.pattern if bare is str else None
    if limits.min_length is None and limits.max_length is None and pattern is None:
        return bare
    return Annotated[bare, msgspec.Meta(min_length=limits.min_length, max_length=limits.max_length, pattern=pattern)]
