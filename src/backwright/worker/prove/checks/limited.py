"""api.limited: a burst of each tier is admitted up to its limit and not beyond; Retry-After is right; nobody gets round it."""

import asyncio
from typing import Any

from backwright.identity.authenticate import authenticated
from backwright.operations.limits import Tier, windows
from backwright.testing.clock import Clock
from backwright.testing.scratch import scratch
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.people import NOBODY, Person
from backwright.worker.prove.rig.rig import Rig, brief, mapped_tables, open_rig_at
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

BURST = 200
"""The largest limit that is filled request by request; a larger one is filled by a small twin on the same path, and by cost."""
SMALL = 40
EARLY = 0.01
"""How much of a limit may be refused too early."""


def limited(target: Target) -> Finding:
    """Fill every tier, wait as told, and fill it again."""
    seen, app = Breaches(), target.load()

    async def one_tier(tier: Tier) -> None:
        clock = Clock()
        async with scratch() as url:
            await mapped_tables(url, app.model)
            real = tier.per_hour <= BURST and tier.burst is None
            async with open_rig_at(url, app, rows=2, limits=True, clock=clock, tiers="" if real else f"{tier.name}={SMALL}/h") as rig:
                await _Burst(rig, seen, tier, tier.per_hour if real else SMALL).all()
                if not real:
                    seen.count("filled_by_a_small_twin")
            if not real:
                _by_cost(seen, tier)

    async def all_tiers() -> None:
        for tier in app.tiers:
            await one_tier(tier)

    asyncio.run(all_tiers())
    return seen.finding("expectations", f"{len(app.tiers)} tiers hold under a burst", nothing="no tier is declared")


class _Burst:
    """One tier, filled by a caller who has it."""

    def __init__(self, rig: Rig, seen: Breaches, tier: Tier, limit: int) -> None:
        self.rig, self.seen, self.tier, self.limit = rig, seen, tier, limit
        self.admitted: list[tuple[float, int]] = []

    async def all(self) -> None:
        """Fill it; try to get round it; wait; fill it again."""
        who, one = self._somebody(), self._cheapest()
        if one is None:
            return
        if who is None or (who is NOBODY and one.operation.rule.needs_caller):
            why = "no caller has this tier" if who is None else "it reaches nothing but sign-in"
            self.seen.note(f"{self.tier.name}: {why}; it is measured by cost")
            _by_cost(self.seen, self.tier)
            return
        cost, clock, began = one.operation.cost, self.rig.clock, self.rig.clock()
        times = self.limit // cost
        got = await self._fill(one, who, times + 10)
        self.seen.note(f"{self.tier.name}: {one} as {who}, cost {cost}, limit {self.limit}: {got} admitted at once")
        self.seen.expect(got <= times, f"{self.tier.name} admits {got} requests of cost {cost} at once, but its limit is {self.limit}")
        self.seen.expect(
            got >= times * (1 - EARLY) - 1, f"{self.tier.name} admits only {got} requests of cost {cost}, but its limit is {self.limit}"
        )
        wait = await self._refusal(one, who)
        await self._detours(one, who)
        who = await self._later(who, max(0, wait - 2))
        early = await self._ask(one, who)
        self.seen.expect(early == 429 or wait <= 2, f"{self.tier.name} admits a request {min(2, wait)} s before Retry-After is over")
        who = await self._later(who, 2)
        self.seen.expect(await self._ask(one, who) != 429, f"{self.tier.name} refuses a request after Retry-After ({wait} s) is over")
        for pause in (1800, 1860):
            who = await self._later(who, pause)
            await self._fill(one, who, times + 10)
        most = max((sum(c for at, c in self.admitted if begin <= at < begin + 3600) for begin, _ in self.admitted), default=0)
        self.seen.expect(most <= self.limit, f"{self.tier.name} admits {most} in one hour, but its limit is {self.limit}")
        self.seen.note(f"{self.tier.name}: at most {most} in any hour of {(clock() - began) / 3600:.1f}; Retry-After said {wait} s")

    def _somebody(self) -> Person | None:
        if self.tier.name == "anonymous":
            return NOBODY
        tier_of: Any = self.rig.app.tier_of or authenticated
        return next((p for p in self.rig.signed_in if tier_of(p.account) == self.tier.name), None)

    def _cheapest(self) -> Served | None:
        reading = [one for one in self.rig.served if one.method == "GET" and one.verb in ("list", "read", "call", "account")]
        return min(
            reading or self.rig.served, key=lambda one: (one.operation.cost, one.operation.rule.needs_caller, one.path), default=None
        )

    async def _later(self, who: Person, seconds: float) -> Person:
        """The same caller after a while, with a token that is still good."""
        self.rig.clock.advance(seconds=seconds)
        return who if who.account is None else await self.rig.sign_in(who.account, who.name)

    async def _ask(self, one: Served, who: Person) -> int:
        path = one.path if "{" not in one.path else self.rig.path(one, "x")
        answer = await self.rig.ask(one.method, path, who=who)
        if answer.status != 429:
            self.admitted.append((self.rig.clock(), one.operation.cost))
            left = answer.headers.get("x-ratelimit-remaining")
            self.seen.expect(left is not None and int(left) >= 0, f"{one} does not say what is left of {self.tier.name}")
        return answer.status

    async def _fill(self, one: Served, who: Person, most: int) -> int:
        """How many requests are admitted until one is refused."""
        for n in range(most):
            if await self._ask(one, who) == 429:
                return n
        return most

    async def _refusal(self, one: Served, who: Person) -> int:
        """The refusal's form; gives what Retry-After says."""
        answer = await self.rig.ask(one.method, self.rig.path(one, "x"), who=who)
        told = answer.headers.get("retry-after", "")
        self.seen.expect(answer.status == 429, f"{self.tier.name} admits a request over its limit: {brief(answer)}")
        self.seen.expect(told.isdigit() and 1 <= int(told) <= 3600, f"{self.tier.name}: Retry-After is {told!r}")
        self.seen.expect(answer.headers.get("x-ratelimit-remaining") == "0", f"{self.tier.name}: a refusal says that something is left")
        return int(told) if told.isdigit() else 1

    async def _detours(self, one: Served, who: Person) -> None:
        """Other spellings of the same caller get no further; what must stay reachable does."""
        for name, value in (("x-forwarded-for", "198.51.100.9"), ("forwarded", "for=198.51.100.9"), ("x-real-ip", "198.51.100.9")):
            answer = await self.rig.ask(one.method, self.rig.path(one, "x"), who=who, headers={name: value})
            self.seen.expect(answer.status == 429, f"{self.tier.name}: {name} gets round the limit")
        if who.account is not None:
            again = await self.rig.sign_in(who.account, "again")
            answer = await self.rig.ask(one.method, self.rig.path(one, "x"), who=again)
            self.seen.expect(answer.status == 429, f"{self.tier.name}: signing in again gets round the limit")
        answer = await self.rig.ask("GET", "/health/live")
        self.seen.expect(answer.status != 429, "health is refused by a limit")


