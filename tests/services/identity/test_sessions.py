"""Refresh tokens on real databases: replaced at each use, and one used twice ends its session."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backwright.data.engines.address import engine_at
from backwright.data.engines.engine import Engine
from backwright.data.schema import create_all_sql
from backwright.domain.model import build_model
from backwright.domain.refusals import Unauthenticated
from backwright.identity.sessions import LENGTH, Sessions, SignInSession
from backwright.observe.events import Event, TokenReused

KEY, NOW = b"r" * 32, 1_795_298_100.25
Body = Callable[["Case"], Awaitable[None]]


class Case:
    """A database with the sessions in it, and what was told."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.events: list[Event] = []
        self.revoked: list[UUID] = []
        self.sessions = self.made([KEY])

    def made(self, keys: list[bytes], **options: Any) -> Sessions:
        return Sessions(self.engine, keys, observer=self.events.append, revoked=self.revoked.append, **options)

    async def refused(self, token: str, now: float = NOW) -> None:
        with pytest.raises(Unauthenticated) as refusal:
            await self.sessions.refresh(token, now)
        assert refusal.value.reason == "invalid"


def opened(url: str) -> AbstractAsyncContextManager[Case]:
    @asynccontextmanager
    async def manager() -> Any:
        engine = engine_at(url)
        await engine.open()
        try:
            async with engine.transaction() as session:
                for statement in create_all_sql(build_model([SignInSession]), engine.dialect):
                    await session.run(statement)
            yield Case(engine)
        finally:
            await engine.close()

    return manager()


def run(url: str, body: Body) -> None:
    async def main() -> None:
        async with opened(url) as case:
            await body(case)

    asyncio.run(main())


def test_a_token_is_replaced_at_each_use(database_url: str) -> None:
    """Each refresh gives another token for the same session, account and expiry."""

    async def body(case: Case) -> None:
        first = await case.sessions.open(42, "Customer", NOW)
        second = await case.sessions.refresh(first.refresh_token, NOW + 60)
        third = await case.sessions.refresh(second.refresh_token, NOW + 120)

        assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3 and len(third.refresh_token) == LENGTH
        assert (third.id, third.account, third.kind, third.factor) == (first.id, "42", "Customer", "password")
        assert third.expires_at == first.expires_at

    run(database_url, body)


@pytest.mark.parametrize("generations", [1, 2, 5])
def test_an_old_token_ends_its_session(database_url: str, generations: int) -> None:
    """However many refreshes ago it was replaced: thief and owner are signed out, once, and it is told."""

    async def body(case: Case) -> None:
        first = last = await case.sessions.open(42, "Customer", NOW)
        for _ in range(generations):
            last = await case.sessions.refresh(last.refresh_token, NOW)
        for token in (first.refresh_token, last.refresh_token, first.refresh_token):
            await case.refused(token)

        assert not await case.sessions.is_open(first.id, NOW) and case.revoked == [first.id]
        assert [type(event) for event in case.events] == [TokenReused]

    run(database_url, body)


def test_side_by_side_one_refresh_wins(database_url: str) -> None:
    """Of ten refreshes with one token at once, one succeeds; the others are reuse, and end the session."""

    async def body(case: Case) -> None:
        token = (await case.sessions.open(42, "Customer", NOW)).refresh_token
        results = await asyncio.gather(*(case.sessions.refresh(token, NOW) for _ in range(10)), return_exceptions=True)

        assert sum(isinstance(result, Unauthenticated) for result in results) == 9
        [won] = [result for result in results if not isinstance(result, BaseException)]
        await case.refused(won.refresh_token)
        assert len(case.events) == 1

    run(database_url, body)


def test_an_invented_token_ends_nothing(database_url: str) -> None:
    """Who knows a session's id, but has none of its tokens, cannot sign its owner out."""

    async def body(case: Case) -> None:
        real = await case.sessions.open(42, "Customer", NOW)
        forger = case.made([b"x" * 32])
        await case.refused(forger._make(real.id, 7)[0])
        flipped = real.refresh_token[:40] + ("A" if real.refresh_token[40] != "A" else "B") + real.refresh_token[41:]
        for token in ("", "x", "x" * LENGTH, real.refresh_token[:-1], real.refresh_token + "=", flipped, "\u00e9" * LENGTH):
            await case.refused(token)

        assert await case.sessions.is_open(real.id, NOW) and not case.events

    run(database_url, body)


