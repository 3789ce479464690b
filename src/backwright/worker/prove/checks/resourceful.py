"""api.resourceful: plural collections, the right methods, codes and Location, exact filters and orders, pages without gaps or doubles."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from backwright.domain.model import Kind
from backwright.domain.naming import plural
from backwright.testing.answer import Answer
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import Able, able
from backwright.worker.prove.rig.lists import Identity, filterable, identity, offered, sortable, visible, walk, ways
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.rig import Rig, brief, on_each
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.rig.wire import text
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

USUAL = {"list": "GET", "read": "GET", "create": "POST", "update": "PATCH", "replace": "PUT", "delete": "DELETE"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "[gte]": lambda a, b: a >= b, "[gt]": lambda a, b: a > b, "[lte]": lambda a, b: a <= b, "[lt]": lambda a, b: a < b,
    "[ne]": lambda a, b: a != b, "": lambda a, b: a == b,
}  # fmt: skip
_ORDERED = (Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.DATETIME, Kind.DURATION, Kind.TEXT)


def resourceful(target: Target) -> Finding:
    """Live a resource's whole life, and ask its list every question."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        for path in dict.fromkeys(one.routes.path for one in rig.served if one.routes is not None):
            await _Resource(rig, seen, path, dialect).all()

    where = on_each(target, check, rows=9)
    return seen.finding("expectations", "resources behave as resources", nothing="no entity is served as a resource", where=where)


