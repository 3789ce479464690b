"""One grant's rule, ready for use: a part about the caller, judged before anything is read, and a part about the row. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backwright.domain.access import Everyone, Grant
from backwright.domain.entity import Entity
from backwright.domain.lowering import Lowered, lower
from backwright.domain.model import Model
from backwright.domain.predicate import Predicate
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
    function: Callable[..., bool] | None = None
    lowered: Lowered | None = None

    @property
    def predicate(self) -> Predicate | None:
        """The row's part, for SQL; ``None`` where every row will do."""
        return None if self.lowered is None or self.lowered.caller_only else self.lowered.predicate

    @property
    def relational(self) -> bool:
        """Whether other rows are looked at, so that only the database can judge."""
        return self.lowered is not None and self.lowered.relational

    def admit(self, caller: Caller, request: Request) -> None:
        """Refuse what can be refused before a row is known. Raises `Unauthenticated`, `Forbidden`."""
        if caller.account is None:
            if self.needs_caller:
                raise Unauthenticated()
        elif self.caller_type is not None and not isinstance(caller.account, self.caller_type):
            raise Forbidden()
        if self.lowered is not None and self.lowered.caller_only and not self._ask(caller, request):
            raise Forbidden()

    def holds(self, row: Entity, caller: Caller, request: Request) -> bool:
        """Whether the rule says yes to this row, judged in Python. Relational rules are judged by the database instead."""
        if self.function is None or self.lowered is None or self.lowered.caller_only:
            return True
        arguments = {"row": row, "caller": caller.account, "request": request}
        return bool(self.function(*(arguments[kind] for kind in self.lowered.parameters)))

    def _ask(self, caller: Caller, request: Request) -> bool:
        assert self.function is not None and self.lowered is not None
        arguments: dict[str, Any] = {"caller": caller.account, "request": request}
        return bool(self.function(*(arguments[kind] for kind in self.lowered.parameters)))


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
        function=rule,
        lowered=lowered,
    )
