"""A design in another language as a contract: a tree like an OpenAPI document's, in which every node knows its line in the original.

What understands OpenAPI then understands it too: inference, account and comparison. `Origin` leads from the contract's parts back to the
elements of the original, which are what the account is given of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from backwright.domain.naming import plural, snake
from backwright.worker.design import Design, Element, Origin
from backwright.worker.importers.document import Node, Value, escaped
from backwright.worker.importers.openapi import read_document
from backwright.worker.place import BrokenDesign, Place, Problem

BASE = "/v1"
"""Where the kit serves what no design places."""
SIGN_IN = "token"
"""The security scheme that every projected contract has."""


@dataclass(frozen=True, slots=True)
class At:
    """A part of the tree that stands at another line than what is around it."""

    value: Any
    file: str
    line: int


@dataclass(slots=True)
class Projection:
    """A contract in the making."""

    title: str
    file: str
    schemas: dict[str, Any] = field(default_factory=dict[str, Any])
    paths: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    origins: list[Origin] = field(default_factory=list[Origin])
    problems: list[Problem] = field(default_factory=list[Problem])

    def origin(self, kind: str, name: str, file: str, line: int, pointers: Iterable[str] = (), reason: str = "") -> None:
        """Note what stands for an element of the original, and the reason where it is not served as it stands."""
        self.origins.append(Origin(Element(kind, name, Place(file, line, f"/{escaped(name)}")), tuple(pointers), reason))

    def operation(self, method: str, path: str, said: Any) -> str:
        """Add an operation; its pointer. Nothing where the route is taken already."""
        at = self.paths.setdefault(path, {})
        if method.lower() in at:
            return ""
        at[method.lower()] = said
        return f"/paths/{escaped(path)}/{method.lower()}"

    def document(self) -> dict[str, Any]:
        """The whole contract, without places."""
        return {
            "openapi": "3.1.0",
            "info": {"title": self.title, "version": "1.0.0"},
            "security": [{SIGN_IN: []}],
            "paths": self.paths,
            "components": {"schemas": self.schemas, "securitySchemes": {SIGN_IN: {"type": "http", "scheme": "bearer"}}},
        }

    def design(self) -> Design:
        """The checked design. Raises `BrokenDesign` with every problem."""
        errors = [p for p in self.problems if p.severity == "error"]
        if errors:
            raise BrokenDesign(tuple(self.problems))
        files = sorted({self.file, *(o.element.place.file for o in self.origins)})
        document, origins = self.document(), self.origins
        if all(path.startswith(f"{BASE}/") for path in self.paths):  # then what the kit adds, sign-up for example, stands there too
            document |= {"servers": [{"url": BASE}], "paths": {path.removeprefix(BASE): item for path, item in self.paths.items()}}
            origins = [replace(o, pointers=tuple(p.replace(f"/paths/{escaped(BASE)}", "/paths/", 1) for p in o.pointers)) for o in origins]
        root = _node(document, Place(self.file, 1, ""))
        return read_document(root, files, self.problems, tuple(sorted(origins, key=lambda o: o.element.place)))


def _node(value: Any, place: Place) -> Node:
    if isinstance(value, At):
        return _node(value.value, Place(value.file, value.line, place.pointer))
    if isinstance(value, dict):
        members = cast(dict[str, Any], value).items()
        return Node({k: _node(v, Place(place.file, place.line, f"{place.pointer}/{escaped(k)}")) for k, v in members}, place)
    if isinstance(value, list):
        items = cast(Sequence[Any], value)
        return Node([_node(v, Place(place.file, place.line, f"{place.pointer}/{n}")) for n, v in enumerate(items)], place)
    return Node(cast(Value, value), place)


# --- the parts of a contract in the kit's own manner -------------------------------------------------------------------


def collection(name: str) -> str:
    """The path of a type's rows: ``OrderLine`` → ``/v1/order-lines``."""
    return f"{BASE}/{plural(snake(name)).replace('_', '-')}"


def reference(name: str) -> dict[str, str]:
    """A reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(status: int, schema: Any, description: str = "") -> dict[str, Any]:
    """The responses of an operation: one good answer, with a body unless the schema is None."""
    said: dict[str, Any] = {"description": description or "The answer."}
    if schema is not None:
        said["content"] = {"application/json": {"schema": schema}}
    return {str(status): said}


def body(schema: Any) -> dict[str, Any]:
    """A JSON body that must be there."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def page(schema: Any) -> dict[str, Any]:
    """A page of rows, as the kit cuts them."""
    cursor = {"type": ["string", "null"]}
    return {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": schema}, "next": cursor}}


PAGING: tuple[dict[str, Any], ...] = (
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}},
    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
)
"""The parameters of every list."""


def path_parameter(name: str, schema: Any) -> dict[str, Any]:
    """A parameter in the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema}
