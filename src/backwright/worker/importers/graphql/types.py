"""GraphQL types as the schemas of a contract: what is stored, what refers to what, and what only wraps an answer."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphql.language import ListValueNode

from backwright.domain.naming import plural, snake
from backwright.worker.importers.graphql.sdl import Sdl, Shape, Type, arguments, described, place, shape
from backwright.worker.importers.projection import At, Projection, collection, reference

_TEXTS = {
    "date-time": ("DateTime", "Timestamp", "Instant", "DateTimeISO"), "date": ("Date", "LocalDate"), "time": ("Time", "LocalTime"),
    "uuid": ("UUID", "GUID"), "email": ("Email", "EmailAddress"), "uri": ("URL", "URI"), "decimal": ("Decimal", "BigDecimal", "Money"),
    "duration": ("Duration",),
}  # fmt: skip
SCALARS: dict[str, dict[str, Any]] = {
    "String": {"type": "string"}, "Int": {"type": "integer", "format": "int32"}, "Float": {"type": "number"},
    "Boolean": {"type": "boolean"}, "ID": {"type": "string"}, "JSON": {}, "JSONObject": {"type": "object"},
    **{name: {"type": "string", "format": form} for form, names in _TEXTS.items() for name in names},
    **{name: {"type": "integer", "format": "int64"} for name in ("BigInt", "Long", "Int64")},
    "PositiveInt": {"type": "integer", "minimum": 1}, "NonNegativeInt": {"type": "integer", "minimum": 0},
    "UnsignedInt": {"type": "integer", "minimum": 0}, "NonEmptyString": {"type": "string", "minLength": 1},
}  # fmt: skip
"""What scalars are on the wire: the specification's own, and those that servers commonly define."""
_LIMITS = {
    "minLength": "minLength", "maxLength": "maxLength", "min": "minimum", "max": "maximum", "pattern": "pattern", "regexp": "pattern",
    "exclusiveMin": "exclusiveMinimum", "exclusiveMax": "exclusiveMaximum", "minItems": "minItems", "maxItems": "maxItems",
}  # fmt: skip
_WRAPPERS = re.compile(r".*(Connection|Edge|PageInfo)$|^(Query|Mutation|Subscription)$")
_PAYLOADS = re.compile(r".*(Payload|Response|Result|Output)$")
TOKENS = ("token", "accessToken", "jwt")
"""The fields that say that a type is what signing in answers."""


