"""What a user's operation is given: one transaction, seen with the caller's eyes.

What it locks or gets it may change; the differences are written when it ends. Reads obey the read rules of the access table, so a
stranger's order is not found; `trusted` looks past them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, LiteralString, Self, TypeVar, cast, overload

from backwright.data.engines.engine import Session
from backwright.data.outbox import message
from backwright.data.plans import EntityPlans
from backwright.data.sql.parameters import Environment
from backwright.data.sql.statements import Condition, Page, SortKey, Statement
from backwright.data.unit import Unit
from backwright.domain.entity import Entity
from backwright.domain.events import Event
from backwright.domain.fields import Id
from backwright.domain.predicate import Predicate, conjunction
from backwright.domain.refusals import NotFound, Unauthenticated
from backwright.operations.call import Call
from backwright.operations.library import Library
from backwright.operations.sql import RawStatements

E = TypeVar("E", bound=Entity)
O = TypeVar("O", bound=Entity)  # noqa: E741  # the other side of a reference
C = TypeVar("C", covariant=True)
R = TypeVar("R")


class Transaction(Generic[C]):
    """All or nothing, database only. ``Transaction[Customer]`` needs a signed-in customer, with ``Customer | None`` anybody may come."""

    def __init__(self, session: Session, unit: Unit, library: Library, call: Call, *, trusted: bool = False) -> None:
        self._session = session
        self._unit = unit
        self._library = library
        self._call = call
        self._all = trusted

    @property
    def caller(self) -> C:
        """The account of whoever asks. Raises `Unauthenticated` where an account is needed and nobody is signed in."""
        if self._call.caller.account is None and not self._call.anonymous_allowed:
            raise Unauthenticated()
        return cast(C, self._call.caller.account)

    @property
    def now(self) -> datetime:
        """The time of this transaction (UTC): the same throughout."""
        return self._call.request.time

    @property
    def trusted(self) -> Self:
        """The same transaction without the caller's read rules: for what the operation must see and the caller need not."""
        return type(self)(self._session, self._unit, self._library, self._call, trusted=True)

    # --- writing ------------------------------------------------------------------------------------------------------

    def add(self, item: E) -> E:
        """Insert a new row when the transaction ends, or at a read that may need it. It has its id at once."""
        self._unit.add(item)
        return item

    def add_many(self, items: Iterable[E]) -> list[E]:
        """Insert many rows; those of one entity go in one bulk statement."""
        return [self.add(item) for item in items]

    def delete(self, item: Entity) -> None:
        """Delete a row; its parts go with it."""
        self._unit.remove(item)

    def emit(self, event: Event) -> None:
        """Promise a domain event: it is sent exactly if this transaction commits."""
        self._unit.add(message(event, self.now))

    async def flush(self) -> None:
        """Write what has changed so far. Reads that this could make a difference to do it by themselves."""
        await self._unit.flush()

    # --- reading by id ------------------------------------------------------------------------------------------------

    async def get(self, entity: type[E], key: Id[E]) -> E:
        """The row with this id. Raises `NotFound`, also where the caller may not read it."""
        return (await self._by_ids(entity, [key], lock=False))[key]

    async def refresh(self, item: E) -> E:
        """Read the row again, into the same object: what triggers or raw SQL have changed is seen. Raises `NotFound` if it is gone."""
        await self._unit.flush()
        plans = self._library.plans[type(item)]
        if not await self._attach(plans, plans.load, self._environment({"ids": [item.id]}), again=True):
            raise NotFound()
        return item

    @overload
    async def lock(self, entity: type[E], keys: Id[E], /) -> E: ...
    @overload
    async def lock(self, entity: type[E], keys: Iterable[Id[E]], /) -> dict[Id[E], E]: ...
    async def lock(self, entity: type[E], keys: Any, /) -> Any:
        """Read rows for change: nobody else changes them before this transaction ends. One id gives the row, several a dict by id.

        Rows are locked in the order of their ids, whatever order was asked for, so that two transactions do not wait for each
        other. Raises `NotFound` if one is missing or the caller may not read it.
        """
        if isinstance(keys, Iterable) and not isinstance(keys, str | bytes):
            return await self._by_ids(entity, list(dict.fromkeys(cast("Iterable[Id[E]]", keys))), lock=True)
        key = cast("Id[E]", keys)
        return (await self._by_ids(entity, [key], lock=True))[key]

    async def many(self, entity: type[E], keys: Iterable[Id[E]]) -> dict[Id[E], E]:
        """The rows with these ids, in one statement. Raises `NotFound` if one is missing or the caller may not read it."""
        return await self._by_ids(entity, list(dict.fromkeys(keys)), lock=False)

    async def related(self, items: Iterable[E], reference: Callable[[E], Id[O] | None]) -> dict[Id[O], O]:
        """Eager loading, made explicit: the rows that `items` refer to, in one statement, by id."""
        rows = list(items)
        if not rows:
            return {}
        field = self._library.reference(type(rows[0]), reference)
        keys = list(dict.fromkeys(key for row in rows if (key := reference(row)) is not None))
        return await self._by_ids(cast("type[O]", field.target), keys, lock=False)

    # --- reading by condition -----------------------------------------------------------------------------------------

    async def find(self, entity: type[E], condition: Callable[[E], bool] | None = None) -> list[E]:
        """The rows that satisfy a condition (a lambda in the language of rules), in order of their ids."""
        query = self.query(entity)
        return await (query.where(condition) if condition else query).all()

    async def first(self, entity: type[E], condition: Callable[[E], bool]) -> E | None:
        """The first row that satisfies a condition, or None."""
        return await self.query(entity).where(condition).first()

    async def count(self, entity: type[E], condition: Callable[[E], bool] | None = None) -> int:
        """How many rows satisfy a condition."""
        query = self.query(entity)
        return await (query.where(condition) if condition else query).count()

    def query(self, entity: type[E]) -> "Query[E]":
        """A typed query: ``await tx.query(Book).where(lambda b: b.stock > 0).order_by(lambda b: b.price).limit(10).all()``."""
        return Query(self, entity)

    async def sql(self, result: type[R], text: LiteralString, /, **values: Any) -> list[R]:
        """Rows of hand-written SQL as values of `result` (a Struct, a dataclass, or a plain type for one column).

        Parameters are written ``:name`` and never become text. Read rules do not apply. Raises `DataError`.
        """
        await self._unit.flush()
        return await self._raw.rows(self._session, result, text, values)

    async def execute(self, text: LiteralString, /, **values: Any) -> int:
        """Run hand-written SQL; returns how many rows it touched. Parameters are written ``:name``."""
        await self._unit.flush()
        return await self._raw.run(self._session, text, values)

    @property
    def _raw(self) -> RawStatements:
        return self._library.raw

    # --- how ----------------------------------------------------------------------------------------------------------

    async def _by_ids(self, entity: type[E], keys: list[Id[E]], *, lock: bool) -> dict[Id[E], E]:
        # Writing early would write in the order of reading, and two who read in different orders would wait for each other.
        again = lock and any(self._unit.known(entity, key) is not None for key in keys)
        if again or self._unit.removing or not self._library.independent(entity, trusted=self._all):
            await self._unit.flush()
        items: dict[Any, Entity] = {} if lock else {key: item for key in keys if (item := self._unit.known(entity, key)) is not None}
        missing = [key for key in keys if key not in items]
        if missing:
            plans = self._library.plans[entity]
            statement = self._library.load(entity, lock=lock, trusted=self._all)
            read = await self._attach(plans, statement, self._environment({"ids": missing}), again=lock)
            items |= {item.id: item for item in read}
        if len(items) < len(keys):
            raise NotFound()
        return {key: cast(E, items[key]) for key in keys}

    async def _attach(self, plans: EntityPlans, statement: Statement, environment: Environment, *, again: bool = False) -> list[Entity]:
        """The objects of the rows read; what is read to be locked has its present values `again`."""
        rows = plans.rows(await self._session.rows(statement.sql, statement.bind(environment)))
        if plans.objects.many:
            await self._unit.load_links(plans.entity, rows, again=again)
        return [self._unit.attach(row, again=again) for row in rows]

    def _environment(self, inputs: Mapping[str, Any], captured: Mapping[str, Any] | None = None) -> Environment:
        return Environment(inputs, self._call.caller.account, self._call.request, captured)


