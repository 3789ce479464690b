"""The served contract as OpenAPI 3.1: built from what was compiled to serve it, so that the two cannot differ."""

import re
from dataclasses import replace
from enum import Enum
from typing import Any

from backwright.api.rest.documented import JSON, Documented, Given, PageWords, QueryWord, Taken
from backwright.api.rest.door import RestDoor
from backwright.api.rest.errors import LIMITS_OF, ErrorBook, possible
from backwright.api.rest.representation import representation
from backwright.operations.answers import File, Html, Json, Redirect, Stream, Text
from backwright.operations.examples import NoExample, example, member_example
from backwright.operations.results import optional_shape
from backwright.operations.schemas import Direction, Schema, Schemas, plain
from backwright.operations.shapes import Member, ObjectOf, Shape

_CURSOR = "Zm9yLXRoZS1uZXh0LXBhZ2U"
_TAG = '"3-a3-ab76cf06"'
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
_ANSWERS: dict[type[Any], tuple[str, Schema]] = {
    Json: (JSON, {}),
    Text: ("text/plain", {"type": "string"}),
    Html: ("text/html", {"type": "string"}),
    File: ("*/*", {}),
    Stream: ("*/*", {}),
}
HEADERS: dict[str, Schema] = {
    "ETag": {
        "description": "A strong validator of this representation; it begins with the version.",
        "schema": {"type": "string"},
        "example": _TAG,
    },
    "Location": {"description": "Where to find it.", "schema": {"type": "string", "format": "uri-reference"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
    "WWW-Authenticate": {"description": "How to sign in (RFC 9110, 11.6.1).", "schema": {"type": "string"}},
    "Allow": {"description": "The methods of this path.", "schema": {"type": "string"}},
    "Accept": {"description": "The content types that are accepted here.", "schema": {"type": "string"}},
    "X-Request-Id": {"description": "The name of this request in the logs; it stands in every error too.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "The caller's limit: requests `q` in a window of `w` seconds.", "schema": {"type": "string"}},
    "RateLimit": {"description": "What is left: `r` requests, more in `t` seconds.", "schema": {"type": "string"}},
    "X-RateLimit-Limit": {"description": "Requests in a window.", "schema": {"type": "integer"}},
    "X-RateLimit-Remaining": {"description": "Requests left.", "schema": {"type": "integer"}},
    "X-RateLimit-Reset": {"description": "When the limit is whole again, in Unix seconds.", "schema": {"type": "integer"}},
}
PARAMETERS: dict[str, Schema] = {
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "example": "*",
        "description": "Change only the version that was read: its ETag. Another version is answered 412.",
    },
    "IfMatchRequired": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "schema": {"type": "string"},
        "example": "*",
        "description": "The ETag of the version to change. Without it 428, for another version 412.",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "description": "The ETag of what the client has: if it still holds, the answer is 304 without a body.",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": "Repeat the same request with the same key, and it is done once and answered alike.",
    },
}


def openapi(door: RestDoor, title: str = "API") -> Schema:
    """The document: every operation with its inputs, answers and errors, and an example of each. The contract's own title comes first."""
    return _Writer(door).document(door.rest.title or title)


class _Writer:
    def __init__(self, door: RestDoor) -> None:
        self.door = door
        self.model = door.model
        self.schemas = Schemas("#/components/schemas/")
        self.errors = ErrorBook(door.site.errors, door.model, self.schemas, door.site.status)
        self.signing = any(route.operation.rule.needs_caller or route.tag == "Accounts" for route in door.documented)
        self._ids: set[str] = set()
        self._parameters: set[str] = set()

    def document(self, title: str) -> Schema:
        rest = self.door.rest
        paths: dict[str, Schema] = {}
        templates: dict[str, str] = {}
        for route in self.door.documented:
            path = route.path.replace(":path}", "}")
            template = templates.setdefault(re.sub(r"{[^}]*}", "{}", path), path)
            paths.setdefault(template, {})[route.method.lower()] = _under(template, path, self.operation(route))
        tags = list(dict.fromkeys(route.tag for route in self.door.documented))
        components: Schema = {
            "schemas": self.schemas.definitions | {"Error": self.errors.schema},
            "responses": self.errors.responses,
            "headers": HEADERS,
            "parameters": {name: PARAMETERS[name] for name in sorted(self._parameters)},
        }
        if self.signing:
            components["securitySchemes"] = {"token": self.scheme()}
        return {
            "openapi": "3.1.1",
            "info": {"title": title, "version": rest.version},
            "servers": [{"url": "/"}],
            "tags": [{"name": tag} for tag in tags],
            "paths": paths,
            "components": components,
        }

    def scheme(self) -> Schema:
        word = self.door.rest.authorization
        if word == "Bearer":
            return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": f"`{word} ` and the access token."}

    def operation(self, route: Documented) -> Schema:
        operation = route.operation
        found: Schema = {
            "operationId": self._id(route),
            "tags": [route.tag],
            "summary": operation.summary.replace("Change", "Replace", 1) if route.method == "PUT" and route.changes else operation.summary,
            "description": self._description(route),
        }
        if parameters := self.parameters(route):
            found["parameters"] = parameters
        if route.takes is not None:
            found["requestBody"] = self.body(route.takes)
        found["responses"] = self.successes(route) | self.errors.answers(possible(route, signing=self.signing))
        if self.signing:
            found["security"] = [{"token": []}] if operation.rule.needs_caller else [{}, {"token": []}]
        return found

    def _id(self, route: Documented) -> str:
        name = (
            "replace_" + route.operation.name.removeprefix("update_") if route.method == "PUT" and route.changes else route.operation.name
        )
        free, number = name, 2
        while free in self._ids:
            free, number = f"{name}_{number}", number + 1
        self._ids.add(free)
        return free

    def _description(self, route: Documented) -> str:
        rule = route.operation.rule
        who = {"anyone": "anyone", "signed_in": "whoever has signed in"}.get(rule.name, f"the rule `{rule.name}`")
        cost = f" It counts as {route.operation.cost} requests." if route.operation.cost != 1 else ""
        doc = "What is left out goes back to its default." if route.method == "PUT" and route.changes else route.operation.doc
        return f"{doc}\n\nAllowed: {who}.{cost}".strip()

    # --- what is taken ------------------------------------------------------------------------------------------------

    def parameters(self, route: Documented) -> list[Schema]:
        found = [self.parameter(m, "path") for m in route.path_members]
        found += [self.parameter(m, "query") for m in route.query_members]
        found += [self.word(word) for word in route.query_words]
        named: list[str] = []
        if route.changes and route.versioned:
            named.append("IfMatchRequired" if route.version_required else "IfMatch")
        if route.method == "GET" and route.gives.tagged:
            named.append("IfNoneMatch")
        if route.keyed:
            named.append("IdempotencyKey")
        self._parameters.update(named)
        return found + [{"$ref": f"#/components/parameters/{name}"} for name in named]

    def parameter(self, m: Member, where: str) -> Schema:
        found: Schema = {
            "name": m.wire,
            "in": where,
            "required": where == "path" or m.required,
            "schema": self.schemas.of(_bare(m.shape), "out")
            | _default(m),
        }
        return found | ({"description": m.doc} if m.doc else {}) | _member_shown(m)

    def word(self, word: QueryWord) -> Schema:
        schema = word.schema if word.schema is not None else self.schemas.of(word.shape, "out") if word.shape is not None else {}
        if word.most is not None:
            schema = schema | {"maxItems": word.most}
        found: Schema = {"name": word.name, "in": "query", "required": False, "description": word.doc, "schema": schema}
        if word.joined:
            found |= {"style": "form", "explode": False}
        return found | ({"example": word.example} if word.example is not None else {})

    def body(self, taken: Taken) -> Schema:
        if taken.shape is None:
            return {"required": False, "content": {media: {"schema": _FILE} for media in taken.media}}
        schema = self.schemas.of(taken.shape)
        one = _shown(taken.shape)
        if taken.uploads:
            return {"required": True, "content": {media: {"schema": self.form(taken)} for media in taken.media}}
        if not taken.batch:
            return {"required": True, "content": {media: {"schema": schema} | one for media in taken.media}}
        many = {"type": "array", "items": schema, "minItems": 1, "maxItems": taken.batch}
        content: Schema = {"schema": {"oneOf": [schema, many]}}
        if one:
            content["examples"] = {
                "one": {"value": one["example"]},
                "batch": {"summary": "Several, all or nothing.", "value": [one["example"]]},
            }
        return {"required": True, "content": dict.fromkeys(taken.media, content)}

    def form(self, taken: Taken) -> Schema:
        assert isinstance(taken.shape, ObjectOf)
        schema = self.schemas.object(taken.shape)
        for name, several, required in taken.uploads:
            schema["properties"][name] = {"type": "array", "items": _FILE} if several else _FILE
            if required:
                schema["required"] = [*schema.get("required", ()), name]
        return schema

    # --- what is given ------------------------------------------------------------------------------------------------

    def successes(self, route: Documented) -> dict[str, Schema]:
        given = route.gives
        found: Schema = {"description": "Done." if given.status == 204 else "The answer." if given.shape is None else "As it is now."}
        found["headers"] = self._headers(given)
        if content := self.content(route, given):
            found["content"] = content
        answers = {str(given.status): found}
        if given.result is not None and Redirect in given.result.answers:
            answers["303"] = {"description": "Look there.", "headers": {"Location": {"$ref": "#/components/headers/Location"}}}
            if len(given.result.answers) == 1 and not content:
                del answers[str(given.status)]
        if given.result is not None and given.result.nothing and content and given.status == 200:
            answers["204"] = {"description": "There is nothing."}
        if route.method == "GET" and given.tagged:
            answers["304"] = {"description": "The client has it already."}
        return answers

    def _headers(self, given: Given) -> Schema:
        names = [*(["ETag"] if given.tagged else []), *(["Location"] if given.located else [])]
        return {name: {"$ref": f"#/components/headers/{name}"} for name in names} | LIMITS_OF[True]

    def content(self, route: Documented, given: Given) -> Schema:
        if given.shape is not None:
            one = self._json(given.shape, given)
            batch = route.takes.batch if route.takes is not None else 0
            return {JSON: self._or_batch(one, route) if batch else one}
        return self._of_result(given) if given.result is not None else {}

    def _of_result(self, given: Given) -> Schema:
        result = given.result
        assert result is not None
        found: Schema = {_ANSWERS[kind][0]: {"schema": _ANSWERS[kind][1]} for kind in result.answers if kind in _ANSWERS}
        if result.entity is not None:
            shown: Shape = representation(self.door.shape_of(result.entity), self.model)
            page = PageWords(items=given.envelope, next=None, next_is_key=False, total=None) if result.many else None
            found[JSON] = self._json(shown, Given(status=200, shape=shown, envelope=given.envelope, page=page))
        elif (shape := optional_shape(result)) is not None:
            found[JSON] = self._json(shape, given)
        return found

    def _json(self, shape: Shape, given: Given, direction: Direction = "out") -> Schema:
        schema, shown = self.schemas.of(shape, direction), _shown(shape)
        value = shown.get("example")
        if given.page is not None:
            schema, value = _paged(schema, value, given.page)
        elif given.envelope is not None:
            schema = {"type": "object", "properties": {given.envelope: schema}, "required": [given.envelope]}
            value = {given.envelope: value}
        return {"schema": schema} | ({"example": value} if shown else {})

    def _or_batch(self, one: Schema, route: Documented) -> Schema:
        many = {"type": "array", "items": one["schema"]}
        key = route.gives.batch_key
        if key is not None:
            many = {"type": "object", "properties": {key: many}, "required": [key]}
        return {"schema": {"oneOf": [one["schema"], many]}} | ({"example": one["example"]} if "example" in one else {})


def _default(m: Member) -> Schema:
    """What a parameter is where it is left out."""
    return {"default": plain(m.default)} if isinstance(m.default, str | int | float | Enum) else {}


def _under(template: str, path: str, operation: Schema) -> Schema:
    """The operation at a path that another one spells with other names of parameters: a document may have it only once."""
    if template != path:
        names = dict(zip(re.findall(r"{([^}]*)}", path), re.findall(r"{([^}]*)}", template), strict=True))
        for parameter in operation.get("parameters", ()):
            if parameter.get("in") == "path":
                parameter["name"] = names[parameter["name"]]
    return operation


def _paged(schema: Schema, value: Any, page: PageWords) -> tuple[Schema, Any]:
    rows: Schema = {"type": "array", "items": schema}
    if page.items is None:
        return rows, [value]
    properties: Schema = {page.items: rows}
    shown: Schema = {page.items: [value]}
    if page.next is not None:
        kind = ["integer", "string", "null"] if page.next_is_key else ["string", "null"]
        properties[page.next] = {"type": kind, "description": "Where the next page begins; null on the last one."}
        shown[page.next] = None if page.next_is_key else _CURSOR
    if page.total is not None:
        properties[page.total] = {"type": "integer", "minimum": 0, "description": "How many rows there are in all."}
        shown[page.total] = 1
    return {"type": "object", "properties": properties, "required": list(properties)}, shown


def _bare(shape: Shape) -> Shape:
    return replace(shape, optional=False)


def _shown(shape: Shape) -> Schema:
    """``{"example": ...}``, or nothing where none can be made."""
    try:
        return {"example": example(shape)}
    except NoExample:
        return {}


def _member_shown(m: Member) -> Schema:
    try:
        return {"example": member_example(m)}
    except NoExample:
        return {}
