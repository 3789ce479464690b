"""The unit of work: what a transaction loaded, added, changed and removed, and the statements that make it so.

The order of writing is the order of references, the same in every transaction, so that two of them meet their locks in one order.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from backwright.data.engines.engine import Session
from backwright.data.errors import DataError, ReferenceViolated
from backwright.data.objects import attribute
from backwright.data.plans import EntityPlans, Plans
from backwright.data.references import ReferenceInDoubt, suspects
from backwright.data.sql.parameters import Environment
from backwright.domain.entity import Entity
from backwright.domain.model import Field

Key = tuple[type[Entity], Any]


class StaleRow(DataError):
    """A row that was read in this transaction has been changed or deleted by another."""

    def __init__(self, item: Entity) -> None:
        self.item = item
        super().__init__(f"{type(item).__name__} {item.id} was changed meanwhile")


class Unit:
    """One transaction's objects."""

    def __init__(self, session: Session, plans: Plans, clock: Callable[[], datetime], new_id: Callable[[type[Entity]], Any]) -> None:
        self._session = session
        self._plans = plans
        self._clock = clock
        self._new_id = new_id
        self._known: dict[Key, Entity] = {}
        self._before: dict[Key, tuple[Any, ...]] = {}
        self._links: dict[Key, dict[str, list[Any]]] = {}
        self._new: dict[Key, Entity] = {}
        self._gone: dict[Key, Entity] = {}
        self._counted: set[Key] = set()
        """Rows whose version this transaction has counted up, or made: once is enough."""
        self.touched: set[Key] = set()
        """Every row that was changed or deleted."""

    # --- knowing ------------------------------------------------------------------------------------------------------

    def known(self, entity: type[Entity], key: Any) -> Entity | None:
        """The object with this id, if this transaction has it and has not removed it."""
        return None if (entity, key) in self._gone else self._known.get((entity, key))

    @property
    def removing(self) -> bool:
        """Whether rows wait to be deleted, and their parts with them."""
        return bool(self._gone)

    def attach(self, item: Entity, *, again: bool = False) -> Entity:
        """Start watching a loaded object; gives back the one already known under its id, so that there is one object a row.

        `again`: the known one gets the values of its row as it is now, which it has been read for.
        """
        key = (type(item), item.id)
        if (known := self._known.get(key)) is not None:
            if again:
                self.renew(known, item)
            return known
        self._known[key] = item
        self._before[key] = self._plans[type(item)].objects.snapshot(item)
        return item

    def forget(self, entity: type[Entity]) -> None:
        """Drop what is known of an entity, after a statement has changed its rows behind the objects' back."""
        for key in [key for key in self._known if key[0] is entity]:
            self._known.pop(key)
            self._before.pop(key, None)
            self._links.pop(key, None)

    def renew(self, item: Entity, fresh: Entity) -> None:
        """Give a known object the values of its row as it is now."""
        objects = self._plans[type(item)].objects
        for field in objects.columns:
            setattr(item, attribute(field), getattr(fresh, attribute(field)))
        for field in objects.many:
            setattr(item, field.name, getattr(fresh, field.name))
        self._before[type(item), item.id] = objects.snapshot(item)

    def add(self, item: Entity) -> None:
        """Insert at the next flush. The object has its id from here on."""
        raw: Any = item
        if raw._id is None:
            raw._id = self._new_id(type(item))
        model = self._plans[type(item)].model
        now = self._clock()
        for name in ("created_at", "updated_at"):
            if name in model.by_name and model.by_name[name].stamp and getattr(raw, f"_{name}") is None:
                setattr(raw, f"_{name}", now)
        if model.version is not None:
            raw._version = 1
        key = (type(item), raw._id)
        self._known[key] = self._new[key] = item

    def remove(self, item: Entity) -> None:
        """Delete at the next flush."""
        key = (type(item), item.id)
        if self._new.pop(key, None) is not None:
            self._known.pop(key)
        else:
            self._gone[key] = item

    # --- seeing the differences ---------------------------------------------------------------------------------------

    def added(self) -> list[Entity]:
        """What will be inserted, in order of references."""
        items = sorted(self._new.values(), key=lambda item: self._plans.model.rank(type(item)))
        return [item for entity, run in _runs(items) for item in self._targets_first(entity, run)]

    def changed(self) -> list[tuple[Entity, tuple[Field, ...]]]:
        """What will be updated, with the fields that differ; in order of references, then of ids."""
        found: list[tuple[Entity, tuple[Field, ...]]] = []
        for key, before in self._before.items():
            if key in self._gone:
                continue
            item = self._known[key]
            plans = self._plans[key[0]]
            fields = plans.objects.changed(item, before)
            if fields or any(self._links_changed(key, item, f) for f in plans.objects.many):
                found.append((item, fields))
        return sorted(found, key=lambda pair: (self._plans.model.rank(type(pair[0])), str(pair[0].id)))

    def before(self, item: Entity) -> tuple[Any, ...] | None:
        """The snapshot with which a loaded object was read."""
        return self._before.get((type(item), item.id))

    def removed(self) -> list[Entity]:
        """What will be deleted, parts before their wholes."""
        items = sorted(self._gone.values(), key=lambda item: -self._plans.model.rank(type(item)))
        return [item for entity, run in _runs(items) for item in reversed(self._targets_first(entity, run))]

    def _targets_first(self, entity: type[Entity], items: list[Entity]) -> list[Entity]:
        """Rows of one entity so that none stands before another that it refers to, in whichever order they came."""
        names = [f.name for f in self._plans[entity].model.references() if f.target is entity]
        if not names or len(items) == 1:
            return items
        by_id = {item.id: item for item in items}
        met: set[Any] = set()
        done: dict[Any, Entity] = {}
        for item in items:
            path = [item] if item.id not in done else []
            while path:
                met.add(path[-1].id)
                targets = (by_id.get(getattr(path[-1], name)) for name in names)
                waiting = next((target for target in targets if target is not None and target.id not in met), None)
                if waiting is not None:
                    path.append(waiting)
                else:
                    top = path.pop()
                    done[top.id] = top
        return list(done.values())

    def _links_changed(self, key: Key, item: Entity, field: Field) -> bool:
        return set(getattr(item, field.name) or ()) != set(self._links.get(key, {}).get(field.name, ()))

    # --- writing ------------------------------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Write every difference. Raises `StaleRow` and the other `DataError`."""
        added, changed, removed = self.added(), self.changed(), self.removed()
        await self._touch_wholes([*added, *(item for item, _ in changed), *removed])
        for entity, items in _runs(added):
            await self._insert(self._plans[entity], items)
        for item, fields in changed:
            await self._update(self._plans[type(item)], item, fields)
        for item in removed:
            await self._delete(self._plans[type(item)], item)

    async def _touch_wholes(self, items: list[Entity]) -> None:
        """A part that changes changes its whole: who read the whole has read the part. Before everything else, in order of references."""
        own = {(type(item), item.id) for item in items}
        found: set[Key] = set()
        level = {key for item in items for key in self._wholes_of(item)}
        while level:
            found |= level
            level = {key for above in level - own for item in await self._row(above) for key in self._wholes_of(item)}
        for entity, key in sorted(found - own - self._counted, key=lambda pair: (self._plans.model.rank(pair[0]), str(pair[1]))):
            await self._touch(self._plans[entity], key)

    def _wholes_of(self, item: Entity) -> list[Key]:
        """The whole that a part is in, and the one that it was in."""
        plans = self._plans[type(item)]
        field = plans.model.whole
        if field is None or field.target is None:
            return []
        now = getattr(item, field.name)
        before = self._before.get((type(item), item.id))
        was = now if before is None else type_of_target(self._plans, field, before[plans.objects.columns.index(field)])
        return [(field.target, key) for key in {now, was} if key is not None]

    async def _row(self, key: Key) -> list[Entity]:
        plans = self._plans[key[0]]
        if plans.model.whole is None:
            return []
        if (known := self._known.get(key)) is not None:
            return [known]
        return plans.rows(await self._session.rows(plans.load.sql, plans.load.bind(Environment({"ids": [key[1]]}))))

    async def _touch(self, plans: EntityPlans, key: Any) -> None:
        statement, now = plans.touch, self._clock()
        if statement is None:
            return
        await self._session.run(statement.sql, statement.bind(Environment({"id": key, "updated_at": now})))
        self._counted.add((plans.entity, key))
        self.touched.add((plans.entity, key))
        known: Any = self._known.get((plans.entity, key))
        if known is None:
            return
        if plans.model.version is not None:
            known._version += 1
        if (stamp := plans.model.by_name.get("updated_at")) is not None and stamp.stamp:
            known._updated_at = now
        if (plans.entity, key) in self._before:
            self._before[plans.entity, key] = plans.objects.snapshot(known)

    async def _insert(self, plans: EntityPlans, items: list[Entity]) -> None:
        statement = plans.insert
        rows = [statement.bind(Environment(plans.objects.values(item))) for item in items]
        try:
            if len(rows) == 1:
                await self._session.run(statement.sql, rows[0])
            else:
                await self._session.run_many(statement.sql, rows)
        except ReferenceViolated as error:
            raise self._doubted(error, plans, items) from error
        for item in items:
            key = (type(item), item.id)
            for field in plans.objects.many:
                await self._link(plans, key, item, field)
            self._new.pop(key, None)
            self._counted.add(key)
            self._before[key] = plans.objects.snapshot(item)

    async def _update(self, plans: EntityPlans, item: Entity, fields: tuple[Field, ...]) -> None:
        key = (type(item), item.id)
        self.touched.add(key)
        self._counted.add(key)
        raw: Any = item
        stamp = plans.model.by_name.get("updated_at")
        if stamp is not None and stamp.stamp:
            raw._updated_at = self._clock()
            fields = (*(f for f in fields if f.name != "updated_at"), stamp)
        values = plans.objects.values(item)
        if fields or plans.model.version is not None:
            statement = plans.update(tuple(f for f in fields if f.stamp != "version"))
            try:
                touched = await self._session.run(statement.sql, statement.bind(Environment(values)))
            except ReferenceViolated as error:
                raise self._doubted(error, plans, [item]) from error
            if touched != 1:
                raise StaleRow(item)
        if plans.model.version is not None:
            raw._version += 1
        for field in plans.objects.many:
            if self._links_changed(key, item, field):
                await self._link(plans, key, item, field)
        self._before[key] = plans.objects.snapshot(item)

    async def _delete(self, plans: EntityPlans, item: Entity) -> None:
        statement = plans.delete
        try:
            touched = await self._session.run(statement.sql, statement.bind(Environment(plans.objects.values(item))))
        except ReferenceViolated as error:
            raise ReferenceViolated(error.table, error.columns, False) from error
        if touched != 1:
            raise StaleRow(item)
        key = (type(item), item.id)
        self.touched.add(key)
        self._gone.pop(key)
        self._forget(key)

    def _forget(self, key: Key) -> None:
        """The row is gone, and with it its parts."""
        self._known.pop(key, None)
        self._before.pop(key, None)
        self._links.pop(key, None)
        for part in self._plans[key[0]].model.parts:
            for other in [k for k, item in self._known.items() if k[0] is part.entity and getattr(item, part.field) == key[1]]:
                self._forget(other)

    def _doubted(self, error: ReferenceViolated, plans: EntityPlans, items: Iterable[Entity]) -> ReferenceViolated:
        """The error as it is where the database says which reference it is about, else with the candidates."""
        if error.columns or error.missing is False:
            return error
        return ReferenceInDoubt([s for item in items for s in suspects(plans.model, self._referring(plans, item), self._is_known)])

    def _is_known(self, entity: type[Entity], key: Any) -> bool:
        return (entity, key) in self._known

    def _referring(self, plans: EntityPlans, item: Entity) -> dict[str, Any]:
        return {f.name: getattr(item, f.name) for f in plans.model.fields if f.target is not None}

    # --- many-references ----------------------------------------------------------------------------------------------

    async def load_links(self, entity: type[Entity], items: Iterable[Entity], *, again: bool = False) -> None:
        """Fill the many-references of freshly loaded objects: one statement a field.

        `again`: also of rows that are known, to `renew` them.
        """
        plans = self._plans[entity]
        by_id = {item.id: item for item in items if again or (entity, item.id) not in self._links}
        for field in plans.objects.many if by_id else ():
            statement = self._plans.statements.links(entity, field)
            found: dict[Any, list[Any]] = {key: [] for key in by_id}
            for owner, other in await self._session.rows(statement.sql, statement.bind(Environment({"ids": list(by_id)}))):
                found[type_of(plans, owner)].append(type_of_target(self._plans, field, other))
            for key, item in by_id.items():
                setattr(item, field.name, list(found[key]))
                self._links.setdefault((entity, key), {})[field.name] = found[key]

    async def _link(self, plans: EntityPlans, key: Key, item: Entity, field: Field) -> None:
        statements = self._plans.statements
        targets = list(dict.fromkeys(getattr(item, field.name) or []))
        if self._links.get(key, {}).get(field.name):
            clear = statements.unlink(plans.entity, field)
            await self._session.run(clear.sql, clear.bind(Environment({"id": item.id})))
        if targets:
            link = statements.link(plans.entity, field)
            rows = [link.bind(Environment({"id": item.id, "other": target})) for target in targets]
            try:
                await self._session.run_many(link.sql, rows)
            except ReferenceViolated as error:
                raise self._doubted(error, plans, [item]) from error
        self._links.setdefault(key, {})[field.name] = targets


def type_of(plans: EntityPlans, value: Any) -> Any:
    """An id as its Python value: SQLite gives UUIDs as text."""
    return plans.model.id_type(value) if isinstance(value, str) else value


def type_of_target(plans: Plans, field: Field, value: Any) -> Any:
    """A many-reference's target id as its Python value."""
    assert field.target is not None
    return type_of(plans[field.target], value)


def _runs(items: list[Entity]) -> list[tuple[type[Entity], list[Entity]]]:
    """Consecutive objects of one class, together: a bulk insert each."""
    runs: list[tuple[type[Entity], list[Entity]]] = []
    for item in items:
        if runs and runs[-1][0] is type(item):
            runs[-1][1].append(item)
        else:
            runs.append((type(item), [item]))
    return runs
