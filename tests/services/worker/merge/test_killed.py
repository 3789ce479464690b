"""Killed between any two writes, a delivery leaves a folder from which the next one comes to the same end."""

import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from backwright.worker import journal
from backwright.worker.merge.changes import Change, changes
from backwright.worker.merge.memory import TEXTS, memory, texts
from backwright.worker.write.tree import write

FIRST = {
    "model.py": '"""What is kept."""\n\n\nclass Book:\n    """A book."""\n\n    title: str\n    price: int\n',
    "app.py": "app = 1\n",
    "rules/orders.py": "async def place() -> None:\n    raise NotImplementedError\n",
    "README.md": "# Books\n\nRead.\n",
    "old.py": "old = 1\n",
}
SECOND = {
    "model.py": FIRST["model.py"].replace("    price: int\n", "    price: float\n    pages: int\n"),
    "app.py": "app = 2\n",
    "rules/orders.py": FIRST["rules/orders.py"].replace("place()", "place(note: str)"),
    "README.md": "# Books\n\nRead them.\n",
    "views.py": "view = 1\n",
}
THIRD = SECOND | {"model.py": SECOND["model.py"].replace("    pages: int\n", "    isbn: str\n"), "app.py": "app = 3\n"}
MINE = "    return None  # mine\n"


def planned(folder: Path, wanted: Mapping[str, str]) -> list[Change]:
    """What a delivery would do to the folder now."""
    known = memory(folder).remembered()
    found, broken = changes(wanted, known, texts(folder, {*wanted, *known}), {})
    assert broken == []
    return found


def deliver(folder: Path, wanted: Mapping[str, str]) -> None:
    """Do it."""
    write(folder, planned(folder, wanted))


def state(folder: Path) -> dict[str, bytes]:
    """Everything in the folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def worked(tmp_path: Path) -> Path:
    """A delivered folder in which somebody has worked: a body, a comment, a field changed, a file of the reader's."""
    folder = tmp_path / "worked"
    folder.mkdir()
    deliver(folder, FIRST)
    rules, model, readme = folder / "rules/orders.py", folder / "model.py", folder / "README.md"
    rules.write_text(rules.read_text().replace("    raise NotImplementedError\n", MINE))
    model.write_text(model.read_text().replace("    title: str", "    # mine\n    title: str").replace("price: int", "price: int  # euros"))
    readme.write_text("# Books\n\nRead, and weep.\n")
    return folder


def killed(folder: Path, wanted: Mapping[str, str], at: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Deliver in a process of its own that is killed at its nth write; whether it came so far."""
    whole, gone = journal.replace, Path.unlink
    count = 0

    def counted() -> None:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def replace(path: Path, data: bytes) -> None:
        counted()
        whole(path, data)

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.suffix in (".py", ".gz", ".patch"):
            counted()
        gone(path, missing_ok)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(journal, "replace", replace)
        monkeypatch.setattr(Path, "unlink", unlink)
        try:
            deliver(folder, wanted)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("later", [SECOND, THIRD], ids=["the same design", "another design"])
def test_killed_at_every_write(worked: Path, later: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it was killed, and whether the next delivery is of the same design or of another, the folder is as if it never was."""
    right = shutil.copytree(worked, tmp_path / "right")
    deliver(right, SECOND)
    deliver(right, later)
    at = 1
    while killed(folder := shutil.copytree(worked, tmp_path / f"killed{at}"), SECOND, at, monkeypatch):
        deliver(folder, later)
        deliver(folder, later)
        assert state(folder) == state(right), f"killed at write {at}"
        at += 1
    assert at > 12


def test_edited_after_the_kill(worked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody edits after the kill is his, whether the file had been written or not."""
    for at in range(8, 22):
        folder = shutil.copytree(worked, tmp_path / f"killed{at}")
        if killed(folder, SECOND, at, monkeypatch) or at < 12:
            app = folder / "rules/orders.py"
            app.write_text(app.read_text() + "\n\nlater = 1\n")
            deliver(folder, THIRD)
            text = app.read_text()
            assert MINE in text and "later = 1" in text and text.count("place(note: str)") == 1, f"killed at write {at}"


def test_memory_is_small_and_clean(worked: Path) -> None:
    """Only texts that are needed are kept, compressed, and a second delivery of the same design writes nothing."""
    deliver(worked, SECOND)
    before = state(worked)
    assert sum(path.endswith(".gz") for path in before) <= 2 * len(SECOND)
    deliver(worked, SECOND)
    assert state(worked) == before


def test_lost_texts(worked: Path) -> None:
    """Where the texts are lost, edited files are kept and shown beside what is wanted; nothing is overwritten."""
    shutil.rmtree(worked / TEXTS)
    mine = (worked / "model.py").read_text()
    found = {change.path: change for change in planned(worked, SECOND)}
    assert (found["model.py"].kind, found["app.py"].kind) == ("keep", "update")
    write(worked, list(found.values()))
    assert (worked / "model.py").read_text() == mine
    assert (worked / ".backwright/conflicts/model.py.patch").is_file()


def test_digests_alone(tmp_path: Path) -> None:
    """A record of digests, as it was kept before texts were, still tells what nobody has touched."""
    import json

    from backwright.worker.prove import seal

    (tmp_path / ".backwright").mkdir()
    for path, text in (("app.py", FIRST["app.py"]), ("model.py", "mine = 1\n")):
        (tmp_path / path).write_text(text)
    record = {path: seal.digest(FIRST[path].encode()) for path in ("app.py", "model.py")}
    (tmp_path / ".backwright/delivered.json").write_text(json.dumps(record))
    kinds = {change.path: change.kind for change in planned(tmp_path, {path: SECOND[path] for path in record})}
    assert kinds == {"app.py": "update", "model.py": "keep"}


@pytest.mark.parametrize(
    "record", ["", "{", "[]", '{"format": 2}', '{"format": 2, "files": {"a": 1, "../x": {"generated": "1"}}, "writing": 3}']
)
def test_broken_record(record: str, tmp_path: Path) -> None:
    """A record that says nothing, or nonsense, or of places outside, is none."""
    (tmp_path / ".backwright").mkdir()
    (tmp_path / ".backwright/delivered.json").write_text(record)
    assert memory(tmp_path).remembered() == {}


def test_outside(tmp_path: Path) -> None:
    """Nothing is written outside of the folder."""
    with pytest.raises(ValueError, match="not inside"):
        write(tmp_path / "in", [Change("../out.py", "create", "", "x = 1\n")])
