"""The derived operations on entities: read, list, create, update, delete. Each is compiled once for one shape.

A read is one statement; a creation whose rule can be judged without the database is one statement too. Everything else goes through
the same unit of work as users' own operations, so that every guarantee holds on both.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from backwright.data.engines.engine import Session
from backwright.data.errors import DataError
from backwright.data.ids import new_uuid
from backwright.data.objects import KEPT
from backwright.data.sql.parameters import Environment
from backwright.data.sql.shapes import Shape
from backwright.data.sql.statements import Page, Statement
from backwright.data.unit import Unit
from backwright.domain.entity import Entity
from backwright.domain.model import EntityModel, Field, Kind
from backwright.domain.refusals import Forbidden, NotFound, Unauthenticated, VersionConflict
from backwright.operations.call import Call
from backwright.operations.caller import Caller
from backwright.operations.execution import Executor
from backwright.operations.operation import Operation
from backwright.operations.reply import Reply
from backwright.operations.rules import Rule

Read = Callable[[Any, Call], Awaitable[Reply]]
List = Callable[["ListRequest", Call], Awaitable[Reply]]
Create = Callable[[Mapping[str, Any], Call], Awaitable[Reply]]
CreateMany = Callable[[Sequence[Mapping[str, Any]], Call], Awaitable[Reply]]
Change = Callable[[Any, Mapping[str, Any], Call], Awaitable[Reply]]
Delete = Callable[[Any, Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which page of a list."""

    page: Page
    values: dict[str, Any]
    """The values of its conditions (``c0``…), of its position (``k0``…), and ``offset``."""
    limit: int
    total: bool = False
    """Whether the number of all rows is wanted too."""


