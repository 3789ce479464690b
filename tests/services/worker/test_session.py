"""Sessions: their folder, their record, and that they cannot be completed without their outputs."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backwright.worker import journal
from backwright.worker.protocol import opening, state
from backwright.worker.protocol.completion import Incomplete
from backwright.worker.protocol.heartbeat import Heartbeat
from backwright.worker.protocol.logger import WorkerLogger
from backwright.worker.protocol.phase import PhaseTimeout
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.startup import find_root
from backwright.worker.protocol.worklog import newest
from tests.support.sessions import events, walked
from tests.support.trees import plant

NOW = datetime(2026, 11, 21, 22, 5, tzinfo=UTC)


def begin(project: Path, **more: Any) -> Session:
    """A session for a usual task."""
    return opening.start("Deliver the bookshop", project, clock=lambda: NOW, **more)


def test_a_session_has_its_folder_and_files(tmp_path: Path) -> None:
    """Alone, it lies in .backwright/sessions/ under its id, with every file and folder of the protocol."""
    opened = begin(tmp_path)

    assert opened.folder == tmp_path / ".backwright/sessions/2026-11-21-22-05-deliver-the-bookshop"
    for name in ("STATE.json", "EVENTS.jsonl", "DEBUG.jsonl", "SESSION.md", "workers/json", "workers/prompts", "workers/decisions"):
        assert (opened.folder / name).exists()


def test_two_sessions_of_one_minute_are_two(tmp_path: Path) -> None:
    """The second gets a folder of its own, and its id still has the form."""
    first, second = begin(tmp_path), begin(tmp_path)

    assert first.folder != second.folder
    assert re.fullmatch(r"\d{4}(-\d\d){4}-[a-z0-9-]+", second.id)


def test_a_root_that_is_given_is_used(tmp_path: Path) -> None:
    """With a session root, the session is made in there."""
    assert begin(tmp_path, session_root=tmp_path / "elsewhere").folder.parent == tmp_path / "elsewhere"


def test_a_coordinators_session_is_joined_and_left_alone(tmp_path: Path) -> None:
    """What stands in the shared state stays; the worker adds its own part; the event says joined."""
    shared = tmp_path / "Docs/hive-mind/sessions/2026-11-21-10-00-build-the-whole-shop"
    plant(shared, {"STATE.json": '{"status": "running", "phase": 2, "workers": {"api-designer": {"status": "done"}}}'})
    opened = begin(tmp_path, session_root=shared)
    held = state.read(shared)

    assert opened.folder == shared
    assert (held["status"], held["phase"], held["workers"]["api-designer"]) == ("running", 2, {"status": "done"})
    assert held["workers"]["backend-worker"]["status"] == "active"
    assert events(shared)[0]["type"] == "session_joined"


def test_an_unreadable_state_is_kept_aside(tmp_path: Path) -> None:
    """A state that is no JSON is not thrown away."""
    shared = tmp_path / "2026-11-21-10-00-build-the-whole-shop"
    plant(shared, {"STATE.json": '{"status": "run'})
    begin(tmp_path, session_root=shared)

    assert (shared / "STATE.json.unreadable").read_text() == '{"status": "run'
    assert state.read(shared)["workers"]["backend-worker"]["status"] == "active"


def test_lines_have_exactly_their_keys(tmp_path: Path) -> None:
    """Events and debug lines have the keys of the protocol in its order, times in UTC, and no session id."""
    log = WorkerLogger(tmp_path, "backend-worker", clock=lambda: NOW)
    log.log_event("built", {"table": "books"}, "completed")
    log.log_event("noted", "no status")
    log.log_debug("INFO", "why", {"file": "a.py"})
    log.log_debug("ERROR", "no context")
    keys = [list(record) for name in ("EVENTS", "DEBUG") for record in journal.records(tmp_path / f"{name}.jsonl")]

    assert keys == [
        ["timestamp", "type", "agent", "details", "status"],
        ["timestamp", "type", "agent", "details"],
        ["timestamp", "level", "agent", "message", "context"],
        ["timestamp", "level", "agent", "message"],
    ]
    assert events(tmp_path)[0]["timestamp"] == "2026-11-21T22:05:00.000Z"


def test_starting_reads_what_must_be_read(tmp_path: Path) -> None:
    """Instructions, the newest work log entries and open escalations are read, and the event says so."""
    log = "# Log\n\n## 2026-01-01 old\na\n\n## 2026-03-01 new\nb\n"
    shared = tmp_path / "sessions/2026-11-21-10-00-build-the-whole-shop"
    decisions = {"001-a.json": '{"status": "open", "to": "code-architect"}', "002-b.json": '{"status": "answered"}', "003-c.json": "{"}
    plant(tmp_path, {"CLAUDE.md": "Be kind.", "WORKLOG.md": log})
    plant(shared / "workers/decisions", decisions)
    opened = begin(tmp_path, session_root=shared)

    assert opened.context.instructions == "Be kind."
    assert [entry.splitlines()[0] for entry in opened.context.worklog] == ["## 2026-03-01 new", "## 2026-01-01 old"]
    assert [one["to"] for one in opened.context.escalations] == ["code-architect"]
    told = next(e["details"] for e in events(shared) if e["type"] == "context_read")

    assert (told["files"], told["worklog_entries"], told["open_escalations"]) == (["CLAUDE.md", "WORKLOG.md"], 2, 1)
    assert told["findings"] == ["workers/decisions/003-c.json cannot be read as a decision"]


def test_undated_entries_stay_in_their_order() -> None:
    """Without dates, the first entry of the file counts as the newest."""
    assert newest("## one\nx\n## two\ny") == ("## one\nx", "## two\ny")


def test_the_root_is_where_version_control_is(tmp_path: Path) -> None:
    """From a folder inside, the folder with .git is the root, though a package file lies nearer."""
    plant(tmp_path, {".git/HEAD": "", "packages/shop/pyproject.toml": "", "packages/shop/src/a.txt": ""})

    assert find_root(tmp_path / "packages/shop/src") == tmp_path


def test_a_phase_is_told_of(tmp_path: Path) -> None:
    """Its beginning and its end are events, and the state names it while it runs."""
    opened = begin(tmp_path)
    with opened.phase("survey", 60) as phase:
        assert state.of_worker(opened.folder, "backend-worker")["phase"] == "survey"
        assert 0 < phase.remaining <= 60

    assert [e["type"] for e in events(opened.folder)][-2:] == ["phase_started", "phase_completed"]
    assert state.of_worker(opened.folder, "backend-worker")["phase"] is None


def test_a_phase_that_runs_over_fails(tmp_path: Path) -> None:
    """A phase past its deadline raises, and is told of as failed."""
    opened = begin(tmp_path)
    with pytest.raises(PhaseTimeout, match="survey"), opened.phase("survey", 0.0):
        pass

    assert "phase_failed" in [e["type"] for e in events(opened.folder)]


def test_a_failing_phase_is_told_of(tmp_path: Path) -> None:
    """The reason of a failure is in the event, and the failure goes on."""
    opened = begin(tmp_path)
    with pytest.raises(ValueError, match="no design"), opened.phase("design", 60):
        raise ValueError("no design")

    assert events(opened.folder)[-1]["details"]["reason"] == "ValueError: no design"


def test_a_heartbeat_tells_what_is_used(tmp_path: Path) -> None:
    """A beat names the phase, processor seconds and memory, in the events and in the state."""
    opened = begin(tmp_path)
    with opened.phase("prove", 60):
        Heartbeat(opened.log).beat()
    beat = next(e for e in events(opened.folder) if e["type"] == "heartbeat")

    assert beat["details"]["phase"] == "prove"
    assert beat["details"]["cpu_seconds"] > 0
    assert state.of_worker(opened.folder, "backend-worker")["heartbeat"]


def test_it_beats_by_itself(tmp_path: Path) -> None:
    """While the block runs, beats come without being asked for; afterwards none."""
    opened = begin(tmp_path)
    with opened.beating(every=0.001):
        while not any(e["type"] == "heartbeat" for e in events(opened.folder)):
            pass
    after = len(events(opened.folder))

    assert len(events(opened.folder)) == after


def test_an_escalation_carries_its_evidence(tmp_path: Path) -> None:
    """It is an open decision with the reason and the evidence; the next session that joins reads it."""
    opened = begin(tmp_path)
    place = opened.escalate("security-auditor", "tokens never expire", {"standard": "access.tokens"})
    again = opening.start("x", tmp_path, session_root=opened.folder, clock=lambda: NOW + timedelta(hours=1))

    assert json.loads(place.read_text())["evidence"] == {"standard": "access.tokens"}
    assert [one["to"] for one in again.context.escalations] == ["security-auditor"]


def test_there_are_four_specialists(tmp_path: Path) -> None:
    """Nobody else can be escalated to."""
    with pytest.raises(ValueError, match="code-architect"):
        begin(tmp_path).escalate("somebody", "why", {})


def test_it_cannot_be_completed_without_outputs(tmp_path: Path) -> None:
    """Completing without the outputs raises, names both, is told of, and leaves the session active."""
    opened = walked(begin(tmp_path))
    with pytest.raises(Incomplete) as caught:
        opened.complete("done")

    assert caught.value.missing == ("backend_notes.md has not been written", "backend_response.json has not been written")
    assert events(opened.folder)[-1]["type"] == "completion_refused"
    assert state.read(opened.folder)["status"] == "active"


def test_outputs_that_were_put_there_do_not_count(tmp_path: Path) -> None:
    """Files written past the logger are not the worker's outputs."""
    opened = walked(begin(tmp_path))
    plant(opened.folder, {"backend_notes.md": "x", "backend_response.json": "{}"})

    assert len(opened.checklist()) == 2


def test_a_failed_session_says_why(tmp_path: Path) -> None:
    """A session may end without outputs only as failed."""
    opened = begin(tmp_path)
    opened.fail("the design is broken")

    assert state.read(opened.folder)["status"] == "failed"
    assert events(opened.folder)[-1]["details"] == {"result": "the design is broken"}
