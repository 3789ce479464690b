"""``backwright symbols``: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backwright.cli.symbols import commands
from tests.support.trees import plant


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(
        tmp_path,
        {
            "app.py": 'from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.get("/orders")\ndef orders():\n    return 1\n\n\norders()\n',
            "models.py": "from pydantic import BaseModel\n\n\nclass Order(BaseModel):\n    total: int\n",
        },
    )


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (["overview", ".", "app.py"], "language", "python"),
        (["find", ".", "orders"], "files", 1),
        (["references", ".", "orders", "app.py"], "more", False),
        (["search", ".", "orders"], "files", 2),
        (["routes", "."], "files", 1),
        (["models", "."], "files", 2),
        (["logic", "."], "looked_at", 1),
        (["insert-after", ".", "orders", "app.py", "--text", "def more(): ..."], "changed", True),
    ],
)
def test_every_answer_is_json_on_request(words: list[str], key: str, value: object, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One object on standard output; without ``--json`` lines for people."""
    monkeypatch.chdir(root)

    said = CliRunner().invoke(commands, [*words, "--json"])
    plain = CliRunner().invoke(commands, words[:3])

    assert said.exit_code == 0 and json.loads(said.stdout)[key] == value
    assert plain.exit_code != 1 and "Traceback" not in plain.output


def test_the_new_text_comes_from_standard_input(root: Path) -> None:
    """Where ``--text`` is not given."""
    done = CliRunner().invoke(commands, ["replace", str(root), "orders", "app.py"], input="def orders():\n    return 2\n")

    assert done.exit_code == 0 and "app.py:6-7  written" in done.stdout
    assert '@app.get("/orders")\ndef orders():\n    return 2\n' in (root / "app.py").read_text()


def test_a_refusal_ends_with_status_2_and_a_sentence(root: Path) -> None:
    """On standard error; nothing is written."""
    refused = CliRunner().invoke(commands, ["replace", str(root), "orders", "../app.py", "--text", "x"])

    assert refused.exit_code == 2 and "not below the root" in refused.stderr and refused.stdout == ""
