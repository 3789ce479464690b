"""access.injection: hostile texts in every input, filter, order, cursor, path and header stay texts; tables and answers stay right."""

from typing import Any
from urllib.parse import quote

from backwright.domain.model import Kind
from backwright.operations.shapes import Leaf
from backwright.testing.answer import Answer
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import Able, able
from backwright.worker.prove.rig.lists import filterable, identity, walk, ways
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.rig import Rig, brief, on_each
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.rig.wire import text
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

PROBES = (
    "' OR '1'='1", "'; DELETE FROM \"book\"; --", '" OR ""="', "1) OR (1=1", "%", "_", "\\", "$1", "?1", "\" UNION SELECT * FROM sqlite_master --",
    "../../../../etc/passwd", "{{7*7}}", "${7*7}", "%s%n", "<script>alert(1)</script>", "a\r\nset-cookie: x=1", '{"$gt": ""}', "__proto__",
)  # fmt: skip
_TOLD = ("sqlite", "asyncpg", "syntax error", "sql", "root:x:", "near ")


def injection(target: Target) -> Finding:
    """Send the probes everywhere, and look at answers and tables."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        await _Probing(rig, seen, dialect).all()

    where = on_each(target, check, rows=5)
    return seen.finding("probes", "hostile texts stay texts: tables and answers are right", nothing="nothing takes a text", where=where)


class _Probing:
    """The probes on one database."""

    def __init__(self, rig: Rig, seen: Breaches, dialect: str) -> None:
        self.rig, self.seen, self.dialect = rig, seen, dialect
        self.before: dict[str, Any] = {}

    async def all(self) -> None:
        """Everything is rolled back, so in the end every table is as it was."""
        self.before = await self.rig.dump()
        for one in self.rig.served:
            found = able(self.rig, one)
            if found is None or one.verb == "account":
                continue
            with self.rig.trying(one):
                try:
                    await self.body(one, found)
                    await self.path(one, found)
                    await self.lists(one, found)
                    await self.headers(one, found)
                except (NoRow, Unmatchable) as reason:
                    self.seen.note(f"{one}: {reason}")
            self.seen.expect(
                await self.rig.dump() == self.before, f"after probing {one} on {self.dialect} the tables are not what they were"
            )

    def judge(self, what: str, answer: Answer, *, fine: bool = True) -> None:
        """No fault, nothing of the inside, no header of the probe's own."""
        shown = answer.body.decode("utf-8", "replace").lower() if answer.status >= 400 else ""
        inside = next((word for word in _TOLD if word in shown and word not in what.lower()), None)
        self.seen.expect((answer.status < 500 or answer.status == 501) and fine, f"{what} on {self.dialect} is answered {brief(answer)}")
        self.seen.expect(inside is None, f"{what} on {self.dialect} shows {inside!r}: {brief(answer)}")
        lines = any(c in value for _, value in answer.headers.raw for c in "\r\n")
        self.seen.expect("set-cookie" not in answer.headers and not lines, f"{what} on {self.dialect} writes a header")

    async def body(self, one: Served, found: Able) -> None:
        """Every text of a body: refused, or kept as it is."""
        if one.body is None:
            return
        path, query, _ = self.rig.inputs(one, found.who, 1)
        path = path if found.row is None else self.rig.item_path(one, found.row)
        for member in one.body.members:
            if not isinstance(member.shape, Leaf) or member.shape.kind is not Kind.TEXT:
                continue
            for n, probe in enumerate(PROBES):
                body = self.rig.body(one, 600 + n, **{member.wire: probe})
                answer = await self.rig.ask(one.method, path, who=found.who, json=body, query=query, headers={"if-match": "*"})
                kept = True
                if one.verb in ("create", "update", "replace") and answer.status == one.status and answer.body:
                    given = answer.json() if one.envelope is None else answer.json()[one.envelope]
                    kept = given.get(member.wire, probe) == probe
                self.judge(f"{one} with {member.wire} {probe!r}", answer, fine=kept)

    async def path(self, one: Served, found: Able) -> None:
        """Every probe in the place of a key."""
        if not one.in_path:
            return
        for probe in PROBES:
            path = self.rig.probed(one, quote(probe, safe=""))
            answer = await self.rig.ask(one.method, path, who=found.who, json={}, headers={"if-match": "*"})
            self.judge(f"{one} at {probe!r}", answer, fine=answer.status >= 400 or one.verb == "call")

    async def lists(self, one: Served, found: Able) -> None:
        """Every probe as a filter's value, as an order, and as a cursor. A filter finds exactly what is equal."""
        if one.verb != "list" or one.entity is None or one.routes is None:
            return
        rows, key = self.rig.rows.get(one.entity, []), identity(one)
        may = [row for row in rows if self.rig.oracle.may(found.who.account, one.entity, "read", row, self.rig.rows)]
        bracketed = one.routes.resource.filters is None
        for name, item in filterable(one):
            for probe in PROBES if item.kind is Kind.TEXT else PROBES[:4]:
                for word in ("", "[contains]", "[prefix]", "[in]") if bracketed and item.kind is Kind.TEXT else ("",):
                    if word == "[in]" and "," in probe:
                        continue
                    answer = await self.rig.ask("GET", one.path, who=found.who, query=[(name + word, probe)])
                    self.judge(f"{one}?{name}{word}={probe!r}", answer)
                    if item.kind is Kind.TEXT and answer.status == one.status and key is not None:
                        seen = await walk(self.rig, one, found.who, ways(one)[0], query={name + word: probe}, limit=50)
                        wanted = {text(getattr(r, key.field.name), key.field) for r in may if _found(getattr(r, item.name), word, probe)}
                        got = {key.of(shown) for shown in seen.items}
                        self.seen.expect(
                            got == wanted, f"{one}?{name}{word}={probe!r} on {self.dialect} finds {len(got)} rows, not {len(wanted)}"
                        )
        for probe in PROBES:
            for name in ("sort", "fields", "expand", one.routes.resource.paging.cursor or "cursor", f"{probe}[eq]"):
                answer = await self.rig.ask("GET", one.path, who=found.who, query=[(name, probe)])
                self.judge(f"{one}?{name[:20]}={probe!r}", answer, fine=answer.status >= 400)

    async def headers(self, one: Served, found: Able) -> None:
        """Headers that a server might believe or repeat."""
        path = self.rig.path(one, "x") if found.row is None else self.rig.item_path(one, found.row)
        for name in ("x-request-id", "traceparent", "if-none-match", "origin", "accept", "x-forwarded-for", "idempotency-key"):
            for probe in PROBES[:6]:
                answer = await self.rig.ask("GET" if one.method == "GET" else "OPTIONS", path, who=found.who, headers={name: probe})
                self.judge(f"{one} with {name}: {probe!r}", answer)
                repeated = answer.headers.get("x-request-id") == probe
                self.seen.expect(not repeated, f"{one} repeats {name}: {probe!r}")


