"""Staleness: editing a file turns exactly the claims stale whose check reads it."""

from pathlib import Path

import pytest

from backwright.worker.lies.world import STANDARDS, World, proved
from backwright.worker.prove import harness
from backwright.worker.prove.ledger import Ledger
from backwright.worker.prove.seal import manifest, names
from backwright.worker.prove.standards import EVERY
from backwright.worker.prove.tree import files
from backwright.worker.prove.verdict import Verdict
from tests.support.bookshop import bookshop
from tests.support.proof import PASSES, READS, shop

CODE = {"code.layered", "code.logged", "code.timeouts"}
EVERY_FILE = {"code.secrets"}
TESTS = {"code.clean", "code.candid", "run.coverage"}
LOCKS = {standard.id for standard in EVERY}
RUN = {"run.latency", "run.errors", "run.available", "run.scales"}
"""What is found out by serving the app in a process of its own."""


@pytest.mark.parametrize(
    ("file", "stale"),
    [
        *((name, LOCKS - {"code.dependencies"}) for name in ("app.py", "entities.py", "rules.py", "operations.py")),
        ("migrations/versions/0001_first.py", LOCKS - {"code.dependencies"}),
        ("tests/test_shop.py", TESTS | EVERY_FILE),
        ("rules_test.py", LOCKS - {"code.dependencies"}),
        ("README.md", EVERY_FILE),
        ("notes/plan.txt", EVERY_FILE),
        ("load.json", RUN | EVERY_FILE | {"run.coverage"}),
        ("access.lock", {"access.agreed"} | EVERY_FILE),
        ("advisories/a.json", RUN | EVERY_FILE | {"code.dependencies", "run.coverage"}),
        ("requirements.txt", LOCKS),
        ("pyproject.toml", LOCKS),
    ],
)
def test_a_file_turns_exactly_its_claims_stale(tmp_path: Path, file: str, stale: set[str]) -> None:
    """Changed or added: the claims that depend on it, and no others."""
    target = bookshop(tmp_path, {"README.md": "# Shop\n", "tests/test_shop.py": "", "load.json": "{}"})
    before = {s.id: manifest(target.dir, names(target.dir, s.inputs)) for s in EVERY}
    place = target.dir / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text((place.read_text() if place.exists() else "") + "\n# more\n")
    after = {s.id: manifest(target.dir, names(target.dir, s.inputs)) for s in EVERY}

    assert {name for name in before if before[name] != after[name]} == stale
    assert Ledger(target.dir).standing() == {}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small proved project."""
    return proved(tmp_path_factory.mktemp("world"))


def test_a_claim_lists_what_its_check_read(world: World) -> None:
    """No check opens a file that its claim does not list; beyond what it opened, a claim lists Python and locked versions only."""
    for standard in STANDARDS:
        claim = world.ledger.find(standard.id)
        found = harness.measure(standard, world.target)
        opened = set(found.read) & set(files(world.dir))
        assert opened <= claim.inputs.keys(), standard.id
        if standard.id not in ("run.coverage", "code.secrets"):  # the one reads in other processes, the other may read anything
            assert {n for n in claim.inputs if not n.endswith(".py")} - opened <= {"pyproject.toml", "requirements.txt"}, standard.id


def test_every_file_turns_somebody_or_nobody_stale(world: World) -> None:
    """Over every file of the project: exactly the claims that list it are stale after an edit, and none when it is taken back."""
    for name in files(world.dir):
        place = world.dir / name
        before = place.read_bytes()
        place.write_bytes(before + b"\n")
        stale = {s for s, held in world.ledger.standing().items() if held.verdict is Verdict.STALE}
        assert stale == {s.id for s in STANDARDS if name in world.ledger.find(s.id).inputs}, name
        place.write_bytes(before)
    assert {held.verdict for held in world.ledger.standing().values()} <= {Verdict.PROVED}


def test_a_file_that_was_read_counts(tmp_path: Path) -> None:
    """A file that no pattern chooses turns the claim stale whose check opened it, and no other."""
    target = shop(tmp_path, {"prices.yaml": "book: 3\n", "other.yaml": "a: 1\n"})
    harness.prove(target, [READS, PASSES])
    book = Ledger(target.dir)
    (target.dir / "other.yaml").write_text("a: 2\n")
    assert {held.verdict for held in book.standing().values()} == {Verdict.PROVED}
    (target.dir / "prices.yaml").write_text("book: 4\n")

    assert {name for name, held in book.standing().items() if held.verdict is Verdict.STALE} == {"x.reads"}
