"""Whether every tool that an installed agent may use is there: the assistant's own, and those of the servers in the MCP configuration."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import yaml  # type: ignore[import-untyped, unused-ignore]  # its stubs are a package of their own

from backwright.worker import journal
from backwright.worker.agents import definitions

OWN = frozenset({"Read", "Edit", "MultiEdit", "Write", "Bash", "Grep", "Glob", "TodoWrite"})
"""What a coding assistant brings itself."""
DEADLINE = 60.0
_MCP = re.compile(r"mcp__(?P<server>[^_]+(?:_[^_]+)*)__(?P<tool>.+)")


@dataclass(frozen=True, slots=True)
class Resolved:
    """One tool of one agent: by what it is answered, or why by nothing."""

    agent: str
    tool: str
    by: str
    problem: str = ""


class NotADefinition(ValueError):
    """The file is no agent definition."""


def frontmatter(text: str) -> dict[str, Any]:
    """The fields in front of an agent's instructions. Raises `NotADefinition`."""
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise NotADefinition("it does not begin with fields between two lines of ---")
    try:
        found: Any = yaml.safe_load(text[4:].partition("\n---\n")[0])
    except yaml.YAMLError as error:
        raise NotADefinition(f"its fields are no YAML: {error}") from None
    if not isinstance(found, dict):
        raise NotADefinition("its fields are no mapping")
    return cast(dict[str, Any], found)


def tools(fields: Mapping[str, Any]) -> list[str]:
    """The tools that an agent may use."""
    said = fields.get("tools", "")
    listed: list[Any] = list(said) if isinstance(said, list) else str(said).split(",")  # pyright: ignore[reportUnknownArgumentType]
    return [name for one in listed if (name := str(one).strip())]


def check(folder: Path) -> list[Resolved]:
    """Every tool of the installed agents. Each server that one of them names is started, asked for its tools, and ended."""
    wanted: list[tuple[str, str]] = []
    found: list[Resolved] = []
    for path in definitions.AGENTS:
        try:
            fields = frontmatter((folder / path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, NotADefinition) as error:
            found.append(Resolved(path, "", "", f"it cannot be read: {error}"))
            continue
        wanted += [(path, tool) for tool in tools(fields)]
    servers = _servers(folder, {match["server"] for _, tool in wanted if (match := _MCP.fullmatch(tool))})
    return [*found, *(_resolved(agent, tool, servers) for agent, tool in wanted)]


def _resolved(agent: str, tool: str, servers: Mapping[str, "frozenset[str] | str"]) -> Resolved:
    if tool in OWN:
        return Resolved(agent, tool, "the assistant")
    match = _MCP.fullmatch(tool)
    if match is None:
        return Resolved(agent, tool, "", "it is no tool of the assistant's and names no server")
    server = servers[match["server"]]
    if isinstance(server, str):
        return Resolved(agent, tool, "", server)
    if match["tool"] not in server:
        return Resolved(agent, tool, "", f"the server {match['server']} does not offer it")
    return Resolved(agent, tool, f"the server {match['server']}")


def _servers(folder: Path, names: Iterable[str]) -> dict[str, "frozenset[str] | str"]:
    """What each server offers, or why that cannot be said."""
    try:
        configured = journal.mapping((folder / definitions.MCP_CONFIGURATION).read_bytes()) or {}
    except OSError as error:
        return dict.fromkeys(names, f"{definitions.MCP_CONFIGURATION} cannot be read: {error.strerror}")
    entries = configured.get("mcpServers")
    known: dict[str, Any] = cast(dict[str, Any], entries) if isinstance(entries, dict) else {}
    return {name: offered(known.get(name), folder) for name in sorted(names)}


def offered(entry: Any, folder: Path) -> "frozenset[str] | str":
    """The names of the tools that a configured server offers, or why that cannot be said."""
    if not isinstance(entry, dict) or not isinstance(command := cast(dict[str, Any], entry).get("command"), str):
        return "the MCP configuration does not say how it is started"
    if find_spec("mcp") is None:
        return "no server can be asked without the library mcp: pip install 'backwright[worker]'"
    server = cast(dict[str, Any], entry)
    if shutil.which(command) is None:
        return f"there is no program {command} on PATH"
    try:
        return _listed(command, [str(word) for word in server.get("args", ())], dict(server.get("env") or {}), folder)
    except Exception as error:  # whatever a foreign program does: it did not answer
        return f"{command} was started and did not list its tools: {_innermost(error)}"


def _listed(command: str, arguments: list[str], environment: dict[str, str], folder: Path) -> frozenset[str]:
    import anyio
    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    parameters = StdioServerParameters(command=command, args=arguments, env={**os.environ, **environment}, cwd=folder)

    async def ask() -> frozenset[str]:
        with anyio.fail_after(DEADLINE), open(os.devnull, "w") as nowhere:
            async with Client(stdio_client(parameters, errlog=nowhere)) as client:
                return frozenset(tool.name for tool in (await client.list_tools()).tools)

    return anyio.run(ask)


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = cast(BaseExceptionGroup[BaseException], error).exceptions[0]
    return f"{type(error).__name__}: {error}"


def real_servers() -> tuple[frozenset[str], dict[str, str]]:
    """Which real servers are there and offer every tool that the definitions name; for the others the reason.

    They are tried in a folder of their own: some leave files where they work.
    """
    wanted: dict[str, set[str]] = {}
    for path in definitions.AGENTS:
        for tool in tools(frontmatter(definitions.text(path))):
            if match := _MCP.fullmatch(tool):
                wanted.setdefault(match["server"], set()).add(match["tool"])
    reasons: dict[str, str] = {}
    for name, known in definitions.REAL.items():
        with tempfile.TemporaryDirectory(prefix="backwright-", ignore_cleanup_errors=True) as scratch:
            answer = offered(known.entry(), Path(scratch))
        if isinstance(answer, str):
            reasons[name] = answer
        elif lacking := wanted.get(name, set()) - answer:
            reasons[name] = f"it does not offer {', '.join(sorted(lacking))}"
    return frozenset(definitions.REAL) - frozenset(reasons), reasons
