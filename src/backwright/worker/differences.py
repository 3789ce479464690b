"""Compares a design with what is served: names, types, limits, statuses, media and security, not order or the cut of schemas. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from backwright.worker.design import ABSENT, Design, Media, Operation, Parameter, Response, Schema

Direction = Literal["in", "out"]
_BOUNDS = (
    "minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of", "min_length", "max_length", "pattern",
    "min_items", "max_items", "min_properties", "max_properties",
)  # fmt: skip
_SIZES = {"int32", "int64", "float", "double"}
MAX_DEPTH = 40
_ANSWERED_TOO = {"304": "only to who asks with If-None-Match"}
_EXACT = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly (RFC 8259, 6)."""
_FAILING = r" ([45]\d\d|default)(\.|$)"
_PAGE = 100
"""As many rows as a client may always ask for at once."""
_ROOMY = 256
"""A text of the kit's own may be at least so long where the design sets no end."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. ``explained`` says why it keeps the design's promise; where it is empty, the promise is not kept."""

    where: str
    what: str
    explained: str = ""


def compare(design: Design, served: Design) -> list[Difference]:
    """Every difference between the design and the contract that is served, in the order of the design, additions last."""
    return list(_Comparison(design, served).run())


def unexplained(differences: Sequence[Difference]) -> list[Difference]:
    """Those that break the promise."""
    return [one for one in differences if not one.explained]


