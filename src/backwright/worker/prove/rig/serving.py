"""A real server process for a project, on a scratch database that was filled for it; gone, with everything it started, at the end."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from backwright.worker.prove import process
from backwright.worker.prove.rig.rig import MANY, SECRET
from backwright.worker.prove.target import Target

PATIENCE = 30.0
_WHERE = re.compile(rb"http://127\.0\.0\.1:(\d+)")


class NotServing(Exception):
    """The server did not come up; the message is what it said."""


@dataclass(slots=True)
class Server:
    """A running server: its port, the process that was started, and how to start it anew on the same port."""

    port: int
    process: asyncio.subprocess.Process


@asynccontextmanager
async def serving(target: Target, url: str, tiers: list[str], *, workers: int = 1, port: int = 0) -> AsyncGenerator[Server]:
    """``backwright serve`` of the target, from the database at the URL. Raises `NotServing`."""
    settings = {
        "DATABASE_URL": url,
        "BACKWRIGHT_SECRET_KEY": SECRET,
        "BACKWRIGHT_TIERS": ", ".join(f"{name}={MANY}/h" for name in tiers),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    words = process.python("backwright.cli.main", "serve", target.app, "--port", str(port), "--workers", str(workers))
    server = await asyncio.create_subprocess_exec(
        *words, cwd=target.dir, env=process.environment(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    assert server.stdout is not None
    reading = None
    try:
        found = await _port(server.stdout)
        reading = asyncio.create_task(_drain(server.stdout))
        yield Server(found, server)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        if reading is not None:
            reading.cancel()
        await server.wait()


async def _port(output: asyncio.StreamReader) -> int:
    said: list[bytes] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while line := await output.readline():
                said.append(line)
                if found := _WHERE.search(line):
                    return int(found[1])
    raise NotServing(b"".join(said)[-2000:].decode("utf-8", "replace").strip() or f"the server said nothing for {PATIENCE:g} s")


async def _drain(output: asyncio.StreamReader) -> None:
    """Read the log away, so that the pipe never fills."""
    while await output.read(65536):
        pass
