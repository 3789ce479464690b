"""Signing up, in and out, with real sessions; the accounts themselves lie in a dictionary."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from backwright.data.engines.address import engine_at
from backwright.data.schema import create_all_sql
from backwright.domain.entity import Account
from backwright.domain.fields import Managed
from backwright.domain.model import build_model
from backwright.domain.refusals import AlreadyExists, Conflict, Invalid, Refusal, TooManyRequests, Unauthenticated
from backwright.identity.accounts import Accounts, account_values, create_account, normal_email, session_and_account
from backwright.identity.authenticate import Authenticator
from backwright.identity.passwords import FOR_TESTS, Passwords, Work
from backwright.identity.sessions import Sessions, SignInSession
from backwright.identity.tokens import Tokens
from backwright.observe.events import Event, SignedIn, SignedOut, SignInRefused
from backwright.operations.caller import Caller
from backwright.operations.guard import AddressGuard

NOW, EMAIL, PASSWORD = 1_795_298_100.0, "ann@example.org", "correct horse"


class Customer(Account):
    """Somebody who buys."""

    is_staff: Managed[bool] = False
    age: int | None = None


class Memory:
    """Accounts in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, Customer] = {}

    async def by_email(self, email: str) -> Customer | None:
        return next((row for row in self.rows.values() if row.email == email), None)

    async def by_id(self, account_id: str) -> Customer | None:
        return self.rows.get(account_id)

    async def add(self, values: Mapping[str, Any]) -> Customer:
        if await self.by_email(values["email"]):
            raise AlreadyExists(fields=("email",))
        row = Customer(**values)
        row._id = len(self.rows) + 1  # type: ignore[attr-defined]
        self.rows[str(row.id)] = row
        return row

    async def set_password_hash(self, account: Customer, password_hash: str) -> None:
        account.password_hash = password_hash


class Case:
    """Everything that signing in needs."""

    def __init__(self, engine: Any, passwords: Passwords, **options: Any) -> None:
        self.events: list[Event] = []
        self.memory, self.tokens = Memory(), Tokens([b"k" * 32])
        self.sessions = Sessions(engine, [b"r" * 32], revoked=lambda session_id: self.authenticator.forget_session(session_id))
        self.authenticator = Authenticator(self.tokens, session_and_account({"Customer": self.memory}, self.sessions))
        self.accounts = Accounts(
            Customer, self.memory, passwords, self.sessions, self.tokens, clock=lambda: 5.0, observer=self.events.append,
            **{"guard": AddressGuard(failures=5), **options},
        )  # fmt: skip

    async def caller(self, access_token: str, now: float = NOW) -> Caller:
        header = f"Bearer {access_token}"
        return self.authenticator.known(header, now) or await self.authenticator.authenticate(header, now)


def run(url: str, body: Callable[[Case], Awaitable[None]], work: Work = FOR_TESTS, **options: Any) -> None:
    async def main() -> None:
        engine, passwords = engine_at(url), Passwords(work)
        await engine.open()
        try:
            async with engine.transaction() as session:
                for statement in create_all_sql(build_model([SignInSession]), engine.dialect):
                    await session.run(statement)
            await body(Case(engine, passwords, **options))
        finally:
            await engine.close()
            passwords.close()

    asyncio.run(main())


async def refused(kind: type[Refusal], awaited: Awaitable[Any]) -> Any:
    with pytest.raises(kind) as refusal:
        await awaited
    return refusal.value


def test_the_whole_way(sqlite_url: str) -> None:
    """Sign up, sign in, ask, refresh, sign out: then neither token is worth anything, at once."""

    async def body(case: Case) -> None:
        await case.accounts.sign_up(" Ann@Example.org", PASSWORD)
        account, tokens = await case.accounts.sign_in("ANN@example.ORG", PASSWORD, NOW)
        assert (account.email, tokens.token_type, tokens.expires_in) == (EMAIL, "Bearer", 900)
        fresh = await case.accounts.refresh(tokens.refresh_token, NOW + 60)
        caller = await case.caller(fresh.access_token, NOW + 60)
        assert caller.account is account
        await case.accounts.sign_out(caller, NOW + 60)

        assert (await refused(Unauthenticated, case.caller(fresh.access_token, NOW + 60))).reason == "revoked"
        await refused(Unauthenticated, case.accounts.refresh(fresh.refresh_token, NOW))
        assert [type(event) for event in case.events] == [SignedIn, SignedOut]

    run(sqlite_url, body)


