"""The one gate that every door passes, cheapest refusal first: address guard, credentials, tier, the rule's part about the caller.

What follows (decode, transaction, the rule's part about the row, the operation) happens behind it, in `execution` and `records`.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from backwright.domain.refusals import TooManyRequests
from backwright.domain.request import Request
from backwright.operations.address import group
from backwright.operations.caller import ANONYMOUS, Caller
from backwright.operations.guard import AddressGuard
from backwright.operations.limits import Decision, Window
from backwright.operations.operation import Operation


class Credentials(Protocol):
    """Who turns the Authorization header's value into a caller."""

    def known(self, credentials: str, now: float, /) -> Caller | None:
        """The caller, if these credentials were verified a moment ago; no I/O."""
        ...

    async def authenticate(self, credentials: str, now: float, /) -> Caller:
        """The caller. Raises `Unauthenticated`."""
        ...


class NobodyKnown:
    """Credentials of an app without sign-in: whoever comes is anonymous."""

    def known(self, credentials: str, now: float, /) -> Caller | None:
        return ANONYMOUS

    async def authenticate(self, credentials: str, now: float, /) -> Caller:
        return ANONYMOUS


class Entry:
    """A caller who was let in, the request as rules see it, and what is left of the limit."""

    __slots__ = ("caller", "limit", "request")

    def __init__(self, caller: Caller, request: Request, limit: Decision | None) -> None:
        self.caller = caller
        self.request = request
        self.limit = limit


class Gate:
    """Lets callers in."""

    def __init__(self, *, guard: AddressGuard, windows: Mapping[str, Window], credentials: Credentials, clock: Callable[[], float],
                 wall: Callable[[], float] = time.time) -> None:  # fmt: skip
        self.guard = guard
        self.windows = windows
        self.credentials = credentials
        self.clock = clock
        """Counts for the limits and never goes back."""
        self.wall = wall
        """The Unix time that requests go by."""
        self._anonymous = windows.get("anonymous")

    async def enter(self, operation: Operation, credentials: str | None, address: str, wall: float) -> Entry:
        """Let the caller in to one operation at the Unix time `wall`. Raises `TooManyRequests`, `Unauthenticated`, `Forbidden`."""
        now = self.clock()
        refused = self.guard.admit(address, now)
        if refused is not None:
            raise limited(refused)
        caller = ANONYMOUS
        if credentials is not None:
            known = self.credentials.known(credentials, wall)
            caller = known if known is not None else await self.credentials.authenticate(credentials, wall)
        decision = self.count(caller, address, operation.cost, now)
        request = Request(datetime.fromtimestamp(wall, UTC), address, caller.factor)
        operation.rule.admit(caller, request)
        return Entry(caller, request, decision)

    def count(self, caller: Caller, address: str, cost: int, now: float) -> Decision | None:
        """Take `cost` from the caller's tier. Raises `TooManyRequests`."""
        window = self._anonymous if caller is ANONYMOUS else self.windows.get(caller.tier)
        if window is None:
            return None
        decision = window.check(caller.key or group(address), now, cost)
        if not decision.allowed:
            raise limited(decision)
        return decision


def limited(decision: Decision) -> TooManyRequests:
    """The refusal of a decision, which keeps it for the headers."""
    refusal = TooManyRequests(retry_after=max(1, decision.retry_after))
    refusal.decision = decision  # type: ignore[attr-defined]
    return refusal
