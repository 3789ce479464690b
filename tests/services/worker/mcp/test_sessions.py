"""The tools of a session, called as the server calls them: what is done by hand is looked at, and what is handed in is judged."""

import json
from pathlib import Path
from typing import Any

import pytest

from backwright.worker.mcp import offered
from backwright.worker.mcp.refused import sentence
from backwright.worker.mcp.tool import Desk
from backwright.worker.prove import harness
from backwright.worker.prove.verdict import proved
from backwright.worker.report.notes import SECTIONS
from tests.support.trees import plant

LAYERED = "code.layered"
IMPLEMENTATION: dict[str, Any] = {
    "apis": [],
    "database": {"tables_created": [], "tables_modified": [], "migrations": [], "indexes": []},
    "services": [],
    "performance": {"caching_strategy": "none", "optimizations": []},
}
RESPONSE = {"implementation": IMPLEMENTATION, "files_modified": ["prices.py"], "tests_added": [], "dependencies_added": []}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk on a small project whose promotion needs one standard, which holds."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(harness, "measure", lambda standard, target, **more: proved("0 functions keep to their layer"))
    plant(tmp_path / "shop", {"pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n'})
    return Desk(tmp_path / "shop", standards=(LAYERED,))


def call(desk: Desk, tool: str, **arguments: Any) -> dict[str, Any]:
    """What the tool answers, as JSON would carry it."""
    found = offered.tool("backwright", tool)
    return dict(json.loads(json.dumps(found.run(found.arguments(arguments), desk).data, default=str)))


def refused(desk: Desk, tool: str, **arguments: Any) -> str:
    """The sentence with which the tool refuses."""
    with pytest.raises(Exception) as error:
        call(desk, tool, **arguments)
    said = sentence(error.value)
    assert said, f"no sentence for {error.value!r}"
    return said


def report(session: str, line: str) -> str:
    """Notes in the right shape, with one line of text."""
    head = {"## Session:": f"## Session: {session}", "## Generated:": "## Generated: 2026-01-31T09:00:00Z"}
    return "\n\n".join(head.get(section, section) for section in SECTIONS) + f"\n\n{line}\n"


def test_work_by_hand(desk: Desk) -> None:
    """Without a design: each step in its turn, the copy promoted on its proof, both outputs judged, and the session completed."""
    session = call(desk, "session_start", task="Give a discount on large orders")["session"]
    assert "survey comes after import" in refused(desk, "session_step", session=session, step="survey")
    assert "name the design's files" in refused(desk, "session_step", session=session, step="import")
    call(desk, "session_step", session=session, step="import", not_needed="the task names no design")
    call(desk, "session_step", session=session, step="survey")
    files = ["tests/unit/test_prices.py", "prices.py"]
    call(desk, "session_step", session=session, step="plan", files=files)
    call(desk, "session_step", session=session, step="plan_review")

    assert "there is no tests/unit/test_prices.py" in refused(desk, "session_step", session=session, step="tests_written", files=files[:1])
    test = "from prices import discount\n\n\ndef test_discount() -> None:\n    assert discount(200) == 180\n"
    call(desk, "write_file", session=session, path=files[0], text=test)
    call(desk, "session_step", session=session, step="tests_written", files=files[:1])
    call(desk, "write_file", session=session, path=files[1], text="def discount(total: int) -> int:\n    return total * 9 // 10\n")
    call(desk, "session_step", session=session, step="code_written", files=files[1:])
    assert call(desk, "changes", session=session)["changes"] == [{"path": path, "kind": "added"} for path in sorted(files)]
    assert not (desk.project / "prices.py").exists()

    assert call(desk, "prove", session=session)["proved"]
    assert call(desk, "promote", session=session)["written"] == sorted(files)
    assert (desk.project / "prices.py").exists()
    call(desk, "session_step", session=session, step="security_review", not_needed="sign-in was not touched")
    call(desk, "session_step", session=session, step="account", not_needed="there is no design document")

    assert "is missing" in refused(desk, "save_analysis", session=session, markdown="# Report")
    assert "comes after notes" in refused(desk, "save_json", session=session, data=RESPONSE)
    ticked = "- ✅ Business logic in the service layer\n- [x] Rate limiting\n- ✓ Everything is perfect"
    notes = Path(call(desk, "save_analysis", session=session, markdown=report(session, ticked))["file"]).read_text()
    assert "Business logic in the service layer: proved" in notes
    assert "Everything is perfect: not measured" in notes
    assert "Rate limiting: not measured" in notes

    assert "implementation" in refused(desk, "save_json", session=session, data={"files_modified": []})
    place = Path(call(desk, "save_json", session=session, data=RESPONSE | {"evidence": {"verdicts": {"proved": 99}}})["file"])
    claims = {claim["standard"]: claim["verdict"] for claim in json.loads(place.read_text())["evidence"]["claims"]}
    assert (claims[LAYERED], claims["api.limited"]) == ("proved", "not measured")
    (place.parent / "deliverable.md").write_text("## Implementation: discounts\n")
    call(desk, "session_step", session=session, step="deliverable")
    assert "steps not done: work_log" in refused(desk, "session_complete", session=session, result="discounts are given")
    call(desk, "session_step", session=session, step="work_log", not_needed="no task was named and there is no work log")
    call(desk, "session_complete", session=session, result="discounts are given")
    assert call(desk, "session_list") == {
        "sessions": [{"session": session, "status": "completed", "task": "Give a discount on large orders"}]
    }


def test_a_coordinators_session_is_joined(desk: Desk) -> None:
    """By the folder that the server was given, or by name below it; nothing outside can be named."""
    folder = desk.project / "Docs/hive-mind/sessions/2026-01-31-09-00-orders-over-the-counter"
    (folder / "workers").mkdir(parents=True)
    (folder / "STATE.json").write_text('{"coordinator": "queen"}')
    inside = Desk(desk.project, sessions=folder)
    assert call(inside, "session_start", task="The orders' backend")["session"] == folder.name
    assert json.loads((folder / "STATE.json").read_text())["coordinator"] == "queen"
    above = Desk(desk.project, sessions=folder.parent)
    assert call(above, "session_start", task="The orders' backend", join=folder.name)["session"] == folder.name
    for name in ("..", "../sessions", "a/b", "x\0y"):
        assert "there is no session" in refused(above, "session_start", task="x", join=name)
    assert "holds no session" in refused(Desk(desk.project, sessions=folder), "session_start", task="x", join="workers")


def test_what_is_over_stays_as_it_is(desk: Desk) -> None:
    """A session that has ended takes no more changes."""
    session = call(desk, "session_start", task="Give a discount on large orders")["session"]
    call(desk, "session_fail", session=session, result="nobody wants it")
    for tool, more in [
        ("write_file", {"path": "x.py", "text": ""}),
        ("prove", {}),
        ("session_step", {"step": "import"}),
        ("deliver", {"agree": True}),
    ]:
        assert "is failed" in refused(desk, tool, session=session, **more)


def test_what_the_program_knows_cannot_be_told(desk: Desk) -> None:
    """Events on which verdicts, steps and promotions rest are written by the program alone."""
    session = call(desk, "session_start", task="Give a discount on large orders")["session"]
    for type in ("claim", "step_completed", "promoted", "worker_completed", "tests_seen"):
        assert "written by the program itself" in refused(desk, "session_log", session=session, type=type, details={})
    call(desk, "session_log", session=session, type="thinking", details="about prices", level="DEBUG")
    assert "about prices" in (desk.project / ".backwright/sessions" / session / "DEBUG.jsonl").read_text()


def test_reading_needs_no_session(desk: Desk) -> None:
    """Without one the project is read; with one its copy, once there is one."""
    (desk.project / "a.py").write_text("A = 1\n")
    assert call(desk, "search", pattern="A =")["matches"][0]["file"] == "a.py"
    session = call(desk, "session_start", task="Give a discount on large orders")["session"]
    call(desk, "write_file", session=session, path="a.py", text="B = 1\n")
    assert call(desk, "search", pattern="A =", session=session)["matches"] == []
    assert call(desk, "symbols_overview", path="a.py", session=session)["symbols"][0]["name"] == "B"
    call(desk, "replace_body", session=session, path="a.py", name_path="B", text="B = 2")
    assert call(desk, "read_file", path="a.py", session=session)["characters"] == len("B = 2\n")
    assert (desk.project / "a.py").read_text() == "A = 1\n"
    call(desk, "discard", session=session)
    assert call(desk, "changes", session=session)["changes"] == []
