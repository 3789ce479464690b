"""The checked model of all entities: what every later stage reads instead of the classes. Pure, compiled once."""

import inspect
import types
import typing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, Union
from uuid import UUID

import msgspec

from backwright.domain.entity import Account, Entity, IndexKind, Key, Options
from backwright.domain.fields import Column, CountedIn, Doc, Id, Limits, Mark, Point, Range, Wire
from backwright.domain.mistakes import DeclarationError, Mistake
from backwright.domain.naming import plural, snake


class Kind(Enum):
    """What a field holds. The wire and column forms of each kind are tabled in `data.sql.kinds`."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOL = "bool"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DURATION = "duration"
    UUID = "uuid"
    ENUM = "enum"
    BYTES = "bytes"
    JSON = "json"
    LIST = "list"
    RANGE = "range"
    POINT = "point"
    REFERENCE = "reference"
    MANY = "many"


EntityClass = type[Entity]
"""Said outside the classes below, where `type` is also the name of an attribute."""

_SIMPLE: dict[Any, Kind] = {
    str: Kind.TEXT, int: Kind.INT, float: Kind.FLOAT, Decimal: Kind.DECIMAL, bool: Kind.BOOL, date: Kind.DATE, time: Kind.TIME,
    datetime: Kind.DATETIME, timedelta: Kind.DURATION, UUID: Kind.UUID, bytes: Kind.BYTES, dict: Kind.JSON, Any: Kind.JSON,
    list: Kind.LIST, Range: Kind.RANGE, Point: Kind.POINT, Id: Kind.REFERENCE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counter:
    """A field of another entity that counts the rows of this one that reference it."""

    entity: type[Entity]
    field: str
    because: str


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One stored field of an entity. There is one object a field, so it is equal to nothing but itself."""

    name: str
    column: str
    wire: str
    """The key clients see. A reference is ``author_id``; its expansion has the key `expand_as`."""
    kind: Kind
    type: Any
    """The bare Python type: without Annotated, Optional and Id (a reference has the target's id type: UUID or int)."""
    element: Any = None
    """The item type of a list, the bound type of a range."""
    optional: bool = False
    default: Any = msgspec.NODEFAULT
    default_factory: Any = msgspec.NODEFAULT
    limits: Limits = Limits()  # noqa: RUF009  it is frozen
    unique: bool = False
    managed: bool = False
    secret: bool = False
    maybe: bool = False
    """Left out of answers while it is null."""
    target: EntityClass | None = None
    part: bool = False
    owner: bool = False
    """A reference that derived creation sets to the caller."""
    counter: Counter | None = None
    doc: str = ""
    example: Any = None
    wire_number: bool = False
    """A decimal that a contract shows as a JSON number instead of a string."""
    stamp: str = ""
    """``created``, ``updated`` or ``version`` for the fields the kit keeps by itself."""

    @property
    def required(self) -> bool:
        """Whether a client must give it on creation."""
        no_default = self.default is msgspec.NODEFAULT and self.default_factory is msgspec.NODEFAULT
        return no_default and not self.optional and not self.managed and not self.secret

    @property
    def writable(self) -> bool:
        """Whether a client may set it."""
        return not (self.managed or self.secret or self.stamp)

    @property
    def expand_as(self) -> str:
        """The key of the expanded reference: ``author`` for ``author_id``."""
        return self.name


