"""The base classes users declare their entities with, and the words said inside an entity's body."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar, dataclass_transform

import msgspec

from backwright.domain.fields import Id, Limits, Secret, Unique

M = TypeVar("M", bound=Callable[..., object])
IndexKind = Literal["btree", "hash", "gin", "gist"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an entity's class line says."""

    table: str | None = None
    plural: str | None = None
    id: type | None = None
    stamps: bool | None = None
    versioned: bool | None = None
    """None: yes, unless the entity is mapped or a part of another."""
    mapped: bool = False
    id_wire: str | None = None
    id_column: str | None = None
    file: str = "?"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """A declared index: ``@unique`` or ``@index`` on a method that returns the fields."""

    method: Callable[..., object]
    unique: bool
    kind: IndexKind


def unique(method: M) -> M:
    """No two rows agree in all the fields that the method returns: ``def once(self): return self.book, self.reader``."""
    method.__backwright_key__ = Key(method, unique=True, kind="btree")  # type: ignore[attr-defined]
    return method


def index(kind: IndexKind = "btree") -> Callable[[M], M]:
    """An index over the fields that the method returns. Hash, GIN and GiST are used where PostgreSQL has them; SQLite takes a b-tree."""

    def mark(method: M) -> M:
        method.__backwright_key__ = Key(method, unique=False, kind=kind)  # type: ignore[attr-defined]
        return method

    return mark


@dataclass_transform(kw_only_default=True)
class EntityMeta(msgspec.StructMeta):
    """Makes each entity a keyword-only msgspec Struct and remembers its class line."""

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        table: str | None = None,
        plural: str | None = None,
        id: type | None = None,
        stamps: bool | None = None,
        versioned: bool | None = None,
        mapped: bool = False,
        id_wire: str | None = None,
        id_column: str | None = None,
    ) -> type:
        frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        cls = super().__new__(mcls, name, bases, namespace, kw_only=True, eq=False)
        cls.__backwright__ = Options(  # type: ignore[attr-defined]
            table=table, plural=plural, id=id, mapped=mapped, id_wire=id_wire, id_column=id_column,
            stamps=stamps, versioned=versioned, file=frame.f_code.co_filename, line=frame.f_lineno,
        )  # fmt: skip
        return cls


@dataclass_transform(kw_only_default=True)  # said again: mypy reads msgspec's own word on Struct before that of the metaclass
class Entity(msgspec.Struct, metaclass=EntityMeta):
    """A thing that is stored and has an id. Subclass it with annotated fields; it becomes a table, a schema and a resource.

    Class keywords: ``table=`` and ``plural=`` rename; ``id=int`` takes ids from a sequence instead of time-ordered UUIDs;
    ``stamps=False`` leaves out ``created_at`` and ``updated_at``; ``versioned=False`` leaves out the version that ETag and
    If-Match use; ``id_wire="bookId"`` renames the id for clients, ``id_column="BookId"`` its column; ``mapped=True`` says that the
    table exists already (no stamps and no version unless asked for).
    """

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            table: str | None = None,
            plural: str | None = None,
            id: type | None = None,
            stamps: bool | None = None,
            versioned: bool | None = None,
            mapped: bool = False,
            id_wire: str | None = None,
            id_column: str | None = None,
        ) -> None: ...

        @property
        def id(self) -> Id[Self]:
            """The key. Raises ``LookupError`` before the object was added to a transaction."""
            ...

        @property
        def created_at(self) -> datetime:
            """When the row was created (UTC). Raises ``LookupError`` before it was added, and where the entity keeps no stamps."""
            ...

        @property
        def updated_at(self) -> datetime:
            """When the row was last changed (UTC). Raises ``LookupError`` like `created_at`."""
            ...

        @property
        def version(self) -> int:
            """How often the row was written, from 1. Raises ``LookupError`` where the entity keeps no version."""
            ...
    else:
        _id: object = None
        _created_at: object = None
        _updated_at: object = None
        _version: object = None


class Account(Entity):
    """An entity that can sign in: it has an e-mail address and, if it signs in by password, a password hash."""

    email: Unique[Annotated[str, Limits(max_length=254, format="email")]]
    password_hash: Secret[str | None] = None


def _kept(name: str) -> property:
    def read(self: Any) -> object:
        if (value := getattr(self, f"_{name}")) is None:
            raise LookupError(f"this {type(self).__name__} has no {name}: it gets one from tx.add(...), if the entity keeps it")
        return value

    return property(read)


if not TYPE_CHECKING:
    for _name in ("id", "created_at", "updated_at", "version"):
        type.__setattr__(Entity, _name, _kept(_name))
