"""The record of a session as one worker's events, read from ``EVENTS.jsonl``. The record is the truth; ``STATE.json`` only shows it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.worker import journal
from backwright.worker.protocol import steps

EVENTS, DEBUG = "EVENTS.jsonl", "DEBUG.jsonl"
STARTS = ("session_created", "session_joined")
RESERVED = frozenset(
    {
        *STARTS, "session_resumed", steps.COMPLETED, steps.REOPENED, "step_refused", "worker_started", "worker_waiting", "worker_completed",
        "worker_failed", "phase_started", "phase_completed", "phase_failed", "output_written", "claim", "decision", "escalation",
        "escalation_answered", "escalation_closed", "tests_seen", "files_written", "planned_again", "completion_refused", "heartbeat",
    }
)  # fmt: skip
"""Events that the program alone writes: what rests on them could otherwise be had by saying so."""
ENDS = {"worker_completed": "completed", "worker_failed": "failed"}


@dataclass(frozen=True, slots=True)
class Record:
    """What one worker has told, in the order of the lines; times are not relied upon, since clocks go backwards."""

    events: tuple[dict[str, Any], ...]
    unreadable: int = 0
    """Lines of the file that are no JSON object."""

    @property
    def status(self) -> str:
        """``active``, ``waiting``, ``completed`` or ``failed``; ``none`` when this worker has not begun."""
        status = "none"
        for event in self.events:
            kind = event.get("type")
            if kind in ENDS:
                status = ENDS[kind]
            elif kind == "worker_waiting":
                status = "waiting"
            elif kind in (*STARTS, "session_resumed"):
                status = "active"
        return status

    @property
    def begun(self) -> dict[str, Any]:
        """The particulars of its beginning: the task, its id, the project."""
        started = [dict(steps.details_of(event)) for event in self.events if event.get("type") in STARTS]
        return started[0] if started else {}

    @property
    def done(self) -> dict[steps.Step, steps.Done]:
        """The steps that are done."""
        return steps.done(self.events)

    @property
    def running(self) -> str:
        """The phase that has begun and not ended; empty for none. What a killed process ran is over when the session goes on."""
        phase = ""
        for event in self.events:
            kind = event.get("type")
            if kind == "phase_started":
                phase = str(steps.details_of(event).get("phase", ""))
            elif kind in ("phase_completed", "phase_failed", "session_resumed"):
                phase = ""
        return phase

    def after(self, step: steps.Step) -> tuple[dict[str, Any], ...]:
        """The events since the step was done; none while it is not."""
        held = self.done.get(step)
        return () if held is None else self.events[held.at + 1 :]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """The particulars of every event of this type."""
        return [dict(steps.details_of(event)) for event in self.events if event.get("type") == kind]


def read(folder: Path, worker: str) -> Record:
    """What the worker has told since it last began here; an empty record where it has not. Raises ``OSError`` when it may not be read."""
    lines = journal.read(folder / EVENTS)
    whole = [event for line in lines if (event := journal.mapping(line)) is not None]
    mine = [event for event in whole if event.get("agent") == worker]
    first = next((at for at in range(len(mine) - 1, -1, -1) if mine[at].get("type") in STARTS), len(mine))
    return Record(tuple(mine[first:]), len(lines) - len(whole))
