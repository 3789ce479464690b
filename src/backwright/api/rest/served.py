"""One resource as it is served: the contract's line with everything that was derived from it."""

from collections.abc import Callable
from dataclasses import dataclass

from backwright.api.rest.contract import Resource
from backwright.data.sql.shapes import Shape
from backwright.domain.model import EntityModel, Field, Model
from backwright.operations.library import Library


@dataclass(frozen=True, slots=True)
class Served:
    """What the routes, the query string and the documentation of a resource go by."""

    resource: Resource
    model: Model
    entity: EntityModel
    library: Library
    naming: Callable[[str], str]
    path: str
    """With the contract's prefix."""
    key: Field
    """What stands in the path of one row."""
    hidden: frozenset[str]
    """Fields left out, by Python name."""
    shape: Shape
    secret: bytes
    """What cursors are sealed with."""
