"""A coding agent drives a whole delivery over standard input and output."""

import json
import subprocess
from pathlib import Path

import anyio

from backwright.worker.agents.resolving import check
from backwright.worker.protocol.opening import start
from tests.support.agent import COMMAND, STANDARDS, agent, environment, project


def files(folder: Path) -> set[str]:
    """The project's files, without the worker's record."""
    listed = (place.relative_to(folder) for place in folder.rglob("*") if place.is_file())
    return {place.as_posix() for place in listed if ".backwright" not in place.parts}


def test_from_a_design_to_a_promoted_backend(tmp_path: Path) -> None:
    """Start, check, plan, deliver on the copy, prove, promote, report, complete; out of turn each step is refused, with the reason."""
    folder = project(tmp_path)
    anyio.run(deliver, folder, tmp_path)
    [session] = (folder / ".backwright/sessions").iterdir()
    kinds = [json.loads(line)["type"] for line in (session / "EVENTS.jsonl").read_text().splitlines()]
    order = ["session_created", "copy_made", "design_imported", "surveyed", "files_written", "claim", "promoted", "output_written"]
    assert [kind for kind in dict.fromkeys(kinds) if kind in order] == order
    assert json.loads((session / "STATE.json").read_text())["status"] == "completed"
    response = json.loads((session / "backend_response.json").read_text())
    assert {claim["standard"]: claim["verdict"] for claim in response["evidence"]["claims"]}["code.layered"] == "proved"
    assert (session / response["evidence"]["ledger"]).resolve() == folder / ".backwright/proof/ledger.jsonl"
    assert list((tmp_path / "cache/backwright/copies").rglob("*.py")) == []


async def deliver(folder: Path, scratch: Path) -> None:
    before = files(folder)
    async with agent(folder, scratch, "--standards", STANDARDS) as one:
        session = (await one.call("session_start", task="Deliver the notes of the design"))["session"]
        checked = await one.call("design_check", session=session)
        assert (checked["operations"], checked["entities"], checked["account"]["refused"]) == (2, 1, 0)
        planned = await one.call("plan", session=session)
        assert ("model.py", "create") in [(change["path"], change["kind"]) for change in planned["changes"]]
        assert "call deliver with agree" in await one.refused("deliver", session=session, agree=False)
        delivered = await one.call("deliver", session=session, agree=True)
        assert {"path": "app.py", "kind": "added"} in delivered["changes"]
        assert files(folder) == before, "the project itself is only read"

        assert "not measured on these files" in await one.refused("promote", session=session)
        await one.call("write_file", session=session, path="extra.py", text='"""Written by hand."""\n')
        assert (await one.call("prove", session=session))["proved"]
        assert any(said.startswith("code.layered: proved") for said in one.heard)
        promoted = await one.call("promote", session=session)
        assert {"app.py", "model.py", "extra.py"} <= set(promoted["written"]) <= files(folder)
        assert (await one.call("verify"))["holds"]

        assert "steps not done" in await one.refused("session_complete", session=session, result="done")
        reported = await one.call("report", session=session)
        assert reported["proved"]
        await one.call("session_complete", session=session, result="the notes are served")
        assert (await one.call("session_checklist", session=session))["missing"] == []
        assert "is completed" in await one.refused("write_file", session=session, path="late.py", text="")


def test_the_stop_hook(tmp_path: Path) -> None:
    """Who stops in the middle is kept with the list of what is missing, once; who has ended the session goes."""
    folder = project(tmp_path)
    session = start("Deliver the notes of the design", folder, session_root=folder / ".backwright/sessions")

    def stop(active: bool) -> subprocess.CompletedProcess[str]:
        event = json.dumps({"hook_event_name": "Stop", "stop_hook_active": active, "cwd": str(folder)})
        return subprocess.run([*COMMAND, "agents", "stop-hook"], input=event, capture_output=True, text=True, cwd=tmp_path, check=False)

    kept = stop(False)
    assert kept.returncode == 2
    assert f"session {session.id}" in kept.stderr
    assert "backend_notes.md has not been written" in kept.stderr
    assert stop(True).returncode == 0
    session.fail("nobody wants notes any more")
    gone = stop(False)
    assert (gone.returncode, gone.stderr) == (0, "")


def test_every_tool_of_the_agents_resolves(tmp_path: Path) -> None:
    """As they were installed: each tool is answered by the server that the written configuration starts, offline."""
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "backwright").write_text(f"#!{COMMAND[0]}\nfrom backwright.cli.main import run\nrun()\n")
    (bin / "backwright").chmod(0o755)
    env = environment(tmp_path) | {"PATH": f"{bin}:/usr/bin:/bin"}
    folder = project(tmp_path)

    def agents(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*COMMAND, "agents", *words], capture_output=True, text=True, env=env, check=False)

    installed = agents("install", str(folder))
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert "there is no program serena on PATH" in installed.stdout
    checked = agents("check", str(folder))
    assert checked.returncode == 0, checked.stdout
    assert "34 of 34 tools resolve" in checked.stdout
    (folder / ".mcp.json").write_text('{"mcpServers": {"serena": {"command": "no-such-program"}}}')
    problems = [one.problem for one in check(folder)]
    assert problems.count("there is no program no-such-program on PATH") == 14
    assert problems.count("") == 16
