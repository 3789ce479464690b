"""Swagger 2.0 in the form of OpenAPI 3.0, so that one reader serves both. Pure: a tree becomes a tree, and every line stays known.

What 3.0 has no word for stays where it is, under its own name: the reader accounts for it as unknown. What has the wrong form stays too,
so that the reader names it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from backwright.worker.importers.document import Node, Value, escaped
from backwright.worker.importers.grammar import METHODS
from backwright.worker.place import Place, Problem

_MOVED = {"definitions": "components/schemas", "parameters": "components/parameters", "responses": "components/responses"}
_ROOT = {"swagger", "host", "basePath", "schemes", "consumes", "produces", "definitions", "parameters", "responses", "securityDefinitions",
    "paths"}  # fmt: skip
_SCHEMA_OF_PARAMETER = {
    "type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
    "maxItems", "minItems", "uniqueItems", "enum", "multipleOf",
}  # fmt: skip
_STYLES = {"csv": ("form", False), "multi": ("form", True), "ssv": ("spaceDelimited", False), "pipes": ("pipeDelimited", False)}
_FLOWS = {"implicit": "implicit", "password": "password", "application": "clientCredentials", "accessCode": "authorizationCode"}
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def is_swagger(root: Node) -> bool:
    """Whether the document says that it is Swagger 2.0."""
    said = root.get("swagger")
    return said is not None and str(said.value) in ("2.0", "2")


def as_openapi(root: Node, problems: list[Problem]) -> Node:
    """The document as OpenAPI 3.0.3. Adds what contradicts itself to the problems."""
    return _placed(_Converter(root, problems).document(), "")


@dataclass(slots=True)
class _Converter:
    root: Node
    problems: list[Problem]
    used: set[str] = field(default_factory=set[str])
    """The shared parameters of forms that some operation takes."""

    # --- the document -------------------------------------------------------------------------------------------------

    def document(self) -> Node:
        root = self.root
        found = {"openapi": Node("3.0.3", root.map["swagger"].place)}
        found |= {key: node for key, node in root.map.items() if key not in _ROOT}
        if servers := list(self.servers()):
            found["servers"] = Node(servers, servers[0].place)
        if (paths := root.get("paths")) is not None:
            found["paths"] = _each(paths, self.path)
        if parts := self.components():
            found["components"] = Node(parts, root.place)
        return Node(found, root.place)

    def servers(self) -> Iterator[Node]:
        host, base, schemes = (self.root.get(key) for key in ("host", "basePath", "schemes"))
        said = host or base
        if said is None:
            if schemes is not None:
                self.wrong(schemes, "schemes stands here without a host.", "Write host: example.org, or take schemes out.")
            return
        path = "/" + base.text.strip("/") if base is not None else ""
        for scheme in (schemes.list if schemes is not None and host is not None else []) or [said]:
            start = f"{scheme.text}:" if scheme is not said else ""
            url = f"{start}//{host.text}{path}" if host is not None else path
            yield _map(said, url=Node(url.rstrip("/") or "/", said.place))

    def components(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, name in (("definitions", "schemas"), ("responses", "responses"), ("securityDefinitions", "securitySchemes")):
            said = self.root.get(key)
            if said is not None:
                make = {"schemas": self.schema_at, "responses": self.shared_response, "securitySchemes": self.scheme}[name]
                found[name] = _each(said, make)
        shared = self.root.get("parameters")
        for name, node in shared.map.items() if shared is not None else ():
            where, made = node.string("in"), self.parameter(node)
            if where == "body":
                kind, made = "requestBodies", self.body(node, self.types("consumes", None), f"/components/requestBodies/{escaped(name)}")
            else:
                kind = "x-parameters-of-forms" if where == "formData" else "parameters"
            if where != "formData" or name not in self.used:
                found.setdefault(kind, Node({}, node.place)).map[name] = made
        return found

    def scheme(self, _: str, node: Node) -> Node:
        kind = node.string("type")
        if kind == "basic":
            return _with(node, type=Node("http", node.place), scheme=Node("basic", node.place))
        flow = node.string("flow")
        if kind != "oauth2" or flow not in _FLOWS:
            return node
        keys: tuple[str, ...] = ("authorizationUrl", "tokenUrl", "scopes")
        parts = {key: node.map[key] for key in keys if key in node.map}
        flows = Node({_FLOWS[flow]: Node(parts, node.map["flow"].place)}, node.map["flow"].place)
        return _with(_without(node, "flow", *parts), flows=flows)

    # --- paths --------------------------------------------------------------------------------------------------------

    def path(self, path: str, item: Node) -> Node:
        shared = item.get("parameters")
        around = [(p, self.resolved(p)) for p in (shared.list if shared is not None else [])]
        carried = [p for p, said in around if said.string("in") in ("body", "formData")]
        found: dict[str, Node] = {}
        for key, node in item.map.items():
            if key in METHODS:
                node = self.operation(node, carried, f"/paths/{escaped(path)}/{key}")
            elif key == "parameters" and isinstance(node.value, list):
                node = Node([self.parameter(p) for p in node.list if p not in carried], node.place)
            found[key] = node
        return Node(found, item.place) if isinstance(item.value, dict) else item

    def operation(self, node: Node, around: list[Node], at: str) -> Node:
        if not isinstance(node.value, dict):
            return node
        said = node.get("parameters")
        given = [(p, self.resolved(p)) for p in (said.list if said is not None else [])]
        bodies = [p for p, one in given if one.string("in") == "body"] or [p for p in around if self.resolved(p).string("in") == "body"]
        forms = [p for p, one in given if one.string("in") == "formData"]
        known = {self.resolved(p).string("name") for p in forms}
        forms += [p for p in around if (o := self.resolved(p)).string("in") == "formData" and o.string("name") not in known]
        found = dict(_without(node, "consumes", "produces").map)
        if said is not None and isinstance(said.value, list):
            found["parameters"] = Node([self.parameter(p) for p, _ in given if p not in (*bodies, *forms)], said.place)
        if len(bodies) > 1 or (bodies and forms):
            self.wrong(bodies[-1], "The operation has more than one body.", "Keep one parameter in: body, or fields in: formData.")
        elif bodies:
            found["requestBody"] = self.body(self.resolved(bodies[0]), self.types("consumes", node), f"{at}/requestBody")
        elif forms:
            found["requestBody"] = self.form(forms, node, f"{at}/requestBody")
        if (responses := node.get("responses")) is not None:
            types = self.types("produces", node)
            found["responses"] = _each(responses, lambda s, r: r if s.startswith("x-") else self.response(r, types, f"{at}/responses/{s}"))
        return Node(found, node.place)

    def resolved(self, node: Node) -> Node:
        """A parameter, that of the document where it refers to one."""
        head, _, name = node.string("$ref").rpartition("/")
        target = self.root.get("parameters", name) if head == "#/parameters" else None
        return target if target is not None else node

    def types(self, key: str, operation: Node | None) -> list[Node]:
        """The media types of an operation, or those of the document."""
        said = operation.get(key) if operation is not None else None
        said = said if said is not None else self.root.get(key)
        found = {node.text: node for node in (said.list if said is not None else []) if node.text}
        return list(found.values())

    # --- parameters and bodies ----------------------------------------------------------------------------------------

    def parameter(self, node: Node) -> Node:
        """A parameter, or a header: what its value may be moves into a schema."""
        if "$ref" in node.map:
            return self.moved(node)
        parts = {key: value for key, value in node.map.items() if key in _SCHEMA_OF_PARAMETER}
        if not parts:
            return node
        rest = {key: value for key, value in node.map.items() if key not in parts}
        style = rest.get("collectionFormat")
        if style is not None and style.text in _STYLES:
            del rest["collectionFormat"]
            name, explode = _STYLES[style.text]
            rest |= {"style": Node(name, style.place), "explode": Node(explode, style.place)} if node.string("in") == "query" else {}
        return Node(rest | {"schema": self.schema(Node(parts, node.place))}, node.place)

    def body(self, node: Node, types: Sequence[Node], at: str) -> Node:
        content = self.content(types, node.get("schema"), node, at)
        return Node(_without(node, "name", "in", "schema").map | {"content": content}, node.place)

    def form(self, parameters: list[Node], operation: Node, at: str) -> Node:
        """The fields of a form as one object."""
        fields = {one.string("name"): one for one in map(self.resolved, parameters)}
        self.used |= {p.string("$ref").rpartition("/")[2] for p in parameters if "$ref" in p.map}
        files = any(one.string("type") == "file" for one in fields.values())
        types = [t for t in self.types("consumes", operation) if t.text in _FORMS]
        place = next(iter(fields.values())).place
        types = types or [Node(_FORMS[files], place)]
        properties = {name: self.schema(_without(one, "name", "in", "required", "allowEmptyValue")) for name, one in fields.items()}
        required = [Node(name, one.place) for name, one in fields.items() if one.flag("required")]
        parts = {"type": Node("object", place), "properties": Node(properties, place)}
        parts |= {"required": Node(required, place)} if required else {}
        made = self.content(types, Node(parts, place), Node({}, place), at, ready=True)
        return Node({"content": made} | ({"required": Node(True, place)} if required else {}), place)

    def content(self, types: Sequence[Node], schema: Node | None, around: Node, at: str, *, ready: bool = False) -> Node:
        """One entry for each media type; the schema stands under the first, and the others refer to it."""
        found: dict[str, Node] = {}
        for said in types or [Node("application/json", around.place)]:
            parts: dict[str, Node] = {}
            if schema is not None and not found:
                parts["schema"] = schema if ready else self.schema(schema)
            elif schema is not None:
                first = f"#{at}/content/{escaped(next(iter(found)))}/schema"
                parts["schema"] = _map(said, **{"$ref": Node(first.replace("%", "%25"), said.place)})
            found[said.text] = Node(parts, said.place)
        return Node(found, around.place)

    # --- responses ----------------------------------------------------------------------------------------------------

    def shared_response(self, name: str, node: Node) -> Node:
        return self.response(node, self.types("produces", None), f"/components/responses/{escaped(name)}")

    def response(self, node: Node, types: Sequence[Node], at: str) -> Node:
        if "$ref" in node.map or not isinstance(node.value, dict):
            return self.moved(node)
        found = dict(_without(node, "schema", "examples").map)
        schema, examples = node.get("schema"), node.get("examples")
        if schema is not None:
            found["content"] = self.content(types, schema, schema, at)
        for kind, value in examples.map.items() if examples is not None else ():
            media = found.setdefault("content", Node({}, value.place)).map.setdefault(kind, Node({}, value.place))
            media.map["example"] = value
        if (headers := node.get("headers")) is not None:
            found["headers"] = _each(headers, lambda _, header: self.parameter(header))
        return Node(found, node.place)

    # --- schemas ------------------------------------------------------------------------------------------------------

    def schema_at(self, _: str, node: Node) -> Node:
        return self.schema(node)

    def schema(self, node: Node) -> Node:
        """A schema: its references, its discriminator, files, and what ``x-nullable`` says."""
        if not isinstance(node.value, dict) or "$ref" in node.map:
            return self.moved(node)
        found: dict[str, Node] = {}
        for key, value in node.map.items():
            if key == "properties":
                found[key] = _each(value, self.schema_at)
            elif key == "allOf" and isinstance(value.value, list):
                found[key] = Node([self.schema(one) for one in value.list], value.place)
            elif key in ("items", "additionalProperties"):
                found[key] = self.schema(value)
            elif key == "discriminator" and value.text:
                found[key] = _map(value, propertyName=value)
            elif key == "x-nullable":
                found["nullable"] = value
            else:
                found[key] = value
        if node.string("type") == "file":
            found |= {"type": Node("string", node.map["type"].place), "format": Node("binary", node.map["type"].place)}
        return Node(found, node.place)

    def moved(self, node: Node) -> Node:
        """A reference to what stands elsewhere in OpenAPI 3."""
        if "$ref" not in node.map:
            return node
        said = node.string("$ref")
        head, _, name = said.removeprefix("#/").partition("/")
        if not said.startswith("#/") or head not in _MOVED:
            return node
        return _with(node, **{"$ref": Node(f"#/{_MOVED[head]}/{name}", node.map["$ref"].place)})

    def wrong(self, node: Node, what: str, mend: str) -> None:
        self.problems.append(Problem(node.place.file, node.place.line, node.place.pointer, "error", what, mend))


def _each(node: Node, make: Callable[[str, Node], Node]) -> Node:
    """Every member made anew; what is no mapping stays as it is."""
    return Node({key: make(key, one) for key, one in node.map.items()}, node.place) if isinstance(node.value, dict) else node


def _map(about: Node, **members: Node) -> Node:
    return Node(members, about.place)


def _with(node: Node, **members: Node) -> Node:
    return Node(node.map | members, node.place)


def _without(node: Node, *keys: str) -> Node:
    return Node({key: one for key, one in node.map.items() if key not in keys}, node.place)


def _placed(node: Node, pointer: str) -> Node:
    """The tree with the pointers that it has now, and the lines that it had."""
    value: Value = node.value
    if isinstance(value, dict):
        value = {key: _placed(one, f"{pointer}/{escaped(key)}") for key, one in value.items()}
    elif isinstance(value, list):
        value = [_placed(one, f"{pointer}/{n}") for n, one in enumerate(value)]
    return Node(value, Place(node.place.file, node.place.line, pointer))
