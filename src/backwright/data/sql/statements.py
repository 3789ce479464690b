"""The statements of one entity: made once, as text with a known order of parameters, for one dialect. Pure.

Names of inputs: a column's value has its field's name; ``id`` is the key; ``ids`` a list of keys; a filter's value is ``c0``,
``c1``…; a keyset position is ``k0``, ``k1``…; ``limit`` and ``offset``.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from backwright.data.engines.engine import Dialect
from backwright.data.sql.exact import parameter
from backwright.data.sql.kinds import array_cast, encoder, placeholder_cast, stored_kind
from backwright.data.sql.parameters import Environment, Parameters, Slot, binder
from backwright.data.sql.predicates import render
from backwright.data.sql.shapes import Shape, ShapeWriter, join_table, quoted
from backwright.domain.entity import Entity
from backwright.domain.model import EntityModel, Field, Kind, Model, element_of
from backwright.domain.predicate import Operator, Predicate

FilterOperator = Literal["eq", "ne", "lt", "lte", "gt", "gte", "in", "contains", "prefix", "null", "notnull"]
ReadRule = Callable[[type[Entity]], Predicate | None]
"""The row part of an entity's read rule; ``None`` where every row may be read."""

_COMPARE = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_OPERATORS: dict[str, Operator] = {"eq": "eq", "lt": "lt", "lte": "le", "gt": "gt", "gte": "ge"}


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with the function that binds its parameters."""

    name: str
    sql: str
    bind: Callable[[Environment], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a list."""

    field: Field
    operator: FilterOperator
    also: tuple[Field, ...] = ()
    """Further fields: it is enough that one of them compares."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order."""

    field: Field
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list, in which order; the values come when it runs."""

    conditions: tuple[Condition, ...] = ()
    order: tuple[SortKey, ...] = ()
    after: bool = False
    offset: bool = False
    where: Predicate | None = None


class Statements:
    """Makes statements for all entities of a model."""

    def __init__(self, model: Model, dialect: Dialect, read_rule: ReadRule = lambda entity: None) -> None:
        self.model = model
        self.dialect: Dialect = dialect
        self.read_rule = read_rule

    # --- reading as JSON ----------------------------------------------------------------------------------------------

    def one(self, shape: Shape, rule: Predicate | None = None, key: Field | None = None) -> Statement:
        """One row by its key (the id, or a unique field): its JSON text and its version."""
        make = _Maker(self, shape.model)
        text, version = make.shape(shape), make.version()
        joins = make.joins()
        where = make.where([make.compare(key or make.id, "=", "id"), make.rule(rule)])
        return make.statement(f"{shape.model.name}.one", f"SELECT {text}, {version} FROM {make.table}{joins}{where}")

    def several(self, shape: Shape) -> Statement:
        """Rows by their ids: JSON text, version, id; no rule, for what the kit wrote itself."""
        make = _Maker(self, shape.model)
        text, version = make.shape(shape), make.version()
        joins = make.joins()
        where = make.where([make.among(make.id, "ids")])
        return make.statement(f"{shape.model.name}.several", f"SELECT {text}, {version}, {make.own_id()} FROM {make.table}{joins}{where}")

    def page(self, shape: Shape, page: Page, rule: Predicate | None = None) -> Statement:
        """A list: JSON text of each row, then the values of the sort keys (for the cursor)."""
        make = _Maker(self, shape.model)
        text = make.shape(shape)
        joins = make.joins()
        keys = make.sort_keys(page.order)
        where = make.where(
            [*make.filters(page.conditions), make.rule(page.where), make.rule(rule), make.keyset(keys) if page.after else None]
        )
        order = ", ".join(f"{key.sql} DESC" if key.descending else key.sql for key in keys)
        limit = make.bare("limit", "::bigint")
        offset = f" OFFSET {make.bare('offset', '::bigint')}" if page.offset else ""
        columns = ", ".join([text, *(key.sql for key in keys)])
        sql = f"SELECT {columns} FROM {make.table}{joins}{where} ORDER BY {order} LIMIT {limit}{offset}"
        return make.statement(f"{shape.model.name}.page", sql)

    def count(self, entity: type[Entity], page: Page, rule: Predicate | None = None) -> Statement:
        """How many rows a list has in all."""
        make = _Maker(self, self.model[entity])
        where = make.where([*make.filters(page.conditions), make.rule(page.where), make.rule(rule)])
        return make.statement(f"{make.model.name}.count", f"SELECT count(*) FROM {make.table}{where}")

    # --- reading as objects -------------------------------------------------------------------------------------------

    def load(self, entity: type[Entity], *, lock: bool = False, rule: Predicate | None = None) -> Statement:
        """Rows by ids, every stored column in the order of `columns`, in order of id; locked for change if asked."""
        make = _Maker(self, self.model[entity])
        where = make.where([make.among(make.id, "ids"), make.rule(rule)])
        suffix = " FOR UPDATE OF t" if lock and self.dialect == "postgresql" else ""
        sql = f"SELECT {make.columns()} FROM {make.table}{where} ORDER BY {make.own_id()}{suffix}"
        return make.statement(f"{make.model.name}.load", sql)

    def find(
        self, entity: type[Entity], page: Page, rule: Predicate | None = None, *, lock: bool = False, limited: bool = False
    ) -> Statement:
        """Rows that satisfy conditions, every stored column."""
        make = _Maker(self, self.model[entity])
        keys = make.sort_keys(page.order)
        where = make.where([*make.filters(page.conditions), make.rule(page.where), make.rule(rule)])
        order = ", ".join(f"{key.sql} DESC" if key.descending else key.sql for key in keys)
        limit = f" LIMIT {make.bare('limit', '::bigint')}" if limited else ""
        if page.offset and not limited and self.dialect == "sqlite":
            limit = " LIMIT -1"  # it takes no OFFSET alone
        offset = f" OFFSET {make.bare('offset', '::bigint')}" if page.offset else ""
        suffix = " FOR UPDATE OF t" if lock and self.dialect == "postgresql" else ""
        sql = f"SELECT {make.columns()} FROM {make.table}{where} ORDER BY {order}{limit}{offset}{suffix}"
        return make.statement(f"{make.model.name}.find", sql)

    def judged(self, entity: type[Entity], rules: Sequence[Predicate | None], *, lock: bool = False, key: Field | None = None) -> Statement:
        """For one row by its key: the stored columns, then whether each rule holds; without a rule it holds."""
        make = _Maker(self, self.model[entity])
        verdicts = "".join(f", {make.rule(rule) or 'true'}" for rule in rules)
        where = make.where([make.compare(key or make.id, "=", "id")])
        suffix = " FOR UPDATE OF t" if lock and self.dialect == "postgresql" else ""
        return make.statement(f"{make.model.name}.judged", f"SELECT {make.columns()}{verdicts} FROM {make.table}{where}{suffix}")

    # --- writing ------------------------------------------------------------------------------------------------------

    def insert(self, entity: type[Entity], fields: Iterable[Field], shape: Shape | None = None) -> Statement:
        """One new row; with a shape it answers the JSON text, the version and the id."""
        make = _Maker(self, self.model[entity])
        make.alias = quoted(make.model.table)  # SQLite's RETURNING does not know an alias
        given = list(fields)
        columns = ", ".join(quoted(f.column) for f in given)
        values = ", ".join(make.value(f) for f in given)
        body = f"({columns}) VALUES ({values})" if given else "DEFAULT VALUES"
        returning = f" RETURNING {make.shape(shape)}, {make.version()}, {make.own_id()}" if shape else ""
        return make.statement(f"{make.model.name}.insert", f"INSERT INTO {quoted(make.model.table)} {body}{returning}")

    def update(self, entity: type[Entity], fields: Iterable[Field]) -> Statement:
        """Change some columns of the row with this id; a kept version counts up, and must still be the one that was read."""
        make = _Maker(self, self.model[entity])
        changes = [f"{quoted(f.column)} = {make.value(f)}" for f in fields]
        wheres = [make.this_row()]
        if version := make.model.version:
            changes.append(f"{quoted(version.column)} = {quoted(version.column)} + 1")
            wheres.append(f"{quoted(version.column)} = {make.value(version, name='version')}")
        sql = f"UPDATE {quoted(make.model.table)} SET {', '.join(changes)} WHERE {' AND '.join(wheres)}"
        return make.statement(f"{make.model.name}.update", sql)

    def touch(self, entity: type[Entity]) -> Statement | None:
        """Count up what the kit keeps of the row with this id, whatever its version was; None if it keeps nothing."""
        make = _Maker(self, self.model[entity])
        stamp, version = make.model.by_name.get("updated_at"), make.model.version
        changes = [f"{quoted(version.column)} = {quoted(version.column)} + 1"] if version is not None else []
        changes += [f"{quoted(stamp.column)} = {make.value(stamp)}"] if stamp is not None and stamp.stamp else []
        if not changes:
            return None
        sql = f"UPDATE {quoted(make.model.table)} SET {', '.join(changes)} WHERE {make.this_row()}"
        return make.statement(f"{make.model.name}.touch", sql)

    def delete(self, entity: type[Entity]) -> Statement:
        """Delete the row with this id, if its version is still the one that was read."""
        make = _Maker(self, self.model[entity])
        wheres = [make.this_row()]
        if version := make.model.version:
            wheres.append(f"{quoted(version.column)} = {make.value(version, name='version')}")
        return make.statement(f"{make.model.name}.delete", f"DELETE FROM {quoted(make.model.table)} WHERE {' AND '.join(wheres)}")

    def delete_all(self, entity: type[Entity], page: Page, rule: Predicate | None = None) -> Statement:
        """Delete every row that satisfies the conditions."""
        make = _Maker(self, self.model[entity])
        where = make.where([*make.filters(page.conditions), make.rule(page.where), make.rule(rule)])
        sql = f"DELETE FROM {quoted(make.model.table)} WHERE {make.key} IN (SELECT {make.own_id()} FROM {make.table}{where})"
        return make.statement(f"{make.model.name}.delete_all", sql)

    def update_all(self, entity: type[Entity], fields: Iterable[Field], page: Page, rule: Predicate | None = None) -> Statement:
        """Set fields of every row that satisfies the conditions; a kept version counts up."""
        make = _Maker(self, self.model[entity])
        changes = [f"{quoted(f.column)} = {make.value(f, name=f'set {f.name}')}" for f in fields]
        if version := make.model.version:
            changes.append(f"{quoted(version.column)} = {quoted(version.column)} + 1")
        where = make.where([*make.filters(page.conditions), make.rule(page.where), make.rule(rule)])
        chosen = f"SELECT {make.own_id()} FROM {make.table}{where}"
        sql = f"UPDATE {quoted(make.model.table)} SET {', '.join(changes)} WHERE {make.key} IN ({chosen})"
        return make.statement(f"{make.model.name}.update_all", sql)

    def link(self, entity: type[Entity], field: Field) -> Statement:
        """One row of a many-reference's table: ``id`` and ``other``."""
        make = _Maker(self, self.model[entity])
        table, mine, other = join_table(make.model, field)
        values = f"{make.value(make.id, name='id')}, {make.value(self.target_id(field), name='other')}"
        return make.statement(f"{make.model.name}.link", f"INSERT INTO {quoted(table)} ({quoted(mine)}, {quoted(other)}) VALUES ({values})")

    def unlink(self, entity: type[Entity], field: Field) -> Statement:
        """Remove every row of a many-reference of the owner ``id``."""
        make = _Maker(self, self.model[entity])
        table, mine, _ = join_table(make.model, field)
        return make.statement(
            f"{make.model.name}.unlink", f"DELETE FROM {quoted(table)} WHERE {quoted(mine)} = {make.value(make.id, name='id')}"
        )

    def links(self, entity: type[Entity], field: Field) -> Statement:
        """The owners and targets of a many-reference, for the owners in ``ids``."""
        make = _Maker(self, self.model[entity])
        table, mine, other = join_table(make.model, field)
        where = make.among_column(f"t.{quoted(mine)}", make.id, "ids")
        sql = f"SELECT t.{quoted(mine)}, t.{quoted(other)} FROM {quoted(table)} t WHERE {where} ORDER BY 1, 2"
        return make.statement(f"{make.model.name}.links", sql)

    def target_id(self, field: Field) -> Field:
        """The id of what a reference refers to, as a field."""
        assert field.target is not None
        return self.model[field.target].id

    def columns(self, entity: type[Entity]) -> tuple[Field, ...]:
        """The stored columns in the order in which `load` and `find` select them: the id first."""
        model = self.model[entity]
        return (model.id, *(f for f in model.fields if f.kind is not Kind.MANY))


