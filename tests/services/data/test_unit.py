"""The unit of work: what was added, changed and removed is written once, in the order of references."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pytest

from backwright.data.errors import ReferenceViolated, UniqueViolated
from backwright.data.unit import StaleRow
from backwright.domain.entity import Entity
from backwright.domain.fields import CountedIn, Id, Many, PartOf, Unique
from backwright.operations.translate import Interrupted
from tests.support.spine import Spine, call, spine


class Word(Entity, id=int, stamps=False, versioned=False, id_column="WordNo"):
    """Numbered by a sequence."""

    text: Unique[str]


class Shelf(Entity):
    """Holds books, and counts them."""

    name: str
    books: int = 0
    inside: "Id[Shelf] | None" = None


class Book(Entity, id_column="BookId"):
    """Stands on a shelf."""

    title: Unique[str]
    shelf: Annotated[Id[Shelf], CountedIn(lambda shelf: shelf.books, because="shown beside every shelf")]
    words: Many[Word] = msgspec.field(default_factory=list)
    extra: dict[str, Any] = msgspec.field(default_factory=dict)
    marks: list[int] = msgspec.field(default_factory=list)


class Page(Entity, id_column="page_id"):
    """Part of a book."""

    book: PartOf[Book]
    number: int


class Leaf(Entity):
    """Part of a part."""

    page: PartOf[Page]


ENTITIES = [Word, Shelf, Book, Page, Leaf]


class Asked:
    """The statements that ran, by their first word."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, sql: str, seconds: float) -> None:
        self.texts.append(sql)

    def writes(self) -> list[str]:
        """What was written, e.g. ``INSERT "book"``, in order; a bulk is told of once for each of its chunks."""
        words = [text.split() for text in self.texts]
        found = [f"{w[0]} {w[1 if w[0] == 'UPDATE' else 2]}" for w in words if w and w[0] in ("INSERT", "UPDATE", "DELETE")]
        return list(dict.fromkeys(found))


def test_rows_are_inserted_before_those_that_refer_to_them(database_url: str) -> None:
    """Whatever the order of adding: targets first, parts last, rows of one entity parents first."""
    asked = Asked()
    with spine(database_url, ENTITIES, hook=asked) as opened:

        async def body() -> None:
            shelf, room = Shelf(name="s"), Shelf(name="room")
            async with opened.tx() as tx:
                tx.add(shelf), tx.add(room)
                shelf.inside = room.id
                book = Book(title="t", shelf=shelf.id)
                tx.add(book)
                leaf = Leaf(page=tx.add(Page(book=book.id, number=1)).id)
                tx.add(leaf)
                asked.texts.clear()

        opened.run(body())
        assert asked.writes() == ['INSERT "shelf"', 'INSERT "book"', 'INSERT "page"', 'INSERT "leaf"']


def test_rows_are_deleted_after_those_that_refer_to_them(database_url: str) -> None:
    """Deleting a shelf, the shelf around it and its book in any order works."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            async with opened.tx() as tx:
                room = tx.add(Shelf(name="room"))
                shelf = tx.add(Shelf(name="s", inside=room.id))
                book = tx.add(Book(title="t", shelf=shelf.id))
            async with opened.tx() as tx:
                found = [await tx.lock(Shelf, room.id), await tx.lock(Shelf, shelf.id), await tx.lock(Book, book.id)]
                for row in found:
                    tx.delete(row)

        opened.run(body())
        assert opened.run(opened.all(Shelf)) == opened.run(opened.all(Book)) == []


def test_parts_go_with_their_whole(database_url: str) -> None:
    """Deleting a book deletes pages and their leaves; the transaction knows them no more."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            book, page = await _book(opened), None
            async with opened.tx() as tx:
                page = tx.add(Page(book=book.id, number=1))
                tx.add(Leaf(page=page.id))
            async with opened.tx() as tx:
                known = await tx.get(Page, page.id)
                known.number = 2
                tx.delete(await tx.get(Book, book.id))
                await tx.flush()
                assert await tx.find(Page) == await tx.find(Leaf) == []

        opened.run(body())


