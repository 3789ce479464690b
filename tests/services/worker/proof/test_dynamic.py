"""The dynamic standards: each passes on the bookshop, and each of its planted faults is caught for its own reason."""

from pathlib import Path

import pytest

from backwright.worker.prove import harness, tree
from backwright.worker.prove.checks.errors import ERRORS
from backwright.worker.prove.checks.headers import HEADERS
from backwright.worker.prove.checks.keys import FK_INDEXED, FOREIGN_KEYS, PRIMARY_KEYS
from backwright.worker.prove.checks.mass_assignment import MASS_ASSIGNMENT
from backwright.worker.prove.checks.n_plus_one import N_PLUS_ONE
from backwright.worker.prove.checks.normal_form import NORMAL_FORM
from backwright.worker.prove.checks.plans import QUERY_INDEXED
from backwright.worker.prove.checks.reversible import REVERSIBLE
from backwright.worker.prove.checks.rules import RULES
from backwright.worker.prove.checks.validated import VALIDATED
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.verdict import Verdict
from tests.support.bookshop import bookshop

DYNAMIC: tuple[Standard, ...] = (
    ERRORS, VALIDATED,
    PRIMARY_KEYS, FOREIGN_KEYS, FK_INDEXED, QUERY_INDEXED, REVERSIBLE, NORMAL_FORM, N_PLUS_ONE,
    RULES, MASS_ASSIGNMENT, HEADERS,
)  # fmt: skip
REASONS = {
    "owner-rule-dropped-reading": "rows too many",
    "owner-rule-dropped-writing": "a forbidden change is answered 200",
    "filter-betrays": "filtered by id shows 1 rows too many",
    "widened-field": "too short",
    "first-problem-only": "with everything wrong at once does not name",
    "unknown-keys-taken": "with planted_key unknown key (1) is answered 201",
    "traceback-outside": "tells of the inside: Traceback",
    "second-error-shape": "no such page",
    "managed-field-open": "with is_staff on sqlite is not refused",
    "ignored-in-silence": "with id on sqlite is not refused",
    "table-without-key": "review has no primary key",
    "reference-without-key": "book.author_id refers to author",
    "index-dropped": "no index of book begins with author_id",
    "key-by-expression": "reads all of book: SCAN book",
    "careless-data-move": "author.version has another checksum",
    "rollback-that-fails": "no such table: no_such_table",
    "numbered-columns": "author repeats a column: phone1, phone2",
    "list-in-text": "author.tag_ids holds a list in a text",
    "n-plus-one-list": "GET /v1/authors ['limit'] runs",
    "n-plus-one-operation": "POST /v1/latest-orders runs",
    "headers-missing": "lacks X-Content-Type-Options",
    "any-origin": "an origin that is not named is granted",
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
