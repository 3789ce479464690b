"""Every kind of change of a model, as a migration that runs on both databases, goes down again, and leaves no difference."""

import asyncio
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest

from backwright.data.layout import Layout
from backwright.data.layout_of import layout_of
from backwright.data.migrations.checksum import checksums
from backwright.data.migrations.commands import down, make, status, up
from backwright.data.migrations.errors import MigrationError
from backwright.domain.entity import Entity, index, unique
from backwright.domain.fields import CountedIn, Id, Limits, Many, PartOf, Point, Range, Unique
from backwright.domain.model import build_model
from tests.support.migrating import Project, differs, entity, execute, seed

Entities = tuple[type[Entity], ...]


class Colour(Enum):
    """Two values."""

    RED, BLUE = "red", "blue"


class Colours(Enum):
    """The same and one more."""

    RED, BLUE, GREEN = "red", "blue", "green"


def book(hints: dict[str, Any], defaults: dict[str, Any] | None = None) -> type[Entity]:
    """A book with a title, and what is said."""
    return entity("Book", {"title": str, **hints}, defaults)


class Tag(Entity):
    """Something to refer to."""

    word: str
    books: int = 0


def keyed(kind: Any) -> type[Entity]:
    """A book with an index or a unique constraint over two fields."""

    def key(self: Any) -> object:
        return self.title, self.shelf

    return entity("Book", {"title": str, "shelf": int}, {"key": kind(key)})


def counted() -> Entities:
    """Books that are counted in their tag."""
    tag = CountedIn(lambda tag: tag.books, because="shown in lists")
    return (Tag, book({"tag": Annotated[Id[Tag], tag]}))


