"""The fields of Query and Mutation as operations of a contract, in the kit's own manner."""

import re
from typing import Any

from backwright.domain.naming import kebab, snake
from backwright.worker.importers.graphql.sdl import Sdl, Shape, arguments, described, place, shape
from backwright.worker.importers.graphql.types import Types, literal
from backwright.worker.importers.projection import PAGING, At, Projection, answer, body, collection, page, path_parameter, reference

_CUTS = ("first", "last", "after", "before", "limit", "offset", "page", "pageSize", "perPage", "skip", "take", "cursor")
_SORTS = ("orderBy", "sort", "sortBy", "order")
_SIGN_IN = re.compile(r"(log_?in|sign_?in|authenticate)$", re.IGNORECASE)
_SIGN_UP = re.compile(r"(sign_?up|register)(user|account)?$", re.IGNORECASE)
_OUT = re.compile(r"(log_?out|sign_?out)$", re.IGNORECASE)
_ME = ("me", "viewer", "currentUser", "whoami")
TOKENS: dict[str, Any] = {
    "type": "object", "required": ["access_token", "refresh_token", "token_type", "expires_in"],
    "properties": {
        "access_token": {"type": "string"}, "refresh_token": {"type": "string"}, "token_type": {"type": "string"},
        "expires_in": {"type": "integer"},
    },
}  # fmt: skip
"""What the kit answers to a password."""
CREDENTIALS: dict[str, dict[str, Any]] = {
    "email": {"type": "string", "format": "email", "maxLength": 254},
    "password": {"type": "string", "format": "password", "minLength": 1, "maxLength": 1024, "writeOnly": True},
}
"""What the kit takes for them, whatever they are in a language that knows only strings."""
_SERVED = "GraphQL itself is not served yet: it answers at {}"


