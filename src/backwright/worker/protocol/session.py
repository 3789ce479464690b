"""A session: the append-only record of one delivery, in a folder of its own or in the one a coordinator names."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from backwright.worker import journal
from backwright.worker.protocol import decisions, state, steps
from backwright.worker.protocol.completion import Incomplete, checklist
from backwright.worker.protocol.coordination import SPECIALISTS
from backwright.worker.protocol.heartbeat import Heartbeat
from backwright.worker.protocol.ids import slug
from backwright.worker.protocol.logger import WorkerLogger
from backwright.worker.protocol.phase import Phase
from backwright.worker.protocol.record import Record, read
from backwright.worker.protocol.startup import Context
from backwright.worker.protocol.steps import Step
from backwright.worker.report import outputs
from backwright.worker.stamps import iso, utc_now

CONDITION = "condition"


@dataclass(frozen=True)
class Session:
    """One open session. Made by `opening.start` and `opening.resume`."""

    folder: Path
    project: Path
    task: str
    log: WorkerLogger
    context: Context
    task_id: str = ""
    clock: Callable[[], datetime] = utc_now

    @property
    def id(self) -> str:
        """The session's id: the name of its folder."""
        return self.folder.name

    @property
    def record(self) -> Record:
        """What this worker has told so far, read anew."""
        return read(self.folder, self.log.worker)

    @contextmanager
    def alone(self) -> Generator[None]:
        """Work in it as the only process of this worker. Raises `journal.Held`."""
        with journal.held(self.folder / f".{self.log.worker}.lock"):
            yield

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

    # --- steps --------------------------------------------------------------------------------------------------------

    def done(self, step: Step) -> bool:
        """Whether the step is done, as the record tells it."""
        return step in self.record.done

    @contextmanager
    def step(self, step: Step) -> Generator[dict[str, Any]]:
        """Do a step; it is recorded at the end with what the block puts into the particulars. Raises `Skipped` before its turn.

        A block that puts ``needless`` there, with the reason, records the step as not needed.
        """
        self._allowed(step)
        details: dict[str, Any] = {}
        yield details
        self.finish(step, details)

    def finish(self, step: Step, details: Mapping[str, Any]) -> None:
        """Record a step as done, or with ``needless`` as not needed. Raises `Skipped`, or ``ValueError`` where it is always needed."""
        needed = "needless" not in details
        self._allowed(step, needed=needed)
        self.log.log_event(steps.COMPLETED, {"step": step, **details}, "completed" if needed else "not needed")
        state.note(self.folder, self.log.worker, step=step)

    def reopen(self, step: Step, reason: str) -> None:
        """Undo a step and those after it, which rest on it: they have to be done again."""
        if self.done(step):
            self.log.log_event(steps.REOPENED, {"step": step, "reason": reason}, "reopened")

    def _allowed(self, step: Step, *, needed: bool = True) -> None:
        if error := steps.refusal(self.record.events, step, needed=needed):
            self.log.log_event("step_refused", {"wanted": step, "reason": str(error)}, "refused")
            raise error

    # --- decisions ----------------------------------------------------------------------------------------------------

    def decide(self, title: str, body: Mapping[str, Any]) -> Path:
        """Keep a decision, with its reasons, in ``workers/decisions/``."""
        record = {"timestamp": iso(self.clock()), "agent": self.log.worker, "title": title, **body}
        place = decisions.write(self.folder, slug(title), record)
        self.log.log_event("decision", {"title": title, "file": self._relative(place)})
        return place

    def escalate(
        self, to: str, reason: str, evidence: Mapping[str, Any], *, condition: str = "", blocks: bool = False, about: str = ""
    ) -> Path:
        """Hand a question to a specialist, as an open decision with the evidence that raised it. Raises ``ValueError`` for others.

        The same question with the same evidence (``about``, where the evidence itself changes from run to run) is asked once.
        """
        if to not in SPECIALISTS:
            raise ValueError(f"there is no {to}: escalate to {', '.join(SPECIALISTS)}")
        key = about or decisions.same(evidence)
        for place, one in decisions.files(self.folder):
            if (one.get("to"), one.get(CONDITION), one.get("about")) == (to, condition, key) and one.get("status") != "closed":
                return place
        body = {
            "to": to, "reason": reason, CONDITION: condition, "about": key, "evidence": dict(evidence), "blocks": blocks, "status": "open",
        }  # fmt: skip
        place = self.decide(f"{to} {reason}", body)
        self.log.log_event("escalation", {"to": to, "reason": reason, "blocks": blocks, "file": self._relative(place)}, "open")
        return place

    def follow(self, still: frozenset[tuple[str, str]]) -> None:
        """Read answers back, and close the questions that no longer arise: those whose condition and key are not in ``still``."""
        for place, one in decisions.files(self.folder):
            if not one.get(CONDITION) or one.get("status") == "closed" or one.get("agent") != self.log.worker:
                continue
            file, said = self._relative(place), decisions.answered(one)
            if said and file not in [told.get("file") for told in self.record.all("escalation_answered")]:
                told = {"to": one.get("to"), "file": file, "decision": said, "by": one.get("by", "")}
                self.log.log_event("escalation_answered", told, "refused" if decisions.refused(said) else "answered")
            if (str(one[CONDITION]), str(one.get("about"))) not in still:
                decisions.close(self.folder, place, "it no longer arises", iso(self.clock()))
                self.log.log_event("escalation_closed", {"to": one.get("to"), "file": file}, "closed")

    # --- the end ------------------------------------------------------------------------------------------------------

    def checklist(self) -> list[str]:
        """What is still missing before the session may be completed; nothing when it may."""
        return checklist(self.folder, self.log.worker, self.record)

    def complete(self, result: str) -> None:
        """End the session. Raises `Incomplete` unless every step is done and both outputs stand as they were written, in order."""
        if missing := self.checklist():
            self.log.log_event("completion_refused", {"missing": missing}, "refused")
            raise Incomplete(missing)
        if self.log.worker == outputs.BACKEND and not self.done(Step.END):
            self.finish(Step.END, {})
        self._end("completed", result)

    def wait(self, reason: str) -> None:
        """Leave the session until somebody has answered. It goes on when it is resumed."""
        self.log.log_event("worker_waiting", {"reason": reason}, "waiting")
        self._show("waiting", reason)

    def fail(self, reason: str) -> None:
        """End the session without its outputs, saying why. On a disk that is full or gone, the record cannot say it."""
        with suppress(OSError):
            self._end("failed", reason)

    def _end(self, status: str, result: str) -> None:
        self.log.log_event("worker_completed" if status == "completed" else "worker_failed", {"result": result}, status)
        self._show(status, result)

    def _show(self, status: str, result: str) -> None:
        state.note(self.folder, self.log.worker, status=status, result=result, phase=None, ended=iso(self.clock()))
        if not outputs.coordinated(self.folder):
            state.change(self.folder, lambda values: values.update(status=status, updated=iso(self.clock())))

    def _relative(self, place: Path) -> str:
        return place.relative_to(self.folder).as_posix()
