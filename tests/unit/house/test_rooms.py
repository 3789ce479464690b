"""The unit room's guard, and the account of missing services."""

import socket
import sqlite3
from pathlib import Path

import pytest

from tests.support.missing import missing, summary


def test_the_unit_room_has_no_network() -> None:
    """A unit test that connects a socket fails at that call."""
    with socket.socket() as outside, pytest.raises(AssertionError, match=r"socket\.connect in a unit test"):
        outside.connect(("127.0.0.1", 9))


def test_the_unit_room_has_no_database_files(tmp_path: Path) -> None:
    """A unit test that opens a database file fails at that call."""
    with pytest.raises(AssertionError, match=r"sqlite3\.connect in a unit test"):
        sqlite3.connect(tmp_path / "x.db")


def test_a_missing_service_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """With CI=true nothing is skipped for a service that should be there."""
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="missing service: Redis: not there"):
        missing("Redis", "not there")


def test_a_missing_service_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a developer's machine the test is skipped with the service's name."""
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="missing service: Redis: not there"):
        missing("Redis", "not there")


def test_the_summary_counts_by_service() -> None:
    """One line for each service, with the number of tests; other skips are none of its business."""
    reasons = ["Skipped: missing service: Redis: away", "Skipped: missing service: Redis: away", "Skipped: only on Windows"]

    assert summary(reasons) == ["2 tests did not run: Redis: away"]
