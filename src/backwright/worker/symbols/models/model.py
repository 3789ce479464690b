"""What a repository stores or exchanges, class by class. Pure."""

from dataclasses import dataclass

from backwright.worker.symbols.symbol import Finding


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a model."""

    name: str
    type: str
    """As written: an annotation, a column's type, a field class."""
    line: int


@dataclass(frozen=True, slots=True)
class Model:
    """A class, schema or definition that describes data."""

    name: str
    framework: str
    stored: bool
    """Rows of it are kept in a database; otherwise it is a shape of requests and answers."""
    file: str
    line: int
    fields: tuple[Column, ...] = ()
    table: str | None = None
    """Its table or collection, where the text says so."""


@dataclass(frozen=True, slots=True)
class Models:
    """Every model that was found."""

    models: tuple[Model, ...]
    files: int
    findings: tuple[Finding, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A class that may be a model: that is known once the classes it extends are."""

    model: Model
    """Its framework is empty while it is not known."""
    bases: tuple[str, ...]
    """The last part of each."""


def settled(candidates: list[Candidate]) -> list[Model]:
    """The candidates that are models, by themselves or through a class of the repository that they extend."""
    known: dict[str, tuple[str, bool]] = {}
    waiting = candidates
    while True:
        for one in waiting:
            if one.model.framework:
                known.setdefault(one.model.name, (one.model.framework, one.model.stored))
        settled_now = [_as(one, known) for one in waiting]
        if settled_now == waiting:
            return [one.model for one in waiting if one.model.framework]
        waiting = settled_now


def _as(one: Candidate, known: dict[str, tuple[str, bool]]) -> Candidate:
    base = next((base for base in one.bases if base in known and base != one.model.name), None)
    if one.model.framework or base is None:
        return one
    framework, stored = known[base]
    model = one.model
    return Candidate(Model(model.name, framework, stored, model.file, model.line, model.fields, model.table), one.bases)
