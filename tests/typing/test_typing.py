"""Users' code as the type checkers see it: right code is clean, and exactly the marked lines of wrong code are reported."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FILES = sorted(HERE.glob("right_*.py")) + sorted(HERE.glob("wrong_*.py"))


def marked(checker: str) -> set[tuple[str, int]]:
    """The lines that say they are wrong, for both checkers or for this one."""
    marks = ("# wrong: ", f"# wrong for {checker}: ")
    return {(f.name, n) for f in FILES for n, line in enumerate(f.read_text().splitlines(), 1) if any(mark in line for mark in marks)}


def ask(*command: str) -> str:
    """What a checker prints; it may well find errors."""
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def mypy() -> set[tuple[str, int]]:
    """The lines that mypy reports as errors, in strict mode."""
    printed = ask("mypy", "--strict", "--warn-unreachable", "--no-error-summary", "--show-absolute-path", *map(str, FILES))
    return {(Path(m[1]).name, int(m[2])) for m in re.finditer(r"^(.+\.py):(\d+): error: ", printed, re.MULTILINE)}


@pytest.fixture(scope="module")
def pyright() -> set[tuple[str, int]]:
    """The lines that pyright reports as errors, in the project's mode, which is strict."""
    found = json.loads(ask("pyright", "--outputjson", *map(str, FILES)))["generalDiagnostics"]
    return {(Path(d["file"]).name, d["range"]["start"]["line"] + 1) for d in found if d["severity"] == "error"}


def test_there_is_right_and_wrong_code() -> None:
    """A folder without marks would prove nothing."""
    assert len(marked("pyright")) > 15 and any(f.name.startswith("right_") for f in FILES)


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_exactly_the_wrong_lines_are_reported(checker: str, request: pytest.FixtureRequest) -> None:
    """Not one more, not one less."""
    reported = request.getfixturevalue(checker)
    wrong = marked(checker)
    assert {"missed": sorted(wrong - reported), "invented": sorted(reported - wrong)} == {"missed": [], "invented": []}
