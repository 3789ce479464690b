"""The project's work log: a Markdown file whose entries are headings of the second level. Read for the given task, added to at the end.

An entry that the worker writes::

    ## 2026-11-22 SHOP-12: deliver openapi into shop (backend-worker)

    * Session: 2026-11-22-01-20-deliver-openapi-into-shop
    * Result: 25 of 25 standards hold
    * Deliverable: .backwright/sessions/…/deliverable.md

Its line ``* Session:`` is how an entry that was written before a kill is recognised.
"""

import os
import re
from pathlib import Path

from backwright.worker import journal

PLACES = ("WORKLOG.md", "docs/WORKLOG.md", "Docs/WORKLOG.md", "docs/project/WORKLOG.md", "WORKLOG")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NEWEST = 5


def find(project: Path) -> str:
    """The work log's path in the project; empty for none."""
    return next((name for name in PLACES if (project / name).is_file()), "")


def entries(text: str) -> list[str]:
    """The entries of a work log, in the order of the file."""
    parts = re.split(r"^(?=##+ )", text, flags=re.MULTILINE)
    return [part.strip() for part in parts if part.startswith("##")]


def newest(text: str, task: str = "", most: int = _NEWEST) -> tuple[str, ...]:
    """The newest entries, newest first: by the date in their heading, else in the order of the file; of one task, when it is given."""
    named = re.compile(rf"(?<![\w-]){re.escape(task)}(?![\w-])", re.IGNORECASE)
    kept = [entry for entry in entries(text) if not task or named.search(entry)]
    dated = [(match.group() if (match := _DATE.search(entry.splitlines()[0])) else "", entry) for entry in kept]
    return tuple(entry for _, entry in sorted(dated, key=lambda pair: pair[0], reverse=True)[:most])


def entry(day: str, task_id: str, task: str, worker: str, session: str, result: str, deliverable: str) -> str:
    """A new entry."""
    head = " ".join(f"{day} {task_id + ': ' if task_id else ''}{task} ({worker})".split())
    return f"## {head}\n\n* Session: {session}\n* Result: {' '.join(result.split())}\n* Deliverable: {deliverable}\n"


def add(place: Path, text: str, session: str) -> bool:
    """Append an entry, with one write, while no other worker does. False when the session's entry is there already. Raises ``OSError``."""
    with journal.alone(place) as file:
        file.seek(0)
        held = file.read()
        if f"* Session: {session}\n".encode() in held:
            return False
        gap = b"" if not held else b"\n" if held.endswith(b"\n") else b"\n\n"
        journal.put(file, (b"# Work log\n\n" if not held else gap) + text.encode("utf-8", "backslashreplace"))
        os.fsync(file.fileno())
    return True
