"""The tools of a session: begin, tell, hand in, see what is missing, end."""

from typing import Annotated, Any, Literal

import msgspec

from backwright.worker import by_hand
from backwright.worker.mcp.copies import inside
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.seat import InSession, folder, seat, sessions, standards, working
from backwright.worker.mcp.tool import LONGEST_TEXT, Answer, Desk, Input, Text, Tool, Word
from backwright.worker.protocol import opening, record, steps
from backwright.worker.protocol.completion import WORKER, unfinished
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.startup import read_context
from backwright.worker.protocol.steps import Step
from backwright.worker.report import outputs


class Start(Input):
    task: Annotated[Word, msgspec.Meta(description="What is to be done, in one sentence")]
    task_id: Annotated[str, msgspec.Meta(max_length=200, description="The task's name in the work log, if it has one")] = ""
    join: Annotated[str, msgspec.Meta(max_length=200, description="The id of a session to join or to go on with")] = ""


class Nothing(Input):
    pass


class Log(InSession):
    type: Annotated[Word, msgspec.Meta(description="What happened, in snake_case: tests_written, question_asked")]
    details: Annotated[
        dict[str, Any] | Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)], msgspec.Meta(description="The particulars; no secrets")
    ]
    status: Annotated[str, msgspec.Meta(max_length=100, description="started, completed, failed, …")] = ""
    level: Annotated[
        Literal["event", "DEBUG", "INFO", "WARNING", "ERROR"], msgspec.Meta(description="event for what happened; else for debugging")
    ] = "event"


class Analysis(InSession):
    markdown: Annotated[Text, msgspec.Meta(description="The report, with the sections of the worker output protocol in their order")]


class Json(InSession):
    data: Annotated[dict[str, Any], msgspec.Meta(description="The response, with the keys of the worker output protocol")]
    strict: Annotated[bool, msgspec.Meta(description="Write it without the key evidence")] = False


class Taken(InSession):
    step: Annotated[Step, msgspec.Meta(description="The step that is done; the steps have an order, none is skipped")]
    files: Annotated[list[Word], msgspec.Meta(max_length=1_000, description="The files of the step, relative to the project's root")] = []
    not_needed: Annotated[str, msgspec.Meta(max_length=1_000, description="Why the step is not needed")] = ""


class Complete(InSession):
    result: Annotated[Word, msgspec.Meta(description="How it ended, in one sentence")]


OURS = frozenset({"copy_made", "copy_discarded", "file_written", "symbol_edited", "promoted", "replayed", "reported"})
"""Events of our own tools: like those of the protocol they are written by the program, when they are true."""


def start(asked: Start, desk: Desk) -> Answer:
    """Open a session, join one, or go on with one."""
    if not asked.join:
        return _began(opening.start(asked.task, desk.project, session_root=sessions(desk), task_id=asked.task_id), desk, "begun")
    place = folder(desk, asked.join)
    if not opening.is_session(place):
        raise Refused(f"{asked.join} holds no session: without join a new one is begun")
    if record.read(place, WORKER).status == "none":
        return _began(opening.start(asked.task, desk.project, session_root=place, task_id=asked.task_id), desk, "joined")
    return _began(opening.resume(place), desk, "resumed")


def _began(session: Session, desk: Desk, how: str) -> Answer:
    found = seat(desk, session.id)
    data = {
        "session": session.id, "folder": str(session.folder), "project": str(desk.project), "copy": str(found.copy.folder),
        "read": session.context.summary(), "standards": [standard.id for standard in standards(desk)],
    }  # fmt: skip
    text = f"The session {session.id} is {how}. Changes go to its copy of the project, made when it is needed: {found.copy.folder}"
    return Answer(text, data)


def listed(asked: Nothing, desk: Desk) -> Answer:
    """Every session of the project, the newest first."""
    root = sessions(desk)
    folders = sorted((place for place in root.iterdir() if place.is_dir()), reverse=True) if root.is_dir() else []
    found = [{"session": one.name, "status": held.status, "task": held.begun.get("task", "")} for one in folders
             if (held := record.read(one, WORKER)).status != "none"]  # fmt: skip
    return Answer("\n".join(f"{one['session']}: {one['status']}" for one in found) or "there are no sessions", {"sessions": found})


def log(asked: Log, desk: Desk) -> Answer:
    """Add a line to the session's record."""
    found = seat(desk, asked.session)
    if asked.type in record.RESERVED | OURS:
        raise Refused(f"{asked.type} is written by the program itself, when it is true; choose another type")
    if asked.level == "event":
        found.log.log_event(asked.type, asked.details, asked.status or None)
    else:
        found.log.log_debug(asked.level, asked.type, asked.details if isinstance(asked.details, dict) else {"details": asked.details})
    return Answer("written", {"session": found.id})


def analysis(asked: Analysis, desk: Desk) -> Answer:
    """Hand in the notes."""
    session = opened(desk, asked.session)
    session.reopen(Step.NOTES, "other notes are handed in")
    with session.step(Step.NOTES) as told:
        place = outputs.save_notes(session.log, asked.markdown)
        told["file"] = place.name
    return Answer(f"{place.name} is written; what it ticks carries the ledger's verdict, or reads not measured.", {"file": str(place)})


