"""The documents are true: their Python runs, their commands, links and standards exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backwright.cli.main import app
from tests.support.documents import Snippet, commands, links, snippets

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("examples/*/README.md")])
PYTHON = [s for document in DOCUMENTS for s in snippets(document) if s.info[:1] == ("python",)]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def exists(command: str) -> bool:
    """Whether a documented command can be run: a target of the Makefile, a command of backwright, a module, a tool."""
    words = [word for word in command.split() if "=" not in word]
    match words:
        case ["make", target, *_]:
            return target in TARGETS
        case ["backwright", *rest]:
            asked = [*[word for word in rest[:2] if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-")], "--help"]
            return CliRunner().invoke(app, asked).exit_code == 0
        case [tool, "-m", module, *_]:
            return Path(_tool(tool)).exists() and _succeeds(
                [sys.executable, "-c", f"import importlib.util as u; assert u.find_spec({module!r})"]
            )
        case [tool, *_]:
            return Path(_tool(tool)).exists()
    return False


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / Path(name).name)


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("snippet", PYTHON, ids=str)
def test_python_in_documents_runs(snippet: Snippet, tmp_path: Path) -> None:
    """A block marked ``python`` runs in a fresh process; one marked ``python fragment`` compiles."""
    file = tmp_path / "snippet.py"
    file.write_text(snippet.code)
    compile(snippet.code, str(snippet), "exec")
    if "fragment" in snippet.info:
        return
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'snippet.db'}"}
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_commands_in_documents_exist(document: Path) -> None:
    """Whatever a document tells its reader to type can be typed."""
    assert [command for command in dict.fromkeys(commands(document)) if not exists(command)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_in_documents_lead_somewhere(document: Path) -> None:
    """A link into the repository names a file that is there."""
    assert [str(path) for path in links(document) if not path.exists()] == []


def test_the_standards_in_the_readme_are_checked() -> None:
    """The README names exactly the standards that ``backwright prove`` knows."""
    from backwright.worker.prove.standards import EVERY

    named = set(re.findall(r"`((?:api|db|access|code|run)\.[a-z-]+)`", (ROOT / "README.md").read_text()))

    assert named == {standard.id for standard in EVERY}


def test_a_false_command_is_found(tmp_path: Path) -> None:
    """Targets, commands and modules that are not there are told from those that are; all places of a document are read."""
    document = tmp_path / "sample.md"
    document.write_text(
        "Run `make test`, `make gold` or `backwright fly`.\n\n    make silver  # now\n\n```sh\nmake demo SERVE=no\nmake bronze\n```\n"
    )

    assert [command for command in commands(document) if not exists(command)] == [
        "make bronze",
        "make silver",
        "make gold",
        "backwright fly",
    ]
