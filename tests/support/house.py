"""The house rules about files: their length, their first line, their tests' rooms and sentences. Each returns its breaches."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOMS = {"unit", "services", "journeys", "cases", "typing", "architecture"}
LONGEST = 500
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")


def python_files(*folders: Path) -> list[Path]:
    """Every Python file below the folders, but for what was built or installed there."""
    found = (path for folder in folders for path in folder.rglob("*.py"))
    return sorted(path for path in found if not {".work", "node_modules", "build", "__pycache__"} & set(path.parts))


def too_long(files: Iterable[Path], longest: int = LONGEST) -> list[str]:
    """Files of more lines than `longest`."""
    lengths = ((path, len(path.read_text().splitlines())) for path in files)
    return [f"{path}: {lines} lines: look for the second noun in it" for path, lines in lengths if lines > longest]


def unfinished(files: Iterable[Path]) -> list[str]:
    """Notes of work left undone."""
    lines = ((path, number, line) for path in files for number, line in enumerate(path.read_text().splitlines(), 1))
    return [f"{path}:{number}: {line.strip()}" for path, number, line in lines if UNFINISHED.search(line)]


def without_purpose(files: Iterable[Path]) -> list[str]:
    """Files with code in them whose first line does not say what they are for."""
    trees = ((path, ast.parse(path.read_text())) for path in files)
    return [f"{path}: begin with a docstring that says what it is for" for path, tree in trees if tree.body and not ast.get_docstring(tree)]


def outside_rooms(tests: Path) -> list[str]:
    """Test files that lie in none of the rooms, which are sorted by what a test needs."""
    files = sorted(path.relative_to(tests) for path in tests.rglob("test_*.py"))
    return [f"{path}: put it into one of {', '.join(sorted(ROOMS))}" for path in files if path.parts[0] not in ROOMS]


def speechless(files: Iterable[Path]) -> list[str]:
    """Test functions without a docstring that states the behaviour."""
    found = ((path, node) for path in files for node in _tests(ast.parse(path.read_text())))
    return [
        f"{path}:{node.lineno}: {node.name} does not say which behaviour it tests" for path, node in found if not ast.get_docstring(node)
    ]


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


def leaks(lock: str) -> list[str]:
    """Lines of a lock file that name an index, a host or a path of the machine that made it."""
    return [line for line in lock.splitlines() if re.search(r"://|^-|--(index|extra|find|trusted)|(^|[\s@])/|@ ", line)]


def unlocked(requirements: Iterable[str], lock: str) -> list[str]:
    """Requirements whose package a lock file does not hold."""
    held = {_normal(line.split("==")[0]) for line in lock.splitlines() if "==" in line}
    return [line for line in requirements if _normal(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]) not in held]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).strip().lower()
