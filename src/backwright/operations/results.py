"""What a function returns, in the forms of the wire: compiled from its declared result, so that a request only runs it."""

import base64
import inspect
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast
from uuid import UUID

import msgspec

from backwright.domain.entity import Entity
from backwright.domain.mistakes import DeclarationError, Mistake
from backwright.domain.model import Kind, Model
from backwright.operations.answers import File, Html, Json, Redirect, Stream, Text
from backwright.operations.shapes import Leaf, ListOf, MapOf, Member, ObjectOf, Shape, Unreadable, shape_of, with_null

Plain = Callable[[Any], Any]
ANSWERS: tuple[type[Any], ...] = (Json, Text, Html, File, Stream, Redirect)
ANYTHING = Leaf(kind=Kind.JSON, python=Any, optional=True)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a function can answer, as its annotation says."""

    entity: type[Entity] | None = None
    """The database writes its representation."""
    many: bool = False
    """A list of that entity."""
    shape: Shape | None = None
    """A plain value."""
    answers: tuple[type[Any], ...] = ()
    """Text, files and so on."""
    nothing: bool = False
    """It may return None."""


def result_of(function: Callable[..., Any], model: Model, naming: Callable[[str], str] = str) -> Result:
    """The result of a function under a contract's names. Raises `DeclarationError` for a type that cannot be sent."""
    hints = typing.get_type_hints(function, include_extras=True)
    if "return" not in hints:
        return Result(shape=ANYTHING, nothing=True)
    try:
        return _result(hints["return"], model, naming)
    except Unreadable as reason:
        code = inspect.unwrap(function).__code__
        mend = (
            "Return an entity, a list of one entity, a scalar, a list or dict of scalars, a dataclass, a Struct, or Text, File, Html, ..."
        )
        mistake = Mistake(code.co_filename, code.co_firstlineno, f"{function.__name__} cannot return this: {reason}.", mend)
        raise DeclarationError([mistake]) from None


def _result(hint: Any, model: Model, naming: Callable[[str], str]) -> Result:
    options = [*typing.get_args(hint)] if typing.get_origin(hint) in (Union, UnionType) else [hint]
    answers = tuple(a for a in options if a in ANSWERS)
    rest = [a for a in options if a not in ANSWERS and a is not NoneType]
    nothing = NoneType in options or hint is None
    if len(rest) > 1:
        raise Unreadable("its annotation offers several types besides None and answers such as Text")
    if not rest:
        return Result(answers=answers, nothing=nothing)
    one = rest[0]
    if isinstance(one, type) and issubclass(one, Entity):
        return Result(entity=one, answers=answers, nothing=nothing)
    inner = typing.get_args(one)
    if typing.get_origin(one) is list and isinstance(inner[0], type) and issubclass(inner[0], Entity):
        return Result(entity=inner[0], many=True, answers=answers, nothing=nothing)
    return Result(shape=sent(_checked(one, model), naming), answers=answers, nothing=nothing)


def _checked(hint: Any, model: Model) -> Shape:
    _no_entities(hint, set())
    return shape_of(hint, model)


def _no_entities(hint: Any, seen: set[Any]) -> None:
    """Entities are represented by the database, whole; inside another value they would leave past the rules of reading."""
    if isinstance(hint, type):
        if issubclass(hint, Entity):
            raise Unreadable(
                f"{hint.__name__} is an entity inside another value; return it alone or in a list, or name its fields in a Struct"
            )
        cls = cast("type[Any]", hint)
        if cls not in seen and (issubclass(cls, msgspec.Struct) or hasattr(cls, "__dataclass_fields__")):
            seen.add(cls)
            for inner in typing.get_type_hints(cls, include_extras=True).values():
                _no_entities(inner, seen)
        return
    arguments = typing.get_args(hint)
    if getattr(typing.get_origin(hint), "__name__", "") in ("Id", "Literal"):
        return
    for inner in arguments[:1] if typing.get_origin(hint) is Annotated else arguments:
        _no_entities(inner, seen)


def sent(shape: Shape, naming: Callable[[str], str]) -> Shape:
    """The shape under the contract's names; a Struct that renames itself keeps its own."""
    match shape:
        case ObjectOf():
            own = isinstance(shape.build, type) and issubclass(shape.build, msgspec.Struct) and _renames_itself(shape.build)
            name = str if own else naming
            return replace(shape, members=tuple(_member(m, name, naming) for m in shape.members))
        case ListOf():
            return replace(shape, element=sent(shape.element, naming))
        case MapOf():
            return replace(shape, value=sent(shape.value, naming))
        case Leaf():
            return shape