CHANGES: dict[str, tuple[Entities, Entities]] = {
    "add entity": ((Tag,), (Tag, book({}))),
    "drop entity": ((Tag, book({"tag": Id[Tag]})), (Tag,)),
    "drop target": ((Tag, book({"tag": Id[Tag] | None}, {"tag": None})), (book({}),)),
    "add optional": ((book({}),), (book({"note": str | None}, {"note": None}),)),
    "add with default": ((book({}),), (book({"stock": Annotated[int, Limits(ge=0)]}, {"stock": 7}),)),
    "add every kind": (
        (book({}),),
        (
            book(
                {
                    "a": bool,
                    "b": Decimal,
                    "c": Colour,
                    "d": dict[str, Any],
                    "e": list[int],
                    "f": date,
                    "g": datetime | None,
                    "h": UUID | None,
                    "i": bytes,
                    "j": float,
                    "k": Range[int] | None,
                    "l": Point | None,
                },
                {
                    "a": True,
                    "b": Decimal("1.5"),
                    "c": Colour.BLUE,
                    "d": {},
                    "e": [],
                    "f": date(2026, 1, 2),
                    "g": None,
                    "h": None,
                    "i": b"\x00x",
                    "j": 0.5,
                    "k": None,
                    "l": None,
                },
            ),
        ),
    ),
    "drop optional": ((book({"note": str | None}, {"note": None}),), (book({}),)),
    "drop with default": ((book({"stock": int}, {"stock": 3}),), (book({}),)),
    "not nullable": ((book({"note": str | None}, {"note": None}),), (book({"note": str}, {"note": "none"}),)),
    "nullable": ((book({"stock": int}, {"stock": 0}),), (book({"stock": int | None}, {"stock": 0}),)),
    "limits added": ((book({"stock": int}),), (book({"stock": Annotated[int, Limits(ge=0, lt=100)]}),)),
    "limits changed": ((book({"x": Annotated[Decimal, Limits(ge=0)]}),), (book({"x": Annotated[Decimal, Limits(ge=-1, scale=4)]}),)),
    "lengths": ((book({"x": Annotated[str, Limits(max_length=9)]}),), (book({"x": Annotated[str, Limits(min_length=1, max_length=8)]}),)),
    "pattern": ((book({"x": str}),), (book({"x": Annotated[str, Limits(pattern="^x [0-9]+$")]}),)),
    "enum value": ((book({"c": Colour}, {"c": Colour.RED}),), (book({"c": Colours}, {"c": Colours.RED}),)),
    "unique": ((book({"isbn": str}),), (book({"isbn": Unique[str]}),)),
    "unique over two": ((book({"shelf": int}),), (keyed(unique),)),
    "index": ((book({"shelf": int}),), (keyed(index()),)),
    "index dropped": ((keyed(index()),), (book({"shelf": int}),)),
    "reference": ((Tag, book({})), (Tag, book({"tag": Id[Tag] | None}, {"tag": None}))),
    "reference dropped": ((Tag, book({"tag": Id[Tag] | None}, {"tag": None})), (Tag, book({}))),
    "becomes a part": ((Tag, book({"tag": Id[Tag]})), (Tag, book({"tag": PartOf[Tag]}))),
    "many": ((Tag, book({})), (Tag, book({"tags": Many[Tag]}, {"tags": []}))),
    "many dropped": ((Tag, book({"tags": Many[Tag]}, {"tags": []})), (Tag, book({}))),
    "counter": ((Tag, book({"tag": Id[Tag]})), counted()),
    "counter dropped": (counted(), (Tag, book({"tag": Id[Tag]}))),
    "int to decimal": ((book({"x": int}),), (book({"x": Decimal}),)),
    "int to text": ((book({"x": int}),), (book({"x": str}),)),
    "more digits": ((book({"x": Annotated[Decimal, Limits(scale=2)]}),), (book({"x": Annotated[Decimal, Limits(scale=6)]}),)),
    "no such conversion": ((book({"x": bytes | None}, {"x": None}),), (book({"x": UUID | None}, {"x": None}),)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_change(name: str, database_url: str, tmp_path: Path) -> None:
    """Up from a seeded database leaves no difference; down leaves the old layout; up again works."""
    before, after = CHANGES[name]
    project = Project(build_model(before), database_url, tmp_path / "migrations")
    make(project, "before")
    asyncio.run(up(project, say=lambda _: None))
    seed(database_url, project.model)
    changed = project.becomes(*after)
    files = make(changed, name).files

    applied = asyncio.run(up(changed, say=lambda _: None))
    found = asyncio.run(status(changed))
    back = asyncio.run(down(changed, f"-{len(files)}", say=lambda _: None))
    old = differs(database_url, layout_of(project.model))
    asyncio.run(up(changed, say=lambda _: None))

    assert files and (len(applied), len(back)) == (len(files), len(files))
    assert found.code == 0, found
    assert old == []
    assert asyncio.run(status(changed)).code == 0


@pytest.mark.parametrize("name", ["add with default", "limits added", "many", "nullable", "index", "enum value", "unique"])
def test_rows_survive_up_down_up(name: str, database_url: str, tmp_path: Path) -> None:
    """What a change does not touch has the same checksums after going up, down and up."""
    before, after = CHANGES[name]
    project = Project(build_model(before), database_url, tmp_path / "migrations")
    make(project, "before")
    asyncio.run(up(project, say=lambda _: None))
    seed(database_url, project.model)
    first = asyncio.run(checksums(database_url, project.model))
    changed = project.becomes(*after)
    count = len(make(changed, name).files)

    for move in (up(changed, say=lambda _: None), down(changed, f"-{count}", say=lambda _: None), up(changed, say=lambda _: None)):
        asyncio.run(move)
        now = asyncio.run(checksums(database_url, project.model))
        assert {t: {c: now[t].columns[c] for c in held.columns} for t, held in first.items()} == {t: h.columns for t, h in first.items()}


def test_values_of_added_columns(database_url: str, tmp_path: Path) -> None:
    """Rows that are there get the declared default, and the database keeps none."""
    project = Project(build_model([book({})]), database_url, tmp_path / "migrations")
    make(project, "before")
    asyncio.run(up(project, say=lambda _: None))
    seed(database_url, project.model, rows=1)
    changed = project.becomes(book({"stock": int, "price": Decimal}, {"stock": 7, "price": Decimal("12.5")}))
    make(changed, "stock")

    asyncio.run(up(changed, say=lambda _: None))

    [(stock, price)] = execute(database_url, 'SELECT "stock", "price" FROM "book"')
    assert (stock, price) == ((7, 125000) if database_url.startswith("sqlite") else (7, Decimal("12.5")))


def test_values_keep_their_meaning_in_another_type(database_url: str, tmp_path: Path) -> None:
    """A whole number that becomes a decimal is the same number, and again when going down."""
    project = Project(build_model([book({"x": int})]), database_url, tmp_path / "migrations")
    make(project, "before")
    asyncio.run(up(project, say=lambda _: None))
    seed(database_url, project.model, rows=2)
    changed = project.becomes(book({"x": Annotated[Decimal, Limits(scale=2)]}))
    make(changed, "decimal")

    asyncio.run(up(changed, say=lambda _: None))
    middle = execute(database_url, 'SELECT "x" FROM "book" ORDER BY "x"')
    asyncio.run(down(changed, say=lambda _: None))

    assert middle == ([(100,), (200,)] if database_url.startswith("sqlite") else [(Decimal(1),), (Decimal(2),)])
    assert execute(database_url, 'SELECT "x" FROM "book" ORDER BY "x"') == [(1,), (2,)]


def test_a_required_column_needs_a_value_or_an_empty_table(database_url: str, tmp_path: Path) -> None:
    """It is refused with the column's name while there are rows, and nothing is changed; ``existing`` fills them."""
    project = Project(build_model([book({})]), database_url, tmp_path / "migrations")
    make(project, "before")
    asyncio.run(up(project, say=lambda _: None))
    seed(database_url, project.model, rows=1)
    changed = project.becomes(book({"isbn": str}))
    [path] = make(changed, "isbn").files

    with pytest.raises(MigrationError, match=r"book\.isbn may not be null"):
        asyncio.run(up(changed, say=lambda _: None))

    path.unlink()
    make(changed, "isbn", existing={"book.isbn": "'isbn of ' || \"title\""})
    asyncio.run(up(changed, say=lambda _: None))
    assert execute(database_url, 'SELECT "isbn" FROM "book"') == [("isbn of title 0",)]


@pytest.mark.parametrize("rename", ["book.title:name", "book:volume"])
def test_a_rename_keeps_the_values(rename: str, database_url: str, tmp_path: Path) -> None:
    """With --rename nothing is dropped; without it the loss is declared."""
    hints: dict[str, Any] = {"tag": Id[Tag]}
    limited = Annotated[str, Limits(max_length=50)]
    project = Project(build_model([Tag, entity("Book", {"title": limited, **hints})]), database_url, tmp_path / "migrations")
    make(project, "before")
    asyncio.run(up(project, say=lambda _: None))
    seed(database_url, project.model)
    word = "name" if "name" in rename else "title"
    changed = project.becomes(Tag, entity("Volume" if "volume" in rename else "Book", {word: limited, **hints}))
    guess = make(replace_directory(changed, tmp_path / "guess", project), "guess")
    files = make(changed, "rename", renames=[rename]).files

    asyncio.run(up(changed, say=lambda _: None))

    table = "volume" if "volume" in rename else "book"
    assert guess.losses and "DATA LOSS" in guess.files[0].read_text()
    assert asyncio.run(status(changed)).code == 0
    assert execute(database_url, f'SELECT "{word}" FROM "{table}" ORDER BY 1') == [("title 0",), ("title 1",), ("title 2",)]
    asyncio.run(down(changed, f"-{len(files)}", say=lambda _: None))
    assert differs(database_url, layout_of(project.model)) == []


def replace_directory(changed: Project, directory: Path, first: Project) -> Project:
    """The changed project in another folder that holds the first's migration."""
    make(Project(first.model, first.database_url, directory), "before")
    return Project(changed.model, changed.database_url, directory)


@pytest.mark.parametrize("run", ["insert", "delete", "move", "to none"])
def test_a_counter_counts(run: str, database_url: str, tmp_path: Path) -> None:
    """Rows that were there are counted when the counter comes; inserts, deletes and moves keep it right."""
    before, after = CHANGES["counter"]
    project = Project(build_model(before), database_url, tmp_path / "migrations")
    make(project, "before")
    asyncio.run(up(project, say=lambda _: None))
    seed(database_url, project.model)
    changed = project.becomes(*after)
    make(changed, "counter")
    asyncio.run(up(changed, say=lambda _: None))
    one, two = str(UUID(int=1)), str(UUID(int=2))
    columns = '"title", "tag_id", "created_at", "updated_at", "version"'

    execute(database_url, {
        "insert": f"""INSERT INTO "book" ("id", {columns}) SELECT '{UUID(int=77)}', {columns} FROM "book" WHERE "id" = '{one}'""",
        "delete": f"""DELETE FROM "book" WHERE "tag_id" = '{one}'""",
        "move": f"""UPDATE "book" SET "tag_id" = '{two}'""",
        "to none": """UPDATE "book" SET "title" = 'x', "tag_id" = "tag_id" """,
    }[run])  # fmt: skip

    counts = [row[0] for row in execute(database_url, 'SELECT "books" FROM "tag" ORDER BY "id"')]
    assert counts == {"insert": [2, 1, 1], "delete": [0, 1, 1], "move": [0, 3, 0], "to none": [1, 1, 1]}[run]


def test_down_to_nothing(database_url: str, tmp_path: Path) -> None:
    """After down to base no table of the model is left, and up makes them all again."""
    project = Project(build_model(CHANGES["many"][1]), database_url, tmp_path / "migrations")
    make(project, "first")
    asyncio.run(up(project, say=lambda _: None))

    asyncio.run(down(project, "base", say=lambda _: None))

    assert len(differs(database_url, layout_of(project.model))) == 3
    assert differs(database_url, Layout()) == []
    asyncio.run(up(project, say=lambda _: None))
    assert asyncio.run(status(project)).code == 0


class Hen(Entity):
    """One end of a ring."""

    lives_in: "Id[Coop] | None" = None


class Coop(Entity):
    """The other end."""

    best: Id[Hen] | None = None


def test_a_ring_of_references(database_url: str, tmp_path: Path) -> None:
    """Two entities that refer to each other are created and dropped, at once or one after the other."""
    project = Project(build_model([Tag]), database_url, tmp_path / "migrations")
    make(project, "before")
    ring = project.becomes(Tag, Hen, Coop)
    make(ring, "ring")
    make(project, "no ring")

    asyncio.run(up(ring, "0002", say=lambda _: None))
    assert differs(database_url, layout_of(ring.model)) == []
    asyncio.run(up(project, say=lambda _: None))
    assert asyncio.run(status(project)).code == 0
    asyncio.run(down(project, "base", say=lambda _: None))
