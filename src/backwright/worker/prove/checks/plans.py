"""db.query-indexed: the statements that operations really run, explained by the database at the declared number of rows, use indexes."""

import json
import re
from collections.abc import Iterable
from typing import Any

from backwright.data.errors import DataError
from backwright.data.sql.shapes import quoted
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant, rewrite
from backwright.worker.prove.rig.able import Able, able
from backwright.worker.prove.rig.lists import filterable
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.rig import Rig, on_each
from backwright.worker.prove.rig.seeds import NoRow, own
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.rig.watched import Statement
from backwright.worker.prove.rig.wire import text
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

MOST_ROWS = 1_000
"""SQLite plans without looking at the rows, and PostgreSQL reads a table of this size by index already."""
BIG = 200
_SCAN = re.compile(r"^SCAN (\S+)(.*)$")
_SORT = re.compile(r"USE TEMP B-TREE FOR ORDER BY")


def query_indexed(target: Target) -> Finding:
    """Run every operation on tables of the declared size and have its statements explained."""
    seen = Breaches()
    declared = target.load().load.rows
    rows = max(BIG + 1, min(declared, MOST_ROWS))
    seen.figures |= {"rows": rows, "declared_rows": declared}

    async def check(rig: Rig, dialect: str) -> None:
        if dialect == "postgresql":
            for model in own(rig.model):
                async with rig.running.engine.transaction() as session:
                    await session.run(f'ANALYZE "{model.table}"')
        await _Plans(rig, dialect, seen).all()

    where = on_each(target, check, rows=rows)
    return seen.finding(
        "statements",
        f"with {rows:,} rows an entity, every keyed statement is answered by an index",
        nothing="nothing is served",
        where=where,
    )


class _Plans:
    """The plans on one database."""

    def __init__(self, rig: Rig, dialect: str, seen: Breaches) -> None:
        self.rig, self.dialect, self.seen = rig, dialect, seen
        self.big = {m.table for m in own(rig.model) if len(rig.rows.get(m.entity, ())) > BIG}
        self.known: set[str] = set()

    async def all(self) -> None:
        """Every operation; lists plain and by each reference."""
        for one in self.rig.served:
            found = able(self.rig, one)
            if found is None:
                continue
            for query, listed in self._queries(one):
                statements = await self._run(one, found, query)
                for statement in statements:
                    await self._judge(f"{one}{'?' + '&'.join(query) if query else ''} on {self.dialect}", statement, listed)

    def _queries(self, one: Served) -> Iterable[tuple[dict[str, str], bool]]:
        """What is asked, and whether reading along an index may end it (a page of a list) or a key must lead to the rows."""
        yield {}, one.verb == "list" or one.method == "GET" and not one.in_path
        if one.verb == "list":
            assert one.entity is not None
            for name, item in filterable(one):
                row = next((r for r in self.rig.rows.get(one.entity, ()) if getattr(r, item.name) is not None), None)
                if row is not None and (item.target is not None or item.unique or item.name == "id"):
                    yield {name: text(getattr(row, item.name), item)}, False

    async def _run(self, one: Served, found: Able, query: dict[str, str]) -> list[Statement]:
        try:
            path, asked, body = self.rig.inputs(one, found.who, 3_000)
        except (NoRow, Unmatchable):
            return []
        path = path if found.row is None else self.rig.item_path(one, found.row)
        with self.rig.trying(one):
            before = self.rig.statements()
            await self.rig.ask(one.method, path, who=found.who, json=body, query={**dict(asked), **query}, headers={"if-match": "*"})
            return self.rig.watched.statements[before:]

    async def _judge(self, what: str, statement: Statement, listed: bool) -> None:
        key = f"{listed} {statement.sql}"
        if key in self.known or not re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)", statement.sql, re.I):
            return
        self.known.add(key)
        try:
            plan = await (self._sqlite(statement) if self.dialect == "sqlite" else self._postgresql(statement))
        except DataError as error:
            self.seen.note(f"{what}: cannot be explained ({error})")
            self.seen.count("not_explained")
            return
        self.seen.note(f"{what}: {'; '.join(plan)}")
        if re.match(r"\s*SELECT count\(\*\)", statement.sql, re.I):
            self.seen.count("counts")  # a number of rows has to look at them
            return
        sorted_ = any(map(_SORT.search, plan))
        for line in plan:
            self._line(what, statement, line, listed, by_key=self.dialect == "sqlite" and not sorted_)

    def _line(self, what: str, statement: Statement, line: str, listed: bool, *, by_key: bool) -> None:
        page = listed or bool(re.search(r"\bLIMIT\b", statement.sql))
        found = _SCAN.match(line)
        table = self._table(found[1], statement.sql) if found else ""
        if found and table in self.big:
            ordered = any(
                f"ORDER BY t.{quoted(m.id.column)}" in statement.sql for m in self.rig.model.entities.values() if m.table == table
            )
            whole_keys = by_key and "WHERE" not in statement.sql and ordered  # a number is the row's own place
            along = page and ("INDEX" in found[2] or whole_keys)
            self.seen.expect(along, f"{what} reads all of {table}: {line}")
        elif page and _SORT.search(line) and self._reads_big(statement):
            self.seen.expect(False, f"{what} sorts a whole table: {line}")
        else:
            self.seen.expect(True, what)

    def _reads_big(self, statement: Statement) -> bool:
        return any(f'"{table}"' in statement.sql for table in self.big) and "WHERE" not in statement.sql

    def _table(self, name: str, sql: str) -> str:
        """The table behind an alias."""
        if name.strip('"') in self.big:
            return name.strip('"')
        found = re.search(rf'"(\w+)"\s+(?:AS\s+)?"?{re.escape(name)}"?\b', sql)
        return found[1] if found else name

    async def _sqlite(self, statement: Statement) -> list[str]:
        rows = await self.rig.watched.inner.rows(f"EXPLAIN QUERY PLAN {statement.sql}", statement.args)
        return [str(row[3]) for row in rows]

    async def _postgresql(self, statement: Statement) -> list[str]:
        """The same words as SQLite's, for the one judge."""
        async with self.rig.watched.inner.transaction() as session:
            rows = await session.rows(f"EXPLAIN (FORMAT JSON) {statement.sql}", statement.args)
        plan = rows[0][0]
        return list(_words(json.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"]))


def _words(node: dict[str, Any]) -> Iterable[str]:
    kind = node["Node Type"]
    if kind == "Seq Scan":
        yield f"SCAN {node['Relation Name']}"
    elif kind in ("Index Scan", "Index Only Scan", "Bitmap Heap Scan") and "Relation Name" in node:
        keyed = "Index Cond" in node or kind == "Bitmap Heap Scan"
        yield f"{'SEARCH' if keyed else 'SCAN'} {node['Relation Name']} USING INDEX"
    elif kind == "Sort":
        yield "USE TEMP B-TREE FOR ORDER BY"
    for inner in node.get("Plans", ()):
        yield from _words(inner)


QUERY_INDEXED = Standard(
    id="db.query-indexed",
    sentence="The statements that operations run use indexes at the declared number of rows.",
    why="A missing index is not felt before there is data.",
    check=query_indexed,
    plants=(
        Plant(
            "key-by-expression", "db.query-indexed", "an index that an operation needs is left out",
            rewrite(r'bw\.Index\("(ix|uq)_\w+", \("\w+_id"(?:, "\w+")*,?\)(?:, unique=True)?\)', 'bw.Index("ix_planted", ("id",))', files="migrations/versions/*.py"),
        ),
    ),
)  # fmt: skip
