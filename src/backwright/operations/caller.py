"""Who asks: one value made by authentication, read by every rule, limit and statement. Pure."""

import hashlib
from dataclasses import dataclass
from typing import Any, Self

from backwright.domain.entity import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever sent the request. `ANONYMOUS` is the caller nobody has authenticated."""

    account: Entity | None = None
    """The account's row, at most `caller_freshness` seconds old (see `identity.authenticate`)."""
    id: Any = None
    """The account's id: a ``UUID`` or an ``int``."""
    kind: type[Entity] | None = None
    """The account's class: a rule typed for another class says no."""
    tier: str = "anonymous"
    """The name of the rate limit that holds for this caller."""
    session_id: str | None = None
    """The sign-in session; signing out ends it."""
    factor: str | None = None
    """How the caller proved who it is, e.g. ``password``."""
    key: str = ""
    """What limits and idempotency keys are counted by, unique over all account classes. Empty for `ANONYMOUS`: use its address."""
    pseudonym: str | None = None
    """What stands for the caller in logs; it cannot be turned back into the id."""

    @classmethod
    def of(cls, account: Entity, *, tier: str = "authenticated", session_id: str | None = None, factor: str | None = None,
           pseudonym: str | None = None) -> Self:  # fmt: skip
        """The caller who signed in as `account`."""
        kind = type(account)
        return cls(
            account=account, id=account.id, kind=kind, tier=tier, session_id=session_id, factor=factor,
            key=f"{kind.__name__}:{account.id}", pseudonym=pseudonym,
        )  # fmt: skip

    @property
    def signed_in(self) -> bool:
        """Whether an account stands behind this caller."""
        return self.account is not None


ANONYMOUS = Caller()
"""Nobody has signed in."""


def pseudonym(kind: str, account_id: object) -> str:
    """What stands for an account in logs: the same everywhere, and no id. (Of integer ids it hides little: they can be tried out.)"""
    return hashlib.blake2s(f"{kind}:{account_id}".encode(), digest_size=8).hexdigest()
