"""What is wanted: an API design read from a document, as one checked model. Pure values; every node knows its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal

from backwright.worker.place import Place, Problem
from backwright.worker.tables import Tables


class Absent(Enum):
    """Says that a document does not give a value, where None would be one."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent.ABSENT
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the document that must be accounted for: an operation, a property, a constraint, an example and so on."""

    kind: str
    """operation, parameter, request body, media type, response, header, schema, property, constraint, security scheme,
    security requirement, server, tag, example, extension, link, callback, webhook, info, text, unknown."""
    name: str
    place: Place

    @property
    def address(self) -> str:
        """The file and the JSON pointer: the same for the same element of an unchanged document."""
        return f"{self.place.file}#{self.place.pointer}"


@dataclass(frozen=True, slots=True)
class Origin:
    """An element of a document in another language, and the pointers of the contract's parts that stand for it."""

    element: Element
    pointers: tuple[str, ...]
    reason: str = ""
    """Why it is not served as it stands; nothing where it is. With no pointer it is refused."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an object schema."""

    name: str
    schema: "Schema"
    required: bool
    origin: Place
    """Where it is declared: with ``allOf`` this may be another schema than the one it belongs to."""


@dataclass(frozen=True, slots=True)
class Discriminator:
    """The property that says which branch of a ``oneOf`` or ``anyOf`` a value is."""

    property: str
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What a value may be. Versions 3.0 and 3.1 read to the same form: ``nullable`` and bounds as numbers."""

    place: Place
    name: str = ""
    """Its key under ``components/schemas``, or nothing for one written in place."""
    ref: str = ""
    """For a reference: the address of its target, a key of `Design.schemas`. What stands beside ``$ref`` (3.1) is in the other fields."""
    types: tuple[str, ...] = ()
    """JSON types without null; none given: any type."""
    nullable: bool = False
    format: str = ""
    title: str = ""
    description: str = ""
    enum: tuple[Any, ...] = ()
    """The values allowed, without null; ``const`` reads as one value."""
    default: Any = ABSENT
    examples: tuple[Any, ...] = ()
    properties: tuple[Property, ...] = ()
    required: tuple[str, ...] = ()
    items: "Schema | None" = None
    additional: "bool | Schema | None" = None
    """``additionalProperties``; None where the document does not say."""
    all_of: tuple["Schema", ...] = ()
    one_of: tuple["Schema", ...] = ()
    any_of: tuple["Schema", ...] = ()
    not_: "Schema | None" = None
    discriminator: Discriminator | None = None
    minimum: float | int | None = None
    maximum: float | int | None = None
    exclusive_minimum: float | int | None = None
    exclusive_maximum: float | int | None = None
    multiple_of: float | int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    min_properties: int | None = None
    max_properties: int | None = None
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    extensions: Mapping[str, Any] = field(default_factory=_nothing)
    lines: Mapping[str, int] = field(default_factory=_nothing, repr=False, compare=False)
    """The line of each keyword."""

    def find(self, name: str) -> "Property | None":
        """The property of that name, if it is declared here (ask `Design.whole` first to see through references and ``allOf``)."""
        return next((p for p in self.properties if p.name == name), None)


@dataclass(frozen=True, slots=True)
class Example:
    """A value shown for a parameter, a header or a body."""

    name: str
    value: Any
    place: Place
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """One media type of a body."""

    type: str
    schema: Schema | None
    examples: tuple[Example, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, those of its path item included."""

    name: str
    location: Literal["path", "query", "header", "cookie"]
    required: bool
    schema: Schema | None
    description: str
    examples: tuple[Example, ...]
    style: str
    explode: bool
    deprecated: bool
    extensions: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Body:
    """A request body."""

    required: bool
    description: str
    media: tuple[Media, ...]
    place: Place
    extensions: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Header:
    """A response header."""

    name: str
    required: bool
    description: str
    schema: Schema | None
    place: Place


