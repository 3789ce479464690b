"""A delivery into a repository that runs on another framework."""

from pathlib import Path

from backwright.worker.delivery.ground import ground
from tests.support.delivering import ROOT, delivered

FASTAPI = """from fastapi import FastAPI

app = FastAPI()


@app.get("/api/v2/todos")
def todos() -> list[str]:
    return []
"""


def other(folder: Path) -> Path:
    """A repository that runs on FastAPI."""
    folder.mkdir()
    (folder / "main.py").write_text(FASTAPI)
    (folder / "requirements.txt").write_text("fastapi==0.110\n")
    return folder


def test_beside(tmp_path: Path) -> None:
    """The project goes into a folder of its own, nothing else is touched, and the plan says so and what is served there already."""
    folder = other(tmp_path / "shop")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    found = delivered(ROOT / "tests/cases/todo/design.yaml", folder)
    assert found.into == folder / "backend" and (folder / "backend/app.py").is_file()
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert sorted(path.name for path in folder.iterdir()) == ["backend", "main.py", "requirements.txt"]
    plan = (found.session / "delivery_plan.md").read_text()
    assert "shop/ is served by FastAPI 0.110 (main.py:1). A project of the kit is written beside it, in backend/" in plan
    assert "operations is served there already: GET /api/v2/todos (main.py:6)." in plan
    assert ground(folder).folder == folder / "backend", "and again"


def test_its_own_ground(tmp_path: Path) -> None:
    """An empty folder, one that a delivery knows, and one with rules only are delivered into; a taken name is not."""
    (tmp_path / "new/rules").mkdir(parents=True)
    (tmp_path / "new/rules/orders.py").write_text("async def place() -> None: ...\n")
    assert ground(tmp_path / "nowhere").folder == tmp_path / "nowhere"
    assert ground(tmp_path / "new").folder == tmp_path / "new"
    taken = other(tmp_path / "taken")
    (taken / "backend").mkdir()
    (taken / "backend/main.go").write_text("package main\n")
    assert ground(taken).folder == taken / "backwright-backend"
    (taken / "backwright-backend/.backwright/sessions").mkdir(parents=True)
    assert ground(taken).folder == taken / "backwright-backend", "a delivery that was not agreed to leaves a session only"
    (taken / "backwright-backend/notes.md").write_text("ours\n")
    assert ground(taken).folder == taken / "backwright-backend-2"
