"""The modules that decide: no driver, socket, file, clock or chance; what they need comes in as an argument."""

import ast
from pathlib import Path

import pytest

from tests.support.floors import purity_breaches
from tests.support.source import modules
from tests.support.trees import plant

SOURCE = Path(__file__).parents[2] / "src"
PURE = [
    "domain.*", "data.sql.*", "worker.design", "observe.events", "observe.mask", "observe.traces", "observe.request_id",
    "data.layout", "data.layout_of", "data.checks", "data.counters", "data.migrations.steps", "data.migrations.replay",
    "data.migrations.diff", "data.migrations.conversions", "data.migrations.dangers", "data.migrations.describe", "data.migrations.write",
    "operations.address", "operations.caller", "operations.guard", "operations.limits",
]  # fmt: skip


def test_pure_modules_are_pure() -> None:
    """The named modules neither import nor call anything that reaches outside; every name on the list is a module."""
    assert purity_breaches(SOURCE, PURE) == []


def test_who_says_pure_is_pure() -> None:
    """A module whose first words end with "Pure." is held to it, on the list or not."""
    said = [name.removeprefix("backwright.") for name, m in modules(SOURCE).items() if "Pure." in (ast.get_docstring(m.tree) or "")]

    assert len(said) > 30 and purity_breaches(SOURCE, said) == []


@pytest.mark.parametrize(
    "text",
    [
        "import sqlite3",
        "def f():\n    import asyncio",
        "from urllib.request import urlopen",
        "from os import environ",
        "from datetime import datetime\nx = datetime.now()",
        "import uuid\nx = uuid.uuid4()",
        "from uuid import uuid4\nx = uuid4()",
        "x = open('/etc/passwd')",
    ],
)
def test_an_impure_module_is_found(text: str, tmp_path: Path) -> None:
    """An import or call that reaches outside is a breach, reported with its module and line."""
    found = purity_breaches(plant(tmp_path, {"backwright/domain/model.py": text}), ["domain.*"])

    assert found and all(line.startswith("backwright.domain.model:") for line in found)


def test_values_of_time_are_no_clock(tmp_path: Path) -> None:
    """A pure module may know dates and UUIDs; it may not make them up."""
    text = "from datetime import datetime, time\nfrom uuid import UUID\nx = UUID(int=1), datetime(2026, 1, 1)"

    assert purity_breaches(plant(tmp_path, {"backwright/domain/model.py": text}), ["domain.*"]) == []


def test_a_stale_pattern_is_found(tmp_path: Path) -> None:
    """The list cannot go on naming modules that were renamed away."""
    assert purity_breaches(plant(tmp_path, {"backwright/domain/model.py": ""}), ["domain.gone"]) == [
        "domain.gone names no module: mend the list"
    ]
