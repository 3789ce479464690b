"""Designs with contracts of their own: each is delivered, type-checks strictly, and serves every path of the design."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from backwright.worker.importers.openapi import import_openapi
from backwright.worker.prove.checks.clean import CLEAN
from backwright.worker.prove.verdict import Verdict
from tests.support.delivering import FOREIGN, ROOT, delivered

CASES = [ROOT / f"tests/cases/{name}/design.yaml" for name in ("todo", "blog", "pets", "catalogue")]
DESIGNS = [*CASES, *sorted(FOREIGN.glob("*.y*ml"))]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_design(design: Path, tmp_path: Path) -> None:
    """It is delivered, its code is clean, and every operation of the design is served at its path."""
    found = delivered(design, tmp_path / "project", standards=(CLEAN,))
    assert found.claims[0].verdict is Verdict.PROVED, found.claims[0].finding
    paths: dict[str, Any] = json.loads((found.session / "served_openapi.json").read_text())["paths"]
    served = {anonymous(path): methods for path, methods in paths.items()}
    wanted = import_openapi(design)
    base = wanted.servers[0].base if wanted.servers else ""
    missing = [f"{o.method} {base}{o.path}" for o in wanted.operations if o.method.lower() not in served.get(anonymous(base + o.path), {})]
    assert missing == []


def anonymous(path: str) -> str:
    """The path without the names of its parameters, which no client sees."""
    return re.sub(r"{[^}]*}", "{}", path)
