"""The tools of the copy: read and write its files, see what was changed, promote it, throw it away."""

import difflib
from typing import Annotated

import msgspec

from backwright.worker import journal
from backwright.worker.mcp import promotion
from backwright.worker.mcp.copies import Copy, inside
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.seat import InSession, PerhapsInSession, seat, standards, view, working
from backwright.worker.mcp.tool import Answer, Desk, Text, Tool, Word
from backwright.worker.mcp.tools.proofs import record_proof
from backwright.worker.mcp.tools.sessions import opened
from backwright.worker.protocol import state
from backwright.worker.protocol.completion import WORKER
from backwright.worker.protocol.steps import Step
from backwright.worker.source import text
from backwright.worker.stamps import utc_now
from backwright.worker.survey.read import survey
from backwright.worker.write import tree

PAGE = 200_000
_PathOf = Annotated[Word, msgspec.Meta(description="The file, relative to the project's root")]


class Read(PerhapsInSession):
    path: _PathOf
    start: Annotated[int, msgspec.Meta(ge=0, description="The first character that is wanted")] = 0


class Write(InSession):
    path: _PathOf
    text: Annotated[Text, msgspec.Meta(description="The whole file")]


def read(asked: Read, desk: Desk) -> Answer:
    """A file's text."""
    place = inside(view(desk, asked.session), asked.path)
    found = text.read(place)
    if isinstance(found, text.Unread):
        raise Refused(f"{asked.path}: {found.reason}")
    part = found.text[asked.start : asked.start + PAGE]
    more = asked.start + len(part) < len(found.text)
    return Answer(part, {"path": asked.path, "start": asked.start, "characters": len(found.text), "more": more})


def write(asked: Write, desk: Desk) -> Answer:
    """Write a file of the copy."""
    with working(desk, asked.session) as found:
        place = inside(found.copy.folder, asked.path)
        if place.is_dir():
            raise Refused(f"{asked.path} is a folder")
        new = not place.exists()
        journal.replace(place, asked.text.encode("utf-8", "backslashreplace"))
        found.log.log_event("file_written", {"file": asked.path})
    return Answer(f"{asked.path} is {'created' if new else 'changed'} in the copy", {"path": asked.path, "created": new})


def changes(asked: InSession, desk: Desk) -> Answer:
    """What the copy and the project do not have in common."""
    copy = seat(desk, asked.session).copy
    found = copy.differences()
    shown = "\n".join(_diff(copy, one.path) for one in found)[:PAGE]
    listed = [{"path": one.path, "kind": one.kind} for one in found]
    return Answer(shown or "the copy is as the project was", {"changes": listed})


def promote(asked: InSession, desk: Desk) -> Answer:
    """Bring the copy's changes into the project."""
    found = seat(desk, asked.session)
    with found.copy.held():
        desk.say("checking the proof")
        planned = promotion.allowed(found.copy, standards(desk))
        branch = tree.branch(desk.project, survey(desk.project), utc_now()) if planned.written or planned.removed else ""
        done = promotion.promote(found.copy, standards(desk))
        state.note(found.folder, WORKER, proved=str(desk.project), project=str(desk.project))
        told = {"written": list(done.written), "removed": list(done.removed), "claims": list(done.claims), "branch": branch}
        found.log.log_event("promoted", told, "completed")
        session, (_, claims) = opened(desk, found.id), found.copy.proof()
        if session.done(Step.PROOF):
            record_proof(session, desk.project, claims, "promoted: the proof is about the project now")
        found.copy.discard()
    where = f" on the branch {branch}" if branch else ""
    said = f"{len(done.written)} files written, {len(done.removed)} removed in the project{where}, on {len(done.claims)} claims that hold"
    return Answer(said, told)


def discard(asked: InSession, desk: Desk) -> Answer:
    """Throw the copy away."""
    found = seat(desk, asked.session)
    with found.copy.held():
        found.copy.discard()
        found.log.log_event("copy_discarded", {})
    return Answer("the copy is gone; the project is as it was", {"session": found.id})


def _diff(copy: Copy, path: str) -> str:
    before, after = (text.read(root / path) if (root / path).is_file() else text.Text("", "utf-8") for root in (copy.project, copy.folder))
    if isinstance(before, text.Unread) or isinstance(after, text.Unread):
        return f"{path}: not shown, it is no text"
    lines = difflib.unified_diff(before.text.splitlines(), after.text.splitlines(), f"project/{path}", f"copy/{path}", lineterm="")
    return "\n".join(lines)


TOOLS = (
    Tool(name="read_file", input=Read, run=read, reads=True, description="The text of a file of the project, or of a session's copy."),
    Tool(
        name="write_file", input=Write, run=write,
        description="Writes a whole file of the session's copy, such as a business rule or a test. The project itself is not touched.",
    ),
    Tool(
        name="changes", input=InSession, run=changes, reads=True,
        description="What a session's copy and the project do not have in common, as a difference.",
    ),
    Tool(
        name="promote", input=InSession, run=promote, apart=True, deadline=300,
        description="Brings the copy's changes into the project. Refused unless every standard that this server asks for holds for exactly "
        "the copy as it is now, by sealed claims, and the project has not changed meanwhile.",
    ),
    Tool(name="discard", input=InSession, run=discard, description="Throws the session's copy away; the project stays as it is."),
)  # fmt: skip
