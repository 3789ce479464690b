"""One grant's rule, ready for use: a part about the caller, judged before anything is read, and a part about the row. Pure."""

from dataclasses import dataclass
from typing import Any

from backwright.domain.access import Everyone, Grant
from backwright.domain.entity import Account, Entity
from backwright.domain.judge import Judge, judge
from backwright.domain.lowering import Lowered, lower
from backwright.domain.model import Model
from backwright.domain.predicate import CallerIs, Predicate
from backwright.domain.refusals import Forbidden, Unauthenticated
from backwright.domain.request import Request
from backwright.operations.caller import Caller


@dataclass(frozen=True, slots=True)
class Rule:
    """What one action asks of the caller and of the row."""

    name: str
    needs_caller: bool
    """Whether nobody may do this without signing in."""
    caller_type: type[Entity] | None = None
    lowered: Lowered | None = None
    verdict: Judge | None = None
    """The rule as a Python function with the meaning it has in SQL; ``None`` where only the database can judge, or nothing is asked."""

    @property
    def predicate(self) -> Predicate | None:
        """The row's part, for SQL; ``None`` where every row will do."""
        return None if self.lowered is None or self.lowered.caller_only else self.lowered.predicate

    @property
    def condition(self) -> Predicate | None:
        """The whole rule for SQL, the caller's part included, for where nobody asked `admit` before. ``None``: everybody, every row."""
        if self.lowered is not None:
            return self.lowered.predicate
        return CallerIs(self.caller_type or Account) if self.needs_caller else None  # type: ignore[arg-type]

    @property
    def relational(self) -> bool:
        """Whether other rows are looked at, so that only the database can judge."""
        return self.lowered is not None and self.lowered.relational

    def admit(self, caller: Caller, request: Request) -> None:
        """Refuse what can be refused before a row is known. Raises `Unauthenticated`, `Forbidden`."""
        if caller.account is None:
            if self.needs_caller:
                raise Unauthenticated()
        elif self.caller_type is not None and type(caller.account) is not self.caller_type and self.caller_type is not Account:
            raise Forbidden()
        if self.verdict is not None and self.predicate is None and not self.verdict(None, caller.account, request, {}):
            raise Forbidden()

    def holds(self, row: Entity, caller: Caller, request: Request) -> bool:
        """Whether the rule says yes to this row, judged without the database. Relational rules are judged by the database instead."""
        return self.verdict is None or self.predicate is None or self.verdict(row, caller.account, request, {})


def compile_rule(rule: Any, grant: Grant, model: Model) -> Rule:
    """The rule of one action of a grant. Raises `DeclarationError` with every mistake in its source."""
    if isinstance(rule, Everyone):
        return Rule("signed_in" if rule.signed_in else "anyone", needs_caller=rule.signed_in)
    rows = (grant.target,) if isinstance(grant.target, type) else ()
    lowered = lower(rule, rows=rows, model=model, bound=True)
    return Rule(
        name=getattr(rule, "__qualname__", "rule"),
        needs_caller=lowered.caller_type is not None and not lowered.caller_optional,
        caller_type=lowered.caller_type,
        lowered=lowered,
        verdict=None if lowered.relational else judge(lowered.predicate),
    )