class Operations:
    """Every root field with its operation."""

    def __init__(self, sdl: Sdl, types: Types, into: Projection) -> None:
        self.sdl, self.types, self.into = sdl, types, into

    def run(self) -> None:
        """Queries read, mutations write; subscriptions wait for the real-time door."""
        for name in self.sdl.roots.values():
            if name in self.sdl.types:
                self.into.origin("type", name, *place(self.sdl.types[name].nodes[0]))
        for node in self.sdl.root("query"):
            self.add("Query", node, *self.query(node))
        for name, property in self.types.inverse:
            self.listed(name, property)
        for node in self.sdl.root("mutation"):
            self.add("Mutation", node, *self.mutation(node))
        for node in self.sdl.root("subscription"):
            name = f"{self.sdl.roots['subscription']}.{node.name.value}"
            self.into.origin("subscription", name, *place(node), reason="subscriptions need the real-time door, which is not there yet")

    def add(self, root: str, node: Any, method: str, path: str, said: dict[str, Any]) -> None:
        name = f"{root}.{node.name.value}"
        said = {"operationId": node.name.value, "summary": described(node) or _words(node.name.value), **said}
        if any(one.name.value == "deprecated" for one in node.directives or ()):
            said["deprecated"] = True
        if any(one.name.value.lower() in ("public", "anonymous") for one in node.directives or ()) or "password" in str(said):
            said["security"] = []
        pointer = self.into.operation(method, path, At(said, *place(node)))
        if not pointer:  # two fields for one route: the second is a route of its own
            path = f"/v1/{kebab(node.name.value)}"
            pointer = self.into.operation(method, path, At(said, *place(node)))
        self.into.origin("operation", name, *place(node), [pointer] if pointer else [], _SERVED.format(f"{method} {path}"))
        for argument in arguments(node):
            cut = argument.name.value in _CUTS and argument.name.value not in ("limit", "cursor")
            why = "lists are cut by limit and cursor" if cut and method == "GET" else ""
            self.into.origin("argument", f"{name}({argument.name.value})", *place(argument), reason=why)
        for directive in node.directives or ():
            self.into.origin("directive", f"{name} @{directive.name.value}", *place(directive))

    def listed(self, name: str, property: str) -> None:
        """The rows that refer to one other: a filter of their list, which is made if nothing else asked for it."""
        at = self.into.paths.setdefault(collection(name), {})
        said = at.setdefault("get", {"summary": f"List by {_words(property)}", "responses": answer(200, page(reference(name)))})
        parameters = (said.value if isinstance(said, At) else said).setdefault("parameters", [*PAGING])
        if all(one["name"] != property for one in parameters):
            parameters.append({"name": property, "in": "query", "schema": {"type": "string", "format": "uuid"}})

    # --- reading ------------------------------------------------------------------------------------------------------

    def query(self, node: Any) -> tuple[str, str, dict[str, Any]]:
        said, given = self.types.unwrapped(shape(node.type)), list(arguments(node))
        if node.name.value in _ME and not given:
            return "GET", "/v1/me", {"responses": answer(200, self.shown(said))}
        if said.name in self.types.stored and said.many and not _asks(given):
            parameters = [*PAGING, *self.filters(given)]
            return "GET", self.lists(node, said), {"parameters": parameters, "responses": answer(200, page(reference(said.name)))}
        if said.name in self.types.stored and not said.many and len(given) == 1:
            key = snake(given[0].name.value)
            asked = path_parameter(key, self.argument(given[0]))
            return "GET", f"{collection(said.name)}/{{{key}}}", {"parameters": [asked], "responses": answer(200, self.shown(said))}
        parameters = [_asked(one, self.argument(one)) for one in given]
        return "GET", f"/v1/{kebab(node.name.value)}", {
            "parameters": parameters, "responses": answer(200, self.shown(said)), "x-rule": described(node) or _words(node.name.value),
        }  # fmt: skip

    def lists(self, node: Any, said: Shape) -> str:
        """``books`` lists the books; another list of them (``featuredBooks``) has a route of its own."""
        own = collection(said.name)
        name = kebab(node.name.value).removeprefix("all-").removeprefix("list-").removeprefix("get-")
        return own if own == f"/v1/{name}" or name.startswith(snake(said.name).replace("_", "-")) else f"/v1/{kebab(node.name.value)}"

    def filters(self, given: list[Any]) -> list[dict[str, Any]]:
        """The arguments that choose rows, those inside an input object too; how to cut the list is the kit's own."""
        found: list[dict[str, Any]] = []
        for one in given:
            name, said = one.name.value, shape(one.type)
            if name in _CUTS:
                continue
            if name in _SORTS:
                found.append({"name": "sort", "in": "query", "schema": {"type": "string"}})
            elif (inner := self.sdl.types.get(said.name)) is not None and inner.kind == "input":
                found += [_asked(part, self.argument(part)) for part in inner.fields]
            else:
                found.append(_asked(one, self.argument(one)))
        return found

    # --- writing ------------------------------------------------------------------------------------------------------

    def mutation(self, node: Any) -> tuple[str, str, dict[str, Any]]:
        name, given = node.name.value, list(arguments(node))
        said = self.types.unwrapped(shape(node.type))
        if (found := self.signing(node, name, said)) is not None:
            return found
        verb, _, about = snake(name).partition("_")
        entity = self.types.named(about)
        key = next((one for one in given if shape(one.type).name == "ID" and snake(one.name.value) in ("id", f"{about}_id")), None)
        rest = [one for one in given if one is not key]
        if entity and verb in ("create", "add", "new", "make") and key is None and not said.many:
            made = {"requestBody": body(self.types.narrowed(entity, self.carried(rest))), "responses": answer(201, reference(entity))}
            return "POST", collection(entity), made
        if entity and key is not None:
            path, asked = f"{collection(entity)}/{{id}}", [path_parameter("id", {"type": "string", "format": "uuid"})]
            if verb in ("update", "edit", "change", "patch") and rest:
                changed = {
                    "requestBody": body(self.types.narrowed(entity, self.carried(rest, partial=True))),
                    "responses": answer(200, reference(entity)),
                }
                return "PATCH", path, {"parameters": asked, **changed}
            if verb in ("delete", "remove", "destroy"):
                return "DELETE", path, {"parameters": asked, "responses": answer(204, None)}
        rule = {"x-rule": described(node) or _words(name)}
        takes = {"requestBody": body(self.carried(given))} if given else {}
        return "POST", f"/v1/{kebab(name)}", {**takes, "responses": answer(200, self.shown(said)), **rule}

    def signing(self, node: Any, name: str, said: Shape) -> tuple[str, str, dict[str, Any]] | None:
        if _OUT.fullmatch(name):
            return "POST", "/v1/sign-out", {"responses": answer(204, None)}
        carried = self.carried(list(arguments(node)))
        given = carried.get("properties", {})
        given |= {key: CREDENTIALS[key] for key in given if key in CREDENTIALS}
        if _SIGN_UP.fullmatch(name) and "password" in given:
            given["password"] = {**CREDENTIALS["password"], "minLength": 8}
        takes = {"requestBody": body(carried)}
        if _SIGN_IN.fullmatch(name):
            return "POST", "/v1/sign-in", {**takes, "responses": answer(200, TOKENS)}
        if _SIGN_UP.fullmatch(name):
            inner = [shape(f.type) for f in self.sdl.types[said.name].fields] if said.name in self.sdl.types else []
            account = next((s.name for s in [said, *inner] if s.name in self.types.stored), "")
            return "POST", "/v1/sign-up", {**takes, "responses": answer(201, reference(account) if account else self.shown(said))}
        return None

    def carried(self, given: list[Any], *, partial: bool = False) -> dict[str, Any]:
        """The body of the arguments: the one input object itself, or an object of them all."""
        inner = self.sdl.types.get(shape(given[0].type).name) if len(given) == 1 and not shape(given[0].type).many else None
        if inner is not None and inner.kind == "input":
            return reference(inner.name)
        needed = [] if partial else [snake(one.name.value) for one in given if shape(one.type).required and one.default_value is None]
        return {"type": "object", "required": needed, "properties": {snake(one.name.value): self.argument(one) for one in given}}

    def argument(self, one: Any) -> dict[str, Any]:
        name, said = snake(one.name.value), shape(one.type)
        if said.name == "ID" and (pointed := self.types.pointed(name)):
            return self.types.key(pointed, many=said.many)
        schema = self.types.schema(said)
        if name == "id":
            schema |= {"format": "uuid"}
        if one.default_value is not None and not said.many:
            schema["default"] = literal(one.default_value)
        return schema

    def shown(self, said: Shape) -> dict[str, Any]:
        if said.name not in self.types.stored:
            return self.types.schema(said)
        return {"type": "array", "items": reference(said.name)} if said.many else reference(said.name)


def _asks(given: list[Any]) -> bool:
    """Whether a list is a search in words: what it means is not said by fields."""
    return any(one.name.value in ("query", "q", "search", "text", "term") for one in given)


def _asked(one: Any, schema: dict[str, Any]) -> dict[str, Any]:
    needed = shape(one.type).required and one.default_value is None
    return {"name": snake(one.name.value), "in": "query", "required": needed, "schema": schema}


def _words(name: str) -> str:
    return snake(name).replace("_", " ").capitalize()
