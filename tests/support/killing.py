"""Deliveries that are killed with SIGKILL, in a process of their own, at a chosen write; and what must be the same after going on."""

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backwright.worker import journal
from backwright.worker.protocol.record import Record, read
from tests.support.delivering import delivered

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d{4}-\d\d-\d\d-\d\d-\d\d")
Moment = Callable[[str, Any], bool]
"""Is asked before and after each write: its kind (``event``, ``after event``, ``file``, ``after file``) and what is written."""


def delivered_until(design: Path, into: Path, moment: Moment) -> bool:
    """Deliver in a process of its own, killed when the moment has come; whether it was killed."""
    child = os.fork()
    if child == 0:  # the process that is going to die: nothing of it comes back but how it ended
        status = 1
        try:
            _watch(moment)
            delivered(design, into)
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0, "the delivery failed by itself"
    return os.WIFSIGNALED(ended)


def _watch(moment: Moment) -> None:
    append, replace = journal.append, journal.replace

    def checked(kind: str, what: Any) -> None:
        if moment(kind, what):
            os.kill(os.getpid(), signal.SIGKILL)

    def watched_append(path: Path, record: Any, *, sync: bool = False) -> None:
        checked("event", record)
        append(path, record, sync=sync)
        checked("after event", record)

    def watched_replace(path: Path, data: bytes) -> None:
        checked("file", path)
        replace(path, data)
        checked("after file", path)

    journal.append, journal.replace = watched_append, watched_replace


def sessions(into: Path) -> list[Path]:
    """The sessions of a project."""
    return sorted((into / ".backwright/sessions").iterdir()) if (into / ".backwright/sessions").is_dir() else []


def readable(into: Path) -> list[Record]:
    """The records of the sessions, which can be read whatever happened."""
    found = [read(folder, "backend-worker") for folder in sessions(into)]
    assert not any(one.unreadable for one in found)
    for folder in sessions(into):
        if (folder / "STATE.json").exists():
            json.loads((folder / "STATE.json").read_text())
    return found


def tree(into: Path) -> dict[str, str]:
    """The project's files with their texts, and what is remembered of them; times and session ids taken out."""
    files = [p for p in sorted(into.rglob("*")) if p.is_file() and not {"sessions", "__pycache__"} & set(p.parts)]
    kept = [p for p in files if ".backwright" not in p.parts or p.name == "delivered.json"]
    return {p.relative_to(into).as_posix(): plain(p.read_text()) for p in kept}


def outputs(session: Path) -> dict[str, str]:
    """What a session hands in, without times and ids."""
    names = ["backend_notes.md", "backend_response.json", "deliverable.md", "documentation.md", "account.md", "security_review.md"]
    hand_offs = sorted(p.relative_to(session).as_posix() for p in (session / "workers").rglob("backend_to_*"))
    return {name: plain((session / name).read_text()) for name in [*names, *hand_offs]}


def plain(text: str) -> str:
    """Without times and session ids."""
    return _TIME.sub("TIME", text)
