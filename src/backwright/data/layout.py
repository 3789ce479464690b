"""What a database should hold, as plain values: tables, columns, checks, keys, indexes and counters, for both databases at once.

Migrations are written in these words, a model is laid out in them, and a replay of the migrations ends in them. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from backwright.data.engines.engine import Dialect
from backwright.domain.model import Kind

LONGEST_NAME = 63
Method = Literal["btree", "hash", "gin", "gist"]
OnDelete = Literal["CASCADE", "RESTRICT"]


def short(name: str) -> str:
    """The name as both databases take it: what passes PostgreSQL's 63 bytes ends in a digest of the whole instead."""
    if len(name.encode()) <= LONGEST_NAME:
        return name
    digest = sha256(name.encode()).hexdigest()[:8]
    return name.encode()[: LONGEST_NAME - 9].decode(errors="ignore") + "_" + digest


@dataclass(frozen=True, slots=True)
class Sql:
    """Text that the two databases spell differently. Empty text: not on that database."""

    postgresql: str = ""
    sqlite: str = ""


Text = str | Sql

TRUE, FALSE = Sql("TRUE", "1"), Sql("FALSE", "0")
NOW = Sql("now()", "(CAST(strftime('%s', 'now') AS INTEGER) * 1000000)")
"""The time of the migration, as a datetime column keeps it."""


def text_for(text: Text, dialect: Dialect) -> str:
    """The spelling of one database."""
    return text if isinstance(text, str) else (text.postgresql if dialect == "postgresql" else text.sqlite)


@dataclass(frozen=True, slots=True)
class Type:
    """How a column stores its values; `data.schema` spells it for each database."""

    kind: Kind
    digits: int = 0
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `default` is what rows that are already there get when the column comes; the database itself keeps no defaults."""

    name: str
    type: Type
    nullable: bool = False
    default: Text | None = field(default=None, compare=False)
    identity: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A named condition that every row meets."""

    name: str
    text: Text


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column that holds the id of a row of another table."""

    name: str
    column: str
    target: str
    on_delete: OnDelete = "RESTRICT"
    target_column: str = field(default="id", repr=False)
    """Not in the representation: revisions are made of that, and those of migrations that are there stay."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index; `expression` stands in for the columns where PostgreSQL's method needs one."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    method: Method = "btree"
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. A mapped table belongs to somebody else: it is known, but never created, altered or dropped."""

    name: str
    columns: tuple[Column, ...]
    primary: tuple[str, ...] = ("id",)
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexes: tuple[Index, ...] = ()
    mapped: bool = False

    def column(self, name: str) -> Column:
        """The column of that name. Raises ``KeyError``."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


_BY_ID: str = field(default="id", repr=False)
"""Said here, because the class below calls an attribute of its own `field`."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Triggers that keep `field` of the rows of `target` at the number of rows of `table` whose `column` names them."""

    table: str
    column: str
    target: str
    field: str
    target_column: str = _BY_ID

    @property
    def name(self) -> str:
        """The trigger's name."""
        return short(f"tr_count_{self.table}_{self.column}")


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole database: tables in order of reference, and counters."""

    tables: tuple[Table, ...] = ()
    counters: tuple[Counter, ...] = ()

    def table(self, name: str) -> Table:
        """The table of that name. Raises ``KeyError``."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def own(self) -> Iterator[Table]:
        """The tables that are ours to create and alter."""
        return (table for table in self.tables if not table.mapped)
