"""``backwright deliver`` as a whole process."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from backwright.worker import journal
from tests.support.delivering import DESIGN, ROOT, with_rules

DELIVER = [sys.executable, "-c", "from backwright.cli.main import run; run()", "deliver"]


def test_nobody_to_ask(tmp_path: Path) -> None:
    """Without a terminal and without --yes the plan is shown, nothing is written, and the exit status says so."""
    into = tmp_path / "shop"
    command = [*DELIVER, str(DESIGN), "--into", str(into)]
    ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert ran.returncode == 2
    assert "| create | `app.py` |" in ran.stdout
    assert not (into / "app.py").exists()


def test_broken_design(tmp_path: Path) -> None:
    """A broken design ends with 2, every problem on a line of its own with file and line."""
    design = tmp_path / "broken.yaml"
    design.write_text("openapi: 3.1.0\ninfo: {title: Broken}\npaths: {/a: {get: {}}}\n")
    ran = subprocess.run([*DELIVER, str(design), "--into", str(tmp_path / "shop"), "--yes"], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert len([line for line in ran.stderr.splitlines() if line.startswith("broken.yaml:")]) >= 2
    assert not (tmp_path / "shop").exists()


def test_several_designs(tmp_path: Path) -> None:
    """A contract and tables that contradict it end with 2; none given, the project's own folder of designs is looked at."""
    (tmp_path / "tables.sql").write_text("CREATE TABLE books (id bigserial PRIMARY KEY);")
    command = [*DELIVER, str(DESIGN), str(tmp_path / "tables.sql"), "--into", str(tmp_path / "shop"), "--yes"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "(tables.sql:1)" in ran.stderr
    folder = tmp_path / "shop/docs/project/api-design"
    folder.mkdir(parents=True)
    (folder / "tables.sql").write_text("CREATE TABLE books (id bigserial PRIMARY KEY, pages int REFERENCES gone);")
    ran = subprocess.run([*DELIVER, "--into", str(tmp_path / "shop"), "--yes"], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("tables.sql:1: error: books refers to the table gone")


def test_killed(tmp_path: Path) -> None:
    """A delivery that is killed in the middle leaves a session that can be read, and the next one goes through."""
    into = with_rules(tmp_path / "shop")
    process = subprocess.Popen([*DELIVER, str(DESIGN), "--into", str(into), "--yes"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        events = _until(process, into, "files_written")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    kinds = [json.loads(line)["type"] for line in events.read_text().splitlines() if line.endswith("}")]
    assert kinds[:2] == ["session_created", "context_read"]
    assert json.loads((events.parent / "STATE.json").read_text())["status"] == "active"
    assert (events.parent / "delivery_plan.md").is_file()


def test_two_at_once(tmp_path: Path) -> None:
    """Who delivers into a folder into which somebody is delivering is told so, and touches nothing."""
    into = tmp_path / "todo"
    command = [*DELIVER, str(ROOT / "tests/cases/todo/design.yaml"), "--into", str(into), "--yes"]
    with journal.held(into / ".backwright/deliver.lock"):
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2 and f"process {os.getpid()} is working here" in ran.stderr
    assert not (into / ".backwright/sessions").exists()


def _until(process: subprocess.Popen[bytes], into: Path, event: str) -> Path:
    """The events of the session, once they tell this."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for events in into.glob(".backwright/sessions/*/EVENTS.jsonl"):
            if f'"{event}"' in events.read_text():
                return events
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise AssertionError(f"no {event} within a minute")
