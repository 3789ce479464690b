"""Reads the facts about a folder. Nothing in it is imported or run."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from backwright.worker.merge.memory import memory
from backwright.worker.prove import seal, tree
from backwright.worker.survey.facts import Facts, Found, Git
from backwright.worker.survey.surveyor import survey_repository


def survey(folder: Path) -> Facts:
    """The facts about the folder; one that is not there is empty."""
    if not folder.is_dir():
        return Facts()
    names = tree.files(folder)
    functions: list[Found] = []
    unreadable: list[str] = []
    for name in tree.chosen(names, ("**/*.py",)):
        try:
            functions += functions_in(name, (folder / name).read_text(encoding="utf-8-sig"))
        except (SyntaxError, ValueError, RecursionError, OSError) as error:
            unreadable.append(f"{name}: {error}")
    return Facts(
        files={name: digest for name in names if (digest := seal.of_file(folder / name))},
        remembered=memory(folder).remembered(),
        functions=tuple(functions),
        unreadable=tuple(unreadable),
        migrations=tuple(tree.chosen(names, ("migrations/versions/*.py",))),
        tests=tuple(tree.chosen(names, ("**/test_*.py",))),
        git=_git(folder),
        repository=survey_repository(folder),
    )


def functions_in(file: str, text: str) -> list[Found]:
    """The functions of a module, not those inside others. Raises ``SyntaxError``."""
    listed = ast.parse(text, filename=file).body
    return [_found(file, node) for node in listed if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _found(file: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Found:
    first = next(iter(node.args.args), None)
    kind = ast.unparse(first.annotation).partition("[")[0] if first is not None and first.annotation is not None else ""
    answer = ast.unparse(node.returns) if node.returns is not None else ""
    return Found(node.name, file, node.lineno, isinstance(node, ast.AsyncFunctionDef), kind, answer, not _unwritten(node))


def _unwritten(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Its last statement says so."""
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is not None and "NotImplementedYet" in ast.unparse(last.exc)


def _git(folder: Path) -> Git | None:
    if shutil.which("git") is None:
        return None
    root = git(folder, "rev-parse", "--show-toplevel")
    if root is None:
        return None
    branch = git(folder, "symbolic-ref", "--short", "HEAD") or ""
    commits = git(folder, "rev-parse", "--verify", "--quiet", "HEAD") is not None
    return Git(Path(root).resolve() == folder.resolve(), branch, commits, tuple(_uncommitted(folder)))


def _uncommitted(folder: Path) -> Iterator[str]:
    """What is changed, new or gone, file by file, and not left out by ``.gitignore``."""
    prefix = git(folder, "rev-parse", "--show-prefix") or ""
    said = (git(folder, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ".") or "").split("\0")
    yield from (line[3:].removeprefix(prefix) for line in said if line)


def git(folder: Path, *arguments: str) -> str | None:
    """What git says; None where it refuses."""
    ran = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=30, check=False)
    return ran.stdout.strip("\n") if ran.returncode == 0 else None
