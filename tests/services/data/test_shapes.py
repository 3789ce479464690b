"""Representations written by the database: expansions, parts, many-references, guards; always one statement."""

import json
from datetime import date
from typing import Annotated, Any

import msgspec
import pytest

from backwright.data.sql.shapes import build_shape
from backwright.data.sql.statements import Page
from backwright.domain.access import allow, anyone, signed_in
from backwright.domain.entity import Account, Entity
from backwright.domain.fields import Id, Limits, Managed, Many, Maybe, PartOf, Secret, Wire
from tests.support.spine import Spine, spine


class Reader(Account):
    """Somebody who reads."""

    trusted: Managed[bool] = False


class Country(Entity, stamps=False, versioned=False):
    """Where authors live."""

    name: str


class Author(Entity, stamps=False, versioned=False, id_column="AuthorId"):
    """Somebody who writes, visible unless hidden."""

    name: str
    country: Id[Country] | None = None
    hidden: bool = False


class Topic(Entity, id=int, stamps=False, versioned=False, id_column="TopicNo"):
    """What a book is about."""

    word: str


class Book(Entity, id_column="BookId"):
    """A book."""

    title: Annotated[str, Limits(max_length=50)]
    author: Id[Author]
    topics: Many[Topic] = msgspec.field(default_factory=list)
    cost: Secret[int | None] = None
    printed: Annotated[date | None, Wire("printedOn")] = None


class Chapter(Entity, id_column="chapter_id"):
    """A part of a book."""

    book: PartOf[Book]
    heading: str
    guest: Id[Author] | None = None


class Note(Entity, stamps=False, versioned=False):
    """Refers to a part of something else."""

    chapter: Id[Chapter]


class Letter(Entity, stamps=False, versioned=False):
    """Refers to what only the signed-in see."""

    country: Id[Country]


class Parcel(Entity, stamps=False, versioned=False):
    """Some of what is known of it may be missing."""

    weight: float
    note: Maybe[str] = None
    sender: Annotated[Maybe[Id[Country]], Wire("the.sender's")] = None
    opened: bool | None = None


def visible(author: Author) -> bool:
    """Whether everybody may see the author."""
    return not author.hidden


def printed(book: Book) -> bool:
    """Whether the book is out."""
    return book.printed != None  # noqa: E711


ENTITIES = [Reader, Country, Author, Topic, Book, Chapter, Note, Letter, Parcel]
ACCESS = [
    allow(Author, read=visible), allow(Book, read=printed), allow(Country, read=signed_in), allow(Topic, read=anyone),
    allow(Note, read=anyone), allow(Letter, read=anyone),
]  # fmt: skip


def _one(opened: Spine, entity: type[Entity], key: Any, **shape: Any) -> dict[str, Any]:
    statement = opened.plans.statements.one(build_shape(opened.model, entity, **shape))
    return json.loads(opened.run(opened.ask(statement, id=key))[0][0])  # type: ignore[no-any-return]


def _shelf(opened: Spine, *, hidden: bool = False) -> tuple[Country, Author, Book]:
    country = Country(name="Land \"quoted\" 'é'")

    async def fill() -> tuple[Author, Book]:
        async with opened.tx() as tx:
            tx.add(country)
            author = tx.add(Author(name="Ada", country=country.id, hidden=hidden))
            topics = tx.add_many([Topic(word="sea"), Topic(word="air")])
            book = tx.add(Book(title="Waves", author=author.id, topics=[t.id for t in reversed(topics)], cost=7, printed=date(2026, 1, 2)))
            for heading in ("first", "second"):
                tx.add(Chapter(book=book.id, heading=heading, guest=author.id))
        return author, book

    author, book = opened.run(fill())
    return country, author, book


def test_a_representation_holds_fields_parts_and_many_references(database_url: str) -> None:
    """Own fields, parts in order of their ids without the way back, sorted ids of a many-reference; nothing secret."""
    with spine(database_url, ENTITIES, ACCESS) as opened:
        _, author, book = _shelf(opened)
        wire = _one(opened, Book, book.id)
        assert list(wire) == ["id", "title", "author_id", "printedOn", "created_at", "updated_at", "version", "chapters", "topic_ids"]
        assert [chapter["heading"] for chapter in wire["chapters"]] == ["first", "second"]
        assert list(wire["chapters"][0]) == ["id", "heading", "guest_id"]
        assert (wire["author_id"], wire["topic_ids"]) == (str(author.id), [1, 2])


def test_parts_and_many_references_may_be_empty(database_url: str) -> None:
    """Nothing there is an empty array, not null."""
    with spine(database_url, ENTITIES, ACCESS) as opened:
        _, author, _ = _shelf(opened)
        book = Book(title="Bare", author=author.id)
        opened.run(opened.given(book))
        wire = _one(opened, Book, book.id)
        assert (wire["chapters"], wire["topic_ids"], wire["printedOn"]) == ([], [], None)


