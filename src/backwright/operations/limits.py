"""How much a caller may ask for: tiers, counted over a sliding hour. Pure: the time is an argument, from a clock that never goes back.

The promise is "never over, perhaps early": no window of one hour, wherever it begins, admits more than the tier says, and a caller
who was quiet for an hour may spend the whole of it at once. GCRA cannot keep both halves (with a full burst it admits twice the limit
in a window). So uses are counted in groups: requests within 1 % of the window after a group's first one belong to it, and a group is
given back as a whole, one window after its *last* request. A key costs at most 101 numbers, and nothing comes back more than 36 s late.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from math import ceil

import msgspec

HOUR = 3600.0
Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Tier:
    """A named limit: so many requests in any hour, and optionally no more than `burst` at once.

    With `burst`, requests beyond it must come evenly spread (GCRA, ITU-T I.371), within the hourly limit.
    """

    name: str
    per_hour: int
    burst: int | None = None

    def __post_init__(self) -> None:
        if not self.name or not all(c.isalnum() or c in "-_" for c in self.name) or not self.name.isascii():
            raise ValueError(f"{self.name!r} is no name for a tier: use letters, digits, - and _.")
        if self.per_hour < 1 or (self.burst is not None and self.burst < 1):
            raise ValueError(f"Tier {self.name} must allow at least one request: give a positive number.")


DEFAULT_TIERS = (Tier("anonymous", 100), Tier("authenticated", 1_000), Tier("premium", 10_000))


def tiers_from(text: str, tiers: tuple[Tier, ...] = DEFAULT_TIERS) -> tuple[Tier, ...]:
    """`tiers` changed by words like ``anonymous=100/h, premium=10000/h burst 50``. Raises ``ValueError`` that says how to write it."""
    found = {tier.name: tier for tier in tiers}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, amount = part.partition("=")
        rate, _, burst = amount.partition(" burst ")
        if not equals or not rate.strip().endswith("/h") or not rate.strip()[:-2].isdecimal() or (burst and not burst.strip().isdecimal()):
            raise ValueError(f"{part!r} is no tier. Write name=number/h, for example anonymous=100/h or premium=10000/h burst 50.")
        found[name.strip()] = Tier(name.strip(), int(rate.strip()[:-2]), int(burst) if burst else None)
    return tuple(found.values())


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What a limit says to one request."""

    allowed: bool
    remaining: int
    """What may still be asked for now, as far as this process knows."""
    reset: float
    """Seconds until some of what was used comes back."""
    retry_after: int
    """Whole seconds until the same request would be admitted; 0 if it was."""
    limit: "Window"

    def headers(self, wall: float) -> tuple[Header, ...]:
        """RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10), and the older X-RateLimit-*.

        `wall` is the Unix time now: X-RateLimit-Reset is a Unix time. A refusal adds Retry-After (RFC 9110, in seconds).
        """
        lines = self.lines(wall) if self.allowed else b"%bretry-after: %d\r\n" % (self.lines(wall), self.retry_after)
        return tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines.split(b"\r\n")[:-1]))

    def lines(self, wall: float) -> bytes:
        """The same headers without Retry-After, as they go over the wire."""
        wait = ceil(self.reset)
        return self.limit.template % (self.remaining, wait, self.remaining, wall + wait)


class _Use:
    """What one key has used. The newest group is unfolded; older ones wait in `older` as (last request, amount)."""

    __slots__ = ("amount", "first", "last", "older", "oldest", "spread", "used")

    def __init__(self, now: float) -> None:
        self.used = 0
        self.first = self.last = self.oldest = now
        self.amount = 0
        self.older: deque[tuple[float, int]] | None = None
        self.spread = now


