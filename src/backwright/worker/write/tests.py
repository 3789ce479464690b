"""The tests of a delivered project, written before its code: rules, every operation as its callers see it, signing in. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from backwright.domain.model import Kind
from backwright.domain.naming import snake
from backwright.worker.blueprint import Blueprint, EntityPlan, FieldPlan, Member, OperationPlan
from backwright.worker.design import ABSENT
from backwright.worker.write import samples
from backwright.worker.write.access import Access, Rule
from backwright.worker.write.model import stored
from backwright.worker.write.serving import Serving
from backwright.worker.write.source import Source, docstring, literal, sentence

SERVED = '''"""How these tests run: each on a fresh database, without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

from app import app
from backwright.testing import Client

NUMBERS = count(1)
"""For values that must be unique."""
NOWHERE = {"uuid": "0190a5c8-7d2e-7c3a-9f10-2b6a4d5e6fff", "int": "999999999", "text": "nobody-has-this"}
"""Keys of rows that are not there."""


def served(test: Callable[[Client], Awaitable[None]]) -> Callable[[], None]:
    """Run the test with a client of the app, which is open on a database of its own."""

    def run() -> None:
        async def main() -> None:
            async with Client(app) as client:
                await test(client)

        asyncio.run(main())

    run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
    return run
'''


def rows_file(blueprint: Blueprint) -> str:
    """``tests/rows.py``: for each entity a function that stores one row with all it needs."""
    source = Source("Rows to start from: each function stores one, with whatever it refers to.")
    source.use("typing", "Any")
    source.use("backwright.testing", "OpenApp")
    source.use("tests.served", "NUMBERS")
    for entity in blueprint.entities:
        source.add(_row(source, blueprint, entity))
    return source.text()


def a(entity: str) -> str:
    """The name of the function that stores one."""
    words = snake(entity)
    return f"{'an' if words[0] in 'aeio' else 'a'}_{words}"


def _row(source: Source, blueprint: Blueprint, entity: EntityPlan) -> str:
    name = source.use("model", entity.name)
    plain = [f for f in stored(entity) if f.kind is not Kind.REFERENCE and _needed(f)]
    values = [f"{literal(f.name)}: {_value(source, blueprint, f)}" for f in plain]
    if entity.account:
        values.insert(0, '"email": f"somebody{next(NUMBERS)}@example.com"')
    lines = [f"    values: dict[str, Any] = {{{', '.join([*values, '**given'])}}}"]
    for item in (f for f in stored(entity) if f.kind is Kind.REFERENCE and _needed(f) and f.target != entity.name):
        lines += [f"    if {literal(item.name)} not in values:", f"        values[{literal(item.name)}] = (await {a(item.target)}(app)).id"]
    head = f"async def {a(entity.name)}(app: OpenApp, **given: Any) -> {name}:"
    body = [*lines, f"    return await app.given({name}(**values))"]
    return "\n".join([head, docstring(f"One {snake(entity.name).replace('_', ' ')}."), *body])


def _needed(item: FieldPlan) -> bool:
    return item.default is ABSENT and not item.optional and item.kind is not Kind.MANY


def _value(source: Source, blueprint: Blueprint, item: FieldPlan) -> str:
    value = samples.of_field(blueprint, item)
    if item.unique and item.kind is Kind.TEXT and isinstance(value, str):
        return unique_text(item, value)
    if item.unique and item.kind is Kind.INT:
        return "next(NUMBERS)"
    if item.unique and item.kind is Kind.UUID:
        return f"{source.use('uuid', 'uuid4')}()"
    return samples.expression(blueprint, item, value, source.use)


def unique_text(item: FieldPlan | Member, value: str) -> str:
    """An expression for a text that is another one each time, as far as its limits let it."""
    if item.limits.format == "email":
        return 'f"somebody{next(NUMBERS)}@example.com"'
    plain = value.replace("{", "").replace("}", "")
    if (item.limits.max_length or 99) < len(value) + 4:
        return literal(value)
    for between in ("-", "_", ""):
        if item.limits.pattern is None or all(re.search(item.limits.pattern, f"{plain}{between}{n}") for n in (1, 27, 345)):
            return f"f{literal(plain + between + '{next(NUMBERS)}')}"
    return literal(value)


def _unlike(member: Member, value: Any) -> Any:
    """A value that neither a row that is there nor its update has."""
    changed = samples.other(member.kind, member.limits, value)
    again = samples.other(member.kind, member.limits, changed)
    return again if again != value else changed


def _alone_distinct(entity: EntityPlan, item: FieldPlan) -> bool:
    """Whether this reference is the first of a group that only references make unique."""
    for group in entity.uniques:
        fields = [f for name in group if (f := entity.field(name)) is not None]
        free = [f.name for f in fields if not f.managed]
        if all(f.kind is Kind.REFERENCE for f in fields) and free[:1] == [item.name]:
            return True
    return False


def _key_is_text(blueprint: Blueprint, item: FieldPlan | None) -> bool:
    """Ids are UUIDs, as text on the wire, unless the entity counts."""
    return item is None or not item.target or blueprint.entity(item.target).id_kind != "int"


# --- rules ------------------------------------------------------------------------------------------------------------


def rules_file(blueprint: Blueprint, access: Access) -> str:
    """``tests/integration/test_access.py``: every rule, in Python and in the database, for those it lets in and those it does not."""
    source = Source("The access rules say the same in Python and in the database, and let in whom they should.")
    if not access.rules or access.account is None:
        return ""
    for rule in access.rules.values():
        _rule(source, blueprint, access, rule)
    return source.text()


def _rule(source: Source, blueprint: Blueprint, access: Access, rule: Rule) -> None:
    account = access.account
    assert account is not None
    source.use("tests.served", "served")
    source.use("backwright.testing", "Client")
    source.use("access", rule.name)
    flag = rule.condition.rpartition("who.")[2] if "who.is_" in rule.condition or "(who)" in rule.parameters else ""
    row_first = ", who" in rule.parameters
    entity = blueprint.entity(rule.parameters.partition(": ")[2].partition(",")[0]) if row_first else account
    source.use("tests.rows", a(account.name))
    source.use("backwright.testing", "both_ways")
    lines = [f"    one, other = await {a(account.name)}(client.app), await {a(account.name)}(client.app)"]
    callers, verdicts = ["one", "other", "None"], []
    row = "one"
    if row_first and entity.name != account.name:
        source.use("tests.rows", a(entity.name))
        owner = rule.condition.partition(".")[2].partition(" ")[0]
        lines.append(f"    row = await {a(entity.name)}(client.app, {owner}=one.id)")
        row = "row"
    verdicts = ["[[True], [False], [False]]"] if row_first else ["[[False], [False], [False]]"]
    if flag and flag != "id":
        lines.append(f"    boss = await {a(account.name)}(client.app, {flag}=True)")
        callers.append("boss")
        verdicts = [verdicts[0][:-1] + ", [True]]"]
    lines.append(f"    verdicts = await both_ways({rule.name}, [{row}], [{', '.join(callers)}], client.app)")
    lines.append(f"    assert verdicts == {verdicts[0]}")
    source.add("\n".join(["@served", f"async def test_{rule.name}(client: Client) -> None:", docstring(sentence(rule.doc)), *lines]))


# --- operations -------------------------------------------------------------------------------------------------------


class OperationTests:
    """``tests/api/test_<plural>.py``: what each operation on an entity answers to those who may, and to those who may not."""

    def __init__(self, serving: Serving, access: Access) -> None:
        self.serving, self.blueprint, self.access = serving, serving.blueprint, access
        self.prefix = serving.blueprint.contract.prefix

    def file(self, entity: EntityPlan) -> str:
        """The file's text; nothing if no resource serves the entity."""
        source = Source(f"{entity.plural.replace('_', ' ').capitalize()}, as clients see them.")
        for plan in self.serving.resources:
            if plan.entity.name == entity.name:
                for verb, operation in plan.operations.items():
                    self.operation(source, entity, verb, operation)
        return source.text() if source.parts else ""

    def operation(self, source: Source, entity: EntityPlan, verb: str, operation: OperationPlan) -> None:
        """The tests of one operation."""
        make = {
            "list": self.listed,
            "read": self.read,
            "create": self.create,
            "update": self.update,
            "replace": self.update,
            "delete": self.delete,
        }
        lines = list(make[verb](source, entity, operation))
        if lines:
            self.test(source, operation.name, sentence(operation.summary, f"{verb} {entity.name}".capitalize()), lines)
        self.strangers(source, entity, verb, operation)

    def test(self, source: Source, name: str, doc: str, lines: list[str]) -> None:
        """One test function."""
        source.use("tests.served", "served")
        source.use("backwright.testing", "Client")
        head = ["@served", f"async def test_{name}(client: Client) -> None:", docstring(doc)]
        source.add("\n".join([*head, *(f"    {line}" for line in _used(lines))]))

    # --- those who may ------------------------------------------------------------------------------------------------

    def row(self, source: Source, entity: EntityPlan, action: str) -> Iterator[str]:
        """Lines that store a row, and somebody who may do this with it, as ``who``."""
        rule = self.access.grants.get(entity.name, {}).get(action, "")
        account = self.access.account
        source.use("tests.rows", a(entity.name))
        if rule in ("", "anyone") or account is None:
            yield f"row = await {a(entity.name)}(client.app)"
            return
        source.use("tests.rows", a(account.name))
        made = self.access.rules.get(rule)
        if made is not None and made.name.startswith(("own_", "oneself")):
            if made.name.startswith("oneself"):
                yield f"row = who = await {a(account.name)}(client.app)"
                return
            owner = made.condition.partition(".")[2].partition(" ")[0]
            yield f"who = await {a(account.name)}(client.app)"
            yield f"row = await {a(entity.name)}(client.app, {owner}=who.id)"
            return
        flag = f", {made.condition.partition('who.')[2]}=True" if made is not None else ""
        yield f"who = await {a(account.name)}(client.app{flag})"
        yield f"row = await {a(entity.name)}(client.app)"

    def who(self, entity: EntityPlan, action: str) -> str:
        """``, as_=who`` where somebody must be signed in."""
        rule = self.access.grants.get(entity.name, {}).get(action, "")
        return "" if rule in ("", "anyone") or self.access.account is None else ", as_=who"

    def path(self, operation: OperationPlan, entity: EntityPlan) -> str:
        """The path as an expression: with the row's key."""
        path = self.prefix + operation.path
        if not operation.keys:
            return literal(path)
        key = operation.keys[0]
        return f'f"{path.replace("{" + key.wire + "}", "{row." + (key.field or "id") + "}")}"'

    def listed(self, source: Source, entity: EntityPlan, operation: OperationPlan) -> Iterator[str]:
        yield from self.row(source, entity, "read")
        yield f"answer = await client.get({self.path(operation, entity)}{self.who(entity, 'read')})"
        yield f"assert answer.status == {operation.answer.status}, answer"
        envelope = operation.answer.envelope
        items = f"answer.json()[{literal(envelope)}]" if envelope else "answer.json()"
        if key := self.shown_key(operation, entity):
            yield f"assert [item[{literal(key[0])}] for item in {items}] == [{key[1]}]"
        else:
            yield f"assert len({items}) == 1"

    def shown_key(self, operation: OperationPlan, entity: EntityPlan) -> tuple[str, str] | None:
        """The wire name of the row's key and the expression of its value."""
        shape = self.blueprint.shape(operation.answer.shape) if operation.answer.shape else None
        for member in shape.members if shape else ():
            if member.source == "id":
                return member.wire, "str(row.id)" if entity.id_kind == "uuid" else "row.id"
        return None

    def read(self, source: Source, entity: EntityPlan, operation: OperationPlan) -> Iterator[str]:
        yield from self.row(source, entity, "read")
        yield f"answer = await client.get({self.path(operation, entity)}{self.who(entity, 'read')})"
        yield f"assert answer.status == {operation.answer.status}, answer"
        if key := self.shown_key(operation, entity):
            envelope = operation.answer.envelope
            yield f"assert answer.json(){f'[{literal(envelope)}]' if envelope else ''}[{literal(key[0])}] == {key[1]}"

    def create(self, source: Source, entity: EntityPlan, operation: OperationPlan) -> Iterator[str]:
        yield from self.row(source, entity, "create")
        body, sent = self.body(source, entity, operation, "create")
        yield f"answer = await client.post({self.path(operation, entity)}, {self.wrapped(operation, body)}{self.who(entity, 'create')})"
        yield f"assert answer.status == {operation.answer.status}, answer"
        if operation.answer.shape and ("read" in self.access.grants.get(entity.name, {})):
            shown = {m.wire for m in self.serving.shape_of(operation).members}
            envelope = operation.answer.envelope
            for wire, value in sent[:1]:
                if wire in shown:
                    yield f"assert answer.json(){f'[{literal(envelope)}]' if envelope else ''}[{literal(wire)}] == {value}"

    def wrapped(self, operation: OperationPlan, body: str) -> str:
        """The body under its envelope."""
        envelope = operation.body.envelope if operation.body is not None else ""
        return f"{{{literal(envelope)}: {body}}}" if envelope else body

    def body(self, source: Source, entity: EntityPlan, operation: OperationPlan, action: str) -> tuple[str, list[tuple[str, str]]]:
        """A body for the operation as an expression, and the plain values in it that the answer must show again."""
        members = self.blueprint.shape(operation.body.shape).members if operation.body is not None else ()
        rule = self.access.rules.get(self.access.grants.get(entity.name, {}).get(action, ""))
        pairs: list[str] = []
        plain: list[tuple[str, str]] = []
        for member in (m for m in members if m.required or action == "update"):
            item = entity.field(member.field)
            if member.source == "reference" or (item is not None and item.kind is Kind.REFERENCE):
                if item is not None and item.optional:
                    continue  # the row at hand may refer to nothing
                mine = rule is not None and rule.condition.startswith(f"{snake(entity.name)}.{member.field} ==")
                fresh = item is not None and not mine and action == "create" and (item.unique or _alone_distinct(entity, item))
                if fresh and item is not None:
                    key = f"(await {source.use('tests.rows', a(item.target))}(client.app)).id"
                else:
                    key = "who.id" if mine else f"row.{member.field}"
                pairs.append(
                    f"{literal(member.wire)}: str({key})" if _key_is_text(self.blueprint, item) else f"{literal(member.wire)}: {key}"
                )
                continue
            value = samples.of_member(self.blueprint, member)
            if action == "update":
                value = samples.other(member.kind, member.limits, value)
            if item is not None and action == "create" and (item.unique or any(item.name in group for group in entity.uniques)):
                value = _unlike(member, value)
            pairs.append(f"{literal(member.wire)}: {literal(value)}")
            if member.kind in (Kind.TEXT, Kind.INT, Kind.DECIMAL, Kind.BOOL, Kind.ENUM):
                plain.append((member.wire, literal(value)))
        return "{" + ", ".join(pairs) + "}", plain

    def update(self, source: Source, entity: EntityPlan, operation: OperationPlan) -> Iterator[str]:
        yield from self.row(source, entity, "update")
        body, sent = self.body(source, entity, operation, "update")
        method = operation.method.lower()
        yield f"answer = await client.{method}({self.path(operation, entity)}, {self.wrapped(operation, body)}{self.who(entity, 'update')})"
        yield f"assert answer.status == {operation.answer.status}, answer"
        envelope = operation.answer.envelope
        for wire, value in sent[:1]:
            yield f"assert answer.json(){f'[{literal(envelope)}]' if envelope else ''}[{literal(wire)}] == {value}"

    def delete(self, source: Source, entity: EntityPlan, operation: OperationPlan) -> Iterator[str]:
        source.use("model", entity.name)
        yield from self.row(source, entity, "delete")
        yield f"answer = await client.delete({self.path(operation, entity)}{self.who(entity, 'delete')})"
        yield f"assert answer.status == {operation.answer.status}, answer"
        gone = ", lambda it: it.id == row.id" if entity.account else ""
        yield f"assert await client.app.count({entity.name}{gone}) == 0"

    # --- those who may not --------------------------------------------------------------------------------------------

    def strangers(self, source: Source, entity: EntityPlan, verb: str, operation: OperationPlan) -> None:
        """Nobody signed in, somebody else signed in, a row that is not there, a body that does not fit."""
        action = {"list": "read", "replace": "update"}.get(verb, verb)
        rule = self.access.grants.get(entity.name, {}).get(action, "")
        account = self.access.account
        method = operation.method.lower()
        if rule not in ("", "anyone") and account is not None:
            lines = [*self.row(source, entity, action), self.ask(entity, operation, method, action, "")]
            self.test(
                source,
                f"{operation.name}_needs_sign_in",
                "Nobody gets in without signing in.",
                [*lines, "assert answer.status == 401, answer"],
            )
        made = self.access.rules.get(rule)
        owner = entity.field(entity.owner) if entity.owner else None
        taken = verb == "create" and owner is not None and owner.managed  # whoever creates it owns it
        if made is not None and verb != "list" and account is not None and not taken:
            source.use("tests.rows", a(account.name))
            other = f"stranger = await {a(account.name)}(client.app)"
            lines = [*self.row(source, entity, action), other, self.ask(entity, operation, method, action, ", as_=stranger")]
            readable = self.access.grants.get(entity.name, {}).get("read") in ("anyone", "signed_in") or verb == "create"
            status = 403 if readable else 404
            self.test(
                source, f"{operation.name}_by_a_stranger", "Somebody else may not.", [*lines, f"assert answer.status == {status}, answer"]
            )
        if verb in ("read", "update", "replace", "delete"):
            self.missing(source, entity, operation, method, action)
        if verb == "create" and operation.body is not None and any(m.required for m in self.blueprint.shape(operation.body.shape).members):
            wrong = self.blueprint.contract.errors.invalid_status
            asked = f"answer = await client.post({self.path(operation, entity)}, {self.wrapped(operation, '{}')}{self.who(entity, action)})"
            lines = [*self.row(source, entity, action), asked]
            self.test(
                source,
                f"{operation.name}_checks_its_body",
                "A body without what it needs is refused.",
                [*lines, f"assert answer.status == {wrong}, answer"],
            )

    def ask(self, entity: EntityPlan, operation: OperationPlan, method: str, action: str, who: str) -> str:
        """A request with a good body."""
        body = ""
        if method in ("post", "put", "patch"):
            body = ", " + self.wrapped(operation, self.body(Source(""), entity, operation, action)[0])
        return f"answer = await client.{method}({self.path(operation, entity)}{body}{who})"

    def missing(self, source: Source, entity: EntityPlan, operation: OperationPlan, method: str, action: str) -> None:
        """A key that no row has."""
        key = operation.keys[0]
        form = "text" if key.field not in ("", "id") else entity.id_kind
        source.use("tests.served", "NOWHERE")
        path = f'f"{self.prefix + operation.path.replace("{" + key.wire + "}", "{NOWHERE[" + repr(form) + "]}")}"'
        body = ", " + self.wrapped(operation, self.body(Source(""), entity, operation, action)[0]) if method in ("put", "patch") else ""
        lines = [*self.row(source, entity, action), f"answer = await client.{method}({path}{body}{self.who(entity, action)})"]
        self.test(
            source, f"{operation.name}_of_nothing", "What is not there is not found.", [*lines, "assert answer.status == 404, answer"]
        )


def _used(lines: list[str]) -> list[str]:
    """The lines without names that nothing uses."""
    text = "\n".join(lines)

    def bare(line: str) -> str:
        name, _, value = line.partition(" = ")
        return value if name in ("row", "who") and len(re.findall(rf"\b{name}\b", text)) < 2 else line

    return [bare(line) for line in lines]
