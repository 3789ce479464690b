"""Mounting both ways: our app below a prefix of FastAPI's, and FastAPI's app below a prefix of ours."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi import Request as Asked

from backwright import App, Database
from backwright.app.lifespans import Lifespan, MountFailed
from backwright.testing import Client
from tests.bookshop_model import Author
from tests.support.shop import shop


@pytest.fixture(autouse=True)
def development(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that need no file."""
    monkeypatch.setenv("BACKWRIGHT_SECRET_KEY", "a key that only tests have, and long enough")


@asynccontextmanager
async def asking(app: Any) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of any ASGI app."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outer.test") as client:
        yield client


def test_a_mounted_app_opens_with_its_first_requests(sqlite_url: str) -> None:
    """Several first requests at once open it once; paths, locations and 404s are those of the mount."""

    async def main() -> None:
        outer, inner = FastAPI(), shop(database=Database(sqlite_url))
        outer.mount("/shop", inner)
        async with asking(outer) as client:
            answers = await asyncio.gather(*(client.get("/shop/v1/authors") for _ in range(5)))
            assert [(a.status_code, a.json()["items"]) for a in answers] == [(200, [])] * 5

            signed = await client.post("/shop/v1/sign-up", json={"email": "a@example.org", "password": "correct horse battery"})
            assert signed.status_code == 201
            assert (await client.get("/shop/v1/nowhere")).status_code == 404
            assert (await client.get("/v1/authors")).status_code == 404
        await inner.close()

    asyncio.run(main())


def test_the_outer_app_s_lifespan_opens_and_closes(sqlite_url: str) -> None:
    """``FastAPI(lifespan=shop.lifespan)``: open from its start to its end."""

    async def main() -> None:
        inner = shop(database=Database(sqlite_url))
        outer = FastAPI(lifespan=inner.lifespan)
        outer.mount("/shop", inner)
        async with outer.router.lifespan_context(outer), asking(outer) as client:
            assert (await client.get("/shop/health/ready")).json() == {"status": "ready"}
        assert inner._running is None

    asyncio.run(main())


def legacy() -> FastAPI:
    """An app of another framework."""
    app = FastAPI()

    @app.get("/hello/{name}")
    async def hello(name: str, request: Asked) -> dict[str, str]:
        return {"hello": name, "url": str(request.url_for("hello", name="bob"))}

    return app


def test_another_app_is_mounted_into_ours(sqlite_url: str) -> None:
    """What is below the prefix goes to the other app, which knows where it is mounted; all else is ours."""

    async def main() -> None:
        app = shop(database=Database(sqlite_url), mounts={"/legacy": legacy()})
        async with asking(app) as client:
            assert (await client.get("/legacy/hello/ada")).json() == {"hello": "ada", "url": "http://outer.test/legacy/hello/bob"}
            assert (await client.get("/legacy/nowhere")).json() == {"detail": "Not Found"}
            assert (await client.get("/legacyish")).json()["title"] == "Not found"
            assert (await client.get("/v1/authors")).status_code == 200
        await app.close()

    asyncio.run(main())


def test_mounts_nest(sqlite_url: str) -> None:
    """FastAPI in ours in FastAPI: each sees its part of the path."""

    async def main() -> None:
        outer, middle = FastAPI(), shop(database=Database(sqlite_url), mounts={"/legacy": legacy()})
        outer.mount("/shop", middle)
        async with asking(outer) as client:
            found = (await client.get("/shop/legacy/hello/ada")).json()
            assert found["url"] == "http://outer.test/shop/legacy/hello/bob"
        await middle.close()

    asyncio.run(main())


def test_the_location_of_a_new_row_is_below_the_mount() -> None:
    """Clients follow what they are told."""

    async def main() -> None:
        async with Client(shop(), root_path="/shop") as client:
            staff = await client.app.given(_staff())
            made = await client.post("/v1/authors", {"name": "Ursula"}, as_=staff)
            assert made.headers["location"] == f"/shop/v1/authors/{made.json()['id']}"
            assert await client.app.count(Author) == 1

    asyncio.run(main())


def _staff() -> Any:
    from tests.bookshop_model import Customer

    return Customer(email="boss@example.org", is_staff=True)


def test_an_app_that_cannot_open_says_why_and_tries_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed opening is not remembered: what was mended works without a restart."""

    async def main() -> None:
        app = App(database=Database(sqlite_url))
        monkeypatch.setenv("BACKWRIGHT_WORKERS", "many")
        with pytest.raises(Exception, match="BACKWRIGHT_WORKERS"):
            await app.open()
        monkeypatch.setenv("BACKWRIGHT_WORKERS", "1")
        await app.open()
        await app.close()

    asyncio.run(main())


def test_what_is_mounted_starts_and_ends_with_the_app(sqlite_url: str) -> None:
    """Its lifespan runs around its requests, and they share its state; several apps end in the other order."""
    told: list[str] = []

    def mounted(name: str) -> FastAPI:
        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncGenerator[dict[str, str]]:
            told.append(f"{name} starts")
            yield {"name": name}
            told.append(f"{name} ends")

        made = FastAPI(lifespan=lifespan)

        @made.get("/name")
        async def named(request: Asked) -> str:
            return str(request.state.name)

        return made

    async def main() -> None:
        app = shop(database=Database(sqlite_url), mounts={"/one": mounted("one"), "/two": mounted("two")})
        async with asking(app) as client:
            assert [(await client.get(f"/{name}/name")).json() for name in ("one", "two")] == ["one", "two"]
        await app.close()

    asyncio.run(main())
    assert told == ["one starts", "two starts", "two ends", "one ends"]


def test_a_mounted_app_that_does_not_start_stops_ours(sqlite_url: str) -> None:
    """The message is its own, what started before it ends, and nothing of ours stays open."""
    ended: list[bool] = []

    @asynccontextmanager
    async def fine(_: FastAPI) -> AsyncGenerator[None]:
        yield
        ended.append(True)

    @asynccontextmanager
    async def broken(_: FastAPI) -> AsyncGenerator[None]:
        raise RuntimeError("no licence key")
        yield

    async def main() -> None:
        app = shop(database=Database(sqlite_url), mounts={"/fine": FastAPI(lifespan=fine), "/broken": FastAPI(lifespan=broken)})
        with pytest.raises(MountFailed, match=r"/broken.*no licence key"):
            await app.open()
        assert app._running is None

    asyncio.run(main())
    assert ended == [True]


def test_an_app_without_a_lifespan_is_served(sqlite_url: str) -> None:
    """A plain ASGI function that knows requests only is no reason not to start."""

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def main() -> None:
        app = shop(database=Database(sqlite_url), mounts={"/plain": plain})
        async with asking(app) as client:
            assert (await client.get("/plain/x")).status_code == 204
        await app.close()

    asyncio.run(main())


def test_who_gives_up_waiting_for_a_start_leaves_nothing_running() -> None:
    """A mounted app that never answers is cancelled with the opening that waits for it."""
    ended: list[bool] = []

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def main() -> None:
        starting = asyncio.ensure_future(Lifespan("/silent", silent).start())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await asyncio.sleep(0)
        assert ended == [True]  # here: the loop's own end would cancel it too

    asyncio.run(main())
