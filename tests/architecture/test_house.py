"""Files stay short and finished, tests are sorted and speak, locks name no machine."""

import tomllib
from pathlib import Path

from tests.support.house import leaks, outside_rooms, python_files, speechless, too_long, unfinished, unlocked, without_purpose
from tests.support.trees import plant

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
OURS = [ROOT / "src", TESTS, ROOT / "benchmarks", ROOT / "examples"]


def test_no_file_is_longer_than_a_noun() -> None:
    """No Python file of this repository has more than 500 lines."""
    assert too_long(python_files(*OURS)) == []


def test_nothing_is_left_undone_in_a_comment() -> None:
    """Open work lives in issues, not in the code."""
    assert unfinished(python_files(*OURS)) == []


def test_every_file_says_what_it_is_for() -> None:
    """The first line of a module is its purpose."""
    assert without_purpose(python_files(ROOT / "src", TESTS, ROOT / "benchmarks")) == []


def test_every_test_has_a_room() -> None:
    """A test file lies in the room named after what it needs."""
    assert outside_rooms(TESTS) == []


def test_every_test_says_what_it_tests() -> None:
    """Every test function's docstring states one behaviour."""
    assert speechless(TESTS.rglob("test_*.py")) == []


def test_locks_name_no_machine() -> None:
    """The lock files hold versions and hashes, no index, host or path."""
    found = [line for name in ("requirements.lock", "requirements-dev.lock") for line in leaks((ROOT / name).read_text())]

    assert found == []


def test_locks_hold_every_declared_dependency() -> None:
    """What pyproject.toml asks for is locked, for running and for developing: after a change of it comes ``make lock``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    developing = [line for line in project["dependency-groups"]["dev"] if isinstance(line, str)]

    assert unlocked(needed, (ROOT / "requirements.lock").read_text()) == []
    assert unlocked(needed + developing, (ROOT / "requirements-dev.lock").read_text()) == []


def test_an_unlocked_dependency_is_found() -> None:
    """Names are compared as the index compares them: case, dots and underscores do not count, extras neither."""
    assert unlocked(["Foo.Bar[extra]>=1", "gone<2"], "foo-bar==1.0\\\n") == ["gone<2"]


def test_a_long_file_is_found(tmp_path: Path) -> None:
    """The line after the last allowed one is one too many."""
    plant(tmp_path, {"pkg/fits.py": "x = 1\n" * 500, "pkg/long.py": "x = 1\n" * 501})

    assert [line.split(":")[0] for line in too_long(python_files(tmp_path))] == [str(tmp_path / "pkg/long.py")]


def test_a_note_of_open_work_is_found(tmp_path: Path) -> None:
    """Each of the usual words is found, with its line."""
    plant(tmp_path, {"pkg/open.py": "x = 1\n# TO" + "DO: mend\n"})

    assert [line.split(": ")[0] for line in unfinished(python_files(tmp_path))] == [f"{tmp_path / 'pkg/open.py'}:2"]


def test_a_file_without_a_purpose_is_found(tmp_path: Path) -> None:
    """A file with code and no docstring is reported; an empty one is not."""
    plant(tmp_path, {"pkg/mute.py": "x = 1"})

    assert len(without_purpose(python_files(tmp_path))) == 1


def test_a_test_without_a_room_is_found(tmp_path: Path) -> None:
    """A test file beside the rooms, or in a room that is none, is reported."""
    plant(tmp_path, {"test_a.py": "", "misc/test_b.py": "", "unit/data/test_c.py": ""})

    assert [line.split(":")[0] for line in outside_rooms(tmp_path)] == ["misc/test_b.py", "test_a.py"]


def test_a_speechless_test_is_found(tmp_path: Path) -> None:
    """A test without a docstring is reported, in a class too; helpers may be silent."""
    plant(tmp_path, {"unit/test_a.py": "def helper(): ...\ndef test_a(): ...\nclass TestB:\n    async def test_c(self): ...\n"})

    assert [line.split(": ")[1].split()[0] for line in speechless([tmp_path / "unit/test_a.py"])] == ["test_a", "test_c"]


def test_a_leaking_lock_is_found() -> None:
    """An index, a find-links folder, a direct reference and a file path are each reported."""
    lines = ["--index-url https://packages.example/simple", "--find-links /opt/wheels", "a @ file:///tmp/a.whl", "-e /work/a", "/opt/b.whl"]

    assert leaks("\n".join(["msgspec==0.22.0 \\", "    --hash=sha256:aa", *lines])) == lines
