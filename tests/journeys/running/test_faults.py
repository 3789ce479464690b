"""Faults from outside: the process killed in the middle of writing, the database away and back."""

import json
import threading
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import Served, project, serving, until
from tests.support.wire import wired

WRITERS = 4
ENOUGH = 40


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """The variables of a server on each database."""
    return {} if request.param == "sqlite" else {"DATABASE_URL": request.getfixturevalue("postgres_url")}


def write_until_it_dies(server: Served, acknowledged: list[dict[str, Any]]) -> None:
    """Create notes one after the other and keep those that were acknowledged."""
    connection = server.connect()
    try:
        while True:
            answer = server.ask("POST", "/v1/notes", {"text": f"note {len(acknowledged)}"}, connection)
            if answer.status == 201:
                acknowledged.append(answer.json())
    except (OSError, HTTPException):
        return
    finally:
        connection.close()


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, environment: dict[str, str]) -> None:
    """Killed while four clients write, and started again: every note with a 201 is there, whole, and writing goes on."""
    acknowledged: list[dict[str, Any]] = []
    with serving(project(tmp_path), **environment) as server:
        writers = [threading.Thread(target=write_until_it_dies, args=(server, acknowledged)) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        until(lambda: len(acknowledged) >= ENOUGH, lambda: f"{ENOUGH} notes; there are {len(acknowledged)}")
        server.stop(9)
        for writer in writers:
            writer.join()

    with serving(tmp_path, **environment) as server:
        connection = server.connect()
        lost = [note for note in acknowledged if server.ask("GET", f"/v1/notes/{note['id']}", None, connection).body != as_json(note)]
        assert lost == []
        assert server.ask("POST", "/v1/notes", {"text": "on"}, connection).status == 201
        connection.close()


def as_json(note: dict[str, Any]) -> bytes:
    """A note as the server writes it."""
    return json.dumps(note, separators=(",", ":")).encode()


def test_a_database_that_goes_away_comes_back(tmp_path: Path, postgres_url: str) -> None:
    """While it is away requests are answered 503 with Retry-After and the server is not ready; then all is well again, and it is told."""
    with wired(postgres_url) as (wire, url), serving(project(tmp_path, "postgresql"), DATABASE_URL=url) as server:
        assert server.ask("POST", "/v1/notes", {"text": "before"}).status == 201

        wire.cut()
        answers = [server.ask("GET", "/v1/notes"), server.ask("POST", "/v1/notes", {"text": "away"})]
        server.line("database_lost")
        assert [a.status for a in answers] == [503, 503]
        assert all(int(a.headers["retry-after"]) >= 1 for a in answers)
        assert server.ask("GET", "/health/ready").status == 503
        assert server.ask("GET", "/health/live").status == 200

        wire.mend()
        server.line("database_back")
        assert [note["text"] for note in server.ask("GET", "/v1/notes").json()["items"]] == ["before"]
        assert server.ask("GET", "/health/ready").status == 200
