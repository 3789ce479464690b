"""The harness: what breaks is not measured, what is sealed is what was seen."""

import os
from pathlib import Path

import pytest

from backwright.worker.prove import challenge, harness, process
from backwright.worker.prove.ledger import Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.verdict import Verdict
from tests.support.proof import BLIND, BREAKS, DIES, EMPTY, HANGS, PASSES, SPOILS, WRITES, shop


@pytest.mark.parametrize(
    ("standard", "reason"),
    [
        (BREAKS, "the check broke: ValueError: no such thing"),
        (DIES, "the check's process ended with status 3"),
        (HANGS, "did not end within 0.5 s"),
        (EMPTY, "it returned NoneType"),
    ],
)
def test_a_check_that_breaks_measures_nothing(tmp_path: Path, standard: Standard, reason: str) -> None:
    """An exception, a dead process, a hang and a missing answer are "not measured", with the reason."""
    found = harness.measure(standard, shop(tmp_path))

    assert found.verdict is Verdict.NOT_MEASURED
    assert reason in found.finding


def test_a_claim_holds_what_was_measured(tmp_path: Path) -> None:
    """Verdict, finding, figures, inputs with lock files, times, tools and evidence are in the claim."""
    target = shop(tmp_path)
    (made,) = harness.prove(target, [PASSES])

    assert (made.id, made.verdict, made.finding, made.figures) == ("0001-x.passes", Verdict.PROVED, "it is fine", {"size": 1})
    assert list(made.inputs) == ["pricing.py", "pyproject.toml"]
    assert made.started <= made.finished
    assert "seen" in (Ledger(target.dir).folder / made.evidence).read_text()
    assert made.replay == "backwright replay 0001-x.passes"


def test_a_check_that_writes_gets_a_copy(tmp_path: Path) -> None:
    """The project stays as it is."""
    target = shop(tmp_path)
    before = (target.dir / "pricing.py").read_text()

    assert harness.claim(WRITES, target, Ledger(target.dir)).verdict is Verdict.PROVED
    assert (target.dir / "pricing.py").read_text() == before


def test_files_that_change_meanwhile_void_the_measurement(tmp_path: Path) -> None:
    """A verdict on files that were edited while it was made is worth nothing."""
    target = shop(tmp_path)

    assert harness.claim(SPOILS, target, Ledger(target.dir)).finding == "the files changed while it was measured"


def test_the_catch_rate_stands_beside_the_green(tmp_path: Path) -> None:
    """With plants, the claim counts what was planted and what was caught."""
    target = shop(tmp_path)
    made = challenge.prove(target, [PASSES])[0][0]

    assert made.verdict is Verdict.PROVED
    assert (made.figures["faults_planted"], made.figures["faults_caught"]) == (1, 1)


def test_a_blind_check_proves_nothing(tmp_path: Path) -> None:
    """A check that passes although a fault was planted is not measured, and the fault is named."""
    target = shop(tmp_path)
    made = challenge.prove(target, [BLIND])[0][0]

    assert made.verdict is Verdict.NOT_MEASURED
    assert made.finding == "the check missed a planted fault: break"


def test_checks_side_by_side_make_one_ledger(tmp_path: Path) -> None:
    """Claims made at the same time are numbered without a gap, and each is told of."""
    target = shop(tmp_path)
    told: list[str] = []
    made = harness.prove(target, [PASSES, BLIND, BREAKS, EMPTY], at_once=4, told=lambda claim: told.append(claim.id))

    assert sorted(claim.number for claim in made) == [1, 2, 3, 4]
    assert sorted(told) == [claim.id for claim in Ledger(target.dir).claims()]


def test_credentials_do_not_reach_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the real database and the signing key are not in a check's environment."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://real")
    monkeypatch.setenv("BACKWRIGHT_SEAL_KEY", "k")
    script = "import os; print([name for name in ('DATABASE_URL', 'BACKWRIGHT_SEAL_KEY') if name in os.environ])"
    ran = process.run(process.python("timeit", "-n1", "-r1", script), tmp_path, timeout=30)

    assert ran.output.startswith("[]")


def test_what_a_check_started_ends_with_it(tmp_path: Path) -> None:
    """A program that runs out of time is ended together with its children."""
    script = f"sleep 1000 & echo $! > {tmp_path}/pid; wait"
    ran = process.run(["sh", "-c", script], tmp_path, timeout=1)
    pid = int((tmp_path / "pid").read_text())

    assert ran.status is None
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().split(")")[1].split()[0] == "Z" or os.getpgid(pid) != pid
