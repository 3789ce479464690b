"""Running another program for a check: its output kept, its time bounded, its children ended with it, no credentials inherited."""

import atexit
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_KEPT_OUT = ("DATABASE_URL", "BASH_ENV", "LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES")
_FAMILIES = ("BACKWRIGHT_", "PYTHON", "PYTEST", "COVERAGE", "COV_", "MYPY", "RUFF", "GIT_")
"""What bends a tool, the interpreter or the kit, or names real data or a secret."""
MOST_OUTPUT = 1_000_000
"""Bytes of a program's output that are kept at each end; what lies between is counted."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a program: its command line, exit status (None: it ran out of time) and output, errors included."""

    command: str
    status: int | None
    output: str


class Closed(Exception):
    """This process is ending: nothing is started any more, and what was running does not count as having run."""


_RUNNING: set[subprocess.Popen[bytes]] = set()
_CLOSED = threading.Event()


def close() -> None:
    """End every program that `run` has started and start none any more, in whichever thread: each raises `Closed`."""
    _CLOSED.set()
    for process in tuple(_RUNNING):
        end(process)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would lead a check to real data, a secret, or a setting that nobody sees."""
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_OUT and not name.startswith(_FAMILIES)}
    return kept | {"PYTHONPYCACHEPREFIX": _bytecode(), "PYTHONHASHSEED": "0", "NO_COLOR": "1"} | dict(more or {})


@cache
def _bytecode() -> str:
    """Where the processes of this run keep compiled modules for each other: private, outside of the project, gone at the end."""
    folder = tempfile.mkdtemp(prefix="backwright-bytecode-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run(command: Sequence[str], folder: Path, *, timeout: float, env: Mapping[str, str] | None = None, separate: bool = False) -> Ran:
    """Run it in the folder and wait for it; what it left running is ended. With ``separate`` its errors are not part of the output."""
    ours, theirs = os.pipe()
    heard = _Heard(ours)
    try:
        with subprocess.Popen(
            command, cwd=folder, env=environment(env), stdin=subprocess.DEVNULL, stdout=theirs,
            stderr=subprocess.DEVNULL if separate else subprocess.STDOUT, start_new_session=True,
        ) as process:  # fmt: skip
            os.close(theirs)
            theirs = -1
            heard.start()
            _RUNNING.add(process)
            try:
                status: int | None = process.wait(0 if _CLOSED.is_set() else timeout)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                end(process)
                _RUNNING.discard(process)
    finally:
        if theirs >= 0:
            os.close(theirs)
            os.close(ours)
    if _CLOSED.is_set():
        raise Closed(spoken(command))
    heard.join(2.0)  # who left the group and keeps the pipe open is not waited for
    return Ran(spoken(command), status, heard.text())


class _Heard(threading.Thread):
    """Reads a pipe to its end, so that nobody blocks on it, and keeps a bounded part."""

    def __init__(self, pipe: int) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._first, self._last = bytearray(), bytearray()
        self._lost = 0

    def run(self) -> None:
        while data := os.read(self._pipe, 65_536):
            room = MOST_OUTPUT - len(self._first)
            self._first += data[:room]
            self._last += data[room:]
            if (over := len(self._last) - MOST_OUTPUT) > 0:
                self._lost += over
                del self._last[:over]
        os.close(self._pipe)

    def text(self) -> str:
        """What was said, as far as it is kept."""
        gap = f"\n… {self._lost:,} bytes left out …\n".encode() if self._lost else b""
        return bytes(self._first + gap + self._last).decode("utf-8", "replace")


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs an installed module with this interpreter; files of the folder it runs in do not get in its way."""
    return [sys.executable, "-P", "-m", module, *arguments]


def spoken(command: Sequence[str]) -> str:
    """The command as a person would type it: the interpreter by its name only."""
    return shlex.join(["python" if word == sys.executable else word for word in command])


def end(process: subprocess.Popen[bytes]) -> None:
    """End the program and everything it started."""
    if sys.platform != "win32":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    else:
        process.kill()
