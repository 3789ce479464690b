"""Messages and enums as the schemas of a contract: what is stored, what refers to what, and what only carries a call."""

import re
from dataclasses import dataclass, field
from typing import Any

from backwright.domain.naming import snake
from backwright.worker.importers.projection import At, Projection, reference
from backwright.worker.importers.protobuf.descriptors import Options

_SCALARS: dict[int, dict[str, Any]] = {
    1: {"type": "number", "format": "double"}, 2: {"type": "number", "format": "float"}, 8: {"type": "boolean"}, 9: {"type": "string"},
    12: {"type": "string", "format": "byte"},
    **{n: {"type": "integer", "format": "int64"} for n in (3, 4, 6, 16, 18)},
    **{n: {"type": "integer", "format": "int32"} for n in (5, 15, 17)},
    13: {"type": "integer", "format": "int64", "minimum": 0, "maximum": 2**32 - 1}, 7: {"type": "integer", "format": "int64", "minimum": 0},
}  # fmt: skip
"""By the type's number in descriptor.proto. Whole numbers stay numbers."""
_KNOWN: dict[str, dict[str, Any]] = {
    "Timestamp": {"type": "string", "format": "date-time"}, "Duration": {"type": "string", "format": "duration"},
    "Struct": {"type": "object"},
    "ListValue": {"type": "array", "items": {}},
}  # fmt: skip
"""The messages that every project has; any other is any value."""
_WRAPPED = {"StringValue": 9, "BytesValue": 12, "BoolValue": 8, "Int32Value": 5, "Int64Value": 3, "UInt32Value": 13, "UInt64Value": 4,
            "DoubleValue": 1, "FloatValue": 2}  # fmt: skip
_DATES = {"google.type.Date": {"type": "string", "format": "date"}, "google.type.TimeOfDay": {"type": "string", "format": "time"}}
MESSAGE, ENUM, REPEATED = 11, 14, 3
REQUIRED, OUTPUT_ONLY = 2, 3
"""Values of google.api.field_behavior."""
CARRIERS = re.compile(r".*(Request|Response|Reply|Result)$")


@dataclass(slots=True)
class Message:
    """One message: its full name, its short one, its descriptor, its place, and its comment."""

    full: str
    name: str
    about: Any
    file: str
    lines: dict[tuple[int, ...], tuple[int, str]]
    path: tuple[int, ...]

    def line(self, *more: int) -> int:
        """The line of the message, or of something in it."""
        return self.lines.get((*self.path, *more), (1, ""))[0]

    def comment(self, *more: int) -> str:
        """The comment before the message, or before something in it."""
        return self.lines.get((*self.path, *more), (1, ""))[1]

    def field(self, name: str) -> Any | None:
        """The field of that name."""
        return next((f for f in self.about.field if f.name == name), None)


@dataclass(slots=True)
class Package:
    """Everything that the design's own files define."""

    messages: dict[str, Message] = field(default_factory=dict[str, Message])
    enums: dict[str, Message] = field(default_factory=dict[str, Message])
    services: list[tuple[Any, str, dict[tuple[int, ...], tuple[int, str]], int]] = field(default_factory=list[Any])


def package(descriptors: Any, names: dict[str, str]) -> Package:
    """The definitions of these files; what they import from elsewhere is followed by name only."""
    found = Package()
    for file in descriptors.file:
        if file.name not in names:
            continue
        lines = {tuple(one.path): (one.span[0] + 1, " ".join(one.leading_comments.split())) for one in file.source_code_info.location}
        dot = f".{file.package}" if file.package else ""
        for n, one in enumerate(file.message_type):
            _message(found, one, dot, "", names[file.name], lines, (4, n))
        for n, one in enumerate(file.enum_type):
            found.enums[f"{dot}.{one.name}"] = Message(f"{dot}.{one.name}", one.name, one, names[file.name], lines, (5, n))
        found.services += [(one, names[file.name], lines, n) for n, one in enumerate(file.service)]
    return found


def _message(found: Package, one: Any, dot: str, outer: str, file: str, lines: Any, path: tuple[int, ...]) -> None:
    full, name = f"{dot}.{one.name}", f"{outer}{one.name}"
    found.messages[full] = Message(full, name, one, file, lines, path)
    for n, inner in enumerate(one.nested_type):
        _message(found, inner, full, name, file, lines, (*path, 3, n))
    for n, inner in enumerate(one.enum_type):
        found.enums[f"{full}.{inner.name}"] = Message(f"{full}.{inner.name}", f"{name}{inner.name}", inner, file, lines, (*path, 4, n))


