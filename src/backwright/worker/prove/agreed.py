"""What callers may do, as it was agreed: `access.lock` beside the code, reviewed like code. What is wider than it is a failure.

The checks of access take the access table for their oracle, so a table that was loosened would only look stale. This file is the other
half: it is written by a delivery whose plan was agreed to, and by ``backwright prove DIR --accept-access``, and by nothing else.
"""

import json
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec

from backwright.worker import journal
from backwright.worker.prove import process, seal
from backwright.worker.prove.target import Target

LOCK = "access.lock"
MARK = ".backwright/agreed.sha256"
SIGNED_IN = "the caller has signed in"
Clauses = list[list[str]]
"""A rule as an "and" of "or"s; nothing asked for is no clause."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed: who may do what, how much, and the load that is promised."""

    access: dict[str, dict[str, Clauses]]
    """Entity or function → action → rule."""
    limits: dict[str, int]
    """Tier → cost an hour."""
    load: dict[str, int]


class NoPolicy(Exception):
    """The project's access table cannot be read; the message is what it said."""


def read(folder: Path) -> Policy | None:
    """What was agreed; None where nothing was. Raises ``msgspec.DecodeError`` for a file that is no policy."""
    place = folder / LOCK
    return msgspec.json.decode(place.read_bytes(), type=Policy) if place.exists() else None


def accept(target: Target) -> Policy:
    """Record what the project's app grants now as agreed. The app is loaded in a process of its own. Raises `NoPolicy`."""
    with tempfile.TemporaryDirectory(prefix="backwright-agreed-") as scratch:
        answer = Path(scratch, "policy.json")
        command = process.python("backwright.worker.prove.agreed", str(target.dir), target.app, str(answer))
        ran = process.run(command, target.dir, timeout=60, env={"PYTHONPATH": str(Path(__file__).parents[3])})
        if ran.status != 0 or not answer.exists():
            raise NoPolicy(ran.output.strip()[-2000:] or f"loading the app ended with status {ran.status}")
        policy = msgspec.json.decode(answer.read_bytes(), type=Policy)
    record(target.dir, policy)
    return policy


def record(folder: Path, policy: Policy) -> None:
    """Write down that this was agreed to, and a mark by which an edit of the file by hand is noticed."""
    data = text(policy).encode()
    journal.replace(folder / LOCK, data)
    journal.replace(folder / MARK, seal.digest(data).encode() + b"\n")


def by_hand(folder: Path) -> str:
    """What somebody did to the file since it was recorded: "gone", "edited", or nothing."""
    try:
        mark = (folder / MARK).read_text().strip()
    except OSError:
        return ""
    now = seal.of_file(folder / LOCK)
    return "" if now == mark else "edited" if now else "gone"


def to_be_recorded(folder: Path, written: Collection[str]) -> bool:
    """Whether a delivery records what it grants: when it wrote the access table, or nothing was ever agreed. Never over a hand's doing."""
    return not by_hand(folder) and ("access.py" in written or not (folder / LOCK).exists())


def text(policy: Policy) -> str:
    """The file as people review it: one line a rule."""
    rows = [
        f"  {json.dumps(name)}: {{\n"
        + ",\n".join(f"    {json.dumps(a)}: {json.dumps(rule)}" for a, rule in sorted(rules.items()))
        + "\n  }"
        for name, rules in sorted(policy.access.items())
    ]
    limits, load = json.dumps(policy.limits, sort_keys=True), json.dumps(policy.load, sort_keys=True)
    return '{\n"access": {\n' + ",\n".join(rows) + f'\n}},\n"limits": {limits},\n"load": {load}\n}}\n'


def policy_of(app: Any) -> Policy:
    """What an app grants."""
    from backwright.domain.access import Everyone
    from backwright.domain.lowering import lower

    access: dict[str, dict[str, Clauses]] = {}
    for grant in app.access:
        rows = (grant.target,) if isinstance(grant.target, type) else ()
        for action, rule in grant.rules:
            clauses = (
                _everyone(rule) if isinstance(rule, Everyone) else _clauses(lower(rule, rows=rows, model=app.model, bound=True).predicate)
            )
            access.setdefault(grant.target.__name__, {})[action] = clauses
    return Policy(
        access=access, limits={tier.name: tier.per_hour for tier in app.tiers}, load={"rate": app.load.rate, "rows": app.load.rows}
    )  # fmt: skip


