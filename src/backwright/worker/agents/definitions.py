"""What is installed for a coding assistant: whole files, and entries of files that it shares with others."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from backwright.worker.agents.merging import Entry

AGENTS = (".claude/agents/backend-worker.md", ".claude/agents/backend-specialist.md")
WHOLE = (
    *AGENTS, ".claude/templates/workers/implementation-template.md", ".claude/protocols/worker-output-protocol.md",
    ".claude/protocols/coordination_protocol.py", "AGENTS.md",
)  # fmt: skip
"""The files that are ours as a whole."""
MCP_CONFIGURATION, SETTINGS = ".mcp.json", ".claude/settings.json"
STOP_HOOK = ("agents", "stop-hook")
Server = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A server that our definitions name: the program that is the real one, and how it is started."""

    program: str
    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()

    def entry(self) -> Server:
        """Its entry in an MCP configuration."""
        return {"command": self.program, "args": list(self.arguments)} | ({"env": dict(self.environment)} if self.environment else {})


REAL = {
    "serena": Known(
        "serena", ("start-mcp-server", "--project", ".", "--agent-interface", "tools", "--enable-web-dashboard", "false"),
        (("SERENA_USAGE_REPORTING", "false"),),
    ),
    "context7": Known("context7-mcp", ()),
}  # fmt: skip
"""The servers whose tools the definitions name."""


def text(path: str) -> str:
    """A whole file as it is installed."""
    return (files("backwright.worker.agents") / "files" / path.removeprefix(".")).read_text(encoding="utf-8")


def ours(command: str, *arguments: str) -> Server:
    """An entry for a server of this program. ``command`` may have words of its own, such as ``uv run backwright``."""
    program, *words = command.split()
    return {"command": program, "args": [*words, "mcp", *arguments]}


def servers(command: str, real: frozenset[str]) -> tuple[Entry, ...]:
    """The entries of the MCP configuration; those named by ``real`` start the real server, the others this program in its place."""
    found = {"backwright": ours(command)}
    found |= {name: known.entry() if name in real else ours(command, "--as", name) for name, known in REAL.items()}
    return tuple(Entry(("mcpServers",), value, key=name) for name, value in found.items())


def hooks(command: str) -> tuple[Entry, ...]:
    """The entries of the settings: whoever stops, the assistant or an agent it has called, is asked for the checklist first."""
    hook = {"hooks": [{"type": "command", "command": " ".join((command, *STOP_HOOK)), "timeout": 60}]}
    return tuple(Entry(("hooks", moment), hook) for moment in ("Stop", "SubagentStop"))