class Messages:
    """Every message with its part in the contract. ``stored`` are the full names of what has rows."""

    def __init__(self, found: Package, stored: set[str], options: Options, into: Projection) -> None:
        self.found, self.stored, self.options, self.into = found, stored, options, into
        self.by_word = {snake(found.messages[full].name): full for full in stored}

    def run(self) -> None:
        """Messages that are stored, embedded or taken become schemas; those that only carry a call are told with it."""
        for one in self.found.messages.values():
            if not one.about.options.map_entry:
                self.message(one)
        for one in self.found.enums.values():
            base = f"/components/schemas/{one.name}"
            values = [v.name for v in one.about.value if not (v.number == 0 and v.name.endswith(("UNSPECIFIED", "UNKNOWN")))]
            self.into.schemas[one.name] = At({"type": "string", "enum": values}, one.file, one.line())
            left = [v.name for v in one.about.value if v.name not in values]
            reason = f"{left[0]} stands for no value and is left out" if left else ""
            self.into.origin("enum", one.name, one.file, one.line(), [base], reason)

    def message(self, one: Message) -> None:
        base = f"/components/schemas/{one.name}"
        carries = CARRIERS.match(one.name) is not None and one.full not in self.stored
        properties: dict[str, Any] = {}
        required: list[str] = []
        for n, item in enumerate(one.about.field):
            name, schema, reason = self.property(item)
            line = one.line(2, n)
            if comment := one.comment(2, n):
                schema = {**schema, "description": comment}
            properties[name] = At(schema, one.file, line)
            required += [name] if self.required(item) else []
            self.into.origin(
                "field",
                f"{one.name}.{item.name}",
                one.file,
                line,
                [] if carries else [f"{base}/properties/{name}"],
                "" if carries else reason,
            )
        said: dict[str, Any] = {"type": "object", "required": required, "properties": properties}
        said |= {"description": one.comment()} if one.comment() else {}
        said |= {"x-entity": one.name} if one.full in self.stored else {}
        if not carries:
            self.into.schemas[one.name] = At(said, one.file, one.line())
        self.into.origin("message", one.name, one.file, one.line(), [] if carries else [base])

    def required(self, item: Any) -> bool:
        """proto3 says nothing about it; what has no ``optional`` and no ``oneof`` always has a value, so it is asked for."""
        if REQUIRED in self.behavior(item):
            return True
        single = item.label != REPEATED and not item.HasField("oneof_index") and not item.proto3_optional
        return single and item.type != MESSAGE

    def property(self, item: Any) -> tuple[str, dict[str, Any], str]:
        """A field's name, its schema, and what is served otherwise."""
        reason = "only one of the fields of its oneof may be given: that is not checked" if _alternative(item) else ""
        if item.type == MESSAGE and item.type_name in self.stored:
            target = self.found.messages[item.type_name].name
            if item.label == REPEATED:
                single = item.name.removesuffix("s")
                return f"{single}_ids", self.key(item.type_name, many=True), f"served as the list {single}_ids"
            return f"{item.name}_id", self.key(item.type_name), f"served as {item.name}_id; expand={item.name} shows the {target} whole"
        schema = self.schema(item)
        if item.type != MESSAGE and (pointed := self.pointed(item.name)):
            schema = self.key(pointed, many=item.label == REPEATED)
        if item.name == "id":
            schema |= {"readOnly": True} | ({"format": "uuid"} if schema.get("type") == "string" else {})
        elif OUTPUT_ONLY in self.behavior(item):
            schema |= {"readOnly": True}
        return item.name, schema, reason

    def behavior(self, item: Any) -> list[int]:
        """The values of ``google.api.field_behavior`` on a field."""
        return list(self.options.of(item, "google.api.field_behavior") or ())

    def key(self, full: str, *, many: bool = False) -> dict[str, Any]:
        """The key of another stored thing, or a list of them."""
        held = self.found.messages[full].field("id")
        number = held is not None and held.type in (3, 4, 5, 13)
        one = {"type": "integer", "format": "int64"} if number else {"type": "string", "format": "uuid"}
        name = self.found.messages[full].name
        return {"type": "array", "items": one, "x-reference": name} if many else {**one, "x-reference": name}

    def pointed(self, name: str) -> str:
        """The stored message whose key a field holds by its name."""
        match = re.fullmatch(r"(.+?)_ids?", name)
        return self.by_word.get(match[1], "") if match else ""

    def schema(self, item: Any) -> dict[str, Any]:
        """The schema of a field that is no reference."""
        if item.type == MESSAGE:
            entry = self.found.messages.get(item.type_name)
            if entry is not None and entry.about.options.map_entry:
                return {"type": "object", "additionalProperties": self.schema(entry.about.field[1])}
            inner = self._of(item.type_name)
        elif item.type == ENUM:
            known = self.found.enums.get(item.type_name)
            inner = reference(known.name) if known is not None else {"type": "string"}
        else:
            inner = dict(_SCALARS.get(item.type, {"type": "string"}))
        return {"type": "array", "items": inner} if item.label == REPEATED else inner

    def _of(self, full: str) -> dict[str, Any]:
        if full in self.found.messages:
            return reference(self.found.messages[full].name)
        if full.startswith(".google.protobuf."):
            word = full.rpartition(".")[2]
            if word in _WRAPPED:
                scalar = _SCALARS[_WRAPPED[word]]
                return {**scalar, "type": [scalar["type"], "null"]}
            return dict(_KNOWN.get(word, {}))
        return dict(_DATES.get(full.removeprefix("."), {}))


def _alternative(item: Any) -> bool:
    return bool(item.HasField("oneof_index")) and not item.proto3_optional