class Window:
    """A limit over a sliding window, counted by key in this process.

    `limit` is what the headers promise; `share` what this process may admit (the default: all of it). At most `capacity` keys are kept,
    about 250 bytes each; when more are active within one window, the key that was quiet longest is forgotten and counted in `forgotten`.
    """

    def __init__(
        self, name: str, limit: int, seconds: float = HOUR, *, share: int | None = None, burst: int | None = None, capacity: int = 100_000
    ) -> None:
        self.name, self.limit, self.seconds, self.capacity = name, limit, seconds, capacity
        self.forgotten = 0
        quoted = b'"%b"' % name.encode()
        self.template = (
            b"ratelimit-policy: %b;q=%d;w=%d\r\n" % (quoted, limit, ceil(seconds))
            + b"ratelimit: %b;r=%%d;t=%%d\r\n" % quoted
            + b"x-ratelimit-limit: %d\r\n" % limit
            + b"x-ratelimit-remaining: %d\r\nx-ratelimit-reset: %d\r\n"
        )
        """What `Decision.lines` fills in."""
        self._share = limit if share is None else share
        self._grain = seconds / 100
        self._interval = seconds / limit
        self._burst = burst
        self._uses: OrderedDict[str, _Use] = OrderedDict()

    def __len__(self) -> int:
        return len(self._uses)

    def check(self, key: str, now: float, cost: int = 1) -> Decision:
        """Admit `cost` requests of `key` or refuse them. A refusal uses nothing up."""
        use = self._uses.get(key)
        if use is None:
            use = self._open(key, now)
        elif use.oldest + self.seconds <= now:
            self._give_back(use, now)
        used = use.used + cost
        if used > self._share:
            return self._refused(use, now, self._wait(use, now, cost))
        if self._burst is not None and (wait := self._uneven(use, now, cost)) > 0:
            return self._refused(use, now, wait)
        if now - use.first >= self._grain:
            self._next_group(key, use, now)
        use.used, use.amount, use.last = used, use.amount + cost, now
        if use.older is None:
            use.oldest = now
        return Decision(True, self._share - used, use.oldest + self.seconds - now, 0, self)

    def refund(self, key: str, cost: int = 1) -> None:
        """Give back what was admitted a moment ago and turned out not to count."""
        if (use := self._uses.get(key)) is not None and use.amount >= cost:
            use.amount -= cost
            use.used -= cost

    def _open(self, key: str, now: float) -> _Use:
        uses = self._uses
        for _ in range(2):  # two for one: dead keys cannot pile up
            oldest = next(iter(uses), None)
            if oldest is None:
                break
            alive = uses[oldest].last + self.seconds > now
            if alive and len(uses) < self.capacity:
                break
            del uses[oldest]
            self.forgotten += alive
        use = uses[key] = _Use(now)
        return use

    def _give_back(self, use: _Use, now: float) -> None:
        over = now - self.seconds
        while use.older and use.older[0][0] <= over:
            use.used -= use.older.popleft()[1]
        if use.older:
            use.oldest = use.older[0][0]
            return
        use.older = None
        if use.last <= over:
            use.used = use.amount = 0
            use.first = use.last = now
        use.oldest = use.last

    def _next_group(self, key: str, use: _Use, now: float) -> None:
        if use.amount:
            if use.older is None:
                use.older = deque()
                use.oldest = use.last
            use.older.append((use.last, use.amount))
        use.first, use.amount = now, 0
        self._uses.move_to_end(key)

    def _wait(self, use: _Use, now: float, cost: int) -> float:
        """Seconds until `cost` fits under the limit."""
        missing = use.used + cost - self._share
        for last, amount in use.older or ():
            missing -= amount
            if missing <= 0:
                return last + self.seconds - now
        return use.last + self.seconds - now if cost <= self._share else self.seconds

    def _uneven(self, use: _Use, now: float, cost: int) -> float:
        """GCRA: how many seconds too early this comes; moves the schedule on if it is not."""
        assert self._burst is not None
        begin = max(use.spread, now)
        early = begin + (cost - self._burst) * self._interval - now
        if early <= 0:
            use.spread = begin + cost * self._interval
        return early

    def _refused(self, use: _Use, now: float, wait: float) -> Decision:
        reset = max(use.oldest + self.seconds - now, 0.0) if use.used else wait
        return Decision(False, max(self._share - use.used, 0), reset, max(ceil(wait), 1), self)


def windows(tiers: tuple[Tier, ...], *, workers: int = 1, worker: int = 0, capacity: int = 100_000) -> dict[str, Window]:
    """One `Window` a tier, by the tier's name, for worker number `worker` (from 0) of `workers`.

    Processes share nothing yet, so each admits its part of the limit; the parts add up to the limit exactly. A caller whose requests all
    reach one process is therefore refused early.
    """

    def part(tier: Tier) -> int:
        return tier.per_hour // workers + (worker < tier.per_hour % workers)

    return {tier.name: Window(tier.name, tier.per_hour, share=part(tier), burst=tier.burst, capacity=capacity) for tier in tiers}
