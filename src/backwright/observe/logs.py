"""Writes every event as one line: JSON in production, readable in development.

Lines are collected and written by a thread of their own every 0.2 s or 200 lines, so that neither a slow disk nor a full pipe holds a
request up. The price: kill -9 or a power cut loses the lines of the last 0.2 s. Faults and errors are written before the call returns, and
whatever is left at exit. When the reader stalls, at most 20,000 lines wait; what comes after is counted, and the count is written.
"""

import atexit
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from backwright.observe.events import Event, FaultRaised, RequestFinished
from backwright.observe.mask import Mask

INTERVAL = 0.2
LINES = 200
MOST_WAITING = 20_000
PATIENCE = 1.0
"""Seconds that a fault waits for a stalled reader before it goes on without having been written."""

_encode = msgspec.json.Encoder().encode
_LEVEL = {"info": b'Z","level":"info",', "warning": b'Z","level":"warning",', "error": b'Z","level":"error",'}


def to_stdout(lines: bytes) -> None:
    """Write to standard output, whole."""
    sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()


class Logs:
    """An `Observer` that writes lines. `human` chooses the readable form; `clock` gives Unix seconds."""

    def __init__(
        self, write: Callable[[bytes], None] = to_stdout, *, human: bool = False, mask: Mask | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._write, self._clock = write, clock
        self._mask = mask or Mask()
        self._line = self._readable if human else self._json
        self._second, self._stamp = -1, b""
        self._lines: list[bytes] = []
        self.lost = 0
        self._writing = threading.Lock()
        self._full = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False
        atexit.register(self.close)

    def __call__(self, event: Event, /) -> None:
        lines = self._lines
        waiting = len(lines)
        if waiting >= MOST_WAITING:
            self.lost += 1
            return
        lines.append(self._line(event))
        if waiting == 0:
            self._start()
        elif waiting >= LINES and not self._full.is_set():
            self._full.set()
        if event.level == "error" or self._closed:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting, now."""
        if not self._writing.acquire(timeout=PATIENCE):
            return
        count = len(self._lines)
        try:
            chunk = self._lines[:count]
            del self._lines[:count]  # not replaced by a new list: another thread may be about to append to this one
            if self.lost:
                lost, self.lost = self.lost, 0
                chunk.append(_encode({"event": "log_lines_lost", "level": "error", "count": lost}) + b"\n")
            if chunk:
                self._write(b"".join(chunk))
        except (OSError, ValueError):  # the reader went away, or the stream was closed at exit
            self.lost += count
        finally:
            self._writing.release()

    def close(self) -> None:
        """Write what is left and end the thread. Events that still come are written one by one."""
        self._closed = True
        self._full.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(PATIENCE)
        self.flush()
        atexit.unregister(self.close)

    def _start(self) -> None:
        if not self._closed and (self._thread is None or not self._thread.is_alive()):  # it does not survive a fork
            self._thread = threading.Thread(target=self._run, name="backwright-logs", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._closed:
            self._full.wait(INTERVAL)
            self._full.clear()
            self.flush()

    def _json(self, event: Event) -> bytes:
        now = self._clock()
        second = int(now)
        if second != self._second:
            self._second = second
            self._stamp = time.strftime('{"time":"%Y-%m-%dT%H:%M:%S.', time.gmtime(second)).encode()
        body = _encode(event if type(event) is RequestFinished else self._masked(event))
        return b"%b%06d%b%b\n" % (self._stamp, (now - second) * 1_000_000, _LEVEL[event.level], body[1:])

    def _masked(self, event: Event) -> dict[str, Any]:
        values: dict[str, Any] = self._mask.value(msgspec.to_builtins(event))
        return values

    def _readable(self, event: Event) -> bytes:
        clock = time.strftime("%H:%M:%S", time.localtime(self._clock()))
        if type(event) is RequestFinished:
            text = f"{event.method:6} {event.operation} {event.status} {event.seconds * 1000:.1f} ms  {event.request_id}"
        else:
            values = self._masked(event)
            kind, trace = values.pop("event"), values.pop("traceback", "")
            text = f"{kind} " + " ".join(f"{key}={value}" for key, value in values.items())
            if isinstance(event, FaultRaised) and trace:
                text += "\n" + trace.rstrip()
        return f"{clock} {event.level.upper():7} {text}\n".encode("utf-8", "backslashreplace")
