"""Who can do what to what: for each operation a caller, and a row, with whom it goes through."""

from dataclasses import dataclass
from typing import Any

from backwright.worker.prove.rig.people import NOBODY, Person
from backwright.worker.prove.rig.rig import Rig
from backwright.worker.prove.rig.served import Served


@dataclass(frozen=True, slots=True)
class Able:
    """A caller for whom an operation is allowed, and the row it is done to."""

    who: Person
    row: Any = None


def able(rig: Rig, one: Served, nth: int = 0) -> Able | None:
    """Somebody the declared rules allow it to, with the nth row of those that are; None if nobody is."""
    for who in [*reversed(rig.people[1:]), NOBODY]:
        if one.verb in ("create", "list", "account", "call"):
            if (who.account is not None or not one.operation.rule.needs_caller) and _admitted(rig, one, who):
                return Able(who)
        elif allowed := _allowed(rig, one, who):
            return Able(who, allowed[nth % len(allowed)])
    return None


def _allowed(rig: Rig, one: Served, who: Person) -> list[Any]:
    """The rows with which the caller may do it; remembered until the rows are read anew."""
    known = rig.remembered.get((str(one), who.name))
    if known is None:
        known = rig.remembered[str(one), who.name] = _judged(rig, one, who)
    return known


def _judged(rig: Rig, one: Served, who: Person) -> list[Any]:
    entity, action, oracle = one.entity, "update" if one.verb == "replace" else one.verb, rig.oracle
    assert entity is not None
    unread = not oracle.granted(entity, "read")

    def may(row: Any, what: str) -> bool:
        return oracle.may(who.account, entity, what, row, rig.rows)

    return [row for row in rig.rows.get(entity, []) if may(row, action) and (unread or may(row, "read"))]


def _admitted(rig: Rig, one: Served, who: Person) -> bool:
    """Whether the rule's part about the caller says yes."""
    from datetime import UTC, datetime

    from backwright.domain.refusals import Refusal
    from backwright.domain.request import Request
    from backwright.operations.caller import ANONYMOUS, Caller

    caller = ANONYMOUS if who.account is None else Caller.of(who.account)
    try:
        one.operation.rule.admit(caller, Request(datetime.fromtimestamp(rig.clock(), UTC), "127.0.0.1"))
    except Refusal:
        return False
    return True