def _by_cost(seen: Breaches, tier: Tier) -> None:
    """The declared limit itself, filled in a few large steps at the counter that requests go through."""
    window = windows((tier,))[tier.name]
    step, admitted, now = max(1, min(tier.per_hour, tier.burst or tier.per_hour) // 7), 0, 0.0
    for _ in range(100):
        if window.check("somebody", now, step).allowed:
            admitted += step
        now += 0.0 if tier.burst is None else 3600 / 100
    for _ in range(step):
        if window.check("somebody", now, 1).allowed:
            admitted += 1
    seen.expect(admitted <= tier.per_hour, f"{tier.name} admits {admitted} at its declared limit of {tier.per_hour}")
    seen.expect(tier.burst is not None or admitted >= tier.per_hour * (1 - EARLY), f"{tier.name} admits only {admitted} of {tier.per_hour}")
    refused = window.check("somebody", now, step)
    seen.expect(not refused.allowed and refused.retry_after >= 1, f"{tier.name} does not say when to come back")
    seen.note(f"{tier.name}: {admitted} of {tier.per_hour} admitted, by cost")


_LOOSE = """
# planted: the counter admits half as many again
from backwright.identity.authenticate import authenticated
from backwright.operations.limits import Window as _Window
_make = _Window.__init__
def _loose(self, *given, **words):
    _make(self, *given, **words)
    self._share += self._share // 2
_Window.__init__ = _loose
"""
_BELIEVED = """
# planted: the caller's word about its address is taken
from backwright.testing.client import Client as _Client
from backwright.app.running import Running as _Running
from backwright.operations.address import Proxies as _Proxies
_make = _Running.__init__
def _believing(self, *given, **words):
    _make(self, *given, **words)
    self.edge.proxies, self.edge._believes = _Proxies(("0.0.0.0/0",), "x-forwarded-for"), True
_Running.__init__ = _believing
"""
_SOON = """
# planted: Retry-After promises too much
from dataclasses import replace as _replace
from backwright.identity.authenticate import authenticated
from backwright.operations.limits import Window as _Window
_refused = _Window._refused
def _soon(self, use, now, wait):
    return _refused(self, use, now, 1.0)
_Window._refused = _soon
"""

PLANTS = (
    Plant("limiter-loosened", "api.limited", "the counter admits half as many again", behind_the_app(_LOOSE)),
    Plant("address-believed", "api.limited", "X-Forwarded-For of anybody is believed", behind_the_app(_BELIEVED)),
    Plant("retry-after-wrong", "api.limited", "Retry-After is always one second", behind_the_app(_SOON)),
)

LIMITED = Standard(
    id="api.limited",
    sentence="A burst of each tier is admitted up to its limit and never beyond; Retry-After is right.",
    why="One caller must not be able to use up what is there for all.",
    check=limited,
    plants=PLANTS,
)
