"""The wheel: everything of the source tree is in it, and it works from where it was installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from this tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_whole_package(wheel: Path) -> None:
    """Every file under src/backwright is in the wheel: modules, templates, and py.typed."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("backwright/")}
    package = ROOT / "src" / "backwright"
    files = (path.relative_to(package.parent) for path in package.rglob("*") if path.is_file())
    source = {str(path) for path in files if not any(part.startswith((".", "__pycache__")) for part in path.parts)}

    assert "backwright/py.typed" in packed
    assert packed == source


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    """The metadata carries the licence with its text, the Python versions, the README and the command."""
    with zipfile.ZipFile(wheel) as archive:
        texts = {name.split("/", 1)[1]: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name}

    assert "License-Expression: Apache-2.0" in texts["METADATA"]
    assert "Requires-Python: >=3.11" in texts["METADATA"]
    assert "Description-Content-Type: text/markdown" in texts["METADATA"]
    assert "Apache License" in texts["licenses/LICENSE"]
    assert "backwright = backwright.cli.main:run" in texts["entry_points.txt"]


def test_the_wheel_works_where_it_is_installed(wheel: Path, tmp_path: Path) -> None:
    """Installed away from the source tree, the package imports from there."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", str(tmp_path), str(wheel)], check=True, capture_output=True)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import backwright; print(backwright.__file__)"
    done = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True)

    assert Path(done.stdout.strip()).is_relative_to(tmp_path)
