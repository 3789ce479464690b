"""What a step does to a table that others are using: rewrites, long locks, losses, and what the release still running will miss. Pure.

PostgreSQL is meant; on SQLite a migration holds the only writer's turn, and every altered table is copied.
"""

from collections.abc import Iterable, Iterator

from backwright.data.layout import text_for
from backwright.data.layout_of import is_constant
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
    DropColumn,
    DropTable,
    RenameColumn,
    RenameTable,
    Step,
)


def dangers(steps: Iterable[Step]) -> list[str]:
    """One sentence for each danger, in order. Tables created by the same steps are empty and in no danger."""
    new: set[str] = set()
    found: list[str] = []
    for step in steps:
        if isinstance(step, CreateTable):
            new.add(step.table.name)
        elif isinstance(step, AlterTable):
            found += [] if step.table in new else [s for change in step.changes for s in _of_change(step.table, change)]
        else:
            found += _of_step(step, new)
    return found


def _of_step(step: Step, new: set[str]) -> Iterator[str]:
    match step:
        case DropTable(table):
            yield f"{table.name}: all its rows are lost; going down brings it back empty"
        case RenameTable(old, new_name):
            yield f"{old}: the release that is still running asks for this name and fails; the next says {new_name}"
        case RenameColumn(table, old, new_name):
            yield f"{table}.{old}: the release that is still running asks for this name and fails; the next says {new_name}"
        case CreateIndex(table, index, False) if table not in new:
            yield f"{table}: building {index.name} keeps writers waiting; in a file of its own it can be built concurrently"
        case CreateIndex(table, index) if index.unique and table not in new:
            yield f"{table}: {index.name} cannot be built while two rows agree in {', '.join(index.columns)}"
        case CreateCounter(counter) if counter.table not in new:
            yield f"{counter.target}: counting {counter.table} into {counter.field} updates every row"
        case Data():
            yield "a data step holds its row locks until the migration commits; move many rows in batches, before or after"
        case _:
            pass


def _of_change(table: str, change: Change) -> Iterator[str]:  # noqa: C901 - one case a change
    match change:
        case AddColumn(column):
            if column.default is None and not column.nullable:
                yield f"{table}.{column.name}: is not nullable and has no default, so the table must be empty; else give it a default"
            if column.default is not None and not is_constant(text_for(column.default, "postgresql")):
                yield f"{table}.{column.name}: its default is no constant, so every row is rewritten"
        case DropColumn(column):
            yield f"{table}.{column.name}: its values are lost, and the release that is still running fails where it asks for them"
            if column.default is None and not column.nullable:
                yield f"{table}.{column.name}: going down needs an empty table, because the column has no default"
        case AlterColumn(old, new):
            if old.type != new.type:
                yield f"{table}.{new.name}: another type rewrites the whole table, and nobody can read it meanwhile"
            if old.nullable and not new.nullable:
                yield f"{table}.{new.name}: NOT NULL reads the whole table, and nobody can read it meanwhile" + (
                    "" if new.default is not None else "; it fails while a row holds NULL"
                )
        case AddCheck(check):
            if text_for(check.text, "postgresql"):
                yield f"{table}: {check.name} is checked against every row, which nobody can read meanwhile; one that breaks it stops all"
        case AddForeignKey(key):
            yield f"{table}: {key.name} is checked against every row; writers to {table} and {key.target} wait"
        case _:
            pass
