"""The one form a rule is lowered to: a small closed tree, rendered to SQL by `data.sql.predicates`. Pure values.

Meaning (the twin of Python): comparisons never yield NULL. ``==`` and ``!=`` treat None as a value; an ordering comparison
with None is false; text compares by code point.
"""

from dataclasses import dataclass
from typing import Any, Literal

from backwright.domain.entity import Entity

Operator = Literal["eq", "ne", "lt", "le", "gt", "ge"]


@dataclass(frozen=True, slots=True)
class RowField:
    """A field of a row variable. Variable 0 is the row the rule is about; each `Exists` opens the next one. ``id`` is a field too."""

    field: str
    variable: int = 0


@dataclass(frozen=True, slots=True)
class CallerField:
    """A field of the caller's account (``who.id``, ``who.is_staff``): bound as a parameter when the statement runs."""

    field: str


@dataclass(frozen=True, slots=True)
class RequestField:
    """A field of the request given to a three-parameter rule: ``time``, ``address`` or ``factor``; bound as a parameter."""

    field: str


@dataclass(frozen=True, slots=True)
class Captured:
    """A variable of the enclosing function (``tx.find(OrderLine, lambda line: line.order == order_id)``): bound when it runs."""

    name: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, an enum member or a module constant."""

    value: Any


Value = RowField | CallerField | RequestField | Captured | Constant


@dataclass(frozen=True, slots=True)
class Compare:
    operator: Operator
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class IsIn:
    """``left in (a, b)`` or ``left in captured_collection``."""

    left: Value
    options: tuple[Value, ...] | Captured


@dataclass(frozen=True, slots=True)
class IsNone:
    value: Value


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean value used as a condition. None counts as false."""

    value: Value


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Predicate"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Predicate", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Predicate", ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """``exists(Membership, lambda m: ...)``: some row of the entity, named by `variable`, satisfies the condition."""

    entity: type[Entity]
    variable: int
    condition: "Predicate"


Predicate = Compare | IsIn | IsNone | Truth | Not | And | Or | Exists

ALWAYS = And(())
NEVER = Or(())
