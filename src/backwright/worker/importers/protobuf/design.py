"""Protocol buffers as a design: messages are stored, methods served over HTTP, in the kit's own manner or as annotated, until gRPC is."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backwright.domain.naming import kebab, plural, snake
from backwright.worker.design import Design
from backwright.worker.importers.projection import PAGING, At, Projection, answer, body, collection, page, path_parameter, reference
from backwright.worker.importers.protobuf.descriptors import Options, compiled
from backwright.worker.importers.protobuf.messages import CARRIERS, MESSAGE, REPEATED, Message, Messages, Package, package
from backwright.worker.place import BrokenDesign, Problem

_VERBS = re.compile(r"(Get|List|Create|Update|Delete)(.+)")
_PAGING = ("page_size", "page_token", "limit", "offset", "cursor", "skip", "page")
_UNMAPPED = ("update_mask", "validate_only", "request_id", "allow_missing", "read_mask", "parent")
_SERVED = "gRPC itself is not served yet: it answers at {}"
_SIMPLE = re.compile(r"(/[a-zA-Z0-9._~-]+|/\{[a-z0-9_]+(\.[a-z0-9_]+)?\})+")


def import_protobuf(files: Sequence[tuple[Path, str]]) -> Design:
    """The design in .proto files; each path comes with the name that places show.

    Raises `BrokenDesign` with every problem that the compiler finds.
    """
    problems: list[Problem] = []
    descriptors = compiled(files, problems)
    found = package(descriptors, {name: name for _, name in files} | {path.name: name for path, name in files})
    if not found.messages:
        raise BrokenDesign((Problem(files[0][1], 1, "", "error", "There is no message here.", "Write message Book { string id = 1; … }."),))
    into = Projection(files[0][0].stem.replace("_", " ").replace("-", " ").capitalize(), files[0][1], problems=problems)
    options = Options(descriptors)
    messages = Messages(found, stored(found), options, into)
    messages.run()
    Methods(found, messages, options, into).run()
    return into.design()


def stored(found: Package) -> set[str]:
    """The messages that methods get, list or make: what has rows."""
    named: set[str] = set()
    for service, *_ in found.services:
        for method in service.method:
            match = _VERBS.fullmatch(method.name)
            about = _about(found, match[2]) if match else None
            named |= {about.full} if about is not None else set()
            answered = found.messages.get(method.output_type)
            if answered is not None and not CARRIERS.match(answered.name) and answered.field("id") is not None:
                named.add(answered.full)
    return named


def _about(found: Package, word: str) -> Message | None:
    rows = (m for m in found.messages.values() if not CARRIERS.match(m.name))
    return next((m for m in rows if word == m.name or snake(word) == plural(snake(m.name))), None)


class Methods:
    """Every method of every service with its operation."""

    def __init__(self, found: Package, messages: Messages, options: Options, into: Projection) -> None:
        self.found, self.messages, self.options, self.into = found, messages, options, into

    def run(self) -> None:
        """In the order of the files."""
        for service, file, lines, n in self.found.services:
            self.into.origin("service", service.name, file, lines.get((6, n), (1, ""))[0])
            for k, method in enumerate(service.method):
                line, comment = lines.get((6, n, 2, k), (1, ""))
                self.method(service.name, method, file, line, comment)

    def method(self, service: str, method: Any, file: str, line: int, comment: str) -> None:
        name = f"{service}.{method.name}"
        if method.client_streaming or method.server_streaming:
            return self.into.origin("method", name, file, line, reason="streams need the gRPC door, which is not there yet")
        verb, path, said = self.derived(method, comment)
        verb, path, said, why = self.annotated(method, verb, path, said)
        said = {"operationId": snake(method.name), "summary": comment or _words(method.name), **said}
        pointer = self.into.operation(verb, path, At(said, file, line))
        if not pointer:
            verb, path = "POST", f"/v1/{kebab(service)}/{kebab(method.name)}"
            pointer = self.into.operation(verb, path, At(said, file, line))
        reasons = "; ".join(filter(None, [_SERVED.format(f"{verb} {path}"), why]))
        self.into.origin("method", name, file, line, [pointer] if pointer else [], reasons)

    def derived(self, method: Any, comment: str) -> tuple[str, str, dict[str, Any]]:
        """What the method's name says (Google's API guide, AIP-131 to AIP-135), else a command."""
        match, given = _VERBS.fullmatch(method.name), self.found.messages.get(method.input_type)
        about = _about(self.found, match[2]) if match else None
        fields = list(given.about.field) if given is not None else []
        if match and about is not None and about.full in self.messages.stored:
            return self.resource(match[1], about, fields)
        takes = {"requestBody": body(spelt_out(self.messages, fields))} if fields else {}
        shown = {"responses": answer(200, self.answered(method))}
        return "POST", f"/v1/{kebab(method.name)}", {**takes, **shown, "x-rule": comment or _words(method.name)}

    def resource(self, verb: str, about: Message, fields: list[Any]) -> tuple[str, str, dict[str, Any]]:
        rows, one = collection(about.name), reference(about.name)
        held = about.field("id")
        key = (
            {"type": "integer", "format": "int64"}
            if held is not None and held.type in (3, 4, 5, 13)
            else {"type": "string", "format": "uuid"}
        )
        asked, item = [path_parameter("id", key)], f"{rows}/{{id}}"
        if verb == "List":
            return "GET", rows, {"parameters": [*PAGING, *self.filters(fields)], "responses": answer(200, page(one))}
        if verb == "Get":
            return "GET", item, {"parameters": asked, "responses": answer(200, one)}
        if verb == "Delete":
            return "DELETE", item, {"parameters": asked, "responses": answer(204, None)}
        carried = self.carried(about, fields, partial=verb == "Update")
        if verb == "Update":
            return "PATCH", item, {"parameters": asked, "requestBody": body(carried), "responses": answer(200, one)}
        return "POST", rows, {"requestBody": body(carried), "responses": answer(201, one)}

    def carried(self, about: Message, fields: list[Any], *, partial: bool) -> dict[str, Any]:
        """The row that a request carries: the message itself inside it, or its fields one by one."""
        inner = any(f.type == MESSAGE and f.type_name == about.full for f in fields)
        parts = list(about.about.field) if inner else fields
        said = [
            self.messages.property(f)[:2] for f in parts if f.name not in ("id", "name" if inner and about.field("id") is None else "id")
        ]
        writable = {name: schema for name, schema in said if not schema.get("readOnly") and name not in _UNMAPPED}
        needed = [] if partial else [f.name for f in parts if f.name in writable and self.messages.required(f)]
        return {"type": "object", "required": needed, "properties": writable}

    def filters(self, fields: list[Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for item in fields:
            if item.name == "order_by":
                found.append({"name": "sort", "in": "query", "schema": {"type": "string"}})
            elif item.name not in (*_PAGING, *_UNMAPPED, "filter") and item.type != MESSAGE and item.label != REPEATED:
                name, schema, _ = self.messages.property(item)
                found.append({"name": name, "in": "query", "schema": schema})
        return found

    def answered(self, method: Any) -> Any:
        if method.output_type == ".google.protobuf.Empty":
            return None
        one = self.found.messages.get(method.output_type)
        if one is None:
            return {}
        if one.full in self.messages.stored or not CARRIERS.match(one.name):
            return reference(one.name)
        return spelt_out(self.messages, list(one.about.field))

    def annotated(self, method: Any, verb: str, path: str, said: dict[str, Any]) -> tuple[str, str, dict[str, Any], str]:
        """The method and path of ``google.api.http``, where they are as simple as a path of ours; ``{book.id}`` reads ``{id}``."""
        rule = self.options.of(method, "google.api.http")
        kind = rule.WhichOneof("pattern") if rule is not None else None
        if rule is None or kind in (None, "custom"):
            return verb, path, said, ""
        wanted = getattr(rule, kind)
        more = "its other bindings are not served" if rule.additional_bindings else ""
        if not _SIMPLE.fullmatch(wanted):
            return verb, path, said, f"the pattern {wanted} is no plain path"
        plain = re.sub(r"\{[a-z0-9_]+\.([a-z0-9_]+)\}", r"{\1}", wanted)
        names = re.findall(r"\{(\w+)\}", plain)
        own = [p for p in said.get("parameters", []) if p["in"] == "path"]
        if len(names) == 1 and len(own) == 1:
            said = {**said, "parameters": [{**own[0], "name": names[0]}, *(p for p in said["parameters"] if p not in own)]}
        elif names:
            kept = [p for p in said.get("parameters", []) if p["in"] != "path"]
            said = {**said, "parameters": [*(path_parameter(n, {"type": "string", "format": "uuid"}) for n in names), *kept]}
        return kind.upper(), plain, said, more


def spelt_out(messages: Messages, fields: list[Any]) -> dict[str, Any]:
    """An object of these fields, spelt out: a message that only carries a call has no schema of its own."""
    said = [messages.property(f)[:2] for f in fields]
    needed = [name for f, (name, _) in zip(fields, said, strict=True) if messages.required(f)]
    return {"type": "object", "required": needed, "properties": dict(said)}


def _words(name: str) -> str:
    return snake(name).replace("_", " ").capitalize()
