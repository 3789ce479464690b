"""What only the whole app can get wrong, found at start: costs that no tier can pay, ways to sign in that contradict each other."""

from collections.abc import Iterable, Sequence
from typing import Any

from backwright.domain.access import Grant
from backwright.domain.mistakes import Mistake
from backwright.identity.declare import Password
from backwright.operations.limits import Tier


def unpayable(grants: Sequence[Grant], tiers: Iterable[Tier], workers: int) -> list[Mistake]:
    """A mistake for each grant that costs more than a tier has: such a caller would be refused for ever, with a promise to be let in."""
    mistakes: list[Mistake] = []
    for tier in tiers:
        most = min(tier.per_hour // workers or 1, tier.burst or tier.per_hour)
        mistakes += [_mistake(grant, tier, most, workers) for grant in grants if grant.cost > most]
    return mistakes


def _mistake(grant: Grant, tier: Tier, most: int, workers: int) -> Mistake:
    name = getattr(grant.target, "__name__", str(grant.target))
    share = f" in each of {workers} workers" if workers > 1 and tier.burst != most else ""
    return Mistake(
        grant.file, grant.line, f"{name} costs {grant.cost}, more than the tier {tier.name} ever allows ({most} an hour{share}).",
        f"Lower cost= to {most} or less, or raise the tier: tiers=[Tier({tier.name!r}, {grant.cost * workers})].",
    )  # fmt: skip


def contradicting(ways: Sequence[Password[Any]]) -> list[Mistake]:
    """A mistake for each way to sign in that says another thing than the first where all accounts share one signer and one policy."""
    return [
        Mistake(
            "App(sign_in=...)", 0, f"Password({way.account.__name__}) says another {name} than Password({ways[0].account.__name__}).",
            f"All accounts of an app share it: say {name}={getattr(ways[0], name)!r} in both.",
        )
        for way in ways[1:]
        for name in ("access_minutes", "policy", "session_days")
        if getattr(way, name) != getattr(ways[0], name)
    ]  # fmt: skip
