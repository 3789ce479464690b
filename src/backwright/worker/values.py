"""Does a value fit a schema? Used on defaults and examples, where it must be said in a sentence. Pure."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, cast
from uuid import UUID

from backwright.worker.design import Design, Schema

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int | float) and not isinstance(v, bool) and v == int(v) if _finite(v) else False,
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
}
_FORMATS: dict[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": lambda text: datetime.fromisoformat(text) if re.match(r"\d{4}-\d\d-\d\d[Tt ].*([zZ]|[-+]\d\d:\d\d)$", text) else _no(text),
    "time": time.fromisoformat,
    "uuid": lambda text: UUID(text) if len(text) == 36 else _no(text),
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+", text) or _no(text),
}
MAX_DEPTH = 60


def misfits(design: Design, schema: Schema, value: Any, at: str = "", depth: int = 0) -> list[str]:
    """What keeps the value from fitting, one sentence each with its JSON pointer; nothing if it fits."""
    if depth > MAX_DEPTH:
        return []
    whole = design.whole(schema)
    if value is None:
        return (
            []
            if whole.nullable or not (whole.types or whole.enum or whole.one_of or whole.any_of) or _some_null(design, whole)
            else [f"{_at(at)}null is not allowed"]
        )
    if whole.types and not any(_TYPES[one](value) for one in whole.types):
        return [f"{_at(at)}{_short(value)} is not of type {' or '.join(whole.types)}"]
    return _enum(whole, value, at) + _inside(design, whole, value, at, depth) + _branches(design, whole, value, at, depth)


def _inside(design: Design, whole: Schema, value: Any, at: str, depth: int) -> list[str]:
    if isinstance(value, str):
        return _text(whole, value, at)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(whole, value, at)
    if isinstance(value, list):
        return _list(design, whole, cast(list[Any], value), at, depth)  # type: ignore[redundant-cast]  # pyright needs it
    return _object(design, whole, cast(dict[str, Any], value), at, depth) if isinstance(value, dict) else []


def _enum(schema: Schema, value: Any, at: str) -> list[str]:
    same = any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in schema.enum)
    return [] if not schema.enum or same else [f"{_at(at)}{_short(value)} is not one of {', '.join(map(_short, schema.enum))}"]


def _text(schema: Schema, value: str, at: str) -> list[str]:
    found: list[str] = []
    if schema.min_length is not None and len(value) < schema.min_length:
        found.append(f"{_at(at)}{_short(value)} is shorter than {schema.min_length}")
    if schema.max_length is not None and len(value) > schema.max_length:
        found.append(f"{_at(at)}{_short(value)} is longer than {schema.max_length}")
    if schema.pattern is not None and _cheap(schema.pattern) and re.search(schema.pattern, value[:1000]) is None:
        found.append(f"{_at(at)}{_short(value)} does not match {schema.pattern}")
    if (check := _FORMATS.get(schema.format)) is not None:
        try:
            check(value)
        except ValueError:
            found.append(f"{_at(at)}{_short(value)} is not a {schema.format}")
    return found


def _number(schema: Schema, value: int | float, at: str) -> list[str]:
    found: list[str] = []
    if schema.minimum is not None and value < schema.minimum:
        found.append(f"{_at(at)}{value} is less than {schema.minimum}")
    if schema.maximum is not None and value > schema.maximum:
        found.append(f"{_at(at)}{value} is more than {schema.maximum}")
    if schema.exclusive_minimum is not None and value <= schema.exclusive_minimum:
        found.append(f"{_at(at)}{value} is not more than {schema.exclusive_minimum}")
    if schema.exclusive_maximum is not None and value >= schema.exclusive_maximum:
        found.append(f"{_at(at)}{value} is not less than {schema.exclusive_maximum}")
    if schema.multiple_of is not None and abs(value / schema.multiple_of - round(value / schema.multiple_of)) > 1e-9:
        found.append(f"{_at(at)}{value} is not a multiple of {schema.multiple_of}")
    return found


def _list(design: Design, schema: Schema, value: list[Any], at: str, depth: int) -> list[str]:
    found: list[str] = []
    if schema.min_items is not None and len(value) < schema.min_items:
        found.append(f"{_at(at)}{len(value)} items are fewer than {schema.min_items}")
    if schema.max_items is not None and len(value) > schema.max_items:
        found.append(f"{_at(at)}{len(value)} items are more than {schema.max_items}")
    if schema.items is not None:
        for index, item in enumerate(value):
            found += misfits(design, schema.items, item, f"{at}/{index}", depth + 1)
    return found


def _object(design: Design, schema: Schema, value: dict[str, Any], at: str, depth: int) -> list[str]:
    known = {p.name: p.schema for p in schema.properties}
    found: list[str] = []
    hidden = {name for name, inner in known.items() if (seen := design.whole(inner)).write_only or seen.read_only}
    found += [f"{_at(at)}{name} is missing" for name in schema.required if name not in value and name not in hidden]
    for name, item in value.items():
        if name in known:
            found += misfits(design, known[name], item, f"{at}/{name}", depth + 1)
        elif schema.additional is False:
            found.append(f"{_at(at)}{name} is not a property")
        elif isinstance(schema.additional, Schema):
            found += misfits(design, schema.additional, item, f"{at}/{name}", depth + 1)
    return found


def _branches(design: Design, schema: Schema, value: Any, at: str, depth: int) -> list[str]:
    found: list[str] = []
    for word, branches in (("oneOf", schema.one_of), ("anyOf", schema.any_of)):
        if branches and all(misfits(design, branch, value, at, depth + 1) for branch in branches):
            found.append(f"{_at(at)}{_short(value)} fits no branch of {word}")
    if schema.not_ is not None and not misfits(design, schema.not_, value, at, depth + 1):
        found.append(f"{_at(at)}{_short(value)} is what not excludes")
    return found


def _some_null(design: Design, schema: Schema) -> bool:
    return any(not misfits(design, branch, None, depth=MAX_DEPTH - 2) for branch in (*schema.one_of, *schema.any_of))


def _cheap(pattern: str) -> bool:
    """Not a repetition of a repetition, which a short text can keep busy for years."""
    return re.search(r"[+*}]\??\)[+*{]", pattern) is None


def _finite(value: Any) -> bool:
    return not isinstance(value, float) or value - value == 0


def _no(text: str) -> object:
    raise ValueError(text)


def _at(pointer: str) -> str:
    return f"{pointer}: " if pointer else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
