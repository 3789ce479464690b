"""A session: the append-only record of one delivery, in a folder of its own or in the one a coordinator names."""

import re
import unicodedata
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from backwright.worker import journal
from backwright.worker.protocol import state
from backwright.worker.protocol.heartbeat import Heartbeat
from backwright.worker.protocol.logger import EVENTS, WorkerLogger
from backwright.worker.protocol.phase import Phase
from backwright.worker.protocol.startup import Context, find_root, read_context
from backwright.worker.report import outputs
from backwright.worker.stamps import iso, utc_now

WORKER = "backend-worker"
FOLDERS = ("workers", "workers/json", "workers/prompts", "workers/decisions")
SPECIALISTS = ("code-architect", "security-auditor", "performance-optimizer", "database-specialist")
_ID = re.compile(r"\d{4}-\d\d-\d\d-\d\d-\d\d-[a-z0-9]+(-[a-z0-9]+)*")
_SHORTEST, _LONGEST = 15, 48


class Incomplete(Exception):
    """The session cannot be completed. ``missing`` lists every reason."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = tuple(missing)
        super().__init__("the session is not complete: " + "; ".join(missing))


def slug(task: str) -> str:
    """The task in lower case with hyphens, in whole words where that fits: at least 15 characters unless the task is shorter."""
    plain = unicodedata.normalize("NFKD", task).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))
    if len(words) < min(_SHORTEST, len(task.strip())) or not words:
        words = "-".join(filter(None, ("task", words, sha256(task.encode("utf-8", "replace")).hexdigest()[:10])))
    if len(words) <= _LONGEST:
        return words
    at = words.rfind("-", _SHORTEST, _LONGEST + 1)
    return words[: at if at > 0 else _LONGEST].rstrip("-")


def session_id(task: str, now: datetime) -> str:
    """``YYYY-MM-DD-HH-mm-task-slug``, in UTC."""
    return f"{now.astimezone(UTC):%Y-%m-%d-%H-%M}-{slug(task)}"


@dataclass(frozen=True)
class Session:
    """One open session. Made by `start`."""

    folder: Path
    project: Path
    task: str
    log: WorkerLogger
    context: Context
    clock: Callable[[], datetime] = utc_now

    @property
    def id(self) -> str:
        """The session's id: the name of its folder."""
        return self.folder.name

    @contextmanager
    def beating(self, every: float = 30.0) -> Generator[None]:
        """Tell that the worker lives, what it does and what it uses, every so many seconds while the block runs."""
        with Heartbeat(self.log, every):
            yield

    @contextmanager
    def phase(self, name: str, timeout: float) -> Generator[Phase]:
        """One phase of the work, with its beginning and end told. Raises `PhaseTimeout` when it took longer than ``timeout`` seconds."""
        with Phase(name, timeout, self.log).running() as phase:
            yield phase

    def decide(self, title: str, body: Mapping[str, Any]) -> Path:
        """Keep a decision, with its reasons, in ``workers/decisions/``."""
        folder = self.folder / "workers" / "decisions"
        number = len(list(folder.glob("*.json"))) + 1
        place = folder / f"{number:03d}-{slug(title)}.json"
        record = {"timestamp": iso(self.clock()), "agent": self.log.worker, "title": title, **body}
        journal.replace(place, outputs.pretty(record))
        self.log.log_event("decision", {"title": title, "file": place.relative_to(self.folder).as_posix()})
        return place

    def escalate(self, to: str, reason: str, evidence: Mapping[str, Any]) -> Path:
        """Hand a question to a specialist, as an open decision with the evidence that raised it. Raises ``ValueError`` for others."""
        if to not in SPECIALISTS:
            raise ValueError(f"there is no {to}: escalate to {', '.join(SPECIALISTS)}")
        place = self.decide(f"{to} {reason}", {"to": to, "reason": reason, "evidence": dict(evidence), "status": "open"})
        self.log.log_event("escalation", {"to": to, "reason": reason, "file": place.relative_to(self.folder).as_posix()}, "open")
        return place

    def checklist(self) -> list[str]:
        """What is still missing before the session may be completed; nothing when it may."""
        missing = outputs.missing(self.folder, self.log.worker, self.id)
        phase = state.of_worker(self.folder, self.log.worker).get("phase")
        return [*missing, *([f"the phase {phase} is still running"] if phase else [])]

    def complete(self, result: str) -> None:
        """End the session. Raises `Incomplete` unless both outputs were written, in order and in shape, and still stand as written."""
        if missing := self.checklist():
            self.log.log_event("completion_refused", {"missing": missing}, "refused")
            raise Incomplete(missing)
        self._end("completed", result)

    def fail(self, reason: str) -> None:
        """End the session without its outputs, saying why."""
        self._end("failed", reason)

    def _end(self, status: str, result: str) -> None:
        self.log.log_event("worker_completed" if status == "completed" else "worker_failed", {"result": result}, status)
        state.note(self.folder, self.log.worker, status=status, result=result, ended=iso(self.clock()))
        if not coordinated(self.folder):
            state.change(self.folder, lambda values: values.update(status=status, updated=iso(self.clock())))


def coordinated(folder: Path) -> bool:
    """Whether somebody else leads this session."""
    return outputs.coordinated(folder)


def start(
    task: str, at: Path, *, session_root: Path | None = None, worker: str = WORKER, clock: Callable[[], datetime] = utc_now
) -> Session:
    """Open a session for the task: find the project, join or create the folder, read what must be read, tell that work begins.

    ``session_root`` is where sessions are kept, or one session's own folder: a folder that is named like a session or holds the
    record of one is joined. Without it sessions are kept in ``.backwright/sessions/`` at the project's root.
    """
    project = find_root(at)
    folder, joined = _folder(task, session_root or project / ".backwright" / "sessions", clock())
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    log = WorkerLogger(folder, worker, clock=clock)
    _begin(folder, project, task, worker, clock())
    log.log_event("session_joined" if joined else "session_created", {"task": task, "project": str(project)}, "started")
    context = read_context(project, folder)
    log.log_event("context_read", context.summary())
    log.log_event("worker_started", {"task": task}, "started")
    return Session(folder, project, task, log, context, clock)


def _folder(task: str, root: Path, now: datetime) -> tuple[Path, bool]:
    if _ID.fullmatch(root.name) or (root / state.NAME).exists() or (root / EVENTS).exists():
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


def _begin(folder: Path, project: Path, task: str, worker: str, now: datetime) -> None:
    for name in (EVENTS, "DEBUG.jsonl"):
        (folder / name).touch()
    mine = {"session_id": folder.name, "task": task, "status": "active", "created": iso(now), "updated": iso(now)}
    state.change(folder, lambda values: values.update({key: value for key, value in mine.items() if key not in values}))
    state.note(
        folder, worker, status="active", started=iso(now), project=str(project), phase=None, outputs=[], coordinated=coordinated(folder)
    )
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
        journal.replace(folder / "SESSION.md", "\n".join(lines).encode())