class Records:
    """Makes the derived operations of all entities."""

    def __init__(self, executor: Executor, rules: Mapping[tuple[type[Entity], str], Rule]) -> None:
        self.executor = executor
        self.library = executor.library
        self.rules = rules

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self, shape: Shape, key: Field | None = None) -> Read:
        """One row by its id, or by another unique field."""
        rule = self.rules[shape.model.entity, "read"]
        statement = self.library.plans.statements.one(shape, rule.predicate, key)
        sql, bind, rows_of, translated = statement.sql, statement.bind, self.executor.engine.rows, self.executor.translated

        async def run(value: Any, call: Call) -> Reply:
            args = bind(Environment({"id": value}, call.caller.account, call.request))
            try:
                rows = await rows_of(sql, args)
            except DataError as error:
                raise translated(error) from error
            if not rows:
                raise NotFound()
            text, version = rows[0]
            return Reply(text=text, version=version, id=value)

        return run

    def list(self, shape: Shape) -> List:
        """A page of rows."""
        entity, rule = shape.model.entity, self.rules[shape.model.entity, "list"].predicate
        made, make, count = self.library.made, self.library.plans.statements.page, self.library.plans.statements.count
        rows_of, guarded = self.executor.engine.rows, self.executor.guarded
        known: dict[Page, Statement] = {}

        async def run(request: ListRequest, call: Call) -> Reply:
            page = request.page
            statement = known.get(page)
            if statement is None:
                statement = made(("page", shape, page), lambda: make(shape, page, rule))
                if len(known) < 500:
                    known[page] = statement
            values = request.values
            values["limit"] = request.limit + 1
            environment = Environment(values, call.caller.account, call.request)
            rows = await guarded(rows_of(statement.sql, statement.bind(environment)))
            more = len(rows) > request.limit
            if more:
                rows = rows[: request.limit]
            total = None
            if request.total:
                counting = made(("total", entity, page, rule), lambda: count(entity, page, rule))
                total = (await guarded(rows_of(counting.sql, counting.bind(environment))))[0][0]
            return Reply(items=[row[0] for row in rows], keys=rows[-1][1:] if rows else None, more=more, total=total)

        return run

    # --- creating -----------------------------------------------------------------------------------------------------

    def create(self, operation: Operation, shape: Shape) -> Create:
        """A new row; answers its representation. One statement where its rule, its key and its representation allow."""
        entity, rule = shape.model.entity, operation.rule
        model = shape.model
        complete = _completer(model)
        judged = rule.predicate is not None
        objects = self.library.plans[entity].objects
        slow = self._create_slowly(operation, shape, complete)
        if rule.relational or objects.many or shape.expanded or model.whole is not None or (model.id_type is int and judged):
            return slow
        given = tuple(f for f in _given(model) if f.kind is not Kind.MANY)
        fields = (*((objects.id,) if model.id_type is not int else ()), *given)
        statement = self.library.plans.statements.insert(entity, fields, shape)
        sql, bind, write, inserted = statement.sql, statement.bind, self.executor.engine.write, self.executor.inserted
        own_id = model.id_type is not int

        async def run(inputs: Mapping[str, Any], call: Call) -> Reply:
            if call.idempotency_key is not None or any(part.wire in inputs for part in model.parts):
                return await slow(inputs, call)
            values = complete(inputs, call)
            if own_id:
                values["id"] = new_uuid()
            if judged and not rule.holds(_object(entity, values), call.caller, call.request):
                raise Forbidden()
            rows = await inserted(write(sql, bind(Environment(values, call.caller.account, call.request))), model, values)
            text, version, key = rows[0]
            return Reply(text=text, version=version, id=key)

        return run

    def create_many(self, operation: Operation, shape: Shape) -> CreateMany:
        """New rows, all or none; answers their representations in the order of the inputs."""
        entity, complete = shape.model.entity, _completer(shape.model)
        names = {f.name for f in shape.model.fields if not f.stamp}

        async def run(batch: Sequence[Mapping[str, Any]], call: Call) -> Reply:
            async def work(session: Session, unit: Unit) -> Reply:
                items: list[Entity] = []
                for inputs in batch:
                    values = complete(inputs, call)
                    items.append(entity(**{name: value for name, value in values.items() if name in names}))
                    unit.add(items[-1])
                    self._add_parts(unit, shape.model, items[-1], inputs)
                await unit.flush()
                for item in items:
                    await self._judge_new(session, operation.rule, item, call)
                call.shape = shape
                found = await self.executor.representations(session, call, entity, [item.id for item in items])
                return Reply(items=[text for text, _ in found])

            return await self.executor.transact(operation.name, call, work)

        return run

    def _create_slowly(self, operation: Operation, shape: Shape, complete: Callable[[Mapping[str, Any], Call], dict[str, Any]]) -> Create:
        entity = shape.model.entity
        names = {f.name for f in shape.model.fields if not f.stamp}

        async def run(inputs: Mapping[str, Any], call: Call) -> Reply:
            async def work(session: Session, unit: Unit) -> Reply:
                values = complete(inputs, call)
                item = entity(**{name: value for name, value in values.items() if name in names})
                unit.add(item)
                self._add_parts(unit, shape.model, item, inputs)
                await unit.flush()
                await self._judge_new(session, operation.rule, item, call)
                return await self._represent(session, shape, item.id, call)

            return await self.executor.transact(operation.name, call, work)

        return run

    def _add_parts(self, unit: Unit, model: EntityModel, item: Entity, inputs: Mapping[str, Any]) -> None:
        for part in model.parts:
            for values in inputs.get(part.wire) or ():
                unit.add(part.entity(**{part.field: item.id}, **values))

    # --- changing -----------------------------------------------------------------------------------------------------

    def change(self, operation: Operation, shape: Shape, key: Field | None = None) -> Change:
        """Set some fields of a row; answers its new representation."""
        entity = shape.model.entity

        async def run(value: Any, inputs: Mapping[str, Any], call: Call) -> Reply:
            async def work(session: Session, unit: Unit) -> Reply:
                item = await self._for_change(session, unit, entity, operation.rule, value, key, call)
                for name, new in inputs.items():
                    setattr(item, name, new)
                before = unit.changed()
                await unit.flush()
                if before:
                    await self._judge_new(session, operation.rule, item, call)
                return await self._represent(session, shape, item.id, call)

            return await self.executor.transact(operation.name, call, work)

        return run

    def delete(self, operation: Operation, entity: type[Entity], key: Field | None = None) -> Delete:
        """Delete a row and its parts."""

        async def run(value: Any, call: Call) -> Reply:
            async def work(session: Session, unit: Unit) -> Reply:
                unit.remove(await self._for_change(session, unit, entity, operation.rule, value, key, call))
                return Reply()

            return await self.executor.transact(operation.name, call, work)

        return run

    async def _for_change(
        self, session: Session, unit: Unit, entity: type[Entity], rule: Rule, value: Any, key: Field | None, call: Call
    ) -> Entity:
        """The row, locked: not found if it may not be read, forbidden if not changed, stale if its version is not the wanted one."""
        plans = self.library.plans[entity]
        read = self.rules.get((entity, "read"))
        rules = (read.condition if read else None, rule.predicate)
        make = self.library.plans.statements.judged
        statement = self.library.made(("judged", entity, key, rules), lambda: make(entity, rules, lock=True, key=key))
        rows = await session.rows(statement.sql, statement.bind(Environment({"id": value}, call.caller.account, call.request)))
        if not rows or not rows[0][-2]:
            raise NotFound()
        if not rows[0][-1]:
            raise Forbidden()
        item = plans.objects.from_row(rows[0])
        if plans.objects.many:
            await unit.load_links(entity, [item])
        if call.if_match is not None and plans.model.version is not None and item.version not in call.if_match:
            raise VersionConflict()
        return unit.attach(item)

    async def _judge_new(self, session: Session, rule: Rule, item: Entity, call: Call) -> None:
        """The rule on the row as it is now, in Python where it can, else by the database."""
        if rule.predicate is None:
            return
        if not rule.relational:
            if not rule.holds(item, call.caller, call.request):
                raise Forbidden()
            return
        entity = type(item)
        make = self.library.plans.statements.judged
        statement = self.library.made(("new", entity, rule.predicate), lambda: make(entity, (rule.predicate,)))
        rows = await session.rows(statement.sql, statement.bind(Environment({"id": item.id}, call.caller.account, call.request)))
        if not rows or not rows[0][-1]:
            raise Forbidden()

    async def _represent(self, session: Session, shape: Shape, key: Any, call: Call) -> Reply:
        make = self.library.plans.statements.several
        statement = self.library.made(("several", shape), lambda: make(shape))
        rows = await session.rows(statement.sql, statement.bind(Environment({"ids": [key]}, call.caller.account, call.request)))
        return Reply(text=rows[0][0], version=rows[0][1], id=key)


