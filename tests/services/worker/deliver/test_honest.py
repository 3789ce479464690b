"""What a delivery does when something is missing, broken or refused: it says so, and pretends nothing."""

import asyncio
import json
import subprocess
from io import StringIO
from pathlib import Path

import pytest

from backwright.testing import Client
from backwright.worker.delivery.deliver import deliver
from backwright.worker.delivery.gates import NotAgreed
from backwright.worker.place import BrokenDesign
from backwright.worker.progress import Progress
from tests.support.delivering import DESIGN, delivered, loaded, with_rules

BROKEN = """\
openapi: 3.1.0
info: {title: Broken, version: 1.0.0}
paths:
  /things/{id}:
    get:
      responses: {'200': {description: One., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
"""


def test_broken_design(tmp_path: Path) -> None:
    """Every problem is named with its place, and nothing is written."""
    design, into = tmp_path / "broken.yaml", tmp_path / "project"
    design.write_text(BROKEN)
    with pytest.raises(BrokenDesign) as broken:
        delivered(design, into)
    assert len(broken.value.problems) >= 2
    assert all(problem.line > 0 for problem in broken.value.problems)
    assert not into.exists()


def test_broken_design_for_a_project(tmp_path: Path) -> None:
    """A project that is there already is not touched; its session says what was wrong."""
    design, into = tmp_path / "broken.yaml", with_rules(tmp_path / "project")
    design.write_text(BROKEN)
    before = sorted(p for p in into.rglob("*") if ".backwright" not in p.parts)
    with pytest.raises(BrokenDesign):
        delivered(design, into)
    assert sorted(p for p in into.rglob("*") if ".backwright" not in p.parts) == before
    state = next((into / ".backwright/sessions").glob("*/STATE.json"))
    assert json.loads(state.read_text())["status"] == "failed"


def test_not_agreed(tmp_path: Path) -> None:
    """Without agreement nothing is written beside the session."""
    with pytest.raises(NotAgreed):
        deliver([DESIGN], tmp_path / "project", agree=lambda plan, text: False, show=Progress(StringIO()), standards=())
    assert [p.name for p in (tmp_path / "project").iterdir()] == [".backwright"]


def test_without_rules(tmp_path: Path) -> None:
    """Without its rules the bookshop is not proved; both are named, planned, handed over and answered 501."""
    into = tmp_path / "bookshop"
    found = delivered(DESIGN, into)
    assert not found.proved
    assert found.unwritten == ("place_order", "cancel_order")
    response = json.loads((found.session / "backend_response.json").read_text())
    planned = [api["endpoint"] for api in response["implementation"]["apis"] if api["status"] == "planned"]
    assert planned == ["/v1/place-order", "/v1/cancel-order"]
    notes = (found.session / "backend_notes.md").read_text()
    assert "The business rule place_order is to be written in rules/orders.py" in notes
    assert {p.name for p in (into / "tests/unit").glob("test_*_order.py")} == {"test_place_order.py", "test_cancel_order.py"}


def test_unwritten_rule_answers_501(tmp_path: Path) -> None:
    """A function whose rule is missing says so, by name."""
    into = tmp_path / "bookshop"
    delivered(DESIGN, into)

    async def main() -> None:
        async with Client(app) as client:
            import model  # type: ignore[import-not-found]

            ada = await client.app.given(model.Customer(email="ada@example.com"))
            answer = await client.post("/v1/place-order", {"basket": {}}, as_=ada)
            assert (answer.status, answer.json()["rule"]) == (501, "place_order")

    with loaded(into) as app:
        asyncio.run(main())


def test_branch(tmp_path: Path) -> None:
    """In a repository of its own the delivery works on a branch of its own."""
    into = with_rules(tmp_path / "shop")
    git = ["git", "-C", str(into), "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "rules"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    delivered(DESIGN, into)
    branch = subprocess.run([*git, "branch", "--show-current"], check=True, capture_output=True, text=True).stdout.strip()
    assert branch.startswith("backwright/")
    assert subprocess.run([*git, "diff", "--quiet", "main"], capture_output=True, check=False).returncode == 0