def test_one_row_is_one_object(database_url: str) -> None:
    """However often and by whichever way it is read, a row is the same object within a transaction."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            book = await _book(opened)
            async with opened.tx() as tx:
                first = await tx.get(Book, book.id)
                again = [await tx.lock(Book, book.id), *await tx.find(Book), (await tx.many(Book, [book.id, book.id]))[book.id]]
                assert all(item is first for item in again)

        opened.run(body())


def test_flushing_again_writes_nothing(database_url: str) -> None:
    """A second flush without a change has nothing to do, also after one of everything."""
    asked = Asked()
    with spine(database_url, ENTITIES, hook=asked) as opened:

        async def body() -> None:
            book = await _book(opened)
            async with opened.tx() as tx:
                word = tx.add(Word(text="w"))
                found = await tx.lock(Book, book.id)
                found.title, found.words, found.extra["a"] = "new", [word.id, word.id], 1
                await tx.flush()
                asked.texts.clear()
                await tx.flush()
                await tx.flush()
            assert asked.writes() == []
            assert (await _only(opened, Book)).version == 2

        opened.run(body())


def test_only_what_differs_is_written(database_url: str) -> None:
    """An update names the changed column and what the kit keeps; setting an equal value writes nothing."""
    asked = Asked()
    with spine(database_url, ENTITIES, hook=asked) as opened:

        async def body() -> None:
            book = await _book(opened)
            async with opened.tx() as tx:
                (await tx.lock(Book, book.id)).title = book.title
            assert asked.writes()[-1] != 'UPDATE "book"'
            async with opened.tx() as tx:
                (await tx.lock(Book, book.id)).title = "new"
            update = next(text for text in asked.texts if text.startswith('UPDATE "book"'))
            assert '"title"' in update and '"marks"' not in update and '"updated_at"' in update

        opened.run(body())


@pytest.mark.parametrize(
    "change",
    [lambda b: b.extra.update(deep=[1]), lambda b: b.extra["list"].append(2), lambda b: b.marks.append(3), lambda b: b.marks.clear()],
)
def test_a_change_inside_a_value_is_seen(database_url: str, change: Callable[[Book], None]) -> None:
    """JSON and lists that were changed in place are written."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            book = await _book(opened, extra={"list": [1]}, marks=[1, 2])
            async with opened.tx() as tx:
                found = await tx.lock(Book, book.id)
                change(found)
            stored = await _only(opened, Book)
            assert (stored.extra, stored.marks, stored.version) == (found.extra, found.marks, 2)

        opened.run(body())


def test_a_many_reference_is_changed_as_a_whole(database_url: str) -> None:
    """Added, replaced, emptied: the list is what is stored; each change counts as a version of the row."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            words = [Word(text=text) for text in "abc"]
            await opened.given(*words)
            book = await _book(opened, words=[words[2].id, words[0].id])
            assert (await _only(opened, Book)).words == [1, 3]
            for version, wanted in enumerate(([1, 2], [3], []), 2):
                async with opened.tx() as tx:
                    (await tx.lock(Book, book.id)).words = list(wanted)
                stored = await _only(opened, Book)
                assert (stored.words, stored.version) == (wanted, version)

        opened.run(body())


def test_a_counter_counts_by_itself(database_url: str) -> None:
    """A declared counter follows inserts, moves and deletes, whoever makes them; the transaction sees it after a refresh."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            async with opened.tx() as tx:
                one, two = tx.add_many([Shelf(name="1"), Shelf(name="2")])
                books = tx.add_many([Book(title=str(n), shelf=one.id) for n in range(3)])
                await tx.flush()
                assert one.books == 0 and (await tx.refresh(one)).books == 3
                books[0].shelf = two.id
                tx.delete(books[1])
                await tx.execute("DELETE FROM book WHERE title = :title", title="2")
                assert [(await tx.refresh(shelf)).books for shelf in (one, two)] == [0, 1]
            async with opened.tx() as tx:
                tx.add(Book(title="4", shelf=two.id))
                assert (await tx.get(Shelf, two.id)).books == 2

        opened.run(body())