class Query(Generic[E]):
    """One question, put together step by step; nothing is asked before `all`, `first` or `count`."""

    def __init__(self, transaction: Transaction[Any], entity: type[E]) -> None:
        self._tx = transaction
        self._entity = entity
        self._where: list[Predicate] = []
        self._contained: list[Condition] = []
        self._order: list[SortKey] = []
        self._captured: dict[str, Any] = {}
        self._values: dict[str, Any] = {}
        self._lock = False

    def where(self, condition: Callable[[E], bool]) -> Self:
        """Only rows that satisfy the condition; several are joined by and."""
        predicate, captured = self._tx._library.condition(self._entity, condition, len(self._where))  # pyright: ignore[reportPrivateUsage]
        self._where.append(predicate)
        self._captured.update(captured)
        return self

    def containing(self, text: str, fields: Callable[[E], object]) -> Self:
        """Only rows that hold the text, just as it is written, in one of these fields: ``lambda book: (book.title, book.subtitle)``."""
        first, *others = self._tx._library.several(self._entity, fields)  # pyright: ignore[reportPrivateUsage]
        self._values[f"c{len(self._contained)}"] = text
        self._contained.append(Condition(first, "contains", tuple(others)))
        return self

    def order_by(self, field: Callable[[E], object], *, descending: bool = False) -> Self:
        """Sort by a field; further calls sort what is equal. Nulls come last."""
        self._order.append(SortKey(self._tx._library.field(self._entity, field), descending))  # pyright: ignore[reportPrivateUsage]
        return self

    def limit(self, rows: int) -> Self:
        """At most so many rows."""
        self._values["limit"] = rows
        return self

    def offset(self, rows: int) -> Self:
        """Leave out the first so many rows."""
        self._values["offset"] = rows
        return self

    def lock(self) -> Self:
        """Lock the rows for change."""
        self._lock = True
        return self

    async def all(self) -> list[E]:
        """The rows."""
        tx = self._tx
        await tx.flush()
        library = tx._library  # pyright: ignore[reportPrivateUsage]
        statement = library.find(
            self._entity, self._page(), lock=self._lock, limited="limit" in self._values, trusted=tx._all,  # pyright: ignore[reportPrivateUsage]
        )  # fmt: skip
        environment = tx._environment(self._values, self._captured)  # pyright: ignore[reportPrivateUsage]
        return cast("list[E]", await tx._attach(library.plans[self._entity], statement, environment, again=self._lock))  # pyright: ignore[reportPrivateUsage]

    async def first(self) -> E | None:
        """The first row, or None."""
        rows = await self.limit(1).all()
        return rows[0] if rows else None

    async def count(self) -> int:
        """How many rows there are, whatever the limit."""
        tx = self._tx
        await tx.flush()
        statement = tx._library.count(self._entity, self._page(), trusted=tx._all)  # pyright: ignore[reportPrivateUsage]
        environment = tx._environment(self._values, self._captured)  # pyright: ignore[reportPrivateUsage]
        rows: Sequence[Sequence[Any]] = await tx._session.rows(statement.sql, statement.bind(environment))  # pyright: ignore[reportPrivateUsage]
        return int(rows[0][0])

    async def delete(self) -> int:
        """Delete the rows in one statement, their parts with them; returns how many. Objects of this entity read before are forgotten.

        Parts go one by one, so that their wholes count up.
        """
        tx = self._tx
        if tx._library.model[self._entity].whole is not None:  # pyright: ignore[reportPrivateUsage]
            rows = await self.lock().all()
            for row in rows:
                tx.delete(row)
            await tx.flush()
            return len(rows)
        await tx.flush()
        statement = tx._library.delete_all(self._entity, self._page(), trusted=tx._all)  # pyright: ignore[reportPrivateUsage]
        return await self._run(statement)

    async def update(self, **values: Any) -> int:
        """Set fields of the rows in one statement, by name; returns how many rows. Objects of this entity read before are forgotten.

        Parts are changed one by one, so that their wholes count up. Raises ``LookupError`` for a name that is no field.
        """
        tx = self._tx
        await tx.flush()
        model = tx._library.model[self._entity]  # pyright: ignore[reportPrivateUsage]
        if unknown := values.keys() - {f.name for f in model.fields if not f.stamp}:
            raise LookupError(f"{model.name} has no field {', '.join(sorted(unknown))}")
        if model.whole is not None:
            rows = await self.lock().all()
            for row in rows:
                for name, value in values.items():
                    setattr(row, name, value)
            await tx.flush()
            return len(rows)
        stamps = {"updated_at": tx.now} if "updated_at" in model.by_name and model.by_name["updated_at"].stamp else {}
        self._values.update({f"set {name}": value for name, value in (values | stamps).items()})
        fields = tuple(model.by_name[name] for name in values | stamps)
        statement = tx._library.update_all(self._entity, fields, self._page(), trusted=tx._all)  # pyright: ignore[reportPrivateUsage]
        return await self._run(statement)

    async def _run(self, statement: Statement) -> int:
        tx = self._tx
        environment = tx._environment(self._values, self._captured)  # pyright: ignore[reportPrivateUsage]
        rows = await tx._session.run(statement.sql, statement.bind(environment))  # pyright: ignore[reportPrivateUsage]
        tx._unit.forget(self._entity)  # pyright: ignore[reportPrivateUsage]
        return rows

    def _page(self) -> Page:
        where = conjunction(*self._where) if self._where else None
        return Page(tuple(self._contained), tuple(self._order), offset="offset" in self._values, where=where)
