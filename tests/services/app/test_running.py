"""An open app: the database seen to, health, counts, traces, housekeeping, closing."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backwright import App, Database, DeclarationError, Tier, allow, anyone
from backwright.app.running import Running
from backwright.data.errors import DatabaseUnavailable
from backwright.data.migrations.errors import MigrationError
from backwright.observe.events import LimitReached, RequestFinished
from backwright.operations.idempotency import IdempotencyClaim
from backwright.settings.kit import KitSettings
from backwright.testing import Client, Clock, open_app
from tests.bookshop_model import Author, Book, Customer
from tests.support.shop import shop

SETTINGS = KitSettings(secret_key="only for tests: neither random nor secret")


def test_an_empty_database_gets_its_tables(database_url: str) -> None:
    """Opening makes them; opening again finds them; a model that grew is refused with the command that helps."""

    async def main() -> None:
        small = {"access": [allow(Author, read=anyone)], "sign_in": [], "entities": []}
        for _ in range(2):
            running = Running(shop(**small), settings=SETTINGS, database=Database(database_url))
            await running.open()
            await running.close()
        grown = Running(shop(), settings=SETTINGS, database=Database(database_url))
        with pytest.raises(MigrationError, match="backwright migrate make"):
            await grown.open()

    asyncio.run(main())


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    """However deep it lies; where it cannot be, the reason is said."""

    async def main() -> None:
        running = Running(shop(), settings=SETTINGS, database=Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'app.db'}"))
        await running.open()
        await running.close()
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(DatabaseUnavailable, match="its folder must exist and be writable"):
            await Running(shop(), settings=SETTINGS, database=Database(f"sqlite:///{tmp_path / 'file' / 'app.db'}")).open()

    asyncio.run(main())


def test_machines_may_ask_how_it_is() -> None:
    """Alive, ready, and what was counted, without a caller and without a limit."""

    async def main() -> None:
        async with Client(shop(tiers=[Tier("anonymous", 3)])) as client:
            for _ in range(5):
                assert (await client.get("/health/live")).json() == {"status": "alive"}
            assert (await client.get("/health/ready")).json() == {"status": "ready"}
            await client.get("/v1/authors")
            counted = (await client.get("/metrics")).text
            assert 'backwright_requests_total{method="GET",operation="list_authors",status="200",worker="0"} 1.0' in counted
            assert 'backwright_requests_in_flight{worker="0"} 1.0' in counted
            assert 'backwright_database_waiting{worker="0"} 0.0' in counted

    asyncio.run(main())


def test_a_limit_that_is_reached_is_told() -> None:
    """The request is refused with 429, an event says which tier, and after an hour the caller is let in."""

    async def main() -> None:
        clock = Clock()
        async with open_app(shop(tiers=[Tier("anonymous", 2)]), clock=clock) as opened, Client(opened) as client:
            assert [(await client.get("/v1/authors")).status for _ in range(3)] == [200, 200, 429]
            assert [e.tier for e in opened.events if isinstance(e, LimitReached)] == ["anonymous"]
            clock.advance(hours=1, minutes=2)
            assert (await client.get("/v1/authors")).status == 200

    asyncio.run(main())


def test_a_request_knows_its_place_in_a_trace() -> None:
    """The caller's trace id is taken over and told; without one nothing is made up."""

    async def main() -> None:
        async with open_app(shop()) as opened, Client(opened) as client:
            await client.get("/v1/authors", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
            await client.get("/v1/authors")
            first, second = (e for e in opened.events if isinstance(e, RequestFinished))
            assert (first.trace_id, first.parent_span_id, first.sampled) == ("a" * 32, "b" * 16, False)
            assert second.trace_id == ""

    asyncio.run(main())


def test_a_cost_that_no_tier_can_pay_is_a_mistake() -> None:
    """Found when the app is compiled."""
    with pytest.raises(DeclarationError, match="Book costs 3, more than the tier anonymous"):
        Running(App(access=[allow(Book, read=anyone, cost=3)], tiers=[Tier("anonymous", 2)]), settings=SETTINGS)


def test_what_is_old_is_thrown_away(database_url: str) -> None:
    """Sessions that have expired and keys older than a day go; the others stay."""

    async def main() -> None:
        clock = Clock()
        async with open_app(shop(), database_url, clock=clock) as opened:
            ada = await opened.given(Customer(email="ada@example.org"))
            await opened.authorization(ada)
            now = datetime.fromtimestamp(clock(), UTC)
            ages = {"old": timedelta(hours=25), "young": timedelta(hours=23)}
            await opened.given(*(IdempotencyClaim(scope=name, digest="", claimed_at=now - age) for name, age in ages.items()))

            await opened.running.housekeeping.round()
            assert [claim.scope for claim in await opened.all(IdempotencyClaim)] == ["young"]
            assert await _sessions(opened) == 1

            clock.advance(days=31)
            await opened.running.housekeeping.round()
            assert await _sessions(opened) == 0

    asyncio.run(main())


async def _sessions(opened: Any) -> int:
    return len(await opened.running.engine.rows('SELECT 1 FROM "backwright_session"'))


def test_closing_waits_for_running_requests() -> None:
    """A request that was let in is answered before the database closes; meanwhile the app is not ready."""

    async def main() -> None:
        async with open_app(shop()) as opened:
            client = Client(opened)
            held = opened.running.engine.transaction()
            async with held as session:
                await session.run('INSERT INTO "author" SELECT * FROM "author" WHERE 1 = 0')
                signing = asyncio.create_task(client.post("/v1/sign-up", {"email": "ada@example.org", "password": "correct horse battery"}))
                while not opened.running.edge.running.tasks:
                    await asyncio.sleep(0)
                closing = asyncio.create_task(opened.running.close())
                await asyncio.sleep(0)
                assert (await client.get("/health/ready")).json() == {"status": "stopping"}
            assert (await signing).status == 201
            await closing

    asyncio.run(main())


def test_the_gauges_show_who_holds_the_database(database_url: str) -> None:
    """A transaction that is open is one connection in use; afterwards there is none."""

    async def main() -> None:
        async with open_app(shop(), database_url) as opened:
            engine = opened.running.engine
            async with engine.transaction() as session:
                await session.rows("SELECT 1")
                assert engine.occupancy() == (1, 0)
            while engine.occupancy().in_use:
                await asyncio.sleep(0)
            assert b"backwright_database_connections_in_use" in opened.running.metrics.exposition()

    asyncio.run(main())
