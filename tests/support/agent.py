"""A coding agent for tests: an MCP client that starts the server, a small design for it to deliver, and what it heard."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

COMMAND = [sys.executable, "-c", "from backwright.cli.main import run; run()"]
STANDARDS = "db.primary-keys,code.layered"
NOTES = """\
openapi: 3.1.0
info: {title: Notes, version: 1.0.0}
paths:
  /v1/notes:
    post:
      operationId: createNote
      security: []
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewNote'}}}}
      responses: {'201': {description: The note., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
  /v1/notes/{id}:
    get:
      operationId: getNote
      security: []
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
      responses: {'200': {description: The note., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
components:
  schemas:
    NewNote: {type: object, required: [text], properties: {text: {type: string, maxLength: 200}}}
    Note:
      type: object
      required: [id, text]
      properties: {id: {type: string, format: uuid, readOnly: true}, text: {type: string, maxLength: 200}}
"""


def project(folder: Path) -> Path:
    """A project that holds nothing but its design."""
    (folder / "notes/docs/project/api-design").mkdir(parents=True)
    (folder / "notes/docs/project/api-design/openapi.yaml").write_text(NOTES)
    return folder / "notes"


def environment(folder: Path) -> dict[str, str]:
    """The environment of a server that keeps its copies below the folder."""
    return {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}


@dataclass
class Agent:
    """A connected client."""

    client: Client
    heard: list[str] = field(default_factory=list[str])
    """What long calls said while they ran."""

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What the tool answers, as values. Fails the test when the tool refuses."""
        text, data, refused = await self.ask(tool, **arguments)
        assert not refused, f"{tool}: {text}"
        return data

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Why the tool refuses. Fails the test when it does not, or when it answers with a stack trace."""
        text, _, refused = await self.ask(tool, **arguments)
        assert refused, f"{tool} was not refused: {text}"
        assert "Traceback" not in text
        return text

    async def ask(self, tool: str, **arguments: Any) -> tuple[str, dict[str, Any], bool]:
        """What the tool answers, as text and as values, and whether it refuses."""

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            self.heard.append(message or "")

        found = await self.client.call_tool(tool, arguments, progress_callback=hear)
        return "".join(getattr(part, "text", "") for part in found.content), found.structured_content or {}, bool(found.is_error)


@asynccontextmanager
async def agent(folder: Path, scratch: Path, *options: str) -> AsyncIterator[Agent]:
    """An agent that has started a server for the folder over standard input and output."""
    words = [*COMMAND, "mcp", str(folder), *options]
    parameters = StdioServerParameters(command=words[0], args=words[1:], env=environment(scratch))
    with (scratch / "server.log").open("a") as log:
        async with Client(stdio_client(parameters, errlog=log)) as client:
            yield Agent(client)
