"""Steps: their inverses, their replay, their text, the dangers they carry, and the difference they are found by."""

from typing import Annotated, Any

import pytest
from hypothesis import given

from backwright.data.layout import Layout
from backwright.data.layout_of import layout_of
from backwright.data.migrations.dangers import dangers
from backwright.data.migrations.describe import describe
from backwright.data.migrations.diff import CannotMigrate, difference, irreversible
from backwright.data.migrations.replay import ImpossibleStep, replay
from backwright.data.migrations.steps import DropTable, inverses
from backwright.data.migrations.write import migration_text
from backwright.domain.fields import Limits, Unique
from backwright.domain.model import build_model
from tests.bookshop_model import bookshop
from tests.support.migrating import entity
from tests.support.random_models import layouts


def laid(hints: dict[str, Any], defaults: dict[str, Any] | None = None, **options: Any) -> Layout:
    """The layout of one book."""
    return layout_of(build_model([entity("Book", hints, defaults, **options)]))


@given(layouts(), layouts())
def test_a_difference_leads_from_one_layout_to_the_other(before: Layout, after: Layout) -> None:
    """Replayed, the steps leave no difference; their inverses lead back."""
    found = difference(before, after)
    steps = (*found.steps, *found.indexes)
    there = replay(before, steps)

    assert not difference(there, after)
    assert not difference(replay(there, inverses(steps)), before)


@given(layouts(), layouts())
def test_the_text_of_a_migration_makes_the_same_steps(before: Layout, after: Layout) -> None:
    """A written file, read again, holds the steps it was written from."""
    steps = difference(before, after).steps
    names: dict[str, Any] = {}
    exec(migration_text('It\'s a "change"\\', None, steps), names)

    assert names["steps"] == steps and names["down_revision"] is None


@given(layouts())
def test_inverses_undo_each_other(layout: Layout) -> None:
    """The inverse of the inverse is the step itself."""
    steps = difference(Layout(), layout).steps

    assert inverses(inverses(steps)) == steps


def test_a_new_database_is_in_no_danger() -> None:
    """Tables that are created by the migration itself are empty."""
    assert dangers(difference(Layout(), layout_of(bookshop())).steps) == []


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (laid({}), laid({"a": str}), "the table must be empty"),
        (laid({"a": str}), laid({}), "its values are lost"),
        (laid({"a": int}), laid({"a": str}), "rewrites the whole table"),
        (laid({"a": int | None}, {"a": None}), laid({"a": int}), "fails while a row holds NULL"),
        (laid({"a": int}), laid({"a": Annotated[int, Limits(ge=0)]}), "checked against every row"),
        (laid({"a": int}), laid({"a": Unique[int]}), "while two rows agree in a"),
        (laid({}), Layout(), "all its rows are lost"),
    ],
)
def test_dangers_are_named(before: Layout, after: Layout, says: str) -> None:
    """Each rewrite, long lock and loss is a sentence."""
    found = difference(before, after)

    assert any(says in line for line in dangers((*found.steps, *found.indexes)))


def test_a_rename_is_not_guessed() -> None:
    """Unsaid it is a drop and an add with its loss declared; said, it is one step."""
    before, after = laid({"a": int | None}, {"a": None}), laid({"b": int | None}, {"b": None})

    assert difference(before, after).losses == ("book.a",)
    assert list(map(describe, difference(before, after, ["book.a:b"]).steps)) == ["rename column book.a to b"]


@pytest.mark.parametrize("rename", ["book", "book.x:y", "nothing:else", ":"])
def test_a_rename_of_nothing_is_refused(rename: str) -> None:
    """A wrong --rename is an error, not a drop."""
    with pytest.raises(CannotMigrate):
        difference(laid({"a": int}), laid({"b": int}), [rename])


def test_the_type_of_an_id_cannot_change() -> None:
    """There is no faithful way; the message says what to do."""
    with pytest.raises(CannotMigrate, match="declare a new entity"):
        difference(laid({}), laid({}, id=int))


def test_what_cannot_be_brought_back_is_declared() -> None:
    """A dropped column without a default that may not be null makes the migration irreversible."""
    assert "book.a" in irreversible(difference(laid({"a": int}), laid({})).steps)
    assert irreversible(difference(laid({"a": int}, {"a": 1}), laid({})).steps) == ""


def test_steps_must_fit() -> None:
    """A step on something that is not there is an error that names it."""
    with pytest.raises(ImpossibleStep, match="DropTable needs 'book'"):
        replay(Layout(), [DropTable(laid({}).table("book"))])
