"""Conduit through its public API: one person writes, another reads, follows, likes and comments."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from app import app

from backwright.testing import Client, open_app

ARTICLE = {
    "title": "How to train your dragon", "description": "Ever wonder how?", "body": "Very carefully.", "tagList": ["training", "dragons"],
}  # fmt: skip
Story = Callable[["Conduit"], Awaitable[None]]


class Conduit:
    """A client that speaks the API, with two people signed up."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.clock = client.app.clock
        self.tokens: dict[str, str] = {}

    async def sign_up(self, name: str) -> dict[str, Any]:
        """Register somebody; gives the user."""
        body = {"user": {"username": name, "email": f"{name}@example.org", "password": f"{name}'s password"}}
        user: dict[str, Any] = (await self.ask("POST", "/users", body, status=201))["user"]
        self.tokens[name] = user["token"]
        return user

    async def ask(self, method: str, path: str, body: Any = None, *, by: str | None = None, status: int = 200) -> Any:
        """One request, expecting a status; gives the decoded answer."""
        headers = {"authorization": f"Token {self.tokens[by]}"} if by else {}
        given = {} if body is None else {"json": body}
        answer = await self.client.request(method, f"/api{path}", headers=headers, **given)
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.text}"
        return answer.json() if answer.text else None

    async def article(self, by: str, **changes: Any) -> dict[str, Any]:
        """Publish an article; gives it."""
        article: dict[str, Any] = (await self.ask("POST", "/articles", {"article": ARTICLE | changes}, by=by, status=201))["article"]
        return article


def tell(story: Story) -> None:
    """Run a story on a fresh database, with ann and bob signed up."""

    async def main() -> None:
        async with open_app(app) as opened, Client(opened) as client:
            conduit = Conduit(client)
            await conduit.sign_up("ann")
            await conduit.sign_up("bob")
            await story(conduit)

    asyncio.run(main())


def test_registering_and_signing_in() -> None:
    """A new user gets a token; the password opens the account, a wrong one does not; a taken name is refused with 422."""

    async def story(c: Conduit) -> None:
        cara = await c.sign_up("cara")
        assert cara["bio"] is None and cara["image"] is None
        right = {"user": {"email": "cara@example.org", "password": "cara's password"}}
        assert (await c.ask("POST", "/users/login", right))["user"]["username"] == "cara"
        wrong = {"user": {"email": "cara@example.org", "password": "guess"}}
        assert (await c.ask("POST", "/users/login", wrong, status=401))["errors"]["credentials"] == ["invalid"]
        taken = {"user": {"username": "cara", "email": "other@example.org", "password": "a password"}}
        assert (await c.ask("POST", "/users", taken, status=422))["errors"]["username"] == ["has already been taken"]

    tell(story)


def test_every_blank_field_is_named() -> None:
    """A refused registration names each blank field, and sums them up under body."""

    async def story(c: Conduit) -> None:
        errors = (await c.ask("POST", "/users", {"user": {"username": "", "email": ""}}, status=422))["errors"]
        assert errors["username"] == errors["email"] == errors["password"] == ["can't be blank"]
        assert "username can't be blank" in errors["body"]

    tell(story)


def test_changing_oneself() -> None:
    """What is given changes, what is left out stays; the new address signs in."""

    async def story(c: Conduit) -> None:
        changed = (await c.ask("PUT", "/user", {"user": {"email": "ANN@example.net", "bio": "Dragons."}}, by="ann"))["user"]
        assert (changed["email"], changed["bio"], changed["username"]) == ("ann@example.net", "Dragons.", "ann")
        assert (await c.ask("GET", "/user", by="ann"))["user"]["email"] == "ann@example.net"
        await c.ask("PUT", "/user", {"user": {"password": "another one"}}, by="ann")
        await c.ask("POST", "/users/login", {"user": {"email": "ann@example.net", "password": "another one"}})
        assert (await c.ask("GET", "/user", status=401))["errors"]["token"] == ["is missing"]

    tell(story)


