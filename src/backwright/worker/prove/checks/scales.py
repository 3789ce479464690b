"""run.scales: how much more than the declared load is served, and what another process adds."""

import asyncio
import os

from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.running import MEAN, Scene, left_out, nothing_to_load, scene, warm
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.load import Outcome, Shot, load, press
from backwright.worker.prove.rig.serving import NotServing, serving
from backwright.worker.prove.standard import PROJECT, Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Figure, Finding, Verdict, not_measured

ROWS = 30
STEPS = (1, 2, 5, 10)
"""Times the declared rate."""
HEADROOM = 2
"""So many times the declared rate must be served."""
EACH = 0.5
"""Seconds of each step."""
LOST = 0.6
"""With one process more, up to the number of processors, at least this share of the throughput must be left: what is less is no noise."""
LATE = 0.05
"""Seconds that the generator itself may be behind; beyond them it measures itself."""


def scales(target: Target) -> Finding:
    """Step up the rate on one process until it bends; then press each number of processes as hard as this machine can."""
    try:
        return asyncio.run(_measured(target))
    except NotServing as error:
        return not_measured(f"the server did not come up: {str(error)[-200:]}", str(error))


async def _measured(target: Target) -> Finding:
    app = target.load()
    async with scene(target, app, most_rows=ROWS) as at:
        if not at.aimed:
            return nothing_to_load(at)
        rate, lines = float(app.load.rate), list[str]()
        pressed: dict[int, float] = {}
        carried, bend = 0, ""
        for workers in sorted({1, 2, os.cpu_count() or 1}):
            async with serving(target, at.url, at.tiers, workers=workers) as server:
                shots = at.shots(server.port)
                await _answering(server.port, shots)
                await warm(server.port, shots)
                if workers == 1:
                    carried, bend = await _stepped(server.port, shots, rate, lines)
                reads = [shot for shot in shots if shot.data.startswith(b"GET ")] or shots
                pressed[workers] = await press(server.port, reads, EACH)
    return _judged(at, rate, carried, bend, pressed, lines)


async def _stepped(port: int, shots: list[Shot], rate: float, lines: list[str]) -> tuple[int, str]:
    """How many times the rate was carried, and why not more."""
    carried = 0
    for times in STEPS:
        outcome = await load(port, shots, rate * times, EACH)
        lines.append(f"{rate * times:g}/s: mean {outcome.mean * 1000:.1f} ms, {len(outcome.errors)} errors of {len(outcome.times)}")
        if outcome.behind > LATE:
            return carried, f"at {times} times the load the generator itself was {outcome.behind * 1000:.0f} ms late: not measured further"
        if bent := _bent(outcome):
            return carried, f"it bends at {times} times the load: {bent}"
        carried = times
    return carried, f"it does not bend up to {STEPS[-1]} times the load"


def _bent(outcome: Outcome) -> str:
    if outcome.mean > MEAN:
        return f"the mean answer takes {outcome.mean * 1000:.0f} ms"
    return f"{len(outcome.errors)} errors, e.g. {outcome.errors[0]}" if len(outcome.errors) > len(outcome.times) / 1000 else ""


def _judged(at: Scene, rate: float, carried: int, bend: str, pressed: dict[int, float], lines: list[str]) -> Finding:
    cores = os.cpu_count() or 1
    figures: dict[str, Figure] = {"rate": int(rate), "carried_times": carried, "processors": cores, "database": at.dialect}
    figures |= {f"reads_per_second_{n}": round(speed) for n, speed in pressed.items()}
    raw = "\n".join(
        [
            *lines,
            bend,
            "",
            *(f"{n} processes: {speed:.0f} reads/s, pressed by a generator on the same machine" for n, speed in pressed.items()),
        ]
    )
    if carried < HEADROOM:
        late = "generator" in bend
        said = f"{HEADROOM} times the declared load ({rate * HEADROOM:g}/s) is not carried: {bend}"
        return Finding(Verdict.NOT_MEASURED if late else Verdict.FAILED, said, figures, raw)
    numbers = sorted(n for n in pressed if n <= max(2, cores))
    for fewer, more in zip(numbers, numbers[1:], strict=False):
        if pressed[more] < pressed[fewer] * LOST:
            return Finding(
                Verdict.FAILED, f"{more} processes serve {pressed[more]:.0f} reads/s, {fewer} served {pressed[fewer]:.0f}", figures, raw
            )
    most = numbers[-1]
    said = f"{carried} times the declared load is carried; {pressed[1]:.0f} reads/s with 1 process, {pressed[most]:.0f} with {most}"
    said += left_out(len(at.waiting))
    return Finding(Verdict.PROVED, said, figures | {"bend": bend}, raw)


async def _answering(port: int, shots: list[Shot]) -> None:
    for _ in range(100):
        if not (await load(port, shots[:1], 1, 1, patience=1.0)).errors:
            return
        await asyncio.sleep(0.05)
    raise NotServing("the server answers nothing")


_ONE_AT_A_TIME = """
# planted: one request at a time, each with a little wait
import asyncio as _asyncio
from backwright.api.rest.endpoint import RestEndpoint as _Endpoint
_answer, _turn = _Endpoint.__call__, _asyncio.Lock()
async def _slow(self, request):
    async with _turn:
        await _asyncio.sleep(0.03)
    return await _answer(self, request)
_Endpoint.__call__ = _slow
"""

SCALES = Standard(
    id="run.scales",
    sentence="Twice the declared load is served, and one more process does not make it slower.",
    why="The load that was declared is the load of an ordinary day.",
    check=scales,
    plants=(Plant("one-at-a-time", "run.scales", "one request is answered at a time", behind_the_app(_ONE_AT_A_TIME)),),
    inputs=PROJECT,
    writes=True,
    alone=True,
    timeout=120.0,
    varying=("carried_times", "processors", "reads_per_second_1", "reads_per_second_2", "reads_per_second_3", "reads_per_second_4", "bend"),
    tools=("uvicorn",),
)