def json(asked: Json, desk: Desk) -> Answer:
    """Hand in the response."""
    session = opened(desk, asked.session)
    session.reopen(Step.RESPONSE, "another response is handed in")
    with session.step(Step.RESPONSE) as told:
        place = outputs.save_response(session.log, asked.data, strict=asked.strict)
        told["file"] = place.name
    return Answer(f"{place.name} is written.", {"file": str(place)})


def status(asked: InSession, desk: Desk) -> Answer:
    """How far the session is."""
    found = seat(desk, asked.session)
    held = record.read(found.folder, WORKER)
    changes = [f"{one.kind} {one.path}" for one in found.copy.differences()]
    done = [str(step) for step in held.done]
    data: dict[str, Any] = {
        "session": found.id, "status": held.status, "steps": done, "running": held.running, "events": len(held.events),
        "copy": str(found.copy.folder) if found.copy.made else None, "changes": changes,
        "outputs": [name for name in (outputs.NOTES, outputs.RESPONSE) if (found.folder / name).is_file()],
    }  # fmt: skip
    said = f"{found.id} is {held.status}; steps done: {', '.join(done) or 'none'}; {len(changes)} files differ from the project"
    return Answer(said, data)


def checklist(asked: InSession, desk: Desk) -> Answer:
    """What still keeps the session from being completed."""
    found = seat(desk, asked.session)
    missing = unfinished(found.folder)
    return Answer("\n".join(missing) or "nothing is missing", {"session": found.id, "missing": missing})


def step(asked: Taken, desk: Desk) -> Answer:
    """Record a step that was done by hand."""
    with working(desk, asked.session) as found:
        if asked.step is Step.WORK_LOG and found.copy.differences():
            raise Refused("the work log is written in the project itself: promote the copy or discard it first")
        for name in asked.files:
            inside(found.copy.folder, name)
        session = opened(desk, asked.session)
        try:
            by_hand.take(session, asked.step, files=asked.files, needless=asked.not_needed, folder=found.copy.folder)
        except ValueError as error:
            raise Refused(str(error)) from None
        following = steps.following(session.record.events)
    return Answer(f"{asked.step} is recorded; next is {following}", {"step": asked.step, "next": following})


def complete(asked: Complete, desk: Desk) -> Answer:
    """End the session."""
    session = opened(desk, asked.session)
    session.complete(asked.result)
    return Answer(f"{session.id} is completed: {asked.result}", {"session": session.id, "status": "completed"})


def fail(asked: Complete, desk: Desk) -> Answer:
    """End the session without its outputs."""
    session = opened(desk, asked.session)
    session.fail(asked.result)
    return Answer(f"{session.id} has ended without its outputs: {asked.result}", {"session": session.id, "status": "failed"})


def opened(desk: Desk, id: str) -> Session:
    """The session as the protocol knows it, without telling that anything began. Raises `Refused` for one that is over."""
    found = seat(desk, id)
    held = record.read(found.folder, WORKER)
    if held.status in ("completed", "failed"):
        raise Refused(f"the session {id} is {held.status}: begin another with session_start")
    task, task_id = str(held.begun.get("task", "")), str(held.begun.get("task_id", ""))
    return Session(found.folder, desk.project, task, found.log, read_context(desk.project, found.folder, task_id), task_id)


TOOLS = (
    Tool(
        name="session_start", input=Start, run=start,
        description="Begins the record of one task, or joins and goes on with one. Everything else that changes something takes its id. "
        "Changes are made to a disposable copy of the project that belongs to the session.",
    ),
    Tool(name="session_list", input=Nothing, run=listed, reads=True, description="Every session of this project with its status."),
    Tool(
        name="session_status", input=InSession, run=status, reads=True,
        description="How far a session is: steps done, files of its copy that differ from the project, outputs written.",
    ),
    Tool(
        name="session_log", input=Log, run=log,
        description="Adds an event or a debug line to the session's record, which is only added to.",
    ),
    Tool(
        name="session_step", input=Taken, run=step, apart=True, deadline=300,
        description="Records a step of work that is done by hand on the copy: survey, plan, plan_review, tests_written, code_written and "
        "so on. The program looks for itself first. plan, deliver, prove and report record their own steps.",
    ),
    Tool(
        name="save_analysis", input=Analysis, run=analysis,
        description="Hands in backend_notes.md, the first output. Sections and order are checked; each line you tick gets its verdict "
        "from the ledger, or reads not measured.",
    ),
    Tool(
        name="save_json", input=Json, run=json,
        description="Hands in backend_response.json, the second output. Its keys are checked; its evidence is the ledger's in any case.",
    ),
    Tool(
        name="session_checklist", input=InSession, run=checklist, reads=True,
        description="What still keeps the session from being completed.",
    ),
    Tool(name="session_complete", input=Complete, run=complete, description="Ends the session. Refused until the checklist is empty."),
    Tool(name="session_fail", input=Complete, run=fail, description="Ends the session without its outputs, saying why."),
)  # fmt: skip
