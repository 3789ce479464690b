"""An MCP server for a list of tools: strict arguments, structured results, progress, cancellation; errors are sentences."""

import json
import logging
from functools import partial
from importlib.metadata import version
from typing import Any

import anyio.to_thread
import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError

from backwright.worker.mcp import apart, offered
from backwright.worker.mcp.refused import Refused, sentence
from backwright.worker.mcp.tool import Answer, Desk, Tool

LARGEST_ARGUMENTS = 4_000_000
"""How many characters of JSON the arguments of one call may have."""
_log = logging.getLogger(__name__)

Context = ServerRequestContext[Any, Any]


def serve(name: str, desk: Desk) -> Server[Any]:
    """A server that offers the tools of that name on this project."""
    listed = [_described(tool) for tool in offered.tools(name)]

    async def list_tools(context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            tool = offered.tool(name, params.name)
        except Refused as refused:
            raise MCPError(types.INVALID_PARAMS, str(refused)) from None
        try:
            return _told(await _answer(name, tool, params.arguments or {}, desk, context))
        except Exception as error:
            if (said := sentence(error)) is None:
                _log.exception("the tool %s broke", tool.name)
                said = f"{tool.name} broke: {type(error).__name__}. The server's own output says where; please report it."
            return types.CallToolResult(content=[types.TextContent(type="text", text=said)], is_error=True)

    said = offered.INSTRUCTIONS[name]
    return Server(name, version=version("backwright"), instructions=said, on_list_tools=list_tools, on_call_tool=call_tool)


async def _answer(server: str, tool: Tool, given: dict[str, Any], desk: Desk, context: Context) -> Answer:
    if len(json.dumps(given)) > LARGEST_ARGUMENTS:
        raise Refused(f"the arguments of {tool.name} are larger than {LARGEST_ARGUMENTS // 1_000_000} MB")
    arguments = tool.arguments(given)
    if not tool.apart:
        return await anyio.to_thread.run_sync(partial(tool.run, arguments, desk))
    said = 0

    async def tell(text: str) -> None:
        nonlocal said
        said += 1
        await context.session.report_progress(said, message=text)

    return await apart.run(server, tool, given, desk, tell)


def _described(tool: Tool) -> types.Tool:
    hints = types.ToolAnnotations(read_only_hint=tool.reads, open_world_hint=False)
    return types.Tool(name=tool.name, description=tool.description, input_schema=tool.schema(), annotations=hints)


def _told(answer: Answer) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=answer.text)], structured_content=dict(answer.data))
