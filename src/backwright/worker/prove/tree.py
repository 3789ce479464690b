"""The files of a project, without what is made from them; choosing by pattern; disposable copies."""

import os
import re
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".backwright", ".mypy_cache", ".ruff_cache", ".pytest_cache",
        ".hypothesis", ".tox", ".nox", ".idea", ".vscode", "htmlcov", ".eggs",
    }
)  # fmt: skip
_SKIPPED_FILES = re.compile(r"(\.pyc|\.pyo|\.db|\.db-wal|\.db-shm|\.db-journal)$|^\.coverage(\..*)?$")


def files(folder: Path) -> list[str]:
    """Every file of the project, relative, with forward slashes, sorted. Made files, caches and databases are left out.

    A linked folder is gone into, since code in it runs like any other: once, and never one that holds the project itself.
    """
    found: list[str] = []
    root = os.path.realpath(folder)
    seen: set[str] = set()
    for base, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(base)
        if real in seen or (real != root and root.startswith(real.rstrip(os.sep) + os.sep)):
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.endswith(".egg-info"))
        found += [(Path(base) / name).relative_to(folder).as_posix() for name in names if not _SKIPPED_FILES.search(name)]
    return sorted(found)


def chosen(names: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Those that match a pattern and no pattern with ``!`` before it. ``*`` stays in a folder, ``**/`` is any number of folders."""
    wanted = [_matcher(p) for p in patterns if not p.startswith("!")]
    refused = [_matcher(p[1:]) for p in patterns if p.startswith("!")]
    return [n for n in names if any(p.fullmatch(n) for p in wanted) and not any(p.fullmatch(n) for p in refused)]


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts), re.DOTALL)


@contextmanager
def disposable(folder: Path) -> Generator[Path]:
    """A copy of the project, under its own name, that may be written to and is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="backwright-", ignore_cleanup_errors=True) as scratch:
        copy = Path(scratch).resolve() / folder.resolve().name
        for name in files(folder):
            place = copy / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if (folder / name).is_file():
                shutil.copy2(folder / name, place)
        copy.mkdir(exist_ok=True)
        yield copy
