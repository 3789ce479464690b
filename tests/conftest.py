"""Databases for tests, and the account of services that were missing. Rooms: unit, services, journeys, cases, typing, architecture."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.missing import missing, summary
from tests.support.postgres import NoPostgres, Postgres, server

# How long a machine takes says nothing about the code: no deadline, and no complaint that examples are made slowly.
settings.register_profile("machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("machine")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this run: DATABASE_URL, else 127.0.0.1:5432 as postgres, else one started for the session."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))  # one server for all processes of a run
    try:
        opened = server(os.environ.get("DATABASE_URL"), Path(tempfile.gettempdir()) / f"backwright-postgres-{run}")
        running = opened.__enter__()
    except NoPostgres as error:
        missing("PostgreSQL", f"{error} (start one, or set DATABASE_URL)")
    yield running
    opened.__exit__(None, None, None)


@pytest.fixture(scope="session")
def new_postgres(postgres: Postgres) -> Callable[..., str]:
    """A function that makes an empty scratch database, or a copy of one (``template=url``), and returns its URL; dropped at the end."""
    return postgres.create


@pytest.fixture(scope="session")
def postgres_session_url(postgres: Postgres) -> str:
    """The URL of one scratch database that all tests of this process share."""
    return postgres.create()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file of this test's own, not yet made."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of this test's own: the test runs once on each engine."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not tested, so that a green run does not hide it."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if lines := summary(reasons):
        terminalreporter.section("missing services")
        for line in lines:
            terminalreporter.write_line(line)
