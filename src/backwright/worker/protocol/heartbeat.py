"""The heartbeat: every so often, that the worker lives, its phase, its processor time and its memory."""

import os
import sys
import threading
import time
from types import TracebackType
from typing import Any

from backwright.worker.protocol import state
from backwright.worker.protocol.logger import WorkerLogger
from backwright.worker.stamps import iso, utc_now

if sys.platform != "win32":
    import resource


class Heartbeat:
    """Beats in a thread of its own for as long as the block runs."""

    def __init__(self, log: WorkerLogger, every: float = 30.0) -> None:
        self._log, self._every = log, every
        self._before = usage()["cpu_seconds"], time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def beat(self) -> None:
        """Tell it once."""
        used = usage()
        seconds, now = used["cpu_seconds"], time.monotonic()
        used["cpu_percent"] = round(100 * (seconds - self._before[0]) / max(now - self._before[1], 0.001), 1)
        self._before = seconds, now
        phase = state.of_worker(self._log.folder, self._log.worker).get("phase")
        self._log.log_event("heartbeat", {"phase": phase, **used}, "alive")
        state.note(self._log.folder, self._log.worker, heartbeat=iso(utc_now()), **used)

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self.beat()
            except OSError:  # a full disk must not end the work; the missing beat tells
                continue


def usage() -> dict[str, Any]:
    """Processor seconds used by this process and its ended children; its resident memory, now and at most, in bytes where that is known."""
    times = os.times()
    used: dict[str, Any] = {"cpu_seconds": round(times.user + times.system + times.children_user + times.children_system, 2)}
    if sys.platform == "linux":
        with open("/proc/self/statm", "rb") as file:
            used["memory_bytes"] = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        used["peak_memory_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return used
