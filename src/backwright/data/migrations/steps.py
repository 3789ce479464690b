"""The steps of migrations as pure values; each knows its inverse.

Going down is the inverses in reverse order, so no step can forget its way back, and replaying the steps of all files gives the layout
they end in without any database.
"""

from dataclasses import dataclass, replace

from backwright.data.layout import Check, Column, Counter, ForeignKey, Index, Table, Text, Type
from backwright.domain.model import Kind

TEXT, INT, FLOAT, BOOL = Type(Kind.TEXT), Type(Kind.INT), Type(Kind.FLOAT), Type(Kind.BOOL)
DATE, TIME, DATETIME, UUID = Type(Kind.DATE), Type(Kind.TIME), Type(Kind.DATETIME), Type(Kind.UUID)
BYTES, JSON = Type(Kind.BYTES), Type(Kind.JSON)


def decimal(digits: int, scale: int) -> Type:
    """A decimal of so many digits in all, and so many behind the point."""
    return Type(Kind.DECIMAL, digits, scale)


# --- changes of one table, made together: SQLite rebuilds the table once for all of them ------------------------------


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A new column; rows that are there get the column's `default`. Without one, a column that is not nullable needs an empty table."""

    column: Column


@dataclass(frozen=True, slots=True)
class DropColumn:
    """The column and its values are gone; going down brings the column back with its `default`."""

    column: Column


@dataclass(frozen=True, slots=True)
class AlterColumn:
    """Another type, or (not) nullable. `using` makes the new value from the old (default: a cast), `back` the old from the new."""

    old: Column
    new: Column
    using: Text | None = None
    back: Text | None = None


@dataclass(frozen=True, slots=True)
class AddCheck:
    """A CHECK that all rows meet from now on."""

    check: Check


@dataclass(frozen=True, slots=True)
class DropCheck:
    """A CHECK that is no longer asked for."""

    check: Check


@dataclass(frozen=True, slots=True)
class AddForeignKey:
    """A foreign key on a column that is there."""

    key: ForeignKey


@dataclass(frozen=True, slots=True)
class DropForeignKey:
    """The column stays, its foreign key goes."""

    key: ForeignKey


Change = AddColumn | DropColumn | AlterColumn | AddCheck | DropCheck | AddForeignKey | DropForeignKey


# --- steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreateTable:
    """A new table, with everything that belongs to it."""

    table: Table


@dataclass(frozen=True, slots=True)
class DropTable:
    """The table and its rows are gone; going down brings it back empty."""

    table: Table


@dataclass(frozen=True, slots=True)
class AlterTable:
    """Changes of one table, in order."""

    table: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RenameTable:
    """Another name for a table; nothing is lost."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """Another name for a column; nothing is lost."""

    table: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """An index on a table that is there. ``concurrently`` lets writers go on (PostgreSQL); such steps need a file of their own."""

    table: str
    index: Index
    concurrently: bool = False


@dataclass(frozen=True, slots=True)
class DropIndex:
    """The inverse of `CreateIndex`."""

    table: str
    index: Index
    concurrently: bool = False


@dataclass(frozen=True, slots=True)
class CreateCounter:
    """Triggers that keep a counter; rows that are there are counted first."""

    counter: Counter


@dataclass(frozen=True, slots=True)
class DropCounter:
    """The number stays as it is, and is no longer kept."""

    counter: Counter


@dataclass(frozen=True, slots=True)
class Data:
    """A move of data: SQL for going up, SQL for going down (empty: nothing to undo). `Sql` where the databases differ."""

    up: Text
    down: Text


Step = CreateTable | DropTable | AlterTable | RenameTable | RenameColumn | CreateIndex | DropIndex | CreateCounter | DropCounter | Data


def data(up: Text, down: Text) -> Data:
    """A move of data, e.g. ``bw.data('UPDATE "book" SET "stock" = 0 WHERE "stock" < 0', "")``."""
    return Data(up, down)


def inverse(step: Step) -> Step:  # noqa: C901 - one case a step
    """The step that undoes it."""
    match step:
        case CreateTable(table):
            return DropTable(table)
        case DropTable(table):
            return CreateTable(table)
        case AlterTable(table, changes):
            return AlterTable(table, tuple(_undo(change) for change in reversed(changes)))
        case RenameTable(old, new):
            return RenameTable(new, old)
        case RenameColumn(table, old, new):
            return RenameColumn(table, new, old)
        case CreateIndex(table, index, concurrently):
            return DropIndex(table, index, concurrently)
        case DropIndex(table, index, concurrently):
            return CreateIndex(table, index, concurrently)
        case CreateCounter(counter):
            return DropCounter(counter)
        case DropCounter(counter):
            return CreateCounter(counter)
        case Data(up, down):
            return Data(down, up)


def _undo(change: Change) -> Change:
    match change:
        case AddColumn(column):
            return DropColumn(column)
        case DropColumn(column):
            return AddColumn(column)
        case AlterColumn():
            return replace(change, old=change.new, new=change.old, using=change.back, back=change.using)
        case AddCheck(check):
            return DropCheck(check)
        case DropCheck(check):
            return AddCheck(check)
        case AddForeignKey(key):
            return DropForeignKey(key)
        case DropForeignKey(key):
            return AddForeignKey(key)


def inverses(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps that undo all of them, last first."""
    return tuple(inverse(step) for step in reversed(steps))
