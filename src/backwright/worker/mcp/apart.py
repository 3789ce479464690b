"""Runs a tool in a process of its own, and ends that process with everything it started when the call is over, however it ends."""

import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from anyio.abc import Process

from backwright.worker import journal
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.tool import Answer, Desk, Tool
from backwright.worker.prove import process

_GRACE = 5.0
"""How long a tool that was told to stop may take to end what it started and to write that down."""
_LARGEST = 16_000_000


async def run(server: str, tool: Tool, arguments: dict[str, Any], desk: Desk, tell: Callable[[str], Awaitable[None]]) -> Answer:
    """The tool's answer. Raises `Refused`: with its own sentence, or because it broke or ran out of time."""
    job = {
        "server": server, "tool": tool.name, "arguments": arguments, "project": str(desk.project),
        "sessions": None if desk.sessions is None else str(desk.sessions), "standards": list(desk.standards),
    }  # fmt: skip
    child = await anyio.open_process(process.python("backwright.worker.mcp.child"), start_new_session=True, stderr=sys.stderr)
    try:
        with anyio.fail_after(tool.deadline):
            last = await _conversation(child, job, tell)
            await child.wait()
            return _answer(tool, last)
    except TimeoutError:
        raise Refused(f"{tool.name} did not end within {tool.deadline:g} s and was stopped") from None
    finally:
        await _end(child)


async def _conversation(child: Process, job: dict[str, Any], tell: Callable[[str], Awaitable[None]]) -> dict[str, Any] | None:
    """Hand the job over, pass on what the child says, and return the last thing it said. Its input stays open: it ends when that ends."""
    assert child.stdin is not None and child.stdout is not None
    await child.stdin.send(json.dumps(job).encode() + b"\n")
    rest, last = b"", None
    async for block in child.stdout:
        *lines, rest = (rest + block).split(b"\n")
        if len(rest) > _LARGEST:
            raise Refused(f"the answer is larger than {_LARGEST // 1_000_000} MB: ask for less")
        for line in lines:
            said = journal.mapping(line)
            if said is not None and "say" in said:
                await tell(str(said["say"]))
            elif said is not None:
                last = said
    return last


def _answer(tool: Tool, last: dict[str, Any] | None) -> Answer:
    if last is None:
        raise Refused(f"{tool.name} ended without an answer; what it printed is in the server's own output")
    if "refused" in last:
        raise Refused(str(last["refused"]))
    return Answer(str(last["text"]), last["data"])


async def _end(child: Process) -> None:
    """Let it stop by itself, then make it."""
    with anyio.CancelScope(shield=True):
        if child.returncode is None:
            _signal(child, signal.SIGTERM)
            with anyio.move_on_after(_GRACE):
                await child.wait()
        if child.returncode is None:
            _signal(child, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
            await child.wait()
        await child.aclose()


def _signal(child: Process, number: int) -> None:
    try:
        if sys.platform != "win32":
            os.killpg(child.pid, number)
        else:
            child.terminate()
    except ProcessLookupError:
        return
