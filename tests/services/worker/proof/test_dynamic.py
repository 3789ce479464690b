"""The dynamic standards: each passes on the bookshop, and each of its planted faults is caught for its own reason."""

from pathlib import Path

import pytest

from backwright.worker.prove import harness, tree
from backwright.worker.prove.checks.rules import RULES
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.verdict import Verdict
from tests.support.bookshop import bookshop

DYNAMIC: tuple[Standard, ...] = (RULES,)
REASONS = {
    "owner-rule-dropped-reading": "rows too many",
    "owner-rule-dropped-writing": "a forbidden change is answered 200",
    "filter-betrays": "filtered by id shows 1 rows too many",
}
PLANTS = [plant for standard in DYNAMIC for plant in standard.plants]


@pytest.mark.parametrize("standard", DYNAMIC, ids=lambda standard: standard.id)
def test_the_bookshop_passes(tmp_path: Path, standard: Standard) -> None:
    """The clean twin of every fault is proved."""
    found = harness.measure(standard, bookshop(tmp_path))

    assert found.verdict is Verdict.PROVED, f"{found.finding}\n{found.raw}"


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.id)
def test_a_planted_fault_is_caught(tmp_path: Path, plant: Plant) -> None:
    """The check fails, and its finding names this fault."""
    target = bookshop(tmp_path)
    with tree.disposable(target.dir) as copy:
        plant.apply(copy)
        found = harness.measure(next(s for s in DYNAMIC if s.id == plant.standard), target.at(copy))

    assert found.verdict is Verdict.FAILED, found.raw
    assert REASONS[plant.id] in found.raw
