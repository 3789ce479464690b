"""Which tools each server offers. A server is named by whose tools it offers: our own, or those that it answers in another's place."""

import importlib
from collections.abc import Iterator

from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.tool import Tool

BACKWRIGHT, SERENA, CONTEXT7 = "backwright", "serena", "context7"
INSTRUCTIONS = {
    BACKWRIGHT: "Builds and changes a backend, and proves what is claimed about it. Begin with session_start. Changes go to a disposable "
    "copy of the project; promote brings them into the project once every standard holds for exactly the copy as it is. In order: "
    "design_check, plan, deliver, prove, promote, report, session_complete.",
    SERENA: "Symbols of this project: overview, find, references, search and edits, read from its syntax.",
    CONTEXT7: "Documentation of the packages installed beside the project, read offline from their files.",
}
"""What a server says about itself, by its name."""


_GROUPS = {
    BACKWRIGHT: ("tools.symbols", "tools.surveying", "tools.files", "tools.sessions", "tools.proofs", "tools.delivery"),
    SERENA: ("serena",),
    CONTEXT7: ("context7",),
}
"""The modules that hold the tools, those that load the least first."""


def tools(server: str) -> tuple[Tool, ...]:
    """Every tool of a server."""
    return tuple(tool for group in _groups(server) for tool in group)


def tool(server: str, name: str) -> Tool:
    """One tool of a server. Raises `Refused` where there is none. Nothing is loaded that comes after it."""
    met: list[str] = []
    for group in _groups(server):
        for one in group:
            if one.name == name:
                return one
            met.append(one.name)
    raise Refused(f"there is no tool {name[:80]!r}; there are: {', '.join(met)}")


def _groups(server: str) -> Iterator[tuple[Tool, ...]]:
    for module in _GROUPS[server]:
        group: tuple[Tool, ...] = importlib.import_module(f"backwright.worker.mcp.{module}").TOOLS
        yield group
