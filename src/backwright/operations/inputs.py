"""Bodies → typed inputs: one decoder per operation, built at start. Good bodies cost microseconds; bad ones get every reason."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from backwright.domain.entity import Entity
from backwright.domain.fields import Limits
from backwright.domain.model import Kind, Model
from backwright.domain.refusals import Invalid, Problem, TooLarge
from backwright.operations.explaining import explainer
from backwright.operations.finishing import object_finisher
from backwright.operations.formats import Wrong
from backwright.operations.prescan import InputLimits, read_exactly
from backwright.operations.shapes import Leaf, ListOf, MapOf, Member, ObjectOf, Shape, entity_shape
from backwright.operations.signatures import call_members
from backwright.operations.wire_types import object_type

Doubt = Callable[[bytes, Any], bool]


@dataclass(frozen=True)
class Input:
    """What an operation takes: its shape (for the schema) and the Struct its values have (attributes by Python name)."""

    shape: ObjectOf

    @property
    def name(self) -> str:
        return self.shape.name

    @cached_property
    def struct(self) -> type[msgspec.Struct]:
        """The generated msgspec type."""
        return object_type(self.shape)

    def given(self, value: msgspec.Struct) -> dict[str, Any]:
        """The values by Python name, without what a patch leaves alone."""
        unset = msgspec.UNSET
        return {name: found for name in self._used if (found := getattr(value, name)) is not unset}

    @cached_property
    def _used(self) -> tuple[str, ...]:
        return tuple(m.name for m in self.shape.members if not m.read_only)


def create_type(model: Model, entity: type[Entity], *, parts: Collection[type[Entity]] = (), without: Collection[str] = ()) -> Input:
    """What creates a row: every writable field but those in ``without``; rows of ``parts`` as lists under their wire names."""
    return Input(entity_shape(model, entity, f"New{entity.__name__}", parts=parts, without=without))


def replace_type(model: Model, entity: type[Entity], *, without: Collection[str] = ()) -> Input:
    """What a PUT takes: as creation; what is absent goes back to its default."""
    return Input(entity_shape(model, entity, f"Whole{entity.__name__}", without=without))


def patch_type(model: Model, entity: type[Entity], *, without: Collection[str] = ()) -> Input:
    """A JSON merge patch (RFC 7396): absent is `msgspec.UNSET`; null only where the field is optional."""
    return Input(entity_shape(model, entity, f"{entity.__name__}Patch", without=without, partial=True))


def call_type(function: Callable[..., Any], model: Model, *, without: Collection[str] = ()) -> Input:
    """What a call of an operation takes: its parameters after the first, but those in ``without`` (taken from path or query).

    Raises `DeclarationError` naming every parameter whose type cannot be read.
    """
    return input_of("".join(word.title() for word in function.__name__.split("_")), call_members(function, model, without))


def input_of(name: str, members: tuple[Member, ...]) -> Input:
    """An input from members picked by hand."""
    return Input(ObjectOf(name=name, members=members))


class Decoder:
    """Decodes the JSON bodies of one operation."""

    def __init__(self, type: Input, limits: InputLimits = InputLimits()) -> None:
        self.input, self.limits = type, limits
        self._read = msgspec.json.Decoder(type.struct).decode
        self._finish = object_finisher(type.shape)
        self._doubtful = doubt(type.shape)
        self._explains_always = _holds_map(type.shape)

    @cached_property
    def _explain(self) -> Callable[[Any, str, list[Problem]], None]:
        return explainer(self.input.shape)

    def decode(self, body: bytes) -> Any:
        """The input, as an instance of ``input.struct``. Decimals are exact, moments are in UTC.

        Raises `TooLarge`, `Malformed` (400: it cannot be read) or `Invalid` (422: with all problems, at most 50).
        """
        if len(body) > self.limits.max_bytes:
            raise TooLarge(limit=self.limits.max_bytes)
        try:
            value = self._read(body)
            if self._doubtful(body, value):
                self._judge(body, self._explains_always)
            return value if self._finish is None else self._finish(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Wrong) as reason:
            refused = reason
        self._judge(body, True)
        raise Invalid(problems=(_fallback(refused),))

    def _judge(self, body: bytes, explain: bool) -> None:
        """Raise whatever is wrong with the body, as far as it shows outside the fast path."""
        document = read_exactly(body, self.limits)
        problems: list[Problem] = []
        if explain:
            self._explain(document, "", problems)
        if problems:
            raise Invalid(problems=tuple(problems))


class BatchDecoder:
    """Decodes JSON arrays of one input; problems are told with their place: ``/3/price``."""

    def __init__(self, type: Input, limits: InputLimits, most: int) -> None:
        self._limits, self._most = limits, most
        self._read = msgspec.json.Decoder(list[type.struct]).decode  # type: ignore[name-defined]
        self._finish = object_finisher(type.shape)
        self._keys = _keys(ListOf(element=type.shape))
        self._explain = explainer(ListOf(element=type.shape, limits=Limits(min_length=1, max_length=most)))

    def decode(self, body: bytes) -> list[Any]:
        """The inputs in order. Raises `TooLarge`, `Malformed`, `Invalid` (an empty batch, or one of too many, among others)."""
        if len(body) > self._limits.max_bytes:
            raise TooLarge(limit=self._limits.max_bytes)
        try:
            values = self._read(body)
            if not 0 < len(values) <= self._most or b"\\u" in body or body.count(b":") != self._keys(values):
                self._judge(body)
            return values if self._finish is None else [self._finish(value) for value in values]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Wrong) as reason:
            refused = reason
        self._judge(body)
        raise Invalid(problems=(_fallback(refused),))

    def _judge(self, body: bytes) -> None:
        problems: list[Problem] = []
        self._explain(read_exactly(body, self._limits), "", problems)
        if problems:
            raise Invalid(problems=tuple(problems))


def _fallback(reason: Exception) -> Problem:
    """The two paths disagree: say what the fast one said."""
    if isinstance(reason, Wrong):
        return Problem(reason.detail, pointer="", code=reason.code)
    sentence, _, place = str(reason).partition(" - at `$")
    return Problem(sentence, pointer=re.sub(r"[.\[]", "/", place).replace("]", "").rstrip("`"), code="type")


def doubt(shape: ObjectOf) -> Doubt:
    """A cheap test that is true whenever the body may hold what msgspec lets pass: duplicate keys, NUL, too many levels.

    Without ``\\u`` every key stands in the body as it is spelled, so in a flat object a duplicate shows as a second ``"name"``.
    Where objects are nested, the colons of the body are counted against the keys that were certainly found.
    """
    names = tuple(f'"{m.wire}"'.encode() for m in shape.members)
    nested = tuple((m.name, _keys(m.shape)) for m in shape.members if not _flat(m.shape))
    required = sum(m.required for m in shape.members)
    free = any(_free(m.shape) for m in shape.members)
    unset = msgspec.UNSET

    def doubtful(body: bytes, value: Any) -> bool:
        if b"\\u" in body:
            return True
        count, keys, deep = body.count, required, False
        if count(b":") == required and not free:
            return False
        for name, keys_of in nested:
            found = getattr(value, name)
            if found and found is not unset:
                certain = keys_of(found)
                if certain < 0:
                    return True
                keys, deep = keys + certain, True
        if deep:
            return count(b":") != keys
        for quoted in names:  # noqa: SIM110  # a generator costs twice as much here
            if count(quoted) > 1:
                return True
        return False

    return doubtful


def _flat(shape: Shape) -> bool:
    """Holds no object in its JSON."""
    if isinstance(shape, ListOf):
        return _flat(shape.element)
    return isinstance(shape, Leaf) and shape.kind is not Kind.JSON


def _keys(shape: Shape) -> Callable[[Any], int]:
    """How many keys the JSON of a value had at the least; -1 where that cannot be said."""
    match shape:
        case MapOf() if _flat(shape.value):
            return len
        case ObjectOf() if not _free(shape):
            required = sum(m.required for m in shape.members)
            return lambda value: required
        case ListOf(element=ObjectOf() as item) if not item.optional and not _free(item):
            each = sum(m.required for m in item.members)
            return lambda value: each * len(value)
        case _:
            return lambda value: -1


def _free(shape: Shape) -> bool:
    """Holds JSON of any shape, and so of any depth."""
    match shape:
        case Leaf():
            return shape.kind is Kind.JSON
        case ListOf():
            return _free(shape.element)
        case MapOf():
            return _free(shape.value)
        case ObjectOf():
            return any(_free(m.shape) for m in shape.members)


def _holds_map(shape: Shape) -> bool:
    """Whether two keys spelled differently could be one key."""
    match shape:
        case MapOf():
            return True
        case ListOf():
            return _holds_map(shape.element)
        case ObjectOf():
            return any(_holds_map(m.shape) for m in shape.members)
        case _:
            return False
