"""The survey of a folder: what is there, read without running anything."""

import subprocess
from pathlib import Path

from backwright.worker.survey.read import survey

RULES = '''
from backwright import NotImplementedYet, Transaction

async def place(tx: Transaction[object], basket: dict[str, int]) -> None:
    """Written."""
    return None

async def cancel(tx: Transaction[object]) -> None:
    """Not written."""
    raise NotImplementedYet(rule="cancel")

raise SystemExit("nobody runs this")
'''


def test_nothing_there(tmp_path: Path) -> None:
    """A folder that is not there is empty."""
    assert survey(tmp_path / "nowhere").empty


def test_functions(tmp_path: Path) -> None:
    """Functions are found with their kind, and whether they are written."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/orders.py").write_text(RULES)
    found = {f.name: (f.kind, f.written, f.module) for f in survey(tmp_path).functions}
    assert found == {"place": ("Transaction", True, "rules.orders"), "cancel": ("Transaction", False, "rules.orders")}


def test_unreadable_python(tmp_path: Path) -> None:
    """A file that does not parse is named, not run over."""
    (tmp_path / "broken.py").write_text("def :")
    assert survey(tmp_path).unreadable[0].startswith("broken.py: ")


def test_whose_repository(tmp_path: Path) -> None:
    """A repository's root is one's own; a folder inside it is somebody else's."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside/a.txt").write_text("a")
    own, inside = survey(tmp_path).git, survey(tmp_path / "inside").git
    assert own is not None and own.own and not own.commits
    assert inside is not None and not inside.own and inside.uncommitted