def wider(agreed: Policy, now: Policy) -> list[str]:
    """Each way in which more is granted, or less promised, than was agreed. A rule that cannot be shown to be as narrow counts as wider."""
    found: list[str] = []
    for name, rules in sorted(now.access.items()):
        for action, rule in sorted(rules.items()):
            before = agreed.access.get(name, {}).get(action)
            if before is None:
                found.append(f"{name}: {action} is granted to {_told(rule)}; it was not granted at all")
            elif not all(any(_implies(clause, wanted) for clause in rule) for wanted in before):
                found.append(f"{name}: {action} is granted to {_told(rule)}; agreed was {_told(before)}")
    for tier, limit in sorted(now.limits.items()):
        if limit > agreed.limits.get(tier, 0):
            found.append(f"the tier {tier} admits {limit} an hour; agreed was {agreed.limits.get(tier, 'nothing')}")
    found += [
        f"the load promised is {now.load.get(what, 0)} {what}; agreed was {number}"
        for what, number in sorted(agreed.load.items())
        if now.load.get(what, 0) < number
    ]
    return found


def _implies(clause: list[str], wanted: list[str]) -> bool:
    """Whether one "or" is as narrow as another: each of its parts is one of the other's, or stands for a signed-in caller."""
    return all(part in wanted or (SIGNED_IN in wanted and part.startswith("the caller is a ")) for part in clause)


def _told(rule: Clauses) -> str:
    return " and ".join(" or ".join(clause) for clause in rule) or "anyone"


def _everyone(rule: Any) -> Clauses:
    return [[SIGNED_IN]] if rule.signed_in else []


def _clauses(predicate: Any) -> Clauses:
    from backwright.domain.predicate import And, Or

    if isinstance(predicate, And):
        return [clause for part in predicate.parts for clause in _clauses(part)]
    if isinstance(predicate, Or):
        return [sorted(_told_part(part) for part in predicate.parts)]
    return [[_told_part(predicate)]]


def _told_part(predicate: Any) -> str:
    from backwright.domain.predicate import And, CallerIs, Compare, Exists, IsIn, IsNone, Not, Or, Truth

    match predicate:
        case And(parts):
            return "(" + " and ".join(map(_told_part, parts)) + ")"
        case Or(parts):
            return "(" + " or ".join(sorted(map(_told_part, parts))) + ")"
        case Not(inner):
            return f"not {_told_part(inner)}"
        case Compare(operator, left, right):
            return f"{_value(left)} {operator} {_value(right)}"
        case IsIn(left, options):
            return f"{_value(left)} in {', '.join(map(_value, options)) if isinstance(options, tuple) else _value(options)}"
        case IsNone(value):
            return f"{_value(value)} is none"
        case Truth(value):
            return _value(value)
        case CallerIs(entity, optional):
            return f"the caller is a {entity.__name__}" if not optional else f"nobody, or a {entity.__name__}"
        case Exists(entity, variable, condition):
            return f"some {entity.__name__} (row{variable}): {_told_part(condition)}"
        case _:
            return repr(predicate)


def _value(value: Any) -> str:
    from backwright.domain.predicate import CallerField, Captured, Constant, RequestField, RowField

    match value:
        case RowField(field, variable):
            return f"row{variable or ''}.{field}"
        case CallerField(field, _):
            return f"who.{field}"
        case RequestField(field):
            return f"request.{field}"
        case Constant(constant):
            return repr(getattr(constant, "value", constant))
        case Captured(name, path):
            return ".".join([name, *path])
        case _:
            return repr(value)


def lines(policy: Policy) -> Iterator[str]:
    """Each grant in words, for the evidence."""
    for name, rules in sorted(policy.access.items()):
        for action, rule in sorted(rules.items()):
            yield f"{name}: {action}: {_told(rule)}"


def main() -> None:
    """Load the app and write its policy. Started by `accept` only."""
    folder, app, answer = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    answer.write_bytes(msgspec.json.encode(policy_of(Target(folder, app).load())))


if __name__ == "__main__":
    main()
