"""The protocol under bad input: what cannot be read is a finding with a name, and the session stays readable and can go on."""

import json
import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backwright.cli.main import app
from backwright.worker import journal
from backwright.worker.protocol import coordination, decisions, opening, state, steps, worklog
from backwright.worker.protocol.completion import unfinished
from backwright.worker.protocol.record import read
from backwright.worker.protocol.steps import Step
from tests.support.sessions import events, walked
from tests.support.trees import plant

NOW = datetime(2026, 11, 22, 1, 20, tzinfo=UTC)
COORDINATED = "Docs/hive-mind/sessions/2026-11-22-01-00-build-the-whole-shop"


def begin(project: Path, **more: object) -> opening.Session:
    """A session for a usual task."""
    return opening.start("Deliver the bookshop", project, clock=lambda: NOW, **more)  # type: ignore[arg-type]


# --- startup ----------------------------------------------------------------------------------------------------------


def test_instructions_that_are_a_folder(tmp_path: Path) -> None:
    """A finding; the rest is read."""
    plant(tmp_path, {"CLAUDE.md/x": "", "WORKLOG.md": "## one\n"})

    assert begin(tmp_path).context.findings == ("CLAUDE.md is a folder: it is not read",)


def test_instructions_of_ten_megabytes(tmp_path: Path) -> None:
    """A bounded part is read, and said so."""
    plant(tmp_path, {"CLAUDE.md": "Never do this.\n" * 700_000})
    context = begin(tmp_path).context

    assert len(context.instructions) <= 1_000_000 and len(context.constraints) == 40
    assert context.findings == ("CLAUDE.md is longer than 1,000,000 bytes: the rest is left out",)


def test_instructions_that_are_not_utf_8(tmp_path: Path) -> None:
    """What can be read is read; the place is named."""
    (tmp_path / "CLAUDE.md").write_bytes(b"Never say \xff\n")
    context = begin(tmp_path).context

    assert context.constraints[0].text == "Never say �"
    assert context.findings == ("CLAUDE.md is not UTF-8 (byte 10): what is wrong reads �",)


def test_all_that_is_read(tmp_path: Path) -> None:
    """Instructions, guidelines, records, designs, entries of the given task only, and what others handed in."""
    shared = tmp_path / COORDINATED
    plant(
        tmp_path,
        {
            "CLAUDE.md": "# R\n- Never guess\n",
            "docs/development/workflows/task-workflow.md": "## Review\n* 9 files\n\n* Coverage at least 90%\n",
            "docs/development/workflows/agent-coordination.md": "The architect must approve migrations.\n",
            "docs/adr/0001-a.md": "# 1. SQLite first\n",
            "docs/project/api-design/openapi.yaml": "x",
            "WORKLOG.md": "## 2026-01-01 SHOP-1 a\n\n## 2026-01-02 SHOP-12 b\n\n## 2026-01-03 SHOP-1: c\n",
        },
    )
    plant(shared, {"workers/api_designer_notes.md": "x", "workers/json/painter.json": "{}", "STATE.json": "{}"})
    context = begin(tmp_path, session_root=shared, task_id="SHOP-1").context

    assert [str(one) for one in context.constraints] == [
        "Never guess (CLAUDE.md:2)",
        "The architect must approve migrations. (docs/development/workflows/agent-coordination.md:1)",
    ]
    assert [(one.subject, one.most) for one in context.thresholds] == [("files", 9)]
    assert [one.bound for one in context.gates] == [90.0]
    assert [one.text for one in context.records] == ["1. SQLite first"]
    assert context.designs == ("docs/project/api-design/openapi.yaml",)
    assert [entry.splitlines()[0] for entry in context.worklog] == ["## 2026-01-03 SHOP-1: c", "## 2026-01-01 SHOP-1 a"]
    assert context.received == ("workers/api_designer_notes.md",)
    assert "Never guess (CLAUDE.md:2)" in (shared / "workers/prompts/backend-worker.md").read_text()


# --- the record -------------------------------------------------------------------------------------------------------


def test_garbage_in_the_record(tmp_path: Path) -> None:
    """Lines that are no objects are counted and left out; the session goes on."""
    folder = walked(begin(tmp_path), Step.PLAN).folder
    odd = b'{"type": 7, "agent": "backend-worker"}\n{"type": "step_completed", "agent": "backend-worker", "details": 3}\n'
    with (folder / "EVENTS.jsonl").open("ab") as file:
        file.write(b"\x00\xff\n[1]\nnull\n" + odd)
    again = opening.resume(folder, clock=lambda: NOW)

    assert list(again.record.done) == [Step.STARTUP, Step.IMPORT, Step.SURVEY]
    assert again.record.unreadable == 3
    assert events(folder)[-1]["details"]["unreadable_lines"] == 3