class _Comparison:
    def __init__(self, design: Design, served: Design) -> None:
        self.design, self.served = design, served
        self.open: set[tuple[int, int]] = set()
        self.choice = self.expands = False
        """Whether clients of the operation at hand may ask for fewer fields, or for embedded rows, which the design knows nothing of."""

    def run(self) -> Iterator[Difference]:
        wanted, given = _by_route(self.design), _by_route(self.served)
        for route, operation in wanted.items():
            if route not in given:
                yield Difference(f"{route[0]} {route[1]}", "is not served")
            else:
                yield from self.operation(f"{route[0]} {route[1]}", operation, given[route])
        for route in given:
            if route not in wanted:
                yield Difference(f"{route[0]} {route[1]}", "is served beside the design", "an addition of the kit")

    def operation(self, where: str, a: Operation, b: Operation) -> Iterator[Difference]:
        asked, offered = ({p.name.lower() for p in o.parameters} for o in (a, b))
        self.choice = "fields" in offered - asked
        self.expands = "expand" in offered - asked
        yield from self.parameters(where, a, b)
        yield from self.body(where, a, b)
        yield from self.responses(where, a, b)
        wanted, given = self.security(self.design, a), self.security(self.served, b)
        if wanted != given:
            explained = "anonymous callers are welcome; who signs in has limits of his own" if wanted == {"none"} < given else ""
            yield Difference(where, f"takes credentials as {_listed(given)} instead of {_listed(wanted)}", explained)
        if a.deprecated != b.deprecated:
            yield Difference(where, "is not marked as deprecated" if a.deprecated else "is marked as deprecated")

    def security(self, design: Design, operation: Operation) -> set[str]:
        """The forms of credentials, whatever their schemes are called; "none" where anonymous callers are welcome."""
        found: set[str] = set()
        for requirement in design.requirements(operation):
            forms = [design.security_schemes[name] for name, _ in requirement.schemes]
            found.add(" with ".join(sorted(f"{f.type} {f.scheme or f.location + ' ' + f.key}".strip().lower() for f in forms)) or "none")
        return found or {"none"}

    def parameters(self, where: str, a: Operation, b: Operation) -> Iterator[Difference]:
        wanted, given = _by_name(a), _by_name(b)
        for key, parameter in wanted.items():
            place = f"{where} {key[0]} parameter {parameter.name}"
            other = given.get(key)
            if other is None:
                yield Difference(place, "is not taken")
                continue
            if parameter.required != other.required:
                yield Difference(place, "is required" if other.required else "is not required")
            if parameter.schema is not None and other.schema is not None:
                yield from self.schema(place, parameter.schema, other.schema, "in")
        for key, parameter in given.items():
            if key not in wanted:
                yield Difference(
                    f"{where} {key[0]} parameter {parameter.name}", "is taken as well", "" if parameter.required else "an optional addition"
                )

    def body(self, where: str, a: Operation, b: Operation) -> Iterator[Difference]:
        if a.body is None or b.body is None:
            if a.body is not b.body:
                yield Difference(f"{where} request", "carries a body" if b.body is not None else "carries no body")
            return
        if a.body.required != b.body.required:
            explained = (
                "the design's body has required members, so it cannot be left out" if b.body.required and self.demands(a.body.media) else ""
            )
            yield Difference(f"{where} request", "is required" if b.body.required else "may be left out", explained)
        yield from self.media(f"{where} request", a.body.media, b.body.media, "in")

    def demands(self, media: tuple[Media, ...]) -> bool:
        return any(m.schema is not None and self.design.whole(m.schema).required for m in media)

    def responses(self, where: str, a: Operation, b: Operation) -> Iterator[Difference]:
        given = {r.status: r for r in b.responses}
        for response in a.responses:
            place = f"{where} {response.status}"
            other = given.get(response.status) or given.get(f"{response.status[0]}XX") or given.get("default")
            other = other or (_failing(b) if response.status == "default" else None)
            if other is None:
                explained = "there is no occasion to refuse so" if response.status[0] == "4" else ""
                yield Difference(place, "is never answered", explained)
                continue
            yield from self.media(place, response.media, other.media, "out")
            for header in response.headers:
                if all(h.name.lower() != header.name.lower() for h in other.headers):
                    yield Difference(place, f"does not carry the header {header.name}")
        known = {r.status for r in a.responses}
        for status in given:
            if status not in known:
                explained = "a failure of the kit's own" if status[:1] in "45d" else _ANSWERED_TOO.get(status, "")
                yield Difference(f"{where} {status}", "is answered as well", explained)

    def media(self, where: str, a: tuple[Media, ...], b: tuple[Media, ...], direction: Direction) -> Iterator[Difference]:
        given = {m.type: m for m in b}
        for media in a:
            other = given.get(media.type)
            if other is None and "*/*" in given:
                yield Difference(where, f"is documented as */* instead of {media.type}", "the content says its own type")
            elif other is None:
                yield Difference(where, f"is not {'taken' if direction == 'in' else 'answered'} as {media.type}")
            elif media.schema is not None and other.schema is not None:
                yield from self.schema(where, media.schema, other.schema, direction)
        for kind in given:
            if all(m.type != kind for m in a) and not (kind == "*/*" and a):
                explained = (
                    "an optional addition"
                    if direction == "in" and a
                    else "the design says nothing about this body"
                    if not a and where[-3:-2] in "45"
                    else ""
                )
                yield Difference(where, f"is {'taken' if direction == 'in' else 'answered'} as {kind} as well", explained)

    def schema(self, where: str, first: Schema, second: Schema, direction: Direction, depth: int = 0) -> Iterator[Difference]:
        a, b = self.design.plain(first), self.served.plain(second)
        if (single := self.single(a, b)) is not None:
            what = "may be an array of them as well" if direction == "in" else "is an array for a request that was one"
            yield Difference(where, what, "several at once are an addition of the kit")
            b = single
        pair = (id(a), id(b))
        if pair in self.open or depth > MAX_DEPTH:
            return
        self.open.add(pair)
        try:
            yield from self.value(where, a, b, direction)
            yield from self.object(where, a, b, direction, depth)
            if a.items is not None and b.items is not None:
                yield from self.schema(f"{where}[]", a.items, b.items, direction, depth + 1)
            if len(a.one_of or a.any_of) != len(b.one_of or b.any_of) and not _nullable_form(a, b):
                yield Difference(where, f"has {len(b.one_of or b.any_of)} alternatives instead of {len(a.one_of or a.any_of)}")
        finally:
            self.open.discard(pair)

    def single(self, a: Schema, b: Schema) -> Schema | None:
        """The branch for one, where what is served is one or an array of the same."""
        branches = [self.served.whole(branch) for branch in b.one_of]
        if a.one_of or a.any_of or len(branches) != 2:
            return None
        one, many = branches
        listed = many if many.items is not None else self.served.whole(many.properties[0].schema) if len(many.properties) == 1 else None
        inner = self.served.whole(listed.items) if listed is not None and listed.items is not None else None
        return one if inner is not None and (inner.place == one.place or inner.properties == one.properties) else None

    def value(self, where: str, a: Schema, b: Schema, direction: Direction) -> Iterator[Difference]:
        joined = "query parameter" in where and a.types == ("string",) and b.types == ("array",)
        if joined:
            yield Difference(where, "is a list instead of a text", "the same on the wire: its items stand between commas")
        if set(a.types) != set(b.types) and not _nullable_form(a, b) and not joined:
            wider, narrower = set(b.types) > set(a.types) and bool(a.types), set(b.types) < set(a.types)
            explained = (
                "takes more than was asked"
                if direction == "in" and wider
                else "answers less than was allowed"
                if direction == "out" and narrower
                else ""
            )
            yield Difference(where, f"is {_listed(b.types)} instead of {_listed(a.types)}", explained)
        if a.nullable != b.nullable and not _nullable_form(a, b):
            explained = (
                ("takes null too" if direction == "in" else "") if b.nullable else ("never answers null" if direction == "out" else "")
            )
            yield Difference(where, "may be null" if b.nullable else "may not be null", explained)
        if a.format != b.format:
            explained = (
                "a size of number"
                if {a.format, b.format} - {""} <= _SIZES
                else "a closer description"
                if direction == "out" and not a.format
                else "a hint for forms"
                if "password" in (a.format, b.format)
                else "takes more than was asked"
                if direction == "in" and not b.format
                else "a text in any other form names nothing, and is refused"
                if not a.format and "path parameter" in where
                else "a link may be relative to what was asked for (RFC 9457, 3.1.1)"
                if re.search(_FAILING, where) and (a.format, b.format) == ("uri", "uri-reference")
                else ""
            )
            yield Difference(where, f"has the format {b.format or 'none'} instead of {a.format or 'none'}", explained)
        if sorted(map(repr, a.enum)) != sorted(map(repr, b.enum)):
            narrower = (bool(b.enum) and set(map(repr, b.enum)) < set(map(repr, a.enum))) or not a.enum
            yield Difference(
                where,
                f"is one of {_listed(b.enum)} instead of {_listed(a.enum)}",
                "answers less than was allowed" if direction == "out" and narrower else "",
            )
        if direction == "in" and a.default != b.default and a.default is not ABSENT:
            first = "query parameter" in where and b.default is ABSENT and a.default in (0, 1)
            explained = "left out, the list begins at its beginning" if first else ""
            if where.startswith("PATCH ") and b.default is ABSENT:
                explained = "a change leaves alone what it does not name (RFC 7396)"
            yield Difference(where, f"starts as {b.default!r} instead of {a.default!r}", explained)
        yield from self.bounds(where, a, b, direction)

    def bounds(self, where: str, a: Schema, b: Schema, direction: Direction) -> Iterator[Difference]:
        for name in _BOUNDS:
            wanted, given = getattr(a, name), getattr(b, name)
            if wanted == given:
                continue
            word = re.sub(r"_(.)", lambda m: m[1].upper(), name)
            explained = "answers less than was allowed" if direction == "out" and wanted is None else ""
            explained = explained or _bound(name, wanted, given, a, where, direction)
            explained = explained or (
                "the lowest value of the type" if direction == "in" and wanted is None and given in (0, 1) and "size" in where else ""
            )
            yield Difference(where, f"has {word} {given} instead of {wanted}", explained)

    def object(self, where: str, a: Schema, b: Schema, direction: Direction, depth: int) -> Iterator[Difference]:
        wanted = {p.name: p for p in a.properties if not (p.schema.read_only if direction == "in" else p.schema.write_only)}
        echoed = {p.name for p in b.properties if direction == "in" and p.schema.read_only}
        given = {p.name: p for p in b.properties if not (p.schema.read_only if direction == "in" else p.schema.write_only)}
        for name, prop in wanted.items():
            place, other = f"{where}.{name}", given.get(name)
            if other is None and name in echoed:
                yield Difference(place, "is read-only", "only the server sets it: clients may send it back, and it is not used")
                continue
            if other is None:
                yield Difference(place, "is not taken" if direction == "in" else "is not answered")
                continue
            if prop.required != other.required:
                explained = (
                    ("may be left out" if direction == "in" else self.absence(where))
                    if prop.required
                    else ("is always there" if direction == "out" else "")
                )
                yield Difference(place, "is required" if other.required else "is not required", explained)
            yield from self.schema(place, prop.schema, other.schema, direction, depth + 1)
        for name, prop in given.items():
            if name not in wanted:
                yield Difference(f"{where}.{name}", "is there as well", self.addition(where, prop.required, direction))
        yield from self.under_keys(where, a, b, direction, depth)
        if direction == "in" and a.properties and b.properties and a.additional is not False and b.additional is False:
            yield Difference(where, "unknown keys are refused", "the kit takes no key that it would drop" if a.additional is None else "")

    def under_keys(self, where: str, a: Schema, b: Schema, direction: Direction, depth: int) -> Iterator[Difference]:
        """The values of an object whose keys are data."""
        if isinstance(a.additional, Schema) and isinstance(b.additional, Schema):
            yield from self.schema(f"{where}.*", a.additional, b.additional, direction, depth + 1)
        elif isinstance(a.additional, Schema) and "object" in b.types and not a.properties and _says(self.design.plain(a.additional)):
            yield Difference(f"{where}.*", "may be anything", "announced in the account: what stands under free keys is not checked")

    def absence(self, where: str) -> str:
        """Why an answer may lack a member that the design calls required."""
        if self.choice:
            return "only to who asks for fewer fields"
        return "other refusals with this status have no such detail" if re.search(_FAILING, where) else ""

    def addition(self, where: str, required: bool, direction: Direction) -> str:
        """Why a member that the design does not have harms nobody."""
        if re.search(_FAILING, where):
            return "a detail of this failure; clients ignore those they do not know (RFC 9457, 3.2)"
        if required:
            return ""
        return "an optional addition" if direction == "in" else "only to who asks to expand it" if self.expands else ""


