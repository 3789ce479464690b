"""access.agreed: nothing more is granted, and no less promised, than `access.lock` says was agreed."""

import msgspec

from backwright.worker.prove.agreed import LOCK, by_hand, lines, policy_of, read, wider
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.standard import SERVED, Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, failed, not_applicable, not_measured, proved


def agreed(target: Target) -> Finding:
    """Compare what the app grants with the file, row by row."""
    try:
        before = read(target.dir)
    except msgspec.DecodeError as error:
        return not_measured(f"{LOCK} cannot be read: {error}")
    if done := by_hand(target.dir):
        return failed(
            f"{LOCK} is {done}, and nobody agreed to that: take it back from version control, or say `backwright prove DIR --accept-access`"
        )
    if before is None:
        return not_applicable(f"nothing was agreed yet: `backwright prove DIR --accept-access` writes {LOCK}")
    now = policy_of(target.load())
    rows = [
        *lines(now),
        *(f"limit: {tier}: {number}" for tier, number in now.limits.items()),
        *(f"load: {k}: {v}" for k, v in now.load.items()),
    ]
    found = wider(before, now)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return failed(
            f"wider than agreed: {found[0]}{more}",
            "\n".join([*(f"WIDER  {one}" for one in found), *rows]),
            rows=len(rows),
            wider=len(found),
        )
    return proved(f"{len(rows)} rows grant no more and promise no less than {LOCK}", "\n".join(rows), rows=len(rows), wider=0)


_OPENED = """
# planted: everything may be done by anyone
from dataclasses import replace as _replace
from backwright import anyone as _anyone
APP.access = [_replace(_grant, rules=tuple((_action, _anyone) for _action, _ in _grant.rules)) for _grant in APP.access]
"""
_RAISED = """
# planted: every tier admits ten times as much
from dataclasses import replace as _replace
APP.tiers = tuple(_replace(_tier, per_hour=_tier.per_hour * 10) for _tier in APP.tiers)
"""

PLANTS = (
    Plant("access-widened", "access.agreed", "every action is granted to anyone", behind_the_app(_OPENED)),
    Plant("limits-raised", "access.agreed", "every tier admits ten times as much", behind_the_app(_RAISED)),
)

AGREED = Standard(
    id="access.agreed",
    sentence="Nothing more is granted, and no less load is promised, than was agreed to.",
    why="A rule that was loosened in passing looks like any other change; this one has to be agreed to.",
    check=agreed,
    inputs=(*SERVED, LOCK),
    plants=PLANTS,
)
