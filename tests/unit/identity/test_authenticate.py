"""From a header to a caller: the cache, its bounds, and what ends it at once."""

import asyncio
from typing import Any

import pytest

from backwright.domain.entity import Account
from backwright.domain.refusals import Unauthenticated
from backwright.identity.authenticate import Authenticator
from backwright.identity.tokens import Claims, Tokens
from backwright.operations.caller import Caller

NOW = 1_795_298_100.0
TOKENS = Tokens([b"k" * 32])


class Reader(Account):
    """Somebody."""


def reader(number: int) -> Reader:
    found = Reader(email=f"{number}@example.org")
    found._id = number  # type: ignore[attr-defined]
    return found


class Loader:
    """Accounts by id; counts how often it is asked, and can be held up."""

    def __init__(self) -> None:
        self.accounts: dict[str, Reader | None] = {str(n): reader(n) for n in range(50)}
        self.asked = 0
        self.gate: asyncio.Event | None = None

    async def __call__(self, claims: Claims, now: float) -> Reader | None:
        self.asked += 1
        found = self.accounts.get(claims.sub)
        if self.gate is not None:
            await self.gate.wait()
        return found


def header(number: int = 7, session: str = "s-7", now: float = NOW) -> str:
    return "Bearer " + TOKENS.issue_access(number, "Reader", session, now)


def made(**options: Any) -> tuple[Authenticator, Loader]:
    loader = Loader()
    return Authenticator(TOKENS, loader, **options), loader


def reason(authenticator: Authenticator, value: str, now: float = NOW) -> str:
    with pytest.raises(Unauthenticated) as refused:
        asyncio.run(authenticator.authenticate(value, now))
    return refused.value.reason


def test_the_caller_of_a_token() -> None:
    """The account, its id and class, its tier, session and factor; and a pseudonym that is not the id."""
    authenticator, loader = made()
    caller = asyncio.run(authenticator.authenticate(header(), NOW))

    assert (caller.account, caller.id, caller.kind, caller.tier) == (loader.accounts["7"], 7, Reader, "authenticated")
    assert (caller.session_id, caller.factor, caller.key) == ("s-7", "password", "Reader:7")
    assert caller.pseudonym is not None and caller.pseudonym != "7" and len(caller.pseudonym) == 16


def test_known_for_a_second() -> None:
    """Within its freshness a header is answered without a look at the database; then it is looked up again."""
    authenticator, loader = made()
    value = header()
    assert authenticator.known(value, NOW) is None
    caller = asyncio.run(authenticator.authenticate(value, NOW))

    assert authenticator.known(value, NOW + 0.99) is caller and loader.asked == 1
    assert authenticator.known(value, NOW + 1.0) is None and authenticator.known(value, NOW - 5) is None


def test_the_account_is_read_again() -> None:
    """A change made elsewhere holds after a second."""
    authenticator, loader = made()
    value = header()
    asyncio.run(authenticator.authenticate(value, NOW))
    loader.accounts["7"] = changed = reader(7)

    assert asyncio.run(authenticator.authenticate(value, NOW + 1)).account is changed


def test_known_never_outlives_the_token() -> None:
    """A token that expires within its freshness is known until it expires, and no longer."""
    authenticator, _ = made(freshness=60.0)
    value = header()
    asyncio.run(authenticator.authenticate(value, NOW + 899.5))

    assert authenticator.known(value, NOW + 899.9) is not None and authenticator.known(value, NOW + 900) is None
    assert reason(authenticator, value, NOW + 900) == "expired"


@pytest.mark.parametrize("forget", ["session", "account"])
def test_an_ended_session_or_changed_account_is_forgotten_at_once(forget: str) -> None:
    """A local sign-out or change is seen by the very next request; other callers stay known."""
    authenticator, loader = made()
    mine, other = header(), header(8, "s-8")
    for value in (mine, other):
        asyncio.run(authenticator.authenticate(value, NOW))
    loader.accounts["7"] = None
    authenticator.forget_session("s-7") if forget == "session" else authenticator.forget_account("Reader", 7)

    assert authenticator.known(mine, NOW) is None and authenticator.known(other, NOW) is not None
    assert reason(authenticator, mine) == "revoked"


