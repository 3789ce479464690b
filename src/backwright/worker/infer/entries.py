"""The provisional account: what is going to become of every element of the design. Pure."""

import re
from collections.abc import Callable, Iterator

from backwright.domain.model import Kind
from backwright.worker.account import Entry
from backwright.worker.blueprint import AuthPlan, EntityPlan, OperationPlan, Shape
from backwright.worker.design import Design, Element, Schema, every_schema
from backwright.worker.infer.kinds import KNOWN_FORMATS, under_keys
from backwright.worker.infer.stored_draft import Answer
from backwright.worker.infer.stored_elements import elements_of
from backwright.worker.infer.stored_entries import answer
from backwright.worker.place import Problem

EXTENSIONS = {
    "x-entity", "x-owner", "x-unique", "x-reference", "x-part-of", "x-states", "x-access", "x-rule", "x-managed", "x-rows", "x-rate",
    "x-name", "x-prefix",
}  # fmt: skip
NOT_ENFORCED = {
    "multipleOf": "a multiple is not checked", "uniqueItems": "doubled items are not refused",
    "minProperties": "the number of keys is not checked",
    "maxProperties": "the number of keys is not checked", "not": "an excluded schema is not checked",
}  # fmt: skip
_ADVANCED = {
    "contentEncoding", "contentMediaType", "minContains", "maxContains", "dependentRequired", "prefixItems", "contains", "propertyNames",
    "if", "then", "else",
    "patternProperties", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "contentSchema", "$dynamicRef",
    "$dynamicAnchor", "$vocabulary", "$id", "$anchor",
}  # fmt: skip
_HEADERS = {
    "location",
    "etag",
    "retry-after",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "x-request-id",
    "www-authenticate",
    "link",
}

BUILT: Answer = ("built", "")


