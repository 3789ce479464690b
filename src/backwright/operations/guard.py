"""The guard before authentication: bounds what one address may cost us while we do not know who it is. Pure, cheap, generous."""

from backwright.operations.address import group, is_loopback
from backwright.operations.limits import Decision, Window


class AddressGuard:
    """Counts requests and failed sign-ins by address (IPv6 by /64). It is no tier: it only keeps floods and guessing off.

    One address may send `requests` in any `seconds`; loopback is not counted, for there a proxy or a test stands for many clients.
    It may fail to sign in `failures` times in any `failure_seconds`, loopback too. A success is not counted, but clears nothing: else a
    guesser would sign in to an account of his own in between.
    """

    def __init__(
        self, *, requests: int = 6_000, seconds: float = 10.0, failures: int = 100, failure_seconds: float = 3600.0,
        capacity: int = 100_000,
    ) -> None:  # fmt: skip
        self._requests = Window("address", requests, seconds, capacity=capacity)
        self._failures = Window("sign-in", failures, failure_seconds, capacity=capacity)
        self._exempt: dict[str, bool] = {}

    def admit(self, address: str, now: float) -> Decision | None:
        """None if a request from `address` may go on, else the refusal."""
        exempt = self._exempt.get(address)
        if exempt is None:
            exempt = self._remember(address)
        if exempt:
            return None
        decision = self._requests.check(group(address), now)
        return None if decision.allowed else decision

    def admit_sign_in(self, address: str, now: float) -> Decision | None:
        """None if `address` may try to sign in, else the refusal. Counted at once, so that tries side by side do not slip through."""
        decision = self._failures.check(group(address), now)
        return None if decision.allowed else decision

    def forgive(self, address: str) -> None:
        """The try that was admitted does not count: it succeeded, or it was never judged."""
        self._failures.refund(group(address))

    def _remember(self, address: str) -> bool:
        if len(self._exempt) >= 10_000:
            self._exempt.clear()
        exempt = self._exempt[address] = is_loopback(address)
        return exempt
