"""run.latency and run.errors: a real server process under the declared load, on a database of the declared size."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from backwright.domain.refusals import NotImplementedYet
from backwright.testing.clock import Clock
from backwright.testing.scratch import scratch
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import able
from backwright.worker.prove.rig.load import Outcome, Shot, histogram, load, request
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.rig import Rig, databases, mapped_tables, open_rig_at
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.rig.serving import NotServing, serving
from backwright.worker.prove.standard import PROJECT, Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Figure, Finding, Verdict, not_applicable, not_measured

SECONDS = 5.0
MOST_ROWS = 1_000
MEAN = 0.200
ERROR_RATE = 0.001


def latency(target: Target) -> Finding:
    """The mean time of an answer at the declared rate."""
    found = asyncio.run(_measured(target))
    if isinstance(found, Finding):
        return found
    outcome, figures, raw, waiting = found
    said = f"mean {outcome.mean * 1000:.1f} ms, p99 {outcome.percentile(0.99) * 1000:.1f} ms at {figures['rate']} requests/s{left_out(waiting)}"
    return Finding(Verdict.PROVED if outcome.mean < MEAN else Verdict.FAILED, said, figures, raw)


def errors_under_load(target: Target) -> Finding:
    """The share of requests that are not answered, or not as they should be, at the declared rate."""
    found = asyncio.run(_measured(target))
    if isinstance(found, Finding):
        return found
    outcome, figures, raw, waiting = found
    share = len(outcome.errors) / max(1, len(outcome.times))
    first = f", e.g. {outcome.errors[0]}" if outcome.errors else ""
    said = f"{len(outcome.errors)} errors in {len(outcome.times)} requests ({share:.2%}) at {figures['rate']} requests/s{left_out(waiting)}{first}"
    return Finding(Verdict.PROVED if share < ERROR_RATE else Verdict.FAILED, said, figures, raw)


def left_out(waiting: int) -> str:
    """What a finding says of operations whose rule nobody has written."""
    return f"; {waiting} operation{'s wait for their rules' if waiting > 1 else ' waits for its rule'}, left out" if waiting else ""


Aimed = tuple[str, tuple[str, str, dict[str, str], bytes], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A filled database and the requests that fit it."""

    url: str
    dialect: str
    rows: int
    tiers: list[str]
    aimed: list[Aimed]
    waiting: list[str]
    """Operations whose rule nobody has written: they say so (501), and are not asked again. That is no error of what runs."""

    def shots(self, port: int) -> list[Shot]:
        """The requests for a server at this port."""
        return [Shot(what, request(port, *words), fine) for what, words, fine in self.aimed]


@asynccontextmanager
async def scene(target: Target, app: Any, *, most_rows: int = MOST_ROWS) -> AsyncGenerator[Scene]:
    """A scratch database of the declared size (or of ``most_rows``), and one request after the other that somebody may make."""
    dialect, server = databases(target)[-1]
    async with scratch(server) as url:
        url = url.partition("?")[0]  # as durable as in production
        await mapped_tables(url, app.model)
        rows = max(20, min(app.load.rows, most_rows))
        async with open_rig_at(url, app, rows=rows, clock=Clock(datetime.now(UTC))) as rig:
            waiting = [one for one in _loaded(rig) if await _waits(rig, one)]
            aimed = _aimed(rig, [one for one in _loaded(rig) if one not in waiting])
        yield Scene(url, dialect, rows, [tier.name for tier in app.tiers], aimed, [str(one) for one in waiting])


def nothing_to_load(at: Scene) -> Finding:
    """What a check says where no request is left to send."""
    if at.waiting:
        return not_measured(f"no operation is left to load: {len(at.waiting)} wait for their rule", "\n".join(at.waiting))
    return not_applicable("there is no operation to load")