def test_what_may_be_missing_is_left_out_while_it_is_null(database_url: str) -> None:
    """A ``Maybe`` is a key only with a value, whatever its name; any other null is shown; alone it may leave an empty object."""
    with spine(database_url, ENTITIES, ACCESS) as opened:
        country = Country(name="Land")
        opened.run(opened.given(country))
        bare, full = Parcel(weight=1.5), Parcel(weight=2, note="", sender=country.id, opened=False)
        opened.run(opened.given(bare, full))
        assert _one(opened, Parcel, bare.id) == {"id": str(bare.id), "weight": 1.5, "opened": None}
        wanted = {"id": str(full.id), "weight": 2, "note": "", "the.sender's": str(country.id), "opened": False}
        assert list(_one(opened, Parcel, full.id).items()) == list(wanted.items())
        assert _one(opened, Parcel, bare.id, keys=["note"]) == {}


def test_an_expansion_adds_the_other_row(database_url: str) -> None:
    """``expand=author`` adds ``author`` beside ``author_id``."""
    with spine(database_url, ENTITIES, ACCESS) as opened:
        country, author, book = _shelf(opened)
        wire = _one(opened, Book, book.id, expand=["author"])
        assert wire["author_id"] == wire["author"]["id"] == str(author.id)
        assert wire["author"]["country_id"] == str(country.id) and "country" not in wire["author"]


def test_expansions_nest(database_url: str) -> None:
    """``expand=author.country`` expands the author and its country, one row deep each."""
    access = [allow(Author, read=anyone), allow(Book, read=anyone), allow(Country, read=anyone)]
    with spine(database_url, ENTITIES, access) as opened:
        country, _, book = _shelf(opened)
        wire = _one(opened, Book, book.id, expand=["author.country"])
        assert wire["author"]["country"] == {"id": str(country.id), "name": country.name}


def test_only_the_fields_that_are_asked_for(database_url: str) -> None:
    """``fields=`` takes wire names, parts among them."""
    with spine(database_url, ENTITIES, ACCESS) as opened:
        _, _, book = _shelf(opened)
        assert _one(opened, Book, book.id, keys=["title", "printedOn", "cost"]) == {"title": "Waves", "printedOn": "2026-01-02"}
        assert list(_one(opened, Book, book.id, keys=["chapters"])) == ["chapters"]


def test_an_expansion_that_may_not_be_read_is_null(database_url: str) -> None:
    """The reference stays, the row behind it is not shown."""
    with spine(database_url, ENTITIES, ACCESS) as opened:
        _, author, book = _shelf(opened, hidden=True)
        wire = _one(opened, Book, book.id, expand=["author"])
        assert (wire["author_id"], wire["author"]) == (str(author.id), None)


def test_an_expansion_asks_the_callers_part_of_the_rule(database_url: str) -> None:
    """What only the signed-in may read is null in an expansion for nobody, whoever may read the row around it."""
    with spine(database_url, ENTITIES, ACCESS) as opened:
        country, _, _ = _shelf(opened)
        letter = Letter(country=country.id)
        opened.run(opened.given(letter))
        assert _one(opened, Letter, letter.id, expand=["country"])["country"] is None


@pytest.mark.parametrize("out", [True, False])
def test_a_part_is_read_by_the_rule_of_its_whole_wherever_it_stands(database_url: str, out: bool) -> None:
    """A part that something else refers to is shown in an expansion exactly if its whole may be read."""
    with spine(database_url, ENTITIES, ACCESS) as opened:
        _, author, _ = _shelf(opened)

        async def fill() -> Note:
            async with opened.tx() as tx:
                book = tx.add(Book(title="Tides", author=author.id, printed=date(2026, 1, 2) if out else None))
                return tx.add(Note(chapter=tx.add(Chapter(book=book.id, heading="h")).id))

        note = opened.run(fill())
        assert (_one(opened, Note, note.id, expand=["chapter"])["chapter"] is not None) is out


def test_whatever_its_depth_a_page_is_one_statement(database_url: str) -> None:
    """Parts, many-references and nested expansions of a whole page of rows cost one statement."""
    asked: list[str] = []
    with spine(database_url, ENTITIES, ACCESS, hook=lambda sql, seconds: asked.append(sql)) as opened:
        for _ in range(3):
            _shelf(opened)
        shape = build_shape(opened.model, Book, expand=["author.country"])
        statement = opened.plans.statements.page(shape, Page())
        asked.clear()
        rows = opened.run(opened.ask(statement, limit=50))
        assert (len(rows), len(asked)) == (3, 1)
        assert all(json.loads(row[0])["author"]["name"] == "Ada" for row in rows)
