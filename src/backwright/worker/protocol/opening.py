"""Opening a session: a new one, one to join, or one to go on with after it was interrupted."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from backwright.worker import journal
from backwright.worker.protocol import coordination, state
from backwright.worker.protocol.completion import WORKER
from backwright.worker.protocol.ids import ID, session_id
from backwright.worker.protocol.logger import WorkerLogger
from backwright.worker.protocol.record import DEBUG, EVENTS, Record, read
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.startup import find_root, markdown, read_context
from backwright.worker.protocol.steps import Step
from backwright.worker.report.outputs import coordinated
from backwright.worker.stamps import iso, utc_now

FOLDERS = ("workers", "workers/json", "workers/prompts", "workers/decisions")
INTERRUPTED = ("active", "waiting")


class NoSession(Exception):
    """There is no such session, or none of this worker that could go on; the message says why."""


def start(
    task: str, at: Path, *, session_root: Path | None = None, worker: str = WORKER, task_id: str = "",
    clock: Callable[[], datetime] = utc_now,
) -> Session:  # fmt: skip
    """Open a session for the task: find the project, join or create the folder, read what must be read, tell that work begins.

    ``session_root`` is where sessions are kept, or one session's own folder: a folder that is named like a session or holds the
    record of one is joined. Without it sessions are kept in ``.backwright/sessions/`` at the project's root.
    """
    project = find_root(at)
    folder, joined = _folder(task, session_root or project / ".backwright" / "sessions", clock())
    log = WorkerLogger(folder, worker, clock=clock)
    _prepare(folder)
    begun = {"task": task, "task_id": task_id, "project": str(project), "folder": str(at.resolve())}
    log.log_event("session_joined" if joined else "session_created", begun, "started")
    return _startup(folder, project, task, log, task_id, clock)


def resume(folder: Path, *, worker: str = WORKER, clock: Callable[[], datetime] = utc_now) -> Session:
    """Go on with a session that was interrupted, waits or failed. Raises `NoSession` when there is nothing to go on with."""
    record = read(folder, worker)
    if record.status in ("none", "completed"):
        raise NoSession(
            f"{folder} has nothing to go on with: " + ("it is completed" if record.status == "completed" else f"no {worker} yet")
        )
    begun = record.begun
    project, task, task_id = Path(begun.get("project") or find_root(folder)), str(begun.get("task", "")), str(begun.get("task_id", ""))
    log = WorkerLogger(folder, worker, clock=clock)
    _prepare(folder)
    log.log_event("session_resumed", _found(record, iso(clock())), "started")
    if Step.STARTUP not in record.done:
        return _startup(folder, project, task, log, task_id, clock)
    _show(folder, project, task, worker, clock())
    return Session(folder, project, task, log, read_context(project, folder, task_id), task_id, clock)


def reopen(folder: Path, *, worker: str = WORKER, clock: Callable[[], datetime] = utc_now) -> Session:
    """The session of a worker that is at work in it, for one more step. Raises `NoSession` for one that has not begun or is over."""
    record = read(folder, worker)
    if record.status not in INTERRUPTED:
        raise NoSession(f"{folder} is not at work: {worker} " + ("has not begun" if record.status == "none" else f"has {record.status} it"))
    begun = record.begun
    project, task_id = Path(begun.get("project") or find_root(folder)), str(begun.get("task_id", ""))
    log = WorkerLogger(folder, worker, clock=clock)
    return Session(folder, project, str(begun.get("task", "")), log, read_context(project, folder, task_id), task_id, clock)


def interrupted(root: Path, task: str, at: Path, *, worker: str = WORKER) -> Path | None:
    """The newest session of this task, for this folder, that was killed or waits; None for none."""
    listed = [root] if is_session(root) else sorted((p for p in root.glob("*") if is_session(p)), reverse=True)
    for folder in listed:
        try:
            record = read(folder, worker)
        except OSError:
            continue
        begun = record.begun
        if record.status in INTERRUPTED and (begun.get("task"), begun.get("folder")) == (task, str(at.resolve())):
            return folder
    return None


def _startup(folder: Path, project: Path, task: str, log: WorkerLogger, task_id: str, clock: Callable[[], datetime]) -> Session:
    _show(folder, project, task, log.worker, clock())
    context = read_context(project, folder, task_id)
    log.log_event("context_read", context.summary())
    if state.foreign(folder):
        log.log_event("finding", {"about": state.NAME, "finding": f"it is no JSON object: left as it is; see {state.BESIDE}"})
    session = Session(folder, project, task, log, context, task_id, clock)
    if log.worker == WORKER:
        text = coordination.own_prompt(folder.name, task, markdown(context))
        journal.replace(folder / "workers" / "prompts" / f"{WORKER}.md", text.encode("utf-8", "backslashreplace"))
    log.log_event("worker_started", {"task": task}, "started")
    if log.worker == WORKER:
        session.finish(Step.STARTUP, {"findings": list(context.findings)})
    return session


def _found(record: Record, now: str) -> dict[str, object]:
    last = str(record.events[-1].get("timestamp", ""))
    found: dict[str, object] = {"after": next(reversed(record.done), None), "interrupted": record.running or None}
    if record.unreadable:
        found["unreadable_lines"] = record.unreadable
    if last > now:
        found["clock"] = f"it went backwards: the last line is of {last}"
    return found


def _folder(task: str, root: Path, now: datetime) -> tuple[Path, bool]:
    if ID.fullmatch(root.name) or is_session(root):
        return root, True
    name = session_id(task, now)
    for times in range(1, 1000):
        folder = root / (name if times == 1 else f"{name}-{times}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder, False
    raise FileExistsError(f"{root} holds a thousand sessions named {name}")


def is_session(folder: Path) -> bool:
    """Whether the folder holds the record of a session."""
    return (folder / state.NAME).exists() or (folder / EVENTS).exists()


def _prepare(folder: Path) -> None:
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in (EVENTS, DEBUG):
        (folder / name).touch()


def _show(folder: Path, project: Path, task: str, worker: str, now: datetime) -> None:
    mine = {"session_id": folder.name, "task": task, "status": "active", "created": iso(now), "updated": iso(now)}
    led = coordinated(folder)

    def edit(values: state.Values) -> None:
        values.update({key: value for key, value in mine.items() if key not in values or (key == "status" and not led)})

    state.change(folder, edit)
    state.note(folder, worker, status="active", started=iso(now), project=str(project), phase=None, outputs=[], coordinated=led)
    if not (folder / "SESSION.md").exists():
        lines = [
            f"# Session {folder.name}",
            "",
            f"* Task: {' '.join(task.split())}",
            f"* Project: {project.name}",
            f"* Worker: {worker}",
            f"* Began: {iso(now)}",
            "",
        ]
        journal.replace(folder / "SESSION.md", "\n".join(lines).encode("utf-8", "backslashreplace"))
