"""The statements that operations run, with the access table's read rules woven in; each is made once and remembered by what it asks."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from backwright.data.engines.engine import Dialect
from backwright.data.ids import IntegerIds, new_uuid
from backwright.data.plans import Plans
from backwright.data.sql.statements import Page, Statement
from backwright.domain.capture import captured_values
from backwright.domain.entity import Entity
from backwright.domain.lowering import lower
from backwright.domain.model import Field, Kind, Model
from backwright.domain.predicate import NEVER, Captured, Predicate, captured_names
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

    def guard(self, entity: type[Entity]) -> Predicate | None:
        """The row part of an entity's read rule as other representations see it: a part is read by its whole's rule, which was judged."""
        whole = self.model[entity].whole
        if whole is not None and entity not in self.read:
            return None
        rule = self.read.get(entity)
        return NEVER if rule is None else rule.predicate

    def rule(self, entity: type[Entity], *, trusted: bool) -> Predicate | None:
        """The condition under which a user's operation sees a row. Entities outside the access table are the operation's own affair."""
        rule = None if trusted else self.read.get(entity)
        return rule.predicate if rule else None

    def new_id(self, entity: type[Entity]) -> Any:
        """An id for a new row."""
        return self.integers.take(entity) if self.model[entity].id_type is int else new_uuid()

    def load(self, entity: type[Entity], *, lock: bool, trusted: bool) -> Statement:
        """Rows by their ids."""
        rule = self.rule(entity, trusted=trusted)
        return self.made(("load", entity, lock, rule), lambda: self.plans.statements.load(entity, lock=lock, rule=rule))

    def find(self, entity: type[Entity], page: Page, *, lock: bool, limited: bool, trusted: bool) -> Statement:
        """Rows by condition."""
        rule = self.rule(entity, trusted=trusted)
        make = self.plans.statements.find
        return self.made(("find", entity, page, lock, limited, rule), lambda: make(entity, page, rule, lock=lock, limited=limited))

    def count(self, entity: type[Entity], page: Page, *, trusted: bool) -> Statement:
        """How many rows satisfy a condition."""
        rule = self.rule(entity, trusted=trusted)
        return self.made(("count", entity, page, rule), lambda: self.plans.statements.count(entity, page, rule))

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
        name = pick(_Names())
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
    """The predicate with every captured name prefixed."""
    from dataclasses import fields, is_dataclass, replace

    def walk(node: Any) -> Any:
        if isinstance(node, Captured):
            return replace(node, name=prefix + node.name)
        if isinstance(node, tuple):
            return tuple(walk(part) for part in node)
        if is_dataclass(node) and not isinstance(node, type):
            changes = {f.name: walk(getattr(node, f.name)) for f in fields(node) if f.name not in ("entity", "value") or is_dataclass(getattr(node, f.name))}
            return replace(node, **changes)
        return node

    return walk(predicate)  # type: ignore[no-any-return]
