"""Shape → JSON Schema 2020-12: what OpenAPI publishes. The decoder is built from the same shapes, and tests hold the two together."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import msgspec

from backwright.domain.entity import Entity
from backwright.domain.fields import Limits
from backwright.domain.model import Kind, Model
from backwright.operations.explaining import choices
from backwright.operations.shapes import FREE, NOTHING, Leaf, ListOf, MapOf, Member, ObjectOf, Shape, field_shape

Schema = dict[str, Any]
Direction = Literal["in", "out"]

_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?$"
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_PLAIN: dict[Kind, Schema] = {
    Kind.TEXT: {"type": "string"}, Kind.INT: {"type": "integer", "format": "int64"}, Kind.FLOAT: {"type": "number", "format": "double"},
    Kind.BOOL: {"type": "boolean"}, Kind.DATE: {"type": "string", "format": "date"}, Kind.TIME: {"type": "string", "pattern": _TIME},
    Kind.DATETIME: {"type": "string", "format": "date-time"}, Kind.DURATION: {"type": "string", "format": "duration"},
    Kind.UUID: {"type": "string", "format": "uuid"}, Kind.BYTES: {"type": "string", "contentEncoding": "base64", "pattern": _BASE64},
}  # fmt: skip


class Schemas:
    """Makes schemas and gathers the named ones in ``definitions``, to be published once and referred to as ``ref`` + name."""

    def __init__(self, ref: str = "#/$defs/") -> None:
        self.ref = ref
        self.definitions: dict[str, Schema] = {}
        self._origins: dict[str, Any] = {}

    def of(self, shape: Shape, direction: Direction = "in") -> Schema:
        """The schema of a shape; objects and enumerations become references to definitions."""
        match shape:
            case Leaf():
                return self._leaf(shape, direction)
            case ListOf():
                found: Schema = {"type": "array", "items": self.of(shape.element, direction)} | _sizes(shape.limits, "Items")
                return _nullable(found | ({"uniqueItems": True} if shape.distinct else {}), shape.optional)
            case MapOf():
                found = {"type": "object", "additionalProperties": self.of(shape.value, direction)} | _sizes(shape.limits, "Properties")
                names = self.of(shape.key)
                if shape.key.kind is Kind.INT:
                    names = {"pattern": "^(0|-?[1-9][0-9]*)$"}
                return _nullable(found | {"propertyNames": names}, shape.optional)
            case ObjectOf():
                return _nullable(
                    self._named(shape.name, (replace(shape, optional=False), direction), lambda: self.object(shape, direction)),
                    shape.optional,
                )

    def object(self, shape: ObjectOf, direction: Direction = "in") -> Schema:
        """The schema of an object itself, not a reference to it."""
        properties = {m.wire: self._member(m, direction) for m in shape.members}
        always = (m.wire for m in shape.members if (not m.maybe if direction == "out" else m.required))
        required = [] if shape.partial else [*always]
        found: Schema = {"type": "object"} | ({"description": shape.doc} if shape.doc else {}) | {"properties": properties}
        if required:
            found["required"] = required
        return found | ({"additionalProperties": False} if direction == "in" else {})

    def _member(self, m: Member, direction: Direction) -> Schema:
        found = dict(self.of(replace(m.shape, optional=False) if m.maybe and direction == "out" else m.shape, direction))
        if m.doc:
            found["description"] = m.doc
        if m.example is not None:
            found["examples"] = [plain(m.example)]
        if m.read_only:
            found["readOnly"] = True
        if direction == "in" and m.default is not NOTHING and m.default is not msgspec.UNSET and m.default is not None:
            found["default"] = plain(m.default)
        return found

    def _named(self, name: str, origin: Any, make: Callable[[], Schema]) -> Schema:
        """A reference to a definition; another shape of the same name gets a number."""
        free, number = name, 2
        while self._origins.get(free, origin) != origin:
            free, number = f"{name}{number}", number + 1
        if free not in self._origins:
            self._origins[free] = origin
            self.definitions[free] = {}
            self.definitions[free] = make()
        return {"$ref": self.ref + free}

    def _leaf(self, leaf: Leaf, direction: Direction) -> Schema:
        if leaf.kind is Kind.ENUM:
            values = {"enum": list(choices(leaf.python)), "type": "integer" if isinstance(choices(leaf.python)[0], int) else "string"}
            named = isinstance(leaf.python, type)
            return _nullable(self._named(leaf.python.__name__, leaf.python, lambda: values) if named else values, leaf.optional)
        if leaf.kind is Kind.JSON:
            return _json(leaf)
        found = dict(_PLAIN[leaf.kind]) if leaf.kind is not Kind.DECIMAL else decimal_schema(leaf, direction)
        if leaf.target is not None:
            found["description"] = f"The id of {_article(leaf.target.__name__)}."
        return _nullable(found | _limits(leaf), leaf.optional)


def _article(name: str) -> str:
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"


def _nullable(schema: Schema, optional: bool) -> Schema:
    if not optional:
        return schema
    if "$ref" in schema or "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    kinds: Any = schema["type"]
    return schema | {"type": [*kinds, "null"] if isinstance(kinds, list) else [kinds, "null"]}


def _json(leaf: Leaf) -> Schema:
    kinds = ["object"] if leaf.python is dict else ["object", "array", "string", "number", "boolean"]
    kinds += ["null"] if leaf.optional else []
    return {"type": kinds if len(kinds) > 1 else kinds[0]}


def _sizes(limits: Limits, unit: str) -> Schema:
    low, high = limits.min_length, limits.max_length
    return ({f"min{unit}": low} if low is not None else {}) | ({f"max{unit}": high} if high is not None else {})


def _limits(leaf: Leaf) -> Schema:
    limits, found = leaf.limits, {}
    if leaf.kind is Kind.TEXT:
        found = _sizes(limits, "Length")
        if limits.pattern is not None:
            found["pattern"] = limits.pattern
        if limits.format is not None:
            found["format"] = limits.format
    elif leaf.kind in (Kind.INT, Kind.FLOAT, Kind.DECIMAL):
        words = {"minimum": limits.ge, "exclusiveMinimum": limits.gt, "maximum": limits.le, "exclusiveMaximum": limits.lt}
        found = {word: plain_number(bound) for word, bound in words.items() if bound is not None}
    return found


def decimal_schema(leaf: Leaf, direction: Direction) -> Schema:
    """Decimals are texts, so that no reader rounds them; a client may send a number too. Bounds of texts show in the pattern's sign."""
    limits = leaf.limits
    if leaf.number and direction == "out":
        return {"type": "number"}
    scale = 4 if limits.scale is None else limits.scale
    whole = max((19 if limits.digits is None else limits.digits) - scale, 1)
    lowest = limits.ge if limits.ge is not None else limits.gt
    sign = "" if lowest is not None and lowest >= 0 else "-?"
    pattern = f"^{sign}[0-9]{{1,{whole}}}" + (f"(\\.[0-9]{{1,{scale}}})?$" if scale else "$")
    return {"type": "string" if direction == "out" else ["string", "number"], "format": "decimal", "pattern": pattern}


