"""The steps from one layout to another. Pure. Renames are not guessed: unsaid, a rename is a drop and an add, with its loss declared."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from backwright.data.engines.engine import Dialect
from backwright.data.layout import Column, Counter, Layout, Table, text_for
from backwright.data.migrations.conversions import conversion, narrows, way_back
from backwright.data.migrations.replay import replay
from backwright.data.migrations.steps import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AlterColumn,
    AlterTable,
    Change,
    CreateCounter,
    CreateIndex,
    CreateTable,
    DropCheck,
    DropColumn,
    DropCounter,
    DropForeignKey,
    DropIndex,
    DropTable,
    RenameColumn,
    RenameTable,
    Step,
)
from backwright.data.sql.shapes import quoted

DIALECTS: tuple[Dialect, ...] = ("postgresql", "sqlite")


class CannotMigrate(Exception):
    """No migration can make this change, or what was asked for makes no sense; says what to do instead."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The steps of one change of the model. `indexes` come after `steps`, in a migration of their own: they are built beside writers."""

    steps: tuple[Step, ...] = ()
    indexes: tuple[CreateIndex, ...] = ()
    losses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps or self.indexes)


def difference(before: Layout, after: Layout, renames: Iterable[str] = ()) -> Difference:
    """What leads from `before` to `after`. Raises `CannotMigrate`. `renames`: ``book:volume`` or ``book.title:name``."""
    wanted = [_rename(text) for text in renames]
    touched = {(r.old if isinstance(r, RenameTable) else r.table) for r in wanted}
    steps: list[Step] = [DropCounter(c) for c in before.counters if _goes(c, after, touched)]
    steps += [step for rename in wanted if isinstance(rename, RenameColumn) for step in _in_the_way(before, rename)]
    steps += wanted
    try:
        now = replay(before, steps)
    except Exception as unknown:
        raise CannotMigrate(f"--rename: {unknown}") from None
    losses: list[str] = []
    indexes: list[CreateIndex] = []
    old, new = {t.name: t for t in now.tables}, {t.name: t for t in after.own()}
    kept = [(old[name], new[name]) for name in new if name in old]
    mapped = {t.name for t in after.tables if t.mapped}
    for was, will in kept:
        steps += [DropIndex(was.name, i) for i in was.indexes if i not in will.indexes]
    steps += _created([t for name, t in new.items() if name not in old], set(old) | mapped)
    for was, will in kept:
        if changes := tuple(_changes(was, will, losses)):
            steps.append(AlterTable(was.name, changes))
        indexes += [CreateIndex(was.name, i, concurrently=True) for i in will.indexes if i not in was.indexes]
    steps += _dropped([t for name, t in old.items() if name not in new and name not in mapped], losses)
    left = replay(before, steps).counters
    steps += [CreateCounter(c) for c in after.counters if c not in left]
    return Difference(tuple(steps), tuple(indexes), tuple(losses))


def irreversible(steps: Iterable[Step]) -> str:
    """Why the steps cannot be undone where there are rows; empty if they can."""
    gone = [
        f"{step.table}.{change.column.name}"
        for step in steps if isinstance(step, AlterTable)
        for change in step.changes
        if isinstance(change, DropColumn) and not change.column.nullable and change.column.default is None
    ]  # fmt: skip
    return f"nobody knows the values of {', '.join(gone)}; give the dropped column a default to go down" if gone else ""


def _goes(counter: Counter, after: Layout, touched: set[str]) -> bool:
    return counter not in after.counters or counter.table in touched or counter.target in touched


def _in_the_way(layout: Layout, rename: RenameColumn) -> Iterator[Step]:
    """Whatever spells the column's old name as text goes first, so that it comes back last on the way down."""
    for table in layout.tables:
        if table.name == rename.table:
            spelled = quoted(rename.old)
            if gone := tuple(DropCheck(c) for c in table.checks if any(spelled in text_for(c.text, d) for d in DIALECTS)):
                yield AlterTable(table.name, gone)
            yield from (DropIndex(table.name, index) for index in table.indexes if spelled in index.expression)


def _rename(text: str) -> RenameTable | RenameColumn:
    old, found, new = text.partition(":")
    table, dot, column = old.partition(".")
    if not found or not new or not table:
        raise CannotMigrate(f"--rename {text}: write table:new_table or table.column:new_column")
    return RenameColumn(table, column, new.rpartition(".")[2]) if dot else RenameTable(table, new)


def _created(tables: list[Table], there: set[str]) -> Iterator[Step]:
    """New tables; keys of a ring of references follow when both ends are there."""
    late: list[Step] = []
    for table in tables:
        there = there | {table.name}
        early = tuple(key for key in table.foreign_keys if key.target in there)
        yield CreateTable(replace(table, foreign_keys=early))
        if rest := tuple(AddForeignKey(key) for key in table.foreign_keys if key not in early):
            late.append(AlterTable(table.name, rest))
    yield from late


def _dropped(tables: list[Table], losses: list[str]) -> Iterator[Step]:
    """Tables that are no longer wanted, the last first; a key that points at one is dropped before it."""
    left = {table.name: table for table in tables}
    for name in reversed(list(left)):
        table = left.pop(name)
        for other in left.values():
            keys = tuple(key for key in other.foreign_keys if key.target == name)
            if keys:
                yield AlterTable(other.name, tuple(DropForeignKey(key) for key in keys))
                left[other.name] = replace(other, foreign_keys=tuple(key for key in other.foreign_keys if key not in keys))
        losses.append(f"all rows of {name}")
        yield DropTable(table)


def _changes(was: Table, will: Table, losses: list[str]) -> Iterator[Change]:
    """The order is its own inverse: what depends on columns goes first and comes last."""
    if was.primary != will.primary or was.column(was.primary[0]).type != will.column(will.primary[0]).type:
        raise CannotMigrate(f"{was.name}: the type of its id changed; declare a new entity and move the rows there with bw.data")
    old, new = {c.name: c for c in was.columns}, {c.name: c for c in will.columns}
    altered = [(old[name], new[name]) for name in new if name in old and old[name] != new[name]]
    lost = {b.name for a, b in altered if a.type != b.type and conversion(a.name, a.type, b.type) is None}
    gone = [c for name, c in old.items() if name not in new or name in lost]
    losses += [
        f"{was.name}.{c.name}" + (" (its type changed, and no value of the new type says the same)" if c.name in lost else "") for c in gone
    ]
    yield from (DropForeignKey(k) for k in was.foreign_keys if k not in will.foreign_keys or k.column in lost)
    yield from (DropCheck(c) for c in was.checks if c not in will.checks)
    yield from (DropColumn(c) for c in gone)
    for a, b in altered:
        if b.name not in lost:
            losses += [f"digits of {was.name}.{b.name}"] if narrows(a.type, b.type) else []
            yield _altered(a, b)
    yield from (AddColumn(c) for name, c in new.items() if name not in old or name in lost)
    yield from (AddCheck(c) for c in will.checks if c not in was.checks)
    yield from (AddForeignKey(k) for k in will.foreign_keys if k not in was.foreign_keys or k.column in lost)


def _altered(old: Column, new: Column) -> AlterColumn:
    if old.type == new.type:
        return AlterColumn(old, new)
    return AlterColumn(old, new, conversion(old.name, old.type, new.type), way_back(old.name, new.type, old.type))
