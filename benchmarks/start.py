"""What the number of entities costs: start-up time, and CPU per request, of generated apps with 1, 10 and 50 entities on SQLite.

usage: python -m benchmarks.start [--entities 1,10,50] [--rounds N] [--secs S]

Ends with ``ratio start-N SECONDS`` (until the first answer, a fresh process) and ``ratio flat-N VALUE`` (CPU per request over that of the
smallest app: 1 is flat).
"""

import argparse
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from benchmarks.measure import load
from benchmarks.peers import BIN, ROOT, WORK
from benchmarks.processes import Server, serving

HEAD = """\"\"\"A generated app with {count} entities, each with a reference to the one before.\"\"\"
from decimal import Decimal
from typing import Annotated

from backwright import App, Database, Entity, Id, Limits, Rest, Tier, Unique, allow, anyone

"""

ENTITY = '''
class Thing{n}(Entity):
    """Thing number {n}."""

    code: Unique[str]
    title: Annotated[str, Limits(min_length=1, max_length=120)]
    price: Annotated[Decimal, Limits(ge=0)] = Decimal(0)
    stock: Annotated[int, Limits(ge=0)] = 0
    notes: str | None = None
    {reference}

'''

TAIL = """
app = App(
    access=[{grants}],
    serve=[Rest()], database=Database.from_environment(),
    tiers=[Tier(name, 10**9) for name in ("anonymous", "authenticated", "premium")],
)
"""


def write_app(folder: Path, count: int) -> None:
    """Write ``app.py`` with that many entities."""
    folder.mkdir(parents=True, exist_ok=True)
    entities = [ENTITY.format(n=n, reference=f"before: Id[Thing{n - 1}] | None = None" if n else "") for n in range(count)]
    grants = ", ".join(f"allow(Thing{n}, read=anyone, write=anyone)" for n in range(count))
    (folder / "app.py").write_text(HEAD.format(count=count) + "".join(entities) + TAIL.format(grants=grants))


def measure(count: int, seconds: float) -> tuple[float, float]:
    """Seconds until the first answer, and microseconds of CPU per list request on the last entity."""
    folder = WORK / f"start-{count}"
    write_app(folder, count)
    for leftover in folder.glob("app.db*"):
        leftover.unlink()
    begun = time.monotonic()
    command, environment = (
        (str(BIN / "backwright"), "serve", str(folder), "--port", "{port}"),
        {"DATABASE_URL": f"sqlite:///{folder / 'app.db'}"},
    )
    with serving(command, environment, ROOT, folder / "log") as running:
        path = f"/v1/thing{count - 1}s"
        wait_for(running, path)
        started, file = time.monotonic() - begun, folder / "requests"
        message = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n\r\n".encode()
        file.write_bytes(b"%d\n%s" % (len(message), message))
        load(running, file, 1)
        before = running.cpu()
        result = load(running, file, seconds)
        if result["refused"] or result["broken"]:
            raise SystemExit(f"{count} entities: {result}")
        return started, (running.cpu() - before) / result["requests"] * 1e6


def wait_for(running: Server, path: str, seconds: float = 30) -> None:
    """Return at the first answer of 200."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(running.url + path, timeout=seconds).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def loads_in(code: str) -> float:
    """Seconds a fresh interpreter needs for the code."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.monotonic() - begun


def main() -> None:
    """Measure each size in interleaved rounds and print medians."""
    parser = argparse.ArgumentParser(description="Start-up time and request cost by number of entities.")
    parser.add_argument("--entities", default="1,10,50")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=float, default=2)
    given = parser.parse_args()
    sizes = [int(size) for size in given.entities.split(",")]
    rounds = [{size: measure(size, given.secs) for size in sizes} for _ in range(given.rounds)]
    starts = {size: statistics.median(each[size][0] for each in rounds) for size in sizes}
    costs = {size: statistics.median(each[size][1] for each in rounds) for size in sizes}
    imported = statistics.median(loads_in("from backwright import App, Entity, Rest, allow") for _ in range(5))
    nothing = statistics.median(loads_in("") for _ in range(5))
    print("| entities | start, s | CPU µs per request |\n|--:|--:|--:|")
    for size in sizes:
        print(f"| {size} | {starts[size]:.2f} | {costs[size]:.0f} |")
    print(f"ratio import {imported - nothing:.3f}")
    for size in sizes:
        print(f"ratio start-{size} {starts[size]:.3g}")
        print(f"ratio flat-{size} {costs[size] / costs[sizes[0]]:.3g}")


if __name__ == "__main__":
    main()
