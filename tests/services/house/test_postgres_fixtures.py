"""The database fixtures themselves: scratch databases are real, empty, apart from each other, and gone afterwards."""

import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.postgres import NoPostgres, Postgres, server, started


def names(postgres: Postgres) -> set[str]:
    return {row[0] for row in postgres.run("SELECT datname FROM pg_database")}


def test_each_test_gets_an_empty_database(postgres: Postgres, postgres_url: str) -> None:
    """`postgres_url` names a database without any table of ours, which can be written to."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

    assert postgres.run(tables, postgres_url) == []

    postgres.run("CREATE TABLE shelf (id int)", postgres_url)
    assert [row[0] for row in postgres.run(tables, postgres_url)] == ["shelf"]


def test_a_template_is_copied_with_its_rows(postgres: Postgres, new_postgres: Callable[..., str]) -> None:
    """A copy holds what its template held, and writing to the copy leaves the template as it was."""
    template = new_postgres()
    postgres.run("CREATE TABLE shelf AS SELECT 7 AS place", template)

    copy = new_postgres(template=template)
    postgres.run("INSERT INTO shelf VALUES (8)", copy)

    assert [row[0] for row in postgres.run("SELECT place FROM shelf ORDER BY place", copy)] == [7, 8]
    assert [row[0] for row in postgres.run("SELECT place FROM shelf", template)] == [7]


def test_scratch_databases_do_not_outlive_the_session(postgres: Postgres) -> None:
    """When a session's server handle is closed, the databases made through it are gone."""
    mine = Postgres(postgres.url)
    made = {urlsplit(mine.create()).path.lstrip("/") for _ in range(2)}
    assert made <= names(postgres)

    mine.drop_all()

    assert not made & names(postgres)


def test_a_declared_server_that_is_away_is_never_replaced(tmp_path: Path) -> None:
    """With DATABASE_URL set, an unreachable server is an error that says so; no other server is used in its place."""
    with pytest.raises(NoPostgres, match="DATABASE_URL is set"), server("postgresql://postgres@127.0.0.1:1/none", tmp_path):
        pass


def test_a_server_is_started_where_none_runs() -> None:
    """The embedded server starts, makes databases, answers on them, and leaves nothing behind."""
    data = Path(tempfile.gettempdir()) / f"backwright-postgres-{secrets.token_hex(6)}"

    with started(data) as postgres:
        url = postgres.create()
        assert [list(row) for row in postgres.run("SELECT 1", url)] == [[1]]

    assert not data.exists()
