"""Why an input was refused: a walk over the parsed body that lists every problem with its JSON pointer. Runs only on refusal.

It judges by the same limits, finishers and msgspec types as the fast path; an independent validator over the published schema
is its oracle in the tests.
"""

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any, get_args

import msgspec

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.domain.refusals import Problem
from backwright.operations.finishing import bound_checks, decimal_check, decimal_of, finisher
from backwright.operations.formats import Wrong
from backwright.operations.prescan import is_list, is_object, shown
from backwright.operations.shapes import Leaf, ListOf, MapOf, ObjectOf, Shape
from backwright.operations.wire_types import int_bounds, wire_type

MOST = 50
"""How many problems one answer lists."""

SUGGESTIONS = 5
"""How many of them say what was probably meant: looking for it costs more than the rest."""

Walk = Callable[[Any, str, list[Problem]], None]
Judge = Callable[[Any], None]
"""Raises `Wrong` if a JSON value is not acceptable for a leaf."""

_EXPECTED = {
    Kind.TEXT: "must be a text", Kind.INT: "must be a whole number", Kind.FLOAT: "must be a number", Kind.BOOL: "must be true or false",
    Kind.DATE: "must be a date, for example 2026-11-21", Kind.TIME: "must be a time of day without offset, for example 13:05:00",
    Kind.DATETIME: "must be a date and time with its offset, for example 2026-11-21T13:05:00Z",
    Kind.DURATION: "must be an ISO 8601 duration, for example PT90S",
    Kind.UUID: "must be a UUID, for example 0197c0de-0000-7000-8000-00000000000a", Kind.BYTES: "must be base64",
    Kind.JSON: "must be a JSON object",
}  # fmt: skip


def escaped(key: str) -> str:
    """A key as one step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def explainer(shape: Shape) -> Walk:
    """Compile the walk for one shape: ``walk(document, pointer, problems)`` appends what is wrong."""
    match shape:
        case Leaf():
            walk = _leaf(shape)
        case ListOf():
            walk = _list(shape)
        case MapOf():
            walk = _map(shape)
        case ObjectOf():
            walk = _object(shape)
    optional = shape.optional

    def run(found: Any, at: str, problems: list[Problem]) -> None:
        if len(problems) < MOST and not (found is None and optional):
            walk(found, at, problems)

    return run


def _leaf(leaf: Leaf) -> Walk:
    judge = leaf_judge(leaf)

    def walk(found: Any, at: str, problems: list[Problem]) -> None:
        try:
            judge(found)
        except Wrong as wrong:
            problems.append(Problem(wrong.detail, pointer=at, code=wrong.code))

    return walk


def _list(shape: ListOf) -> Walk:
    each, size = explainer(shape.element), size_judge(shape.limits, "items")

    def walk(found: Any, at: str, problems: list[Problem]) -> None:
        if not is_list(found):
            problems.append(Problem("must be a list", pointer=at, code="type"))
            return
        _collect(size, found, at, problems)
        before = len(problems)
        for n, item in enumerate(found):
            if len(problems) >= MOST:
                return
            each(item, f"{at}/{n}", problems)
        if shape.distinct and len(problems) == before:
            _collect(_distinct, found, at, problems)

    return walk


def _distinct(found: list[Any]) -> None:
    keys = [str(item).lower() for item in found]
    if len(set(keys)) != len(keys):
        raise Wrong("must not name the same item twice", "duplicate")


def _map(shape: MapOf) -> Walk:
    each, size, read_key = explainer(shape.value), size_judge(shape.limits, "keys"), _key_reader(shape.key)

    def walk(found: Any, at: str, problems: list[Problem]) -> None:
        if not is_object(found):
            problems.append(Problem("must be an object", pointer=at, code="type"))
            return
        _collect(size, found, at, problems)
        seen: set[Any] = set()
        for text, item in found.items():
            if len(problems) >= MOST:
                return
            here = f"{at}/{escaped(text)}"
            try:
                key = read_key(text)
                if key in seen:
                    raise Wrong("is the same key as another one, spelled differently", "duplicate-key")
                seen.add(key)
            except Wrong as wrong:
                problems.append(Problem(wrong.detail, pointer=here, code=wrong.code))
            each(item, here, problems)

    return walk


def _key_reader(leaf: Leaf) -> Callable[[str], Any]:
    wanted: Any = dict.__class_getitem__((wire_type(leaf), None))
    judge = leaf_judge(leaf) if leaf.kind is Kind.TEXT else None
    kind = leaf.kind.value if leaf.kind is not Kind.INT else "whole number"

    def read(text: str) -> Any:
        try:
            if judge is not None:
                judge(text)
            return next(iter(msgspec.convert({text: None}, wanted, str_keys=True)))
        except msgspec.ValidationError:
            raise Wrong(f"has a key that is not an acceptable {kind}", "key") from None
        except Wrong as wrong:
            raise Wrong(f"has a key that is not acceptable: it {wrong.detail}", "key") from None

    return read


def _object(shape: ObjectOf) -> Walk:
    walks = {m.wire: explainer(m.shape) for m in shape.members}
    required = tuple(m.wire for m in shape.members if m.required)
    interval = _interval(shape) if shape.interval else None

    def walk(found: Any, at: str, problems: list[Problem]) -> None:
        if not is_object(found):
            problems.append(Problem("must be an object", pointer=at, code="type"))
            return
        problems += [Problem("is required", pointer=f"{at}/{escaped(wire)}", code="required") for wire in required if wire not in found]
        before = len(problems)
        for key, item in found.items():
            if len(problems) >= MOST:
                return
            if key in walks:
                walks[key](item, f"{at}/{escaped(key)}", problems)
            else:
                problems.append(
                    Problem(
                        f"is not known here{_meant(key, walks) if len(problems) < SUGGESTIONS else ''}",
                        pointer=f"{at}/{escaped(shown(key))}",
                        code="unknown",
                    )
                )
        if interval is not None and len(problems) == before:
            _collect(interval, found, at, problems)

    return walk


def _interval(shape: ObjectOf) -> Judge:
    kind, finish = msgspec.json.Decoder(wire_type(shape)), finisher(shape)

    def run(found: Any) -> None:
        if finish is not None:
            finish(kind.decode(msgspec.json.encode(found)))

    return run


def nearest(name: str, known: Any) -> str | None:
    """The known name that was probably meant."""
    from difflib import get_close_matches

    alike = [one for one in known if abs(len(one) - len(name)) <= 3]
    return next(iter(get_close_matches(name, alike, n=1, cutoff=0.75)), None) if len(name) <= 60 else None


def _meant(key: str, known: Any) -> str:
    guess = nearest(key, known)
    return f'; did you mean "{guess}"?' if guess is not None else ""


def _collect(judge: Judge, found: Any, at: str, problems: list[Problem]) -> None:
    try:
        judge(found)
    except Wrong as wrong:
        if len(problems) < MOST:
            problems.append(Problem(wrong.detail, pointer=at, code=wrong.code))


def size_judge(limits: Limits, unit: str) -> Judge:
    """The bounds of a length, in characters, bytes, items or keys."""
    low, high = limits.min_length, limits.max_length

    def run(found: Any) -> None:
        if low is not None and len(found) < low:
            raise Wrong(f"must have at least {low} {unit}" if low > 1 else "must not be empty", "min-length")
        if high is not None and len(found) > high:
            raise Wrong(f"must have at most {high} {unit}", "max-length")

    return run


def leaf_judge(leaf: Leaf) -> Judge:
    """One scalar's test over its parsed JSON form."""
    limits = leaf.limits
    match leaf.kind:
        case Kind.TEXT:
            return _text(leaf)
        case Kind.INT:
            return _number(_EXPECTED[Kind.INT], (int,), limits, int_bounds(limits))
        case Kind.FLOAT:
            return _number(_EXPECTED[Kind.FLOAT], (int, Decimal), limits, None)
        case Kind.DECIMAL:
            return _decimal(limits)
        case Kind.ENUM:
            return _choice(leaf.python)
        case Kind.JSON:
            return _json(leaf)
        case _:
            return _converted(leaf)