class _Resource:
    """One resource on one database."""

    def __init__(self, rig: Rig, seen: Breaches, path: str, dialect: str) -> None:
        self.rig, self.seen, self.path, self.dialect = rig, seen, path, dialect
        self.by_verb = {one.verb: one for one in rig.served if one.routes is not None and one.routes.path == path}

    def expect(self, holds: bool, what: str) -> None:
        """One expectation about this resource."""
        self.seen.expect(holds, f"{self.path} on {self.dialect}: {what}")

    async def all(self) -> None:
        """Its name and methods; its life; its list."""
        self.named()
        try:
            await self.life()
            await self.rig.look()
        except (NoRow, Unmatchable) as reason:
            self.seen.note(f"{self.path}: {reason}")
        if (one := self.by_verb.get("list")) is not None and (found := able(self.rig, one)) is not None:
            with self.rig.undone():
                await self.filtered(one, found)
                await self.sorted(one, found)
                await self.conditional(one, found)
            await self.paged(one, found)

    def named(self) -> None:
        """Collections are plural and methods mean what they mean everywhere."""
        last = self.path.rstrip("/").rpartition("/")[2]
        name = last.replace("-", "_")
        model = next(iter(self.by_verb.values())).routes.entity  # type: ignore[union-attr]
        self.expect(name in (model.plural, plural(name.removesuffix("s"))) or name.endswith("s"), f"{last} is not plural")
        for verb, one in self.by_verb.items():
            self.expect(one.method == USUAL[verb], f"{verb} is served by {one.method}")

    # --- its life -----------------------------------------------------------------------------------------------------

    async def life(self) -> None:
        """Created, found, listed, changed, deleted, gone."""
        create, read = self.by_verb.get("create"), self.by_verb.get("read")
        found = able(self.rig, create) if create else None
        if create is None or found is None:
            return
        made = await self.rig.ask("POST", create.path, who=found.who, json=self.rig.body(create, 2_000))
        if made.status in (403, 409):
            self.seen.note(f"{self.path}: no row could be created ({brief(made)})")
            return
        self.expect(made.status == create.status, f"a creation is answered {brief(made)}")
        where = made.headers.get("location")
        if read is not None and self.keyed_by_id(create):
            self.expect(bool(where), "a creation says no Location")
        if read is None or where is None:
            return
        shown = await self.rig.ask("GET", where, who=found.who)
        self.expect(shown.status == read.status and _same(shown, made), f"what Location names is answered {brief(shown)}")
        head = await self.rig.ask("HEAD", where, who=found.who)
        self.expect(head.status == shown.status and not head.body, f"HEAD is answered {brief(head)}")
        if (tag := shown.headers.get("etag")) is not None:
            same = await self.rig.ask("GET", where, who=found.who, headers={"if-none-match": tag})
            self.expect(same.status == 304 and not same.body, f"If-None-Match with the ETag is answered {brief(same)}")
        await self.changed(where, found, shown)
        await self.deleted(where, found)

    def keyed_by_id(self, one: Served) -> bool:
        return one.routes is not None and one.routes.resource.key is None

    async def changed(self, where: str, found: Able, shown: Answer) -> None:
        """A change with the version that was read goes through, and one with the old version does not."""
        update = self.by_verb.get("update")
        if update is None or (tag := shown.headers.get("etag")) is None:
            return
        body: Any = {} if update.envelope is None else {update.envelope: {}}
        answer = await self.rig.ask("PATCH", where, who=found.who, json=body, headers={"if-match": tag})
        if answer.status in (403, 404):
            return
        self.expect(answer.status == update.status, f"an empty change is answered {brief(answer)}")
        if update.routes is not None and update.routes.entity.version is not None:
            stale = await self.rig.ask("PATCH", where, who=found.who, json=body, headers={"if-match": '"987654-x"'})
            self.expect(stale.status == 412, f"a change of another version is answered {brief(stale)}")

    async def deleted(self, where: str, found: Able) -> None:
        """Deleted, it is gone, and stays gone."""
        delete = self.by_verb.get("delete")
        if delete is None:
            return
        answer = await self.rig.ask("DELETE", where, who=found.who, headers={"if-match": "*"})
        if answer.status in (403, 404, 409):
            return
        self.expect(answer.status == delete.status, f"a deletion is answered {brief(answer)}")
        self.expect(answer.status != 204 or not answer.body, "204 with a body")
        for method in ("GET", "DELETE"):
            gone = await self.rig.ask(method, where, who=found.who, headers={"if-match": "*"} if method == "DELETE" else {})
            self.expect(gone.status == 404, f"{method} of what was deleted is answered {brief(gone)}")

    # --- its list -----------------------------------------------------------------------------------------------------

    def readable(self, one: Served, found: Able) -> list[Any]:
        """The rows that the list should show."""
        assert one.entity is not None
        rows = self.rig.rows.get(one.entity, [])
        return [row for row in rows if self.rig.oracle.may(found.who.account, one.entity, "read", row, self.rig.rows)]

    async def filtered(self, one: Served, found: Able) -> None:
        """Every filter finds exactly the rows that it should."""
        assert one.routes is not None
        key, rows = identity(one), self.readable(one, found)
        if key is None or not rows:
            return
        bracketed = one.routes.resource.filters is None
        for name, item in filterable(one):
            value = next((v for row in rows if (v := getattr(row, item.name)) is not None), None)
            if value is None:
                continue
            words = [w for w in _COMPARE if w == "" or bracketed and (w == "[ne]" or item.kind in _ORDERED)]
            for word in words:
                wanted = [row for row in rows if _compared(getattr(row, item.name), word, value)]
                await self._asked(one, found, key, wanted, {name + word: text(value, item)})
            if bracketed and item.optional:
                await self._asked(one, found, key, [r for r in rows if getattr(r, item.name) is None], {f"{name}[null]": "true"})

    async def _asked(self, one: Served, found: Able, key: Identity, wanted: list[Any], query: dict[str, str]) -> None:
        seen = await walk(self.rig, one, found.who, ways(one)[0], query=query, limit=4)
        got = [key.of(item) for item in seen.items]
        expected = {text(getattr(row, key.field.name), key.field) for row in wanted}
        self.expect(seen.refused is None, f"{query} is answered {brief(seen.refused) if seen.refused else ''}")
        self.expect(set(got) == expected and len(got) == len(expected), f"{query} finds {len(got)} rows, not {len(expected)}")

    async def sorted(self, one: Served, found: Able) -> None:
        """Every order is the order of the values, by code point for texts, the empty ones last."""
        assert one.routes is not None
        key, rows = identity(one), self.readable(one, found)
        if key is None:
            return
        by_key = {text(getattr(row, key.field.name), key.field): row for row in rows}
        for item in sortable(one):
            for sign in ("", "-"):
                name = sign + one.routes.served.naming(item.wire)
                seen = await walk(self.rig, one, found.who, ways(one)[0], query={"sort": name}, limit=4)
                values = [getattr(by_key[key.of(shown)], item.name) for shown in seen.items if key.of(shown) in by_key]
                given = [_comparable(v) for v in values if v is not None]
                self.expect(given == sorted(given, reverse=sign == "-"), f"sort={name} is not in order")
                self.expect(values[len(given) :] == [None] * (len(values) - len(given)), f"sort={name} does not put the empty ones last")
                self.expect(len(seen.items) == len(rows), f"sort={name} shows {len(seen.items)} rows, not {len(rows)}")

    async def conditional(self, one: Served, found: Able) -> None:
        """Fields can be chosen."""
        assert one.routes is not None
        if "fields" not in offered(one):
            return
        fields = [f for f in visible(one) if f.name in ("id", "created_at")] or visible(one)[:1]
        names = [one.routes.served.naming(f.wire) for f in fields]
        seen = await walk(self.rig, one, found.who, ways(one)[0], query={"fields": ",".join(names)})
        self.expect(all(set(item) == set(names) for item in seen.items), f"fields={','.join(names)} shows {seen.items[:1]}")

    async def paged(self, one: Served, found: Able) -> None:
        """While rows are added between the pages, every row that was there from the start is shown once."""
        create = self.by_verb.get("create")
        maker = able(self.rig, create) if create else None
        key, before = identity(one), self.readable(one, found)
        if key is None or "cursor" not in ways(one) or one.routes is None:
            return
        paging, got, number = one.routes.resource.paging, list[str](), 2_500
        asked = {paging.limit or "": "2"}
        for _ in range(60):
            answer = await self.rig.ask("GET", one.path, who=found.who, query=asked)
            page = answer.json()
            got += [key.of(item) for item in page[one.routes.resource.many or paging.items]]
            if page.get(paging.next) is None:
                break
            asked[paging.cursor or ""] = str(page[paging.next])
            if create is not None and maker is not None and number < 2_510:
                number += 1
                await self.rig.ask("POST", create.path, who=maker.who, json=self.rig.body(create, number))
        wanted = {text(getattr(row, key.field.name), key.field) for row in before}
        self.expect(wanted <= set(got), f"paging while rows are added leaves out {len(wanted - set(got))} rows")
        self.expect(len(got) == len(set(got)), "paging while rows are added shows a row twice")
        await self.rig.look()


