"""The agent definitions have every field and section of the specification, and agree with what the program itself does."""

import ast
import re
from typing import Any

import pytest

from backwright.worker.agents import definitions
from backwright.worker.agents.resolving import OWN, NotADefinition, frontmatter, tools
from backwright.worker.mcp import offered
from backwright.worker.protocol import coordination
from backwright.worker.report.deliverable import TICKED
from backwright.worker.report.notes import SECTIONS

WORKER, SPECIALIST = definitions.AGENTS
SYMBOLS = (
    "get_symbols_overview", "find_symbol", "find_referencing_symbols", "search_for_pattern", "insert_after_symbol", "insert_before_symbol",
    "replace_symbol_body",
)  # fmt: skip
DOCUMENTATION = ("resolve-library-id", "get-library-docs")
RECEIVES = ["project-manager", "api-designer", "database-specialist", "code-architect"]
HANDS_OFF = ["api-designer", "database-specialist", "test-engineer", "code-reviewer", "technical-writer"]
BESIDE = ["frontend-specialist", "security-auditor", "devops-engineer", "ai-llm-expert"]
SITUATIONS = (
    "server-side implementation", "business logic", "authentication and authorization", "real-time features", "background jobs",
    "middleware and service layers",
)  # fmt: skip
WORDS = (
    "server", "backend", "API implementation", "business logic", "authentication", "authorization", "middleware", "service", "WebSocket",
    "real-time", "background job", "queue", "microservice", "integration", "workflow", "processing",
)  # fmt: skip


def fields(path: str) -> dict[str, Any]:
    return frontmatter(definitions.text(path))


@pytest.mark.parametrize("path", definitions.AGENTS)
def test_the_tools(path: str) -> None:
    """Both have the assistant's eight, seven of Serena and two of Context7, in one form that an assistant reads."""
    wanted = {*OWN, *(f"mcp__serena__{name}" for name in SYMBOLS), *(f"mcp__context7__{name}" for name in DOCUMENTATION)}
    assert len(tools(fields(path))) == len(wanted) == 17
    assert set(tools(fields(path))) == wanted


def test_the_worker() -> None:
    """Type, priority, and a section for each of its six protocols."""
    found, text = fields(WORKER), definitions.text(WORKER)
    assert (found["name"], found["type"], found["priority"]) == ("backend-worker", "specialization", "high")
    assert found["protocols"] == ["startup", "logging", "monitoring", "completion", "worker-prompt", "coordination"]
    for name in found["protocols"]:
        assert f"## {name.replace('-', ' ').capitalize()} protocol" in text


def test_the_description_brings_the_worker_in() -> None:
    """Every word and situation that should call it stands in its description."""
    said = " ".join(fields(WORKER)["description"].split()).casefold()
    assert [word for word in (*WORDS, *SITUATIONS) if word.casefold() not in said] == []


def test_the_specialist() -> None:
    """Model, colour, and who it works with."""
    found = fields(SPECIALIST)
    assert found["name"] == "backend-specialist"
    assert found["model"]
    assert found["color"]
    assert found["coordination"] == {"hands_off_to": HANDS_OFF, "receives_from": RECEIVES, "parallel_with": BESIDE}


def test_the_worker_names_the_same_others() -> None:
    """In the section on coordination, and those it escalates to."""
    section = definitions.text(WORKER).partition("## Coordination protocol")[2]
    assert [name for name in (*RECEIVES, *HANDS_OFF, *BESIDE) if name not in section] == []
    assert [name for name in coordination.SPECIALISTS if f"| {name} |" not in definitions.text(WORKER)] == []


def test_the_output_protocol_is_the_one_that_is_checked() -> None:
    """Its sections are those that save_analysis checks, in their order."""
    text = definitions.text(".claude/protocols/worker-output-protocol.md")
    block = re.search(r"```\n(# Backend Worker.*?)```", text, re.DOTALL)
    assert block is not None
    found = [line for line in block[1].splitlines() if line.startswith("#")]
    assert [line.partition(":")[0] for line in found] == [section.partition(":")[0] for section in SECTIONS]


def test_the_template_ticks_nothing() -> None:
    """Each line that could be ticked reads "not measured", and names something that the ledger can judge."""
    text = definitions.text(".claude/templates/workers/implementation-template.md")
    listed = re.findall(r"^- (.+): not measured$", text, re.MULTILINE)
    assert len(listed) == 14
    assert not re.search(r"[✓✔✅☑]|\[x\]", text, re.IGNORECASE)
    known = {title.casefold() for title in TICKED}
    assert [title for title in listed if title.casefold() not in known and "passing" not in title and title != "Coverage"] == []


def test_the_protocol_module_re_exports_the_logger() -> None:
    """It parses, and offers WorkerLogger and nothing else."""
    module = ast.parse(definitions.text(".claude/protocols/coordination_protocol.py"))
    [imported] = [node for node in module.body if isinstance(node, ast.ImportFrom)]
    assert (imported.module, [one.name for one in imported.names]) == ("backwright.worker.protocol.logger", ["WorkerLogger"])


def test_every_tool_that_the_texts_name_is_offered() -> None:
    """The words in code marks that look like our tools are our tools."""
    names = {tool.name for server in (offered.BACKWRIGHT, offered.SERENA, offered.CONTEXT7) for tool in offered.tools(server)}
    for path in (*definitions.AGENTS, "AGENTS.md", ".claude/protocols/worker-output-protocol.md"):
        said = set(re.findall(r"`((?:session|save|find|get|search|insert|replace|resolve)[_-][\w-]+)`", definitions.text(path)))
        assert said - names == set(), path


@pytest.mark.parametrize("text", ["", "name: x\n", "---\n- a\n---\n", "---\na: [\n---\n"])
def test_what_is_no_definition(text: str) -> None:
    """Is said so."""
    with pytest.raises(NotADefinition):
        frontmatter(text)
