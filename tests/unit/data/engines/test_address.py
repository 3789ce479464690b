"""Database URLs are read once, completely, and never shown with their password."""

import pytest

from backwright.data.engines.address import address, engine_at


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///shop.db", "shop.db"),
        ("sqlite:////var/shop.db", "/var/shop.db"),
        ("sqlite:///:memory:", ":memory:"),
        ("sqlite:///a%20b.db", "a b.db"),
    ],
)
def test_a_file_may_be_relative_absolute_or_in_memory(url: str, path: str) -> None:
    """Three slashes and a relative path, or four and an absolute one."""
    assert address(url).target == path


def test_options_are_read_and_the_rest_goes_to_the_driver() -> None:
    """What the kit knows has its type; what it does not know is left in the URL."""
    found = address("postgresql://me:pw@db.example:6432/shop?pool=20&wait=0.5&sslmode=require")
    assert found.options == {"pool": 20, "wait": 0.5}
    assert found.target == "postgresql://me:pw@db.example:6432/shop?sslmode=require"


def test_a_password_is_never_shown() -> None:
    """Neither the address's text nor the form for messages has it."""
    found = address("postgres://me:s3cret@db.example/shop?password=s3cret")
    assert found.shown == "postgresql://db.example/shop"
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://me:s3cret@host/db", "forms are"),
        ("shop.db", "forms are"),
        ("sqlite://shop.db", "forms are"),
        ("sqlite:///", "forms are"),
        ("sqlite:///a.db?sync=full", "unknown option 'sync'"),
        ("sqlite:///a.db?readers=many", "not a number"),
        ("sqlite:///a.db?synchronous=sometimes", "SQLite has full"),
        ("sqlite:///a.db?journal_mode=wal;DROP", "SQLite has wal"),
    ],
)
def test_a_url_that_cannot_be_read_says_what_can(url: str, says: str) -> None:
    """A wrong form, option or value is named, with what there is instead, and without the password."""
    with pytest.raises(ValueError, match=says) as error:
        engine_at(url)
    assert "s3cret" not in str(error.value)


def test_an_engine_is_chosen_by_the_url() -> None:
    """The scheme decides; nothing is opened yet."""
    assert engine_at("sqlite:///:memory:").dialect == "sqlite"
    assert engine_at("postgresql://localhost/x").dialect == "postgresql"
