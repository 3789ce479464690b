"""Every condition of escalation: what raises it, with its evidence, and what does not."""

import pytest

from backwright.worker.protocol.coordination import SPECIALISTS
from backwright.worker.protocol.escalation.conditions import CONDITIONS, raised
from backwright.worker.protocol.escalation.seen import Measured, Seen


def bad(*standards: str) -> dict[str, Measured]:
    """Claims that do not hold."""
    return {name: Measured(False, f"{name} is broken") for name in standards}


RAISES = [
    ("code-architect", "several-services", Seen(files=("shop/package.json", "billing/pyproject.toml"))),
    ("code-architect", "several-services", Seen(words={"POST /a": "Call the billing service, then Kafka, then Stripe."})),
    ("code-architect", "technology", Seen(files=("package.json",))),
    ("code-architect", "technology", Seen(instructions={"CLAUDE.md:3": "Use Django for everything"})),
    ("code-architect", "technology", Seen(task="migrate the shop from Rails to Go")),
    ("code-architect", "large-scale", Seen(operations=101)),
    ("code-architect", "large-scale", Seen(entities=41, written=201)),
    ("security-auditor", "vulnerability", Seen(claims=bad("access.rules"))),
    ("security-auditor", "vulnerability", Seen(claims=bad("code.dependencies"))),
    ("security-auditor", "vulnerability", Seen(widened=("access Book.write: staff → anyone",))),
    ("security-auditor", "compliance", Seen(words={"info": "The service falls under the GDPR."})),
    ("security-auditor", "compliance", Seen(task="make it SOC 2 ready")),
    ("security-auditor", "compliance", Seen(instructions={"CLAUDE.md:9": "HIPAA rules must be kept"})),
    ("security-auditor", "compliance", Seen(fields=("Patient.diagnosis",))),
    ("security-auditor", "threats", Seen(words={"POST /login": "Safe against credential stuffing"})),
    ("security-auditor", "threats", Seen(refused_security=("securityScheme oauth",))),
    ("security-auditor", "threats", Seen(claims=bad("api.limited"))),
    ("performance-optimizer", "performance-issue", Seen(claims=bad("run.latency"), tried=2)),
    ("performance-optimizer", "scaling", Seen(rate=5000)),
    ("performance-optimizer", "scaling", Seen(rows=100_000_000)),
    ("performance-optimizer", "scaling", Seen(claims=bad("run.scales"))),
    ("performance-optimizer", "system-wide", Seen(claims=bad("run.latency", "db.query-indexed"))),
    ("database-specialist", "query", Seen(queries={"GET /books": 9})),
    ("database-specialist", "query", Seen(claims=bad("db.query-indexed"))),
    ("database-specialist", "schema-change", Seen(existing_tables=True, migrations=("alter book: drop column isbn",))),
    ("database-specialist", "schema-change", Seen(existing_tables=True, migrations=("alter book: add column stars",))),
    ("database-specialist", "transactions", Seen(rules={"move": ("Take from one, give to the other.", ("Account", "Ledger", "Entry"))})),
    ("database-specialist", "transactions", Seen(rules={"pay": ("A saga with compensation.", ())})),
]
QUIET = Seen(
    task="deliver the shop", instructions={"CLAUDE.md:1": "Never log secrets"}, files=("pyproject.toml", "app.py"),
    words={"GET /books": "The list of books, for customer service"}, fields=("Book.title", "Customer.email"), operations=100, entities=40,
    written=200, queries={"GET /books": 8}, migrations=("create table book",), rate=2000, rows=50_000_000,
    rules={"order": ("Take the books off the shelf", ("Book", "Order"))}, claims={"run.latency": Measured(True, "")},
)  # fmt: skip


@pytest.mark.parametrize(("to", "condition", "seen"), RAISES)
def test_it_is_raised(to: str, condition: str, seen: Seen) -> None:
    """The question goes to its specialist, and what raised it travels along."""
    found = [one for one in raised(seen) if one.condition == condition]

    assert [one.to for one in found] == [to]
    assert found[0].evidence and found[0].reason


def test_every_condition_is_shown() -> None:
    """Three conditions for each of the four specialists, and each is raised above."""
    shown = {(to, condition) for to, condition, _ in RAISES}

    assert {condition for _, condition in shown} == set(CONDITIONS)
    assert {to: sum(one == to for one, _ in shown) for to in SPECIALISTS} == dict.fromkeys(SPECIALISTS, 3)


def test_nothing_unusual_raises_nothing() -> None:
    """At the thresholds, and with everyday words, nobody is asked."""
    assert raised(QUIET) == []


def test_what_blocks() -> None:
    """Holes, wider access and lost data keep a delivery from its end; the rest is handed over."""
    seen = Seen(
        claims=bad("access.rules", "run.latency"), widened=("x",), existing_tables=True,
        migrations=("alter a: drop column b", "alter a: add column c"),
        fields=("P.ssn",),
    )  # fmt: skip

    assert [(one.condition, one.reason) for one in raised(seen) if one.blocks] == [
        ("vulnerability", "standards of security do not hold"),
        ("vulnerability", "access became wider than it was"),
        ("schema-change", "a migration loses data"),
    ]


def test_a_new_schema_is_no_change() -> None:
    """Where there were no tables, a migration changes nothing in use."""
    assert raised(Seen(migrations=("alter book: drop column isbn",))) == []