def test_passwords_are_kept_hashed(sqlite_url: str) -> None:
    """What is stored is an argon2id hash."""

    async def body(case: Case) -> None:
        account = await case.accounts.sign_up(EMAIL, PASSWORD)

        assert (
            account.password_hash is not None and account.password_hash.startswith("$argon2id$") and PASSWORD not in account.password_hash
        )

    run(sqlite_url, body)


def test_every_problem_of_a_sign_up(sqlite_url: str) -> None:
    """A bad address and a bad password are both reported."""

    async def body(case: Case) -> None:
        refusal = await refused(Invalid, case.accounts.sign_up("nobody", "short"))

        assert [problem.pointer for problem in refusal.problems] == ["/email", "/password"] and not case.memory.rows

    run(sqlite_url, body)


def test_an_address_is_taken_whatever_its_case(sqlite_url: str) -> None:
    """Addresses that differ in case are one account."""

    async def body(case: Case) -> None:
        await case.accounts.sign_up(EMAIL, PASSWORD)
        refusal = await refused(AlreadyExists, case.accounts.sign_up("ANN@example.org", PASSWORD))
        assert refusal.fields == ("email",)

    run(sqlite_url, body)


def test_a_sign_up_need_not_tell_who_is_here(sqlite_url: str) -> None:
    """Where the contract does not disclose it, an address that is taken is a conflict without a field."""

    async def body(case: Case) -> None:
        await case.accounts.sign_up(EMAIL, PASSWORD)
        assert type(await refused(Conflict, case.accounts.sign_up(EMAIL, PASSWORD))) is Conflict

    run(sqlite_url, body, disclose=False)


@pytest.mark.parametrize(
    ("email", "password", "why"),
    [(EMAIL, "wrong horse", "wrong password"), ("bob@example.org", PASSWORD, "unknown account"), ("not an address", "x", "unknown account"),
     ("robot@example.org", PASSWORD, "no password"), ("robot@example.org", "", "no password"), (EMAIL, "\ud800", "wrong password")],
)  # fmt: skip
def test_refusals_are_alike(sqlite_url: str, email: str, password: str, why: str) -> None:
    """An unknown account, a wrong password and an account without one are told apart in the log only."""

    async def body(case: Case) -> None:
        await case.accounts.sign_up(EMAIL, PASSWORD)
        await case.memory.add({"email": "robot@example.org"})
        refusal = await refused(Unauthenticated, case.accounts.sign_in(email, password, NOW, address="192.0.2.1"))

        assert refusal.details() == {"reason": "credentials"} and case.events == [SignInRefused(why, "192.0.2.1")]  # type: ignore[arg-type]

    run(sqlite_url, body)


def test_guessing_is_bounded(sqlite_url: str) -> None:
    """After too many failures an address is refused even with the right password; another one is not."""

    async def body(case: Case) -> None:
        await case.accounts.sign_up(EMAIL, PASSWORD)
        for _ in range(5):
            await refused(Unauthenticated, case.accounts.sign_in(EMAIL, "wrong", NOW, address="192.0.2.1"))
        refusal = await refused(TooManyRequests, case.accounts.sign_in(EMAIL, PASSWORD, NOW, address="192.0.2.1"))

        assert refusal.retry_after == 3600 and await case.accounts.sign_in(EMAIL, PASSWORD, NOW, address="192.0.2.2")

    run(sqlite_url, body)


