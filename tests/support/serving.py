"""Whole server processes for journeys: started on a free port, asked over real connections, stopped and killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0

NOTES = '''"""Notes: the smallest app that reads, writes and waits."""

import asyncio

from backwright import App, Entity, Limits, Tier, Transaction, Account, allow, anyone


class Note(Entity):
    text: str


async def wait(tx: Transaction[Account | None], seconds: float) -> str:
    """Take a while."""
    print("waiting", flush=True)
    await asyncio.sleep(seconds)
    return "waited"


async def ponder(tx: Transaction[Account | None]) -> int:
    """A statement that takes for ever."""
    print("pondering", flush=True)
    (n,) = await tx.sql(int, "PONDER")
    return n


app = App(
    access=[allow(Note, read=anyone, write=anyone), allow(wait, call=anyone), allow(ponder, call=anyone)],
    tiers=[Tier("anonymous", 10**9)],
)
'''
FOREVER = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    "postgresql": "SELECT 1 FROM pg_sleep(600)",
}


class Reply(NamedTuple):
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        self._output = output
        self.port = int(self.line(r"http://127\.0\.0\.1:(\d+)")[1])

    @property
    def printed(self) -> str:
        """Everything that it has printed."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def line(self, pattern: str, times: int = 1) -> re.Match[str]:
        """Wait until it has printed this so often; the last match."""
        return until(lambda: self._match(pattern, times), lambda: f"{pattern!r} in:\n{self.printed}")

    def _match(self, pattern: str, times: int) -> re.Match[str] | None:
        found = list(re.finditer(pattern, self.printed))
        if len(found) < times and self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.printed}")
        return found[-1] if len(found) >= times else None

    def connect(self) -> HTTPConnection:
        """A connection."""
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, method: str, path: str, body: Any = None, connection: HTTPConnection | None = None) -> Reply:
        """One request. Raises ``OSError`` and ``HTTPException`` where nobody answers."""
        link = connection or self.connect()
        headers = {} if body is None else {"content-type": "application/json"}
        link.request(method, path, None if body is None else json.dumps(body), headers)
        answer = link.getresponse()
        reply = Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        if connection is None:
            link.close()
        return reply

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def until(found: Any, what: Any = lambda: "a condition") -> Any:
    """Ask again and again until something is found."""
    deadline = time.monotonic() + PATIENCE
    while True:
        if result := found():
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what()}")
        time.sleep(0.02)


def project(folder: Path, dialect: str = "sqlite") -> Path:
    """A folder with the notes app in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(NOTES.replace("PONDER", FOREVER[dialect]))
    return folder


@contextmanager
def serving(folder: Path, *words: str, **environment: str) -> Iterator[Served]:
    """A server of the project in the folder, on a free port; killed at the end if it still runs."""
    output = folder / f"output-{time.monotonic_ns()}"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BACKWRIGHT_") and k != "DATABASE_URL"}
    with output.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backwright.cli.main", "serve", str(folder), "--port", "0", *words],
            stdout=out, stderr=subprocess.STDOUT, text=True, env=clean | environment,
        )  # fmt: skip
    try:
        yield Served(process, output)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)


def nobody_answers(served: Served) -> bool:
    """Whether the port is closed."""
    try:
        served.ask("GET", "/health/live")
    except (OSError, HTTPException):
        return True
    return False
