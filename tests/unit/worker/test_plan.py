"""The delivery plan: what is done to each file, and why."""

from pathlib import Path

from backwright.worker.importers.openapi import import_openapi
from backwright.worker.infer.blueprint import infer
from backwright.worker.merge.changes import Change, Kind
from backwright.worker.plan import DeliveryPlan, markdown, plan
from backwright.worker.survey.facts import Facts, Found

BLUEPRINT = infer(import_openapi(Path(__file__).parents[3] / "examples/bookshop/design/openapi.yaml"))


def planned(*changes: Change, unwritten: dict[str, str] | None = None) -> DeliveryPlan:
    """A plan of these changes."""
    return plan(BLUEPRINT, Facts(), changes, unwritten=unwritten or {}, kept={}, functions={})


def test_tests_first() -> None:
    """Tests come before the code that makes them pass, and each new file has its purpose."""
    found = planned(Change("app.py", "create", ""), Change("tests/unit/test_a.py", "create", ""))
    assert [(c.path, c.reason) for c in found.changes] == [
        ("tests/unit/test_a.py", "written before the code that makes it pass"), ("app.py", "the app with its contract"),
    ]  # fmt: skip


def test_what_is_kept_is_not_written() -> None:
    """Everything but a file that is kept touches the tree."""
    kinds: tuple[Kind, ...] = ("create", "update", "merge", "keep", "remove")
    assert [c.kind for c in planned(*(Change(kind, kind, "why") for kind in kinds)).written] == ["create", "merge", "remove", "update"]


def test_conflicts_in_words() -> None:
    """A conflict is named with its place and its patch; a file that was there before any delivery is none."""
    found = planned(
        Change("model.py", "merge", "why", base="", conflicts=("class Book › price",)),
        Change("README.md", "keep", "it was there", base=None, conflicts=("the whole file",)),
    )
    assert [c.path for c in found.conflicts] == ["model.py"]
    text = markdown(found)
    assert "keeps somebody's work in class Book › price: apply or delete `.backwright/conflicts/model.py.patch`" in text


def test_in_words() -> None:
    """The plan in words names files, missing rules, assumptions and the account."""
    text = markdown(planned(Change("app.py", "create", ""), unwritten={"place_order": "rules/orders.py"}))
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
