"""What the database said against a statement, as what the caller is told."""

from collections.abc import Iterable

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
from backwright.data.unit import StaleRow
from backwright.domain.model import EntityModel, Model
from backwright.domain.refusals import AlreadyExists, Conflict, Invalid, Problem, Refusal, StillReferenced, Unavailable, VersionConflict


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
            return Invalid(problems=(Problem(detail="The database refuses this value.", code=error.name),))
        case OutOfRange():
            return Invalid(problems=(Problem(detail="A number is too large to be stored."),))
        case StaleRow():
            return VersionConflict()
        case SerializationFailed():
            return Interrupted()
        case LockNotAvailable() | DatabaseUnavailable() | StatementTimedOut():
            return Unavailable()
        case _:
            return None


def _table(model: Model, table: str) -> EntityModel | None:
    return next((m for m in model.entities.values() if m.table == table), None)


def _wires(model: Model, table: str, columns: Iterable[str]) -> list[str]:
    found = _table(model, table)
    by_column = {f.column: f.wire for f in found.fields} if found else {}
    return [by_column.get(column, column) for column in columns]


def _missing(model: Model, error: ReferenceViolated) -> list[Problem]:
    wires = _wires(model, error.table, error.columns)
    return [Problem(detail="There is no such thing to refer to.", pointer=f"/{wire}", code="reference") for wire in wires] or [
        Problem(detail="A reference points to nothing that exists.", code="reference")
    ]
