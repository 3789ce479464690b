"""Server processes: started on a free port, asked what CPU they took (from /proc, children included), ended by their own id."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


class DidNotStart(Exception):
    """The server ended, or did not listen in time; the message holds the end of its output."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """CPU seconds its process tree has taken so far."""
        return cpu(tree(self.pid))


@contextmanager
def serving(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Iterator[Server]:
    """Run a server until the block ends. ``{port}`` in the command becomes a free port, which PORT holds too."""
    port = free_port()
    env = {**os.environ, **environment, "PORT": str(port)}
    with log.open("wb") as output:
        words = [word.replace("{port}", str(port)) for word in command]
        process = subprocess.Popen(
            words, cwd=folder, env=env, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_until_it_listens(process, port, log)
            yield Server(process.pid, port)
        finally:
            end(process)


def free_port() -> int:
    """A port nobody listens on just now, below those that the system hands out by itself, which may go to another process meanwhile."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int, log: Path, seconds: float = 30) -> None:
    """Return when the port answers. Raises `DidNotStart`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise DidNotStart(log.read_text(errors="replace")[-2000:] or f"it did not listen within {seconds:.0f} s")


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the process to end; after 10 s end it and its children."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tree(pid: int) -> list[int]:
    """The process and all that descend from it."""
    parents = {int(entry.name): fields[1] for entry in PROC.glob("[0-9]*") if (fields := stat(int(entry.name)))}
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if int(parent) == member]
    return found


def cpu(pids: Iterable[int]) -> float:
    """CPU seconds, user and system, that these processes have taken; one that has ended counts nothing."""
    return sum(int(fields[11]) + int(fields[12]) for pid in pids if (fields := stat(pid))) / TICK


def memory(pids: Iterable[int]) -> float:
    """Resident memory in MiB."""
    pages = sum(int(fields[21]) for pid in pids if (fields := stat(pid)))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def busy() -> float:
    """CPU seconds the whole machine has been busy since it started."""
    user, nice, system, _, _, irq, softirq, steal = map(int, (PROC / "stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent, …; empty when there is no such process."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
