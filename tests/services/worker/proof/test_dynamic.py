"""The dynamic standards: each passes on the bookshop, and each of its planted faults is caught for its own reason."""

from pathlib import Path

import pytest

from backwright.worker.prove import harness, tree
from backwright.worker.prove.checks.available import AVAILABLE
from backwright.worker.prove.checks.documented import DOCUMENTED
from backwright.worker.prove.checks.errors import ERRORS
from backwright.worker.prove.checks.headers import HEADERS
from backwright.worker.prove.checks.injection import INJECTION
from backwright.worker.prove.checks.keys import FK_INDEXED, FOREIGN_KEYS, PRIMARY_KEYS
from backwright.worker.prove.checks.limited import LIMITED
from backwright.worker.prove.checks.mass_assignment import MASS_ASSIGNMENT
from backwright.worker.prove.checks.n_plus_one import N_PLUS_ONE
from backwright.worker.prove.checks.normal_form import NORMAL_FORM
from backwright.worker.prove.checks.plans import QUERY_INDEXED
from backwright.worker.prove.checks.resourceful import RESOURCEFUL
from backwright.worker.prove.checks.reversible import REVERSIBLE
from backwright.worker.prove.checks.rules import RULES
from backwright.worker.prove.checks.running import LATENCY, RUN_ERRORS
from backwright.worker.prove.checks.scales import SCALES
from backwright.worker.prove.checks.tokens import TOKENS
from backwright.worker.prove.checks.validated import VALIDATED
from backwright.worker.prove.checks.versioned import VERSIONED
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.verdict import Verdict
from tests.support.bookshop import bookshop

DYNAMIC: tuple[Standard, ...] = (
    DOCUMENTED, ERRORS, VALIDATED, LIMITED, VERSIONED, RESOURCEFUL,
    PRIMARY_KEYS, FOREIGN_KEYS, FK_INDEXED, QUERY_INDEXED, REVERSIBLE, NORMAL_FORM, N_PLUS_ONE,
    RULES, TOKENS, MASS_ASSIGNMENT, INJECTION, HEADERS,
    LATENCY, RUN_ERRORS, AVAILABLE, SCALES,
)  # fmt: skip
REASONS = {
    "owner-rule-dropped-reading": "rows too many",
    "owner-rule-dropped-writing": "a forbidden change is answered 200",
    "filter-betrays": "filtered by id shows 1 rows too many",
    "widened-field": "too short",
    "first-problem-only": "with everything wrong at once does not name",
    "unknown-keys-taken": "with planted_key unknown key (1) is answered 201",
    "traceback-outside": "broken inside on sqlite is not answered in the declared shape",
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
    "operation-undocumented": "GET /v1/authors is not in the OpenAPI document",
    "document-untrue": "does not fit its schema",
    "limiter-loosened": "anonymous admits 110 requests of cost 1 at once, but its limit is 100",
    "address-believed": "x-forwarded-for gets round the limit",
    "retry-after-wrong": "refuses a request after Retry-After (1 s) is over",
    "unversioned": "GET /authors carries no version",
    "pages-overlap": "finds 10 rows, not 8",
    "location-lost": "a creation says no Location",
    "filter-inexact": "{'name[gte]': 'reed 0'} finds 2 rows, not 3",
    "expiry-ignored": "with an expired token is answered 200, not 401",
    "signature-ignored": "with alg none is answered 200, not 401",
    "sign-out-ignored": "with a token of a session that never was is answered 200",
    "values-in-sql": "finds 5 rows, not 0",
    "like-unescaped": "?name[contains]='%' on sqlite finds 5 rows, not 0",
    "slow-answers": "mean_ms: 3",
    "failing-answers": ": 500",
    "not-replaced": "a killed process was not replaced within 5 s",
    "one-at-a-time": "it bends at",
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
        found = harness.measure(next(s for s in DYNAMIC if s.id == plant.standard), target.at(copy), planted=True)

    assert found.verdict is Verdict.FAILED, found.raw
    assert REASONS[plant.id] in found.raw


def test_a_rule_that_waits_is_no_error_of_what_runs(tmp_path: Path) -> None:
    """An operation that says that its rule is not written is left out of the load, and the finding says so."""
    target = bookshop(tmp_path)
    operations = target.dir / "operations.py"
    text = operations.read_text().replace(
        "    return await tx.query(Order).limit(20).all()", '    raise NotImplementedYet(rule="latest_orders")'
    )
    operations.write_text(text.replace("from backwright import ", "from backwright import NotImplementedYet, ", 1))
    found = harness.measure(RUN_ERRORS, target)

    assert found.verdict is Verdict.PROVED, f"{found.finding}\n{found.raw}"
    assert "; 1 operation waits for its rule, left out" in found.finding
    assert "latest-orders" in found.raw.partition("waiting:")[2]
