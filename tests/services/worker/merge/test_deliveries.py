"""Delivering again into a folder in which people have worked."""

import shutil
import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from backwright.worker.delivery.deliver import deliver
from backwright.worker.delivery.gates import NotAgreed
from backwright.worker.plan import DeliveryPlan
from backwright.worker.progress import Progress
from tests.support.delivering import ROOT, delivered, loaded

DESIGN = (ROOT / "tests/cases/todo/design.yaml").read_text()
CLOSED = DESIGN.replace("description: Ticks it off and tells the people who wait for it.", "description: Closes it for good.").replace(
    "        notes: {type: string, nullable: true}\n",
    "        notes: {type: string, nullable: true}\n        place: {type: string, maxLength: 40}\n",
)
BODY = """    todo = await tx.lock(Todo, todo_id)
    todo.done = True  # written by hand
    return todo
"""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list of things to do, delivered once: the design, and the project beside it."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "api.yaml").write_text(DESIGN)
    delivered(folder / "api.yaml", folder / "todo")
    return folder


@pytest.fixture
def design(first: Path, tmp_path: Path) -> Path:
    """The design, to be changed."""
    return Path(shutil.copy(first / "api.yaml", tmp_path / "api.yaml"))


@pytest.fixture
def project(first: Path, tmp_path: Path) -> Path:
    """The project, as it was delivered once."""
    return Path(shutil.copytree(first / "todo", tmp_path / "todo", ignore=shutil.ignore_patterns("sessions", "__pycache__")))


def edit(file: Path, change: Callable[[str], str]) -> None:
    """Work on a file; the change must be one."""
    before = file.read_text()
    file.write_text(change(before))
    assert file.read_text() != before


def write_body(project: Path) -> None:
    """Write the rule that the design cannot say."""
    edit(project / "rules/todos.py", lambda text: text.partition("    raise NotImplementedYet")[0] + BODY)


def planned(design: Path, into: Path, *, allow_dirty: bool = True) -> DeliveryPlan:
    """The plan of a delivery that nobody agrees to."""
    plans: list[DeliveryPlan] = []
    with pytest.raises(NotAgreed, match="not agreed"):
        deliver(
            [design], into, agree=lambda plan, text: bool(plans.append(plan)), show=Progress(StringIO()), standards=(), allow_dirty=True
        )
    return plans[0]


def test_body_and_design_change(design: Path, project: Path) -> None:
    """A body written by hand stays, and what the design says new about the function and the model comes in, with a migration."""
    write_body(project)
    edit(project / "model.py", lambda text: text.replace("class Todo(", "# the heart of it\nclass Todo("))
    design.write_text(CLOSED)
    found = delivered(design, project)
    rules, model = (project / "rules/todos.py").read_text(), (project / "model.py").read_text()
    assert BODY in rules and "Closes it for good." in rules and "tells the people" not in rules
    assert "# the heart of it\nclass Todo" in model and "place:" in model
    assert found.unwritten == ()
    assert len(list((project / "migrations/versions").glob("*.py"))) == 2
    assert not (project / "tests/unit/test_complete_todo.py").exists(), "the test that names the missing rule goes with it"


def test_conflict(design: Path, project: Path) -> None:
    """What both changed stays as somebody wrote it; the design's lies in a patch, the report says so, and git can apply it."""
    edit(project / "model.py", lambda text: text.replace("le=200", "le=100").replace("max_length=200", "max_length=100"))
    design.write_text(DESIGN.replace("maxLength: 200", "maxLength: 300"))
    before = (project / "model.py").read_text()
    found = delivered(design, project)
    patch = project / ".backwright/conflicts/model.py.patch"
    assert (project / "model.py").read_text() == before and patch.is_file()
    assert not found.proved and "conflicts to settle: model.py" in found.sentence
    assert "model.py keeps somebody's work in class Todo › name title" in (found.session / "backend_notes.md").read_text()
    assert [change.path for change in planned(design, project).conflicts] == ["model.py"], "it stays open"
    subprocess.run(["git", "apply", str(patch.relative_to(project))], cwd=project, check=True)
    assert planned(design, project).conflicts == ()
    assert "300" in (project / "model.py").read_text()


def test_settled_by_deleting_the_patch(design: Path, project: Path) -> None:
    """Who deletes the patch has decided: the file stays, the conflict is gone, later changes of the design come in."""
    edit(project / "model.py", lambda text: text.replace("200", "100"))
    design.write_text(DESIGN.replace("maxLength: 200", "maxLength: 300"))
    delivered(design, project)
    (project / ".backwright/conflicts/model.py.patch").unlink()
    design.write_text(CLOSED.replace("maxLength: 200", "maxLength: 300"))
    assert "conflicts" not in delivered(design, project).sentence
    assert "100" in (model := (project / "model.py").read_text()) and "place:" in model