def _member(m: Member, name: Callable[[str], str], naming: Callable[[str], str]) -> Member:
    return replace(m, wire=name(m.wire), shape=sent(m.shape, naming))


def _renames_itself(cls: type[msgspec.Struct]) -> bool:
    return any(f.name != f.encode_name for f in msgspec.structs.fields(cls))


# --- values -----------------------------------------------------------------------------------------------------------


def encoder_of(shape: Shape) -> Callable[[Any], bytes]:
    """A function from a value to its JSON. A value that is not of the shape is a fault (``TypeError``)."""
    plain, encode = plainer(shape), msgspec.json.Encoder(enc_hook=loose).encode
    return lambda value: encode(plain(value))


def plainer(shape: Shape) -> Plain:
    """A function from a value of the shape to what its JSON is made of."""
    make: Plain
    match shape:
        case Leaf():
            make = _leaf(shape)
        case ListOf():
            each = plainer(shape.element)
            make = lambda found: [each(item) for item in found]  # noqa: E731
        case MapOf():
            key, each_value = plainer(shape.key), plainer(shape.value)
            make = lambda found: {_key(key(k)): each_value(v) for k, v in found.items()}  # noqa: E731
        case ObjectOf():
            make = _object(shape)
    return lambda found: None if found is None else make(found)


def _object(shape: ObjectOf) -> Plain:
    steps = tuple((m.name, m.wire, plainer(m.shape)) for m in shape.members)
    if not (maybe := frozenset(m.wire for m in shape.members if m.maybe)):
        return lambda found: {wire: plain(getattr(found, name)) for name, wire, plain in steps}

    def plain_object(found: Any) -> dict[str, Any]:
        made = {wire: plain(getattr(found, name)) for name, wire, plain in steps}
        return {wire: value for wire, value in made.items() if value is not None or wire not in maybe}

    return plain_object


def _key(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _leaf(leaf: Leaf) -> Plain:
    match leaf.kind:
        case Kind.DECIMAL:
            step = Decimal(1).scaleb(-(4 if leaf.limits.scale is None else leaf.limits.scale))
            return (lambda found: float(found)) if leaf.number else lambda found: f"{Decimal(found).quantize(step):f}"
        case Kind.DATETIME | Kind.TIME | Kind.DURATION | Kind.ENUM | Kind.BYTES | Kind.UUID | Kind.DATE | Kind.JSON:
            return loose
        case _:
            return _same


def _same(value: Any) -> Any:
    return value


def loose(value: Any) -> Any:
    """A value in its wire form by its own type, where no declaration says more."""
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value)
    return value


def _entries(found: dict[Any, Any]) -> dict[str, Any]:
    return {_key(loose(key)): loose(value) for key, value in found.items()}


def _items(found: Iterable[Any]) -> list[Any]:
    return [loose(item) for item in found]


def _refused(row: Entity) -> Any:
    raise TypeError(f"{type(row).__name__} is an entity inside a value that says nothing of it")


def moment(value: datetime) -> str:
    """A time in UTC with microseconds: ``2026-11-21T21:55:00.123456Z``. A time without zone is a fault (``ValueError``)."""
    if value.tzinfo is None:
        raise ValueError("a datetime without time zone was returned")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def duration(value: timedelta) -> str:
    """ISO 8601 in seconds: ``PT90S``, ``-PT1.500000S``."""
    micros = value // _MICROSECOND
    seconds, rest = divmod(abs(micros), 1_000_000)
    return f"{'-' if micros < 0 else ''}PT{seconds}{f'.{rest:06d}' if rest else ''}S"


_FORMS: tuple[tuple[Any, Plain], ...] = (
    (Enum, lambda found: found.value),
    (datetime, moment),
    (timedelta, duration),
    (time, time.isoformat),
    (Decimal, lambda found: f"{found:f}"),
    (UUID, str),
    (bytes, lambda found: base64.b64encode(found).decode()),
    (dict, _entries),
    ((list, tuple, set, frozenset), _items),
    (Entity, _refused),
)


def optional_shape(result: Result) -> Shape | None:
    """The shape of the plain value, null allowed where the function may return None."""
    return with_null(result.shape) if result.shape is not None and result.nothing else result.shape
