"""The static standards: each passes on a clean project, and each of its planted faults is caught for its own reason."""

from pathlib import Path

import pytest

from backwright.worker.prove import tree
from backwright.worker.prove.checks.clean import CLEAN, clean
from backwright.worker.prove.checks.coverage import COVERAGE, coverage
from backwright.worker.prove.checks.layered import LAYERED, layered
from backwright.worker.prove.checks.logged import LOGGED, logged
from backwright.worker.prove.checks.secrets import SECRETS
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, Verdict
from tests.support.proof import shop

STATIC = (LAYERED, CLEAN, LOGGED, SECRETS, COVERAGE)
REASONS = {
    "driver-in-business-code": "imports sqlite3 (a database driver)",
    "deciding-entity": "the entity Planted decides something",
    "type-error": "Incompatible return value type",
    "unused-import": "F401",
    "tangle": "planted has complexity 13",
    "copy": "of the code is copied",
    "key-in-code": "SECRET_KEY is given in the code",
    "cloud-key": "an AWS access key stands in the file",
    "password-in-url": "a password stands in a URL",
    "password-in-the-clear": "Planted.password would keep a password as it is",
    "print": "print instead of an event",
    "body-in-log": "body is written to the log",
    "password-in-log": "password is written to the log",
    "swallowed": "every fault is swallowed here",
    "untested": "% of the statements are run by tests",
    "failing-test": "1 of 2 tests fail",
}
OPERATIONS = '''"""What the shop does."""

from backwright.operations.transaction import Transaction
import stock


async def order(tx: "Transaction[object]") -> int:
    return stock.left()
'''


@pytest.mark.parametrize("standard", STATIC, ids=lambda standard: standard.id)
def test_a_clean_project_passes(tmp_path: Path, standard: Standard) -> None:
    """The clean twin of every fault is proved."""
    found = standard.check(shop(tmp_path))

    assert found.verdict is Verdict.PROVED, found.raw


@pytest.mark.parametrize("plant", [plant for standard in STATIC for plant in standard.plants], ids=lambda plant: plant.id)
def test_a_planted_fault_is_caught(tmp_path: Path, plant: Plant) -> None:
    """The check fails, and its finding names this fault."""
    target = shop(tmp_path)
    plant.apply(target.dir)
    found = next(s for s in STATIC if s.id == plant.standard).check(target)

    assert found.verdict is Verdict.FAILED
    assert REASONS[plant.id] in found.finding


@pytest.mark.parametrize("check", [layered, clean, logged])
def test_nothing_to_look_at_is_not_applicable(tmp_path: Path, check: object) -> None:
    """A folder without Python is neither good nor bad."""
    found = check(Target(tmp_path))  # type: ignore[operator]

    assert found.verdict is Verdict.NOT_APPLICABLE


def look(tmp_path: Path, standard: Standard, files: dict[str, str]) -> Finding:
    """What the check says about the shop with these files."""
    return standard.check(shop(tmp_path, files))


def test_a_driver_behind_another_module_is_found(tmp_path: Path) -> None:
    """A business function may not reach a driver through the project's own modules either."""
    found = look(tmp_path, LAYERED, {"operations.py": OPERATIONS, "stock.py": "def left() -> int:\n    import asyncpg\n    return 1\n"})

    assert found.finding == "stock.py:2: imports asyncpg (a database driver), and the business functions of operations.py import it"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import importlib\nimportlib.import_module('asyncpg')\n", "imports asyncpg"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import fastapi\n", "imports fastapi"),
        ("from backwright.data.engines import engine\n", "the kit's inside"),
    ],
)
def test_no_way_of_importing_is_overlooked(tmp_path: Path, text: str, reason: str) -> None:
    """By name, for type checkers only, or from the inside of the kit: it is an import."""
    assert reason in look(tmp_path, LAYERED, {"operations.py": OPERATIONS, "stock.py": text}).finding


def test_an_access_list_may_not_choose(tmp_path: Path) -> None:
    """A rule that is chosen when the file is loaded is a decision; a rule given as a lambda is a rule."""
    chosen = "from backwright import allow\nimport os\naccess = [allow(int, read=a if os.environ.get('X') else b)]\n"
    rule = "from backwright import allow\naccess = [allow(int, read=lambda row, who: row.a == who.id or who.b)]\n"

    assert "the access list decides" in look(tmp_path / "a", LAYERED, {"access.py": chosen}).finding
    assert look(tmp_path / "b", LAYERED, {"access.py": rule}).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "text",
    [
        'PASSWORD_FIELD = "password_hash"\n',
        'TOKEN_URL = "https://example.org/token"\n',
        'token = "Authorization"\n',
        'def f(token: str = "") -> None: ...\n',
        'password = "<your password>"\n',
        'database = "postgresql://postgres:postgres@localhost/postgres"\n',
        'api_key = "${API_KEY}"\n',
        '"""An address such as postgresql://user:password@host/name."""\n',
    ],
)
def test_what_only_looks_like_a_secret_passes(tmp_path: Path, text: str) -> None:
    """Names of fields, addresses, headers, placeholders and local defaults are no secrets."""
    found = look(tmp_path, SECRETS, {"settings.py": text})

    assert found.verdict is Verdict.PROVED, found.finding


