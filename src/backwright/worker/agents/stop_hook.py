"""The stop hook: whoever works for this project does not stop before the checklist of its open sessions is done.

A coding assistant calls it when it, or an agent that it has called, is about to stop, and hands over a JSON object on standard input.
Status 2 with a text on standard error keeps it at work. ``stop_hook_active`` in that object says that it was kept already: it is not kept
twice.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backwright.worker import journal
from backwright.worker.protocol import record
from backwright.worker.protocol.completion import WORKER, unfinished

GO, STAY = 0, 2
LARGEST_INPUT = 1_000_000


def decide(event: Mapping[str, Any], missing: Mapping[str, list[str]]) -> tuple[int, str]:
    """The exit status and what is said. ``missing`` is what each open session lacks, by its id. Pure."""
    left = {session: lacking for session, lacking in missing.items() if lacking}
    if not left:
        return GO, ""
    lines = ["The work is not finished:"]
    for session, lacking in left.items():
        lines += [f"session {session}", *(f"  - {one}" for one in lacking)]
    if event.get("stop_hook_active"):
        return GO, "\n".join([*lines, "This was said before: you may stop, and the session stays open."])
    return STAY, "\n".join([*lines, "Do what is missing, or end the session with the reason why not (session_fail)."])


def ask(text: str, folder: Path, check: Callable[[Path], list[str]] = unfinished) -> tuple[int, str]:
    """The answer to one call. A text that cannot be read counts as an empty event: then the question is asked, not waved through."""
    event = journal.mapping(text) or {}
    said = event.get("cwd")
    project = Path(said) if isinstance(said, str) and Path(said).is_dir() else folder
    return decide(event, {session.name: check(session) for session in open_sessions(project)})


def open_sessions(project: Path) -> list[Path]:
    """The sessions of a project in which its worker is at work: from the project's root or any folder below it."""
    for folder in (project.resolve(), *project.resolve().parents):
        sessions = folder / ".backwright" / "sessions"
        if sessions.is_dir():
            return [session for session in sorted(sessions.iterdir()) if _open(session)]
    return []


def _open(session: Path) -> bool:
    try:
        return record.read(session, WORKER).status == "active"
    except OSError:  # what cannot be read is not known to be finished
        return True
