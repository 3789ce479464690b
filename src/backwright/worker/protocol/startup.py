"""What a worker reads before it works: the project's root, its instructions, the newest work log entries, open escalations."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.worker import journal

_ROOTS = (".git", "CLAUDE.md", "pyproject.toml", "package.json", "go.mod", "Cargo.toml", ".backwright")
_NEWEST = 5
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Context:
    """What was read. A file that is not there leaves its part empty."""

    instructions: str = ""
    worklog: tuple[str, ...] = ()
    """The newest entries, newest first."""
    escalations: tuple[dict[str, Any], ...] = ()
    """Decisions of the session that nobody has answered."""
    files: tuple[str, ...] = ()
    """What was read, relative to the project."""

    def summary(self) -> dict[str, Any]:
        """The same in numbers, for the event."""
        return {"files": list(self.files), "worklog_entries": len(self.worklog), "open_escalations": len(self.escalations)}


def find_root(at: Path) -> Path:
    """The nearest folder, from here upwards, that looks like the root of a project: under version control if any is, else this one."""
    here = at.resolve()
    while not here.is_dir() and here != here.parent:
        here = here.parent
    upwards = [here, *here.parents]
    for mark in (_ROOTS[:1], _ROOTS[1:]):
        for folder in upwards:
            if folder != Path(folder.anchor) and any((folder / name).exists() for name in mark):
                return folder
    return here


def read_context(project: Path, session: Path) -> Context:
    """Read what is there."""
    read: list[str] = []

    def text(name: str) -> str:
        place = project / name
        if not place.is_file():
            return ""
        read.append(name)
        return place.read_text(encoding="utf-8", errors="replace")

    instructions = text("CLAUDE.md")
    logs = [
        name
        for name in ("WORKLOG.md", "docs/WORKLOG.md", "Docs/WORKLOG.md", "docs/project/WORKLOG.md", "WORKLOG")
        if (project / name).is_file()
    ]
    entries = newest(text(logs[0])) if logs else ()
    for name in ("docs/development/workflows/task-workflow.md", "docs/development/workflows/agent-coordination.md"):
        text(name)
    return Context(instructions, entries, tuple(_open(session)), tuple(read))


def newest(worklog: str) -> tuple[str, ...]:
    """The newest entries of a work log, newest first: by the date in their heading, else in the order of the file."""
    parts = re.split(r"^(?=##+ )", worklog, flags=re.MULTILINE)
    entries = [part.strip() for part in parts if part.startswith("##")]
    dated = [(match.group() if (match := _DATE.search(entry.splitlines()[0])) else "", entry) for entry in entries]
    return tuple(entry for _, entry in sorted(dated, key=lambda pair: pair[0], reverse=True)[:_NEWEST])


def _open(session: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for place in sorted((session / "workers" / "decisions").glob("*.json")):
        decision = journal.mapping(place.read_bytes())
        if decision is not None and decision.get("status") == "open":
            found.append(decision)
    return found
