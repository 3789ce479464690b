"""Designs in GraphQL and protobuf, delivered: clean code, and a served contract without a difference that nobody explains."""

from pathlib import Path

import pytest

from backwright.worker.prove.checks.clean import CLEAN
from backwright.worker.prove.verdict import Verdict
from tests.support.delivering import delivered
from tests.unit.worker.test_other_designs import PROTO, SDL


@pytest.mark.parametrize(("name", "text", "waiting"), [
    ("shop.graphql", SDL, {"find", "place_order"}), ("shop.proto", PROTO, {"restock"}),
])  # fmt: skip
def test_design(name: str, text: str, waiting: set[str], tmp_path: Path) -> None:
    """Only what no name explains waits for a rule; everything else is served as the account says."""
    design = tmp_path / name
    design.write_text(text, encoding="utf-8")
    found = delivered(design, tmp_path / "project", standards=(CLEAN,))
    assert found.claims[0].verdict is Verdict.PROVED, found.claims[0].finding
    assert set(found.unwritten) == waiting
    assert "unexplained" not in found.sentence
