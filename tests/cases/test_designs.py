"""Each design in this folder gives exactly the blueprint and the account that lie beside it."""

import os
from pathlib import Path

import pytest

from backwright.worker.account import table, totals
from backwright.worker.describe import describe
from backwright.worker.design import elements
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.infer.blueprint import infer

HERE = Path(__file__).parent
DESIGNS = {path.parent.name: path for path in sorted(HERE.glob("*/design.yaml"))}
DESIGNS["bookshop"] = HERE.parents[1] / "examples/bookshop/design/openapi.yaml"
FOREIGN = sorted((HERE.parents[2] / "shared/designs").glob("*.y*ml"))


def same(name: str, file: str, text: str) -> None:
    """Compare with what is kept, or keep it when asked to."""
    path = HERE / name / file
    if os.environ.get("BACKWRIGHT_CASES") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DESIGNS)
def test_blueprint(name: str) -> None:
    """What is inferred from a design does not change unnoticed."""
    same(name, "blueprint.txt", describe(infer(import_openapi(DESIGNS[name]))))


@pytest.mark.parametrize("name", DESIGNS)
def test_account(name: str) -> None:
    """What becomes of each element does not change unnoticed; what is built as it stands is only counted."""
    entries = infer(import_openapi(DESIGNS[name])).account
    same(name, "account.md", table(entries, verdicts=("changed", "refused")) + f"\n{totals(entries)}\n")


@pytest.mark.parametrize("name", DESIGNS)
def test_no_warnings(name: str) -> None:
    """The designs in this folder are clean: their examples fit their schemas."""
    assert import_openapi(DESIGNS[name]).warnings == ()


@pytest.mark.parametrize("path", [*DESIGNS.values(), *FOREIGN], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_complete(path: Path) -> None:
    """Every element has exactly one entry, and every entry that is not built says why."""
    design = import_openapi(path)
    entries = infer(design).account
    assert [entry.element for entry in entries] == elements(design)
    assert all(entry.reason for entry in entries if entry.verdict != "built")


@pytest.mark.parametrize("path", [*DESIGNS.values(), *FOREIGN], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_deterministic(path: Path) -> None:
    """The same design gives the same blueprint, read twice."""
    assert infer(import_openapi(path)) == infer(import_openapi(path))