def plain_number(bound: int | float | Decimal) -> int | float:
    """A bound as JSON has it."""
    return bound if not isinstance(bound, Decimal) else int(bound) if bound == bound.to_integral_value() else float(bound)


def plain(value: Any) -> Any:
    """A value of the declaration (a default, an example) as it stands on the wire."""
    if isinstance(value, Enum):
        return value.value
    return msgspec.to_builtins(value, enc_hook=str)


def json_schema(shape: Shape, direction: Direction = "in") -> Schema:
    """One self-contained schema, its named parts under ``$defs``."""
    schemas = Schemas()
    found = schemas.object(shape, direction) if isinstance(shape, ObjectOf) else schemas.of(shape, direction)
    return (
        {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        | found
        | ({"$defs": schemas.definitions} if schemas.definitions else {})
    )


def view_shape(model: Model, entity: type[Entity], name: str | None = None) -> ObjectOf:
    """What clients see of an entity: its id, every field that is not secret, and its parts."""
    seen = model[entity]
    members = [
        Member(name="id", wire="id", shape=Leaf(kind=Kind.INT if seen.id_type is int else Kind.UUID, python=seen.id_type, limits=FREE))
    ]
    members += [
        Member(name=f.name, wire=f.wire, shape=field_shape(f, model), doc=f.doc, example=f.example) for f in seen.fields if not f.secret
    ]
    members += [Member(name=p.wire, wire=p.wire, shape=ListOf(element=view_shape(model, p.entity))) for p in seen.parts]
    return ObjectOf(name=name or seen.name, members=tuple(members), doc=seen.doc)