@dataclass(frozen=True, slots=True)
class Response:
    """One response of an operation: ``status`` is "200", "4XX" or "default"."""

    status: str
    description: str
    media: tuple[Media, ...]
    headers: tuple[Header, ...]
    place: Place
    extensions: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One alternative of a ``security`` list: all the named schemes together, with their scopes. No scheme: anonymous is welcome."""

    schemes: tuple[tuple[str, tuple[str, ...]], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """How a caller says who he is."""

    name: str
    type: str
    """http, apiKey, oauth2, openIdConnect or mutualTLS."""
    scheme: str
    """For http: basic, bearer, …"""
    location: str
    """For apiKey: header, query or cookie."""
    key: str
    """For apiKey: the header's, parameter's or cookie's name."""
    scopes: tuple[tuple[str, str], ...]
    description: str
    place: Place
    extensions: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a client can ask for: a method at a path."""

    id: str
    """The ``operationId``, or nothing."""
    method: str
    """Upper case."""
    path: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    security: tuple[Requirement, ...] | None
    """None: the document's own applies. An empty list: nobody needs to sign in."""
    deprecated: bool
    place: Place
    extensions: Mapping[str, Any] = field(default_factory=_nothing)

    def response(self, status: str) -> Response | None:
        """The response of that status, if declared."""
        return next((r for r in self.responses if r.status == status), None)

    @property
    def success(self) -> Response | None:
        """The first declared 2xx response, else ``2XX``, else ``default``."""
        exact = [r for r in self.responses if r.status[:1] == "2" and r.status.isdigit()]
        return exact[0] if exact else self.response("2XX") or self.response("default")


@dataclass(frozen=True, slots=True)
class Server:
    """Where the API is said to live. ``base`` is the path part without a final slash."""

    url: str
    base: str
    description: str
    place: Place


@dataclass(frozen=True, slots=True)
class Tag:
    """A group of operations."""

    name: str
    description: str
    place: Place


@dataclass(frozen=True, slots=True)
class Info:
    """What the document says about itself."""

    title: str
    version: str
    summary: str
    description: str
    place: Place