async def warm(port: int, shots: list[Shot]) -> None:
    """Connections are made, caches filled."""
    await load(port, shots[:: max(1, len(shots) // 40)], 40, 0.5)


async def _measured(target: Target) -> Finding | tuple[Outcome, dict[str, Figure], str, int]:
    app = target.load()
    async with scene(target, app) as at:
        if not at.aimed:
            return nothing_to_load(at)
        try:
            async with serving(target, at.url, at.tiers) as server:
                shots = at.shots(server.port)
                await warm(server.port, shots)
                outcome = await load(server.port, shots, app.load.rate, SECONDS)
        except NotServing as error:
            return not_measured(f"the server did not come up: {str(error)[-200:]}", str(error))
    rows, dialect = at.rows, at.dialect
    figures: dict[str, Figure] = {
        "requests": len(outcome.times), "errors": len(outcome.errors), "rate": app.load.rate, "rows": rows, "database": dialect,
        "mean_ms": round(outcome.mean * 1000, 2), "p50_ms": round(outcome.percentile(0.5) * 1000, 2),
        "p99_ms": round(outcome.percentile(0.99) * 1000, 2), "generator_behind_ms": round(outcome.behind * 1000, 2),
        "histogram_ms": histogram(outcome.times),
    }  # fmt: skip
    kinds = sorted({shot.what for shot in shots})
    listed = ["", "mix:", *kinds, "", "errors:", *outcome.errors[:100], *(["", "waiting:", *at.waiting] if at.waiting else [])]
    raw = "\n".join([*(f"{name}: {value}" for name, value in figures.items()), *listed])
    if "no such" in raw or all(e.endswith(": 404") for e in outcome.errors) and len(outcome.errors) > len(shots) // 4:
        return not_measured(
            "the server does not use the database that it was given (DATABASE_URL): declare Database.from_environment()", raw
        )
    return outcome, figures, raw, len(at.waiting)


def _loaded(rig: Rig) -> list[Served]:
    return [one for one in rig.served if one.verb not in ("delete", "replace", "account") and one.operation.kind != "SignIn"]


async def _waits(rig: Rig, one: Served) -> bool:
    """Whether it answers that its rule is not written yet."""
    found = able(rig, one) if one.verb == "call" else None
    if found is None:
        return False
    try:
        with rig.trying(one):
            return (await rig.call(one, found.who)).status == NotImplementedYet.status
    except (NoRow, Unmatchable):
        return False


def _aimed(rig: Rig, loaded: list[Served]) -> list[Aimed]:
    """The mix: each reading operation on many rows, by somebody who may; one write for every five reads, each different."""
    reading, writing = ([one for one in loaded if (one.method == "GET") is wanted] for wanted in (True, False))
    reads = [shot for n in range(30) for one in reading if (shot := _shot(rig, one, n))]
    each = -(-max(20, len(reads) // 5) // max(1, len(writing)))
    writes = [shot for n in range(each) for one in writing if (shot := _shot(rig, one, n))]
    mixed: list[Aimed] = []
    for n, shot in enumerate(reads):
        mixed.append(shot)
        if n % 5 == 4 and writes:
            mixed.append(writes.pop())
    return mixed or writes


def _shot(rig: Rig, one: Served, n: int) -> Aimed | None:
    found = able(rig, one, nth=n * 7)
    if found is None:
        return None
    try:
        path, query, body = rig.inputs(one, found.who, 5_000 + n * 3)
    except (NoRow, Unmatchable):
        return None
    path = path if found.row is None else rig.item_path(one, found.row)
    headers = {"if-match": "*"} if one.verb == "update" else {}
    if found.who.token is not None:
        headers["authorization"] = f"{rig.app.rest.authorization} {found.who.token}"
    data = b"" if body is msgspec.UNSET else json.dumps(body).encode()
    if data:
        headers["content-type"] = "application/json"
    path += "?" + urlencode(query) if query else ""
    derived = {one.status} if one.verb in ("read", "list") else {one.status, 409}
    return str(one), (one.method, path, headers, data), frozenset(range(200, 500) if one.verb == "call" else derived)


_SLOW = """
# planted: every answer waits
import asyncio as _asyncio
from backwright.api.rest.endpoint import RestEndpoint as _Endpoint
_answer = _Endpoint.__call__
async def _slow(self, request):
    await _asyncio.sleep(0.3)
    return await _answer(self, request)
_Endpoint.__call__ = _slow
"""
_FAILING = """
# planted: one answer in fifty fails
from backwright.api.rest.endpoint import RestEndpoint as _Endpoint
_answer, _count = _Endpoint.__call__, [0]
async def _failing(self, request):
    _count[0] += 1
    if _count[0] % 50 == 0:
        raise RuntimeError("planted")
    return await _answer(self, request)
_Endpoint.__call__ = _failing
"""

LATENCY = Standard(
    id="run.latency",
    sentence="Under the declared load the mean answer takes less than 200 ms.",
    why="What is right but late is of no use.",
    check=latency,
    plants=(Plant("slow-answers", "run.latency", "every answer waits 0.3 s", behind_the_app(_SLOW)),),
    inputs=PROJECT,
    writes=True,
    alone=True,
    varying=("mean_ms", "p50_ms", "p99_ms", "generator_behind_ms", "histogram_ms", "errors"),
    tools=("uvicorn",),
)
RUN_ERRORS = Standard(
    id="run.errors",
    sentence="Under the declared load fewer than one request in a thousand fails.",
    why="A failure in a hundred is a customer in a hundred.",
    check=errors_under_load,
    plants=(Plant("failing-answers", "run.errors", "one answer in fifty fails", behind_the_app(_FAILING)),),
    inputs=PROJECT,
    writes=True,
    varying=("mean_ms", "p50_ms", "p99_ms", "generator_behind_ms", "histogram_ms", "errors"),
    tools=("uvicorn",),
)