class Entries:
    """Answers for each element; the more particular reasons come first."""

    def __init__(
        self,
        design: Design,
        operations: tuple[OperationPlan, ...],
        entities: tuple[EntityPlan, ...],
        shapes: dict[str, Shape],
        auth: tuple[AuthPlan, ...],
        stored: dict[str, Answer] | None = None,
    ) -> None:
        known = stored or {}
        self.stored = {e.address: answer(e, known, design.tables) for e in (elements_of(design.tables) if design.tables else ())}
        """What becomes of things said about storage, by address."""
        self.design = design
        self.operations = {_address(o.place.file, o.place.pointer): o for o in operations}
        self.fields = {_address(f.place.file, f.place.pointer) for e in entities for f in e.fields}
        self.members = {_address(m.place.file, m.place.pointer): m for s in shapes.values() if s.entity for m in s.members}
        self.auth = {a.scheme: a for a in auth}
        self.reached = _reached(design)
        self.formats = _formats(design)
        self.unchecked = tuple(_unchecked(design))
        self.warned: dict[str, Problem] = {_address(w.file, w.pointer): w for w in design.warnings}
        self.kinds: dict[str, Callable[[Element], Answer]] = {
            "operation": self.operation, "schema": self.schema, "property": self.schema, "constraint": self.constraint,
            "parameter": self.parameter,
            "media type": self.media, "header": self.header, "security scheme": self.scheme, "security requirement": self.requirement,
            "server": self.server,
            "extension": self.extension, "example": self.example,
        }  # fmt: skip

    def run(self) -> tuple[Entry, ...]:
        """One entry for each element, in the order of the document."""
        return tuple(Entry(element, *self.answer(element)) for element in self.design.elements)

    def answer(self, element: Element) -> Answer:
        pointer = element.place.pointer
        if (known := self.stored.get(element.address)) is not None:
            return known
        if pointer.startswith("/webhooks/"):
            return "refused", "outbound delivery comes with jobs"
        if "/callbacks/" in pointer or element.kind == "callback":
            return "refused", "a callback is an outbound delivery, which comes with jobs"
        if element.kind == "link" or "/links/" in pointer:
            return "refused", "links between operations are not emitted"
        if element.kind in ("unknown", "xml", "discriminator", "encoding", "server variable", "flow"):
            return self.other(element)
        if element.address.startswith(self.unchecked):
            return "changed", "what stands under free keys is not checked, unless a function written by hand says its type"
        if element.kind == "note":
            return "changed", "context for people: shown in the plan, and nothing is built from it"
        reader = self.kinds.get(element.kind)
        return reader(element) if reader is not None else BUILT

    def other(self, element: Element) -> Answer:
        reasons: dict[str, Answer] = {
            "unknown": ("refused", f"{element.name} is not a keyword of OpenAPI {self.design.version} in this place; it has no effect"),
            "xml": ("refused", "XML is not served"),
            "discriminator": ("changed", "the branches are tried in turn; the property that names one is not used to choose"),
            "encoding": ("refused", "the encoding of single parts is not controlled"),
            "server variable": ("changed", "its default is used"),
            "flow": ("refused", "OAuth 2 flows are not served"),
        }
        return reasons[element.kind]

    def operation(self, element: Element) -> Answer:
        plan = self.operations.get(element.address)
        if plan is None:
            return "refused", "only the operations under paths are served"
        if plan.kind == "command":
            return "changed", f"its contract is served, and it answers 501 until its rule is written: {plan.because}"
        if plan.needs:
            return "changed", "partly: " + "; ".join(plan.needs)
        return BUILT

    def schema(self, element: Element) -> Answer:
        member = self.members.get(element.address)
        if member is not None and member.source == "computed":
            return "changed", "it is not stored: a function must say it"
        top = re.match(r"(/components/schemas/[^/]+)", element.place.pointer)
        if top is not None and _address(element.place.file, top[1]) not in self.reached:
            return "refused", "no operation uses it"
        if re.search(r"/(oneOf|anyOf)/\d+$", element.place.pointer):
            return "changed", "the value is kept as JSON; which branch it is does not change how it is stored"
        last = element.place.pointer.rpartition("/")[2]
        if last in NOT_ENFORCED and element.kind == "schema":
            return "refused", NOT_ENFORCED[last]
        return ("refused", f"{last} is not enforced") if last in _ADVANCED and element.kind == "schema" else BUILT

    def constraint(self, element: Element) -> Answer:
        name = element.name
        if name in NOT_ENFORCED:
            return "refused", NOT_ENFORCED[name]
        if name in _ADVANCED:
            return "refused", f"{name} is not enforced"
        if name == "format" and (text := self.text(element)) and text not in KNOWN_FORMATS:
            return "changed", f"the format {text} is shown but not checked"
        if name in ("style", "explode", "allowReserved", "allowEmptyValue"):
            return "changed", "parameters are read in their usual style"
        if (warning := self.warned.get(element.address)) is not None:
            return "refused", warning.what
        return self.schema(Element("keyword", name, element.place))

    def text(self, element: Element) -> str:
        head, _, _ = element.place.pointer.rpartition("/")
        return self.formats.get(_address(element.place.file, head), "")

    def parameter(self, element: Element) -> Answer:
        for plan in self.operations.values():
            if element.address.startswith(_address(plan.place.file, plan.place.pointer) + "/") and plan.kind == "list":
                needing = next((n for n in plan.needs if n.startswith(f"the parameter {element.name} ")), "")
                if needing:
                    return "changed", needing
        return BUILT

    def media(self, element: Element) -> Answer:
        name = element.name.lower()
        if "xml" in name:
            return "refused", "XML is not served"
        return BUILT

    def header(self, element: Element) -> Answer:
        name = element.name.lower()
        return (
            BUILT
            if name in _HEADERS or name.startswith("x-ratelimit")
            else ("changed", "a function must set it; the kit does not know its value")
        )

    def scheme(self, element: Element) -> Answer:
        plan = self.auth.get(element.name)
        return BUILT if plan is None or plan.built else ("changed", plan.reason)

    def requirement(self, element: Element) -> Answer:
        place = element.place
        for operation in (*self.design.operations, None):
            requirements = self.design.security if operation is None else operation.security or ()
            for requirement in requirements:
                if requirement.place == place:
                    unserved = [n for n, _ in requirement.schemes if n in self.auth and not self.auth[n].built]
                    return ("changed", f"sign-in is required, with a bearer token instead of {', '.join(unserved)}") if unserved else BUILT
        return BUILT

    def server(self, element: Element) -> Answer:
        first = bool(self.design.servers) and self.design.servers[0].place == element.place
        return (
            BUILT if first else ("changed", "only the path of the document's first server is served; addresses are a matter of deployment")
        )

    def extension(self, element: Element) -> Answer:
        if element.name == "x-states":
            return "changed", "the states are read; their moves are made by commands, and nothing else enforces them"
        return BUILT if element.name in EXTENSIONS else ("refused", "this extension has no meaning here; see docs/design-extensions.md")

    def example(self, element: Element) -> Answer:
        for address in (element.address, element.address + "/value"):
            if (warning := self.warned.get(address)) is not None:
                return "changed", f"{warning.what} A fitting one is shown instead."
        return self.schema(Element("example", element.name, element.place))


def _address(file: str, pointer: str) -> str:
    return f"{file}#{pointer}"


def _unchecked(design: Design) -> Iterator[str]:
    """Where an object's free keys hold more than texts, numbers and booleans."""
    for schema in every_schema(design):
        inner = schema.additional
        if isinstance(inner, Schema) and not schema.properties and design.plain(inner).types and under_keys(design, schema) is Kind.JSON:
            yield _address(inner.place.file, inner.place.pointer)


def _formats(design: Design) -> dict[str, str]:
    return {_address(s.place.file, s.place.pointer): s.format for s in every_schema(design) if s.format}


def _reached(design: Design) -> set[str]:
    """The addresses of schemas that operations use, directly or through others."""
    return {_address(s.place.file, s.place.pointer) for s in every_schema(design, only_used=True)}
