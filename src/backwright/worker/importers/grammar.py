"""What may stand where in an OpenAPI document, as one table; and the walk over it that names every element. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from backwright.worker.design import Element
from backwright.worker.importers.document import Node
from backwright.worker.importers.references import Library
from backwright.worker.place import Place, Problem

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_TEXTS = {"summary": "text", "description": "text"}
_SHOWN = {"example": "example", "examples": "{example object}"}
_VALUE = {
    "description": "text", "required": "bool", "deprecated": "bool", "allowEmptyValue": "constraint", "style": "constraint",
    "explode": "constraint", "allowReserved": "constraint", "schema": "schema", "content": "{media type}", **_SHOWN,
}  # fmt: skip
_PATH = {"$ref": "text", **_TEXTS, **dict.fromkeys(METHODS, "operation"), "servers": "[server]", "parameters": "[parameter]"}

TABLE: dict[str, dict[str, str]] = {
    "document": {
        "openapi": "text", "info": "info", "jsonSchemaDialect": "constraint", "servers": "[server]", "paths": "paths",
        "webhooks": "{webhook}", "components": "components", "security": "[security requirement]", "tags": "[tag]", "externalDocs": "docs",
    },
    "info": {"title": "text", **_TEXTS, "termsOfService": "text", "contact": "contact", "license": "license", "version": "text"},
    "contact": {"name": "text", "url": "text", "email": "text"},
    "license": {"name": "text", "url": "text", "identifier": "text"},
    "docs": {"description": "text", "url": "text"},
    "server": {"url": "text", "description": "text", "variables": "{server variable}"},
    "server variable": {"enum": "value", "default": "text", "description": "text"},
    "paths": {"*": "path"},
    "path": _PATH,
    "webhook": _PATH,
    "operation": {
        "tags": "[name]", **_TEXTS, "externalDocs": "docs", "operationId": "text", "parameters": "[parameter]",
        "requestBody": "request body",
        "responses": "responses", "callbacks": "{callback}", "deprecated": "bool", "security": "[security requirement]",
        "servers": "[server]",
    },
    "parameter": {"name": "text", "in": "text", **_VALUE},
    "header": _VALUE,
    "request body": {"description": "text", "content": "{media type}", "required": "bool"},
    "media type": {"schema": "schema", **_SHOWN, "encoding": "{encoding}"},
    "encoding": {"contentType": "constraint", "headers": "{header}", "style": "constraint", "explode": "constraint",
        "allowReserved": "constraint"},
    "responses": {"*": "response"},
    "response": {"description": "text", "headers": "{header}", "content": "{media type}", "links": "{link}"},
    "callback": {"*": "path"},
    "example object": {**_TEXTS, "value": "value", "externalValue": "text"},
    "link": {"operationRef": "text", "operationId": "text", "parameters": "value", "requestBody": "value", "description": "text",
        "server": "server"},
    "tag": {"name": "text", "description": "text", "externalDocs": "docs"},
    "security requirement": {"*": "value"},
    "security scheme": {
        "type": "text", "description": "text", "name": "text", "in": "text", "scheme": "text", "bearerFormat": "text", "flows": "flows",
        "openIdConnectUrl": "text",
    },
    "flows": dict.fromkeys(("implicit", "password", "clientCredentials", "authorizationCode"), "flow"),
    "flow": {"authorizationUrl": "text", "tokenUrl": "text", "refreshUrl": "text", "scopes": "value"},
    "components": {
        "schemas": "{schema}", "responses": "{response}", "parameters": "{parameter}", "examples": "{example object}",
        "requestBodies": "{request body}",
        "headers": "{header}", "securitySchemes": "{security scheme}", "links": "{link}", "callbacks": "{callback}", "pathItems": "{path}",
    },
    "discriminator": {"propertyName": "text", "mapping": "value"},
    "xml": {"name": "text", "namespace": "text", "prefix": "text", "attribute": "bool", "wrapped": "bool"},
    "schema": {
        **dict.fromkeys((
            "type", "format", "enum", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
            "minLength", "pattern", "maxItems",
            "minItems", "uniqueItems", "maxProperties", "minProperties", "required", "default", "readOnly", "writeOnly", "deprecated",
        ), "constraint"),
        "title": "text", "description": "text", "example": "example", "properties": "{property}", "additionalProperties": "schema",
        "items": "schema",
        "allOf": "[schema]", "oneOf": "[schema]", "anyOf": "[schema]", "not": "schema", "discriminator": "discriminator", "xml": "xml",
        "externalDocs": "docs",
    },
}  # fmt: skip

ONLY_30: dict[str, dict[str, str]] = {"schema": {"nullable": "constraint"}}
ONLY_31: dict[str, dict[str, str]] = {
    "schema": {
        **dict.fromkeys((
            "const", "contentEncoding", "contentMediaType", "minContains", "maxContains", "dependentRequired",
            "$id", "$anchor", "$schema", "$comment", "$dynamicRef", "$dynamicAnchor", "$vocabulary",
        ), "constraint"),
        "examples": "examples", "$defs": "{schema}", "prefixItems": "[schema]", "contains": "schema", "propertyNames": "schema",
        "if": "schema", "then": "schema",
        "else": "schema", "patternProperties": "{schema}", "dependentSchemas": "{schema}", "unevaluatedItems": "schema",
        "unevaluatedProperties": "schema",
        "contentSchema": "schema",
    },
}  # fmt: skip

_SILENT = {"document", "paths", "path", "components", "responses", "name", "flows", "xml", "example object"}
"""What is accounted for by what stands in it, or around it."""
_REFERABLE = {
    "schema",
    "property",
    "response",
    "parameter",
    "example object",
    "request body",
    "header",
    "security scheme",
    "link",
    "callback",
    "path",
    "webhook",
}


@dataclass(frozen=True, slots=True)
class _Visit:
    rule: str
    node: Node
    name: str


class Walk:
    """One pass over all that the document reaches: its elements, and the problems of its form."""

    def __init__(self, library: Library, problems: list[Problem], modern: bool) -> None:
        self.library, self.problems = library, problems
        extra = ONLY_31 if modern else ONLY_30
        self.table = {rule: fields | extra.get(rule, {}) for rule, fields in TABLE.items()}
        self.table["property"] = self.table["schema"]
        self.elements: list[Element] = []
        self.seen: dict[str, str] = {}
        self.referred: list[tuple[str, Node, Place]] = []

    def run(self, root: Node) -> tuple[Element, ...]:
        """Every element: those of the document in its order, then those of other files in the order of the references to them."""
        self.visit(_Visit("document", root, ""))
        position = 0
        while position < len(self.referred):
            rule, target, source = self.referred[position]
            position += 1
            known = self.seen.get(_address(target.place))
            if known is None:
                self.visit(_Visit(rule, target, target.place.pointer.rpartition("/")[2]))
            elif _like(known) != _like(rule):
                self.problem(source, f"This refers to a {known}, where a {rule} belongs.", f"Refer to a {_like(rule)}.")
        return tuple(self.elements)

    def visit(self, start: _Visit) -> None:
        waiting = [start]
        while waiting:
            waiting += reversed(list(self.open(waiting.pop())))

    def open(self, visit: _Visit) -> Iterator[_Visit]:
        rule, node = visit.rule, visit.node
        if rule not in ("text", "bool", "value"):
            self.note(visit)
        if rule in ("text", "bool"):
            self.leaf(visit)
        elif rule[0] in "[{":
            yield from self.group(visit)
        elif rule in self.table:
            self.seen[_address(node.place)] = rule
            if "$ref" in node.map and rule in _REFERABLE:
                self.refer(visit)
            yield from self.object(visit)

    def note(self, visit: _Visit) -> None:
        if visit.rule[0] in "[{" or visit.rule in _SILENT:
            return
        kind = {"examples": "example", "webhook": "webhook"}.get(visit.rule, visit.rule)
        self.elements.append(Element(kind, visit.name, visit.node.place))

    def refer(self, visit: _Visit) -> None:
        target = self.library.step(visit.node)
        if target is not None:
            self.referred.append((visit.rule, target, visit.node.map["$ref"].place))

    def leaf(self, visit: _Visit) -> None:
        value = visit.node.value
        if visit.rule == "bool" and not isinstance(value, bool):
            self.problem(visit.node.place, f"{visit.name} is {_said(value)}.", "Write true or false.")
        if visit.rule == "text" and not isinstance(value, str):
            self.problem(
                visit.node.place,
                f"{visit.name} is {_said(value)}, where text belongs.",
                "Put the text in quotes." if not isinstance(value, dict | list) else "Write text.",
            )

    def group(self, visit: _Visit) -> Iterator[_Visit]:
        rule, node = visit.rule[1:-1], visit.node
        if visit.rule[0] == "[":
            if not isinstance(node.value, list):
                self.problem(node.place, f"{visit.name} is {_said(node.value)}, where a list belongs.", "Write a list.")
            for index, item in enumerate(node.list):
                yield _Visit(rule, item, item.string("name") or str(index))
        elif not isinstance(node.value, dict):
            if not (rule == "example object" and isinstance(node.value, list)):
                self.problem(node.place, f"{visit.name} is {_said(node.value)}, where a mapping of names belongs.", "Write name: value.")
        else:
            for name, item in node.map.items():
                if not name.startswith("x-") or rule in ("property", "header"):
                    yield from self.named(rule, name, item)

    def named(self, rule: str, name: str, item: Node) -> Iterator[_Visit]:
        if rule == "example object":
            self.elements.append(Element("example", name, item.place))
        yield _Visit(rule, item, name)

    def object(self, visit: _Visit) -> Iterator[_Visit]:
        node, fields = visit.node, self.table[visit.rule]
        if not isinstance(node.value, dict):
            if not (_like(visit.rule) == "schema" and isinstance(node.value, bool)):
                self.problem(
                    node.place,
                    f"{visit.name or 'The document'} is {_said(node.value)}, where a {_word(visit.rule)} belongs.",
                    "Write a mapping.",
                )
            return
        for key, value in node.map.items():
            rule = fields.get(key) or fields.get("*")
            if key.startswith("x-"):
                self.elements.append(Element("extension", key, value.place))
            elif key == "$ref" and visit.rule in _REFERABLE:
                continue
            elif rule is None:
                self.elements.append(Element("unknown", key, value.place))
            else:
                name = _label(visit, key, rule)
                yield _Visit(rule, value, name)

    def problem(self, place: Place, what: str, mend: str) -> None:
        self.problems.append(Problem(place.file, place.line, place.pointer, "error", what, mend))


def _label(visit: _Visit, key: str, rule: str) -> str:
    if rule == "operation":
        return f"{key.upper()} {visit.name}"
    return visit.name if rule == "schema" and key == "schema" else key


def _word(rule: str) -> str:
    return f"mapping of {rule}" if rule in ("paths", "responses", "flows", "components") else _like(rule)


def _like(rule: str) -> str:
    return {"property": "schema", "webhook": "path"}.get(rule, rule)


def _address(place: Place) -> str:
    return f"{place.file}#{place.pointer}"


def _said(value: object) -> str:
    if value is None:
        return "empty"
    words: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", str: "text", dict: "a mapping", list: "a list"}
    return f"{words[type(value)]} ({str(value)[:40]!r})" if isinstance(value, str | int | float) else words[type(value)]
