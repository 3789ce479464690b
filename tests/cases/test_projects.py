"""Each design in this folder gives exactly the project that lies beside it as text: what the writer writes does not change unnoticed."""

import os
from pathlib import Path

import pytest

from backwright.worker.importers.openapi import import_openapi
from backwright.worker.infer.blueprint import infer
from backwright.worker.survey.facts import Facts, Found
from backwright.worker.write.format import formatted
from backwright.worker.write.project import Project, project
from backwright.worker.write.serving import settled

HERE = Path(__file__).parent
DESIGNS = {path.parent.name: path for path in sorted(HERE.glob("*/design.yaml"))}
DESIGNS["bookshop"] = HERE.parents[1] / "examples/bookshop/design/openapi.yaml"


def of(name: str, facts: Facts = Facts()) -> Project:
    """The project of a design of this folder."""
    return project(settled(infer(import_openapi(DESIGNS[name]))), facts)


@pytest.mark.parametrize("name", DESIGNS)
def test_project(name: str) -> None:
    """Every file of the project is what was kept, or is kept when asked to (BACKWRIGHT_CASES=write)."""
    files = formatted(of(name).files)
    text = "\n".join(f"=== {path}\n\n{files[path]}" for path in sorted(files) if not path.startswith("tests/api/"))
    kept = HERE / name / "project.txt"
    if os.environ.get("BACKWRIGHT_CASES") == "write":
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DESIGNS)
def test_python(name: str) -> None:
    """Every file of the project is Python that can be read."""
    for path, text in of(name).files.items():
        if path.endswith(".py"):
            compile(text, path, "exec")


def test_written_by_hand() -> None:
    """A function that somebody has written is wired where it stands, and no stub is written for it."""
    found = Found("place_order", "rules/orders.py", 5, True, "Transaction", "Order", True)
    made = of("bookshop", Facts(files={"rules/orders.py": "digest"}, functions=(found,)))
    assert made.kept == {"place_order": "rules/orders.py"}
    assert made.unwritten == {"cancel_order": "rules/cancel_order.py"}
    assert "from rules.orders import place_order" in made.files["access.py"]
    assert "rules/orders.py" not in made.files
