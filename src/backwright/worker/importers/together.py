"""Several designs as one: the contract of one, the tables of another, and what they say against each other. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from backwright.worker.design import Design


def together(designs: Sequence[Design]) -> Design:
    """One design. A contract, if there is one, gives the operations; SQL or a database gives the tables."""
    first, *others = designs
    for other in others:
        contract, tables = (first, other) if other.tables and not first.tables else (other, first)
        first = replace(
            contract,
            tables=tables.tables,
            elements=(*contract.elements, *tables.elements),
            warnings=tuple(sorted((*contract.warnings, *tables.warnings))),
        )
    return first