def _says(schema: Schema) -> bool:
    """Whether it asks for anything at all."""
    return bool(schema.types or schema.enum or schema.properties or schema.one_of or schema.any_of)


def _bound(name: str, wanted: Any, given: Any, a: Schema, where: str, direction: Direction) -> str:
    """Why a bound that only the server has, or says otherwise, keeps the promise; nothing where it does not."""
    if direction == "in" and wanted is None:
        if "path parameter" in where:
            return "a text in any other form names nothing, and is refused"
        if (name == "max_length" and given >= _ROOMY) or (name == "maximum" and given >= _EXACT):
            return "no value that anybody needs is longer or larger"
        if name == "maximum" and given >= _PAGE and "query parameter" in where:
            return "a page has an end"
        if name == "minimum" and given in (0, 1) and "query parameter" in where:
            return "counting begins there"
        if name == "min_length" and given == 1 and a.format == "password":
            return "an empty password is never right"
        if name in ("min_items", "max_items") and "query parameter" in where and a.types == ("string",):
            return "a list has an end"
    if name == "pattern" and wanted is not None and given == re.sub(r"^\^", "^-?", wanted):
        return "a sign is taken as well" if direction == "in" else ""
    if name in ("minimum", "maximum") and a.types == ("string",) and a.pattern is not None and wanted is None:
        return "the bound of the number in the text, as the pattern says it"
    return ""


def _by_route(design: Design) -> dict[tuple[str, str], Operation]:
    base = design.servers[0].base if design.servers else ""
    return {(o.method, re.sub(r"\{[^}]*\}", "{}", base + o.path)): o for o in design.operations}


def _by_name(operation: Operation) -> dict[tuple[str, Any], Parameter]:
    """Path parameters by their position, since clients never see their names; headers whatever their case."""
    order = re.findall(r"\{([^{}/]+)\}", operation.path)
    found: dict[tuple[str, Any], Parameter] = {}
    for p in operation.parameters:
        name: Any = (
            order.index(p.name) if p.location == "path" and p.name in order else p.name.lower() if p.location == "header" else p.name
        )
        found[p.location, name] = p
    return found


def _nullable_form(a: Schema, b: Schema) -> bool:
    """Nothing is said on one side: any value."""
    return not a.types and not a.nullable and not a.properties and not a.enum and not a.one_of and not a.any_of and not b.required


def _failing(operation: Operation) -> Response | None:
    """The failure that stands for all others: what a design's ``default`` response describes."""
    return next((r for r in operation.responses if r.status[0] == "4"), None)


def _listed(values: Any) -> str:
    return ", ".join(sorted(map(str, values))) or "anything"