def test_a_token_for_an_unknown_session_is_invalid(database_url: str) -> None:
    """A token of ours whose session was deleted is refused without an event."""

    async def body(case: Case) -> None:
        await case.refused(case.sessions._make(UUID(int=5), 0)[0])
        assert not case.events

    run(database_url, body)


def test_a_session_expires(database_url: str) -> None:
    """Counted from the sign-in, however often it is refreshed; expiry is no reuse."""

    async def body(case: Case) -> None:
        case.sessions = case.made([KEY], lifetime=timedelta(hours=1))
        first = await case.sessions.open(42, "Customer", NOW)
        second = await case.sessions.refresh(first.refresh_token, NOW + 3599)
        assert await case.sessions.is_open(first.id, NOW + 3599) and not await case.sessions.is_open(first.id, NOW + 3600)
        await case.refused(second.refresh_token, NOW + 3600)

        assert not case.events

    run(database_url, body)


def test_signing_out_ends_a_session(database_url: str) -> None:
    """By its id or any of its refresh tokens; a second time there is nothing left to end."""

    async def body(case: Case) -> None:
        one, other = await case.sessions.open(42, "Customer", NOW), await case.sessions.open(42, "Customer", NOW)
        assert await case.sessions.revoke(one.id, NOW) and not await case.sessions.revoke(one.id, NOW)
        assert await case.sessions.revoke_token(other.refresh_token, NOW) and not await case.sessions.revoke_token("nonsense", NOW)
        await case.refused(one.refresh_token)

        assert not await case.sessions.is_open(one.id, NOW) and other.id in case.revoked and not case.events

    run(database_url, body)


def test_all_sessions_of_an_account(database_url: str) -> None:
    """A changed password ends every session of that account, and of no other: not one of another class with the same id."""

    async def body(case: Case) -> None:
        mine = [await case.sessions.open(42, "Customer", NOW) for _ in range(3)]
        others = [await case.sessions.open(43, "Customer", NOW), await case.sessions.open(42, "Clerk", NOW)]

        assert await case.sessions.revoke_all(42, "Customer", NOW) == 3 and set(case.revoked) == {one.id for one in mine}
        assert [await case.sessions.is_open(one.id, NOW) for one in others] == [True, True]

    run(database_url, body)


def test_keys_can_be_changed(database_url: str) -> None:
    """Tokens of a former key are exchanged for tokens of the new one, until it is taken off the list."""

    async def body(case: Case) -> None:
        first = await case.sessions.open(42, "Customer", NOW)
        case.sessions = case.made([b"n" * 32, KEY])
        second = await case.sessions.refresh(first.refresh_token, NOW)
        case.sessions = case.made([b"n" * 32])
        third = await case.sessions.refresh(second.refresh_token, NOW)
        case.sessions = case.made([KEY])
        await case.refused(third.refresh_token)

    run(database_url, body)


def test_the_database_holds_no_token(database_url: str) -> None:
    """Whoever reads the table can sign in as nobody: neither a token nor its random bits are in it."""

    async def body(case: Case) -> None:
        token = (await case.sessions.open(42, "Customer", NOW)).refresh_token
        [row] = await case.engine.rows('SELECT * FROM "backwright_session"')

        assert token not in str(tuple(row)) and token[27:69] not in str(tuple(row))

    run(database_url, body)


def test_expired_sessions_are_cleaned_away(database_url: str) -> None:
    """Rows do not pile up."""

    async def body(case: Case) -> None:
        await case.sessions.open(42, "Customer", NOW - 31 * 86_400)
        await case.sessions.open(42, "Customer", NOW)

        assert await case.sessions.clean(NOW) == 1 and await case.sessions.clean(NOW) == 0

    run(database_url, body)
