"""A session that a coding agent drives through the command line: the program looks for itself before it records a step."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backwright.cli.main import app
from backwright.worker.protocol.completion import unfinished
from backwright.worker.prove import harness
from backwright.worker.prove.target import Target
from backwright.worker.report import notes, response
from backwright.worker.report.proof import Proof
from tests.support.proof import PASSES, shop
from tests.support.report import delivery
from tests.support.sessions import events
from tests.support.trees import plant

NEW = "tests/unit/test_refund.py"
RUN = f"{sys.executable} {NEW}"


def run(*words: str | Path) -> Result:
    """Run a command of the program."""
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def project(tmp_path: Path) -> Target:
    """A shop under version control, without refunds."""
    made = shop(tmp_path)
    (made.dir / ".git").mkdir()
    return made


def begun(project: Target) -> Path:
    """The folder of a session for it."""
    done = run("session", "start", "Add refunds to the shop", "--in", project.dir, "--task", "SHOP-4")
    assert done.exit_code == 0
    return Path(done.output.strip())


def planned(project: Target) -> Path:
    """A session whose plan is reviewed."""
    folder = begun(project)
    for words in (
        ["import", "--not-needed", "the task says it"], ["survey"], ["plan", "--file", NEW, "--file", "refund.py"], ["plan_review"],
    ):  # fmt: skip
        assert run("session", "step", folder, *words).exit_code == 0, words
    return folder


def test_the_whole_way(project: Target) -> None:
    """Every step in its turn, both outputs, the work log; then the check ends with 0."""
    folder = planned(project)
    plant(project.dir, {NEW: "from refund import refund\n\nassert refund(3) == 3\n"})
    assert run("session", "step", folder, "tests_written", "--file", NEW, "--run", RUN).exit_code == 0
    plant(project.dir, {"refund.py": "def refund(price):\n    return price\n"})
    assert run("session", "step", folder, "code_written", "--file", "refund.py").exit_code == 0
    assert "holds no claim" in run("session", "step", folder, "proof").output
    harness.prove(project, [PASSES])
    assert run("session", "step", folder, "proof").exit_code == 0
    assert run("session", "step", folder, "security_review").exit_code == 0
    assert run("session", "step", folder, "account", "--not-needed", "there is no design").exit_code == 0
    texts = {
        "n.md": notes.notes(delivery(folder.name), Proof(project.dir)),
        "r.json": json.dumps(response.response(delivery(folder.name), Proof(project.dir), folder, strict=True)),
    }
    plant(folder, texts)
    assert run("session", "save-json", folder, folder / "r.json").exit_code == 2
    assert run("session", "save-analysis", folder, folder / "n.md").exit_code == 0
    assert run("session", "save-json", folder, folder / "r.json").exit_code == 0
    plant(folder, {"deliverable.md": "## Implementation: refunds\n"})
    assert run("session", "step", folder, "deliverable").exit_code == 0
    assert run("session", "step", folder, "work_log").exit_code == 0
    assert run("session", "check", folder).exit_code == 1
    assert run("session", "complete", folder, "refunds are there").exit_code == 0
    assert run("session", "check", folder).exit_code == 0 and unfinished(folder) == []
    assert "SHOP-4: Add refunds to the shop (backend-worker)" in (project.dir / "WORKLOG.md").read_text()
    assert "completed" in run("session", "list", project.dir).output
    assert "– account (not needed: there is no design)" in run("session", "show", folder).output


def test_a_step_before_its_turn(project: Target) -> None:
    """It is refused, and what comes first is named."""
    done = run("session", "step", begun(project), "proof")

    assert done.exit_code == 2 and "record import first" in done.output


def test_code_that_was_there_before_its_tests(project: Target) -> None:
    """A file that is as it was when the tests were recorded was not written behind them."""
    folder = planned(project)
    plant(project.dir, {NEW: "assert 0\n", "refund.py": "x = 1\n"})
    run("session", "step", folder, "tests_written", "--file", NEW, "--run", RUN)
    done = run("session", "step", folder, "code_written", "--file", "refund.py")

    assert done.exit_code == 2 and "were so before the tests were written: refund.py" in done.output


def test_tests_that_pass_at_once(project: Target) -> None:
    """They are recorded as passing, and new code behind them keeps the session from its end."""
    folder = planned(project)
    plant(project.dir, {NEW: "assert 1\n"})
    run("session", "step", folder, "tests_written", "--file", NEW, "--run", RUN)
    plant(project.dir, {"refund.py": "x = 1\n"})
    run("session", "step", folder, "code_written", "--file", "refund.py")

    assert [e["details"]["how"] for e in events(folder) if e["type"] == "tests_seen"] == ["passing"]
    assert "code was created that no test needs (passing): refund.py" in unfinished(folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "--not-needed", "obvious"], "always needed"),
        (["import", "--file", "gone.yaml"], "there is no gone.yaml"),
        (["import"], "--not-needed WHY"),
        (["notes"], "save-analysis"),
    ],
)
def test_what_is_not_taken(project: Target, words: list[str], said: str) -> None:
    """Files that are not there, steps that are always needed, steps with a command of their own."""
    folder = begun(project)
    if words[0] == "plan":
        run("session", "step", folder, "import", "--not-needed", "x")
        run("session", "step", folder, "survey")
    done = run("session", "step", folder, *words)

    assert done.exit_code == 2 and said in done.output


def test_a_plan_over_the_threshold_waits_for_an_answer(project: Target) -> None:
    """The architect's decision file is asked for, read back, and told."""
    plant(project.dir, {"docs/development/workflows/task-workflow.md": "More than 1 file needs a review\n"})
    folder = begun(project)
    for words in (["import", "--not-needed", "x"], ["survey"], ["plan", "--file", NEW, "--file", "refund.py"]):
        run("session", "step", folder, *words)
    assert run("session", "step", folder, "plan_review").exit_code == 2
    assert run("session", "answer", folder, "1", "approved", "--by", "ada").exit_code == 0
    done = run("session", "step", folder, "plan_review")

    assert done.exit_code == 0, done.output


