"""The one form a rule is lowered to: a small closed tree, rendered to SQL by `data.sql.predicates`. Pure values.

Meaning (the twin of Python): comparisons never yield NULL. ``==`` and ``!=`` treat None as a value; an ordering comparison
with None is false; text compares by code point.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from backwright.domain.entity import Account, Entity

Operator = Literal["eq", "ne", "lt", "le", "gt", "ge"]


@dataclass(frozen=True, slots=True)
class RowField:
    """A field of a row variable. Variable 0 is the row the rule is about; each `Exists` opens the next one. ``id`` is a field too."""

    field: str
    variable: int = 0


@dataclass(frozen=True, slots=True)
class CallerField:
    """A field of the caller's account (``who.id``, ``who.is_staff``): bound as a parameter when the statement runs.

    It is None for a caller who is nobody, or an account of another class than `entity`.
    """

    field: str
    entity: type[Account] = Account


@dataclass(frozen=True, slots=True)
class RequestField:
    """A field of the request given to a three-parameter rule: ``time``, ``address`` or ``factor``; bound as a parameter."""

    field: str


@dataclass(frozen=True, slots=True)
class Captured:
    """A variable of the enclosing function (``tx.find(OrderLine, lambda line: line.order == order_id)``): bound when it runs."""

    name: str
    """The variable; ``helper>name`` for a variable of a called function."""
    path: tuple[str, ...] = ()
    guarded: bool = False
    """The rule asked whether the object is None before it read the path, so the path of None is None."""
    origin: Callable[..., object] | None = None
    """The function whose variable it is, where it is always the same one; else the value is given when the statement runs."""


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
class CallerIs:
    """The caller is an account of exactly this class (`Account`: of any class), or, where `optional`, nobody.

    Exactly, because a subclass has a table of its own: its keys are not keys of this one.
    """

    entity: type[Account]
    optional: bool = False

    def admits(self, caller: object) -> bool:
        """Whether this caller passes."""
        if caller is None:
            return self.optional
        return type(caller) is self.entity or (self.entity is Account and isinstance(caller, Account))


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


Predicate = Compare | IsIn | IsNone | Truth | CallerIs | Not | And | Or | Exists

ALWAYS = And(())
NEVER = Or(())


def conjunction(*parts: Predicate) -> Predicate:
    """All of the parts hold; flattened, without what is always true."""
    flat = [p for part in parts for p in (part.parts if isinstance(part, And) else (part,))]
    return NEVER if NEVER in flat else flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(*parts: Predicate) -> Predicate:
    """Some part holds; flattened, without what is never true."""
    flat = [p for part in parts for p in (part.parts if isinstance(part, Or) else (part,))]
    return ALWAYS if ALWAYS in flat else flat[0] if len(flat) == 1 else Or(tuple(flat))


def negation(part: Predicate) -> Predicate:
    """The part does not hold."""
    if isinstance(part, Not):
        return part.inner
    return NEVER if part == ALWAYS else ALWAYS if part == NEVER else Not(part)


def inner(predicate: Predicate) -> tuple[Predicate, ...]:
    """The predicates directly inside."""
    match predicate:
        case And(parts) | Or(parts):
            return parts
        case Not(part) | Exists(_, _, part):
            return (part,)
        case _:
            return ()


def values(predicate: Predicate) -> tuple[Value, ...]:
    """The values of this one node, not of those inside."""
    match predicate:
        case Compare(_, left, right):
            return (left, right)
        case IsIn(left, options):
            return (left, *options) if isinstance(options, tuple) else (left, options)
        case IsNone(value) | Truth(value):
            return (value,)
        case _:
            return ()


def about_rows(predicate: Predicate) -> bool:
    """Whether any row has to be read to decide it."""
    if isinstance(predicate, Exists) or any(isinstance(v, RowField) for v in values(predicate)):
        return True
    return any(map(about_rows, inner(predicate)))


def relational(predicate: Predicate) -> bool:
    """Whether it looks at other rows than those it is about."""
    return isinstance(predicate, Exists) or any(map(relational, inner(predicate)))


def captured_names(predicate: Predicate) -> tuple[str, ...]:
    """The names whose values must be given when it runs, each once."""
    found = dict.fromkeys(v.name for v in values(predicate) if isinstance(v, Captured) and v.origin is None)
    for part in inner(predicate):
        found.update(dict.fromkeys(captured_names(part)))
    return tuple(found)


def implied(predicate: Predicate, holds: bool) -> frozenset[Value]:
    """The values that cannot be None where the predicate holds (or where it does not)."""
    match predicate:
        case IsNone(value):
            return frozenset() if holds else frozenset({value})
        case Truth(value):
            return frozenset({value}) if holds else frozenset()
        case Not(part):
            return implied(part, not holds)
        case And(parts) | Or(parts) if parts:
            first, *others = (implied(part, holds) for part in parts)
            return first.union(*others) if holds is isinstance(predicate, And) else first.intersection(*others)
        case _:
            return frozenset()