class Types:
    """Every type with its part in the contract."""

    def __init__(self, sdl: Sdl, into: Projection) -> None:
        self.sdl, self.into = sdl, into
        self.inverse: list[tuple[str, str]] = []
        """Lists that are another side of a reference: the type that refers, and the property by which to choose its rows."""
        self.stored = {one.name for one in sdl.of("type") if not self.wraps(one) and any(f.name.value == "id" for f in one.fields)}

    def wraps(self, one: Type) -> bool:
        """Whether a type only carries others: a page, an edge, a payload, tokens."""
        if _WRAPPERS.match(one.name) or any(f.name.value in TOKENS for f in one.fields):
            return True
        return bool(_PAYLOADS.match(one.name)) and not any(f.name.value == "id" for f in one.fields)

    def unwrapped(self, said: Shape) -> Shape:
        """What an answer is about: ``BookConnection`` → many Book, ``CreateBookPayload`` → Book, anything else itself."""
        one = self.sdl.types.get(said.name)
        if one is None or one.kind != "type" or not self.wraps(one):
            return said
        inner = {f.name.value: shape(f.type) for f in one.fields}
        for name in ("nodes", "items", "edges", "node"):
            if name in inner:
                return self.unwrapped(Shape(inner[name].name, said.required, said.many or name != "node"))
        carried = [s for s in inner.values() if s.name in self.stored]
        return Shape(carried[0].name, said.required, carried[0].many) if len(carried) == 1 else said

    def run(self) -> None:
        """Every type that is stored, embedded, or taken as input becomes a schema."""
        for one in self.sdl.types.values():
            if one.name in self.sdl.roots.values():
                continue
            if one.kind in ("type", "input") and not self.wraps(one):
                self.object(one)
            else:
                self.other(one)
        for node in self.sdl.others:
            kind = "schema" if node.kind.startswith("schema") else "directive"
            name = "schema" if kind == "schema" else f"@{node.name.value}"
            reason = "" if kind == "schema" else "a directive of its own means nothing to what is served"
            self.into.origin(kind, name, *place(node), reason=reason)

    def object(self, one: Type) -> None:
        file, line = place(one.nodes[0])
        base = f"/components/schemas/{one.name}"
        properties: dict[str, Any] = {}
        required: list[str] = []
        for node in one.fields:
            for argument in arguments(node) if one.kind != "input" else ():
                name = f"{one.name}.{node.name.value}({argument.name.value})"
                self.into.origin("argument", name, *place(argument), reason="arguments of a field are not served")
            made = self.field(one, node)
            if made is None:
                continue
            name, schema, reason = made
            properties[name] = At(schema, *place(node))
            if shape(node.type).required and getattr(node, "default_value", None) is None:
                required.append(name)
            self.into.origin("field", f"{one.name}.{node.name.value}", *place(node), [f"{base}/properties/{name}"], reason)
        said: dict[str, Any] = {"type": "object", "required": required, "properties": properties}
        if one.description:
            said["description"] = one.description
        if one.name in self.stored:
            said["x-entity"] = one.name
        elif whole := self.whole(one):
            said |= {"x-entity": one.name, "x-part-of": whole}
            said["properties"] = {"id": {"type": "string", "format": "uuid", "readOnly": True}, **properties}
        self.into.schemas[one.name] = At(said, file, line)
        self.into.origin(one.kind, one.name, file, line, [base])
        self.marks(one.name, one.directives)
        for interface in (i for node in one.nodes for i in getattr(node, "interfaces", None) or ()):
            self.into.origin("interface of", f"{one.name} implements {interface.name.value}", *place(interface), [base])

    def other(self, one: Type) -> None:
        file, line = place(one.nodes[0])
        base = f"/components/schemas/{one.name}"
        if one.kind == "enum":
            self.into.schemas[one.name] = At({"type": "string", "enum": one.values}, file, line)
            self.into.origin("enum", one.name, file, line, [base])
        elif one.kind == "scalar":
            known = one.name in SCALARS
            self.into.origin(
                "scalar", one.name, file, line, reason="" if known else "its values are kept as texts: nothing says their form"
            )
        else:
            tokens = any(node.name.value in TOKENS for node in one.fields)
            reasons = {
                "union": "which of its types a value is has no column: it is kept as JSON",
                "interface": "its fields are built into the types",
                "type": "" if tokens else "it wraps an answer: the answer itself is served",
            }  # fmt: skip
            self.into.origin(one.kind, one.name, file, line, reason=reasons[one.kind])
            for node in one.fields if one.kind == "type" else ():
                self.into.origin("field", f"{one.name}.{node.name.value}", *place(node), reason="" if tokens else "it is part of a wrapper")

    def field(self, owner: Type, node: Any) -> tuple[str, dict[str, Any], str] | None:
        """The property of a field: its name, its schema, and what is served otherwise; None for one that is told elsewhere."""
        name, said = snake(node.name.value), shape(node.type)
        reason = "arguments of a field are not served" if owner.kind != "input" and arguments(node) else ""
        if said.name in self.stored and owner.kind != "input":
            return self.related(owner, node, said, reason)
        schema = self.schema(said) | self.limits(f"{owner.name}.{name}", node.directives or ())
        if said.name == "ID" and (pointed := self.pointed(name)):
            schema = self.key(pointed, many=said.many)
        if name == "id":
            schema |= {"format": "uuid", "readOnly": True}
        if (default := getattr(node, "default_value", None)) is not None and not said.many:
            schema["default"] = literal(default)
        if text := described(node):
            schema["description"] = text
        return name, schema, reason

    def related(self, owner: Type, node: Any, said: Shape, reason: str) -> tuple[str, dict[str, Any], str] | None:
        """A field that shows another stored thing: a reference, the other side of one, or many of them."""
        name = snake(node.name.value)
        if not said.many:
            why = "; ".join(filter(None, [f"served as {name}_id; expand={name} shows it whole", reason]))
            return f"{name}_id", self.key(said.name, many=False), why
        others = [f for f in self.sdl.types[said.name].fields if shape(f.type).name == owner.name and not shape(f.type).many]
        if others:
            back = f"{snake(others[0].name.value)}_id"
            why = f"the other side of {said.name}.{others[0].name.value}: served by {collection(said.name)}?{back}="
            at = f"/components/schemas/{said.name}/properties/{back}"
            self.into.origin("field", f"{owner.name}.{node.name.value}", *place(node), [at], why)
            self.inverse.append((said.name, back))
            return None
        single = name.removesuffix("s") if plural(name.removesuffix("s")) == name else name
        return f"{single}_ids", self.key(said.name, many=True), "; ".join(filter(None, [f"served as the list {single}_ids", reason]))

    def key(self, name: str, *, many: bool) -> dict[str, Any]:
        """The key of another stored thing, or a list of them."""
        one = {"type": "string", "format": "uuid"}
        return {"type": "array", "items": one, "x-reference": name} if many else {**one, "x-reference": name}

    def schema(self, said: Shape) -> dict[str, Any]:
        """The schema of a type reference that is no stored thing."""
        one = self.sdl.types.get(said.name)
        if said.name in SCALARS:
            inner = dict(SCALARS[said.name])
        elif one is None or one.kind == "scalar":
            inner = {"type": "string"}
        elif one.kind in ("union", "interface"):
            inner = {}
        else:
            inner = reference(said.name)
        return {"type": "array", "items": inner} if said.many else inner

    def named(self, word: str) -> str:
        """The stored type of that name, whatever its capitals; nothing if there is none."""
        return next((name for name in self.stored if snake(name) == word), "")

    def pointed(self, name: str) -> str:
        """The stored type whose key an argument or field holds by its name: ``author_id``, ``tag_ids``."""
        found = re.fullmatch(r"(.+?)_ids?", name)
        return self.named(found[1]) if found else ""

    def whole(self, one: Type) -> str:
        """The stored type that alone shows a list of these, which refer to other things: they are its parts."""
        if one.kind != "type" or one.name in self.stored or not any(shape(f.type).name in self.stored for f in one.fields):
            return ""
        shown = [t.name for t in self.sdl.of("type") for f in t.fields if shape(f.type) == Shape(one.name, shape(f.type).required, True)]
        return shown[0] if len(shown) == 1 and shown[0] in self.stored else ""

    def limits(self, name: str, directives: Sequence[Any]) -> dict[str, Any]:
        """What directives say about a value."""
        found: dict[str, Any] = {}
        for directive in directives:
            word = directive.name.value
            given = {one.name.value: literal(one.value) for one in directive.arguments or ()}
            known = self.limit(word, given)
            found |= known
            self.into.origin(
                "directive", f"{name} @{word}", *place(directive), reason="" if known else "this directive means nothing to what is served"
            )
        return found

    def limit(self, word: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if word == "deprecated":
            return {"deprecated": True}
        if word == "unique":
            return {"x-unique": True}
        if word == "length":
            return {f"{key}Length": value for key, value in given.items() if key in ("min", "max")}
        if word in ("constraint", "range", "pattern", "validate"):
            formats = {"format": given["format"]} if isinstance(given.get("format"), str) else {}
            return {_LIMITS[key]: value for key, value in given.items() if key in _LIMITS} | formats
        return {}

    def narrowed(self, name: str, carried: dict[str, Any]) -> dict[str, Any]:
        """What makes or changes a stored thing, with the limits that the thing's own fields have."""
        own, taken = self.properties(reference(name)), self.properties(carried)
        for field, schema in taken.items():
            if (mine := own.get(field)) is not None and mine.get("type") == schema.get("type"):
                schema |= {key: value for key, value in mine.items() if key in _LIMITS.values() and key not in schema}
        return carried

    def properties(self, schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The properties of an object schema, a named one looked up."""
        named = str(schema.get("$ref", "")).rpartition("/")[2]
        whole = _plain(self.into.schemas.get(named, {})) if named else schema
        return {name: _plain(one) for name, one in whole.get("properties", {}).items()}

    def marks(self, name: str, directives: Sequence[Any]) -> None:
        for directive in directives:
            self.into.origin(
                "directive", f"{name} @{directive.name.value}", *place(directive), reason="this directive means nothing to what is served"
            )


def _plain(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = value.value if isinstance(value, At) else value
    return found


def literal(node: Any) -> Any:
    """The value of a literal."""
    if isinstance(node, ListValueNode):
        return [literal(one) for one in node.values]
    text = getattr(node, "value", None)
    if node.kind == "int_value":
        return int(str(text))
    if node.kind == "float_value":
        return float(str(text))
    return text
