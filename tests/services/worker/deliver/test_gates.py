"""The gates of a delivery: what waits for somebody, what blocks, what is handed over, and how it goes on."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from backwright.worker.delivery import admission
from backwright.worker.delivery.deliver import Delivered, deliver
from backwright.worker.delivery.gates import NotAgreed, Waiting
from backwright.worker.progress import Progress
from backwright.worker.protocol import decisions
from backwright.worker.protocol.completion import unfinished
from backwright.worker.protocol.record import read
from backwright.worker.report import response
from tests.support.delivering import ROOT
from tests.support.killing import sessions
from tests.support.sessions import events
from tests.support.trees import plant

DESIGN = ROOT / "tests/cases/todo/design.yaml"
WORKFLOW = "docs/development/workflows/task-workflow.md"


def go(into: Path, *, design: Path = DESIGN, **more: Any) -> Delivered:
    """A delivery that nobody is asked about."""
    return deliver([design], into, agree=lambda plan, text: True, show=Progress(StringIO()), standards=(), **more)


def test_a_plan_beyond_a_threshold_waits_and_goes_on(tmp_path: Path) -> None:
    """Nothing is written before the architect has answered; then the same session is completed, and the work log has it."""
    into = plant(
        tmp_path / "todo", {WORKFLOW: "Plans of more than 10 files need a review.\n", ".git/HEAD": "", "CLAUDE.md": "Never guess.\n"}
    )
    with pytest.raises(Waiting, match="more than 10 need a review"):
        go(into, task="SHOP-7")
    (session,) = sessions(into)
    assert not (into / "app.py").exists() and read(session, "backend-worker").status == "waiting"
    assert "Never guess. (CLAUDE.md:1)" in (session / "delivery_plan.md").read_text()

    decisions.answer(session, decisions.open_ones(session)[0]["id"], "approved", "ada", "now")
    folder, sources = admission.begun(admission.named(Path(session.name), into))
    assert (folder, sources) == (into, [str(DESIGN)])
    found = go(into, resume=session)
    assert sessions(into) == [session] == [found.session] and unfinished(session) == []
    assert "SHOP-7: deliver design into todo" in (into / "WORKLOG.md").read_text()
    assert f"* Session: {session.name}" in (into / "WORKLOG.md").read_text()


def test_a_refused_plan_is_not_written(tmp_path: Path) -> None:
    """The architect's no ends the session."""
    into = plant(tmp_path / "todo", {WORKFLOW: "Plans of more than 10 files need a review.\n"})
    with pytest.raises(Waiting):
        go(into)
    (session,) = sessions(into)
    decisions.answer(session, decisions.open_ones(session)[0]["id"], "refused: too much at once", "ada", "now")
    with pytest.raises(NotAgreed, match="too much at once"):
        go(into)
    assert not (into / "app.py").exists() and unfinished(session)[0].startswith("it failed: ")


def test_wider_access_blocks_the_end(tmp_path: Path) -> None:
    """On a project in use, what opens to everybody waits for the security-auditor: the reports are there, the end is not."""
    into, design = tmp_path / "todo", tmp_path / "design.yaml"
    design.write_text(DESIGN.read_text())
    go(into, design=design)
    design.write_text(DESIGN.read_text().replace("operationId: deleteTodo\n", "operationId: deleteTodo\n      x-access: anyone\n"))
    found = go(into, design=design)
    blocking = decisions.blocking(found.session)

    assert "allow(Todo" in (into / "access.py").read_text() and "delete=anyone" in (into / "access.py").read_text()
    assert (
        "access Todo.delete: own_todo → anyone (anybody may do it without signing in)" in (found.session / "security_review.md").read_text()
    )
    assert not found.proved and len(blocking) == 1 and blocking[0] in found.sentence and unfinished(found.session) == blocking
    assert (found.session / "backend_response.json").is_file()

    number = next(one["id"] for one in decisions.open_ones(found.session) if one["blocks"])
    decisions.answer(found.session, number, "approved: it is a public demonstration", "eve", "now")
    again = go(into, design=design)
    assert again.session == found.session and unfinished(found.session) == []


def test_a_coordinators_session(tmp_path: Path) -> None:
    """Its state stays, copies of the outputs lie in the workers' folders, everybody has a hand-off and a prompt."""
    shared = tmp_path / "Docs/hive-mind/sessions/2026-11-22-01-00-build-the-whole-shop"
    plant(shared, {"STATE.json": '{"status": "running", "workers": {"api-designer": {"status": "done"}}}', "EVENTS.jsonl": ""})
    found = go(tmp_path / "todo", session_root=shared)
    state = json.loads((shared / "STATE.json").read_text())

    assert found.session == shared and unfinished(shared) == []
    assert (state["status"], state["workers"]["api-designer"], state["workers"]["backend-worker"]["status"]) == (
        "running", {"status": "done"}, "completed",
    )  # fmt: skip
    copies = {
        "backend_notes.md": "workers/backend_notes.md", "backend_response.json": "workers/json/backend_response.json",
        "deliverable.md": "workers/backend_deliverable.md",
    }  # fmt: skip
    assert all((shared / name).read_bytes() == (shared / copy).read_bytes() for name, copy in copies.items())
    hand = json.loads((shared / "workers/json/backend_to_test_engineer.json").read_text())
    assert hand["open"] == ["write complete_todo in rules/todos.py; until then it answers 501"]
    assert all((shared / one["file"]).exists() for one in hand["files"])
    prompts = {place.stem for place in (shared / "workers/prompts").iterdir()}
    assert prompts >= {"test-engineer", "technical-writer", "security-auditor", "backend-worker"}
    assert response.misshapen(json.loads((shared / "backend_response.json").read_text())) == []


def test_a_project_that_changed_while_it_waited(tmp_path: Path) -> None:
    """Going on after somebody has edited the project begins again with a survey, in the same session.

    A person who looks at the plan and agrees has reviewed it, however large it is.
    """
    into = plant(tmp_path / "todo", {WORKFLOW: "Plans of more than 10 files need a review.\n"})
    found = go(into, asked=True)
    told = next(e["details"] for e in events(found.session) if e["type"] == "step_completed" and e["details"]["step"] == "plan_review")
    assert told["by"] == "person" and len(told["exceeded"]) == 1
    with (found.session / "EVENTS.jsonl").open() as file:
        lines = [line for line in file if '"worker_completed"' not in line and '"step":"completed"' not in line]
    (found.session / "EVENTS.jsonl").write_text("".join(lines))
    rules = into / "rules/todos.py"
    rules.write_text(rules.read_text() + "\n\nLIMIT = 3\n")
    again = go(into)

    assert again.session == found.session and unfinished(found.session) == []
    assert [e["details"]["reason"] for e in events(found.session) if e["type"] == "round_started"] == [
        "the project has changed since it was proved"
    ]
    assert "LIMIT = 3" in rules.read_text()
    rules.write_text(rules.read_text() + "\n\nLIMIT_2 = 3\n")
    assert unfinished(found.session) == []  # a session that is over stays over, whatever is written later
