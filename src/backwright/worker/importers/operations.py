"""Reads paths, operations, parameters, bodies and responses."""

import re
from typing import Any

from backwright.worker.design import Body, Example, Header, Media, Operation, Parameter, Requirement, Response
from backwright.worker.importers.document import Node
from backwright.worker.importers.grammar import METHODS
from backwright.worker.importers.references import Library
from backwright.worker.importers.schemas import SchemaReader
from backwright.worker.place import Place, Problem

_LOCATIONS = ("path", "query", "header", "cookie")


class OperationReader:
    """Reads every operation of a document, with references followed and the path item's own parameters added."""

    def __init__(self, library: Library, schemas: SchemaReader, problems: list[Problem]) -> None:
        self.library, self.schemas, self.problems = library, schemas, problems

    def paths(self, node: Node | None) -> tuple[Operation, ...]:
        """The operations under ``paths``."""
        found: list[Operation] = []
        templates: dict[str, Node] = {}
        for path, item in node.map.items() if node is not None else ():
            if path.startswith("x-"):
                continue
            if not path.startswith("/"):
                self.wrong(item.place, f"The path {path!r} does not start with a slash.", f"Write /{path}.")
            self.template(path, item, templates)
            found += self.item(path, item)
        return tuple(found)

    def webhooks(self, node: Node | None) -> tuple[Operation, ...]:
        """The operations under ``webhooks``; their path is the webhook's name."""
        return tuple(one for name, item in (node.map.items() if node is not None else ()) for one in self.item(name, item))

    def template(self, path: str, item: Node, templates: dict[str, Node]) -> None:
        if path.count("{") != path.count("}") or re.search(r"\{[^/{}]*[{/]|\{\}", path):
            self.wrong(
                item.place, f"The path {path!r} has a brace without its partner, or a parameter without a name.", "Write /books/{id}."
            )
        shape = re.sub(r"\{[^}]*\}", "{}", path)
        if shape in templates:
            self.wrong(
                item.place,
                f"The path {path!r} is the same as the one in line {templates[shape].place.line}, but for the names of its parameters.",
                "Merge the two.",
            )
        templates.setdefault(shape, item)

    def item(self, path: str, item: Node) -> list[Operation]:
        whole = self.library.follow(item)
        if whole is None:
            return []
        shared = self.parameters(whole.get("parameters"))
        return [self.operation(path, method, whole.map[method], shared) for method in METHODS if method in whole.map]

    def operation(self, path: str, method: str, node: Node, shared: list[Parameter]) -> Operation:
        own = self.parameters(node.get("parameters"))
        taken = {(p.name, p.location) for p in own}
        body = node.get("requestBody")
        tags = node.get("tags")
        return Operation(
            id=node.string("operationId"), method=method.upper(), path=path, summary=node.string("summary"),
            description=node.string("description"),
            tags=tuple(tag.text for tag in tags.list) if tags is not None else (),
            parameters=tuple([p for p in shared if (p.name, p.location) not in taken] + own),
            body=self.body(body) if body is not None else None, responses=self.responses(node),
            security=self.security(node.get("security")), deprecated=node.flag("deprecated"), place=node.place, extensions=extensions(node),
        )  # fmt: skip

    def security(self, node: Node | None) -> tuple[Requirement, ...] | None:
        """A list of requirements; None if there is no list."""
        if node is None:
            return None
        return tuple(
            Requirement(tuple((n, tuple(s.text for s in scopes.list)) for n, scopes in item.map.items()), item.place) for item in node.list
        )

    def parameters(self, node: Node | None) -> list[Parameter]:
        found: list[Parameter] = []
        for item in node.list if node is not None else []:
            whole = self.library.follow(item)
            if whole is None or not isinstance(whole.value, dict):
                continue
            parameter = self.parameter(whole)
            if parameter is None:
                continue
            if any(p.name == parameter.name and p.location == parameter.location for p in found):
                self.wrong(item.place, f"The {parameter.location} parameter {parameter.name!r} is declared twice.", "Keep one.")
            else:
                found.append(parameter)
        return found

    def parameter(self, node: Node) -> Parameter | None:
        name, location = node.string("name"), node.string("in")
        if not name or location not in _LOCATIONS:
            what = "has no name" if not name else f"is in {location!r}" if location else "does not say where it is"
            self.wrong(node.place, f"A parameter {what}.", f"Write name: and in: one of {', '.join(_LOCATIONS)}.")
            return None
        if location == "path" and not node.flag("required"):
            self.wrong(node.place, f"The path parameter {name!r} is not required: true.", "A path parameter is always required; say so.")
        schema, media = self.schema(node), self.media(node)
        if schema is None and media:
            schema = media[0].schema
        if schema is None:
            self.wrong(node.place, f"The parameter {name!r} has no schema.", "Write schema: {type: string}.")
        usual = "simple" if location in ("path", "header") else "form"
        style = node.string("style") or usual
        explode = node.map.get("explode")
        return Parameter(
            name=name, location=_location(location), required=node.flag("required"), schema=schema, description=node.string("description"),
            examples=self.examples(node), style=style, explode=explode.value is True if explode is not None else style == "form",
            deprecated=node.flag("deprecated"), extensions=extensions(node), place=node.place,
        )  # fmt: skip

    def schema(self, node: Node) -> Any:
        said = node.get("schema")
        return self.schemas.read(said) if said is not None else None

    def body(self, node: Node) -> Body | None:
        whole = self.library.follow(node)
        if whole is None:
            return None
        if "content" not in whole.map:
            self.wrong(node.place, "A request body without content.", "Write content: {application/json: {schema: …}}.")
        return Body(whole.flag("required"), whole.string("description"), self.media(whole), whole.place, extensions(whole))

    def media(self, node: Node) -> tuple[Media, ...]:
        content = node.get("content")
        found: list[Media] = []
        for kind, item in content.map.items() if content is not None else ():
            if not re.fullmatch(r"[\w.+*-]+/[\w.+*-]+( *;.*)?", kind):
                self.wrong(item.place, f"{kind!r} is not a media type.", "Write for example application/json.")
            found.append(Media(kind.lower(), self.schema(item), self.examples(item), item.place))
        return tuple(found)

    def examples(self, node: Node) -> tuple[Example, ...]:
        found: list[Example] = []
        if (one := node.get("example")) is not None:
            found.append(Example("", one.plain(), one.place))
        listed = node.get("examples")
        for name, item in listed.map.items() if listed is not None else ():
            whole = self.library.follow(item)
            value = whole.get("value") if whole is not None else None
            if whole is not None and value is not None:
                found.append(Example(name, value.plain(), value.place, whole.string("summary")))
        return tuple(found)

    def responses(self, node: Node) -> tuple[Response, ...]:
        said = node.get("responses")
        if said is None or not isinstance(said.value, dict) or not any(not k.startswith("x-") for k in said.map):
            self.wrong((said or node).place, "The operation has no responses.", "Write at least one, e.g. '200': {description: Done.}.")
            return ()
        found: list[Response] = []
        for status, item in said.map.items():
            if status.startswith("x-"):
                continue
            if not re.fullmatch(r"[1-5](\d\d|XX)|default", status):
                self.wrong(
                    item.place, f"{status!r} is not a status.", "Write three digits such as '200', a class such as '4XX', or default."
                )
            elif (whole := self.library.follow(item)) is not None:
                found.append(self.response(status, whole))
        return tuple(found)

    def response(self, status: str, node: Node) -> Response:
        if "description" not in node.map and isinstance(node.value, dict):
            self.wrong(node.place, "A response without a description.", "Write description: and one sentence.")
        said = node.get("headers")
        headers = tuple(
            one for name, item in (said.map.items() if said is not None else ()) if (one := self.header(name, item)) is not None
        )
        return Response(status, node.string("description"), self.media(node), headers, node.place, extensions(node))

    def header(self, name: str, item: Node) -> Header | None:
        whole = self.library.follow(item)
        return (
            Header(name, whole.flag("required"), whole.string("description"), self.schema(whole), item.place) if whole is not None else None
        )

    def wrong(self, place: Place, what: str, mend: str) -> None:
        problem = Problem(place.file, place.line, place.pointer, "error", what, mend)
        if problem not in self.problems:
            self.problems.append(problem)


def extensions(node: Node) -> dict[str, Any]:
    """The ``x-`` keys of a node."""
    return {key: value.plain() for key, value in node.map.items() if key.startswith("x-")}


def _location(text: str) -> Any:
    return text