def test_a_record_that_is_a_folder(tmp_path: Path) -> None:
    """The checklist says so instead of falling over."""
    folder = tmp_path / "2026-11-22-01-00-build-the-whole-shop"
    (folder / "EVENTS.jsonl").mkdir(parents=True)

    assert unfinished(folder) == ["the record cannot be read: Is a directory"]


def test_a_state_that_is_a_list(tmp_path: Path) -> None:
    """A coordinator's state that is no object is left alone; this worker's part lies beside it, and that is told."""
    shared = tmp_path / COORDINATED
    plant(shared, {"STATE.json": '["mine"]'})
    opened = begin(tmp_path, session_root=shared)

    assert (shared / "STATE.json").read_text() == '["mine"]'
    assert state.of_worker(shared, "backend-worker")["status"] == "active"
    assert [e["details"]["about"] for e in events(shared) if e["type"] == "finding"] == ["STATE.json"]
    assert list(opened.record.done) == [Step.STARTUP]


def test_a_state_that_somebody_threw_away(tmp_path: Path) -> None:
    """The record is the truth: without STATE.json the session still knows how far it is, and goes on."""
    opened = walked(begin(tmp_path), Step.PROOF)
    (opened.folder / "STATE.json").unlink()

    assert steps.following(opening.resume(opened.folder).record.events) is Step.PROOF
    assert state.read(opened.folder)["status"] == "active"


def test_a_clock_that_goes_backwards(tmp_path: Path) -> None:
    """Order is that of the lines; that the clock went back is told."""
    folder = walked(begin(tmp_path), Step.PLAN).folder
    again = opening.resume(folder, clock=lambda: NOW - timedelta(days=2))
    again.finish(Step.PLAN, {})

    assert list(again.record.done)[-1] is Step.PLAN
    told = next(e["details"] for e in events(folder) if e["type"] == "session_resumed")
    assert told["clock"] == "it went backwards: the last line is of 2026-11-22T01:20:00.000Z"


def test_an_id_that_is_taken(tmp_path: Path) -> None:
    """By a folder or by a file: the next one gets a number."""
    root = tmp_path / ".backwright/sessions"
    root.mkdir(parents=True)
    (root / "2026-11-22-01-20-deliver-the-bookshop").write_text("a file")

    assert begin(tmp_path).id == "2026-11-22-01-20-deliver-the-bookshop-2"


def test_other_workers_lines_are_not_this_ones(tmp_path: Path) -> None:
    """In a shared folder, another worker's steps and end do not count."""
    shared = tmp_path / COORDINATED
    opened = begin(tmp_path, session_root=shared)
    other = begin(tmp_path, session_root=shared, worker="frontend-specialist")
    other.complete("drawn")

    assert opened.record.status == "active" and list(opened.record.done) == [Step.STARTUP]


def _hold(path: str, ready: "multiprocessing.synchronize.Event", end: "multiprocessing.synchronize.Event") -> None:
    with journal.held(Path(path)):
        ready.set()
        end.wait()


def test_two_at_once(tmp_path: Path) -> None:
    """The second process is refused with the number of the first, and let in when that has ended."""
    context = multiprocessing.get_context("fork")
    ready, end = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(tmp_path / "lock"), ready, end))
    other.start()
    ready.wait()
    with pytest.raises(journal.Held, match=f"process {other.pid} is working here"), journal.held(tmp_path / "lock"):
        pass
    end.set()
    other.join()
    with journal.held(tmp_path / "lock"):
        pass


# --- steps ------------------------------------------------------------------------------------------------------------


def test_a_skipped_step_is_refused_and_told(tmp_path: Path) -> None:
    """It raises before anything is done, and the record has the refusal."""
    opened = begin(tmp_path)
    with pytest.raises(steps.Skipped, match="code_written comes after import"), opened.step(Step.CODE):
        raise AssertionError("the block must not run")

    assert events(opened.folder)[-1]["type"] == "step_refused"


def test_going_on_with_what_is_over(tmp_path: Path) -> None:
    """A completed session, and one that never began, have nothing to go on with."""
    opened = begin(tmp_path, worker="frontend-specialist")
    opened.complete("drawn")

    with pytest.raises(opening.NoSession, match="it is completed"):
        opening.resume(opened.folder, worker="frontend-specialist")
    with pytest.raises(opening.NoSession, match="no backend-worker yet"):
        opening.resume(opened.folder)


# --- questions --------------------------------------------------------------------------------------------------------


