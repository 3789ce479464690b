"""The Conduit example's own tests, run as its users run them, on both databases."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[3] / "examples" / "conduit"


def test_conduit_keeps_its_contract(database_url: str) -> None:
    """Every story of the example holds on SQLite and on PostgreSQL."""
    server = {"TEST_DATABASE_URL": database_url} if database_url.startswith("postgresql") else {}
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    ran = subprocess.run(
        [*pytest, "--rootdir", str(EXAMPLE), str(EXAMPLE / "tests")],
        env=os.environ | server, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
