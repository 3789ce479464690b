"""Several designs as one: the contract of one, the tables of another, and what they say against each other. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from backwright.worker.design import Design
from backwright.worker.infer.blueprint import contradictions
from backwright.worker.place import BrokenDesign, Problem


def together(designs: Sequence[Design]) -> Design:
    """One design. A contract, if there is one, gives the operations; SQL or a database gives the tables.

    Raises `BrokenDesign` if there are two of either, and with every contradiction between contract and tables.
    """
    first, *others = designs
    for other in others:
        first = _both(first, other)
    if not (first.tables and first.operations):
        return first
    found = contradictions(first)
    if any(problem.severity == "error" for problem in found):
        raise BrokenDesign((*found, *first.warnings))
    return replace(first, warnings=tuple(sorted({*first.warnings, *found})))


def _both(first: Design, other: Design) -> Design:
    if first.tables and other.tables:
        raise _two(other, f"These tables come beside those of {first.file}.", "Deliver SQL files together, or one database.")
    if first.operations and other.operations:
        raise _two(other, f"This contract comes beside that of {first.file}.", "Deliver one contract at a time, or merge them.")
    contract, tables = (first, other) if other.tables and not first.tables else (other, first)
    return replace(
        contract,
        tables=tables.tables or contract.tables,
        elements=(*contract.elements, *tables.elements),
        warnings=tuple(sorted((*contract.warnings, *tables.warnings))),
    )


def _two(other: Design, what: str, mend: str) -> BrokenDesign:
    return BrokenDesign((Problem(other.file, other.info.place.line, "", "error", what, mend),))
