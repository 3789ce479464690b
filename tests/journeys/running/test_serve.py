"""A served project as its operator and its clients see it: started, stopped, overloaded with patience, refused."""

import json
import os
import secrets
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.serving import Reply, nobody_answers, project, serving, until


def test_sigterm_lets_the_running_request_end(tmp_path: Path) -> None:
    """A request under way is answered, nobody new is let in, and the exit status is 0."""
    with serving(project(tmp_path)) as server:
        answers: list[Reply] = []
        asking = threading.Thread(target=lambda: answers.append(server.ask("POST", "/v1/wait", {"seconds": 1.5})))
        asking.start()
        server.line("waiting")

        status = server.stop()

        asking.join()
        assert status == 0
        assert [(a.status, a.json()) for a in answers] == [(200, "waited")]
        assert nobody_answers(server)


def test_the_database_is_made_and_kept(tmp_path: Path) -> None:
    """An empty folder gets its database; what was written is there after a restart."""
    with serving(project(tmp_path)) as server:
        made = server.ask("POST", "/v1/notes", {"text": "kept"}).json()
        server.stop()

    with serving(tmp_path) as server:
        assert server.ask("GET", f"/v1/notes/{made['id']}").json() == made
        assert (tmp_path / "data" / "app.db").is_file()


def test_workers_share_the_port_and_the_limits(tmp_path: Path) -> None:
    """Two processes answer on one port, each with its half of the limit; one that dies is replaced; SIGTERM ends all with 0."""
    with serving(project(tmp_path), "--workers", "2", BACKWRIGHT_TIERS="anonymous=1000/h") as server:
        server.line("server_started", times=2)
        answer = server.ask("GET", "/v1/notes")
        assert answer.headers["x-ratelimit-limit"] == "1000"
        assert int(answer.headers["x-ratelimit-remaining"]) == 499

        victim = _children(server.process.pid)[0]
        os.kill(victim, 9)
        server.line("server_started", times=3)

        assert server.ask("GET", "/health/ready").status == 200
        assert server.stop() == 0
        assert nobody_answers(server)


def test_workers_do_not_outlive_their_parent(tmp_path: Path) -> None:
    """kill -9 of the parent ends the workers too: nobody keeps the port."""
    with serving(project(tmp_path), "--workers", "2") as server:
        server.line("server_started", times=2)
        server.stop(9)
        until(lambda: nobody_answers(server))


def test_a_request_has_a_deadline(tmp_path: Path) -> None:
    """What takes too long is answered 503 with Retry-After, and its statement is cancelled."""
    with serving(project(tmp_path), BACKWRIGHT_DEADLINE="0.5") as server:
        answer = server.ask("POST", "/v1/ponder")

        assert answer.status == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["content-type"] == "application/problem+json"
        assert server.ask("POST", "/v1/notes", {"text": "the writer is free again"}).status == 201


def test_a_client_that_goes_takes_its_statement_along(tmp_path: Path) -> None:
    """When the client disconnects, its request is cancelled, so that the next writer has its turn."""
    with serving(project(tmp_path)) as server:
        gone = server.connect()
        gone.request("POST", "/v1/ponder")
        server.line("pondering")
        gone.close()

        assert server.ask("POST", "/v1/notes", {"text": "next"}).status == 201


def _children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True).stdout
    return [int(word) for word in found.split()]


def refused(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    """How `serve` ends, and what it says, where it cannot begin."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BACKWRIGHT_") and k != "DATABASE_URL"}
    command = [sys.executable, "-m", "backwright.cli.main", "serve", str(folder), "--port", "0", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=clean | environment, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"BACKWRIGHT_ENV": "production"}, "BACKWRIGHT_SECRET_KEY is not set"),
        ({"BACKWRIGHT_ENV": "production", "BACKWRIGHT_SECRET_KEY": "changeme" * 8}, "as placeholders do"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "is the server up"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL: a database URL of an unknown form"),
        ({"BACKWRIGHT_WORKERS": "many"}, "BACKWRIGHT_WORKERS='many' does not do"),
        ({"BACKWRIGHT_TIERS": "anonymous=0/h"}, "must allow at least one request"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(environment: dict[str, str], said: str, tmp_path: Path) -> None:
    """Weak secrets in production, a missing database server, settings that do not do: status 2, the reason, no stack trace."""
    status, printed = refused(project(tmp_path), **environment)

    assert status == 2
    assert said in printed
    assert "Traceback" not in printed


def test_mistakes_in_the_declarations_are_all_named(tmp_path: Path) -> None:
    """Each with file, line and what mends it."""
    lines = "from backwright import App, Entity, allow, anyone", "class Note(Entity):", "    text: object"
    (tmp_path / "app.py").write_text("\n".join([*lines, "app = App(access=[allow(Note, read=anyone)])"]))

    status, printed = refused(tmp_path)

    assert status == 2
    assert "app.py:2: Note.text" in printed
    assert "Traceback" not in printed


def test_production_writes_json_lines_without_secrets(tmp_path: Path) -> None:
    """Every line but the first is one JSON value with time, level and event; a request is told with its id; the key is in none."""
    key = secrets.token_urlsafe(48)
    with serving(project(tmp_path), BACKWRIGHT_ENV="production", BACKWRIGHT_SECRET_KEY=key) as server:
        answer = server.ask("POST", "/v1/notes", {"text": "logged"})
        assert server.stop() == 0

    lines = server.printed.splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert len(events) == len(lines) - 1
    assert [e["event"] for e in events] == ["server_started", "request_finished", "server_stopping"]
    assert events[1]["request_id"] == answer.headers["x-request-id"]
    assert (events[1]["operation"], events[1]["status"]) == ("create_note", 201)
    assert all(e["time"].endswith("Z") and e["level"] == "info" for e in events)
    assert key not in server.printed
