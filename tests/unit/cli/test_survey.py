"""``backwright survey`` as its user sees it."""

import json
from pathlib import Path

from typer.testing import CliRunner

from backwright.cli.main import app
from tests.support.repositories import repository

EXPRESS = """\
=== package.json
{"name": "shop", "dependencies": {"express": "4.19.2", "joi": "^17.0.0"}}
=== server.js
const express = require('express')
const app = express()
=== pyproject.toml
[project
"""


def test_facts_come_with_their_places(tmp_path: Path) -> None:
    """Frameworks with version and place, what is declared and not used, what is broken; the exit status is 0."""
    ran = CliRunner().invoke(app, ["survey", str(repository(tmp_path, EXPRESS))])

    assert ran.exit_code == 0, ran.output
    assert "framework    Express 4.19.2  package.json:1, server.js:1" in ran.output
    assert "Joi ^17.0.0 [declared, no use found]" in ran.output
    assert "pyproject.toml:1: not valid TOML" in ran.output


def test_none_found_is_printed(tmp_path: Path) -> None:
    """Of an empty folder every question has its answer."""
    ran = CliRunner().invoke(app, ["survey", str(tmp_path)])

    assert ran.exit_code == 0 and ran.output.count("none found") == 15


def test_json_on_standard_output(tmp_path: Path) -> None:
    """``--json -`` prints the document and nothing else."""
    ran = CliRunner().invoke(app, ["survey", str(repository(tmp_path, EXPRESS)), "--json", "-"])

    assert json.loads(ran.output)["services"][0]["frameworks"][0]["version"] == "4.19.2"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It is refused with status 2."""
    assert CliRunner().invoke(app, ["survey", str(tmp_path / "no")]).exit_code == 2


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The facts are printed, the file is refused in a sentence, with status 2."""
    ran = CliRunner().invoke(app, ["survey", str(tmp_path), "--json", str(tmp_path / "no" / "x.json")])

    assert ran.exit_code == 2 and "cannot be written: No such file or directory" in ran.output
