"""The statements that operations run, with the access table's read rules woven in; each is made once and remembered by what it asks."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from backwright.data.engines.engine import Dialect
from backwright.data.ids import IntegerIds, new_uuid
from backwright.data.plans import Plans
from backwright.data.sql.statements import Page, Statement
from backwright.domain.capture import captured_values
from backwright.domain.entity import Entity
from backwright.domain.lowering import lower
from backwright.domain.model import Field, Kind, Model
from backwright.domain.predicate import (
    NEVER,
    Captured,
    Compare,
    Constant,
    Exists,
    Predicate,
    RowField,
    captured_names,
    conjunction,
    relational,
)  # fmt: skip
from backwright.operations.rules import Rule
from backwright.operations.sql import RawStatements

MOST_STATEMENTS = 2_000


class Library:
    """Statements by what they ask. `read` holds the read rule of every entity that the access table names."""

    def __init__(self, model: Model, dialect: Dialect, read: Mapping[type[Entity], Rule]) -> None:
        self.model = model
        self.dialect: Dialect = dialect
        self.read = dict(read)
        self.plans = Plans(model, dialect, self.guard)
        self.raw = RawStatements(dialect)
        self.integers = IntegerIds(model)
        self._made: OrderedDict[Any, Statement] = OrderedDict()
        self._conditions: dict[Any, tuple[Predicate, tuple[str, ...]]] = {}
        self._independent: dict[tuple[type[Entity], bool], bool] = {}

    def guard(self, entity: type[Entity]) -> Predicate | None:
        """An entity's read rule where another representation expands it: the caller's part included, a part by the rule of its whole."""
        rule = self.read.get(entity)
        whole = self.model[entity].whole
        if rule is None and whole is not None and whole.target is not None:
            outer = self.guard(whole.target)
            mine = Compare("eq", RowField("id", 1), RowField(whole.name))
            return None if outer is None else Exists(whole.target, 1, conjunction(mine, deeper(outer)))
        return NEVER if rule is None else rule.condition

    def rule(self, entity: type[Entity], *, trusted: bool) -> Predicate | None:
        """The condition under which a user's operation sees a row. Entities outside the access table are the operation's own affair."""
        rule = None if trusted else self.read.get(entity)
        return rule.condition if rule else None

    def new_id(self, entity: type[Entity]) -> Any:
        """An id for a new row."""
        return self.integers.take(entity) if self.model[entity].id_type is int else new_uuid()

    def load(self, entity: type[Entity], *, lock: bool, trusted: bool) -> Statement:
        """Rows by their ids."""
        rule = self.rule(entity, trusted=trusted)
        return self.made(("load", entity, lock, rule), lambda: self.plans.statements.load(entity, lock=lock, rule=rule))

    def independent(self, entity: type[Entity], *, trusted: bool) -> bool:
        """Whether a row read by its id is the same before and after other rows were added or changed: no counter, no rule over others."""
        key = (entity, trusted)
        known = self._independent.get(key)
        if known is None:
            rule = self.rule(entity, trusted=trusted)
            counted = any(f.counter and f.counter.entity is entity for m in self.model.in_order for f in m.fields)
            known = self._independent[key] = not counted and (rule is None or not relational(rule))
        return known

    def find(self, entity: type[Entity], page: Page, *, lock: bool, limited: bool, trusted: bool) -> Statement:
        """Rows by condition."""
        rule = self.rule(entity, trusted=trusted)
        make = self.plans.statements.find
        return self.made(("find", entity, page, lock, limited, rule), lambda: make(entity, page, rule, lock=lock, limited=limited))

    def count(self, entity: type[Entity], page: Page, *, trusted: bool) -> Statement:
        """How many rows satisfy a condition."""
        rule = self.rule(entity, trusted=trusted)
        return self.made(("count", entity, page, rule), lambda: self.plans.statements.count(entity, page, rule))

    def delete_all(self, entity: type[Entity], page: Page, *, trusted: bool) -> Statement:
        """Delete by condition."""
        rule = self.rule(entity, trusted=trusted)
        return self.made(("delete", entity, page, rule), lambda: self.plans.statements.delete_all(entity, page, rule))

    def update_all(self, entity: type[Entity], fields: tuple[Field, ...], page: Page, *, trusted: bool) -> Statement:
        """Set fields by condition."""
        rule = self.rule(entity, trusted=trusted)
        return self.made(("update", entity, fields, page, rule), lambda: self.plans.statements.update_all(entity, fields, page, rule))

    def made(self, key: Any, make: Callable[[], Statement]) -> Statement:
        """The statement of this key; the least used are forgotten when there are too many."""
        statement = self._made.get(key)
        if statement is None:
            statement = self._made[key] = make()
            if len(self._made) > MOST_STATEMENTS:
                self._made.popitem(last=False)
        return statement

    # --- lambdas ------------------------------------------------------------------------------------------------------

    def condition(self, entity: type[Entity], condition: Callable[[Any], bool], number: int) -> tuple[Predicate, dict[str, Any]]:
        """A lambda as a predicate, with the values that it captured now; `number` keeps the names of several apart."""
        key = (condition.__code__, entity, number)
        known = self._conditions.get(key)
        if known is None:
            lowered = lower(condition, rows=(entity,), model=self.model).predicate
            known = self._conditions[key] = rename(lowered, f"q{number}_"), captured_names(lowered)
        predicate, names = known
        return predicate, {f"q{number}_{name}": value for name, value in captured_values(condition, names).items()}

    def field(self, entity: type[Entity], pick: Callable[[Any], object]) -> Field:
        """The field that a lambda names: ``lambda book: book.price``."""
        return self._named(entity, pick(_Names()))

    def several(self, entity: type[Entity], pick: Callable[[Any], object]) -> tuple[Field, ...]:
        """The fields that a lambda names, alone or as a tuple: ``lambda book: (book.title, book.subtitle)``."""
        named = pick(_Names())
        names = cast("tuple[object, ...]", named) if isinstance(named, tuple) else (named,)
        return tuple(self._named(entity, name) for name in names)

    def _named(self, entity: type[Entity], name: object) -> Field:
        plans = self.plans[entity]
        field = plans.objects.id if name == "id" else plans.model.by_name.get(str(name))
        if field is None:
            raise LookupError(f"{entity.__name__} has no field {name!r}")
        return field

    def reference(self, entity: type[Entity], pick: Callable[[Any], object]) -> Field:
        """The reference that a lambda names."""
        field = self.field(entity, pick)
        if field.kind is not Kind.REFERENCE:
            raise LookupError(f"{entity.__name__}.{field.name} is not a reference")
        return field


class _Names:
    def __getattr__(self, name: str) -> str:
        return name


def rename(predicate: Predicate, prefix: str) -> Predicate:
    """The predicate with every name that is given when it runs prefixed."""
    return changed(
        predicate, lambda node: replace(node, name=prefix + node.name) if isinstance(node, Captured) and node.origin is None else node
    )


def deeper(predicate: Predicate) -> Predicate:
    """The predicate inside one more `Exists`: each row variable is the next one."""

    def shift(node: Any) -> Any:
        if isinstance(node, RowField | Exists):
            return replace(node, variable=node.variable + 1)
        return node

    return changed(predicate, shift)


def changed(predicate: Predicate, change: Callable[[Any], Any]) -> Predicate:
    """The predicate with `change` applied to every node and value in it."""

    def walk(node: Any) -> Any:
        if isinstance(node, tuple):
            parts: tuple[Any, ...] = node  # pyright: ignore[reportUnknownVariableType]
            return tuple(walk(part) for part in parts)
        if is_dataclass(node) and not isinstance(node, type | Constant):
            return change(replace(node, **{f.name: walk(getattr(node, f.name)) for f in fields(node)}))
        return node

    return walk(predicate)  # type: ignore[no-any-return]