def _same(one: Answer, other: Answer) -> bool:
    return bool(one.json() == other.json())


def _compared(value: Any, word: str, wanted: Any) -> bool:
    if value is None:
        return word == "[ne]"
    return _COMPARE[word](_comparable(value), _comparable(wanted))


def _comparable(value: Any) -> Any:
    value = getattr(value, "value", value)
    return Decimal(str(value)) if isinstance(value, float | Decimal) else str(value) if value.__class__.__name__ == "UUID" else value


_DOUBLES = """
# planted: a page begins with the row the last one ended with
from backwright.data.sql import statements as _statements
_keyset = _statements._Maker.keyset
_statements._Maker.keyset = lambda self, keys: _keyset(self, keys).replace(" > ", " >= ").replace(" < ", " <= ")
"""
_LOST = """
# planted: a creation does not say where the row is
from backwright.api.rest.resources import ResourceRoutes as _Routes
_Routes._location = lambda self: None
"""
_GREATER = """
# planted: "at least" means "more than"
from backwright.data.sql import statements as _statements
_statements._COMPARE["gte"] = ">"
"""

PLANTS = (
    Plant("pages-overlap", "api.resourceful", "a row is shown on two pages", behind_the_app(_DOUBLES)),
    Plant("location-lost", "api.resourceful", "a creation says no Location", behind_the_app(_LOST)),
    Plant("filter-inexact", "api.resourceful", "gte leaves out the bound itself", behind_the_app(_GREATER)),
)

RESOURCEFUL = Standard(
    id="api.resourceful",
    sentence="Collections are plural, methods and codes are the usual ones, lists filter, sort and page exactly.",
    why="Clients should have to learn it once.",
    check=resourceful,
    plants=PLANTS,
)
