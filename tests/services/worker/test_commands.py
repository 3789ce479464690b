"""The commands of proof: what they print, and the status that they end with."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from backwright.cli import prove as commands
from backwright.worker.prove.standard import Standard
from tests.support.proof import BLIND, BREAKS, HANGS, PASSES, shop

APP = typer.Typer()
for command in (commands.prove, commands.replay, commands.verify):
    APP.command()(command)


def known(monkeypatch: pytest.MonkeyPatch, standards: tuple[Standard, ...]) -> None:
    """Let the commands know these standards and no others."""
    for name, those in (("STANDARDS", standards), ("EVERY", standards), ("ON_REQUEST", ())):
        monkeypatch.setattr(commands, name, those)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop, and four standards to measure."""
    known(monkeypatch, (PASSES, BLIND, BREAKS, HANGS))
    return shop(tmp_path).dir


def run(*words: str | Path) -> Result:
    """Run a command."""
    return CliRunner().invoke(APP, [str(word) for word in words])


def test_all_proved_ends_with_0(project: Path) -> None:
    """One line for each claim, a count, status 0."""
    done = run("prove", project, "--only", "x.passes,x.blind")

    assert done.exit_code == 0
    assert "✓ x.passes" in done.output
    assert "2 proved" in done.output


def test_a_failure_ends_with_1(project: Path) -> None:
    """A failed standard is printed and makes the status 1."""
    (project / "pricing.py").write_text("# broken")
    done = run("prove", project, "--only", "x.passes")

    assert (done.exit_code, "✗ x.passes" in done.output) == (1, True)


def test_the_unmeasured_ends_with_1(project: Path) -> None:
    """What could not be measured is no success."""
    assert run("prove", project, "--only", "x.breaks").exit_code == 1


def test_a_challenge_prints_the_catch_rate(project: Path) -> None:
    """Caught faults stand beside the green; a blind check is not green."""
    done = run("prove", project, "--only", "x.passes,x.blind", "--challenge")

    assert "[1 of 1 planted faults caught]" in done.output
    assert "missed a planted fault: break" in done.output
    assert done.exit_code == 1


def test_claims_are_written_as_json(project: Path, tmp_path: Path) -> None:
    """The file says whether all is well, counts, and repeats the claims of this run."""
    run("prove", project, "--only", "x.passes", "--json", tmp_path / "out.json")
    body = json.loads((tmp_path / "out.json").read_text())

    assert (body["ok"], body["verdicts"]["proved"], body["claims"][0]["id"]) == (True, 1, "0001-x.passes")


def test_an_unknown_standard_ends_with_2(project: Path) -> None:
    """A mistyped id measures nothing."""
    assert run("prove", project, "--only", "x.pases").exit_code == 2


def test_verify_asks_for_every_standard(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with 0 only when each standard has a claim that holds."""
    run("prove", project, "--only", "x.passes")
    assert run("verify", project).exit_code == 1
    known(monkeypatch, (PASSES,))

    assert run("verify", project).exit_code == 0


def test_verify_exposes_a_verdict_written_by_hand(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed verdict turned to proved is exposed, with status 1."""
    known(monkeypatch, (PASSES,))
    (project / "pricing.py").write_text("# broken")
    run("prove", project)
    file = project / ".backwright/proof/ledger.jsonl"
    file.write_text(file.read_text().replace('"verdict":"failed"', '"verdict":"proved"'))
    done = run("verify", project)

    assert (done.exit_code, "it was edited, or written by hand" in done.output) == (1, True)


def test_verify_shows_what_is_stale(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edited file is named."""
    known(monkeypatch, (PASSES,))
    run("prove", project)
    (project / "pricing.py").write_text("# other")
    done = run("verify", project)

    assert (done.exit_code, "changed since: pricing.py" in done.output) == (1, True)


def test_verify_replays(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --replay every newest claim is measured again."""
    known(monkeypatch, (PASSES,))
    run("prove", project)
    done = run("verify", project, "--replay")

    assert (done.exit_code, "0001-x.passes" in done.output) == (0, True)


def test_replay_finds_a_claim_by_id_or_standard(project: Path) -> None:
    """Both words name it; a claim that is not there ends with 2."""
    run("prove", project, "--only", "x.passes")

    assert run("replay", "0001-x.passes", "--in", project).exit_code == 0
    assert run("replay", "x.passes", "--in", project).exit_code == 0
    assert run("replay", "0009-x.passes", "--in", project).exit_code == 2


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Nothing is made in its place."""
    assert run("prove", tmp_path / "nowhere").exit_code == 2
    assert not (tmp_path / "nowhere").exists()
