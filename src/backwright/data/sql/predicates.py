"""Predicates as SQL for one dialect, with Python's meaning: no condition is ever NULL, and indexes stay usable. Pure.

What needs no row is decided in Python when the statement runs and bound as one boolean, so it cannot differ.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from backwright.data.engines.engine import Dialect
from backwright.data.sql.exact import collection, holds_none, parameter
from backwright.data.sql.kinds import array_cast, placeholder_cast, scale
from backwright.data.sql.parameters import Encode, Environment, Parameters, Slot
from backwright.domain.comparing import REQUEST, field_of
from backwright.domain.entity import Entity
from backwright.domain.judge import judge
from backwright.domain.model import Field, Kind, Model
from backwright.domain.predicate import (
    ALWAYS,
    NEVER,
    And,
    CallerField,
    Captured,
    Compare,
    Constant,
    Exists,
    IsIn,
    IsNone,
    Not,
    Operator,
    Or,
    Predicate,
    RequestField,
    RowField,
    Truth,
    Value,
    about_rows,
    conjunction,
    disjunction,
)  # fmt: skip

_SIGNS: dict[Operator, str] = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_TURNED: dict[Operator, Operator] = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


def render(
    predicate: Predicate,
    *,
    model: Model,
    entity: type[Entity],
    dialect: Dialect,
    alias: str,
    parameters: Parameters,
    others: Mapping[int, tuple[type[Entity], str]] | None = None,
) -> str:
    """The condition on the row of `entity` that goes by `alias`; true or false, never NULL. Adds what it binds to `parameters`.

    `others` gives entity and alias of further row variables.
    """
    rows = {0: (entity, alias), **(others or {})}
    return _Writer(model, dialect, parameters, rows).condition(predicate)


class _Writer:
    """Writes one predicate. Every text it returns can stand beside AND, OR and NOT as it is."""

    def __init__(self, model: Model, dialect: Dialect, parameters: Parameters, rows: dict[int, tuple[type[Entity], str]]) -> None:
        self.model, self.parameters, self.rows = model, parameters, rows
        self.dialect: Dialect = dialect
        self.postgresql = dialect == "postgresql"

    def condition(self, predicate: Predicate) -> str:
        if predicate == ALWAYS:
            return "TRUE"
        if predicate == NEVER:
            return "FALSE"
        if not about_rows(predicate):
            return self.parameters.add(Slot("condition", "condition", encode=_decide(predicate)), "::boolean")
        match predicate:
            case And(parts):
                return self.junction(parts, conjunction, " AND ")
            case Or(parts):
                return self.junction(parts, disjunction, " OR ")
            case Not(inner):
                return f"(NOT {self.condition(inner)})"
            case Exists():
                return self.exists(predicate)
            case _:
                return self.leaf(predicate)

    def leaf(self, predicate: Predicate) -> str:
        match predicate:
            case Compare(operator, RowField() as left, right):
                return self.compare(operator, left, right)
            case Compare(operator, left, RowField() as right):
                return self.compare(_TURNED[operator], right, left)
            case IsIn(RowField() as left, Captured() as options):
                return self.among(left, options)
            case IsIn(left, tuple() as options):
                return self.one_of(left, options)
            case IsNone(RowField() as value):
                return f"({self.column(value)} IS NULL)"
            case Truth(RowField() as value):
                return f"({self.column(value)} IS TRUE)" if self.field(value).optional else self.column(value)
            case _:
                raise ValueError(f"{predicate!r} has no meaning in SQL")

    def junction(self, parts: tuple[Predicate, ...], join: Any, word: str) -> str:
        free = [part for part in parts if not about_rows(part)]
        pieces = [self.condition(join(*free))] if free else []
        return "(" + word.join(pieces + [self.condition(part) for part in parts if about_rows(part)]) + ")"

    def exists(self, predicate: Exists) -> str:
        alias = f"{self.rows[0][1]}_x{predicate.variable}"
        inner = _Writer(self.model, self.dialect, self.parameters, self.rows | {predicate.variable: (predicate.entity, alias)})
        table = _quoted(self.model[predicate.entity].table)
        return f"EXISTS (SELECT 1 FROM {table} AS {alias} WHERE {inner.condition(predicate.condition)})"

    # --- comparisons --------------------------------------------------------------------------------------------------

    def compare(self, operator: Operator, left: RowField, right: Value) -> str:
        field, column = self.field(left), self.column(left)
        if isinstance(right, RowField):
            a, b = self.same_scale(left, right)
            nullable = self.field(right).optional
        else:
            a, b = column, self.bound(right, field, operator)
            nullable = self.may_be_none(right)
        if operator not in ("eq", "ne"):
            return _present(f"{self.ordered(field, a)} {_SIGNS[operator]} {b}", (a, field.optional), (b, nullable))
        if not field.optional and not nullable:
            return f"({a} {_SIGNS[operator]} {b})"
        return self.equal(operator, a, b, field.optional, nullable, isinstance(right, RowField))

    def equal(self, operator: Operator, a: str, b: str, a_nullable: bool, b_nullable: bool, columns: bool) -> str:
        """Equality where a side may be NULL. PostgreSQL has no index for IS NOT DISTINCT FROM, so it is spelled out there."""
        if not self.postgresql:
            return f"({a} {'IS' if operator == 'eq' else 'IS NOT'} {b})"
        if operator == "ne" or (columns and a_nullable and b_nullable):
            return f"({a} IS {'NOT DISTINCT' if operator == 'eq' else 'DISTINCT'} FROM {b})"
        same = _present(f"{a} = {b}", (a, a_nullable), (b, b_nullable))
        return f"({same} OR ({a} IS NULL AND {b} IS NULL))" if a_nullable and b_nullable else same

    def one_of(self, left: Value, options: tuple[Value, ...]) -> str:
        if not isinstance(left, RowField):
            return self.condition(disjunction(*(Compare("eq", option, left) for option in options)))
        constants = [option for option in options if isinstance(option, Constant) and option.value is not None]
        rest = [IsNone(left) if option == Constant(None) else Compare("eq", left, option) for option in options if option not in constants]
        pieces = [self.condition(part) for part in rest]
        if constants:
            field, column = self.field(left), self.column(left)
            inside = ", ".join(self.bound(option, field, "eq") for option in constants)
            pieces.insert(0, _present(f"{column} IN ({inside})", (column, field.optional)))
        return "(" + " OR ".join(pieces) + ")" if len(pieces) > 1 else pieces[0]

    def among(self, left: RowField, options: Captured) -> str:
        """Whether a captured collection holds the field's value; None in it is bound apart, because SQL's NULL equals nothing."""
        field, column = self.field(left), self.column(left)
        many = Slot(
            "captured", options.name, options.path, collection(parameter(field, self.dialect, "eq"), self.dialect), guarded=options.guarded
        )
        given = self.parameters.add(many, array_cast(field, self.dialect))
        inside = f"{column} = any({given})" if self.postgresql else f"{column} IN (SELECT value FROM json_each({given}))"
        if not field.optional:
            return f"({inside})"
        none = self.parameters.add(_captured(options, holds_none), "::boolean")
        return f"({_present(inside, (column, True))} OR ({column} IS NULL AND {none}))"

    # --- columns and parameters ---------------------------------------------------------------------------------------

    def field(self, value: RowField) -> Field:
        field = field_of(self.model, self.rows[value.variable][0], value.field)
        if field is None:
            raise ValueError(f"{self.rows[value.variable][0].__name__} has no field {value.field}")
        return field

    def column(self, value: RowField) -> str:
        entity, alias = self.rows[value.variable]
        field = self.field(value)
        column = f"{alias}.{_quoted(field.column)}"
        if self.model[entity].mapped and field.kind in (Kind.TEXT, Kind.ENUM) and not self.postgresql and _is_text(field):
            return f"{column} COLLATE BINARY"
        return column

    def ordered(self, field: Field, column: str) -> str:
        """A column in an ordering: text by code point, also where a mapped table says otherwise."""
        return f'{column} COLLATE "C"' if self.postgresql and _is_text(field) else column

    def same_scale(self, left: RowField, right: RowField) -> tuple[str, str]:
        """Two columns in one unit: decimals are scaled integers on SQLite."""
        places = [scale(f) if f.kind is Kind.DECIMAL else 0 for f in (self.field(left), self.field(right))]
        if self.postgresql or places[0] == places[1]:
            return self.column(left), self.column(right)
        factors = [10 ** (max(places) - n) for n in places]
        a, b = (self.column(v) if f == 1 else f"({self.column(v)} * {f})" for v, f in zip((left, right), factors, strict=True))
        return a, b

    def bound(self, value: Value, field: Field, operator: Operator) -> str:
        encode = parameter(field, self.dialect, operator)
        cast = placeholder_cast(field, self.dialect)
        match value:
            case Constant(constant):
                known = None if constant is None else encode(constant)
                return self.parameters.add(Slot("constant", repr(constant), constant=known), cast)
            case CallerField(name, owner):
                return self.parameters.add(Slot("caller", name, encode=encode, owner=owner), cast)
            case RequestField(name):
                return self.parameters.add(Slot("request", name, encode=encode), cast)
            case Captured():
                return self.parameters.add(_captured(value, encode), cast)
            case RowField():
                return self.column(value)

    def may_be_none(self, value: Value) -> bool:
        match value:
            case Constant(constant):
                return constant is None
            case CallerField(name, owner):
                field = field_of(self.model, owner, name)
                return field is None or field.optional
            case RequestField(name):
                return REQUEST[name].optional
            case _:
                return True


def _present(condition: str, *sides: tuple[str, bool]) -> str:
    """The condition, false where a side that may be NULL is: NULL AND FALSE is FALSE, and an index still serves the condition."""
    return "(" + " AND ".join([condition, *(f"{side} IS NOT NULL" for side, nullable in sides if nullable)]) + ")"


def _captured(value: Captured, encode: Encode) -> Slot:
    return Slot("captured", value.name, value.path, encode, guarded=value.guarded, origin=value.origin)


def _is_text(field: Field) -> bool:
    return field.kind is Kind.TEXT or (field.kind is Kind.ENUM and all(isinstance(member.value, str) for member in field.type))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=4096)
def _decide(predicate: Predicate) -> Any:
    decide = judge(predicate)

    def decided(environment: Environment) -> bool:
        return decide(None, environment.caller, environment.request, environment.captured)

    return decided
