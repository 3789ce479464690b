"""What is promised of every change, on each way of changing (one statement, a transaction, a function) and on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from backwright.data.outbox import OutboxMessage
from backwright.testing import Client, OpenApp, open_app
from tests.support.board import WAYS, Member, Note, Topic, Way

pytestmark = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
Body = Callable[[OpenApp, Client, Member, Member], Awaitable[None]]


def board(way: Way, url: str, body: Body) -> None:
    """Run a test on the board, with Ada and Bob as members."""

    async def main() -> None:
        async with asyncio.timeout(60), open_app(way.app(), url) as opened, Client(opened) as client:
            ada, bob = await opened.given(Member(email="ada@example.org"), Member(email="bob@example.org"))
            await body(opened, client, ada, bob)

    asyncio.run(main())


# --- rules ------------------------------------------------------------------------------------------------------------


def test_nobody_has_to_sign_in_first(database_url: str, way: Way) -> None:
    """Without credentials every change is 401, whatever it is about."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        note = await opened.given(Note(author=ada.id, text="a", public=True))
        answers = [
            await way.create(client, None, text="b"),
            await way.change(client, None, note.id),
            await way.delete(client, None, note.id),
        ]
        assert [answer.status for answer in answers] == [401] * 3 and await opened.count(Note) == 1

    board(way, database_url, body)


def test_creation_judges_the_new_row(database_url: str, way: Way) -> None:
    """A row that its rule forbids is not there afterwards."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        boss = await opened.given(Member(email="boss@example.org", is_boss=True))
        assert (await way.create(client, ada, text="five", stars=5)).status == 403
        assert await opened.count(Note) == 0 and await opened.count(OutboxMessage) == 0
        assert (await way.create(client, boss, text="five", stars=5)).status in (200, 201)

    board(way, database_url, body)


def test_a_change_judges_the_old_row_and_the_new(database_url: str, way: Way) -> None:
    """Neither into what is forbidden nor out of it."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        mild, stern = await opened.given(Note(author=ada.id, text="mild"), Note(author=ada.id, text="stern", stars=5))
        assert (await way.change(client, ada, mild.id, stars=5)).status == 403
        assert (await way.change(client, ada, stern.id, stars=1)).status == 403
        assert (await way.change(client, ada, mild.id, stars=4)).status == 200
        assert [note.stars for note in await opened.all(Note)] == [4, 5]

    board(way, database_url, body)


def test_deletion_judges_the_old_row(database_url: str, way: Way) -> None:
    """What may not be deleted stays."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        mild, stern = await opened.given(Note(author=ada.id, text="mild"), Note(author=ada.id, text="stern", stars=5))
        assert (await way.delete(client, ada, stern.id)).status == 403
        assert (await way.delete(client, ada, mild.id)).status == 204
        assert [note.id for note in await opened.all(Note)] == [stern.id]

    board(way, database_url, body)


def test_unreadable_is_not_found_and_readable_is_forbidden(database_url: str, way: Way) -> None:
    """Another's private note is 404 as if it were not there, another's public one 403."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        private, public = await opened.given(Note(author=bob.id, text="p"), Note(author=bob.id, text="q", public=True))
        for act in (lambda key: way.change(client, ada, key, stars=1), lambda key: way.delete(client, ada, key)):
            answers = [await act(private.id), await act(uuid4()), await act(public.id)]
            assert [answer.status for answer in answers] == [404, 404, 403]
            assert _without_id(answers[0].json()) == _without_id(answers[1].json())
        assert await opened.count(Note) == 2

    board(way, database_url, body)


def _without_id(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name not in ("instance", "request_id")}


# --- fields -----------------------------------------------------------------------------------------------------------


def test_the_kit_sets_what_is_the_kits(database_url: str, way: Way) -> None:
    """Owner, stamps, version and managed fields come from the server, whoever asks; secrets do not come out."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        made = (await way.create(client, ada, text="a")).json()
        assert (made["author_id"], made["version"], made["checked"]) == (str(ada.id), 1, False)
        assert made["created_at"] == made["updated_at"] and "cipher" not in made
        opened.clock.advance(seconds=5)
        changed = (await way.change(client, ada, made["id"], stars=3)).json()
        assert (changed["version"], changed["created_at"]) == (2, made["created_at"]) and changed["updated_at"] > made["updated_at"]
        assert "cipher" not in changed

    board(way, database_url, body)


@pytest.mark.parametrize(
    "field",
    [
        {"checked": True},
        {"cipher": "x"},
        {"author_id": str(uuid4())},
        {"version": 7},
        {"id": str(uuid4())},
        {"created_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_nobody_sets_what_is_not_theirs(database_url: str, way: Way, field: dict[str, Any]) -> None:
    """Managed, secret, owner and kept fields in a body are refused by name, and nothing is written."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        note = await opened.given(Note(author=ada.id, text="a"))
        (name,) = field
        for answer in (await way.create(client, ada, text="b", **field), await way.change(client, ada, note.id, **field)):
            assert answer.status == 422 and answer.json()["errors"][0]["pointer"] == f"/{name}"
        stored = await opened.get(Note, note.id)
        assert (stored.version, stored.checked, stored.cipher, stored.author) == (1, False, None, ada.id) and await opened.count(Note) == 1

    board(way, database_url, body)