@dataclass(frozen=True, slots=True)
class _Key:
    sql: str
    descending: bool
    field: Field
    flag: bool = False
    """Whether this is the null flag in front of a nullable key: nulls come last."""


class _Maker:
    """One statement in the making."""

    def __init__(self, home: Statements, model: EntityModel) -> None:
        self.home = home
        self.model = model
        self.dialect: Dialect = home.dialect
        self.parameters = Parameters(home.dialect)
        self.writer = ShapeWriter(home.dialect, self._guard)
        self.id = model.id
        self.key = quoted(model.id.column)
        self.table = f"{quoted(model.table)} t"
        self.alias = "t"

    def statement(self, name: str, sql: str) -> Statement:
        return Statement(name, sql, binder(self.parameters.slots))

    def shape(self, shape: Shape) -> str:
        return self.writer.text(shape, self.alias)

    def joins(self) -> str:
        return "".join(" " + join for join in self.writer.joins)

    def version(self) -> str:
        return f"{self.alias}.{quoted(self.model.version.column)}" if self.model.version else "NULL"

    def own_id(self) -> str:
        return f"{self.alias}.{self.key}"

    def this_row(self) -> str:
        return f"{self.key} = {self.value(self.id)}"

    def columns(self) -> str:
        return ", ".join(f"t.{quoted(f.column)}" for f in self.home.columns(self.model.entity))

    def where(self, conditions: Sequence[str | None]) -> str:
        real = [c for c in conditions if c]
        return " WHERE " + " AND ".join(real) if real else ""

    def rule(self, rule: Predicate | None) -> str | None:
        if rule is None:
            return None
        return render(rule, model=self.home.model, entity=self.model.entity, dialect=self.dialect, alias="t", parameters=self.parameters)

    def _guard(self, entity: type[Entity], alias: str) -> str | None:
        rule = self.home.read_rule(entity)
        if rule is None:
            return None
        return render(rule, model=self.home.model, entity=entity, dialect=self.dialect, alias=alias, parameters=self.parameters)

    def value(self, field: Field, name: str | None = None) -> str:
        return self.parameters.add(
            Slot("input", name or field.name, encode=encoder(field, self.dialect)), placeholder_cast(field, self.dialect)
        )

    def bound(self, field: Field, operator: Operator, name: str) -> str:
        """A value to compare with; a decimal may have more digits than its column."""
        encode = parameter(field, self.dialect, operator) if field.kind is Kind.DECIMAL else encoder(field, self.dialect)
        return self.parameters.add(Slot("input", name, encode=encode), placeholder_cast(field, self.dialect))

    def bare(self, name: str, cast: str = "") -> str:
        return self.parameters.add(Slot("input", name), cast)

    def compare(self, field: Field, operator: str, name: str) -> str:
        return f"t.{quoted(field.column)} {operator} {self.value(field, name)}"

    def among(self, field: Field, name: str) -> str:
        return self.among_column(f"t.{quoted(field.column)}", field, name)

    def among_column(self, column: str, field: Field, name: str) -> str:
        encode = encoder(field, self.dialect)
        if self.dialect == "postgresql":
            many = self.parameters.add(Slot("input", name, encode=_each(encode)), array_cast(field, self.dialect))
            return f"{column} = any({many})"
        many = self.parameters.add(Slot("input", name, encode=_json_list(encode)))
        return f"{column} IN (SELECT value FROM json_each({many}))"

    def filters(self, conditions: Sequence[Condition]) -> list[str]:
        named = [(condition, f"c{n}") for n, condition in enumerate(conditions)]
        lists = {c.field.name: c.field for c, _ in named if c.field.kind is Kind.LIST}
        plain = [self.filter(c, name) for c, name in named if c.field.name not in lists]
        return [*plain, *(self.some_item(f, [(c, name) for c, name in named if c.field.name == key]) for key, f in lists.items())]

    def some_item(self, field: Field, conditions: Sequence[tuple[Condition, str]]) -> str:
        """Whether one item of a list satisfies all that is asked of it: ``from`` and ``to`` mean the same item."""
        item = element_of(field)
        if self.dialect == "sqlite":
            rows, value = f"json_each(t.{quoted(field.column)}) e", "e.value"
        else:
            rows = f"jsonb_array_elements_text(t.{quoted(field.column)}) AS e(value)"
            value = f"(e.value{placeholder_cast(item, self.dialect)})" + (' COLLATE "C"' if stored_kind(item) is Kind.TEXT else "")
        asked = (f"{value} {_COMPARE[c.operator]} {self.bound(item, _OPERATORS[c.operator], name)}" for c, name in conditions)
        return f"EXISTS (SELECT 1 FROM {rows} WHERE {' AND '.join(asked)})"

    def filter(self, condition: Condition, name: str) -> str:
        if condition.also:
            fields = (condition.field, *condition.also)
            return f"({' OR '.join(self.filter(Condition(f, condition.operator), name) for f in fields)})"
        field, column = condition.field, f"t.{quoted(condition.field.column)}"
        match condition.operator:
            case "null":
                return f"{column} IS NULL"
            case "notnull":
                return f"{column} IS NOT NULL"
            case "in":
                return self.among(field, name)
            case "ne":
                distinct = "IS DISTINCT FROM" if self.dialect == "postgresql" else "IS NOT"
                return f"{column} {distinct} {self.bound(field, 'ne', name)}"
            case "contains":
                return f"{'strpos' if self.dialect == 'postgresql' else 'instr'}({column}, {self.value(field, name)}) > 0"
            case "prefix":
                value = self.value(field, name)
                return f"substr({column}, 1, length({value})) = {value}"
            case operator:
                return f"{column} {_COMPARE[operator]} {self.bound(field, _OPERATORS[operator], name)}"

    def sort_keys(self, order: Sequence[SortKey]) -> list[_Key]:
        """The order, made total by the id, nulls last whichever way."""
        keys: list[_Key] = []
        for key in order:
            column = f"t.{quoted(key.field.column)}"
            if key.field.optional:
                keys.append(_Key(f"({column} IS NULL)", False, key.field, flag=True))
            keys.append(_Key(column, key.descending, key.field))
        if not any(key.field.name == "id" for key in order):
            keys.append(_Key(self.own_id(), bool(order) and order[-1].descending, self.id))
        return keys

    def keyset(self, keys: list[_Key]) -> str:
        """The rows behind a position: by row comparison where the database can use an index for it, else spelled out."""
        values = [self.position(key, f"k{n}") for n, key in enumerate(keys)]
        if len({key.descending for key in keys}) == 1 and not any(key.field.optional for key in keys):
            sign = "<" if keys[0].descending else ">"
            if len(keys) == 1:
                return f"{keys[0].sql} {sign} {values[0]}"
            return f"({', '.join(key.sql for key in keys)}) {sign} ({', '.join(values)})"
        same = "IS NOT DISTINCT FROM" if self.dialect == "postgresql" else "IS"
        steps: list[str] = []
        for n, key in enumerate(keys):
            before = [f"{keys[m].sql} {same} {values[m]}" for m in range(n)]
            steps.append("(" + " AND ".join([*before, f"{key.sql} {'<' if key.descending else '>'} {values[n]}"]) + ")")
        return "(" + " OR ".join(steps) + ")"

    def position(self, key: _Key, name: str) -> str:
        if key.flag:
            return self.bare(name, "::boolean")
        return self.value(key.field, name)


def _each(encode: Callable[[Any], Any] | None) -> Callable[[Any], list[Any]]:
    return list if encode is None else lambda values: [encode(v) for v in values]


def _json_list(encode: Callable[[Any], Any] | None) -> Callable[[Any], str]:

    return lambda values: json.dumps([v if encode is None else encode(v) for v in values])
