"""Rules that look at other rows, and rules that look at the request: on one row, on lists and on every change, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from backwright import Account, App, Database, Entity, Id, Managed, Password, Request, Tier, Transaction, allow, exists, signed_in
from backwright.testing import Client, OpenApp, open_app


class Person(Account):
    """Somebody in teams."""


class Team(Entity):
    """Sees what is its own."""

    name: str


class Membership(Entity):
    """Who is in which team, and whether as its lead."""

    team: Id[Team]
    person: Id[Person]
    leads: bool = False


class Task(Entity):
    """Seen by its team, changed by the team's leads."""

    team: Id[Team]
    title: str
    done: bool = False
    points: Managed[int] = 0


class Bell(Entity):
    """Rung in office hours, from the house."""

    tone: str


def member(task: Task, who: Person) -> bool:
    """Whether the caller is in the task's team."""
    return exists(Membership, lambda m: m.team == task.team and m.person == who.id)


def lead(task: Task, who: Person) -> bool:
    """Whether the caller leads the task's team."""
    return exists(Membership, lambda m: m.team == task.team and m.person == who.id and m.leads)


OPENS, CLOSES = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def in_hours(bell: Bell, who: Person, request: Request) -> bool:
    """Whether the house is open and the caller in it."""
    return request.time >= OPENS and request.time < CLOSES and request.address == "192.0.2.1"


def in_time(bell: Bell, who: Person, request: Request) -> bool:
    """Whether the bell was hung before now."""
    return bell.tone != "late" and request.time < CLOSES


async def titles(tx: Transaction[Person]) -> list[str]:
    """The titles of the tasks that the caller sees."""
    return [task.title for task in await tx.query(Task).order_by(lambda t: t.title).all()]


APP = [allow(Task, read=member, write=lead), allow(Bell, read=in_hours, write=in_time), allow(titles, call=signed_in)]
Body = Callable[[OpenApp, Client], Awaitable[None]]


class World:
    """Two teams: Ada leads red and is in blue, Bob is in red."""

    ada: Person
    bob: Person
    red: Team
    blue: Team


def teams(url: str, body: Callable[[OpenApp, Client, World], Awaitable[None]]) -> None:
    """Run a test on the app with the two teams."""
    app = App(
        access=APP,
        entities=[Membership],
        sign_in=[Password(Person)],
        database=Database(),
        tiers=[Tier("anonymous", 10**6), Tier("authenticated", 10**6)],
    )

    async def main() -> None:
        async with asyncio.timeout(60), open_app(app, url) as opened, Client(opened) as client:
            world = World()
            world.ada, world.bob = await opened.given(Person(email="ada@example.org"), Person(email="bob@example.org"))
            world.red, world.blue = await opened.given(Team(name="red"), Team(name="blue"))
            await opened.given(
                Membership(team=world.red.id, person=world.ada.id, leads=True), Membership(team=world.blue.id, person=world.ada.id),
                Membership(team=world.red.id, person=world.bob.id),
            )  # fmt: skip
            await body(opened, client, world)

    asyncio.run(main())


def test_lists_and_their_totals_hold_what_may_be_seen(database_url: str) -> None:
    """A list asks the other table for each row, page by page, and so does a function's query."""

    async def body(opened: OpenApp, client: Client, w: World) -> None:
        await opened.given(*(Task(team=team.id, title=f"{team.name} {n}") for n in range(3) for team in (w.red, w.blue)))
        assert len((await client.get("/v1/tasks", as_=w.ada)).json()["items"]) == 6
        seen, cursor = list[str](), ""
        while cursor is not None:
            page = (await client.get(f"/v1/tasks?sort=title&limit=2{cursor and '&cursor=' + cursor}", as_=w.bob)).json()
            seen, cursor = seen + [item["title"] for item in page["items"]], page["next"]
        assert seen == ["red 0", "red 1", "red 2"] == await opened.as_(w.bob).call(titles)

    teams(database_url, body)


def test_one_row_is_not_found_by_others(database_url: str) -> None:
    """404 for who is not in the team, 401 for nobody."""

    async def body(opened: OpenApp, client: Client, w: World) -> None:
        task = await opened.given(Task(team=w.blue.id, title="t"))
        paths = [await client.get(f"/v1/tasks/{task.id}", as_=who) for who in (w.ada, w.bob, None)]
        assert [answer.status for answer in paths] == [200, 404, 401]

    teams(database_url, body)