def test_rightful_sign_ins_are_not_bounded(sqlite_url: str) -> None:
    """Signing in rightly, however often, is no guessing."""

    async def body(case: Case) -> None:
        await case.accounts.sign_up(EMAIL, PASSWORD)
        for _ in range(12):
            await case.accounts.sign_in(EMAIL, PASSWORD, NOW, address="192.0.2.1")

    run(sqlite_url, body)


def test_an_old_hash_is_renewed(sqlite_url: str) -> None:
    """Signing in replaces a hash that was made with other parameters."""

    async def body(case: Case) -> None:
        cheaper = Passwords(FOR_TESTS)
        account = await case.memory.add({"email": EMAIL, "password_hash": await cheaper.hash(PASSWORD)})
        cheaper.close()
        await case.accounts.sign_in(EMAIL, PASSWORD, NOW)

        assert account.password_hash is not None and "m=32" in account.password_hash

    run(sqlite_url, body, Work(memory=32))


def test_a_changed_password_ends_every_session(sqlite_url: str) -> None:
    """Whoever signed in with the old one is out; the old one is wrong, the new one right."""

    async def body(case: Case) -> None:
        account = await case.accounts.sign_up(EMAIL, PASSWORD)
        tokens = await case.accounts.begin(account, NOW)
        await refused(Unauthenticated, case.accounts.change_password(account, "wrong", "battery staple", NOW))
        await case.caller(tokens.access_token)
        await case.accounts.change_password(account, PASSWORD, "battery staple", NOW)

        await refused(Unauthenticated, case.caller(tokens.access_token))
        await refused(Unauthenticated, case.accounts.sign_in(EMAIL, PASSWORD, NOW))
        assert await case.accounts.sign_in(EMAIL, "battery staple", NOW)

    run(sqlite_url, body)


def test_a_deleted_account_is_out(sqlite_url: str) -> None:
    """Its access token ends with the second for which it is known; its refresh token at once."""

    async def body(case: Case) -> None:
        account = await case.accounts.sign_up(EMAIL, PASSWORD)
        tokens = await case.accounts.begin(account, NOW)
        await case.caller(tokens.access_token)
        case.memory.rows.clear()

        assert await case.caller(tokens.access_token, NOW + 0.5)
        assert (await refused(Unauthenticated, case.caller(tokens.access_token, NOW + 1))).reason == "revoked"
        await refused(Unauthenticated, case.accounts.refresh(tokens.refresh_token, NOW))

    run(sqlite_url, body)


def test_a_refresh_token_is_no_access_token(sqlite_url: str) -> None:
    """Neither can be used as the other."""

    async def body(case: Case) -> None:
        tokens = await case.accounts.begin(await case.accounts.sign_up(EMAIL, PASSWORD), NOW)

        await refused(Unauthenticated, case.caller(tokens.refresh_token))
        await refused(Unauthenticated, case.accounts.refresh(tokens.access_token, NOW))

    run(sqlite_url, body)


def test_the_first_administrator(sqlite_url: str) -> None:
    """From the command line, managed fields can be set; the password policy holds there too."""
    model = build_model([Customer])[Customer]

    async def body(case: Case) -> None:
        account = await create_account(case.accounts, model, EMAIL, PASSWORD, ["is_staff=true", "age="])
        assert account.is_staff is True and account.age is None
        await refused(Invalid, create_account(case.accounts, model, "bob@example.org", "short", []))

    run(sqlite_url, body)


def test_wrong_words_for_an_account_are_named() -> None:
    """Unknown fields, secret ones and wrong values are all reported at once."""
    model = build_model([Customer])[Customer]

    with pytest.raises(ValueError, match=r"'nose=1'.*'password_hash=x'.*'age=old'"):
        account_values(model, ["nose=1", "password_hash=x", "age=old"])


@pytest.mark.parametrize("text", ["", "x", "a@b@c.org", "a" * 300 + "@example.org", "ann@example.org\x00", "\ud800@example.org"])
def test_what_is_no_address(text: str) -> None:
    """It is a problem of the input, at its pointer."""
    with pytest.raises(Invalid) as refusal:
        normal_email(text, "/user/email")

    assert refusal.value.problems[0].pointer == "/user/email"
