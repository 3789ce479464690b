"""A delivery that is killed with SIGKILL, anywhere, goes on when it is started again, and ends as if nothing had happened."""

import errno
import os
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from backwright.worker import journal
from backwright.worker.protocol.completion import unfinished
from backwright.worker.protocol.steps import ORDER
from tests.support.delivering import ROOT, delivered
from tests.support.killing import delivered_until, outputs, readable, sessions, tree

DESIGN = ROOT / "tests/cases/todo/design.yaml"
pytestmark = pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "fork"), reason="it forks")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of a delivery that nothing interrupted."""
    into = tmp_path_factory.mktemp("whole") / "todo"
    delivered(DESIGN, into)
    return into


def same(into: Path, whole: Path) -> None:
    """One session, completed, with the same project and the same outputs as the undisturbed one."""
    (session,), (other,) = sessions(into), sessions(whole)
    assert unfinished(session) == []
    assert tree(into) == tree(whole)
    assert outputs(session) == outputs(other)
    assert [event["details"]["step"] for event in readable(into)[0].events if event["type"] == "step_completed"] == list(ORDER)


def test_killed_after_every_step(tmp_path: Path, whole: Path) -> None:
    """One delivery, killed right after each of its steps in turn."""
    into = tmp_path / "todo"
    for number, step in enumerate(ORDER, 1):
        at: str = step

        def moment(kind: str, what: Any, at: str = at) -> bool:
            return kind == "after event" and what.get("type") == "step_completed" and what["details"]["step"] == at

        assert delivered_until(DESIGN, into, moment)
        assert list(readable(into)[0].done) == list(ORDER[:number])
    assert not delivered_until(DESIGN, into, lambda kind, what: False)
    same(into, whole)


def test_killed_inside_steps(tmp_path: Path, whole: Path) -> None:
    """One delivery, killed at a random write, before or after it, again and again until it comes through."""
    into, dice, kills = tmp_path / "todo", random.Random(7), 0
    while True:
        left = dice.randint(20, 150)

        def moment(kind: str, what: Any) -> bool:
            nonlocal left
            left -= 1
            return left == 0

        killed = delivered_until(DESIGN, into, moment)
        if not killed or readable(into)[0].status == "completed":
            break
        kills += 1
        assert kills < 40, "it does not get on"
    assert kills >= 3
    same(into, whole)


def test_torn_line(tmp_path: Path, whole: Path) -> None:
    """Killed in the middle of a line: the line is as if it had never been begun."""
    into = tmp_path / "todo"

    def moment(kind: str, what: Any) -> bool:
        if kind == "event" and what.get("type") == "step_completed" and what["details"]["step"] == "plan":
            (session,) = sessions(into)
            with (session / "EVENTS.jsonl").open("ab") as file:
                file.write(journal.encode(what)[:40])
            return True
        return False

    assert delivered_until(DESIGN, into, moment)
    assert not delivered_until(DESIGN, into, lambda kind, what: False)
    same(into, whole)


def test_a_disk_that_is_full(tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When nothing can be written any more, the delivery ends with that; with room again the same command goes on."""
    into, append, left = tmp_path / "todo", journal.append, 40

    def full(path: Path, record: Any, *, sync: bool = False) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        append(path, record, sync=sync)

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left"):
        patched.setattr(journal, "append", full)
        delivered(DESIGN, into)
    assert readable(into)[0].status == "active"
    delivered(DESIGN, into)
    same(into, whole)
