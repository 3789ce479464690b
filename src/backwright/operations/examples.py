"""Shape → an example that its own decoder accepts: for OpenAPI, and for tests that send what the documentation shows."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.operations.explaining import choices
from backwright.operations.finishing import bound_checks, decimal_check
from backwright.operations.formats import Wrong
from backwright.operations.schemas import plain
from backwright.operations.shapes import Leaf, ListOf, MapOf, Member, ObjectOf, Shape
from backwright.operations.wire_types import int_bounds

_FIXED: dict[Kind, Any] = {
    Kind.BOOL: True,
    Kind.DATE: "2026-11-21",
    Kind.TIME: "13:05:00",
    Kind.DATETIME: "2026-11-21T13:05:00.000000Z",
    Kind.DURATION: "PT90S",
    Kind.UUID: "0197c0de-0000-7000-8000-00000000000a",
}
_FORMATS = {"email": "reader@example.org", "phone": "+442079460018", "uri": "https://example.org/page"}


class NoExample(Exception):
    """No example can be made from the limits alone: say one with ``Doc(text, example=...)``."""


def example(shape: Shape) -> Any:
    """A JSON value that satisfies the shape. Raises `NoExample` naming what has none."""
    match shape:
        case Leaf():
            return _leaf(shape)
        case ListOf():
            count = max(shape.limits.min_length or 0, 0 if shape.limits.max_length == 0 else 1)
            if shape.distinct and count > 1:
                raise NoExample("a list of several distinct items")
            return [example(shape.element)] * count
        case MapOf():
            if (shape.limits.min_length or 0) > 1:
                raise NoExample("a map of several keys")
            return {str(example(shape.key)): example(shape.value)}
        case ObjectOf():
            return {m.wire: member_example(m) for m in shape.members if not m.read_only}


def member_example(m: Member) -> Any:
    """The declared example, else one made from the shape; null if there is none and null is allowed."""
    if m.example is not None:
        return plain(m.example)
    try:
        return example(m.shape)
    except NoExample as reason:
        if m.shape.optional:
            return None
        raise NoExample(f"{m.wire}: {reason}") from None


def _leaf(leaf: Leaf) -> Any:
    match leaf.kind:
        case Kind.TEXT:
            return _text(leaf.limits)
        case Kind.INT:
            low, high = int_bounds(leaf.limits)
            return min(max(1, low), high)
        case Kind.FLOAT:
            return float(_first(leaf.limits, (Decimal("1.5"), *_between(leaf.limits))))
        case Kind.DECIMAL:
            return _decimal(leaf)
        case Kind.ENUM:
            return choices(leaf.python)[0]
        case Kind.BYTES:
            return "AAAA" * -(-(leaf.limits.min_length or 3) // 3)
        case Kind.JSON:
            return {"key": "value"}
        case _:
            return _FIXED[leaf.kind]


def _between(limits: Limits) -> Iterable[Decimal]:
    """Values near the bounds."""
    low = limits.ge if limits.ge is not None else limits.gt
    high = limits.le if limits.le is not None else limits.lt
    if low is not None and high is not None:
        yield (Decimal(str(low)) + Decimal(str(high))) / 2
    if low is not None:
        yield from (Decimal(str(low)), Decimal(str(low)) + 1)
    if high is not None:
        yield from (Decimal(str(high)), Decimal(str(high)) - 1)


def _first(limits: Limits, candidates: Iterable[Decimal]) -> Decimal:
    checks = bound_checks(limits)
    for one in candidates:
        if all(test(one) for test, _, _ in checks):
            return one
    raise NoExample("a number between such bounds")


def _decimal(leaf: Leaf) -> Any:
    scale = 4 if leaf.limits.scale is None else leaf.limits.scale
    step, check = Decimal(1).scaleb(-scale), decimal_check(leaf.limits)
    for near in (Decimal("12.5"), Decimal("0.5"), Decimal(1), *_between(leaf.limits)):
        try:
            found = check(near.quantize(step))
        except Wrong:
            continue
        return float(found) if leaf.number else f"{found:f}"
    raise NoExample("a decimal between such bounds")


def _text(limits: Limits) -> str:
    if limits.format is not None:
        found = _FORMATS[limits.format]
    elif limits.pattern is not None:
        found = matching(limits.pattern)
    else:
        found = ("text" * (-(-(limits.min_length or 1) // 4)))[: limits.max_length]
    if limits.pattern is not None and not re.search(limits.pattern, found):
        raise NoExample(f"a text that matches {limits.pattern}")
    if not (limits.min_length or 0) <= len(found) <= (len(found) if limits.max_length is None else limits.max_length):
        raise NoExample("a text of such a length")
    return found


def matching(pattern: str) -> str:
    """A short text for a simple pattern: literals, classes, groups, branches and repetitions. Raises `NoExample` for others."""
    parse: Any = __import__("re._parser", fromlist=["parse"]).parse
    try:
        return "".join(_piece(str(word), value) for word, value in parse(pattern))
    except (NotImplementedError, re.error):
        raise NoExample(f"a text that matches {pattern}") from None


def _piece(word: str, value: Any) -> str:
    """One step of a parsed pattern as text."""
    match word:
        case "LITERAL":
            return chr(value)
        case "ANY":
            return "a"
        case "NOT_LITERAL":
            return "a" if value != ord("a") else "b"
        case "AT":
            return ""
        case "IN":
            return _one_of(value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            low, high, inner = value
            return "".join(_piece(str(w), v) for w, v in inner) * int(max(low, min(1, int(high))))
        case "SUBPATTERN":
            return "".join(_piece(str(w), v) for w, v in value[-1])
        case "BRANCH":
            return "".join(_piece(str(w), v) for w, v in value[1][0])
        case _:
            raise NotImplementedError(word)


_CATEGORIES = {"CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "a", "CATEGORY_NOT_DIGIT": "a"}


def _one_of(options: Any) -> str:
    if str(options[0][0]) == "NEGATE":
        refused = re.compile("[" + "".join(_class(str(w), v) for w, v in options[1:]) + "]")
        return next((c for c in "a1-A x" if not refused.match(c)), "") or _give_up()
    word, value = str(options[0][0]), options[0][1]
    if word == "CATEGORY":
        return _CATEGORIES.get(str(value)) or _give_up()
    first: int = value[0] if word == "RANGE" else value
    return chr(first)


def _class(word: str, value: Any) -> str:
    if word == "RANGE":
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return (
        re.escape(chr(value))
        if word == "LITERAL"
        else {"CATEGORY_DIGIT": r"\d", "CATEGORY_WORD": r"\w", "CATEGORY_SPACE": r"\s"}.get(str(value), "")
    )


def _give_up() -> str:
    raise NotImplementedError
