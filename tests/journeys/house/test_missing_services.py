"""A whole test run without PostgreSQL: red in CI, and not silently green elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
NEEDY = "def test_needy(postgres_url):\n    assert postgres_url\ndef test_modest():\n    pass\n"


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the two tests above with this suite's fixtures and an address where no server is."""
    (folder / "test_sample.py").write_text(NEEDY)
    env = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    env |= {"PYTHONPATH": str(ROOT), "DATABASE_URL": "postgresql://postgres@127.0.0.1:1/away", **environment}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", os.devnull, "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=folder, check=False)


def test_ci_fails_where_a_service_is_missing(tmp_path: Path) -> None:
    """CI=true: the run is red and says which service and what to do."""
    done = run(tmp_path, CI="true")

    assert done.returncode == 1
    assert "missing service: PostgreSQL: DATABASE_URL is set, but" in done.stdout
    assert "1 passed, 1 error" in done.stdout


def test_a_local_run_names_what_it_skipped(tmp_path: Path) -> None:
    """Elsewhere the run is green and ends with the number of tests that did not run, and why."""
    done = run(tmp_path)

    assert done.returncode == 0
    assert "1 tests did not run: PostgreSQL: DATABASE_URL is set, but" in done.stdout
