"""One figure: a server under load for some seconds, with the CPU that it, its database and everybody else took meanwhile."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.messages import write_requests
from benchmarks.processes import Server, busy, cpu, memory, stat, tree

HERE = Path(__file__).parent
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured of one peer in one mode."""

    peer: str
    mode: str
    rate: float
    """Requests per second."""
    cpu: float
    """Microseconds of CPU per request, of the server's process tree."""
    database_cpu: float
    """Microseconds of CPU per request, of the server's PostgreSQL backends."""
    p50: float
    p99: float
    """Milliseconds."""
    memory: float
    """MiB resident."""
    others: float
    """The share of the machine that other work took meanwhile: near 0 in a run one can trust."""
    failed: int
    """Answers other than 2xx and 3xx, and broken connections: any makes the figure void."""


def has_wrk() -> bool:
    """Whether the load generator wrk is installed."""
    return shutil.which("wrk") is not None


def measure(peer: str, mode: str, server: Server, backends: "Backends", seconds: float, token: str | None) -> Figure:
    """Load the server after a short warm-up."""
    file = HERE / ".work" / f"{peer}-{mode}.requests"
    write_requests(mode, server.port, file, token)
    load(server, file, 0.5)
    before, started = (server.cpu(), backends.cpu(), busy(), children(), everything("postgres")), time.monotonic()
    result = load(server, file, seconds)
    after, took = (server.cpu(), backends.cpu(), busy(), children(), everything("postgres")), time.monotonic() - started
    own, database, machine, generator, postgres = (now - then for now, then in zip(after, before, strict=True))
    requests = max(1, result["requests"])
    return Figure(
        peer, mode, requests / result["seconds"], own / requests * 1e6, database / requests * 1e6, result["p50"], result["p99"],
        memory(tree(server.pid)), max(0.0, machine - own - postgres - generator) / took / (os.cpu_count() or 1),
        result["refused"] + result["broken"],
    )  # fmt: skip


def load(server: Server, file: Path, seconds: float) -> dict[str, Any]:
    """Send the prepared requests over `CONNECTIONS` connections, with wrk or else with the bundled generator."""
    if has_wrk():
        whole = max(1, round(seconds))  # wrk counts whole seconds
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{whole}s", "-s", str(HERE / "load.lua"), server.url, "--", str(file)]
    else:
        arguments = ["127.0.0.1", str(server.port), str(file), str(seconds), str(CONNECTIONS)]
        command = [sys.executable, "-m", "benchmarks.generator", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def children() -> float:
    """CPU seconds of the load generators that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def everything(name: str) -> float:
    """CPU seconds of all processes of that name, whoever they work for."""
    return cpu(pid for entry in Path("/proc").glob("[0-9]*") if stat(pid := int(entry.name)) and _name(entry) == name)


def _name(entry: Path) -> str:
    try:
        return (entry / "comm").read_text().strip()
    except OSError:
        return ""


class Backends:
    """The PostgreSQL processes that serve one database, if they run on this machine."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask

    def cpu(self) -> float:
        """CPU seconds they have taken so far."""
        return cpu(self.ask()) if self.ask else 0.0


def medians(figures: list[Figure]) -> dict[tuple[str, str], Figure]:
    """One figure for each peer and mode: the median over the rounds, number by number."""
    grouped: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        grouped.setdefault((figure.peer, figure.mode), []).append(figure)
    return {key: Figure(*key, **_middle(group)) for key, group in grouped.items()}


def _middle(group: list[Figure]) -> dict[str, Any]:
    rows = [asdict(figure) for figure in group]
    numbers = {name: median(row[name] for row in rows) for name in rows[0] if name not in ("peer", "mode", "failed")}
    return {**numbers, "failed": sum(row["failed"] for row in rows)}
