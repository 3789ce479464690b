"""How a client reaches the server: over this process's input and output, or over HTTP on this machine alone."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any, cast

import anyio
import anyio.to_thread
import uvicorn
from mcp.server import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

LONGEST_LINE = 8_000_000
"""How many bytes one message over standard input may have. What is longer is answered like any text that is no JSON."""
HOST = "127.0.0.1"


class Lines:
    """Standard input as lines of bounded length."""

    def __init__(self, file: Any) -> None:
        self._file = file

    async def __aiter__(self) -> AsyncIterator[str]:
        while line := await anyio.to_thread.run_sync(self._line, abandon_on_cancel=True):
            yield line.decode("utf-8", "replace")

    def _line(self) -> bytes:
        line: bytes = self._file.readline(LONGEST_LINE)
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            return line
        while (rest := self._file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        return b"a message longer than %d bytes\n" % LONGEST_LINE


def over_stdio(server: Server[Any]) -> None:
    """Serve one client until it closes our input. What tools and their children print goes to standard error."""
    reading = os.fdopen(os.dup(0), "rb")
    writing = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)

    async def main() -> None:
        async with stdio_server(cast(Any, Lines(reading)), anyio.wrap_file(writing)) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(main)


def over_http(server: Server[Any], port: int) -> None:
    """Serve on ``http://127.0.0.1:PORT/mcp`` until interrupted. Port 0 takes a free one, which is printed.

    Requests that name another host, or come from a page of another origin, are refused, as the protocol asks for against DNS rebinding.
    """
    names = ("127.0.0.1", "localhost", "[::1]")
    security = TransportSecuritySettings(
        allowed_hosts=[f"{name}:*" for name in names], allowed_origins=[f"http://{name}:*" for name in names]
    )
    app = server.streamable_http_app(host=HOST, transport_security=security)
    with socket.create_server((HOST, port)) as listening:
        print(f"http://{HOST}:{listening.getsockname()[1]}/mcp", flush=True)
        running = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
        try:
            asyncio.run(running.serve([listening]))
        except KeyboardInterrupt:
            sys.exit(130)
