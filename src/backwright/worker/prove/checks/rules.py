"""access.rules: every caller, action, row and operation at the REST door; what is answered is exactly what the declared rules allow."""

import copy
from types import SimpleNamespace
from typing import Any

from backwright.domain.entity import Entity
from backwright.domain.model import EntityModel, Field, Kind
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.lists import filterable, identity, offered, sortable, walk, ways
from backwright.worker.prove.rig.oracle import row_fields
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.people import Person
from backwright.worker.prove.rig.rig import ABSENT, Rig, brief, on_each
from backwright.worker.prove.rig.seeds import NoRow, is_account
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.rig.wire import text
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

REFUSED = (401, 403, 404)
ROWS = 14


def rules(target: Target) -> Finding:
    """Try every cell on every database of the target."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        await _Matrix(rig, dialect, seen).all()

    where = on_each(target, check, rows=ROWS)
    return seen.finding(
        "cells", "every caller sees and changes exactly what the rules allow", nothing="nothing is served at the REST door", where=where
    )


class _Matrix:
    """All cells on one database."""

    def __init__(self, rig: Rig, dialect: str, seen: Breaches) -> None:
        self.rig, self.dialect, self.seen = rig, dialect, seen
        self.where = ""
        seen.note(f"{dialect}: callers {', '.join(map(str, rig.people))}; rows { ({e.__name__: len(r) for e, r in rig.rows.items()}) }")

    async def all(self) -> None:
        """Every operation by everybody. What is written is rolled back, so that each cell finds the same rows."""
        tried = {"read": self.reads, "list": self.lists, "create": self.creates, "update": self.changes, "replace": self.changes,
                 "delete": self.deletes, "call": self.calls}  # fmt: skip
        for one in self.rig.served:
            self.where = f"{one} on {self.dialect}"
            before = self.seen.tried
            if one.verb in tried:
                with self.rig.trying(one):
                    for who in self.rig.people:
                        await tried[one.verb](one, who)
                self.seen.note(f"{self.where}: {self.seen.tried - before} cells")

    def cell(self, holds: bool, who: Person, what: str) -> None:
        """One cell of the matrix."""
        self.seen.expect(holds, f"{self.where}, asked by {who}: {what}")

    # --- the oracle ---------------------------------------------------------------------------------------------------

    def may(self, who: Person, entity: type[Entity], action: str, row: Any) -> bool:
        """What the declared rules say. A part without a grant of its own is read by its whole's rule."""
        allowed = self.rig.oracle.may(who.account, entity, action, row, self.rig.rows)
        self.seen.count("allowed" if allowed else "refused")
        return allowed

    def sees(self, who: Person, entity: type[Entity], row: Any) -> bool:
        """Whether the caller may read the row, as far as reading is ruled at all."""
        return not self.rig.oracle.granted(entity, "read") or self.rig.oracle.may(who.account, entity, "read", row, self.rig.rows)

    def rows(self, one: Served) -> list[Any]:
        """The seeded rows behind an operation."""
        assert one.entity is not None
        return self.rig.rows.get(one.entity, [])

    # --- reading ------------------------------------------------------------------------------------------------------

    async def reads(self, one: Served, who: Person) -> None:
        """Each row alone: shown exactly if it may be read, and one that may not looks like one that is not there."""
        assert one.entity is not None
        absent = await self.rig.ask("GET", self.rig.path(one, ABSENT), who=who)
        for row in self.rows(one):
            answer = await self.rig.ask("GET", self.rig.item_path(one, row), who=who)
            if self.may(who, one.entity, "read", row):
                self.cell(answer.status == one.status, who, f"a row that may be read is answered {brief(answer)}")
            else:
                self.cell(answer.status in REFUSED, who, f"a row that may not be read is answered {answer.status}")
                if one.routes is not None and one.routes.key.name == "id":
                    self.cell(
                        answer.status == absent.status, who, f"a hidden row is answered {answer.status}, an absent one {absent.status}"
                    )

    async def lists(self, one: Served, who: Person) -> None:
        """The whole list by every way of paging, then through each filter and each order."""
        assert one.entity is not None
        visible = [row for row in self.rows(one) if self.may(who, one.entity, "read", row)]
        for way in ways(one):
            if not await self._walked(one, who, visible, {}, f"walked by {way}", way):
                return
        for name, item in filterable(one):
            for value in self._values(one, item, visible):
                wanted = [row for row in visible if _same(getattr(row, item.name), value)]
                await self._walked(one, who, wanted, {name: text(value, item)}, f"filtered by {name}")
        for item in sortable(one):
            assert one.routes is not None
            name = one.routes.served.naming(item.wire)
            for order in (name, f"-{name}"):
                await self._walked(one, who, visible, {"sort": order}, f"sorted by {order}")
        await self._expanded(one, who)

    def _values(self, one: Served, item: Field, visible: list[Any]) -> list[Any]:
        """A value that only hidden rows have, if there is one, and one that can be seen: what a filter could betray."""
        shown = [v for row in visible if (v := getattr(row, item.name)) is not None]
        hidden = [v for row in self.rows(one) if (v := getattr(row, item.name)) is not None and not any(_same(v, s) for s in shown)]
        return [*hidden[:1], *shown[:1]]

    async def _walked(self, one: Served, who: Person, wanted: list[Any], query: dict[str, str], how: str, way: Any = None) -> bool:
        """Whether a walk could be made; its items are compared with the rows that it should have shown."""
        seen = await walk(self.rig, one, who, way or ways(one)[0], query=query, limit=5)
        rule = one.operation.rule
        if seen.refused is not None:
            # a rule about the caller alone closes the list; one about rows leaves it empty
            closed = not wanted and (rule.predicate is None or who.account is None or type(who.account) is not rule.caller_type)
            self.cell(closed and seen.refused.status in REFUSED, who, f"the list {how} is answered {brief(seen.refused)}")
            return False
        key = identity(one)
        if key is None:
            self.cell(len(seen.items) == len(wanted), who, f"the list {how} has {len(seen.items)} items, not {len(wanted)}")
        else:
            got, expected = [key.of(item) for item in seen.items], [text(getattr(row, key.field.name), key.field) for row in wanted]
            more, fewer = set(got) - set(expected), set(expected) - set(got)
            self.cell(not more, who, f"the list {how} shows {len(more)} rows too many, e.g. {_first(more)}")
            self.cell(not fewer, who, f"the list {how} lacks {len(fewer)} rows, e.g. {_first(fewer)}")
            self.cell(len(got) == len(set(got)), who, f"the list {how} shows a row twice")
        self.cell(
            all(total == len(wanted) for total in seen.totals), who, f"the list {how} counts {seen.totals[:1]} rows, not {len(wanted)}"
        )
        return True

    async def _expanded(self, one: Served, who: Person) -> None:
        """An expanded reference shows no row that may not be read itself."""
        assert one.routes is not None
        key, naming = identity(one), one.routes.served.naming
        if "expand" not in offered(one):
            return
        for item in one.routes.entity.references():
            if (
                item.target is None
                or item.secret
                or item.name in one.routes.hidden
                or not self.rig.oracle.granted(item.target, "read")
                or key is None
            ):
                continue
            seen = await walk(self.rig, one, who, ways(one)[0], query={"expand": naming(item.expand_as)}, limit=5)
            by_key = {text(getattr(row, key.field.name), key.field): row for row in self.rows(one)}
            for shown in seen.items:
                target = self._target(by_key.get(key.of(shown)), item)
                given = shown.get(naming(item.expand_as))
                expected = target is not None and self.sees(who, item.target, target)
                self.cell((given is not None) == expected, who, f"expand={item.expand_as} {'shows' if given else 'hides'} a row wrongly")

    def _target(self, row: Any, item: Field) -> Any:
        value = None if row is None else getattr(row, item.name)
        return next((t for t in self.rig.rows.get(item.target, []) if t.id == value), None) if item.target and value is not None else None

    # --- writing ------------------------------------------------------------------------------------------------------

    async def creates(self, one: Served, who: Person) -> None:
        """New rows: allowed exactly if the rule says yes to the row as it would be."""
        assert one.entity is not None and one.routes is not None
        for n in range(4):
            try:
                body = self.rig.body(one, 700 + n)
            except (NoRow, Unmatchable) as reason:
                self.seen.note(f"{self.where}: no valid body can be made ({reason})")
                self.seen.count("not_tried")
                return
            allowed = self.may(who, one.entity, "create", self._new(one, who, body))
            answer = await self.rig.ask(one.method, one.path, who=who, json=body)
            if allowed and answer.status == 409:
                self.seen.count("not_tried")
            elif allowed:
                self.cell(answer.status == one.status, who, f"an allowed creation is answered {brief(answer)}")
            else:
                self.cell(answer.status in (401, 403), who, f"a forbidden creation is answered {answer.status}")

    def _new(self, one: Served, who: Person, body: Any) -> Any:
        """The row that a creation would store, as far as a rule can see it."""
        assert one.entity is not None and one.routes is not None
        seeded = self.rows(one)
        row = copy.copy(seeded[0]) if seeded else blank(one.routes.entity)
        values = body if one.envelope is None else body[one.envelope]
        named = {one.routes.served.naming(f.wire): f for f in one.routes.entity.fields}
        for f in one.routes.entity.fields:
            if f.owner and who.account is not None:
                setattr(row, f.name, who.account.id)
            elif f.managed and not f.stamp and not f.owner:
                setattr(row, f.name, _default(f))
        for wire, value in values.items():
            item = named.get(wire)
            if item is not None and item.kind in (Kind.REFERENCE, Kind.ENUM, Kind.BOOL, Kind.TEXT, Kind.INT):
                setattr(row, item.name, _typed(item, value))
        return row

    async def changes(self, one: Served, who: Person) -> None:
        """Changes: the rule is asked of the row as it was and as it would be; nothing is said about rows that may not be read."""
        assert one.entity is not None
        absent = await self._change(one, who, ABSENT, {})
        for row in self.rows(one):
            for values in self._patches(one):
                after = copy.copy(row)
                for f, value in values:
                    setattr(after, f.name, _typed(f, value))
                readable = self.sees(who, one.entity, row)
                allowed = readable and self.may(who, one.entity, "update", row) and self.may(who, one.entity, "update", after)
                answer = await self._change(one, who, getattr(row, one.routes.key.name) if one.routes else None, dict(values))
                if allowed:
                    self.cell(answer.status in (one.status, 409), who, f"an allowed change is answered {brief(answer)}")
                else:
                    self.cell(answer.status in REFUSED, who, f"a forbidden change is answered {answer.status}")
                    if not readable and one.routes is not None and one.routes.key.name == "id":
                        self.cell(
                            answer.status == absent.status,
                            who,
                            f"changing a hidden row is answered {answer.status}, an absent one {absent.status}",
                        )

    def _patches(self, one: Served) -> list[list[tuple[Field, Any]]]:
        """A change of nothing that rules look at, and changes of what they do: handing a row to somebody else."""
        assert one.routes is not None and one.body is not None
        model, samples = one.routes.entity, self.rig.seeds.samples
        asked = row_fields(self.rig.oracle.predicates())
        members = {m.name: m for m in one.body.members if m.name in model.by_name}
        harmless = [m for m in members.values() if m.name not in asked and not model.by_name[m.name].unique]
        found = [[(model.by_name[m.name], samples.member(m, 800))] for m in harmless[:1]] or [[]]
        handed = [f for f in model.references() if f.name in asked and f.name in members and f.target is not None and is_account(f.target)]
        if one.verb == "update":
            return found + [[(f, self._plain_account(f))] for f in handed]
        return [[(f, samples.member(m, 800)) for m in members.values() if not (f := model.by_name[m.name]).unique or True][:50]]

    def _plain_account(self, item: Field) -> Any:
        assert item.target is not None
        return str(self.rig.rows[item.target][1].id)

    async def _change(self, one: Served, who: Person, key: Any, values: Any) -> Any:
        assert one.routes is not None
        naming = one.routes.served.naming
        body = {naming(f.wire): value for f, value in values.items()}
        whole = body if one.envelope is None else {one.envelope: body}
        return await self.rig.ask(one.method, self.rig.path(one, key), who=who, json=whole, headers={"if-match": "*"})

    async def deletes(self, one: Served, who: Person) -> None:
        """Deletions."""
        assert one.entity is not None
        absent = await self.rig.ask(one.method, self.rig.path(one, ABSENT), who=who, headers={"if-match": "*"})
        for row in self.rows(one):
            readable = self.sees(who, one.entity, row)
            answer = await self.rig.ask(one.method, self.rig.item_path(one, row), who=who, headers={"if-match": "*"})
            if readable and self.may(who, one.entity, "delete", row):
                self.cell(answer.status in (one.status, 409), who, f"an allowed deletion is answered {brief(answer)}")
            else:
                self.cell(answer.status in REFUSED, who, f"a forbidden deletion is answered {answer.status}")
                if not readable and one.routes is not None and one.routes.key.name == "id":
                    self.cell(
                        answer.status == absent.status,
                        who,
                        f"deleting a hidden row is answered {answer.status}, an absent one {absent.status}",
                    )

    # --- functions ----------------------------------------------------------------------------------------------------

    async def calls(self, one: Served, who: Person) -> None:
        """Functions: who may not call them is refused before they run; who may is never asked to sign in."""
        operation = one.operation
        allowed = self.rig.oracle.may(who.account, operation.function, "call", None, self.rig.rows) and self._fits(one, who)
        try:
            answer = await self.rig.call(one, who)
        except (NoRow, Unmatchable) as reason:
            self.seen.note(f"{self.where}: no valid call can be made ({reason})")
            self.seen.count("not_tried")
            return
        if allowed and operation.kind == "SignIn":
            self.cell(answer.status < 500, who, f"an allowed call is answered {brief(answer)}")  # made-up credentials are no good
        elif allowed:
            self.cell(
                answer.status not in (401, 405) and answer.status < 500 or answer.status == 501,
                who,
                f"an allowed call is answered {brief(answer)}",
            )
        else:
            self.cell(answer.status in (401, 403), who, f"a forbidden call is answered {brief(answer)}")
            self.cell(who.account is not None or answer.status == 401, who, f"a call without credentials is answered {answer.status}")

    def _fits(self, one: Served, who: Person) -> bool:
        """Whether the function's first parameter takes this caller."""
        rule = one.operation.rule
        if who.account is None:
            return one.operation.anonymous
        return rule.caller_type is None or isinstance(who.account, rule.caller_type)