def test_creation_is_judged_by_the_database(database_url: str) -> None:
    """The new row is written, judged, and taken back if the rule says no."""

    async def body(opened: OpenApp, client: Client, w: World) -> None:
        assert (await client.post("/v1/tasks", {"title": "t", "team_id": w.red.id}, as_=w.ada)).status == 201
        for who, team in ((w.ada, w.blue), (w.bob, w.red), (w.bob, w.blue)):
            assert (await client.post("/v1/tasks", {"title": "t", "team_id": team.id}, as_=who)).status == 403
        assert await opened.count(Task) == 1

    teams(database_url, body)


def test_a_change_is_judged_before_and_after(database_url: str) -> None:
    """A task may not be moved into a team that the caller does not lead, nor taken out of one."""

    async def body(opened: OpenApp, client: Client, w: World) -> None:
        red, blue = await opened.given(Task(team=w.red.id, title="r"), Task(team=w.blue.id, title="b"))
        assert (await client.patch(f"/v1/tasks/{red.id}", {"team_id": w.blue.id}, as_=w.ada)).status == 403
        assert (await client.patch(f"/v1/tasks/{blue.id}", {"team_id": w.red.id}, as_=w.ada)).status == 403
        assert (await client.patch(f"/v1/tasks/{red.id}", {"done": True}, as_=w.ada)).json()["done"] is True
        assert [task.team for task in await opened.all(Task)] == [w.red.id, w.blue.id]

    teams(database_url, body)


def test_deletion_asks_too(database_url: str) -> None:
    """Seen but not led: 403; not seen: 404; led: gone."""

    async def body(opened: OpenApp, client: Client, w: World) -> None:
        red, blue = await opened.given(Task(team=w.red.id, title="r"), Task(team=w.blue.id, title="b"))
        deleted = [(who, key) for who, key in ((w.bob, red.id), (w.bob, blue.id), (w.ada, blue.id), (w.ada, red.id))]
        assert [(await client.delete(f"/v1/tasks/{key}", as_=who)).status for who, key in deleted] == [403, 404, 403, 204]

    teams(database_url, body)


def test_a_membership_counts_from_its_commit_on(database_url: str) -> None:
    """Nothing of a relational rule is remembered: who joins sees, who leaves does not."""

    async def body(opened: OpenApp, client: Client, w: World) -> None:
        task = await opened.given(Task(team=w.blue.id, title="t"))
        await opened.given(Membership(team=w.blue.id, person=w.bob.id))
        assert (await client.get(f"/v1/tasks/{task.id}", as_=w.bob)).status == 200
        async with opened.running.engine.transaction() as session:
            await session.run("DELETE FROM membership")
        assert (await client.get(f"/v1/tasks/{task.id}", as_=w.bob)).status == 404

    teams(database_url, body)


@pytest.mark.parametrize("late", [False, True])
def test_a_rule_may_ask_the_request(database_url: str, late: bool) -> None:
    """The time and the address of the request count, for reading one, for lists, for creation and for changes."""

    async def body(opened: OpenApp, client: Client, w: World) -> None:
        bell = await opened.given(Bell(tone="c"))
        opened.clock.advance(days=(CLOSES - opened.clock.now).days + 1 if late else 0)
        one = await client.get(f"/v1/bells/{bell.id}", as_=w.ada)
        changed = await client.patch(f"/v1/bells/{bell.id}", {"tone": "d"}, as_=w.ada)
        made = await client.post("/v1/bells", {"tone": "e"}, as_=w.ada)
        wrong = await client.post("/v1/bells", {"tone": "late"}, as_=w.ada)
        listed = await client.get("/v1/bells", as_=w.ada)
        count = len(listed.json()["items"]) if listed.status == 200 else None
        if late:
            assert one.status in (403, 404) and changed.status in (403, 404) and made.status == 403 and count in (0, None)
        else:
            assert [a.status for a in (one, changed, made, wrong)] == [200, 200, 201, 403] and count == 2

    teams(database_url, body)


def test_a_rule_may_ask_for_the_address(database_url: str) -> None:
    """From elsewhere there is nothing to see."""

    async def body(opened: OpenApp, client: Client, w: World) -> None:
        bell = await opened.given(Bell(tone="c"))
        async with Client(opened, address="198.51.100.7") as away:
            assert (await away.get(f"/v1/bells/{bell.id}", as_=w.ada)).status in (403, 404)
        assert (await client.get(f"/v1/bells/{bell.id}", as_=w.ada)).status == 200

    teams(database_url, body)
