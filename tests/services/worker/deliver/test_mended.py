"""A delivery that fails plans again with what the finding says, and says so where it says nothing."""

from pathlib import Path

from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, failed, proved
from tests.support.delivering import delivered

DESIGN = Path(__file__).parents[3] / "cases/todo/design.yaml"


def slow_list(target: Target) -> Finding:
    """Planted: fails until the model declares an index on the priority, as a list over many rows would."""
    if "return self.priority" in (target.dir / "model.py").read_text():
        return proved("the list is answered by an index")
    return failed("GET /api/v2/todos?priority on sqlite reads all of todo: SCAN todo")


def never(target: Target) -> Finding:
    """Planted: nothing that a delivery does makes it hold."""
    return failed("a finding that says nothing of how to mend it")


def _standard(name: str, check: object) -> Standard:
    return Standard(name, "Planted.", "To see what becomes of it.", check)  # type: ignore[arg-type]  # pyright: ignore


def test_what_the_findings_say_is_mended_and_the_rest_is_told(tmp_path: Path) -> None:
    """The second plan declares the index that one finding asks for, its migration follows, and the standard holds; the finding that says
    nothing of how to mend it is handed on in the notes.
    """
    into = tmp_path / "todos"
    found = delivered(DESIGN, into, standards=(_standard("db.query-indexed", slow_list), _standard("run.coverage", never)))
    assert {claim.standard: claim.verdict.value for claim in found.claims} == {"db.query-indexed": "proved", "run.coverage": "failed"}
    assert "declares an index on" in (found.session / "EVENTS.jsonl").read_text()
    assert any("priority" in step.read_text() and "index" in step.read_text() for step in (into / "migrations").rglob("*.py"))
    notes = (found.session / "backend_notes.md").read_text()
    assert "run.coverage failed, and no remedy is known: a finding that says nothing of how to mend it" in notes