def test_ids_of_a_sequence_are_there_at_once(database_url: str) -> None:
    """``id=int``: rising, known before the insert, without doubles across transactions, and enough for a bulk of thousands."""
    with spine(database_url, ENTITIES) as opened:

        async def add(count: int, prefix: str) -> list[Any]:
            async def work(session: Any, unit: Any) -> Any:
                rows = [Word(text=f"{prefix}{n}") for n in range(count)]
                for row in rows:
                    unit.add(row)
                ids[:] = [row.id for row in rows]

            ids: list[Any] = []
            await opened.executor.transact("add", call(), work)
            return ids

        async def body() -> None:
            many = await add(2_500, "x")
            more = [key for batch in await asyncio.gather(*(add(30, f"{n}-") for n in range(5))) for key in batch]
            assert sorted(many) == many and len({*many, *more}) == 2_650

        opened.run(body())


def test_a_row_that_another_changed_is_stale(database_url: str) -> None:
    """A versioned row that is written with an old version is refused, and nothing of the transaction stays."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            book = await _book(opened)
            with pytest.raises(StaleRow):
                async with opened.unit() as unit:
                    read = unit.attach(opened[Book].rows(await opened.ask(opened[Book].load, ids=[book.id]))[0])
                    read._version -= 1  # type: ignore[attr-defined]  # as it was before another's change
                    unit._before[Book, read.id] = opened[Book].objects.snapshot(read)  # pyright: ignore[reportPrivateUsage]
                    read.title = "late"  # type: ignore[attr-defined]
                    unit.add(Word(text="never"))
            assert (await _only(opened, Book)).title == "t" and await opened.all(Word) == []

        opened.run(body())


@pytest.mark.parametrize("end", [lambda tx, book: setattr(book, "title", "x"), lambda tx, book: tx.delete(book)])
def test_a_row_deleted_by_another_is_stale(database_url: str, end: Callable[[Any, Any], None]) -> None:
    """Changing or removing what is no longer there is not silently nothing."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            book = await _book(opened)
            with pytest.raises(Interrupted):
                async with opened.tx() as tx:
                    found = await tx.get(Book, book.id)
                    await tx.execute("DELETE FROM book")
                    end(tx, found)

        opened.run(body())


def test_a_missing_target_is_named_or_asked_for(database_url: str) -> None:
    """A reference to nothing fails as such; a row of the same transaction is never the suspect."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            gone = Shelf(name="gone")
            with pytest.raises(ReferenceViolated) as refused:
                async with opened.unit() as unit:
                    unit.add(gone)
                    unit.add(Book(title="t", shelf=gone.id))
                    unit.add(Page(book=gone.id, number=1))  # type: ignore[arg-type]
            assert refused.value.missing is not False

        opened.run(body())


def test_a_bulk_is_all_or_nothing(database_url: str) -> None:
    """One double among many rows leaves none of them."""
    with spine(database_url, ENTITIES) as opened:

        async def body() -> None:
            with pytest.raises(UniqueViolated):
                async with opened.unit() as unit:
                    shelf = Shelf(name="s")
                    unit.add(shelf)
                    for n in range(50):
                        unit.add(Book(title=str(n % 49), shelf=shelf.id))
            assert await opened.all(Shelf) == await opened.all(Book) == []

        opened.run(body())


async def _book(opened: Spine, **fields: Any) -> Book:
    async with opened.tx() as tx:
        shelf = tx.add(Shelf(name="s"))
        return tx.add(Book(title=fields.pop("title", "t"), shelf=shelf.id, **fields))


async def _only(opened: Spine, entity: type[Any]) -> Any:
    (row,) = await opened.all(entity)
    return row
