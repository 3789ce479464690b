"""The bookshop's design, delivered: what is written is served as the design says, and nothing is claimed that is not so."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from backwright.testing import Client
from tests.support.delivering import DESIGN, delivered, loaded, with_rules


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bookshop with its rules, delivered once."""
    into = with_rules(tmp_path_factory.mktemp("shop") / "bookshop")
    found = delivered(DESIGN, into)
    assert found.proved, found.sentence
    return into


def session(into: Path) -> Path:
    """The newest session."""
    return max((into / ".backwright/sessions").iterdir(), key=lambda folder: folder.stat().st_mtime)


def test_served(shop: Path) -> None:
    """Signing up, looking around and being refused, over the paths and with the codes of the design."""

    async def main(client: Client) -> None:
        credentials = {"email": "ada@example.com", "password": "correct horse battery staple"}
        assert (await client.post("/v1/sign-up", credentials)).status == 201
        token = (await client.post("/v1/sign-in", credentials)).json()["access_token"]
        assert (await client.get("/v1/me", as_=token)).json()["email"] == "ada@example.com"
        assert (await client.get("/v1/books")).json() == {"items": [], "next": None}
        assert (await client.post("/v1/authors", {"name": "Ursula K. Le Guin"}, as_=token)).status == 403
        assert (await client.post("/v1/authors", {"name": "Ursula K. Le Guin"})).status == 401

    with loaded(shop) as app:
        asyncio.run(_served(app, main))


def test_rules_are_wired(shop: Path) -> None:
    """An order takes books off the shelf; too many copies are refused with what is left."""

    async def main(client: Client) -> None:
        import model  # type: ignore[import-not-found]

        author = await client.app.given(model.Author(name="Jane Austen"))
        book, ada = await client.app.given(model.Book(isbn="1", author=author.id, price=9, stock=2), model.Customer(email="a@example.com"))
        bought = await client.post("/v1/place-order", {"basket": {str(book.id): 2}}, as_=ada)
        assert (bought.status, bought.json()["total"], bought.json()["status"]) == (200, "18.0000", "placed")
        refused = await client.post("/v1/place-order", {"basket": {str(book.id): 1}}, as_=ada)
        assert (refused.status, refused.json()["type"], refused.json()["left"]) == (409, "/problems/out-of-stock", 0)
        cancelled = await client.post("/v1/cancel-order", {"order_id": bought.json()["id"]}, as_=ada)
        assert (cancelled.status, cancelled.json()["status"]) == (200, "cancelled")

    with loaded(shop) as app:
        asyncio.run(_served(app, main))


def test_contract(shop: Path) -> None:
    """The served contract, exported and compared with the design, shows no unexplained difference."""
    text = (session(shop) / "account.md").read_text()
    assert "**unexplained**" not in text
    assert "'refused': 0" in text


def test_outputs(shop: Path) -> None:
    """The session is complete: notes first, response second, every event told."""
    folder = session(shop)
    state = json.loads((folder / "STATE.json").read_text())
    assert state["status"] == "completed"
    assert [o["name"] for o in state["workers"]["backend-worker"]["outputs"]] == ["backend_notes.md", "backend_response.json"]
    response = json.loads((folder / "backend_response.json").read_text())
    assert {api["status"] for api in response["implementation"]["apis"]} == {"implemented"}
    assert "migrations/versions/0001_deliver_openapi.py" in str(response["implementation"]["database"]["migrations"])


def test_tests_first(shop: Path) -> None:
    """Tests are written before the code that makes them pass."""
    events = [json.loads(line) for line in (session(shop) / "EVENTS.jsonl").read_text().splitlines()]
    files = [file for e in events if e["type"] == "files_written" for file in e["details"]["files"]]
    seen = next(e["details"] for e in events if e["type"] == "tests_seen")
    assert max(n for n, f in enumerate(files) if f.startswith("tests/")) < files.index("model.py") < files.index("app.py")
    assert "app.py" in seen["absent"]["tests/api/test_books.py"]


def test_second_delivery(shop: Path, tmp_path: Path) -> None:
    """A second delivery finds everything as it should be, and leaves what somebody has written alone."""
    into = with_rules(tmp_path / "again")
    delivered(DESIGN, into)
    rules = into / "rules/orders.py"
    rules.write_text(rules.read_text().replace("Ordering books", "Ordering many books"))
    before = {p: p.read_bytes() for p in into.rglob("*") if p.is_file() and ".backwright" not in p.parts}
    assert delivered(DESIGN, into).proved
    after = {p: p.read_bytes() for p in into.rglob("*") if p.is_file() and ".backwright" not in p.parts}
    assert {p for p in after if "__pycache__" not in p.parts and before.get(p) != after[p]} == set()


def test_hand_changed_files(tmp_path: Path) -> None:
    """A delivered file that somebody has changed since is kept as it is."""
    into = with_rules(tmp_path / "shop")
    delivered(DESIGN, into)
    readme = into / "README.md"
    readme.write_text("# Mine\n")
    delivered(DESIGN, into)
    assert readme.read_text() == "# Mine\n"


async def _served(app: Any, main: Any) -> None:
    async with Client(app) as client:
        await main(client)
