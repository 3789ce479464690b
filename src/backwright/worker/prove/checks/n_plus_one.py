"""db.n-plus-one: how many statements an operation runs does not grow with the rows it handles. Counted at the engine."""

from typing import Any

import msgspec

from backwright.operations.shapes import ListOf, MapOf
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant, rewrite
from backwright.worker.prove.rig.able import able
from backwright.worker.prove.rig.lists import offered
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.rig import Rig, on_each
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

FEW, MANY = 3, 24
SLACK = 3
"""How many statements more a call may run because it took another branch; one for each of the rows would be seven times that."""
Counts = dict[str, tuple[int, int]]
"""Statements and status by what was asked."""


def n_plus_one(target: Target) -> Finding:
    """Ask everything with few rows, then with many, and compare."""
    seen = Breaches()
    counted: list[Counts] = []

    async def check(rig: Rig, dialect: str) -> None:
        counted.append(await _count(rig, MANY if counted else FEW))

    for rows in (FEW, MANY):
        on_each(target, check, rows=rows, only="sqlite")  # the statements are the same on every database
    few, many = counted
    for what, (statements, status) in few.items():
        more, now = many.get(what, (0, -1))
        seen.note(f"{what}: {statements} statements with few rows, {more} with many ({status}, {now})")
        if status == now:
            seen.expect(more <= statements + SLACK, f"{what} runs {statements} statements for {FEW} rows and {more} for {MANY}")
    return seen.finding("operations", "the number of statements does not grow with the rows", nothing="nothing is served")


async def _count(rig: Rig, rows: int) -> Counts:
    """The statements of each operation. The caller is known to the app already, so that signing in does not count."""
    found: Counts = {}
    for one in rig.served:
        able_one = able(rig, one)
        if able_one is None or one.verb == "account":
            continue
        if one.verb == "list":
            for query in _queries(one, rows):
                found[f"{one} {sorted(query)}".replace(str(rows), "n")] = await _asked(rig, one, able_one.who, one.path, query, None)
            continue
        try:
            path, asked, body = rig.inputs(one, able_one.who, 400)
        except (NoRow, Unmatchable):
            continue
        path = path if able_one.row is None else rig.item_path(one, able_one.row)
        found[str(one)] = await _asked(rig, one, able_one.who, path, dict(asked), _widened(rig, one, body, rows))
    return found


def _queries(one: Served, rows: int) -> list[dict[str, str]]:
    """The whole list on one page, plain and with each expansion."""
    assert one.routes is not None
    paging, naming = one.routes.resource.paging, one.routes.served.naming
    page = {paging.limit: str(min(rows, paging.most))} if paging.limit else {}
    expandable = [
        f for f in one.routes.entity.references() if f.target in one.routes.served.library.read and f.name not in one.routes.hidden
    ]
    if "expand" not in offered(one):
        return [page]
    return [page, *({**page, "expand": naming(f.expand_as)} for f in expandable)]


def _widened(rig: Rig, one: Served, body: Any, rows: int) -> Any:
    """A body whose lists and maps have as many entries as there are rows."""
    if one.body is None:
        return body
    inner = body if one.envelope is None else body[one.envelope]
    for member in one.body.members:
        samples, shape = rig.seeds.samples, member.shape
        if isinstance(shape, MapOf):
            inner[member.wire] = {str(samples.of(shape.key, n)): samples.of(shape.value, n) for n in range(rows)}
        elif isinstance(shape, ListOf) and (shape.limits.max_length or rows) >= rows:
            items = [samples.of(shape.element, n) for n in range(rows)]
            inner[member.wire] = list({str(i): i for i in items}.values()) if shape.distinct else items
    return body


async def _asked(rig: Rig, one: Served, who: Any, path: str, query: dict[str, str], body: Any) -> tuple[int, int]:
    with rig.trying(one):
        before = rig.statements()
        answer = await rig.ask(
            one.method, path, who=who, query=query, json=msgspec.UNSET if body is None else body, headers={"if-match": "*"}
        )
        return rig.statements() - before, answer.status


_CHATTY = """
# planted: a list asks once more for each of its rows
from backwright.operations.records import Records as _Records
_list = _Records.list
def _chatty(self, *given, **words):
    run = _list(self, *given, **words)
    async def one_by_one(request, call):
        reply = await run(request, call)
        for _ in reply.items or ():
            await self.executor.engine.rows("SELECT 1")
        return reply
    return one_by_one
_Records.list = _chatty
"""

N_PLUS_ONE = Standard(
    id="db.n-plus-one",
    sentence="How many statements an operation runs does not grow with the rows it handles.",
    why="What is fast with ten rows and asks once for each is slow with ten thousand.",
    check=n_plus_one,
    plants=(
        Plant("n-plus-one-list", "db.n-plus-one", "a list asks once more for each of its rows", behind_the_app(_CHATTY)),
        Plant(
            "n-plus-one-operation", "db.n-plus-one", "an operation reads its rows again, one by one",
            rewrite(r"^    return (await tx\.query\((\w+)\)[^\n]*\.all\(\))$", r"    found = \1\n    return [await tx.refresh(row) for row in found]"),
        ),
    ),
)  # fmt: skip
