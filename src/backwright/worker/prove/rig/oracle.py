"""What the declared rules say: every grant read anew from the access table and judged in Python, apart from what is served."""

from collections.abc import Mapping, Sequence
from typing import Any

from backwright.domain.access import Everyone, Grant
from backwright.domain.entity import Account, Entity
from backwright.domain.judge import Judge, judge
from backwright.domain.lowering import lower
from backwright.domain.model import Model
from backwright.domain.predicate import (
    And,
    CallerField,
    CallerIs,
    Compare,
    Exists,
    IsIn,
    IsNone,
    Not,
    Or,
    Predicate,
    RowField,
    Truth,
    Value,
    inner,
    values,
)  # fmt: skip
from backwright.domain.request import Request

Rows = Mapping[type[Entity], Sequence[Entity]]


class Oracle:
    """The access table as it was declared. `rows` are all rows there are, for rules that look at others."""

    def __init__(self, access: Sequence[Grant], model: Model, request: Request) -> None:
        self.request = request
        self._rules: dict[tuple[Any, str], Any] = {}
        self._judges: dict[int, tuple[Predicate, Judge]] = {}
        for grant in access:
            for action, rule in grant.rules:
                rows = (grant.target,) if isinstance(grant.target, type) else ()
                self._rules[grant.target, action] = (
                    rule if isinstance(rule, Everyone) else lower(rule, rows=rows, model=model, bound=True).predicate
                )

    def granted(self, target: Any, action: str) -> bool:
        """Whether the access table names this action at all."""
        return (target, action) in self._rules

    def may(self, who: Account | None, target: Any, action: str, row: Entity | None, rows: Rows) -> bool:
        """Whether the caller may do this with the row; what is not named may not be done."""
        rule = self._rules.get((target, action))
        if rule is None:
            return False
        if isinstance(rule, Everyone):
            return who is not None or not rule.signed_in
        return self._holds(rule, (row,), who, rows)

    def predicates(self) -> list[Predicate]:
        """Every rule that is more than "anyone" or "signed in"."""
        return [rule for rule in self._rules.values() if not isinstance(rule, Everyone)]

    def _holds(self, predicate: Predicate, seen: tuple[Any, ...], who: Account | None, rows: Rows) -> bool:
        match predicate:
            case And(parts):
                return all(self._holds(part, seen, who, rows) for part in parts)
            case Or(parts):
                return any(self._holds(part, seen, who, rows) for part in parts)
            case Not(part):
                return not self._holds(part, seen, who, rows)
            case Exists(entity, variable, condition):
                before = seen + (None,) * (variable - len(seen))
                return any(self._holds(condition, (*before, row), who, rows) for row in rows.get(entity, ()))
            case Compare() | IsIn() | IsNone() | Truth() | CallerIs():
                return self._judge(predicate)(seen, who, self.request, {})

    def _judge(self, predicate: Predicate) -> Judge:
        known = self._judges.get(id(predicate))
        if known is None:
            known = self._judges[id(predicate)] = (predicate, judge(predicate))
        return known[1]


def everything_in(predicate: Predicate) -> list[Value]:
    """Every value that a rule reads, at any depth."""
    return [*values(predicate), *(value for part in inner(predicate) for value in everything_in(part))]


def caller_fields(predicates: Sequence[Predicate]) -> set[tuple[type[Account], str]]:
    """The fields of callers that rules ask for."""
    return {(v.entity, v.field) for p in predicates for v in everything_in(p) if isinstance(v, CallerField)}


def row_fields(predicates: Sequence[Predicate]) -> set[str]:
    """The names of the row fields that rules ask for."""
    return {v.field for p in predicates for v in everything_in(p) if isinstance(v, RowField)}
