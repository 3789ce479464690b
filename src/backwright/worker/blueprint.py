"""What will be built for a design: the kit's shape of it, with every assumption that was made on the way. Pure values."""

from dataclasses import dataclass
from typing import Any, Literal

from backwright.domain.entity import IndexKind
from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.account import Entry, traced
from backwright.worker.design import ABSENT, Note, Origin
from backwright.worker.place import Place

FREE = Limits()
Confidence = Literal["certain", "likely", "guess"]
OperationKind = Literal[
    "create", "read", "update", "replace", "delete", "list", "sign_up", "sign_in", "refresh", "sign_out", "me", "update_me", "command"
]


@dataclass(frozen=True, slots=True)
class Assumption:
    """One decision that the document does not state: what it is about, what was decided, and why. To be confirmed by its owner."""

    about: str
    """``Book.author``, ``POST /articles``, ``access Order.read`` …"""
    decision: str
    reason: str
    confidence: Confidence
    place: Place


@dataclass(frozen=True, slots=True)
class EnumPlan:
    """A Python ``Enum`` to write: its members' names with their values on the wire."""

    name: str
    members: tuple[tuple[str, str | int], ...]
    doc: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """One stored field of an entity."""

    name: str
    """The Python attribute; a reference ``author`` has the wire name ``author_id`` unless the design says otherwise."""
    wire: str
    """Its key in JSON; empty where clients never see it."""
    column: str = ""
    """Its column, where that is not the one that follows from the name."""
    kind: Kind
    element: Kind | None = None
    """The kind of a list's items; of JSON, that of the values of an object whose keys are data."""
    optional: bool = False
    """May be null."""
    maybe: bool = False
    """Answers leave it out instead of showing null: the design lets it be absent, and never null."""
    default: Any = ABSENT
    limits: Limits = FREE
    enum: str = ""
    """The name of an `EnumPlan`, for ENUM and for lists of them."""
    target: str = ""
    """The entity of a REFERENCE or MANY."""
    value: str = ""
    """The `Shape` of an object that is kept as JSON, or of each in a list."""
    unique: bool = False
    managed: bool = False
    secret: bool = False
    part: bool = False
    """This reference is a ``PartOf``."""
    stamp: str = ""
    """"created", "updated" or "version" where the kit's own field is meant; nothing to declare then."""
    counts: str = ""
    """This field counts the rows of an entity: "Favorite.article"."""
    made_from: str = ""
    """A slug: the field it is made from."""
    doc: str = ""
    example: Any = ABSENT
    place: Place


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """An index over fields, beside those that references and unique fields have by themselves."""

    fields: tuple[str, ...]
    kind: IndexKind = "btree"


@dataclass(frozen=True, slots=True)
class StatesPlan:
    """The life of a row: the field that says its state, where it starts, and the moves allowed."""

    field: str
    start: str
    moves: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityPlan:
    """A thing that is stored."""

    name: str
    table: str
    plural: str
    """snake case; in the path of a resource it may read otherwise."""
    account: bool
    """Signs in: derive from ``Account``, which has ``email`` and ``password_hash`` (so those are not in `fields`)."""
    id_kind: Literal["uuid", "int"]
    id_wire: str
    """The id's name on the wire: "id", "eventId"; empty where clients never see it (they use `key`)."""
    key: str
    """The field that paths use: "id", or a unique one such as "slug" or "username"."""
    fields: tuple[FieldPlan, ...]
    uniques: tuple[tuple[str, ...], ...]
    """Unique constraints over several fields."""
    owner: str
    """The reference to the account that owns a row, or nothing."""
    part_of: str
    """The whole's entity, if this is a part."""
    embedded_as: str
    """For a part: the array's name in the whole."""
    stamps: bool
    """Keeps created_at and updated_at."""
    versioned: bool
    rows: int | None
    """``x-rows``: the declared load."""
    states: "StatesPlan | None"
    """``x-states``: which state may follow which."""
    doc: str
    place: Place
    because: str
    """Why this schema is taken to be stored."""
    indexes: tuple[IndexPlan, ...] = ()
    id_column: str = ""
    """The column of the id, where it is not called id."""
    mapped: bool = False
    """The table is there already, and belongs to somebody else."""

    def field(self, name: str) -> FieldPlan | None:
        """The field with that Python name."""
        return next((f for f in self.fields if f.name == name), None)


