"""Which reference points to nothing: SQLite only says that one does, so on that path alone the candidates are asked for, one by one."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backwright.data.errors import ReferenceViolated
from backwright.data.plans import Plans
from backwright.data.sql.parameters import Environment
from backwright.data.sql.shapes import join_table
from backwright.domain.entity import Entity
from backwright.domain.model import EntityModel, Field, Kind

Rows = Callable[[str, Sequence[Any]], Awaitable[Sequence[Sequence[Any]]]]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A reference that may be the one: where it stands, and what it points to."""

    table: str
    column: str
    entity: type[Entity]
    key: Any


class ReferenceInDoubt(ReferenceViolated):
    """Some reference of a written row points to nothing; `missing` finds out which."""

    def __init__(self, suspects: Sequence[Suspect]) -> None:
        super().__init__("", (), True)
        self.suspects = tuple(suspects)


def suspects(model: EntityModel, values: Mapping[str, Any], known: Callable[[type[Entity], Any], bool]) -> Iterable[Suspect]:
    """The references of one row, but for those to rows that are surely there."""
    for field in model.fields:
        if field.target is None:
            continue
        given = values.get(field.name)
        table, column = _place(model, field)
        for key in given or () if field.kind is Kind.MANY else () if given is None else (given,):
            if not known(field.target, key):
                yield Suspect(table, column, field.target, key)


async def missing(rows: Rows, plans: Plans, doubt: ReferenceInDoubt) -> ReferenceViolated:
    """The error with the columns whose target is not there."""
    absent: dict[str, list[str]] = {}
    for suspect in doubt.suspects:
        load = plans[suspect.entity].load
        if not await rows(load.sql, load.bind(Environment({"ids": [suspect.key]}))):
            absent.setdefault(suspect.table, []).append(suspect.column)
    for table, columns in absent.items():
        return ReferenceViolated(table, tuple(dict.fromkeys(columns)), True)
    return doubt


def _place(model: EntityModel, field: Field) -> tuple[str, str]:
    if field.kind is not Kind.MANY:
        return model.table, field.column
    table, _, other = join_table(model, field)
    return table, other
