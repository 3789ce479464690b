"""The ledger: every way of writing in it by hand is exposed, and an edited file turns exactly its claims stale."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backwright.worker import journal
from backwright.worker.prove import harness, ledger, seal
from backwright.worker.prove.ledger import Broken, Claim, Head, Ledger
from backwright.worker.prove.replay import replay
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Verdict
from backwright.worker.prove.verify import verify
from tests.support.proof import ORDERS, PASSES, shop

Line = dict[str, Any]
APPENDER = """
import sys
from pathlib import Path
import msgspec
from backwright.worker.prove import evidence
from backwright.worker.prove.ledger import Ledger
book = Ledger(Path(sys.argv[1]))
last = book.claims()[-1]
def make(number, previous):
    name = f"{number:04d}-{last.standard}"
    kept = evidence.keep(book.folder, name, last.subject, (), "seen")
    changes = {"id": name, "number": number, "previous": previous, "seal": "", "evidence": kept.file, "evidence_digest": kept.digest}
    return msgspec.structs.replace(last, **changes)
while True:
    print(book.add(make).id, flush=True)
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A shop with three claims, measured once."""
    made = shop(tmp_path_factory.mktemp("measured"))
    for standard in (PASSES, ORDERS, PASSES):
        harness.claim(standard, made, Ledger(made.dir))
    return made


@pytest.fixture
def target(measured: Target, tmp_path: Path) -> Target:
    """A copy of that shop with its ledger."""
    shutil.copytree(measured.dir, tmp_path / "shop")
    return measured.at(tmp_path / "shop")


def forge(book: Ledger, edit: Callable[[list[Line]], list[Line]]) -> None:
    """Write the ledger anew, as somebody with an editor would."""
    lines = edit([json.loads(line) for line in book.lines()])
    book.file.write_bytes(b"".join(map(journal.encode, lines)))


def edited(**changes: Any) -> Callable[[list[Line]], list[Line]]:
    """The second claim says something else."""
    return lambda lines: [lines[0], lines[1] | changes, lines[2]]


def resealed(lines: list[Line]) -> list[Line]:
    """The second claim edited, with a seal that fits it."""
    changed = lines[1] | {"finding": "better"}
    return [lines[0], changed | {"seal": seal.of_record(changed)}, lines[2]]


def appended(lines: list[Line]) -> list[Line]:
    """One more claim, sealed and chained as it should be."""
    more = lines[-1] | {"id": "0004-x.passes", "number": 4, "previous": lines[-1]["seal"]}
    return [*lines, more | {"seal": seal.of_record(more)}]


FORGERIES: dict[str, Callable[[list[Line]], list[Line]]] = {
    "an edited verdict": edited(verdict="failed"),
    "an edited figure": edited(figures={"size": 2}),
    "an edited input": edited(inputs={}),
    "an edited time": edited(finished="2020-01-01T00:00:00.000Z"),
    "a copied seal": lambda lines: [lines[0], lines[1] | {"verdict": "failed", "seal": lines[0]["seal"]}, lines[2]],
    "a fitting seal": resealed,
    "a stale verdict": edited(verdict="stale"),
    "another verdict word": edited(verdict="excellent"),
    "one more key": edited(note="trust me"),
    "one key less": lambda lines: [lines[0], {k: v for k, v in lines[1].items() if k != "kit"}, lines[2]],
    "the first removed": lambda lines: lines[1:],
    "one in the middle removed": lambda lines: [lines[0], lines[2]],
    "the last removed": lambda lines: lines[:-1],
    "all removed": lambda lines: [],
    "two changed round": lambda lines: [lines[1], lines[0], lines[2]],
    "one twice": lambda lines: [*lines, lines[2]],
    "one written by hand at the end": appended,
    "other evidence": edited(evidence="evidence/0001-x.passes.txt"),
    "evidence outside": edited(evidence="../../pricing.py"),
}


def test_what_the_harness_wrote_holds(target: Target) -> None:
    """An untouched ledger has nothing to expose."""
    assert verify(Ledger(target.dir)) == []


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_exposed(target: Target, name: str) -> None:
    """Each way of editing the ledger is found."""
    book = Ledger(target.dir)
    forge(book, FORGERIES[name])

    assert verify(book)


def test_a_line_of_noise_is_exposed(target: Target) -> None:
    """A line that is no claim is found, whatever stands around it."""
    book = Ledger(target.dir)
    lines = book.file.read_bytes().splitlines()
    book.file.write_bytes(b"\n".join([lines[0], b"noise", *lines[1:]]) + b"\n")

    assert any("cannot" in str(one) or "not a claim" in str(one) for one in verify(book))


@pytest.mark.parametrize("spoil", [lambda file: file.write_text("all good"), Path.unlink])
def test_spoiled_evidence_is_exposed(target: Target, spoil: Callable[[Path], object]) -> None:
    """Evidence that was edited or removed is found."""
    book = Ledger(target.dir)
    spoil(book.folder / book.claims()[0].evidence)

    assert [one.entry for one in verify(book)] == [1]


def test_a_forged_ledger_is_not_added_to(target: Target) -> None:
    """The harness does not seal what was written by hand by writing behind it."""
    book = Ledger(target.dir)
    forge(book, appended)

    with pytest.raises(Broken):
        harness.claim(PASSES, target, book)


def test_another_projects_ledger_is_stale_here(target: Target, tmp_path: Path) -> None:
    """A ledger copied from a project that passes does not prove a project that does not."""
    other = shop(tmp_path / "other", {"pricing.py": "broken"})
    shutil.copytree(target.dir / ".backwright", other.dir / ".backwright")

    assert Ledger(other.dir).standing()["x.passes"].verdict is Verdict.STALE


def test_a_whole_forged_ledger_is_found_by_replay(tmp_path: Path) -> None:
    """A ledger made up with fitting seals holds together, but running the check again disagrees."""
    target = shop(tmp_path)
    (target.dir / "pricing.py").write_text("# broken")
    book = Ledger(target.dir)
    made = harness.claim(PASSES, target, book)
    forged = msgspec.to_builtins(made) | {"verdict": "proved", "finding": "it is fine"}
    forged["seal"] = seal.of_record(forged)
    forge(book, lambda _: [forged])
    book.head.write_bytes(msgspec.json.encode(Head(1, forged["seal"])))

    assert verify(book) == []
    again = replay(book.find("x.passes"), book, target, [PASSES])
    assert again.differences == ("verdict: claimed proved, now failed (it is broken)",)


def test_a_signature_is_asked_for_where_there_is_a_key(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a signing key in the environment, entries without its signature are exposed and new ones carry it."""
    book = Ledger(target.dir)
    monkeypatch.setenv(ledger.KEY_NAME, "only CI knows")
    assert len(verify(book)) == 3
    signed: Claim = harness.claim(PASSES, target, book)

    assert [one.entry for one in verify(book)] == [1, 2, 3]
    assert seal.signed(signed.seal, signed.signature, "only CI knows")


