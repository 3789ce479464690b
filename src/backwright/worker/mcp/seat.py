"""Where one call works: its session, and the session's copy of the project."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from backwright.worker.mcp.copies import OWN, Copy
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.tool import Desk, Input, Word
from backwright.worker.protocol import record
from backwright.worker.protocol.completion import WORKER
from backwright.worker.protocol.logger import WorkerLogger
from backwright.worker.prove.standard import Standard, select

SessionId = Annotated[Word, msgspec.Meta(description="The session's id, as session_start gave it")]


class InSession(Input):
    """The arguments of a tool that works in a session."""

    session: SessionId


class PerhapsInSession(Input, kw_only=True):
    """The arguments of a tool that reads a session's copy, or without a session the project itself."""

    session: Annotated[str, msgspec.Meta(max_length=4_000, description="The session whose copy is read; else the project itself")] = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """One session at work, its log, and its copy."""

    folder: Path
    log: WorkerLogger
    copy: Copy

    @property
    def id(self) -> str:
        """The session's id."""
        return self.folder.name


def sessions(desk: Desk) -> Path:
    """Where the project's sessions are kept."""
    return desk.sessions or desk.project / OWN / "sessions"


def folder(desk: Desk, session: str) -> Path:
    """The folder of that session. Raises `Refused` when there is none of that id."""
    root = sessions(desk)
    place = root if root.name == session else root / session
    if Path(session).name != session or session in (".", "..") or "\0" in session or not place.is_dir():
        raise Refused(f"there is no session {session[:80]!r}: begin one with session_start, or see session_list")
    return place


def seat(desk: Desk, session: str) -> Seat:
    """The seat of that session. Raises `Refused` when there is none of that id, or none of this worker's."""
    place = folder(desk, session)
    if record.read(place, WORKER).status == "none":
        raise Refused(f"{session} holds no record of a {WORKER}: join it with session_start")
    return Seat(place, WorkerLogger(place, WORKER), Copy(desk.project, place))


@contextmanager
def working(desk: Desk, session: str) -> Generator[Seat]:
    """The seat with its copy made, kept from every other call meanwhile. Raises `Refused`, also for a session that is over."""
    found = seat(desk, session)
    status = record.read(found.folder, WORKER).status
    if status in ("completed", "failed"):
        raise Refused(f"the session {session} is {status}: begin another with session_start")
    with found.copy.held():
        if not found.copy.made:
            place = found.copy.make(desk.say)
            found.log.log_event("copy_made", {"copy": str(place), "files": len(found.copy.base())})
        yield found


def standards(desk: Desk) -> tuple[Standard, ...]:
    """The standards that a promotion needs."""
    from backwright.worker.prove.standards import STANDARDS  # what only reads does not load every check

    return select(STANDARDS, desk.standards)


def view(desk: Desk, session: str) -> Path:
    """The folder to read: the session's copy once there is one, otherwise the project."""
    return seat(desk, session).copy.view if session else desk.project
