"""Decisions: files in ``workers/decisions/`` that say what was decided and why, or what somebody else must decide.

A decision is a JSON object: ``id``, ``timestamp``, ``agent``, ``title``, ``status`` and what belongs to it. An escalation also has
``condition``, ``to``, ``reason``, ``evidence`` and ``blocks``. To answer one, write ``decision`` (``approved``, ``refused`` or a
sentence) and ``by`` into its file, or run ``backwright session answer``.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from backwright.worker import journal

FOLDER = Path("workers") / "decisions"
_MOST = 1_000_000


class Unanswerable(Exception):
    """There is no such open decision; the message says which there are."""


def files(session: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every decision that can be read, oldest first."""
    for place in _places(session):
        try:
            found = journal.mapping(place.read_bytes()) if place.stat().st_size <= _MOST else None
        except OSError:
            found = None
        if found is not None:
            yield place, found


def unreadable(session: Path) -> list[str]:
    """The decision files that cannot be read, relative to the session."""
    read = {place for place, _ in files(session)}
    return [place.relative_to(session).as_posix() for place in _places(session) if place not in read]


def write(session: Path, stem: str, record: Mapping[str, Any]) -> Path:
    """Keep a decision under the next number. Two workers that write at once get two numbers."""
    folder = session / FOLDER
    number = 1 + max((int(p.name[:3]) for p in _places(session) if p.name[:3].isdigit()), default=0)
    while True:
        place = folder / f"{number:03d}-{stem}.json"
        try:
            if not any(folder.glob(f"{number:03d}-*.json")):
                journal.create(place, journal.pretty({"id": f"{number:03d}", **record}))
                return place
        except FileExistsError:
            pass
        number += 1


def answered(decision: Mapping[str, Any]) -> str:
    """What was decided; empty while nobody has."""
    said = decision.get("decision")
    return said.strip() if isinstance(said, str) else ""


def is_open(decision: Mapping[str, Any]) -> bool:
    """Whether somebody still has to answer it."""
    return decision.get("status") == "open" and not answered(decision)


def open_ones(session: Path) -> list[dict[str, Any]]:
    """The decisions that nobody has answered, each with its ``file`` relative to the session."""
    return [{**one, "file": place.relative_to(session).as_posix()} for place, one in files(session) if is_open(one)]


def blocking(session: Path) -> list[str]:
    """What keeps the session from being completed: decisions that block and are open, or that were answered with a refusal."""
    found: list[str] = []
    for place, one in files(session):
        name = place.relative_to(session).as_posix()
        if one.get("blocks") and is_open(one):
            found.append(f"{one.get('to')} has not answered {name}: {one.get('reason')}")
        elif one.get("blocks") and one.get("status") != "closed" and refused(answered(one)):
            found.append(f"{one.get('to')} refused {name}: {answered(one)}")
    return found


def refused(answer: str) -> bool:
    """Whether an answer begins with a no."""
    return answer.lower().startswith(("refused", "refuse", "rejected", "reject", "no,", "no.", "no:", "denied")) or answer.lower() == "no"


def answer(session: Path, number: str, decision: str, by: str, now: str) -> Path:
    """Write the answer into the decision's file. Raises `Unanswerable`."""
    for place, one in files(session):
        if place.name.startswith(f"{number}-") and is_open(one):
            journal.replace(place, journal.pretty(one | {"status": "answered", "decision": decision, "by": by, "answered": now}))
            return place
    known = ", ".join(str(one["file"]) for one in open_ones(session)) or "none is open"
    raise Unanswerable(f"there is no open decision {number}: {known}")


def close(session: Path, place: Path, why: str, now: str) -> None:
    """Close a decision that no longer matters, or whose answer was followed."""
    found = journal.mapping(place.read_bytes()) or {}
    journal.replace(place, journal.pretty(found | {"status": "closed", "closed": now, "because": why}))


def same(evidence: Mapping[str, Any]) -> str:
    """A short name for evidence: the same evidence asks the same question."""
    return sha256(json.dumps(evidence, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _places(session: Path) -> list[Path]:
    return sorted(place for place in (session / FOLDER).glob("*.json") if not place.name.startswith("."))
