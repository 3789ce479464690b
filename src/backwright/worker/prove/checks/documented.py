"""api.documented: every operation is in the served OpenAPI document, with examples that really go through, and answers as it says."""

import json
from typing import Any

import msgspec

from backwright.operations.shapes import Leaf, ListOf, MapOf, ObjectOf, Shape
from backwright.testing.answer import Answer
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import able
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.people import NOBODY, Person
from backwright.worker.prove.rig.rig import ABSENT, Rig, brief, on_each, told
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

Document = dict[str, Any]


def documented(target: Target) -> Finding:
    """Fetch the document, and hold every operation to it."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        document = await _fetched(rig, seen)
        if document is not None:
            validators: dict[str, Any] = {}
            for one in rig.served:
                await _Operation(rig, seen, document, one, validators).all()

    on_each(target, check, rows=4, only="sqlite")
    return seen.finding("expectations", "every operation is documented, and answers as its document says", nothing="nothing is served")


async def _fetched(rig: Rig, seen: Breaches) -> Document | None:
    """The document as clients get it; where the contract does not publish it, as it is exported."""
    path = next((path for _, path in rig.running.door.site.router.templates if path.endswith("/openapi.json")), None)
    if path is None:
        from backwright.api.rest.openapi import openapi

        return openapi(rig.running.door)
    answer = await rig.ask("GET", path)
    fine = answer.status == 200 and str(answer.json().get("openapi", "")).startswith("3.")
    seen.expect(fine, f"GET {path} is answered {brief(answer)}")
    return answer.json() if fine else None


class _Operation:
    """One operation against its entry."""

    def __init__(self, rig: Rig, seen: Breaches, document: Document, one: Served, validators: dict[str, Any]) -> None:
        self.validators = validators
        self.rig, self.seen, self.document, self.one = rig, seen, document, one
        self.entry: Document = document.get("paths", {}).get(one.path.replace(":path}", "}"), {}).get(one.method.lower(), {})

    async def all(self) -> None:
        """Its entry, its examples, and what it really answers."""
        one = self.one
        if not self.seen.expect(bool(self.entry), f"{one} is not in the OpenAPI document"):
            return
        self.seen.expect(bool(self.entry.get("operationId")) and bool(self.entry.get("summary")), f"{one} has no operationId or summary")
        body = self.request_example()
        self.responses()
        with self.rig.trying(one):
            try:
                await self.sent(body)
                await self.refused()
            except (NoRow, Unmatchable) as reason:
                self.seen.note(f"{one}: {reason}")

    # --- what is written ----------------------------------------------------------------------------------------------

    def resolve(self, node: Any) -> Any:
        """What a reference stands for."""
        while isinstance(node, dict) and "$ref" in node:  # pyright: ignore[reportUnknownVariableType]
            found: Any = self.document
            for step in str(node["$ref"]).removeprefix("#/").split("/"):  # pyright: ignore[reportUnknownArgumentType]
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node  # pyright: ignore[reportUnknownVariableType]

    def problems(self, schema: Document, value: Any) -> list[str]:
        """What a value lacks by its schema (JSON Schema 2020-12), formats included."""
        import jsonschema_rs

        key = json.dumps(schema, sort_keys=True)
        validator = self.validators.get(key)
        if validator is None:
            root = {"components": self.document.get("components", {}), "allOf": [schema]}
            validator = self.validators[key] = jsonschema_rs.Draft202012Validator(root, validate_formats=True)
        if validator.is_valid(value):
            return []
        return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(value)][:3]

    def examples(self, content: Document) -> list[Any]:
        """Every example of one content type."""
        named = [self.resolve(example).get("value") for example in content.get("examples", {}).values()]
        return ([content["example"]] if "example" in content else []) + named

    def request_example(self) -> Any:
        """The example of the body, after checking it against the body's schema."""
        if self.one.whole_body is None:
            return msgspec.UNSET
        content = self.resolve(self.entry.get("requestBody", {})).get("content", {}).get("application/json", {})
        found = self.examples(content)
        if not self.seen.expect(bool(found), f"{self.one} has no example of its body"):
            return msgspec.UNSET
        for example in found:
            wrong = self.problems(content["schema"], example)
            self.seen.expect(not wrong, f"{self.one}: the example {told(example)} does not fit its schema: {wrong}")
        return found[0]

    def responses(self) -> None:
        """An example of success where there is a body, and one of an error; both fit."""
        codes = self.entry.get("responses", {})
        self.seen.expect(
            str(self.one.status) in codes or not self.one.status or "303" in codes, f"{self.one}: {self.one.status} is not documented"
        )
        errors = 0
        for code, node in codes.items():
            for media, content in self.resolve(node).get("content", {}).items():
                found = self.examples(content)
                errors += len(found) if code.startswith(("4", "5")) else 0
                if media == "application/json" or media.endswith("+json"):
                    self.seen.expect(bool(found), f"{self.one}: {code} has no example")
                for example in found:
                    wrong = self.problems(content.get("schema", {}), example)
                    self.seen.expect(not wrong, f"{self.one}: the example of {code} does not fit its schema: {wrong}")
        self.seen.expect(errors > 0, f"{self.one} has no example of an error")

    # --- what is answered ---------------------------------------------------------------------------------------------

    async def sent(self, body: Any) -> None:
        """The example itself, its references led to rows that are there."""
        found = able(self.rig, self.one)
        if found is None:
            return
        path, query, _ = self.rig.inputs(self.one, found.who, 5)
        path = path if found.row is None else self.rig.item_path(self.one, found.row)
        if body is not msgspec.UNSET and self.one.whole_body is not None:
            with self.rig.seen_by(found.who):
                body = self.linked(self.one.whole_body, json.loads(json.dumps(body)))
        answer = await self.rig.ask(self.one.method, path, who=found.who, json=body, query=query, headers={"if-match": "*"})
        derived = self.one.verb not in ("call", "account")
        if derived:
            fine = answer.status == self.one.status or answer.status == 409 and self.one.verb != "list"
            self.seen.expect(fine, f"{self.one}: its own example is answered {brief(answer)}")
        self.answered("its own example", answer)

    def linked(self, shape: Shape, value: Any) -> Any:
        """The example with keys of rows that are there."""
        match shape:
            case Leaf() if shape.target is not None and value is not None:
                return self.rig.seeds.samples.pick(shape.target, self.rig.seeds.chance)
            case ListOf() if type(value) is list:
                return [self.linked(shape.element, item) for item in value]  # pyright: ignore[reportUnknownVariableType]
            case MapOf() if type(value) is dict:
                pairs = value.items()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
                return {str(self.linked(shape.key, k)): self.linked(shape.value, v) for k, v in pairs}  # pyright: ignore[reportUnknownVariableType]
            case ObjectOf() if isinstance(value, dict):
                return {m.wire: self.linked(m.shape, value[m.wire]) for m in shape.members if m.wire in value}
            case _:
                return value

    async def refused(self) -> None:
        """Refusals are answered as documented, too."""
        one, found = self.one, able(self.rig, self.one)
        who: Person = found.who if found else NOBODY
        path = self.rig.inputs(one, who, 5)[0]
        await self._refused("without credentials", NOBODY, path)
        if one.verb in ("read", "update", "replace", "delete"):
            await self._refused("of a row that is not there", who, self.rig.path(one, ABSENT))
        if one.whole_body is not None:
            await self._refused("with broken JSON", who, path, body=b"{", content_type="application/json")
            await self._refused("with an unknown key", who, path, json={"planted_key": 1})
            await self._refused("with text", who, path, body=b"x", content_type="text/csv")
        if one.verb == "list":
            await self._refused("with an unknown parameter", who, path, query=[("planted", "1")])

    async def _refused(self, what: str, who: Person, path: str, **given: Any) -> None:
        answer = await self.rig.ask(self.one.method, path, who=who, headers={"if-match": "*"}, **given)
        if answer.status >= 400:
            self.answered(what, answer)

    def answered(self, what: str, answer: Answer) -> None:
        """The status is documented, and the body fits its schema."""
        node = self.resolve(self.entry.get("responses", {}).get(str(answer.status)) or self.entry.get("responses", {}).get("default"))
        if not self.seen.expect(node is not None, f"{self.one} {what} is answered {answer.status}, which is not documented"):
            return
        media = answer.headers.get("content-type", "").partition(";")[0]
        content = node.get("content", {})
        if not answer.body:
            self.seen.expect(answer.status < 400, f"{self.one} {what} is answered {answer.status} without a body")
            return
        schema = content.get(media) or content.get("*/*")
        if not self.seen.expect(schema is not None, f"{self.one} {what} answers {media}, which is not documented for {answer.status}"):
            return
        if media == "application/json" or media.endswith("+json"):
            wrong = self.problems(schema.get("schema", {}), answer.json())
            self.seen.expect(not wrong, f"{self.one} {what}: the answer {brief(answer)} does not fit its schema: {wrong}")


