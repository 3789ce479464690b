"""The layout that steps lead to. Pure: the state at any revision is known without a database."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from backwright.data.layout import Check, Column, ForeignKey, Index, Layout, Table
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
    Data,
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

N = TypeVar("N", Column, Check, ForeignKey, Index)


class ImpossibleStep(Exception):
    """A step does not fit the layout that the steps before it lead to."""


def replay(layout: Layout, steps: Iterable[Step]) -> Layout:
    """The layout after the steps. Raises `ImpossibleStep`."""
    for step in steps:
        try:
            layout = _after(layout, step)
        except KeyError as missing:
            raise ImpossibleStep(f"{type(step).__name__} needs {missing}, which the steps before it do not create") from None
    return layout


def _after(layout: Layout, step: Step) -> Layout:  # noqa: C901 - one case a step
    match step:
        case CreateTable(table):
            return replace(layout, tables=(*layout.tables, table))
        case DropTable(table):
            layout.table(table.name)
            return replace(layout, tables=tuple(t for t in layout.tables if t.name != table.name))
        case AlterTable(name, changes):
            table = layout.table(name)
            for change in changes:
                table = _changed(table, change)
            return _with(layout, name, table)
        case RenameTable(old, new):
            return _renamed_table(layout, old, new)
        case RenameColumn(name, old, new):
            return _target_renamed(_with(layout, name, _renamed_column(layout.table(name), old, new)), name, old, new)
        case CreateIndex(name, index):
            table = layout.table(name)
            return _with(layout, name, replace(table, indexes=(*table.indexes, index)))
        case DropIndex(name, index):
            table = layout.table(name)
            return _with(layout, name, replace(table, indexes=_without(table.indexes, index.name)))
        case CreateCounter(counter):
            return replace(layout, counters=(*layout.counters, counter))
        case DropCounter(counter):
            return replace(layout, counters=tuple(c for c in layout.counters if c != counter))
        case Data():
            return layout


def _with(layout: Layout, name: str, table: Table) -> Layout:
    layout.table(name)
    return replace(layout, tables=tuple(table if t.name == name else t for t in layout.tables))


def _without(items: tuple[N, ...], name: str) -> tuple[N, ...]:
    if all(item.name != name for item in items):
        raise KeyError(name)
    return tuple(item for item in items if item.name != name)


def _changed(table: Table, change: Change) -> Table:
    match change:
        case AddColumn(column):
            return replace(table, columns=(*table.columns, column))
        case DropColumn(column):
            return replace(table, columns=_without(table.columns, column.name))
        case AlterColumn(old, new):
            table.column(old.name)
            return replace(table, columns=tuple(new if c.name == old.name else c for c in table.columns))
        case AddCheck(check):
            return replace(table, checks=(*table.checks, check))
        case DropCheck(check):
            return replace(table, checks=_without(table.checks, check.name))
        case AddForeignKey(key):
            return replace(table, foreign_keys=(*table.foreign_keys, key))
        case DropForeignKey(key):
            return replace(table, foreign_keys=_without(table.foreign_keys, key.name))


def _renamed_table(layout: Layout, old: str, new: str) -> Layout:
    layout.table(old)

    def follow(table: Table) -> Table:
        keys = tuple(replace(key, target=new) if key.target == old else key for key in table.foreign_keys)
        return replace(table, name=new if table.name == old else table.name, foreign_keys=keys)

    counters = tuple(
        replace(c, table=new if c.table == old else c.table, target=new if c.target == old else c.target) for c in layout.counters
    )
    return Layout(tuple(follow(table) for table in layout.tables), counters)


def _renamed_column(table: Table, old: str, new: str) -> Table:
    table.column(old)

    def follow(key: ForeignKey) -> ForeignKey:
        return replace(key, column=new) if key.column == old else key

    return replace(
        table,
        columns=tuple(replace(c, name=new) if c.name == old else c for c in table.columns),
        primary=tuple(new if c == old else c for c in table.primary),
        foreign_keys=tuple(follow(key) for key in table.foreign_keys),
        indexes=tuple(replace(i, columns=tuple(new if c == old else c for c in i.columns)) for i in table.indexes),
    )


def _target_renamed(layout: Layout, name: str, old: str, new: str) -> Layout:
    """What refers to rows by a column follows its new name."""

    def follow(key: ForeignKey) -> ForeignKey:
        return replace(key, target_column=new) if (key.target, key.target_column) == (name, old) else key

    return replace(layout, tables=tuple(replace(t, foreign_keys=tuple(map(follow, t.foreign_keys))) for t in layout.tables))