def _text(leaf: Leaf) -> Judge:
    limits, finish, size = leaf.limits, finisher(leaf), size_judge(leaf.limits, "characters")
    convert = wire_type(Leaf(kind=Kind.TEXT, limits=Limits(pattern=limits.pattern)))

    def run(found: Any) -> None:
        if not isinstance(found, str):
            raise Wrong(_EXPECTED[Kind.TEXT], "type")
        size(found)
        try:
            msgspec.convert(found, convert)
        except msgspec.ValidationError:
            raise Wrong(f"must match the pattern {limits.pattern}", "pattern") from None
        if finish is not None:
            finish(found)

    return run


def _number(expected: str, types: tuple[type, ...], limits: Limits, bounds: tuple[int, int] | None) -> Judge:
    checks = bound_checks(limits)

    def run(found: Any) -> None:
        if type(found) not in types:
            raise Wrong(expected, "type")
        for test, detail, code in checks:
            if not test(found):
                raise Wrong(detail, code)
        if bounds is not None and not bounds[0] <= found <= bounds[1]:
            raise Wrong("must fit 64 bits", "maximum" if found > 0 else "minimum")
        if bounds is None and abs(found) > 1.7976931348623157e308:
            raise Wrong("must fit a double precision number", "maximum")

    return run


def _decimal(limits: Limits) -> Judge:
    check = decimal_check(limits)

    def run(found: Any) -> None:
        if isinstance(found, str):
            check(decimal_of(found))
        elif type(found) in (int, Decimal):
            check(Decimal(found))
        else:
            raise Wrong('must be a decimal number, for example "12.50"', "type")

    return run


def choices(kind: Any) -> tuple[Any, ...]:
    """The values of an Enum or a Literal."""
    return tuple(m.value for m in kind) if isinstance(kind, type) and issubclass(kind, Enum) else get_args(kind)


def _choice(kind: Any) -> Judge:
    allowed = choices(kind)
    text = ", ".join(map(str, allowed[:20])) + (", ..." if len(allowed) > 20 else "")

    def run(found: Any) -> None:
        if type(found) not in (str, int) or found not in allowed:
            raise Wrong(f"must be one of: {text}", "choice")

    return run


def _json(leaf: Leaf) -> Judge:
    finish = finisher(leaf)

    def run(found: Any) -> None:
        if leaf.python is dict and not isinstance(found, dict):
            raise Wrong(_EXPECTED[Kind.JSON], "type")
        if finish is not None:
            finish(found)

    return run


def _converted(leaf: Leaf) -> Judge:
    """Dates, times, UUIDs, base64 and booleans are judged by msgspec itself."""
    wanted, finish, expected = wire_type(Leaf(kind=leaf.kind, python=leaf.python)), finisher(leaf), _EXPECTED[leaf.kind]
    size = size_judge(leaf.limits, "bytes")

    def run(found: Any) -> None:
        try:
            value = msgspec.convert(found, wanted)
        except msgspec.ValidationError:
            raise Wrong(expected, "type" if not isinstance(found, str) else "format") from None
        if leaf.kind is Kind.BYTES:
            size(value)
        if finish is not None:
            finish(value)

    return run
