"""The delivery plan: what is done to each file, and why."""

from pathlib import Path

from backwright.worker.importers.openapi import import_openapi
from backwright.worker.infer.blueprint import infer
from backwright.worker.plan import DeliveryPlan, markdown, plan
from backwright.worker.survey.facts import Facts, Found

BLUEPRINT = infer(import_openapi(Path(__file__).parents[3] / "examples/bookshop/design/openapi.yaml"))


def planned(facts: Facts, unwritten: dict[str, str] | None = None) -> DeliveryPlan:
    """A plan for two files."""
    files, digests = {"app.py": "app", "tests/unit/test_a.py": "test"}, {"app.py": "1", "tests/unit/test_a.py": "2"}
    return plan(BLUEPRINT, facts, files, digests, unwritten=unwritten or {}, kept={}, functions={})


def test_tests_first() -> None:
    """In an empty folder everything is created, tests before code."""
    assert [(c.kind, c.path) for c in planned(Facts()).changes] == [("create", "tests/unit/test_a.py"), ("create", "app.py")]


def test_as_it_should_be() -> None:
    """A file that is as wanted is kept and not written again."""
    found = planned(Facts(files={"app.py": "1"}, delivered={"app.py": "1"}))
    assert [c.path for c in found.written] == ["tests/unit/test_a.py"]


def test_updated() -> None:
    """A file that an earlier delivery wrote, and nobody has touched, follows the design."""
    found = planned(Facts(files={"app.py": "0"}, delivered={"app.py": "0"}))
    assert next(c for c in found.changes if c.path == "app.py").kind == "update"


def test_somebodys_work() -> None:
    """A file that somebody has written or changed is kept, and the plan says so."""
    for delivered in ({}, {"app.py": "0"}):
        change = next(c for c in planned(Facts(files={"app.py": "9"}, delivered=delivered)).changes if c.path == "app.py")
        assert (change.kind, change.text) == ("keep", "")
        assert "somebody" in change.reason


def test_in_words() -> None:
    """The plan in words names files, missing rules, assumptions and the account."""
    text = markdown(planned(Facts(), {"place_order": "rules/orders.py"}))
    assert "| create | `app.py` |" in text
    assert "`place_order`: answers 501 until it is written in `rules/orders.py`" in text
    assert f"{len(BLUEPRINT.account)} elements of the design: " in text


def test_written_before_unwritten() -> None:
    """Of two functions with one name the one that is written counts; others than business functions do not."""
    stub = Found("pay", "rules/a.py", 1, True, "Transaction", "None", False)
    real = Found("pay", "rules/b.py", 1, True, "Transaction", "None", True)
    elsewhere = Found("ship", "tools/c.py", 1, True, "Transaction", "None", True)
    facts = Facts(functions=(stub, real, elsewhere))
    assert facts.business("pay") is real
    assert facts.business("ship") is None