def test_what_the_program_tells_alone(project: Target) -> None:
    """Nobody records a claim or a step by saying so; other words are free, and so are other agents."""
    folder = begun(project)

    assert run("session", "log", folder, "step_completed", '{"step": "proof"}').exit_code == 2
    assert run("session", "log", folder, "question", '{"about": "refunds"}', "--agent", "api-designer").exit_code == 0
    assert (events(folder)[-1]["agent"], events(folder)[-1]["details"]) == ("api-designer", {"about": "refunds"})


def test_what_is_no_session(tmp_path: Path) -> None:
    """Every command says so in a sentence."""
    for words in (["show"], ["step", "survey"], ["log", "a", "b"], ["complete", "x"], ["answer", "1", "x", "--by", "y"]):
        done = run("session", words[0], tmp_path, *words[1:])
        assert done.exit_code == 2 and "Traceback" not in done.output, words
    assert run("session", "check", tmp_path).exit_code == 1


def test_synthesis_of_two(project: Target, tmp_path: Path) -> None:
    """Conflicts and what is left out are printed, the whole is written, the status says so."""
    body = response.response(delivery("a"), Proof(project.dir), tmp_path, strict=True)
    plant(tmp_path, {"a/backend_response.json": json.dumps(body), "b/backend_response.json": json.dumps(body | {"session_id": "b"})})
    plant(tmp_path, {"c/backend_response.json": '{"torn', "d/x.md": ""})
    done = run("synthesize", *(tmp_path / name for name in "abcd"), "--json", tmp_path / "all.json")

    assert done.exit_code == 1 and "several have implemented it" in done.output
    left_out = json.loads((tmp_path / "all.json").read_text())["left_out"]
    assert [one["reasons"][0][:12] for one in left_out] == ["it is no JSO", "there is no "]
    assert run("synthesize", tmp_path / "a").exit_code == 0
    assert run("synthesize", tmp_path / "d").exit_code == 2


def test_triggers_on_the_command_line() -> None:
    """The status answers, too."""
    assert run("triggers", "Add a REST endpoint for refunds").exit_code == 0
    assert run("triggers", "The server brought our food").exit_code == 1
    assert run("triggers").exit_code == 2
    assert "half that was held out: 108 sentences, precision" in run("triggers", "--measure").output
