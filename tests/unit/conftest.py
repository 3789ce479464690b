"""The unit room: no I/O. A test here that opens a connection or a database file fails at the call that does it."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

_guarded = False


class UnitTestDoesIO(AssertionError):
    """A unit test reached outside: give it values, or move it to tests/services."""


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _guarded:
        return
    if event == "socket.connect" or (event == "sqlite3.connect" and arguments[0] != ":memory:"):
        raise UnitTestDoesIO(f"{event} in a unit test: give it values, or move it to tests/services")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def no_io() -> Iterator[None]:
    """Keep sockets and database files out of every unit test."""
    global _guarded
    _guarded = True
    yield
    _guarded = False
