"""What the database said against a statement, as what the caller is told."""

from collections.abc import Iterable

from backwright.data.checks import checks
from backwright.data.errors import (
    CheckViolated,
    DatabaseUnavailable,
    DataError,
    LockNotAvailable,
    OutOfRange,
    ReferenceViolated,
    SerializationFailed,
    StatementTimedOut,
    UniqueViolated,
)
from backwright.data.sql.shapes import join_table
from backwright.data.unit import StaleRow
from backwright.domain.model import EntityModel, Field, Kind, Model
from backwright.domain.refusals import AlreadyExists, Conflict, Invalid, Problem, Refusal, StillReferenced, Unavailable

_LENGTHS = {"min_length": "must be longer", "max_length": "must be shorter"}
_BOUNDS = {"ge": "must be at least {}", "gt": "must be more than {}", "le": "must be at most {}", "lt": "must be less than {}"}


class Interrupted(Conflict):
    """Another change got in the way again and again: try once more."""


def refusal(error: DataError, model: Model) -> Refusal | None:
    """The refusal that an error of the database means; ``None`` where it is our own fault."""
    match error:
        case UniqueViolated():
            return AlreadyExists(fields=tuple(_wires(model, error.table, error.columns)))
        case ReferenceViolated(missing=False):
            return StillReferenced()
        case ReferenceViolated():
            return Invalid(problems=tuple(_missing(model, error)))
        case CheckViolated():
            return Invalid(problems=(_checked(model, error.name),))
        case OutOfRange():
            return Invalid(problems=(Problem(detail="A value is too large to be stored.", code="range"),))
        case StaleRow() | SerializationFailed():
            return Interrupted()
        case LockNotAvailable() | DatabaseUnavailable() | StatementTimedOut():
            return Unavailable()
        case _:
            return None


def _table(model: Model, table: str) -> EntityModel | None:
    return next((m for m in model.entities.values() if m.table == table), None)


def _wires(model: Model, table: str, columns: Iterable[str]) -> list[str]:
    found = _table(model, table)
    by_column = {f.column: f.wire for f in found.fields} if found else _many(model, table)
    return [by_column.get(column, column) for column in columns]


def _many(model: Model, table: str) -> dict[str, str]:
    """The wire name of the many-reference that is kept in a table of its own."""
    for entity in model.entities.values():
        for field in entity.fields:
            if field.kind is Kind.MANY and (known := join_table(entity, field))[0] == table:
                return {known[2]: field.wire}
    return {}


def _missing(model: Model, error: ReferenceViolated) -> list[Problem]:
    wires = _wires(model, error.table, error.columns)
    return [Problem(detail="There is no such thing to refer to.", pointer=f"/{wire}", code="reference") for wire in wires] or [
        Problem(detail="A reference points to nothing that exists.", code="reference")
    ]


def _checked(model: Model, name: str) -> Problem:
    """The field and the limit behind the name of a CHECK, or of a NOT NULL column (``table.column``)."""
    table, _, column = name.rpartition(".")
    for entity in model.entities.values():
        for field in entity.fields:
            if table == entity.table and column == field.column:
                return Problem(detail="must not be null", pointer=f"/{field.wire}", code="required")
            for check in checks(entity.table, field):
                if check.name == name:
                    return Problem(detail=_said(field, name), pointer=f"/{field.wire}", code="limit")
    return Problem(detail="The database refuses this value.", code=name)


def _said(field: Field, name: str) -> str:
    for word, sentence in _BOUNDS.items():
        if name.endswith(f"_{word}"):
            return sentence.format(getattr(field.limits, word))
    return next((sentence for word, sentence in _LENGTHS.items() if name.endswith(f"_{word}")), "is not an acceptable value")
