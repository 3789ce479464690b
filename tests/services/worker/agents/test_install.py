"""Installing the agents: as often as one likes, never over an edit, and out again without a trace."""

import ast
import json
import os
from pathlib import Path

import pytest

from backwright.worker.agents import definitions
from backwright.worker.agents.install import RECORD, CannotInstall, Outcome, install, uninstall
from backwright.worker.agents.resolving import frontmatter
from tests.support.trees import plant

SHARED = (definitions.MCP_CONFIGURATION, definitions.SETTINGS)
EVERYTHING = {*definitions.WHOLE, *SHARED}


def what(found: list[Outcome]) -> dict[str, str]:
    return {outcome.path: outcome.what for outcome in found}


def tree(folder: Path) -> dict[str, bytes]:
    return {place.relative_to(folder).as_posix(): place.read_bytes() for place in sorted(folder.rglob("*")) if place.is_file()}


def test_into_an_empty_folder(tmp_path: Path) -> None:
    """Everything is written, and what is written parses."""
    assert what(install(tmp_path)) == dict.fromkeys(EVERYTHING, "written")
    for path in definitions.AGENTS:
        assert frontmatter((tmp_path / path).read_text())["name"] == Path(path).stem
    servers = json.loads((tmp_path / ".mcp.json").read_text())["mcpServers"]
    assert servers["backwright"] == {"command": "backwright", "args": ["mcp"]}
    assert servers["serena"] == {"command": "backwright", "args": ["mcp", "--as", "serena"]}
    assert servers["context7"] == {"command": "backwright", "args": ["mcp", "--as", "context7"]}
    hooks = json.loads((tmp_path / ".claude/settings.json").read_text())["hooks"]
    for moment in ("Stop", "SubagentStop"):
        assert hooks[moment][0]["hooks"][0]["command"] == "backwright agents stop-hook"
    ast.parse((tmp_path / ".claude/protocols/coordination_protocol.py").read_text())


def test_twice_is_once(tmp_path: Path) -> None:
    """The second time nothing changes."""
    install(tmp_path)
    before = tree(tmp_path)
    assert set(what(install(tmp_path)).values()) == {"unchanged"}
    assert tree(tmp_path) == before


def test_out_again(tmp_path: Path) -> None:
    """Not a file and not a folder is left, nor what was there touched."""
    plant(tmp_path, {"src/main.go": "package main\n"})
    install(tmp_path)
    assert set(what(uninstall(tmp_path)).values()) == {"removed"}
    assert tree(tmp_path) == {"src/main.go": b"package main\n"}
    assert [place.name for place in tmp_path.iterdir()] == ["src"]
    assert uninstall(tmp_path) == []


@pytest.mark.parametrize("path", definitions.WHOLE)
def test_an_edit_stays(tmp_path: Path, path: str) -> None:
    """What somebody has changed is neither written over nor removed, and the difference is shown."""
    install(tmp_path)
    mine = (tmp_path / path).read_text() + "\n# mine\n"
    (tmp_path / path).write_text(mine)
    found = {outcome.path: outcome for outcome in install(tmp_path)}
    assert found[path].what == "kept"
    assert "-# mine" in found[path].detail
    left = {outcome.path: outcome for outcome in uninstall(tmp_path)}
    assert left[path].what == "kept"
    assert (tmp_path / path).read_text() == mine
    assert {name for name in tree(tmp_path) if name != path} == set()


def test_what_was_there_before_stays(tmp_path: Path) -> None:
    """A file of that name which we have not written is somebody's own, and stays when we go."""
    plant(tmp_path, {"AGENTS.md": "# Ours\n"})
    found = {outcome.path: outcome for outcome in install(tmp_path)}
    assert (found["AGENTS.md"].what, found["AGENTS.md"].detail.partition(";")[0]) == ("kept", "it was there before")
    uninstall(tmp_path)
    assert tree(tmp_path) == {"AGENTS.md": b"# Ours\n"}


