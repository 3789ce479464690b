"""Which tools each server offers. A server is named by whose tools it offers: our own, or those that it answers in another's place."""

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


def tools(server: str) -> tuple[Tool, ...]:
    """The tools of a server. Only that one's are loaded: what reads symbols does not wait for what proves."""
    if server == SERENA:
        from backwright.worker.mcp import serena

        return serena.TOOLS
    if server == CONTEXT7:
        from backwright.worker.mcp import context7

        return context7.TOOLS
    from backwright.worker.mcp.tools import delivery, files, proofs, sessions, symbols

    return (*sessions.TOOLS, *delivery.TOOLS, *proofs.TOOLS, *symbols.TOOLS, *files.TOOLS)
