"""Several designs as one: the contract of one, the tables of another, and what they say against each other. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from backwright.worker.design import Design
from backwright.worker.infer.blueprint import contradictions
from backwright.worker.place import BrokenDesign, Problem


def together(designs: Sequence[Design]) -> Design:
    """One design. A contract, if there is one, gives the operations; SQL or a database gives the tables.

    Raises `BrokenDesign` if there are two of either, and with every contradiction between contract and tables.
    """
    notes = [design for design in designs if design.context]
    first, *others = [design for design in designs if not design.context] or [_nothing(notes[0])]
    for other in others:
        first = _both(first, other)
    for note in notes:
        first = _beside(first, note)
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


def _beside(design: Design, notes: Design) -> Design:
    """A design with notes beside it. An endpoint that they name and the contract does not have is worth a warning."""
    served = {f"{o.method} {re.sub('{[^}]*}', '{}', base + o.path)}" for o in design.operations for base in _bases(design)}
    warnings = [
        Problem(
            place.file, place.line, place.pointer, "warning", f"{route} is named here, and the contract has no such operation.",
            "Add it to the contract, or correct the note.",
        )
        for note in notes.context
        for route, place in note.routes
        if served and route not in served
    ]  # fmt: skip
    return replace(
        design, context=(*design.context, *notes.context), elements=(*design.elements, *notes.elements),
        warnings=tuple(sorted({*design.warnings, *warnings})),
    )  # fmt: skip


def _bases(design: Design) -> set[str]:
    return {"", *(server.base for server in design.servers)}


def _nothing(notes: Design) -> Design:
    what, mend = "Markdown alone is no design.", "Name the contract or the tables that it speaks of."
    raise BrokenDesign((Problem(notes.file, 1, "", "error", what, mend),))


def _two(other: Design, what: str, mend: str) -> BrokenDesign:
    return BrokenDesign((Problem(other.file, other.info.place.line, "", "error", what, mend),))