def test_a_newer_version_replaces_what_is_unedited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older version wrote and nobody touched is brought up to date."""
    install(tmp_path)
    texts = {path: definitions.text(path) for path in definitions.WHOLE}
    monkeypatch.setattr(definitions, "text", lambda path: texts[path] + ("newer\n" if path == "AGENTS.md" else ""))
    assert what(install(tmp_path))["AGENTS.md"] == "updated"
    assert (tmp_path / "AGENTS.md").read_text().endswith("newer\n")


def test_shared_files_get_their_bytes_back(tmp_path: Path) -> None:
    """What others keep in them stands there meanwhile, and afterwards the file is as it was, to the byte."""
    theirs = {
        ".mcp.json": '{"mcpServers": {"github": {"command": "gh-mcp"}},\n      "x": 1}',
        ".claude/settings.json": '{ "permissions": {"allow": ["Bash(ls)"]}, "hooks": {"Stop": [{"hooks": []}]} }\n',
    }
    plant(tmp_path, theirs)
    installed = what(install(tmp_path))
    assert [installed[path] for path in SHARED] == ["merged", "merged"]
    configured = json.loads((tmp_path / ".mcp.json").read_text())
    assert configured["x"] == 1
    assert set(configured["mcpServers"]) == {"github", "backwright", "serena", "context7"}
    assert len(json.loads((tmp_path / ".claude/settings.json").read_text())["hooks"]["Stop"]) == 2
    gone = what(uninstall(tmp_path))
    assert [gone[path] for path in SHARED] == ["restored", "restored"]
    assert tree(tmp_path) == {path: text.encode() for path, text in theirs.items()}


def test_shared_files_that_went_on(tmp_path: Path) -> None:
    """What others add after us stays when we go."""
    install(tmp_path)
    place = tmp_path / ".mcp.json"
    configured = json.loads(place.read_text())
    configured["mcpServers"]["github"] = {"command": "gh-mcp"}
    place.write_text(json.dumps(configured))
    install(tmp_path)
    uninstall(tmp_path)
    assert json.loads(place.read_text()) == {"mcpServers": {"github": {"command": "gh-mcp"}}}
    assert list(tree(tmp_path)) == [".mcp.json"]


def test_a_server_of_somebody_else_stays(tmp_path: Path) -> None:
    """A server of that name which somebody has configured is kept, told of, and there when we go."""
    plant(tmp_path, {".mcp.json": '{"mcpServers": {"serena": {"command": "my-serena"}}}'})
    found = {outcome.path: outcome for outcome in install(tmp_path)}
    assert "mcpServers.serena is there already" in found[".mcp.json"].detail
    assert json.loads((tmp_path / ".mcp.json").read_text())["mcpServers"]["serena"] == {"command": "my-serena"}
    uninstall(tmp_path)
    assert json.loads((tmp_path / ".mcp.json").read_text()) == {"mcpServers": {"serena": {"command": "my-serena"}}}


@pytest.mark.parametrize("text", ["{", "[]", "// a comment\n{}", '{"mcpServers": 3}'])
def test_a_shared_file_that_cannot_be_merged_stays(tmp_path: Path, text: str) -> None:
    """It is kept to the byte, with what to add by hand; everything else is installed."""
    plant(tmp_path, {".mcp.json": text})
    found = {outcome.path: outcome for outcome in install(tmp_path)}
    assert found[".mcp.json"].what == "kept"
    assert "by hand" in found[".mcp.json"].detail
    assert (tmp_path / ".mcp.json").read_text() == text
    assert {outcome.what for path, outcome in found.items() if path != ".mcp.json"} == {"written"}


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    """Nothing is written through it."""
    outside, project = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    project.mkdir()
    (project / ".claude").symlink_to(outside)
    with pytest.raises(CannotInstall, match="leads out of"):
        install(project)
    assert tree(outside) == {}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file where a folder must be is a sentence, and what was installed before it is remembered."""
    plant(tmp_path, {".claude/agents": "a file\n"})
    with pytest.raises(CannotInstall, match=r"\.claude"):
        install(tmp_path)
    with pytest.raises(CannotInstall, match="is not a folder"):
        install(tmp_path / "nowhere")


def test_a_record_that_cannot_be_read(tmp_path: Path) -> None:
    """Without it nobody knows what is ours: nothing is done."""
    plant(tmp_path, {RECORD: "{"})
    with pytest.raises(CannotInstall, match="nobody knows what was installed"):
        uninstall(tmp_path)


def test_the_command_may_have_words(tmp_path: Path) -> None:
    """Such as uv run backwright; changing it replaces the entries that we added."""
    install(tmp_path)
    install(tmp_path, command="uv run backwright", real=frozenset({"serena"}))
    servers = json.loads((tmp_path / ".mcp.json").read_text())["mcpServers"]
    assert servers["context7"] == {"command": "uv", "args": ["run", "backwright", "mcp", "--as", "context7"]}
    assert servers["serena"]["env"] == {"SERENA_USAGE_REPORTING": "false"}
    assert len(json.loads((tmp_path / ".claude/settings.json").read_text())["hooks"]["Stop"]) == 1
    uninstall(tmp_path)
    assert os.listdir(tmp_path) == []
