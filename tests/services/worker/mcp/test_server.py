"""The server between a client and the tools: structured answers, and a sentence for whatever goes wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError

from backwright.worker.mcp import apart, offered
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.server import serve
from backwright.worker.mcp.tool import Answer, Desk, Tool
from tests.support.trees import plant

BROKEN = "openapi: 3.1.0\ninfo: {title: Broken}\npaths: {/a: {get: {}}}\n"


def ask(desk: Desk, tool: str, **arguments: Any) -> tuple[bool, str, Any]:
    """Whether the tool refused, its text and its values, as a client in this process hears them."""

    async def main() -> tuple[bool, str, Any]:
        async with Client(serve("backwright", desk)) as client:
            found = await client.call_tool(tool, arguments)
            return bool(found.is_error), "".join(getattr(part, "text", "") for part in found.content), found.structured_content

    return anyio.run(main)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk on a folder with one file."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    plant(tmp_path / "shop", {"prices.txt": "A = 1\n", "broken.yaml": BROKEN})
    return Desk(tmp_path / "shop")


def test_an_answer_is_text_and_values(desk: Desk) -> None:
    """The same for people and for programs."""
    refused, text, values = ask(desk, "read_file", path="prices.txt")
    assert (refused, text) == (False, "A = 1\n")
    assert values == {"path": "prices.txt", "start": 0, "characters": 6, "more": False}


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("read_file", {"path": "../x"}, "is not inside the project"),
        ("read_file", {"path": "nowhere.py"}, "nowhere.py"),
        ("read_file", {"path": "."}, "not an ordinary file"),
        ("read_file", {}, "missing required field `path`"),
        ("read_file", {"path": "a", "start": -1}, "Expected `int` >= 0"),
        ("search", {"pattern": "("}, "is no regular expression"),
        ("symbols_overview", {"path": "prices.txt"}, "its language is not read"),
        ("session_start", {"task": ""}, "Expected `str` of length >= 1"),
        ("session_status", {"session": "2026-01-31-09-00-nothing"}, "there is no session"),
    ],
)  # fmt: skip
def test_refusals(desk: Desk, tool: str, arguments: dict[str, Any], words: str) -> None:
    """A sentence that says what is wrong."""
    refused, text, _ = ask(desk, tool, **arguments)
    assert refused
    assert words in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("designs", "words"),
    [
        (["broken.yaml"], "broken.yaml:2"),
        (["missing.yaml"], "there is no missing.yaml in the project"),
        (["/etc/passwd"], "is not inside the project"),
        ([], "there is no docs/project/api-design in the project"),
    ],
)
def test_designs_that_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch, designs: list[str], words: str) -> None:
    """Broken ones with every problem, missing ones, those outside, and none at all."""
    monkeypatch.setattr(offered, "tool", here(offered.tool))
    refused, text, _ = ask(desk, "design_check", designs=designs)
    assert refused
    assert words in text


def here(find: Callable[[str, str], Tool]) -> Callable[[str, str], Tool]:
    """Tools that run in this process, for what is shown here does not depend on where."""
    return lambda server, name: replace(find(server, name), apart=False)


def test_a_file_where_the_record_belongs(desk: Desk) -> None:
    """What cannot be written is a sentence with its place."""
    (desk.project / ".backwright").write_text("in the way")
    refused, text, _ = ask(desk, "session_start", task="Deliver the notes of the design")
    assert refused
    assert text.endswith(("Not a directory", "File exists"))
    assert str(desk.project / ".backwright") in text


def test_a_tool_that_breaks(desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The client hears that it broke and how to find out; where and why stands in the server's own log."""

    def run(asked: object, desk: Desk) -> Answer:
        raise KeyError("secret of the inside")

    find = offered.tool
    monkeypatch.setattr(offered, "tool", lambda server, name: replace(find(server, name), run=run))
    refused, text, _ = ask(desk, "read_file", path="prices.txt")
    assert refused
    assert text == "read_file broke: KeyError. The server's own output says where; please report it."
    assert "secret of the inside" in caplog.text


def test_an_unknown_tool_is_an_error_of_the_protocol(desk: Desk) -> None:
    """As the protocol asks for, with the names that there are."""

    async def main() -> None:
        async with Client(serve("serena", desk)) as client:
            await client.call_tool("nope", {})

    with pytest.raises((MCPError, BaseExceptionGroup)) as error:
        anyio.run(main)
    innermost: BaseException = error.value
    while isinstance(innermost, BaseExceptionGroup):
        innermost = innermost.exceptions[0]
    assert "there is no tool 'nope'; there are: get_symbols_overview" in str(innermost)


def test_a_deadline(desk: Desk) -> None:
    """A tool that runs apart is ended when its time is over."""
    slow = replace(offered.tool("backwright", "find_symbol"), deadline=0.01)

    async def tell(text: str) -> None:
        raise AssertionError(text)

    with pytest.raises(Refused, match=r"find_symbol did not end within 0\.01 s and was stopped"):
        anyio.run(apart.run, "backwright", slow, {"name_path": "x"}, desk, tell)


def test_a_refusal_comes_through_the_process(desk: Desk) -> None:
    """What a tool that runs apart refuses is said in the same sentence."""
    refused, text, _ = ask(desk, "find_symbol", name_path="///")
    assert refused
    assert "'///' is no name path" in text