def test_a_question_is_asked_once_answered_and_closed(tmp_path: Path) -> None:
    """The same evidence is no new question; an answer written into its file is read back; what no longer arises is closed."""
    opened = begin(tmp_path)
    ask = {"claims": {"access.rules": "one row too many"}}
    place = opened.escalate("security-auditor", "a hole", ask, condition="vulnerability", blocks=True, about="rules")

    assert opened.escalate("security-auditor", "a hole", {"claims": "else"}, condition="vulnerability", about="rules") == place
    assert decisions.blocking(opened.folder) == [f"security-auditor has not answered workers/decisions/{place.name}: a hole"]
    record = json.loads(place.read_text()) | {"decision": "accepted until Friday", "by": "ada"}
    place.write_text(json.dumps(record))
    opened.follow(frozenset({("vulnerability", "rules")}))
    opened.follow(frozenset({("vulnerability", "rules")}))

    assert decisions.blocking(opened.folder) == []
    assert [e["details"]["decision"] for e in events(opened.folder) if e["type"] == "escalation_answered"] == ["accepted until Friday"]
    opened.follow(frozenset())
    assert json.loads(place.read_text())["status"] == "closed"
    assert events(opened.folder)[-1]["type"] == "escalation_closed"


def test_a_refusal_blocks(tmp_path: Path) -> None:
    """An answer that says no keeps the session from its end."""
    opened = begin(tmp_path)
    opened.escalate("database-specialist", "a migration loses data", {}, condition="schema-change", blocks=True)
    decisions.answer(opened.folder, "001", "refused: keep the column", "bob", "now")

    assert decisions.blocking(opened.folder)[0].endswith("refused: keep the column")
    with pytest.raises(decisions.Unanswerable, match="none is open"):
        decisions.answer(opened.folder, "001", "approved", "bob", "now")


def test_numbers_are_not_given_twice(tmp_path: Path) -> None:
    """Whoever writes, each decision has its own."""
    opened = begin(tmp_path)
    plant(opened.folder / "workers/decisions", {"007-other.json": "{}", "008-torn.json": '{"a'})

    assert opened.decide("x", {}).name.startswith("009-")
    assert decisions.unreadable(opened.folder) == ["workers/decisions/008-torn.json"]


# --- hand-offs and the work log ---------------------------------------------------------------------------------------


def test_everybody_gets_what_they_need() -> None:
    """Five hand-offs and four who run beside, each with JSON, Markdown and a prompt that says how to hand in."""
    work = coordination.Work(
        project="../../..", tests=("tests/test_a.py",), code=("app.py",), unwritten={"buy": "rules/a.py"}, failing={"run.coverage": "70 %"}
    )
    hands = {hand.to: hand for hand in coordination.hand_offs(work)}

    assert set(hands) == {*coordination.HANDS_OFF_TO, *coordination.RUNS_BESIDE}
    assert hands["test-engineer"].open == ("write buy in rules/a.py; until then it answers 501", "run.coverage: 70 %")
    assert "../../../tests/test_a.py" in hands["test-engineer"].files
    assert hands["code-reviewer"].record("s", "now")["files"][1] == {"file": "../../../app.py", "what": "code"}
    for hand in hands.values():
        assert "workers/json/" in coordination.prompt(hand, "s") and hand.about in hand.markdown("s")


def test_the_work_log_is_added_to_once(tmp_path: Path) -> None:
    """An entry goes to the end, with a blank line before it; the entry of a session that was killed behind it is not written again."""
    log = tmp_path / "WORKLOG.md"
    log.write_text("# Log\n\n## 2026-01-01 old\ntext without an end")
    entry = worklog.entry("2026-11-22", "SHOP-1", "deliver", "backend-worker", "id-1", "all\nis well", "deliverable.md")

    assert [worklog.add(log, entry, "id-1"), worklog.add(log, entry, "id-1")] == [True, False]
    added = "* Session: id-1\n* Result: all is well\n* Deliverable: deliverable.md\n"
    assert log.read_text().endswith(f"without an end\n\n## 2026-11-22 SHOP-1: deliver (backend-worker)\n\n{added}")
    assert worklog.newest(log.read_text(), "SHOP-1")[0].startswith("## 2026-11-22 SHOP-1")


def test_a_new_work_log(tmp_path: Path) -> None:
    """It begins with a heading."""
    worklog.add(tmp_path / "WORKLOG.md", "## a\n", "x")

    assert (tmp_path / "WORKLOG.md").read_text() == "# Work log\n\n## a\n"


def test_the_checklist_of_a_session(tmp_path: Path) -> None:
    """Nothing begun, something left, failed: each is told."""
    assert unfinished(tmp_path) == [f"backend-worker has not begun in {tmp_path}"]
    opened = begin(tmp_path)
    assert unfinished(opened.folder)[0].startswith("steps not done: import, survey, plan,")
    assert CliRunner().invoke(app, ["session", "fail", str(opened.folder), "no power"]).exit_code == 0
    assert unfinished(opened.folder) == ["it failed: no power"]
    assert read(opened.folder, "backend-worker").status == "failed"
