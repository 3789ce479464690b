"""A database as a value, and as a recipe."""

from pathlib import Path

import pytest

from backwright.data.database import Database

FOLDER = Path("/srv/shop")


def test_without_a_url_it_is_a_file_in_the_folder_of_the_app() -> None:
    """SQLite in data/app.db, unless the environment says otherwise."""
    assert Database.from_environment().resolve({}, FOLDER).url == "sqlite:////srv/shop/data/app.db"


def test_the_environment_says_where() -> None:
    """DATABASE_URL is read when the recipe is resolved, not before."""
    database = Database.from_environment().resolve({"DATABASE_URL": "postgresql://db.example/shop"}, FOLDER)

    assert (database.url, database.dialect) == ("postgresql://db.example/shop", "postgresql")


def test_a_url_given_in_code_is_not_overruled() -> None:
    """A database that names its URL does not look at the environment."""
    assert Database("sqlite:///:memory:").resolve({"DATABASE_URL": "postgresql://x/y"}, FOLDER).url == "sqlite:///:memory:"


def test_options_reach_the_engine() -> None:
    """What is set in code overrules the URL; options of the other engine are ignored."""
    engine = Database("sqlite:///a.db?queue=3", queue=5, synchronous="normal", pool=9).engine()

    assert (engine._settings.queue, engine._settings.synchronous) == (5, "normal")  # type: ignore[attr-defined]


def test_passwords_are_not_shown() -> None:
    """Neither str nor repr shows the password of the URL."""
    assert "hunter2" not in f"{Database('postgresql://ann:hunter2@db.example/shop')!r}"


def test_a_bad_url_names_its_variable() -> None:
    """Whoever set the variable learns which one."""
    with pytest.raises(ValueError, match="DATABASE_URL: a database URL of an unknown form"):
        Database().resolve({"DATABASE_URL": "mysql://x"}, FOLDER)


def test_a_recipe_cannot_be_opened() -> None:
    """A recipe has no engine until it is resolved."""
    with pytest.raises(LookupError, match="resolve"):
        Database().engine()
