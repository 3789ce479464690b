"""run.available: a drill under the declared load. A server process is killed, then all of them; the database goes away and comes back."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.checks.running import Scene, left_out, nothing_to_load, scene, warm
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.load import Outcome, load
from backwright.worker.prove.rig.outage import away, can_be_taken_away
from backwright.worker.prove.rig.serving import NotServing, Server, serving
from backwright.worker.prove.standard import PROJECT, Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_measured

WORKERS = 2
ROWS = 30
BUDGET = 0.001
"""The share of requests that a drill may cost; at least the one that a killed process was answering."""
BACK = 5.0
"""Seconds in which a killed process must be replaced, and a killed server must answer again."""
SETTLED = 1.0
"""Seconds after the database is back from which every request must be answered."""


class NoProcesses(Exception):
    """The server's processes cannot be found on this system."""


def available(target: Target) -> Finding:
    """Run the drill on every database that a server was named for, else on SQLite."""
    try:
        return asyncio.run(_drilled(target))
    except NotServing as error:
        return not_measured(f"the server did not come up: {str(error)[-200:]}", str(error))
    except NoProcesses as error:
        return not_measured(str(error))


async def _drilled(target: Target) -> Finding:
    app, seen = target.load(), Breaches()
    async with scene(target, app, most_rows=ROWS) as at:
        if not at.aimed:
            return nothing_to_load(at)
        drill = _Drill(target, at, float(app.load.rate), seen)
        await drill.processes_die()
        if can_be_taken_away(at.url):
            await drill.the_database_goes()
        else:
            seen.note("the database was not taken away: that needs a server (--database postgresql://…)")
    seen.figures |= {"database": at.dialect, "rate": app.load.rate, "workers": WORKERS}
    sentence = f"killed processes are replaced and cost no more than the error budget of 0.1 %{left_out(len(at.waiting))}"
    return seen.finding("drills", sentence, nothing="there is no operation to load")


class _Drill:
    """The parts of the drill, each under load."""

    def __init__(self, target: Target, at: Scene, rate: float, seen: Breaches) -> None:
        self.target, self.at, self.rate, self.seen = target, at, rate, seen

    def _serving(self, port: int = 0) -> Any:
        return serving(self.target, self.at.url, self.at.tiers, workers=WORKERS, port=port)

    async def processes_die(self) -> None:
        """``kill -9`` of one process under load, and then of everything; both times the service is back in time, within the budget."""
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(self._serving())
            shots, before = self.at.shots(server.port), await self._all_there(server)
            await warm(server.port, shots)
            running = asyncio.create_task(load(server.port, shots, self.rate, 1.5, patience=2.0, again=True))
            await asyncio.sleep(0.4)
            os.kill(before[0], signal.SIGKILL)
            self._budget(await running, "one of two processes was killed")
            self.seen.expect(await _until(lambda: _replaced(server, before), BACK), f"a killed process was not replaced within {BACK:g} s")
            for pid in [server.process.pid, *children(server.process.pid)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await server.process.wait()
            again = await stack.enter_async_context(self._serving(server.port))
            answering = await _until(lambda: _answers(again.port, shots), BACK)
            self.seen.expect(answering, f"{BACK:g} s after everything was killed and started again, nothing answers")
            if answering:
                self._budget(await load(again.port, shots, self.rate, 0.5, patience=2.0), "everything was killed and started again")

    async def the_database_goes(self) -> None:
        """The database refuses everybody for a moment: meanwhile 503, promptly; soon after, everything as before."""
        async with self._serving() as server:
            shots = self.at.shots(server.port)
            await self._all_there(server)
            await warm(server.port, shots)
            loop = asyncio.get_running_loop()
            began = loop.time()
            running = asyncio.create_task(load(server.port, shots, self.rate, 3.5, patience=2.0))
            await asyncio.sleep(0.5)
            async with away(self.at.url):
                gone = loop.time() - began
                await asyncio.sleep(0.8)
            back = loop.time() - began
            outcome = await running
        wrong = [
            e
            for e, at in zip(outcome.errors, outcome.failed_at, strict=True)
            if gone - 0.1 <= at <= back + SETTLED and not e.endswith(": 503")
        ]
        late = [e for e, at in zip(outcome.errors, outcome.failed_at, strict=True) if at > back + SETTLED]
        self.seen.expect(
            not wrong, f"while the database is away {len(wrong)} requests are not answered 503 in time, e.g. {(wrong or ['?'])[0]}"
        )
        self.seen.expect(not late, f"{SETTLED:g} s after the database is back {len(late)} requests still fail, e.g. {(late or ['?'])[0]}")
        self.seen.note(f"database away from {gone:.1f} s to {back:.1f} s: {len(outcome.errors)} of {len(outcome.times)} requests refused")
        self.seen.figures["refused_while_away"] = len(outcome.errors)

    def _budget(self, outcome: Outcome, when: str) -> None:
        asked, failed = len(outcome.times), len(outcome.errors)
        most = max(1, int(asked * BUDGET))
        self.seen.note(f"{when}: {failed} of {asked} requests failed; the budget is {most}")
        self.seen.count("requests", asked)
        self.seen.count("errors", failed)
        self.seen.expect(failed <= most, f"{when}: {failed} of {asked} requests failed, e.g. {(outcome.errors or ['?'])[0]}")

    async def _all_there(self, server: Server) -> list[int]:
        found: list[int] = []

        async def there() -> bool:
            found[:] = children(server.process.pid)
            return len(found) >= WORKERS

        if not await _until(there, BACK):
            raise NotServing(f"{len(found)} of {WORKERS} processes serve")
        return list(found)


async def _replaced(server: Server, before: list[int]) -> bool:
    now = children(server.process.pid)
    return before[0] not in now and len(now) >= WORKERS


async def _answers(port: int, shots: list[Any]) -> bool:
    outcome = await load(port, shots[:1], 1, 1, patience=1.0)
    return not outcome.errors


async def _until(holds: Any, seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not await holds():
        if loop.time() > until:
            return False
        await asyncio.sleep(0.05)
    return True


def children(pid: int) -> list[int]:
    """The processes that this one started and that still run. Raises `NoProcesses` where that cannot be found out."""
    listed = Path("/proc")
    if not (listed / str(os.getpid()) / "stat").exists():
        raise NoProcesses("the drill needs /proc to find the server's processes: run it on Linux")
    found: list[int] = []
    for place in listed.iterdir():
        if place.name.isdecimal():
            with suppress(OSError):
                state, parent, *_ = (place / "stat").read_text().rpartition(")")[2].split()
                if int(parent) == pid and state != "Z":
                    found.append(int(place.name))
    return sorted(found)


_ALONE = """
# planted: nobody takes the place of a process that died
from backwright.cli.workers import Workers as _Workers
_Workers._died = lambda self, number, worker: None
"""

AVAILABLE = Standard(
    id="run.available",
    sentence="Killed processes are replaced, a lost database is refused cleanly and found again; the error budget of 0.1 % holds.",
    why="Machines fail; what counts is who notices.",
    check=available,
    plants=(Plant("not-replaced", "run.available", "a server process that died is not replaced", behind_the_app(_ALONE)),),
    inputs=PROJECT,
    writes=True,
    alone=True,
    varying=("requests", "errors", "refused_while_away"),
    tools=("uvicorn",),
)
