"""The benchmark's servers and its load, for a moment: the peers keep the contract, a server that does not is found."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.contract import breaches
from benchmarks.databases import postgres_database, sqlite_database
from benchmarks.generator import load
from benchmarks.messages import write_requests
from benchmarks.peers import PEERS, ROOT
from benchmarks.processes import DidNotStart, Server, serving
from tests.support.postgres import Postgres


def environment(url: str) -> dict[str, str]:
    return {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def hollow() -> Iterator[str]:
    """The URL of a server that answers everything with 200 and an empty page."""

    class Hollow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"items": [], "next": None}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Hollow) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_the_fastapi_peer_keeps_the_contract(postgres: Postgres, tmp_path: Path) -> None:
    """FastAPI with SQLAlchemy answers all four modes as the contract says."""
    with postgres_database(postgres) as url, serving(PEERS["fastapi"].command, environment(url), ROOT, tmp_path / "log") as running:
        assert breaches(running.url, ("one", "list", "nested", "create")) == []


def test_the_aiosqlite_peer_keeps_the_contract(tmp_path: Path) -> None:
    """FastAPI with aiosqlite answers the modes it is measured in as the contract says."""
    url = sqlite_database(tmp_path / "peer.db", scaled=False)

    with serving(PEERS["aiosqlite"].command, environment(url), ROOT, tmp_path / "log") as running:
        assert breaches(running.url, ("one", "list", "create")) == []


@pytest.mark.parametrize("mode", ["one", "list", "nested", "create"])
def test_a_hollow_server_is_found(hollow: str, mode: str) -> None:
    """Nobody is measured for answering quickly and wrongly."""
    assert breaches(hollow, [mode]) != []


def test_the_bundled_generator_counts_what_was_answered(tmp_path: Path) -> None:
    """Without wrk the same requests are sent; every answer is counted, and refused ones apart. The CPU they cost is seen in /proc."""
    import asyncio

    url = sqlite_database(tmp_path / "peer.db", scaled=False)
    with serving(PEERS["aiosqlite-tuned"].command, environment(url), ROOT, tmp_path / "log") as running:
        write_requests("one", running.port, tmp_path / "good")
        write_requests("nested", running.port, tmp_path / "unknown")
        before = running.cpu()
        good = asyncio.run(load("127.0.0.1", running.port, tmp_path / "good", 0.5, 4))
        unknown = asyncio.run(load("127.0.0.1", running.port, tmp_path / "unknown", 0.5, 4))
        spent = running.cpu() - before

    assert good["requests"] > 0 and good["refused"] == good["broken"] == 0
    assert unknown["refused"] == unknown["requests"] > 0
    assert spent > 0


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """The end of its output is in the error."""
    with (
        pytest.raises(DidNotStart, match="no such table"),
        serving(["python3", "-c", "raise SystemExit('no such table')"], {}, ROOT, tmp_path / "log"),
    ):
        pass


def test_the_process_ends_with_the_block(tmp_path: Path) -> None:
    """No server outlives its measurement."""
    command = ["python3", "-m", "http.server", "{port}", "--bind", "127.0.0.1"]

    with serving(command, {}, tmp_path, tmp_path / "log") as running:
        pid = running.pid
        assert running.cpu() > 0

    assert Server(pid, 0).cpu() == 0
