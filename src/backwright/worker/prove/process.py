"""Running another program for a check: its output kept, its time bounded, its children ended with it, no credentials inherited."""

import atexit
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_KEPT_OUT = (
    "DATABASE_URL", "BACKWRIGHT_SEAL_KEY", "PYTEST_ADDOPTS", "MYPYPATH", "RUFF_CONFIG", "COVERAGE_RCFILE", "PYTHONPATH",
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a program: its command line, exit status (None: it ran out of time) and output, errors included."""

    command: str
    status: int | None
    output: str


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would lead a check to real data, a secret, or a setting that nobody sees."""
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_OUT}
    return kept | {"PYTHONPYCACHEPREFIX": _bytecode(), "PYTHONHASHSEED": "0", "NO_COLOR": "1"} | dict(more or {})


@cache
def _bytecode() -> str:
    """Where the processes of this run keep compiled modules for each other: private, outside of the project, gone at the end."""
    folder = tempfile.mkdtemp(prefix="backwright-bytecode-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run(command: Sequence[str], folder: Path, *, timeout: float, env: Mapping[str, str] | None = None, separate: bool = False) -> Ran:
    """Run it in the folder and wait. With ``separate`` its errors are not part of the output."""
    errors = subprocess.DEVNULL if separate else subprocess.STDOUT
    with subprocess.Popen(
        command, cwd=folder, env=environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=timeout)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            end(process)
            output, _ = process.communicate()
            status = None
        except BaseException:
            end(process)
            raise
    return Ran(spoken(command), status, output.decode("utf-8", "replace"))


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