@dataclass(frozen=True, slots=True)
class Note:
    """What people wrote beside a design: API notes, or the record of a decision. It is shown in the plan; nothing is built from it."""

    kind: Literal["notes", "decision"]
    title: str
    place: Place
    status: str = ""
    """Of a decision: ``Accepted``, ``Superseded by …``."""
    routes: tuple[tuple[str, Place], ...] = ()
    """The endpoints it names, each with its place: ``GET /books/{}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """An API design without errors. Schemas may refer to each other in circles; ask `target` and `whole` to look through references."""

    file: str
    version: str
    """The ``openapi`` version, e.g. "3.1.0"."""
    info: Info
    servers: tuple[Server, ...]
    tags: tuple[Tag, ...]
    security: tuple[Requirement, ...]
    security_schemes: Mapping[str, SecurityScheme]
    schemas: Mapping[str, Schema]
    """Every schema that something refers to and every named one, by address (``openapi.yaml#/components/schemas/Book``)."""
    operations: tuple[Operation, ...]
    webhooks: tuple[Operation, ...]
    elements: tuple[Element, ...]
    """Everything in the document that must be accounted for, in its order."""
    warnings: tuple[Problem, ...]
    context: tuple[Note, ...] = ()
    origins: tuple[Origin, ...] = ()
    """What the contract was made from, where it was written in another language than OpenAPI."""
    tables: Tables = Tables()  # noqa: RUF009  it is frozen
    """What the design says about storage: read from SQL or from a database; empty for a contract alone."""
    extensions: Mapping[str, Any] = field(default_factory=_nothing)
    _whole: dict[int, tuple[Schema, Schema]] = field(default_factory=lambda: {}, repr=False, compare=False)

    @property
    def named(self) -> tuple[Schema, ...]:
        """The schemas that have a name, in document order."""
        return tuple(s for s in self.schemas.values() if s.name)

    def target(self, schema: Schema) -> Schema:
        """The schema itself, or what it refers to in the end; without what stands beside the reference."""
        while schema.ref:
            schema = self.schemas[schema.ref]
        return schema

    def whole(self, schema: Schema) -> Schema:
        """The schema with references followed and ``allOf`` merged: every property, each with the place that declares it."""
        if (known := self._whole.get(id(schema))) is None:
            known = self._whole[id(schema)] = schema, _merge(self, schema)
        return known[1]

    def plain(self, schema: Schema) -> Schema:
        """As `whole`; and ``anyOf`` or ``oneOf`` of one schema and null is that schema, nullable."""
        whole = self.whole(schema)
        branches = whole.one_of or whole.any_of
        real = [b for b in branches if not (b.nullable and not b.types and not b.ref and not b.properties)]
        if len(real) != 1 or whole.types:
            return whole
        inner = self.whole(real[0])
        return inner if len(branches) == 1 and not whole.nullable else replace(inner, nullable=True)

    def requirements(self, operation: Operation) -> tuple[Requirement, ...]:
        """The security that applies to an operation: its own, else the document's."""
        return self.security if operation.security is None else operation.security


def elements(design: Design) -> list[Element]:
    """Every element of the document with its JSON pointer, in document order."""
    return list(design.elements)


def every_schema(design: Design, *, only_used: bool = False) -> Iterator[Schema]:
    """Every schema written anywhere in the design, each once; or only those that an operation uses, directly or through others."""
    waiting: list[Schema] = [] if only_used else [*reversed(list(design.schemas.values()))]
    for operation in reversed(design.operations if only_used else (*design.operations, *design.webhooks)):
        waiting += _used(operation)
    seen: set[Place] = set()
    while waiting:
        schema = waiting.pop()
        if schema.place not in seen:
            seen.add(schema.place)
            yield schema
            waiting += reversed(_inside(schema))
            waiting += [design.schemas[schema.ref]] if schema.ref else []


def _used(operation: Operation) -> list[Schema]:
    media = [*(operation.body.media if operation.body is not None else ()), *(m for r in operation.responses for m in r.media)]
    headers = [h.schema for r in operation.responses for h in r.headers]
    return [s for s in (*(p.schema for p in operation.parameters), *(m.schema for m in media), *headers) if s is not None]


def _inside(schema: Schema) -> list[Schema]:
    extra = [s for s in (schema.items, schema.not_, schema.additional) if isinstance(s, Schema)]
    return [p.schema for p in schema.properties] + [*schema.all_of, *schema.one_of, *schema.any_of] + extra


_COMBINED = {"properties", "required", "all_of", "ref", "place", "name", "nullable", "extensions", "lines"}


def _merge(design: Design, schema: Schema, open_: frozenset[str] = frozenset()) -> Schema:
    parts: list[Schema] = []
    if schema.ref:
        parts.append(_merge(design, design.schemas[schema.ref], open_ | {schema.ref}))
    parts += [_merge(design, part, open_) for part in schema.all_of if not part.ref or part.ref not in open_]
    if not parts:
        return schema
    merged = replace(schema, ref="", all_of=())
    for part in parts:
        merged = _combine(merged, part)
    return replace(merged, name=schema.name or (parts[0].name if schema.ref else ""))


def _combine(first: Schema, second: Schema) -> Schema:
    """What both ask for; where both say something about the same thing, the first (the nearer one) speaks."""
    names = {p.name for p in first.properties}
    required = tuple(dict.fromkeys((*first.required, *second.required)))
    inherited = tuple(p for p in second.properties if p.name not in names)
    properties = tuple(replace(p, required=p.name in required) for p in (*inherited, *first.properties))
    unsaid = {name: getattr(second, name) for name in Schema.__slots__ if name not in _COMBINED and _says_nothing(getattr(first, name))}
    return replace(
        first, properties=properties, required=required, nullable=first.nullable or second.nullable,
        extensions={**second.extensions, **first.extensions}, **unsaid,
    )  # fmt: skip


def _says_nothing(value: object) -> bool:
    return value is None or value is False or value is ABSENT or value == () or value == ""
