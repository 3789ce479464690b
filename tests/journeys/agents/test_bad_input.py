"""What arrives over the wire is refused in sentences, and a client that goes leaves a session that can be read and gone on with."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import anyio
import httpx
import pytest
from mcp.client.client import Client

from tests.support.agent import COMMAND, STANDARDS, Agent, agent, environment, project

HELLO = {
    "jsonrpc": "2.0", "id": 0, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


@contextmanager
def server(folder: Path, scratch: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server as a process, spoken to by hand."""
    with (scratch / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*COMMAND, "mcp", str(folder), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment(scratch)
        )
    try:
        yield process
    finally:
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                assert pipe is not None
                pipe.close()
        process.kill()
        process.wait()


def say(process: subprocess.Popen[bytes], line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line + b"\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[bytes], id: int) -> dict[str, Any]:
    """The answer to that request; what else arrives is passed over."""
    wire: IO[bytes] | None = process.stdout
    assert wire is not None
    while line := wire.readline():
        found: dict[str, Any] = json.loads(line)
        if found.get("id") == id:
            return found
    raise AssertionError("the server has gone")


def ask(process: subprocess.Popen[bytes], id: int, method: str, params: Any) -> dict[str, Any]:
    say(process, json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).encode())
    return hear(process, id)


def test_what_is_no_message(tmp_path: Path) -> None:
    """Broken JSON, another JSON, bytes that are no text, an endless line, unknown methods, tools and arguments: the server lives on."""
    folder = project(tmp_path)
    with server(folder, tmp_path) as process:
        for line in (b"{", b"[1, 2]", b'"x"', b"\xff\xfe\x00", b"", b'{"jsonrpc": "2.0"}', b'{"id": 9}', b"x" * 9_000_000):
            say(process, line)
        say(process, json.dumps(HELLO).encode())
        assert hear(process, 0)["result"]["serverInfo"]["name"] == "backwright"
        say(process, b'{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        assert "error" in ask(process, 1, "no/such", {})
        unknown = ask(process, 2, "tools/call", {"name": "no_such_tool", "arguments": {}})
        assert "there is no tool 'no_such_tool'" in unknown["error"]["message"]
        assert "error" in ask(process, 3, "tools/call", {"name": 3})
        wrong = ask(process, 4, "tools/call", {"name": "session_start", "arguments": {"task": 3, "x": 1}})["result"]
        assert wrong["isError"]
        assert "session_start cannot take these arguments" in wrong["content"][0]["text"]
        large = ask(process, 5, "tools/call", {"name": "session_start", "arguments": {"task": "x" * 5_000_000}})["result"]
        assert "larger than 4 MB" in large["content"][0]["text"]
        gone = ask(process, 6, "tools/call", {"name": "read_file", "arguments": {"path": "../../etc/passwd"}})["result"]
        assert "is not inside the project" in gone["content"][0]["text"]
        assert len(ask(process, 7, "tools/list", {})["result"]["tools"]) > 20
    assert not (folder / ".backwright").exists()
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def test_a_client_that_goes_in_the_middle(tmp_path: Path) -> None:
    """Killed with its server while it delivers: what it had started ends, the session can be read, and another client goes on with it."""
    folder = project(tmp_path)
    with server(folder, tmp_path) as process:
        say(process, json.dumps(HELLO).encode())
        hear(process, 0)
        say(process, b'{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        begun = ask(process, 1, "tools/call", {"name": "session_start", "arguments": {"task": "Deliver the notes of the design"}})
        session = begun["result"]["structuredContent"]["session"]
        arguments = {"session": session, "agree": True}
        call = {"name": "deliver", "arguments": arguments, "_meta": {"progressToken": 7}}
        say(process, json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call}).encode())
        assert process.stdout is not None
        heard = next(line for line in process.stdout if b"notifications/progress" in line and b"Planning" in line)
        assert heard
        process.send_signal(signal.SIGKILL)

    async def work() -> None:
        async with agent(folder, tmp_path) as one:
            with anyio.fail_after(60):
                while "another call is at work" in (await one.ask("write_file", session=session, path="x.py", text=""))[0]:
                    await anyio.sleep(0.05)
            assert (await one.call("session_status", session=session))["status"] == "active"
            delivered = await one.call("deliver", session=session, agree=True)
            assert {"path": "app.py", "kind": "added"} in delivered["changes"]

    anyio.run(work)
    assert not (folder / "app.py").exists()