@dataclass(frozen=True, slots=True)
class Index:
    """An index or a unique constraint over some fields, with its name in the database."""

    name: str
    fields: tuple[str, ...]
    unique: bool
    kind: IndexKind = "btree"


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of another entity that live in this one: embedded under `wire` in every representation of the whole."""

    entity: type[Entity]
    field: str
    wire: str


@dataclass(frozen=True, slots=True, eq=False)
class EntityModel:
    """Everything derivable from one entity class."""

    entity: type[Entity]
    name: str
    table: str
    plural: str
    id_type: type
    """``UUID`` or ``int``."""
    id: Field
    """The primary key as a field, named ``id``."""
    fields: tuple[Field, ...]
    indexes: tuple[Index, ...]
    parts: tuple[Part, ...]
    mapped: bool
    account: bool
    doc: str
    file: str
    line: int
    by_name: dict[str, Field] = field(default_factory=dict[str, Field])
    by_wire: dict[str, Field] = field(default_factory=dict[str, Field])

    @property
    def version(self) -> Field | None:
        """The field that optimistic locking uses, if the entity has one."""
        return self.by_name.get("version") if self.by_name.get("version", None) and self.by_name["version"].stamp else None

    @property
    def whole(self) -> Field | None:
        """The reference to the whole, if this entity is a part."""
        return next((f for f in self.fields if f.part), None)

    def references(self) -> tuple[Field, ...]:
        """The foreign keys, in order of declaration."""
        return tuple(f for f in self.fields if f.kind is Kind.REFERENCE)


@dataclass(frozen=True)
class Model:
    """All entities, checked together."""

    entities: dict[type[Entity], EntityModel]

    def __getitem__(self, entity: type[Entity]) -> EntityModel:
        return self.entities[entity]

    def __contains__(self, entity: object) -> bool:
        return entity in self.entities  # pyright: ignore[reportUnnecessaryContains]

    @cached_property
    def in_order(self) -> tuple[EntityModel, ...]:
        """Every entity after those it references (a cycle keeps the order of declaration); inserts go forwards, deletes backwards."""
        done: dict[type[Entity], EntityModel] = {}

        def visit(entity: type[Entity], open_: frozenset[type[Entity]]) -> None:
            if entity in done or entity in open_ or entity not in self.entities:
                return
            for reference in self.entities[entity].references():
                if reference.target is not None:
                    visit(reference.target, open_ | {entity})
            done[entity] = self.entities[entity]

        for entity in self.entities:
            visit(entity, frozenset())
        return tuple(done.values())

    def rank(self, entity: type[Entity]) -> int:
        """The position in `in_order`: the order of writing and of locking."""
        return self._ranks[entity]

    @cached_property
    def _ranks(self) -> dict[type[Entity], int]:
        return {model.entity: n for n, model in enumerate(self.in_order)}


def build_model(entities: typing.Iterable[type[Entity]]) -> Model:
    """Read the classes (and what they reference) into one checked model. Raises `DeclarationError` with every mistake."""
    found: dict[type[Entity], None] = {}
    hints: dict[type[Entity], dict[str, Any]] = {}
    mistakes: list[Mistake] = []
    queue = list(entities)
    while queue:
        entity = queue.pop(0)
        if entity in found or entity in (Entity, Account):
            continue
        found[entity] = None
        try:
            hints[entity] = typing.get_type_hints(entity, include_extras=True)
        except NameError as unknown:
            options = _options(entity)
            mistakes.append(
                Mistake(
                    options.file,
                    options.line,
                    f"{entity.__name__} names a type that is not there: {unknown}.",
                    "Define or import it in the same module.",
                )
            )
            hints[entity] = {}
        queue += [target for hint in hints[entity].values() if (target := _target(hint)) is not None]
    readers = {entity: _Reader(entity, hints[entity], mistakes) for entity in found}
    models = {entity: reader.read() for entity, reader in readers.items()}
    for entity, model in models.items():
        for item in model.fields:
            if item.part and item.target in models:
                whole = models[item.target]
                part = Part(entity, item.name, model.plural)
                models[item.target] = replace(whole, parts=(*whole.parts, part))
    mistakes += _across(models)
    if mistakes:
        raise DeclarationError(mistakes)
    return Model(models)


def _options(entity: type[Entity]) -> Options:
    return typing.cast(Options, entity.__backwright__)  # type: ignore[attr-defined]


def _target(hint: Any) -> type[Entity] | None:
    bare, _, _ = _strip(hint)
    if typing.get_origin(bare) is list:
        bare, _, _ = _strip(typing.get_args(bare)[0])
    if typing.get_origin(bare) is Id:
        return typing.cast("type[Entity]", typing.get_args(bare)[0])
    return None


def _strip(hint: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """The bare type, everything Annotated said, and whether None is allowed; nested in any order."""
    marks: tuple[Any, ...] = ()
    optional = False
    while True:
        origin = typing.get_origin(hint)
        if origin is Annotated:
            marks += hint.__metadata__
            hint = hint.__origin__
        elif origin in (Union, types.UnionType) and type(None) in typing.get_args(hint) and len(typing.get_args(hint)) == 2:
            optional = True
            hint = next(a for a in typing.get_args(hint) if a is not type(None))
        else:
            return hint, marks, optional


class _Reader:
    """Reads one class."""

    def __init__(self, entity: type[Entity], hints: dict[str, Any], mistakes: list[Mistake]) -> None:
        self.entity, self.hints, self.mistakes = entity, hints, mistakes
        self.options = _options(entity)
        self.table = self.options.table or snake(entity.__name__)

    def wrong(self, what: str, mend: str) -> None:
        self.mistakes.append(Mistake(self.options.file, self.options.line, f"{self.entity.__name__}{what}", mend))

    def read(self) -> EntityModel:
        fields = [
            f for name in self.entity.__struct_fields__ if not name.startswith("_") and name in self.hints and (f := self.field(name))
        ]
        fields += self.kept(fields)
        doc = self.entity.__dict__.get("__doc__") or ""
        return EntityModel(
            entity=self.entity, name=self.entity.__name__, table=self.table, plural=self.options.plural or plural(self.table),
            id_type=self.options.id or UUID, id=self.key(), fields=tuple(fields), indexes=self.indexes(fields), parts=(),
            mapped=self.options.mapped, account=issubclass(self.entity, Account), doc=inspect.cleandoc(doc), file=self.options.file,
            line=self.options.line, by_name={f.name: f for f in fields}, by_wire={f.wire: f for f in fields},
        )  # fmt: skip

    def key(self) -> Field:
        kind, type_ = (Kind.INT, int) if self.options.id is int else (Kind.UUID, UUID)
        wire, column = self.options.id_wire or "id", self.options.id_column or "id"
        return Field(name="id", column=column, wire=wire, kind=kind, type=type_, managed=True)

    def field(self, name: str) -> Field | None:
        bare, marks, optional = _strip(self.hints[name])
        origin = typing.get_origin(bare) or bare
        words = {m.word for m in marks if isinstance(m, Mark)}
        element = typing.get_args(bare)[0] if origin in (list, Range) and typing.get_args(bare) else None
        kind = _kind_of(origin)
        if "many" in words:
            kind = Kind.MANY
        if kind is None:
            self.wrong(
                f".{name} has the type {bare!r}, which no column can hold.", "Use one of: " + ", ".join(sorted(k.value for k in Kind)) + "."
            )
            return None
        target = _target(self.hints[name])
        limits = Limits()
        for mark in marks:
            if isinstance(mark, Limits):
                limits = Limits(**{n: getattr(mark, n) if getattr(mark, n) is not None else getattr(limits, n) for n in Limits.__slots__})
        default, factory = self.default(name)
        counted = next((m for m in marks if isinstance(m, CountedIn)), None)
        wire = next(
            (m.name for m in marks if isinstance(m, Wire) and m.name),
            f"{name}_id" if kind is Kind.REFERENCE else f"{name.removesuffix('s')}_ids" if kind is Kind.MANY else name,
        )
        doc = next((m for m in marks if isinstance(m, Doc)), Doc(""))
        return Field(
            name=name, wire=wire, kind=kind,
            column=next((m.name for m in marks if isinstance(m, Column)), f"{name}_id" if kind is Kind.REFERENCE else name),
            type=(_options(target).id or UUID) if target is not None else _said(bare, origin), element=element, optional=optional,
            default=default, default_factory=factory, limits=limits, unique="unique" in words, managed="managed" in words,
            secret="secret" in words, maybe=optional and "maybe" in words, target=target, part="part" in words, owner="owner" in words,
            counter=Counter(target, _attribute(counted.field), counted.because) if counted and target else None,
            doc=doc.text, example=doc.example, wire_number=any(isinstance(m, Wire) and m.number for m in marks),
        )  # fmt: skip

    def default(self, name: str) -> tuple[Any, Any]:
        position = self.entity.__struct_fields__.index(name) - (len(self.entity.__struct_fields__) - len(self.entity.__struct_defaults__))
        if position < 0:
            return msgspec.NODEFAULT, msgspec.NODEFAULT
        value = self.entity.__struct_defaults__[position]
        if value is msgspec.NODEFAULT:
            return msgspec.NODEFAULT, msgspec.NODEFAULT
        if type(value).__name__ == "Factory":
            return msgspec.NODEFAULT, value.factory
        return value, msgspec.NODEFAULT

    def kept(self, declared: list[Field]) -> list[Field]:
        names = {f.name for f in declared}
        kept: list[Field] = []
        usual = not self.options.mapped and not any(f.part for f in declared)
        if usual if self.options.stamps is None else self.options.stamps:
            kept += [
                Field(name=f"{w}_at", column=f"{w}_at", wire=f"{w}_at", kind=Kind.DATETIME, type=datetime, managed=True, stamp=w)
                for w in ("created", "updated")
            ]
        if usual if self.options.versioned is None else self.options.versioned:
            kept.append(Field(name="version", column="version", wire="version", kind=Kind.INT, type=int, managed=True, stamp="version"))
        for item in kept:
            if item.name in names:
                self.wrong(
                    f".{item.name} is declared, but the kit keeps a field of that name.",
                    "Drop it, or turn the kit's own off with stamps=False or versioned=False on the class line.",
                )
        return kept

    def indexes(self, fields: list[Field]) -> tuple[Index, ...]:
        by_name = {f.name: f for f in fields}
        found = [Index(f"uq_{self.table}_{f.column}", (f.name,), True) for f in fields if f.unique]
        for key in _keys(self.entity):
            names = _attributes(key)
            unknown = [n for n in names if n not in by_name]
            if not names or unknown:
                self.wrong(
                    f".{key.method.__name__} must return fields of {self.entity.__name__}; {', '.join(unknown) or 'nothing'} is not one.",
                    "Write for example: return self.book, self.reader",
                )
                continue
            prefix = "uq" if key.unique else "ix"
            found.append(Index(f"{prefix}_{self.table}_{'_'.join(by_name[n].column for n in names)}", names, key.unique, key.kind))
        leading = {i.fields[0] for i in found if i.kind == "btree"}
        found += [
            Index(f"ix_{self.table}_{f.column}", (f.name,), False) for f in fields if f.kind is Kind.REFERENCE and f.name not in leading
        ]
        return tuple(found)


def _keys(entity: type[Entity]) -> list[Key]:
    keys: dict[str, Key] = {}
    for base in reversed(entity.__mro__):
        for name, value in vars(base).items():
            key = getattr(value, "__backwright_key__", None)
            if key is not None:
                keys[name] = key
    return list(keys.values())


def element_of(field: Field) -> Field:
    """The items of a list as a field of their own."""
    return replace(field, kind=_kind_of(field.element) or Kind.JSON, type=field.element, element=None, optional=False)


def _kind_of(cls: Any) -> Kind | None:
    """A Struct that is no entity is a value of its own, kept as JSON."""
    if cls in _SIMPLE or not isinstance(cls, type):
        return _SIMPLE.get(cls)
    if issubclass(cls, msgspec.Struct) and not issubclass(cls, Entity):
        return Kind.JSON
    return Kind.ENUM if issubclass(cls, Enum) else None


class _Names:
    """Stands for a row: gives each attribute's name back."""

    def __getattr__(self, name: str) -> str:
        return name