@pytest.mark.parametrize(
    ("file", "stale"),
    [
        ("pricing.py", {"x.passes"}),
        ("entities.py", {"x.orders"}),
        ("tests/unit/test_pricing.py", set[str]()),
        ("pyproject.toml", {"x.passes", "x.orders"}),
        ("uv.lock", {"x.passes", "x.orders"}),
        ("unrelated.md", set[str]()),
    ],
)
def test_an_edit_turns_exactly_its_claims_stale(target: Target, file: str, stale: set[str]) -> None:
    """Claims that list the file, or would have listed it, are stale; the others stand. Taking the edit back mends it."""
    book, place = Ledger(target.dir), target.dir / file
    before = place.read_bytes() if place.exists() else None
    place.write_bytes((before or b"") + b"\n")
    assert {name for name, held in book.standing().items() if held.verdict is Verdict.STALE} == stale
    place.unlink() if before is None else place.write_bytes(before)

    assert {held.verdict for held in book.standing().values()} == {Verdict.PROVED}


def test_a_removed_file_turns_its_claims_stale(target: Target) -> None:
    """A file that is gone is a change too, and is named."""
    (target.dir / "pricing.py").unlink()

    assert Ledger(target.dir).standing()["x.passes"].touched == ("pricing.py",)


def test_another_kit_turns_everything_stale(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured with other code of the kit must be measured anew."""
    monkeypatch.setattr(ledger, "kit_version", lambda: "0.0.9 sha256:other")

    assert {held.verdict for held in Ledger(target.dir).standing().values()} == {Verdict.STALE}


def test_a_replay_agrees_with_what_was_measured(target: Target) -> None:
    """The same check on the same files gives the same verdict and figures."""
    book = Ledger(target.dir)

    assert replay(book.find("0003-x.passes"), book, target, [PASSES]).agrees


def test_a_replay_of_edited_files_says_so(target: Target) -> None:
    """On other files the replay names them and does not agree."""
    book = Ledger(target.dir)
    (target.dir / "pricing.py").write_text("# fine")
    again = replay(book.find("x.passes"), book, target, [PASSES])

    assert (again.agrees, again.touched) == (False, ("pricing.py",))


@pytest.mark.parametrize("kept", ["the head", "the line"])
def test_a_kill_between_head_and_line_is_no_forgery(target: Target, kept: str) -> None:
    """Killed after the head was announced, with or without the line written, the ledger holds and can be added to."""
    book = Ledger(target.dir)
    claims = book.claims()
    book.head.write_bytes(msgspec.json.encode(Head(2, claims[1].seal, claims[2].seal)))
    if kept == "the head":
        forge(book, lambda lines: lines[:-1])
    assert verify(book) == []
    harness.claim(PASSES, target, book)

    assert verify(book) == []


@pytest.mark.parametrize("after", [1, 8])
def test_a_killed_prover_leaves_a_ledger_that_holds(target: Target, after: int) -> None:
    """After kill -9 in the middle of appending, every claim told of is there, nothing is exposed, and the next one fits behind."""
    book = Ledger(target.dir)
    with subprocess.Popen([sys.executable, "-c", APPENDER, str(target.dir)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().decode().strip() for _ in range(after)]
        os.kill(process.pid, signal.SIGKILL)

    assert verify(book) == []
    assert [claim.id for claim in book.claims()][3 : 3 + after] == told
    harness.claim(PASSES, target, book)
    assert verify(book) == []


def test_a_torn_entry_is_no_claim(target: Target) -> None:
    """A half-written entry is left out, and the next one takes its place."""
    book = Ledger(target.dir)
    claims = book.claims()
    book.head.write_bytes(msgspec.json.encode(Head(2, claims[1].seal, claims[2].seal)))
    book.file.write_bytes(book.file.read_bytes()[:-20])
    assert len(book.claims()) == 2

    assert harness.claim(PASSES, target, book).number == 3
    assert verify(book) == []