def test_a_call_that_is_cancelled(tmp_path: Path) -> None:
    """It ends with everything that it had started, and the session is free for the next one."""
    folder = project(tmp_path)

    async def work() -> None:
        async with agent(folder, tmp_path, "--standards", STANDARDS) as one:
            session = (await one.call("session_start", task="Deliver the notes of the design"))["session"]
            with anyio.CancelScope() as scope:

                async def cancel(progress: float, total: float | None, message: str | None) -> None:
                    scope.cancel()

                await one.client.call_tool("deliver", {"session": session, "agree": True}, progress_callback=cancel)
            assert scope.cancelled_caught
            with anyio.fail_after(60):
                while (await one.ask("discard", session=session))[2]:
                    await anyio.sleep(0.05)
            assert (await one.call("session_status", session=session))["changes"] == []

    anyio.run(work)
    assert children(tmp_path) == []


def children(scratch: Path) -> list[str]:
    """Processes whose command names the folder, where the system tells."""
    found: list[str] = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if os.fsencode(scratch) in place.read_bytes() and place.parent.name != str(os.getpid()):
                found.append(place.read_bytes().decode())
    return found


@contextmanager
def over_http(folder: Path, scratch: Path) -> Iterator[str]:
    """The address of a server on a port that the system chose."""
    with server(folder, scratch, "--http", "0") as process:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()


def test_over_http(tmp_path: Path) -> None:
    """Two clients at once work in sessions of their own; other hosts, other origins and too much are refused."""
    folder = project(tmp_path)
    with over_http(folder, tmp_path) as url:
        assert url.startswith("http://127.0.0.1:")
        anyio.run(two_clients, url)
        headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        for more, status in [
            ({"Host": "evil.example"}, 421), ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
            ({"Origin": "http://127.0.0.1.evil.example:80"}, 403), ({"Content-Type": "text/plain"}, 400),
        ]:  # fmt: skip
            assert httpx.post(url, json=HELLO, headers=headers | more).status_code == status, more
        assert httpx.post(url, content=b"x" * 5_000_000, headers=headers).status_code == 413
        assert httpx.post(url, content=b"{", headers=headers).status_code == 400
        assert httpx.post(url, json=HELLO, headers=headers).status_code == 200
        assert httpx.get(url.replace("/mcp", "/")).status_code == 404


async def two_clients(url: str) -> None:
    async with Client(url) as first, Client(url) as second:
        one, other = Agent(first), Agent(second)
        sessions = [(await each.call("session_start", task="Deliver the notes of the design"))["session"] for each in (one, other)]
        assert len(set(sessions)) == 2
        await one.call("write_file", session=sessions[0], path="mine.py", text="x = 1\n")
        assert (await other.call("changes", session=sessions[1]))["changes"] == []
        assert (await other.call("changes", session=sessions[0]))["changes"] == [{"path": "mine.py", "kind": "added"}]
        found = await one.call("find_symbol", session=sessions[0], name_path="x")
        assert [symbol["file"] for symbol in found["symbols"]] == ["mine.py"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere is not a folder"),
        ([".", "--standards", "db,nope"], "there is no standard 'nope'"),
        ([".", "--as", "others"], "others"),
    ],
)
def test_a_server_that_cannot_begin(tmp_path: Path, words: list[str], said: str) -> None:
    """Says so in a sentence and ends with 2."""
    done = subprocess.run([*COMMAND, "mcp", *words], capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_library(tmp_path: Path) -> None:
    """The command says which extra is missing."""
    blocked = "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: None if n == 'mcp' else f(n, *a); "
    program = "from backwright.cli.main import app; app(['mcp', '.'])"
    done = subprocess.run(
        [COMMAND[0], "-c", blocked + program], capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "the library mcp is not installed: pip install 'backwright[worker]'\n"
