"""The tables that a design asks for, or that a database holds: the same words for SQL text and for a catalog. Pure values."""

from dataclasses import dataclass, field
from typing import Literal

from backwright.worker.place import Place

Dialect = Literal["postgresql", "sqlite"]


@dataclass(frozen=True, slots=True)
class Words:
    """One clause that must be accounted for, such as a default or a comment: its text and its place."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    type: str
    """The type's own name in small letters, domains followed: ``varchar``, ``timestamp with time zone``; empty where none is given."""
    arguments: tuple[int, ...] = ()
    """``numeric(10, 2)`` → 10, 2."""
    array: bool = False
    enum: str = ""
    """The name of its enum type."""
    nullable: bool = True
    not_null: Place | None = None
    """Where NOT NULL is said."""
    default: Words | None = None
    identity: bool = False
    """The database numbers it: serial, identity, AUTOINCREMENT, or an INTEGER PRIMARY KEY of SQLite."""
    generated: Words | None = None
    """The expression it is computed from."""
    collation: Words | None = None
    comment: Words | None = None
    place: Place


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key or a unique constraint, with its columns in order. ``where`` narrows a partial one."""

    name: str
    columns: tuple[str, ...]
    place: Place
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """Columns that hold the key of a row of another table."""

    name: str
    columns: tuple[str, ...]
    target: str
    """The other table, as `Table.id` has it."""
    target_columns: tuple[str, ...] = ()
    """Empty: the other's primary key."""
    on_delete: str = ""
    """``CASCADE``, ``SET NULL``, ``SET DEFAULT``, ``RESTRICT`` or nothing (NO ACTION)."""
    on_update: str = ""
    deferrable: bool = False
    place: Place


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that every row meets, as SQL."""

    name: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index. ``parts`` are columns, or expressions in brackets."""

    name: str
    parts: tuple[str, ...]
    unique: bool = False
    method: str = "btree"
    where: str = ""
    descending: bool = False
    """Some part of it is in descending order."""
    include: tuple[str, ...] = ()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table."""

    schema: str = ""
    """The schema it was named with; nothing where none was said, or only the usual one."""
    name: str
    columns: tuple[Column, ...]
    primary: Key | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    uniques: tuple[Key, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    comment: Words | None = None
    others: tuple[Words, ...] = ()
    """Clauses that say nothing to the kit, e.g. EXCLUDE or PARTITION BY; each with what is to be done about it in `Other.reason`."""
    place: Place

    @property
    def id(self) -> str:
        """What tells it from the others: ``book``, ``sales.book``."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((c for c in self.columns if c.name == name), None)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An enum type."""

    name: str
    values: tuple[str, ...]
    place: Place
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """What is neither table nor index: a view, a trigger, a function, a sequence, seed rows, a grant."""

    kind: str
    name: str
    place: Place
    count: int = 1
    """How many statements of the kind it stands for: inserts into one table are one element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Everything that the design says about storage."""

    dialect: Dialect = "postgresql"
    live: bool = False
    """Read from a database that exists: its tables are mapped, and never created or changed."""
    tables: tuple[Table, ...] = ()
    enums: tuple[Enumeration, ...] = ()
    others: tuple[Other, ...] = ()
    _by_id: dict[str, Table] = field(default_factory=lambda: {}, repr=False, compare=False)

    def table(self, id: str) -> Table | None:
        """The table of that id."""
        if not self._by_id:
            self._by_id.update({t.id: t for t in self.tables})
        return self._by_id.get(id)

    def enum(self, name: str) -> Enumeration | None:
        """The enum type of that name."""
        return next((e for e in self.enums if e.name == name), None)

    def __bool__(self) -> bool:
        return bool(self.tables or self.others)
