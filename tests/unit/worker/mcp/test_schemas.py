"""What the servers offer: strict inputs, and in another's place exactly what that one takes."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from backwright.worker.mcp import offered
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.tool import Tool

REAL: dict[str, dict[str, dict[str, Any]]] = json.loads((Path(__file__).parent / "real_servers.json").read_text())
"""Names and arguments of the real servers, as they listed them: server and version → tool → input."""
SERVERS = {"serena-agent 2.1.0": "serena", "@upstash/context7-mcp 1.0.33": "context7", "@upstash/context7-mcp 4.1.1": "context7"}
EVERY = [(server, tool) for server in (offered.BACKWRIGHT, offered.SERENA, offered.CONTEXT7) for tool in offered.tools(server)]
_IDS = [f"{server}-{tool.name}" for server, tool in EVERY]


@pytest.mark.parametrize(("server", "tool"), EVERY, ids=_IDS)
def test_inputs_are_strict(server: str, tool: Tool) -> None:
    """Each input is a JSON Schema whose every property is described and that refuses any other."""
    schema = tool.schema()
    jsonschema_rs.meta.validate(schema)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert all(name == "session" or part.get("description") for name, part in schema["properties"].items()), schema["properties"]
    with pytest.raises(Refused, match="Its arguments are"):
        tool.arguments({"unheard_of": 1})


@pytest.mark.parametrize(("server", "tool"), EVERY, ids=_IDS)
def test_descriptions_are_sentences(server: str, tool: Tool) -> None:
    """Whoever chooses a tool reads a sentence, and no tool has a second of its name."""
    assert len(tool.description) > 30
    assert tool.description.endswith(".")
    assert [one.name for one in offered.tools(server)].count(tool.name) == 1


@pytest.mark.parametrize(("real", "name"), [(real, name) for real, tools in REAL.items() for name in tools])
def test_takes_what_the_real_server_takes(real: str, name: str) -> None:
    """In another server's place every argument of its tools has the same name, type and default, and nothing more is required."""
    ours, theirs = offered.tool(SERVERS[real], name).schema(), REAL[real][name]
    assert set(theirs["properties"]) <= set(ours["properties"])
    assert set(ours.get("required", [])) <= set(theirs["required"])
    for argument, said in theirs["properties"].items():
        mine = ours["properties"][argument]
        assert mine.get("type", "string") == said["type"], argument  # an enumeration has none of its own
        assert "default" not in said or mine["default"] == said["default"], argument
        assert mine.get("enum") == said.get("enum"), argument
        assert (mine.get("minimum"), mine.get("maximum")) == (said.get("minimum"), said.get("maximum")), argument


def test_no_more_than_serena_for_serena() -> None:
    """In Serena's place there is no argument that the real one refuses."""
    for name, theirs in REAL["serena-agent 2.1.0"].items():
        assert set(offered.tool("serena", name).schema()["properties"]) == set(theirs["properties"])


def test_an_argument_of_a_wrong_type_is_named() -> None:
    """With its place."""
    with pytest.raises(Refused, match=r"Expected `str`, got `int` - at `\$.task`"):
        offered.tool("backwright", "session_start").arguments({"task": 3})


def test_an_argument_that_is_too_long_is_refused() -> None:
    """Before anything is done with it."""
    with pytest.raises(Refused, match="length <= 4000"):
        offered.tool("backwright", "session_start").arguments({"task": "x" * 4001})


def test_an_unknown_tool_is_refused() -> None:
    """With the names that there are."""
    with pytest.raises(Refused, match=r"there is no tool 'nope'; there are: .*session_start"):
        offered.tool("backwright", "nope")