def test_a_change_during_the_look_is_not_overlooked() -> None:
    """What was read before a change is not remembered after it, and nobody who comes after it is given it."""
    authenticator, loader = made()
    value = header()

    async def main() -> tuple[Caller, Caller | None, Caller]:
        loader.gate = asyncio.Event()
        before = asyncio.ensure_future(authenticator.authenticate(value, NOW))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        loader.accounts["7"] = reader(7)
        authenticator.forget_account("Reader", 7)
        after = asyncio.ensure_future(authenticator.authenticate(value, NOW))
        await asyncio.sleep(0)
        loader.gate.set()
        await before
        return await before, authenticator.known(value, NOW), await after

    old, _, new = asyncio.run(main())
    assert old.account is not new.account and new.account is loader.accounts["7"]
    assert (known := authenticator.known(value, NOW)) is not None and known.account is new.account


def test_requests_side_by_side_share_one_look() -> None:
    """A hundred requests with one stale token ask the database once, and one that is cancelled does not fail the others."""
    authenticator, loader = made()
    value = header()

    async def main() -> list[Any]:
        loader.gate = asyncio.Event()
        waiting = [asyncio.ensure_future(authenticator.authenticate(value, NOW)) for _ in range(100)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        loader.gate.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    results = asyncio.run(main())
    assert loader.asked == 1 and isinstance(results[0], asyncio.CancelledError) and all(isinstance(r, Caller) for r in results[1:])


def test_a_failing_look_fails_all_and_is_not_remembered() -> None:
    """When the database is away, who waits hears of it, and the next one asks again."""
    authenticator, loader = made()
    value, whole = header(), loader.accounts
    loader.accounts = None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        asyncio.run(authenticator.authenticate(value, NOW))
    loader.accounts = whole

    assert asyncio.run(authenticator.authenticate(value, NOW)).id == 7


def test_the_memory_is_bounded() -> None:
    """Beyond its capacity the header that was looked up longest ago is forgotten, with everything kept about it."""
    authenticator, _ = made(capacity=3)
    values = [header(n, f"s-{n}") for n in range(10)]
    for value in values:
        asyncio.run(authenticator.authenticate(value, NOW))

    assert [authenticator.known(value, NOW) is not None for value in values] == [False] * 7 + [True] * 3
    assert len(authenticator._known) == 3 and len(authenticator._headers) == 6 and not authenticator._running


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic dTpw", "Token x", "Bearer a b", "Bearer \u00e9", "\x00", "Bearer\tx"])
def test_malformed_headers(value: str) -> None:
    """What is no bearer token is malformed, and asks nobody."""
    authenticator, loader = made()

    assert reason(authenticator, value) == "malformed" and loader.asked == 0


def test_invalid_tokens_ask_nobody() -> None:
    """A token that does not verify costs no look at the database and no memory."""
    authenticator, loader = made()

    assert reason(authenticator, header() + "x") == "invalid" and loader.asked == 0 and not authenticator._known


def test_a_contract_may_ask_for_another_scheme() -> None:
    """With the scheme Token, ``Token x`` is read and ``Bearer x`` is not; the word's case does not matter."""
    authenticator, _ = made(schemes=("Token",))

    assert asyncio.run(authenticator.authenticate(header().replace("Bearer", "tOKEN"), NOW)).id == 7
    assert reason(authenticator, header()) == "malformed" and authenticator.challenge("missing") == 'Token realm="backwright"'


def test_the_tier_may_come_from_the_account() -> None:
    """An app says which accounts are premium."""
    authenticator, _ = made(tier_of=lambda account: "premium")

    assert asyncio.run(authenticator.authenticate(header(), NOW)).tier == "premium"


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("missing", None),
        ("credentials", None),
        ("malformed", "invalid_request"),
        ("expired", "invalid_token"),
        ("revoked", "invalid_token"),
    ],
)
def test_challenges(why: str, told: str | None) -> None:
    """WWW-Authenticate as RFC 6750 has it: no error for who sent nothing, and no more than expired or not valid."""
    challenge = made()[0].challenge(why)

    assert challenge.startswith('Bearer realm="backwright"') and (f'error="{told}"' in challenge if told else "error" not in challenge)
