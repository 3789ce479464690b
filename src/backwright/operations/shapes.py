"""The shape of an input: one small tree read from a model or a signature, from which decoder, checks and schema are compiled."""

import dataclasses
import inspect
import typing
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union
from uuid import UUID

import msgspec

from backwright.domain.entity import Entity
from backwright.domain.fields import Doc, Id, Limits, Mark, Point, Range, Wire
from backwright.domain.model import Field, Kind, Model

NOTHING = msgspec.NODEFAULT
FREE = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One scalar: any kind but lists, ranges and points. A reference is a leaf of its target's id type."""

    kind: Kind
    python: Any = None
    """The Python type of the value; for an enumeration the Enum or the Literal."""
    limits: Limits = FREE
    optional: bool = False
    target: type[Entity] | None = None
    number: bool = False
    """A decimal that is shown as a JSON number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A JSON array. ``build`` makes the value that the function asked for (a set, a tuple)."""

    element: "Shape"
    limits: Limits = FREE
    distinct: bool = False
    optional: bool = False
    build: Callable[[list[Any]], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """A JSON object whose keys are data: ``dict[Id[Book], Copies]``."""

    key: Leaf
    value: "Shape"
    limits: Limits = FREE
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One key of an object: ``name`` in Python, ``wire`` in JSON."""

    name: str
    wire: str
    shape: "Shape"
    default: Any = NOTHING
    default_factory: Any = NOTHING
    doc: str = ""
    example: Any = None
    maybe: bool = False
    """Answers leave it out while it is null."""
    read_only: bool = False
    """Clients may send back what they were shown; it is read, and not used."""

    @property
    def required(self) -> bool:
        return self.default is NOTHING and self.default_factory is NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectOf:
    """A JSON object with known keys. ``build`` is the user's class, called with keywords; None keeps the generated one."""

    name: str
    members: tuple[Member, ...]
    build: Callable[..., Any] | None = None
    partial: bool = False
    """A merge patch (RFC 7396): no key is required, an absent one is `msgspec.UNSET`."""
    interval: bool = False
    """A Range: lower must not exceed upper."""
    optional: bool = False
    doc: str = ""


Shape = Leaf | ListOf | MapOf | ObjectOf

_LEAVES: dict[Any, Kind] = {
    str: Kind.TEXT, int: Kind.INT, float: Kind.FLOAT, Decimal: Kind.DECIMAL, bool: Kind.BOOL, date: Kind.DATE, time: Kind.TIME,
    datetime: Kind.DATETIME, timedelta: Kind.DURATION, UUID: Kind.UUID, bytes: Kind.BYTES, Any: Kind.JSON, dict: Kind.JSON,
}  # fmt: skip
_COLLECTIONS: dict[Any, Callable[[list[Any]], Any] | None] = {list: None, tuple: tuple, set: set, frozenset: frozenset}
_KEYS = {Kind.TEXT, Kind.INT, Kind.UUID, Kind.DATE, Kind.ENUM}
_READABLE = "a scalar, Id, Enum, list, dict, Range, Point, dataclass or Struct"
POINT = ObjectOf(
    name="Point",
    members=tuple(Member(name=n, wire=n, shape=Leaf(kind=Kind.FLOAT, python=float)) for n in ("x", "y")),
    build=Point,
    doc=inspect.cleandoc(Point.__doc__ or ""),
)


class Unreadable(Exception):
    """A type that no input can have. The message says which and what to use instead."""


def merged(limits: Iterable[Any]) -> Limits:
    """The limits among the marks of an annotation, later ones winning."""
    found = Limits()
    for mark in limits:
        if isinstance(mark, Limits):
            given = {n: v for n in Limits.__slots__ if (v := getattr(mark, n)) is not None}
            found = replace(found, **given)
    return found


def with_null(shape: Shape) -> Shape:
    """The same, with null allowed."""
    return replace(shape, optional=True)


def range_of(element: Any, model: Model) -> ObjectOf:
    """The shape of ``Range[element]``: both ends may be absent or null."""
    end = with_null(shape_of(element, model))
    title = getattr(typing.get_origin(element) or element, "__name__", "Value").title()
    ends = tuple(Member(name=n, wire=n, shape=end, default=None) for n in ("lower", "upper"))
    return ObjectOf(name=f"{title}Range", members=ends, build=Range, interval=True, doc=inspect.cleandoc(Range.__doc__ or ""))


def field_shape(field: Field, model: Model) -> Shape:
    """The shape of a field's value as clients send it."""
    shape: Shape
    if field.kind is Kind.MANY:
        shape = ListOf(element=Leaf(kind=_id_kind(field.type), python=field.type, target=field.target), limits=field.limits, distinct=True)
    elif field.kind is Kind.REFERENCE:
        shape = Leaf(kind=_id_kind(field.type), python=field.type, target=field.target)
    elif field.kind is Kind.LIST:
        shape = ListOf(element=shape_of(field.element if field.element is not None else Any, model), limits=field.limits)
    elif field.kind is Kind.RANGE:
        shape = range_of(field.element, model)
    elif field.kind is Kind.POINT:
        shape = POINT
    elif field.kind is Kind.JSON and field.type not in _LEAVES:
        shape = shape_of(field.type, model)
    else:
        shape = Leaf(kind=field.kind, python=field.type, limits=field.limits, number=field.wire_number)
    return with_null(shape) if field.optional else shape


def _id_kind(id_type: Any) -> Kind:
    return Kind.INT if id_type is int else Kind.UUID


def shape_of(hint: Any, model: Model, above: tuple[Any, ...] = ()) -> Shape:
    """The shape of a type as users write it in a signature. Raises `Unreadable`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _annotated(hint, model, above)
    if origin in (Union, UnionType):
        rest = [a for a in arguments if a is not type(None)]
        if len(rest) == len(arguments) or len(rest) != 1:
            raise Unreadable(f"{hint} is a union; only 'X | None' can be read")
        return with_null(shape_of(rest[0], model, above))
    if origin is Literal:
        return Leaf(kind=Kind.ENUM, python=hint)
    if origin is Id:
        return _reference(arguments[0], model)
    if (origin or hint) in _COLLECTIONS:
        collection = origin or hint
        return ListOf(
            element=shape_of(arguments[0] if arguments else Any, model, above),
            build=_COLLECTIONS[collection],
            distinct=collection in (set, frozenset),
        )
    if origin is dict:
        return _mapping(arguments, model, above)
    if origin is Range:
        return range_of(arguments[0], model)
    return _plain(hint, model, above)


def _reference(target: Any, model: Model) -> Leaf:
    if target not in model:
        raise Unreadable(f"Id[{getattr(target, '__name__', target)}] names an entity that is not served")
    id_type = model[target].id_type
    return Leaf(kind=_id_kind(id_type), python=id_type, target=target)


def _mapping(arguments: tuple[Any, ...], model: Model, above: tuple[Any, ...]) -> Shape:
    key, value = shape_of(arguments[0], model, above), shape_of(arguments[1], model, above)
    if isinstance(key, Leaf) and key.kind is Kind.TEXT and value == Leaf(kind=Kind.JSON, python=Any):
        return Leaf(kind=Kind.JSON, python=dict)
    if not isinstance(key, Leaf) or key.kind not in _KEYS or key.optional:
        raise Unreadable("a dict's keys must be str, int, date, UUID, Id[...] or an Enum")
    return MapOf(key=key, value=value)


def _annotated(hint: Any, model: Model, above: tuple[Any, ...]) -> Shape:
    shape = shape_of(hint.__origin__, model, above)
    limits = merged(hint.__metadata__)
    if any(isinstance(m, Mark) and m.word == "many" for m in hint.__metadata__) and isinstance(shape, ListOf):
        shape = replace(shape, distinct=True)
    if isinstance(shape, ObjectOf):
        return shape
    if isinstance(shape, Leaf) and any(isinstance(m, Wire) and m.number for m in hint.__metadata__):
        shape = replace(shape, number=True)
    return replace(shape, limits=merged((shape.limits, limits)))


def _plain(hint: Any, model: Model, above: tuple[Any, ...]) -> Shape:
    if hint in _LEAVES:
        return Leaf(kind=_LEAVES[hint], python=hint)
    if hint is Point:
        return POINT
    if not isinstance(hint, type):
        raise Unreadable(f"{hint} cannot be read from JSON; use {_READABLE}")
    cls: type[Any] = hint
    if issubclass(cls, Enum):
        if {type(m.value) for m in cls} not in ({str}, {int}):
            raise Unreadable(f"{cls.__name__} mixes kinds of values; all must be str, or all int")
        return Leaf(kind=Kind.ENUM, python=cls)
    if cls in above:
        raise Unreadable(f"{cls.__name__} contains itself")
    if issubclass(cls, Entity) and cls in model:
        return replace(entity_shape(model, cls, f"New{cls.__name__}"), build=cls)
    if issubclass(cls, msgspec.Struct) or dataclasses.is_dataclass(cls):
        return _class_shape(cls, model, (*above, cls))
    raise Unreadable(f"{cls.__name__} cannot be read from JSON; use {_READABLE}")


def _class_shape(cls: type[Any], model: Model, above: tuple[Any, ...]) -> ObjectOf:
    hints = typing.get_type_hints(cls, include_extras=True)
    if issubclass(cls, msgspec.Struct):
        infos = msgspec.structs.fields(cls)
        members = [member(f.name, hints[f.name], model, f.default, f.default_factory, f.encode_name, above) for f in infos]
    else:
        plain = [f for f in dataclasses.fields(cls) if f.init]
        members = [member(f.name, hints[f.name], model, _given(f.default), _given(f.default_factory), None, above) for f in plain]
    doc = cls.__dict__.get("__doc__") or ""
    return ObjectOf(
        name=cls.__name__, members=tuple(members), build=cls, doc="" if doc.startswith(f"{cls.__name__}(") else inspect.cleandoc(doc)
    )


def _given(default: Any) -> Any:
    return NOTHING if default is dataclasses.MISSING else default


def member(
    name: str, hint: Any, model: Model, default: Any = NOTHING, factory: Any = NOTHING, wire: str | None = None, above: tuple[Any, ...] = ()
) -> Member:
    """One parameter or attribute. Its key is the given one, `Wire`'s, ``<name>_id`` for a reference, or its own name."""
    marks = hint.__metadata__ if typing.get_origin(hint) is Annotated else ()
    shape = shape_of(hint, model, above)
    doc = next((m for m in marks if isinstance(m, Doc)), Doc(""))
    key = next((m.name for m in marks if isinstance(m, Wire)), None)
    if key is None and wire not in (None, name):
        key = wire
    if key is None and isinstance(shape, Leaf) and shape.target is not None and name != "id" and not name.endswith("_id"):
        key = f"{name}_id"
    maybe = shape.optional and any(isinstance(m, Mark) and m.word == "maybe" for m in marks)
    return Member(
        name=name, wire=key or name, shape=shape, default=default, default_factory=factory, doc=doc.text, example=doc.example, maybe=maybe
    )


def field_member(field: Field, model: Model) -> Member:
    """One writable field as a key of a create body."""
    default, factory = field.default, field.default_factory
    if default is NOTHING and factory is NOTHING and field.optional:
        default = None
    if default is NOTHING and factory is NOTHING and field.kind is Kind.MANY:
        factory = list
    return Member(
        name=field.name,
        wire=field.wire,
        shape=field_shape(field, model),
        default=default,
        default_factory=factory,
        doc=field.doc,
        example=field.example,
    )


def entity_shape(
    model: Model,
    entity: type[Entity],
    name: str,
    *,
    parts: Collection[type[Entity]] = (),
    without: Collection[str] = (),
    partial: bool = False,
) -> ObjectOf:
    """What a client may send for an entity: its writable fields, and the writable parts as lists under their wire names."""
    members = [field_member(f, model) for f in model[entity].fields if f.writable and f.name not in without]
    for part in model[entity].parts:
        if part.entity in parts:
            inner = entity_shape(model, part.entity, f"New{part.entity.__name__}", parts=parts, without={part.field})
            members.append(Member(name=part.wire, wire=part.wire, shape=ListOf(element=inner), default_factory=list))
    if partial:
        members = [replace(m, default=msgspec.UNSET, default_factory=NOTHING) for m in members]
    return ObjectOf(name=name, members=tuple(members), partial=partial, doc=model[entity].doc)
