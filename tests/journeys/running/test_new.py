"""A new project: it runs its own tests, serves, and has what production needs."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.serving import serving

RUN = [sys.executable, "-m"]


def words(folder: Path, *command: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run a module in a folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BACKWRIGHT_", "PYTEST_")) and k != "DATABASE_URL"}
    return subprocess.run([*RUN, *command], cwd=folder, env=clean, input=said, capture_output=True, text=True, timeout=120, check=False)


def test_a_new_project_passes_its_tests_and_serves(tmp_path: Path) -> None:
    """Written, tested, migrated, served; the first administrator is made on the command line and can sign in."""
    made = words(tmp_path, "backwright.cli.main", "new", "my-notes")
    project = tmp_path / "my-notes"
    assert made.returncode == 0, made.stderr
    assert [p.name for p in (project / "migrations" / "versions").glob("*.py")] == ["0001_first.py"]

    tested = words(project, "pytest", "-q", "-p", "no:cacheprovider")
    assert (tested.returncode, "3 passed" in tested.stdout) == (0, True), tested.stdout

    account = words(
        project, "backwright.cli.main", "account", "create", "boss@example.org", "--set", "is_staff=true", said="correct horse battery\n"
    )
    assert account.returncode == 0, account.stderr
    with serving(project) as server:
        credentials = {"email": "boss@example.org", "password": "correct horse battery"}
        assert server.ask("POST", "/v1/sign-in", credentials).status == 200
        assert server.ask("GET", "/v1/notes").status == 401
        assert server.stop() == 0


def test_a_new_project_is_clean(tmp_path: Path) -> None:
    """What `new` writes passes mypy in strict mode and ruff; no placeholder is left in it."""
    words(tmp_path, "backwright.cli.main", "new", "shop")

    files = ["model.py", "notes.py", "access.py", "app.py", "tests/test_notes.py"]
    assert words(tmp_path / "shop", "mypy", "--strict", *files).returncode == 0
    assert words(tmp_path / "shop", "ruff", "check", "--isolated", ".").returncode == 0
    texts = {path: path.read_text() for path in (tmp_path / "shop").rglob("*") if path.is_file() and "cache" not in str(path)}
    assert [path for path, text in texts.items() if "{name}" in text or "{title}" in text or "{version}" in text] == []
    assert (tmp_path / "shop" / "shop.service").is_file()


def test_a_full_folder_is_left_alone(tmp_path: Path) -> None:
    """`new` does not write over anything."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "precious.txt").write_text("mine")

    done = words(tmp_path, "backwright.cli.main", "new", "shop")

    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [p.name for p in (tmp_path / "shop").iterdir()] == ["precious.txt"]
