"""Reads schema objects of OpenAPI 3.0 and 3.1 into one form, and names what is wrong inside each."""

import re
from collections import deque
from typing import Any

from backwright.worker.design import ABSENT, Discriminator, Property, Schema
from backwright.worker.importers.document import Node
from backwright.worker.importers.references import Library
from backwright.worker.place import Place, Problem

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_NUMBERS = {
    "minimum": "minimum", "maximum": "maximum", "multipleOf": "multiple_of", "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
}  # fmt: skip
_COUNTS = {
    "minLength": "min_length", "maxLength": "max_length", "minItems": "min_items", "maxItems": "max_items",
    "minProperties": "min_properties", "maxProperties": "max_properties",
}  # fmt: skip
_FLAGS = {"uniqueItems": "unique_items", "readOnly": "read_only", "writeOnly": "write_only", "deprecated": "deprecated"}


class SchemaReader:
    """Reads schemas; those that something refers to are kept by address, so that circles end."""

    def __init__(self, library: Library, problems: list[Problem], modern: bool) -> None:
        self.library, self.problems, self.modern = library, problems, modern
        self.found: dict[str, Schema] = {}
        self.asked: set[str] = set()
        self.waiting: deque[tuple[str, Node, str]] = deque()

    def named(self, schemas: dict[str, Node]) -> None:
        """Read every schema under ``components/schemas``."""
        for name, node in schemas.items():
            self.ask(node, name)
        self.settle()

    def ask(self, node: Node, name: str) -> str:
        address = f"{node.place.file}#{node.place.pointer}"
        if address not in self.asked:
            self.asked.add(address)
            self.waiting.append((address, node, name))
        return address

    def settle(self) -> None:
        """Read what was referred to and is not read yet."""
        while self.waiting:
            address, node, name = self.waiting.popleft()
            self.found[address] = self.read(node, name)

    def read(self, node: Node, name: str = "") -> Schema:
        """One schema."""
        if "$ref" in node.map:
            return self.reference(node, name)
        if not isinstance(node.value, dict):
            nothing = Schema(place=node.place)
            return Schema(place=node.place, name=name, not_=nothing) if node.value is False else Schema(place=node.place, name=name)
        return self.written(node, name, "")

    def reference(self, node: Node, name: str) -> Schema:
        if self.library.follow(node) is None:
            return Schema(place=node.place, name=name)
        target = self.library.step(node)
        assert target is not None
        address = self.ask(target, _name_of(target.place))
        return self.written(node, name, address) if self.modern else Schema(place=node.place, name=name, ref=address)

    def written(self, node: Node, name: str, ref: str) -> Schema:
        types, nullable = self.types(node)
        enum = self.enum(node)
        required = self.required(node)
        return Schema(
            place=node.place, name=name, ref=ref, types=types, nullable=nullable or node.flag("nullable") or None in enum,
            format=node.string("format"), title=node.string("title"), description=node.string("description"),
            enum=tuple(v for v in enum if v is not None), default=_plain(node, "default"), examples=_examples(node),
            properties=self.properties(node, required), required=required, items=self.inner(node, "items"),
            additional=self.additional(node),
            all_of=self.branches(node, "allOf"), one_of=self.branches(node, "oneOf"), any_of=self.branches(node, "anyOf"),
            not_=self.inner(node, "not"),
            discriminator=self.discriminator(node), pattern=self.pattern(node), **self.bounds(node),
            **{field: node.flag(key) for key, field in _FLAGS.items()}, extensions={k: n.plain() for k,
                n in node.map.items() if k.startswith("x-")},
            lines={k: n.place.line for k, n in node.map.items()},
        )  # fmt: skip

    def types(self, node: Node) -> tuple[tuple[str, ...], bool]:
        said = node.get("type")
        if said is None:
            return (), False
        listed = [item.value for item in said.list] if said.list else [said.value]
        if said.list and not self.modern:
            self.wrong(
                said,
                "type is a list, which OpenAPI 3.0 does not have.",
                "Write one type, and nullable: true for null; or use openapi: 3.1.0.",
            )
        for one in listed:
            if one not in TYPES or (one == "null" and not self.modern):
                self.wrong(said, f"The type {one!r} is unknown.", f"Write one of {', '.join(TYPES if self.modern else TYPES[:-1])}.")
        known = tuple(str(one) for one in listed if one in TYPES and one != "null")
        if "array" in known and "items" not in node.map and "prefixItems" not in node.map and not self.modern:
            self.wrong(said, "An array without items.", "Say what it holds: items: {type: string}.")
        return known, "null" in listed

    def enum(self, node: Node) -> tuple[Any, ...]:
        if "const" in node.map and self.modern:
            return (node.map["const"].plain(),)
        said = node.get("enum")
        if said is None:
            return ()
        values = [item.plain() for item in said.list]
        if not values:
            self.wrong(said, "enum is not a list of at least one value.", "List the values that are allowed.")
        if any(value in values[:index] for index, value in enumerate(values)):
            self.wrong(said, "enum names a value twice.", "Name each value once.")
        return tuple(values)

    def required(self, node: Node) -> tuple[str, ...]:
        said = node.get("required")
        if said is None:
            return ()
        if not isinstance(said.value, list):
            self.wrong(said, "required is not a list of property names.", "In a schema, write required: [name, …] beside properties.")
        for item in said.list:
            if not isinstance(item.value, str):
                self.wrong(item, "required holds something that is not a name.", "List property names.")
        return tuple(dict.fromkeys(item.text for item in said.list if item.text))

    def properties(self, node: Node, required: tuple[str, ...]) -> tuple[Property, ...]:
        said = node.get("properties")
        return tuple(Property(k, self.read(n), k in required, n.place) for k, n in said.map.items()) if said is not None else ()

    def inner(self, node: Node, key: str) -> Schema | None:
        said = node.get(key)
        return self.read(said) if said is not None else None

    def branches(self, node: Node, key: str) -> tuple[Schema, ...]:
        said = node.get(key)
        if said is None:
            return ()
        if isinstance(said.value, list) and not said.value:
            self.wrong(said, f"{key} is empty.", "List at least one schema, or drop it.")
        return tuple(self.read(item) for item in said.list)

    def additional(self, node: Node) -> bool | Schema | None:
        said = node.get("additionalProperties")
        if said is None:
            return None
        return said.value if isinstance(said.value, bool) else self.read(said)

    def discriminator(self, node: Node) -> Discriminator | None:
        said = node.get("discriminator")
        if said is None or not said.string("propertyName"):
            return None
        mapping = said.get("mapping")
        return Discriminator(said.string("propertyName"), {k: n.text for k, n in mapping.map.items()} if mapping is not None else {})

    def pattern(self, node: Node) -> str | None:
        said = node.get("pattern")
        if said is None:
            return None
        if not isinstance(said.value, str):
            self.wrong(said, "pattern is not text.", "Write a regular expression in quotes.")
            return None
        try:
            re.compile(said.value)
        except (re.error, RecursionError, OverflowError) as error:
            if re.search(r"\\[pP]\{|\(\?<[a-zA-Z]|\\u\{|\\c[A-Za-z]", said.value):
                self.wrong(
                    said,
                    "The pattern uses a form that only ECMAScript knows; it is not enforced.",
                    "Use the forms that all dialects share.",
                    "warning",
                )
            else:
                self.wrong(said, f"The pattern is not a regular expression: {error}.", "Correct it.")
            return None
        return said.value

    def bounds(self, node: Node) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, field in _NUMBERS.items():
            if (said := node.get(key)) is not None:
                found[field] = self.number(said, key)
        for key, field in _COUNTS.items():
            if (said := node.get(key)) is not None:
                found[field] = self.count(said, key)
        if not self.modern:
            self.old_bounds(node, found)
        self.order(node, found)
        return found

    def number(self, said: Node, key: str) -> int | float | None:
        if isinstance(said.value, bool):
            if self.modern or not key.startswith("exclusive"):
                self.wrong(
                    said,
                    f"{key} is true or false, where a number belongs.",
                    "In OpenAPI 3.1 write the bound itself, e.g. exclusiveMinimum: 0.",
                )
            return None
        if not isinstance(said.value, int | float) or said.value != said.value:
            self.wrong(said, f"{key} is not a number.", "Write a number without quotes.")
            return None
        if key == "multipleOf" and said.value <= 0:
            self.wrong(said, "multipleOf is not greater than 0.", "Write a positive number.")
            return None
        return said.value

    def count(self, said: Node, key: str) -> int | None:
        if isinstance(said.value, bool) or not isinstance(said.value, int) or said.value < 0:
            self.wrong(said, f"{key} is not a whole number from 0.", "Write a number such as 1.")
            return None
        return said.value

    def old_bounds(self, node: Node, found: dict[str, Any]) -> None:
        """In 3.0 ``exclusiveMinimum: true`` says that ``minimum`` itself is not allowed."""
        for side in ("minimum", "maximum"):
            key = "exclusive" + side.title()
            said = node.get(key)
            if said is not None and not isinstance(said.value, bool):
                self.wrong(
                    said, f"{key} is not true or false, as OpenAPI 3.0 has it.", f"Write {side}: and {key}: true; or use openapi: 3.1.0."
                )
            found.pop(f"exclusive_{side}", None)
            if said is not None and said.value is True:
                found[f"exclusive_{side}"] = found.pop(side, None)

    def order(self, node: Node, found: dict[str, Any]) -> None:
        for low, high in (
            ("minimum", "maximum"),
            ("min_length", "max_length"),
            ("min_items", "max_items"),
            ("min_properties", "max_properties"),
        ):
            lower, upper = found.get(low), found.get(high)
            if lower is not None and upper is not None and lower > upper:
                key = low.replace("_l", "L").replace("_i", "I").replace("_p", "P")
                self.wrong(
                    node.map[key], f"The lower bound {lower} is above the upper bound {upper}: nothing fits.", "Swap or correct them."
                )

    def wrong(self, node: Node, what: str, mend: str, severity: Any = "error") -> None:
        place = node.place
        self.problems.append(Problem(place.file, place.line, place.pointer, severity, what, mend))


def _name_of(place: Place) -> str:
    """The name of a schema that is referred to: its key, where it stands under a folder of schemas; else nothing."""
    head, _, last = place.pointer.rpartition("/")
    if head.endswith(("/schemas", "/definitions", "/$defs")) or head == "":
        return last.replace("~1", "/").replace("~0", "~") or _stem(place.file)
    return ""


def _stem(file: str) -> str:
    return file.rpartition("/")[2].partition(".")[0]


def _plain(node: Node, key: str) -> Any:
    said = node.get(key)
    return ABSENT if said is None else said.plain()


def _examples(node: Node) -> tuple[Any, ...]:
    listed = node.get("examples")
    several = tuple(item.plain() for item in listed.list) if listed is not None else ()
    return several if "example" not in node.map else (node.map["example"].plain(), *several)
