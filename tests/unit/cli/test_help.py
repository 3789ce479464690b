"""The words of the command line: listed without loading anything, each of them there."""

import importlib
import subprocess
import sys
from importlib.metadata import version

import pytest

from backwright.cli.main import COMMANDS


def test_help_is_light() -> None:
    """``backwright --help`` loads no command, no app, no driver."""
    program = (
        "import sys; from backwright.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit: pass\n"
        "print(*(m for m in sys.modules if m.startswith(('backwright.cli.', 'backwright.worker', *sys.argv[1:]))))"
    )
    heavy = ("sqlalchemy", "alembic", "asyncpg", "uvicorn", "prometheus_client", "yaml", "jinja2")
    done = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "backwright.cli.main"
    assert all(word in done.stdout for word in COMMANDS)


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_is_there(word: str) -> None:
    """Its module holds what the table says."""
    module, _, name = COMMANDS[word][0].partition(":")

    assert callable(getattr(importlib.import_module(f"backwright.cli.{module}"), name))


def test_an_unknown_word_is_refused() -> None:
    """With status 2 and the word."""
    done = subprocess.run([sys.executable, "-m", "backwright.cli.main", "serv"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "serv" in done.stderr


def test_the_version_is_that_of_the_package() -> None:
    """One line, status 0."""
    done = subprocess.run([sys.executable, "-m", "backwright.cli.main", "--version"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, version("backwright"))