def _default(item: Field) -> Any:
    from msgspec import NODEFAULT

    if item.default is not NODEFAULT:
        return item.default
    return item.default_factory() if item.default_factory is not NODEFAULT else None


def blank(entity: EntityModel) -> Any:
    """A row of an entity without seeded rows, as far as its defaults go."""
    return SimpleNamespace(id=None, **{f.name: _default(f) for f in entity.fields})


def _typed(item: Field, value: Any) -> Any:
    """A JSON value as the field holds it."""
    if value is None:
        return None
    return item.type(value) if item.kind in (Kind.REFERENCE, Kind.ENUM) else value


def _same(one: Any, other: Any) -> bool:
    return one == other and type(one) is type(other)


def _first(some: set[str]) -> str:
    return min(some, default="")


_DROP_ROW_RULES = """
# planted: the rules about rows are lost between their declaration and their use
from dataclasses import replace as _replace
for _key, _rule in list(APP.catalogue.rules.items()):
    if _rule.predicate is not None and _key[1] in {ACTIONS}:
        APP.catalogue.rules[_key] = _replace(_rule, lowered=None, verdict=None)
for _name, _operation in list(APP.catalogue.operations.items()):
    if _operation.rule.predicate is not None and _operation.verb in {ACTIONS}:
        APP.catalogue.operations[_name] = _replace(_operation, rule=_replace(_operation.rule, lowered=None, verdict=None))
"""
_ONE_TOO_MANY = """
# planted: filtering forgets the rule
from backwright.data.sql.statements import Statements as _Statements
_page = _Statements.page
_Statements.page = lambda self, shape, page, rule=None: _page(self, shape, page, None if page.conditions else rule)
"""

PLANTS = (
    Plant("owner-rule-dropped-reading", "access.rules", "the owner rule of reading is not asked", behind_the_app(_DROP_ROW_RULES.replace("{ACTIONS}", '("read", "list")'))),
    Plant("owner-rule-dropped-writing", "access.rules", "the owner rule of changing and deleting is not asked", behind_the_app(_DROP_ROW_RULES.replace("{ACTIONS}", '("update", "delete")'))),
    Plant("filter-betrays", "access.rules", "a filtered list shows rows that may not be read", behind_the_app(_ONE_TOO_MANY)),
)  # fmt: skip

RULES = Standard(
    id="access.rules",
    sentence="Every caller sees and changes exactly what the declared rules allow: one row too many or too few is a failure.",
    why="A rule that holds on one path and not on another is how other people's data gets out.",
    check=rules,
    plants=PLANTS,
    timeout=180.0,
)