_HIDDEN = """
# planted: one operation is left out of the document
from backwright.api.rest import published as _published
_openapi = _published.openapi
def _incomplete(*given, **words):
    document = _openapi(*given, **words)
    document["paths"].pop(next(iter(document["paths"])))
    return document
_published.openapi = _incomplete
"""
_FALSE = """
# planted: the document names a key that is not answered
from backwright.api.rest import published as _published
_openapi = _published.openapi
def _false(*given, **words):
    document = _openapi(*given, **words)
    for schema in document["components"]["schemas"].values():
        if "id" in schema.get("properties", {}) and "id" in schema.get("required", ()):
            schema["properties"]["planted"] = {"type": "string"}
            schema["required"] = [*schema["required"], "planted"]
    return document
_published.openapi = _false
"""

PLANTS = (
    Plant("operation-undocumented", "api.documented", "an operation is left out of the document", behind_the_app(_HIDDEN)),
    Plant("document-untrue", "api.documented", "the document promises a key that is not answered", behind_the_app(_FALSE)),
)

DOCUMENTED = Standard(
    id="api.documented",
    sentence="Every operation is in the OpenAPI document with examples that really go through, and answers as it says.",
    why="A document that is not held to what is served sends every client the wrong way.",
    check=documented,
    plants=PLANTS,
)