def test_moved_function(design: Path, project: Path) -> None:
    """A function that somebody moved to another file is found there by its name, and not written twice."""
    write_body(project)
    (project / "rules/ticking.py").write_text((project / "rules/todos.py").read_text())
    (project / "rules/todos.py").unlink()
    design.write_text(CLOSED)
    found = delivered(design, project)
    assert found.unwritten == ()
    assert "from rules.ticking import complete_todo" in (project / "access.py").read_text()
    assert not (project / "rules/todos.py").exists()


def test_deleted_and_no_longer_needed(design: Path, project: Path) -> None:
    """Files that somebody deleted stay deleted; files that the design no longer needs go if nobody touched or uses them; all is said."""
    (project / "README.md").unlink()
    design.write_text(DESIGN.partition("  /todos/{todo_id}/complete:")[0] + "components:" + DESIGN.partition("components:")[2])
    test = "tests/unit/test_complete_todo.py"
    changes = {change.path: (change.kind, change.reason) for change in planned(design, project).changes}
    assert changes["README.md"] == ("keep", "somebody has deleted it, so it stays away")
    assert (changes["rules/todos.py"][0], changes[test][0]) == ("remove", "remove")
    edit(project / test, lambda text: text + "# mine\n")
    changes = {change.path: (change.kind, change.reason) for change in planned(design, project).changes}
    assert changes[test] == ("keep", "the design no longer needs it, but somebody has changed it: it stays, and is yours")
    assert changes["rules/todos.py"] == ("keep", "the design no longer needs it, but complete_todo is still used: it stays")
    (project / test).unlink()
    delivered(design, project)
    assert not any((project / path).exists() for path in ("README.md", "rules/todos.py", test))


def test_dropped_data(design: Path, project: Path) -> None:
    """A field that goes takes data along: the plan says so. A rename is such a drop, and an add."""
    design.write_text(DESIGN.replace("        notes:", "        remarks:"))
    plan = planned(design, project)
    assert any("notes" in loss for loss in plan.losses)


def test_code_that_the_design_takes_away(design: Path, project: Path) -> None:
    """What somebody's own file imports is not taken away from under it: it is kept, and said."""
    (project / "rules/own.py").write_text("from model import Priority\n\nFIRST = Priority.LOW\n")
    design.write_text(DESIGN.replace("        priority: {$ref: '#/components/schemas/Priority'}\n", "").replace(
        "        - {name: priority, in: query, schema: {$ref: '#/components/schemas/Priority'}}\n", ""))  # fmt: skip
    delivered(design, project)
    assert "class Priority" in (project / "model.py").read_text()
    assert "Priority is no longer part of the design, and still used" in (project / ".backwright/conflicts/model.py.patch").read_text()


def test_merge_that_does_not_load(design: Path, project: Path) -> None:
    """A merge that reads well but does not load is none: what was there stays and loads, patches have the rest, the error is told."""
    most = (project / "access.py").read_text().count("allow(")
    edit(project / "app.py", lambda text: text.replace("app = App(", f"assert len(access) <= {most}, 'too many'\n\napp = App("))
    again = DESIGN.partition("  /todos/{todo_id}/complete:")[2].partition("components:")[0]
    design.write_text(
        DESIGN.replace("components:", "  /todos/{todo_id}/reopen:" + again.replace("completeTodo", "reopenTodo") + "components:")
    )
    found = delivered(design, project)
    assert "app.py" in found.sentence and "access.py" in found.sentence and not found.proved
    assert "merged, the project would not load: AssertionError: too many" in (project / ".backwright/conflicts/app.py.patch").read_text()
    with loaded(project) as app:
        assert app.model is not None


def test_uncommitted_work(design: Path, project: Path) -> None:
    """Work that is not committed is refused by name, with nothing written; what the delivery itself left is no such work."""
    git = ["git", "-C", str(project), "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "delivered"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    design.write_text(CLOSED)
    delivered(design, project)
    planned(design, project, allow_dirty=False)
    write_body(project)
    with pytest.raises(NotAgreed, match=r"1 files are not committed: rules/todos.py\..*--allow-dirty"):
        delivered(design, project)
    assert any("1 files are not committed" in line for line in planned(design, project).warnings)
