"""What a user imports: the names are guarded, and importing them is light."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.support.trees import plant

SOURCE = Path(__file__).parents[2] / "src"
PUBLIC = (Path(__file__).parent / "public_names.txt").read_text().split()

HEAVY = {
    "alembic", "argon2", "asyncpg", "coverage", "email_validator", "jinja2", "joserfc", "jsonschema_rs", "libcst", "multipart", "mypy",
    "phonenumbers", "prometheus_client", "pwdlib", "pytest", "python_multipart", "rich", "ruff", "sqlalchemy", "sqlite3", "typer",
    "uvicorn", "uvloop", "watchfiles", "yaml", "backwright.worker", "backwright.cli",
    "backwright.data.engines.postgres", "backwright.data.engines.sqlite",
}  # fmt: skip


def loaded(code: str, source: Path = SOURCE) -> set[str]:
    """The modules that a fresh interpreter holds after running `code`."""
    program = f"import sys; sys.path.insert(0, {str(source)!r})\n{code}\nimport json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def heavy(names: Iterable[str]) -> list[str]:
    """Those of the modules that declaring an application must not load."""
    return sorted(name for name in names if any(name == root or name.startswith(f"{root}.") for root in HEAVY))


def test_the_public_names_are_the_guarded_ones() -> None:
    """``backwright.__all__`` is the list in ``public_names.txt``: adding or removing a public name is a decision, not an accident."""
    import backwright

    assert sorted(backwright.__all__) == sorted(PUBLIC)


def test_every_public_name_is_there_and_documented() -> None:
    """Each name can be imported; classes and functions have a docstring of their own."""
    import backwright

    assert [name for name in PUBLIC if not hasattr(backwright, name)] == []
    things = {name: getattr(backwright, name) for name in PUBLIC}
    assert [name for name, thing in things.items() if callable(thing) and not thing.__doc__] == []


def test_declaring_is_light() -> None:
    """``from backwright import App, Entity, Rest, allow`` loads no driver, no SQLAlchemy, nothing of the worker or the command line."""
    assert heavy(loaded("from backwright import App, Entity, Rest, allow")) == []


def test_a_heavy_import_is_found(tmp_path: Path) -> None:
    """A package that loads a driver or its own worker when imported is reported."""
    plant(tmp_path, {"backwright/worker/delivery/deliver.py": ""})
    (tmp_path / "backwright/__init__.py").write_text("import sqlite3\nimport backwright.worker.delivery.deliver")

    found = heavy(loaded("import backwright", tmp_path))

    assert {"sqlite3", "backwright.worker", "backwright.worker.delivery.deliver"} <= set(found)