Source = Literal[
    "field", "id", "reference", "nested", "parts", "token", "refresh_token", "token_type", "expires_in", "password", "computed", "input"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One key of a JSON object on the wire."""

    wire: str
    source: Source
    """Where its value comes from or goes to. computed: a business function must say; input: a command's argument."""
    field: str = ""
    """The entity's attribute, for field, reference, nested (through that reference) and parts (the part's entity)."""
    name: str
    """A Python name for it."""
    kind: Kind = Kind.JSON
    element: Kind | None = None
    shape: str = ""
    """The name of the `Shape` of a nested object, or of the items of an array of objects."""
    many: bool = False
    required: bool = False
    nullable: bool = False
    read_only: bool = False
    """Requests need not carry it."""
    default: Any = ABSENT
    limits: Limits = FREE
    enum: str = ""
    doc: str = ""
    example: Any = ABSENT
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A JSON object on the wire: a view of an entity, or a command's input or answer."""

    name: str
    entity: str
    """The entity it shows or fills, or nothing."""
    members: tuple[Member, ...]
    closed: bool
    """Unknown keys are refused by the design (``additionalProperties: false``); the kit refuses them anyway."""
    doc: str
    place: Place

    def member(self, wire: str) -> Member | None:
        """The member with that name on the wire."""
        return next((m for m in self.members if m.wire == wire), None)


@dataclass(frozen=True, slots=True)
class PathKey:
    """A path parameter: whose key it is."""

    wire: str
    entity: str
    field: str
    """"id" or a unique field; nothing if it names no stored thing (then it is the command's argument)."""
    kind: Kind
    place: Place


@dataclass(frozen=True, slots=True)
class FilterPlan:
    """A query parameter that narrows a list: rows whose `field` compares with its value. ``author.username`` goes through a reference."""

    wire: str
    field: str
    operator: Literal["eq", "ne", "lt", "lte", "gt", "gte", "contains", "prefix", "has"]
    """has: the list field holds the value."""
    kind: Kind
    enum: str
    place: Place
    also: tuple[str, ...] = ()
    """Further fields, of which one has to compare: a search in several texts."""


@dataclass(frozen=True, slots=True)
class ArgumentPlan:
    """Any other parameter: a command's argument, or one that a list cannot be derived from."""

    member: Member
    location: Literal["path", "query", "header", "cookie"]


@dataclass(frozen=True, slots=True)
class PagePlan:
    """How a list is cut into pages. ``style`` none: the whole list, in one answer."""

    style: Literal["none", "offset", "page", "cursor"]
    position: str
    """The name of the offset, page or cursor parameter; several styles at once: the first in the order cursor, page, offset."""
    size: str
    """The name of the parameter that limits the number of items."""
    default_size: int
    max_size: int | None
    first_page: int
    also: tuple[str, ...] = ()
    """Further position parameters that the design offers, e.g. "offset" beside "cursor"."""


@dataclass(frozen=True, slots=True)
class SortPlan:
    """The parameter that orders a list."""

    wire: str
    fields: tuple[str, ...]
    """Empty: any field."""
    default: str
    """``-created_at``: newest first; empty: by id."""
    values: tuple[tuple[str, str, bool], ...] = ()
    """What the design lists: each value with the field that it means, and whether it descends."""
    enum: str = ""
    """The `EnumPlan` of those values."""
    direction: str = ""
    """A parameter of its own that says which way: the value of its enum that descends is called so in one form or another."""
    direction_enum: str = ""
    direction_default: str = ""


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """What a request carries. ``envelope`` is the key that wraps the object, if any."""

    media_type: str
    other_media_types: tuple[str, ...]
    required: bool
    envelope: str
    shape: str
    many: bool
    place: Place


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """What a success answers."""

    status: int
    media_type: str
    """Nothing for an empty answer."""
    envelope: str
    shape: str
    many: bool
    total: str
    """The key that carries the number of all rows, beside the list."""
    next: str
    """The key that carries the next cursor, beside the list."""
    beside: tuple[str, ...]
    """Further keys beside the list, such as the page's number: the kit has no values for them."""
    kind: Kind | None
    """For an answer that is not an object: what it is (TEXT, BYTES, LIST of `element`…)."""
    element: Kind | None
    headers: tuple[str, ...]
    description: str
    place: Place
    around: tuple[Member, ...] = ()
    """What the keys in `beside` are."""


@dataclass(frozen=True, slots=True)
class RefusalPlan:
    """A declared failing status and the shape of its body."""

    status: str
    media_type: str
    shape: str
    description: str
    place: Place


Who = Literal["anyone", "signed_in", "owner", "staff", "nobody"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that the server fills in when a row is created."""

    field: str
    source: Literal["caller", "path", "slug", "now"]
    detail: str
    """path: the parameter's name; slug: the field it is made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPlan:
    """One operation of the design, with its exact contract."""

    name: str
    """A Python name, unique among the operations."""
    operation_id: str
    """As the design has it, or nothing."""
    kind: OperationKind
    entity: str
    """The entity that a derived operation is about, or that a command's answer shows; may be empty."""
    method: str
    path: str
    """As in the design, without the servers' base path."""
    summary: str
    doc: str
    tags: tuple[str, ...]
    deprecated: bool
    keys: tuple[PathKey, ...]
    """The path parameters, in the order of the path. The last one is the row's own; those before it are what it belongs to."""
    page: PagePlan | None
    filters: tuple[FilterPlan, ...]
    sort: SortPlan | None
    arguments: tuple[ArgumentPlan, ...]
    body: BodyPlan | None
    answer: AnswerPlan
    refusals: tuple[RefusalPlan, ...]
    sets: tuple[Setting, ...]
    who: Who
    """The caller part of access: anyone, or somebody signed in (an owner or staff rule is in the entity's access line as well)."""
    role: str
    """staff: the account's flag that grants it, e.g. "is_staff"."""
    schemes: tuple[str, ...]
    """The security schemes that may carry the credentials."""
    optional_sign_in: bool
    """Anonymous is welcome, but a signed-in caller is recognised."""
    rule: str
    """For a command: the business rule in the design's words, as far as it says."""
    cost: int
    """``x-rate``: what one call takes from the caller's rate limit."""
    needs: tuple[str, ...]
    """What a derived operation cannot do by itself, each a sentence; empty for the plain ones."""
    because: str
    """Why it is of this kind."""
    place: Place


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One right: who may do what with which entity, or call which operation."""

    target: str
    """An entity's name, or a command's."""
    action: Literal["read", "create", "update", "delete", "call"]
    who: tuple[Who, ...]
    """Any of these is enough."""
    owner: str
    """The field that names the owner, where `who` has owner. For an account itself: "id"."""
    role: str
    """The account's flag, where `who` has staff."""
    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class ErrorPlan:
    """How failures look."""

    style: Literal["problem", "errors-body", "declared", "unsaid"]
    """problem: RFC 9457. errors-body: ``{"errors": {"body": ["…"]}}``. declared: the shape named. unsaid: the kit's own."""
    media_type: str
    shape: str
    invalid_status: int
    """The status for an input that is read but not acceptable: 422, or 400 where the design declares only that."""
    place: Place


@dataclass(frozen=True, slots=True)
class AuthPlan:
    """How a caller proves who he is."""

    scheme: str
    """The name under ``securitySchemes``."""
    kind: Literal["bearer", "basic", "header", "cookie", "query", "oauth2", "openid", "mutual_tls"]
    key: str
    """The header, cookie or parameter."""
    prefix: str
    """The word before the token: "Bearer", "Token", or nothing."""
    built: bool
    """Whether the kit serves it."""
    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class ContractPlan:
    """What all operations share."""

    title: str
    version: str
    prefix: str
    """The path part of the first server, e.g. "/api"."""
    naming: Literal["snake", "camel", "kebab"]
    """The style of names on the wire."""
    errors: ErrorPlan
    auth: tuple[AuthPlan, ...]
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All of it. The same design always gives the same blueprint."""

    contract: ContractPlan
    enums: tuple[EnumPlan, ...]
    entities: tuple[EntityPlan, ...]
    shapes: tuple[Shape, ...]
    operations: tuple[OperationPlan, ...]
    access: tuple[AccessLine, ...]
    assumptions: tuple[Assumption, ...]
    account: tuple[Entry, ...]
    """A provisional entry for every part of the contract."""
    context: tuple[Note, ...] = ()
    """What people wrote beside the design."""
    origins: tuple[Origin, ...] = ()
    """What the contract was made from, where that is another language."""

    def entity(self, name: str) -> EntityPlan:
        """The entity of that name; KeyError if there is none."""
        for entity in self.entities:
            if entity.name == name:
                return entity
        raise KeyError(name)

    def shape(self, name: str) -> Shape:
        """The shape of that name; KeyError if there is none."""
        for shape in self.shapes:
            if shape.name == name:
                return shape
        raise KeyError(name)

    @property
    def values(self) -> tuple[str, ...]:
        """The shapes that are kept as values of rows, those inside them included."""
        found = dict.fromkeys(f.value for e in self.entities for f in e.fields if f.value)
        waiting = list(found)
        while waiting:
            inside = [m.shape for m in self.shape(waiting.pop()).members if m.shape and m.shape not in found]
            found |= dict.fromkeys(inside)
            waiting += inside
        return tuple(found)

    def value_name(self, shape: str) -> str:
        """The class of a value: not that of an entity or enum."""
        return f"{shape}Value" if shape in self.names else shape

    @property
    def names(self) -> frozenset[str]:
        """The classes that the model defines."""
        return frozenset([*(e.name for e in self.entities), *(e.name for e in self.enums)])

    @property
    def accounted(self) -> tuple[Entry, ...]:
        """What becomes of each element of the design as it was written."""
        return traced(self.account, self.origins)

    @property
    def sign_in_account(self) -> EntityPlan | None:
        """The entity that signs in, if the design has accounts."""
        return next((e for e in self.entities if e.account), None)
