"""One board of notes, three ways to write on it: derived in one statement, derived through a transaction, and by users' functions.

Whatever is promised of a change holds on all three; the tests of the promises run on each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from backwright import (
    Account,
    App,
    Database,
    Entity,
    Event,
    Forbidden,
    Id,
    Limits,
    Managed,
    Owner,
    Password,
    Secret,
    Tier,
    Transaction,
    Unique,
    allow,
    anyone,
    exists,
    signed_in,
)  # fmt: skip
from backwright.testing import Answer, Client

Stars = Annotated[int, Limits(ge=0, le=5)]


class Member(Account):
    """Somebody who writes notes."""

    is_boss: Managed[bool] = False


class Topic(Entity):
    """What notes are about."""

    name: Unique[str]


class Note(Entity):
    """A note on the board: five stars are for bosses to give."""

    author: Owner[Member]
    text: Unique[str]
    stars: Stars = 0
    public: bool = False
    topic: Id[Topic] | None = None
    checked: Managed[bool] = False
    cipher: Secret[str | None] = None


class Written(Event):
    """A note was written."""

    note: Id[Note]


def readable(note: Note, who: Member | None) -> bool:
    """Public notes are everybody's, others their author's."""
    return note.public or (who is not None and note.author == who.id)


def mine(note: Note, who: Member) -> bool:
    """One's own, with fewer than five stars unless one is the boss."""
    return note.author == who.id and (note.stars < 5 or who.is_boss)


def mine_asked(note: Note, who: Member) -> bool:
    """The same, asked of the database."""
    return exists(Member, lambda m: m.id == note.author and m.id == who.id and (note.stars < 5 or m.is_boss))


async def write(
    tx: Transaction[Member], text: str, stars: Stars = 0, public: bool = False, topic: Id[Topic] | None = None
) -> Note:  # fmt: skip
    """Write a note."""
    note = tx.add(Note(author=tx.caller.id, text=text, stars=stars, public=public, topic=topic))
    tx.emit(Written(note=note.id))
    await tx.flush()
    if not mine(note, tx.caller):
        raise Forbidden
    return note


async def rewrite(
    tx: Transaction[Member], note: Id[Note], text: str | None = None, stars: Stars | None = None, public: bool | None = None
) -> Note:  # fmt: skip
    """Change a note."""
    found = await tx.lock(Note, note)
    if not mine(found, tx.caller):
        raise Forbidden
    found.text = found.text if text is None else text
    found.stars = found.stars if stars is None else stars
    found.public = found.public if public is None else public
    if not mine(found, tx.caller):
        raise Forbidden
    return found


async def remove(tx: Transaction[Member], note: Id[Note]) -> None:
    """Delete a note."""
    found = await tx.lock(Note, note)
    if not mine(found, tx.caller):
        raise Forbidden
    tx.delete(found)


@dataclass(frozen=True)
class Way:
    """One way to write on the board."""

    name: str
    rule: Any

    @property
    def derived(self) -> bool:
        """Whether it is by the derived operations."""
        return self.rule is not None

    def app(self) -> App:
        """The board with this way."""
        ways = [allow(Note, read=readable, write=self.rule)] if self.derived else [
            allow(Note, read=readable), *(allow(f, call=signed_in) for f in (write, rewrite, remove)),
        ]  # fmt: skip
        return App(
            access=[*ways, allow(Topic, read=anyone, write=anyone)], sign_in=[Password(Member)], database=Database(),
            tiers=[Tier("anonymous", 10**6), Tier("authenticated", 10**6)],
        )  # fmt: skip

    async def create(self, client: Client, who: Member | None, *, key: str | None = None, **body: Any) -> Answer:
        """Write a note."""
        return await client.post("/v1/notes" if self.derived else "/v1/write", body, as_=who, headers=_key(key))

    async def change(self, client: Client, who: Member | None, note: Any, *, key: str | None = None, **body: Any) -> Answer:
        """Change a note."""
        if self.derived:
            return await client.patch(f"/v1/notes/{note}", body, as_=who, headers=_key(key))
        return await client.post("/v1/rewrite", {"note_id": note, **body}, as_=who, headers=_key(key))

    async def delete(self, client: Client, who: Member | None, note: Any) -> Answer:
        """Delete a note."""
        if self.derived:
            return await client.delete(f"/v1/notes/{note}", as_=who)
        return await client.post("/v1/remove", {"note_id": note}, as_=who)


def _key(key: str | None) -> dict[str, str]:
    return {} if key is None else {"idempotency-key": key}


WAYS = [Way("one statement", mine), Way("a transaction", mine_asked), Way("a function", None)]
Body = Callable[[Way, Client], Any]
