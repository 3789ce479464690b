"""The logger that a worker writes its session with: events and debug lines that are only added to, and its two outputs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from backwright.worker import journal
from backwright.worker.protocol.record import DEBUG, EVENTS
from backwright.worker.report import outputs
from backwright.worker.stamps import iso, utc_now

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Details = str | Mapping[str, Any]


class WorkerLogger:
    """Writes what a worker does into the session's folder. The folder says which session it is; the lines do not repeat it."""

    def __init__(self, session_path: str | Path, worker_name: str, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.folder = Path(session_path)
        self.worker = worker_name
        self._clock = clock

    def log_event(self, type: str, details: Details, status: str | None = None) -> None:
        """Add a line to ``EVENTS.jsonl``: what happened, with the particulars."""
        line: dict[str, Any] = {"timestamp": iso(self._clock()), "type": type, "agent": self.worker, "details": details}
        journal.append(self.folder / EVENTS, line if status is None else line | {"status": status})

    def log_debug(self, level: Level, message: str, context: Mapping[str, Any] | None = None) -> None:
        """Add a line to ``DEBUG.jsonl``: for whoever must find out why."""
        line: dict[str, Any] = {"timestamp": iso(self._clock()), "level": level, "agent": self.worker, "message": message}
        journal.append(self.folder / DEBUG, line if context is None else line | {"context": context})

    def save_analysis(self, markdown: str) -> Path:
        """Save the worker's notes. The backend worker's must have the sections of the mission, in order; verdicts come from the ledger.

        Returns where they lie. Raises `Misshapen` when sections are missing or in another order.
        """
        return outputs.save_notes(self, markdown)

    def save_json(self, data: Mapping[str, Any]) -> Path:
        """Save the worker's response, after its notes. The backend worker's must have the keys of the mission.

        Returns where it lies. Raises `OutOfOrder` when there are no notes yet, and `Misshapen` when it does not fit the schema.
        """
        return outputs.save_response(self, data)
