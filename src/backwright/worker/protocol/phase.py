"""One phase of a worker's session: it has a name, a deadline, and its beginning and end are told."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from backwright.worker.protocol import state
from backwright.worker.protocol.logger import WorkerLogger


class PhaseTimeout(Exception):
    """A phase took longer than it may."""


class Phase:
    """A running phase. `remaining` is what a step inside it may take."""

    def __init__(self, name: str, timeout: float, log: WorkerLogger) -> None:
        self.name, self.timeout, self._log = name, timeout, log
        self._started = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._started

    @property
    def remaining(self) -> float:
        """Seconds left; raises `PhaseTimeout` when there are none."""
        if (left := self.timeout - self.elapsed) <= 0:
            raise PhaseTimeout(f"the phase {self.name} may take {self.timeout:g} s")
        return left

    @contextmanager
    def running(self) -> Generator["Phase"]:
        """Tell that it begins and how it ends. A phase that runs over is told of at that moment, and fails when it ends."""
        self._log.log_event("phase_started", {"phase": self.name, "timeout": self.timeout}, "started")
        state.note(self._log.folder, self._log.worker, phase=self.name)
        alarm = threading.Timer(self.timeout, self._late)
        alarm.daemon = True
        alarm.start()
        try:
            yield self
            _ = self.remaining
        except BaseException as error:
            alarm.cancel()
            self._end("phase_failed", "failed", {"reason": f"{type(error).__name__}: {error}"})
            raise
        alarm.cancel()
        self._end("phase_completed", "completed", {})

    def _end(self, event: str, status: str, more: dict[str, str]) -> None:
        self._log.log_event(event, {"phase": self.name, "seconds": round(self.elapsed, 3), **more}, status)
        state.note(self._log.folder, self._log.worker, phase=None)

    def _late(self) -> None:
        self._log.log_event("phase_timeout", {"phase": self.name, "timeout": self.timeout}, "late")