def _given(model: EntityModel) -> Iterable[Field]:
    """The fields that a creation stores: all but those of a mapped table which only its own defaults can fill."""
    for field in model.fields:
        has_default = field.default is not msgspec.NODEFAULT or field.default_factory is not msgspec.NODEFAULT
        if field.stamp or field.owner or field.writable or has_default or field.optional:
            yield field


def _completer(model: EntityModel) -> Callable[[Mapping[str, Any], Call], dict[str, Any]]:
    """The function from a client's inputs to all stored values: defaults, stamps and the owner added."""
    given = tuple(_given(model))
    stamps = [f.name for f in given if f.stamp and f.stamp != "version"]
    owners = [f for f in given if f.owner]
    rest = [f for f in given if not f.stamp and not f.owner]
    factories = [(f.name, f.default_factory) for f in rest if f.default_factory is not msgspec.NODEFAULT]
    constants: dict[str, Any] = {f.name: None for f in rest if f.optional and f.default_factory is msgspec.NODEFAULT}
    constants |= {f.name: f.default for f in rest if f.default is not msgspec.NODEFAULT}
    constants |= {f.name: 1 for f in given if f.stamp == "version"}

    def complete(inputs: Mapping[str, Any], call: Call) -> dict[str, Any]:
        values = {**constants, **inputs}
        for name in stamps:
            values[name] = call.request.time
        for owner in owners:
            values[owner.name] = _owner(owner, call.caller)
        for name, make in factories:
            if name not in inputs:
                values[name] = make()
        return values

    return complete


def _owner(field: Field, caller: Caller) -> Any:
    """The caller's key. A key of another class of accounts would mean somebody else's row. Raises `Unauthenticated`, `Forbidden`."""
    if caller.kind is field.target:
        return caller.id
    if field.optional:
        return None
    raise Forbidden() if caller.signed_in else Unauthenticated()


def _object(entity: type[Entity], values: Mapping[str, Any]) -> Entity:
    """The row as an object, for a rule to judge before it is written."""
    fields = set(entity.__struct_fields__)
    return entity(**{KEPT.get(name, name): value for name, value in values.items() if KEPT.get(name, name) in fields})