def _found(value: Any, word: str, probe: str) -> bool:
    if value is None:
        return False
    match word:
        case "[contains]":
            return probe in str(value)
        case "[prefix]":
            return str(value).startswith(probe)
        case "[in]":
            return value in probe.split(",")
        case _:
            return bool(value == probe)


_INLINED = """
# planted: values are written into the statement
from backwright.data.engines.sqlite import SqliteEngine as _Engine
_rows = _Engine.rows
async def _inlined(self, sql, args=()):
    if "LIMIT" in sql and all(a is None or isinstance(a, (str, int)) for a in args):
        for n, a in reversed(list(enumerate(args, 1))):
            sql = sql.replace(f"?{n}", "NULL" if a is None else f"'{a}'" if isinstance(a, str) else str(int(a)))
        args = ()
    return await _rows(self, sql, args)
_Engine.rows = _inlined
"""
_LIKE = """
# planted: the signs of LIKE are not taken for what they are
from backwright.data.sql import statements as _statements
_filter = _statements._Maker.filter
def _like(self, condition, name):
    if condition.operator == "contains":
        return f't."{condition.field.column}" LIKE \\'%\\' || {self.value(condition.field, name)} || \\'%\\''
    return _filter(self, condition, name)
_statements._Maker.filter = _like
"""

PLANTS = (
    Plant("values-in-sql", "access.injection", "filter values are written into the SQL", behind_the_app(_INLINED)),
    Plant("like-unescaped", "access.injection", "% and _ in a filter mean any text", behind_the_app(_LIKE)),
)

INJECTION = Standard(
    id="access.injection",
    sentence="Hostile texts in any input, filter, order, cursor, path or header stay texts; tables and answers stay right.",
    why="One text that becomes a statement gives the whole database away.",
    check=injection,
    plants=PLANTS,
    timeout=180.0,
)