def test_the_evidence_does_not_repeat_the_secret(tmp_path: Path) -> None:
    """Finding and raw output show how long the secret is, not the secret."""
    key = "q9Xv71Lp" + "Z0aTn3Rw8Bc5"
    found = look(tmp_path, SECRETS, {"settings.py": f'SECRET_KEY = "{key}"\n'})

    assert found.verdict is Verdict.FAILED
    assert key not in found.finding + found.raw


def test_a_readable_secret_field_is_found(tmp_path: Path) -> None:
    """A stored token must be declared Secret."""
    text = "from backwright.domain.entity import Entity\n\n\nclass Hook(Entity):\n    signing_secret: str\n"

    assert "Hook.signing_secret can be read by clients" in look(tmp_path, SECRETS, {"hooks.py": text}).finding


def test_a_fast_hash_of_a_password_is_found(tmp_path: Path) -> None:
    """SHA-256 is no way to keep a password."""
    text = "import hashlib\n\n\ndef f(password: str) -> str:\n    return hashlib.sha256(password.encode()).hexdigest()\n"

    assert "too fast" in look(tmp_path, SECRETS, {"sign_in.py": text}).finding


@pytest.mark.parametrize("text", ["# mypy: ignore-errors\nx: int = ''\n", "# ruff: noqa\nimport os\n", "# type: ignore\nx: int = ''\n"])
def test_checks_cannot_be_switched_off(tmp_path: Path, text: str) -> None:
    """A comment that silences a whole file is a breach itself."""
    found = look(tmp_path, CLEAN, {"quiet.py": text})

    assert found.verdict is Verdict.FAILED
    assert "switched off" in found.raw


def test_the_projects_own_settings_do_not_count(tmp_path: Path) -> None:
    """A project that asks for fewer rules is held to the same ones."""
    lax = '[tool.ruff.lint]\nignore = ["F401"]\n[tool.mypy]\nignore_errors = true\n'

    assert look(tmp_path, CLEAN, {"pyproject.toml": lax, "lint.py": "import os\n"}).figures["lint"] == 1


def test_statements_cannot_be_left_out_of_coverage(tmp_path: Path) -> None:
    """Comments and settings that leave code out are not followed."""
    lines = "".join(f"    a = a + {n}\n" for n in range(50))
    hidden = {"hidden.py": f"def f(a: int) -> int:  # pragma: no cover\n{lines}    return a\n", ".coveragerc": "[run]\nomit = *\n"}

    assert look(tmp_path, COVERAGE, hidden).verdict is Verdict.FAILED


def test_no_tests_is_a_failure(tmp_path: Path) -> None:
    """A project without tests has no coverage."""
    target = shop(tmp_path)
    (target.dir / "tests/unit/test_pricing.py").unlink()

    assert coverage(target).finding == "there are no tests"


def test_tests_are_counted_by_their_kind(tmp_path: Path) -> None:
    """Unit and integration tests have figures of their own."""
    found = look(tmp_path, COVERAGE, {"tests/integration/test_b.py": "def test_b() -> None:\n    assert not []\n"})

    assert (found.figures["unit_passed"], found.figures["integration_passed"], found.figures["tests"]) == (1, 1, 2)


def test_a_file_that_is_no_python_measures_nothing(tmp_path: Path) -> None:
    """A syntax error breaks the static checks; the harness calls that not measured."""
    with pytest.raises(SyntaxError, match=r"broken\.py"):
        look(tmp_path, LOGGED, {"broken.py": "def"})


def test_copies_leave_out_what_is_made(tmp_path: Path) -> None:
    """A disposable copy has the project's files and none of its caches, databases or version control."""
    target = shop(tmp_path, {".git/HEAD": "x", ".venv/a.py": "x", "data/app.db": "x"})
    with tree.disposable(target.dir) as copy:
        kept = tree.files(copy)

    assert "pricing.py" in kept
    assert not [name for name in kept if name.startswith((".git", ".venv")) or name.endswith(".db")]
    assert not copy.exists()