def test_every_problem_of_a_body_is_named(database_url: str, way: Way) -> None:
    """Limits and types are refused before anything is asked of the database."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        answer = await way.create(client, ada, text=7, stars=6, topic_id="x")
        assert answer.status == 422 and {e["pointer"] for e in answer.json()["errors"]} == {"/text", "/stars", "/topic_id"}

    board(way, database_url, body)


# --- the database's own refusals --------------------------------------------------------------------------------------


def test_a_double_is_a_conflict_that_names_its_field(database_url: str, way: Way) -> None:
    """A unique value that is taken is 409, by wire name, on creation and change."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        note, _ = await opened.given(Note(author=ada.id, text="mine"), Note(author=bob.id, text="taken"))
        for answer in (await way.create(client, ada, text="taken"), await way.change(client, ada, note.id, text="taken")):
            assert (answer.status, answer.json()["fields"]) == (409, ["text"])

    board(way, database_url, body)


def test_a_missing_target_is_named(database_url: str, way: Way) -> None:
    """A reference to nothing is 422 at its pointer, also where the database does not say which one it is."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        topic = await opened.given(Topic(name="t"))
        assert (await way.create(client, ada, text="ok", topic_id=topic.id)).status in (200, 201)
        answer = await way.create(client, ada, text="a", topic_id=uuid4())
        assert answer.status == 422 and [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/topic_id", "reference")]
        assert await opened.count(Note) == 1

    board(way, database_url, body)


# --- versions ---------------------------------------------------------------------------------------------------------


def test_a_version_counts_changes_and_only_changes(database_url: str, way: Way) -> None:
    """Each change is one version; setting what is set already is none."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        made = (await way.create(client, ada, text="a", stars=1)).json()
        versions = [(await way.change(client, ada, made["id"], stars=stars)).json()["version"] for stars in (2, 2, 3, 1)]
        assert versions == [2, 2, 3, 4]

    board(way, database_url, body)


def test_no_change_at_the_same_time_is_lost(database_url: str, way: Way) -> None:
    """Ten changes at once are ten versions."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        note = await opened.given(Note(author=ada.id, text="a"))
        answers = await asyncio.gather(*(way.change(client, ada, note.id, text=f"t{n}") for n in range(10)))
        assert [a.status for a in answers] == [200] * 10
        assert sorted(a.json()["version"] for a in answers) == list(range(2, 12))

    board(way, database_url, body)


def test_a_change_says_which_version_it_means(database_url: str, way: Way) -> None:
    """If-Match with the version that is there passes, with another it is 412; of two at once with one version, one passes."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        if not way.derived:
            return  # a function takes no If-Match
        note = await opened.given(Note(author=ada.id, text="a"))
        tag = (await client.get(f"/v1/notes/{note.id}", as_=ada)).headers["etag"]
        path, head = f"/v1/notes/{note.id}", {"if-match": tag}
        answers = await asyncio.gather(*(client.patch(path, {"stars": n}, as_=ada, headers=head) for n in (1, 2)))
        assert sorted(answer.status for answer in answers) == [200, 412]
        assert (await client.delete(path, as_=ada, headers=head)).status == 412 and await opened.count(Note) == 1

    board(way, database_url, body)


# --- idempotency ------------------------------------------------------------------------------------------------------


def test_a_repeated_request_gets_the_same_answer(database_url: str, way: Way) -> None:
    """The same key and body: the same answer to the letter, and no second effect, for creations and changes."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        first, again = [await way.create(client, ada, key="k1", text="a") for _ in range(2)]
        assert (first.status, first.body, first.headers.get("location")) == (again.status, again.body, again.headers.get("location"))
        note = first.json()["id"]
        changed = [await way.change(client, ada, note, key="k2", stars=2) for _ in range(2)]
        assert changed[0].body == changed[1].body and changed[1].json()["version"] == 2
        assert await opened.count(Note) == 1 and await opened.count(OutboxMessage) == (0 if way.derived else 1)

    board(way, database_url, body)


def test_a_key_stands_for_one_request_of_one_caller(database_url: str, way: Way) -> None:
    """Another body under the key is 409; another caller's key is another key."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        assert (await way.create(client, ada, key="k", text="a")).status in (200, 201)
        assert (await way.create(client, ada, key="k", text="b")).status == 409
        assert (await way.create(client, bob, key="k", text="c")).status in (200, 201)
        assert [note.text for note in await opened.all(Note)] == ["a", "c"]

    board(way, database_url, body)


def test_one_key_at_once_has_one_effect(database_url: str, way: Way) -> None:
    """Eight requests with one key at the same time: one note, and one answer for all."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        answers = await asyncio.gather(*(way.create(client, ada, key="k", text="a") for _ in range(8)))
        assert {answer.body for answer in answers} == {answers[0].body} and await opened.count(Note) == 1

    board(way, database_url, body)


def test_a_refused_request_leaves_its_key_free(database_url: str, way: Way) -> None:
    """What had no effect has no stored answer: the key can be used for the mended request."""

    async def body(opened: OpenApp, client: Client, ada: Member, bob: Member) -> None:
        assert (await way.create(client, ada, key="k", text="a", stars=5)).status == 403
        assert (await way.create(client, ada, key="k", text="a", topic_id=uuid4())).status == 422
        assert (await way.create(client, ada, key="k", text="a", stars=4)).status in (200, 201)
        assert await opened.count(Note) == 1

    board(way, database_url, body)
