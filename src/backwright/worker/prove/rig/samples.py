"""Sample values by shape: JSON that the shape's own decoder accepts, different for each number, the same for each seed."""

import base64
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.operations.explaining import choices
from backwright.operations.schemas import plain
from backwright.operations.shapes import Leaf, ListOf, MapOf, Member, ObjectOf, Shape
from backwright.operations.wire_types import int_bounds
from backwright.worker.prove.rig.patterns import Unmatchable, matching

Pick = Callable[[Any, Random], Any]
"""``pick(entity, chance)``: an id of a row of the entity as JSON."""
WORDS = ("reed", "Ünal", "o'er", "moss", "fern", "50%", "ash_", "élan", "ivy", "rue", '"oak"', "sloe")
_DAY = date(2026, 1, 1)
_MOMENT = datetime(2026, 1, 1, 8)


class Samples:
    """Makes values. `pick` gives the references; the same seed gives the same values."""

    def __init__(self, pick: Pick, seed: int = 7) -> None:
        self.pick = pick
        self.chance = Random(seed)

    def of(self, shape: Shape, n: int) -> Any:
        """A JSON value that satisfies the shape. Different numbers give different values, where the shape has that many."""
        match shape:
            case Leaf():
                return self._leaf(shape, n)
            case ListOf():
                return self._list(shape, n)
            case MapOf():
                least = max(1, shape.limits.min_length or 0)
                return {str(self.of(shape.key, n + k)): self.of(shape.value, n + k) for k in range(least)}
            case ObjectOf() if shape.interval:
                ends = sorted((self.of(m.shape, n + k) for k, m in enumerate(shape.members)), key=_order)
                return {m.wire: end for m, end in zip(shape.members, ends, strict=True)}
            case ObjectOf():
                return {m.wire: self.member(m, n) for m in shape.members if not m.read_only}

    def member(self, member: Member, n: int) -> Any:
        """A value for one key; the declared example where none can be made."""
        try:
            return self.of(member.shape, n)
        except Unmatchable:
            if member.example is None:
                raise
            return plain(member.example)

    def _list(self, shape: ListOf, n: int) -> list[Any]:
        least, most = max(1, shape.limits.min_length or 0), shape.limits.max_length
        count = least if most is None else min(max(least, 2), most)
        items = [self.of(shape.element, n + k) for k in range(count)]
        return list({str(item): item for item in items}.values()) if shape.distinct else items

    def _leaf(self, leaf: Leaf, n: int) -> Any:
        if leaf.target is not None:
            return self.pick(leaf.target, self.chance)
        limits = leaf.limits
        match leaf.kind:
            case Kind.TEXT:
                return self._text(limits, n)
            case Kind.INT:
                low, high = int_bounds(limits)
                return _within(low if low > -(2**62) else max(low, min(1, high)), high, n)
            case Kind.FLOAT:
                return float(_fraction(limits, n, Decimal("0.5")))
            case Kind.DECIMAL:
                scale = 4 if limits.scale is None else limits.scale
                found = _fraction(limits, n, Decimal(1).scaleb(-scale)).quantize(Decimal(1).scaleb(-scale))
                return float(found) if leaf.number else f"{found:f}"
            case Kind.ENUM:
                options = choices(leaf.python)
                return options[self.chance.randrange(len(options))]
            case Kind.BOOL:
                return self.chance.random() < 0.5
            case _:
                return self._other(leaf, n)

    def _other(self, leaf: Leaf, n: int) -> Any:
        match leaf.kind:
            case Kind.DATE:
                return (_DAY + timedelta(days=n)).isoformat()
            case Kind.TIME:
                return f"{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}"
            case Kind.DATETIME:
                return (_MOMENT + timedelta(minutes=n)).isoformat() + "Z"
            case Kind.DURATION:
                return f"PT{60 + n}S"
            case Kind.UUID:
                return f"0197c0de-0000-7000-8000-{n:012x}"
            case Kind.BYTES:
                size = max(leaf.limits.min_length or 0, 4)
                return base64.b64encode(n.to_bytes(4).rjust(size, b"\1")[: leaf.limits.max_length]).decode()
            case _:
                return {"key": n}

    def _text(self, limits: Limits, n: int) -> str:
        shortest, longest = limits.min_length or 0, limits.max_length
        if limits.pattern is not None:
            return matching(limits.pattern, Random(f"{limits.pattern}{n}"), shortest=shortest, longest=longest)
        made = {
            "email": f"reader{n}@example.org", "uri": f"https://example.org/{n}", "phone": f"+4420794{n % 100000:05d}",
            None: f"{WORDS[n % len(WORDS)]} {n}",
        }[limits.format]  # fmt: skip
        if longest is not None and len(made) > longest:
            made = _short(n, longest)
        return made.ljust(shortest, "x")


def _order(end: Any) -> Any:
    return Decimal(end) if isinstance(end, str) and end.replace(".", "").replace("-", "").isdigit() else end


def _within(low: int, high: int, n: int) -> int:
    return low + n % (high - low + 1)


def _fraction(limits: Limits, n: int, step: Decimal) -> Decimal:
    low = limits.ge if limits.ge is not None else limits.gt
    high = limits.le if limits.le is not None else limits.lt
    open_below, open_above = limits.ge is None and limits.gt is not None, limits.le is None and limits.lt is not None
    bottom = Decimal(str(low)) if low is not None else (Decimal(str(high)) - 1000 if high is not None else Decimal(1))
    bottom += step if open_below else 0
    if high is None:
        return bottom + Decimal(n)
    room = int((Decimal(str(high)) - (step if open_above else 0) - bottom) / step)
    return bottom + step * (n % (room + 1) if room > 0 else 0)


def _short(n: int, length: int) -> str:
    digits = "abcdefghijklmnopqrstuvwxyz0123456789"
    found = ""
    for _ in range(length):
        found = digits[n % 36] + found
        n //= 36
    return found