def _said(bare: Any, origin: Any) -> Any:
    """The type of a value: that of a dict with its arguments, where they say what its values are."""
    arguments = typing.get_args(bare)
    return bare if origin is dict and len(arguments) == 2 and arguments[1] is not Any else origin


def _attributes(key: Key) -> tuple[str, ...]:
    fields = key.method(_Names())
    return typing.cast("tuple[str, ...]", fields if isinstance(fields, tuple) else (fields,))


def _attribute(pick: typing.Callable[[Any], object]) -> str:
    return typing.cast(str, pick(_Names()))


def _across(models: dict[type[Entity], EntityModel]) -> list[Mistake]:
    """Mistakes that only show when all entities are seen together."""
    mistakes: list[Mistake] = []
    tables: dict[str, EntityModel] = {}
    for model in models.values():
        if (other := tables.setdefault(model.table, model)) is not model:
            mistakes.append(
                Mistake(
                    model.file,
                    model.line,
                    f"{model.name} and {other.name} both use the table {model.table!r}.",
                    'Give one of them table="..." on its class line.',
                )
            )
        mistakes += _columns(model)
        for item in model.fields:
            if item.target is not None and item.target not in models:
                mistakes.append(
                    Mistake(
                        model.file,
                        model.line,
                        f"{model.name}.{item.name} refers to {item.target!r}, which is not a concrete entity.",
                        "Refer to a subclass of Entity or Account.",
                    )
                )
            if item.counter is not None and item.counter.field not in models[item.counter.entity].by_name:
                mistakes.append(
                    Mistake(
                        model.file,
                        model.line,
                        f"{model.name}.{item.name} counts into {item.counter.entity.__name__}.{item.counter.field}, which is not there.",
                        "Name an int field of that entity.",
                    )
                )
        if len([f for f in model.fields if f.part]) > 1:
            mistakes.append(
                Mistake(
                    model.file, model.line, f"{model.name} is PartOf more than one whole.", "Keep one PartOf and make the others Id[...]."
                )
            )
    return mistakes


def _columns(model: EntityModel) -> typing.Iterator[Mistake]:
    """Two fields in one column; the databases tell column names apart by case as little as SQLite does."""
    taken: dict[str, Field] = {}
    for item in (model.id, *(f for f in model.fields if f.kind is not Kind.MANY)):
        if (other := taken.setdefault(item.column.lower(), item)).name != item.name:  # one name twice is told by itself
            yield Mistake(
                model.file,
                model.line,
                f"{model.name}.{other.name} and {model.name}.{item.name} are both kept in the column {item.column!r}.",
                'Give one of them another: Column("...") in its annotation, or id_column="..." on the class line for the id.',
            )
