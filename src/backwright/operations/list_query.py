"""What a list is asked for: filters, order, page, fields and expansions, checked against the model. A pure value."""

from dataclasses import dataclass
from typing import Any, Literal

FilterOperator = Literal["eq", "ne", "lt", "lte", "gt", "gte", "in", "contains", "prefix", "null"]
OPERATORS: tuple[FilterOperator, ...] = ("eq", "ne", "lt", "lte", "gt", "gte", "in", "contains", "prefix", "null")


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. ``field`` is a field's Python name or ``id``; ``value`` is typed: a tuple for ``in``, a bool for ``null``."""

    field: str
    operator: FilterOperator
    value: Any


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of the order: a field's Python name or ``id``."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A checked question for a list. Every name in it is a field that clients may see; conditions are joined by and."""

    filters: tuple[Filter, ...] = ()
    sort: tuple[SortKey, ...] = ()
    fields: tuple[str, ...] | None = None
    """Python names of the fields wanted; None for all."""
    expand: tuple[str, ...] = ()
    """References to be answered as objects, by Python name."""
    limit: int = 20
    offset: int = 0
    after: tuple[Any, ...] | None = None
    """The sort key values of the last row seen, when a cursor was given; in the order of ``sort`` with the id last."""
