"""Costs that no caller could ever pay, and ways to sign in that cannot both be meant."""

from backwright import Account, Password, Tier
from backwright.app.checks import contradicting, unpayable
from backwright.domain.access import Grant


class Reader(Account):
    pass


class Clerk(Account):
    pass


ORDER = Grant(target=type("Order", (), {}), rules=(), cost=5, file="access.py", line=7)


def test_a_cost_within_every_tier_is_fine() -> None:
    """Up to the limit itself."""
    assert unpayable([ORDER], [Tier("anonymous", 5), Tier("premium", 100, burst=5)], workers=1) == []


def test_a_cost_beyond_a_tier_is_a_mistake() -> None:
    """Named with its place, the tier, and what would do."""
    (mistake,) = unpayable([ORDER], [Tier("anonymous", 4), Tier("authenticated", 1000)], workers=1)

    assert str(mistake).startswith("access.py:7: Order costs 5, more than the tier anonymous ever allows (4 an hour).")
    assert "raise the tier: tiers=[Tier('anonymous', 5)]" in mistake.mend


def test_each_worker_has_only_its_part() -> None:
    """What one process could pay, a quarter of its limit cannot; a burst counts as well."""
    assert len(unpayable([ORDER], [Tier("anonymous", 16)], workers=4)) == 1
    assert len(unpayable([ORDER], [Tier("anonymous", 1000, burst=4)], workers=1)) == 1


def test_accounts_share_one_signer() -> None:
    """Two classes of accounts with different tokens are a mistake that names both; with the same ones they are fine."""
    (mistake,) = contradicting([Password(Reader), Password(Clerk, access_minutes=5)])

    assert mistake.what == "Password(Clerk) says another access_minutes than Password(Reader)."
    assert mistake.mend == "All accounts of an app share it: say access_minutes=15 in both."
    assert contradicting([Password(Reader, sign_up=False), Password(Clerk)]) == []