def test_following() -> None:
    """Following shows in the profile as its reader sees it, and twice is once."""

    async def story(c: Conduit) -> None:
        for _ in range(2):
            assert (await c.ask("POST", "/profiles/bob/follow", by="ann"))["profile"]["following"] is True
        assert (await c.ask("GET", "/profiles/bob", by="ann"))["profile"]["following"] is True
        assert (await c.ask("GET", "/profiles/bob"))["profile"]["following"] is False
        assert (await c.ask("DELETE", "/profiles/bob/follow", by="ann"))["profile"]["following"] is False
        assert (await c.ask("GET", "/profiles/nobody", status=404))["errors"]["profile"] == ["not found"]

    tell(story)


def test_writing_and_changing_articles() -> None:
    """Articles with one title get slugs of their own; only the author changes or deletes one."""

    async def story(c: Conduit) -> None:
        first, second = await c.article("bob"), await c.article("bob")
        assert first["slug"] == "how-to-train-your-dragon" != second["slug"]
        assert first["tagList"] == ["dragons", "training"] and first["favoritesCount"] == 0
        path = f"/articles/{first['slug']}"
        c.clock.advance(seconds=5)
        changed = (await c.ask("PUT", path, {"article": {"body": "With two hands"}}, by="bob"))["article"]
        assert changed["body"] == "With two hands" and changed["updatedAt"] > first["updatedAt"]
        await c.ask("PUT", path, {"article": {"body": "no"}}, by="ann", status=403)
        await c.ask("DELETE", path, by="ann", status=403)
        await c.ask("DELETE", path, by="bob", status=204)
        assert (await c.ask("GET", path, status=404))["errors"]["article"] == ["not found"]

    tell(story)


def test_lists_and_feed() -> None:
    """Lists are newest first, without bodies, filtered by tag, author and reader, and counted in all; the feed is of those one follows."""

    async def story(c: Conduit) -> None:
        slugs = [(await c.article("bob", title=f"Dragon {n}"))["slug"] for n in range(3)]
        await c.article("ann", title="Other", tagList=["other"])
        page = await c.ask("GET", "/articles?author=bob&limit=2&offset=1")
        assert [a["slug"] for a in page["articles"]] == [slugs[1], slugs[0]] and page["articlesCount"] == 3
        assert "body" not in page["articles"][0]
        assert (await c.ask("GET", "/articles?tag=other"))["articlesCount"] == 1
        assert (await c.ask("GET", "/articles/feed", by="ann"))["articlesCount"] == 0
        await c.ask("POST", "/profiles/bob/follow", by="ann")
        assert (await c.ask("GET", "/articles/feed", by="ann"))["articlesCount"] == 3
        assert (await c.ask("GET", "/tags"))["tags"] == ["dragons", "other", "training"]

    tell(story)


def test_favourites() -> None:
    """A favourite counts once, shows only to who gave it, and can be taken back."""

    async def story(c: Conduit) -> None:
        path = f"/articles/{(await c.article('bob'))['slug']}"
        for _ in range(2):
            liked = (await c.ask("POST", f"{path}/favorite", by="ann"))["article"]
            assert (liked["favorited"], liked["favoritesCount"]) == (True, 1)
        seen = (await c.ask("GET", path, by="bob"))["article"]
        assert (seen["favorited"], seen["favoritesCount"]) == (False, 1)
        assert (await c.ask("GET", "/articles?favorited=ann"))["articlesCount"] == 1
        assert (await c.ask("DELETE", f"{path}/favorite", by="ann"))["article"]["favoritesCount"] == 0

    tell(story)


def test_comments() -> None:
    """Comments are numbered, listed with their authors, and deleted by who wrote them."""

    async def story(c: Conduit) -> None:
        path = f"/articles/{(await c.article('bob'))['slug']}/comments"
        comment = (await c.ask("POST", path, {"comment": {"body": "Nice."}}, by="ann"))["comment"]
        assert isinstance(comment["id"], int) and comment["author"]["username"] == "ann"
        assert (await c.ask("POST", path, {"comment": {"body": ""}}, by="ann", status=422))["errors"]["body"][0] == "can't be blank"
        assert [found["id"] for found in (await c.ask("GET", path))["comments"]] == [comment["id"]]
        await c.ask("DELETE", f"{path}/{comment['id']}", by="bob", status=403)
        await c.ask("DELETE", f"{path}/{comment['id']}", by="ann", status=204)
        await c.ask("DELETE", f"{path}/{comment['id']}", by="ann", status=404)

    tell(story)
