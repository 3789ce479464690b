"""The files of a delivered project that are no Python: README, settings of its tools, what version control leaves out, the load. Pure."""

import json
import re
from typing import Any

from backwright.worker.blueprint import Blueprint
from backwright.worker.write.serving import Serving
from backwright.worker.write.source import sentence

GITIGNORE = """\
.venv/
__pycache__/
.coverage
.mypy_cache/
.pytest_cache/
.ruff_cache/
data/
.backwright/cache/
.backwright/sessions/
"""

PYPROJECT = """\
[project]
name = "{name}"
version = "{version}"
description = {description}
requires-python = ">=3.11"
dependencies = ["backwright"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"{more}]

[tool.mypy]
strict = true
explicit_package_bases = true

[tool.ruff]
line-length = 120
"""


def readme(blueprint: Blueprint, unwritten: list[str], files: list[str]) -> str:
    """``README.md``: what it is, how to run it, where things are."""
    said = {
        "model.py": "what is stored", "access.py": "who may do what", "app.py": "the app: contract, sign-in, database",
        "operations.py": "functions that follow from the design", "sign_in.py": "signing in, as the design has it",
        "views.py": "answers that are no stored row", "errors.py": "the shape of errors", "rules/": "business rules, written by hand",
        "migrations/": "the database's history", "tests/": "unit, integration and API tests", "design/": "the design it was delivered from",
        "load.json": "the load it is meant for",
    }  # fmt: skip
    there = {
        name
        for name in said
        if any(file == name or file.startswith(name) for file in (*files, "migrations/", "rules/" if unwritten else ""))
    }
    lines = [
        f"# {blueprint.contract.title}", "", "A backend on Backwright.", "",
        "    backwright migrate up      # the database's tables (SQLite in data/, or DATABASE_URL)",
        "    backwright serve .         # http://127.0.0.1:8000, with a page of documentation at /docs",
        "    python -m pytest           # the tests",
        "    backwright prove .         # measure every standard again", "",
        "| where | what |", "|---|---|", *(f"| `{name}` | {said[name]} |" for name in said if name in there),
    ]  # fmt: skip
    if unwritten:
        lines += ["", "Still to be written by somebody who knows the business:", "", *(f"* `{name}`" for name in unwritten)]
    return "\n".join(lines) + "\n"


def pyproject(blueprint: Blueprint, more: list[str]) -> str:
    """``pyproject.toml``."""
    contract = blueprint.contract
    name = re.sub(r"[^a-z0-9]+", "-", contract.title.lower()).strip("-") or "backend"
    version = contract.version if re.fullmatch(r"\d+(\.\d+)*", contract.version) else "1.0.0"
    return PYPROJECT.format(
        name=name,
        version=version,
        description=json.dumps(sentence(contract.title), ensure_ascii=False),
        more="".join(f', "{m}"' for m in more),
    )


def load(serving: Serving) -> str:
    """``load.json``: rows of each entity, requests a second, and which requests, most of them reads."""
    blueprint = serving.blueprint
    rows = {e.name: e.rows for e in blueprint.entities if e.rows}
    weights = {"read": 60, "list": 30, "create": 5, "update": 4, "delete": 1}
    mix: list[dict[str, Any]] = [
        {"request": f"{o.method} {blueprint.contract.prefix}{o.path}", "weight": weights.get(o.kind, 2)}
        for o in blueprint.operations
        if o.kind in (*weights, "command")
    ]
    return json.dumps({"rate": 50, "rows": {"default": 10_000, **rows}, "mix": mix}, indent=2) + "\n"
