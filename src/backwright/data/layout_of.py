"""From the checked model to the layout of its database. Pure."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from backwright.data.checks import checks
from backwright.data.engines.engine import Dialect
from backwright.data.layout import NOW, Column, Counter, ForeignKey, Index, Layout, Method, Sql, Table, Text, Type, short
from backwright.data.sql.kinds import digits, encoder, scale, stored_kind
from backwright.data.sql.shapes import join_table, literal, quoted
from backwright.domain.model import EntityModel, Field, Kind, Model
from backwright.domain.model import Index as Declared

_STORED_AS = {Kind.LIST: Kind.JSON, Kind.RANGE: Kind.JSON, Kind.POINT: Kind.JSON, Kind.DURATION: Kind.INT}
_RANGES = {"int": ("int8range", "bigint"), "Decimal": ("numrange", "numeric")}


def layout_of(model: Model) -> Layout:
    """All tables of the model, its join tables, and the declared counters."""
    tables: list[Table] = [_table(model, entity) for entity in model.in_order]
    joins = [_join_table(model, entity, f) for entity in model.in_order if not entity.mapped for f in entity.fields if f.kind is Kind.MANY]
    counters = [c for entity in model.in_order if not entity.mapped for c in _counters(model, entity)]
    return Layout((*tables, *joins), tuple(counters))


def _table(model: Model, entity: EntityModel) -> Table:
    fields = [f for f in entity.fields if f.kind is not Kind.MANY]
    columns = (_id(entity), *(_column(f) for f in fields))
    if entity.mapped:
        return Table(entity.table, columns, primary=(entity.id.column,), mapped=True)
    return Table(
        entity.table,
        columns,
        primary=(entity.id.column,),
        checks=tuple(check for f in fields for check in checks(entity.table, f)),
        foreign_keys=tuple(_foreign_key(model, entity.table, f) for f in entity.references()),
        indexes=tuple(_index(entity, index) for index in entity.indexes),
    )


def _id(entity: EntityModel) -> Column:
    return Column(entity.id.column, Type(stored_kind(entity.id)), identity=entity.id_type is int)


def _column(field: Field) -> Column:
    return Column(field.column, stored_type(field), nullable=field.optional, default=existing(field))


def stored_type(field: Field) -> Type:
    """The type of a field's column. Lists, ranges and points are JSON; a duration is a number of microseconds."""
    kind = stored_kind(field)
    if kind is Kind.DECIMAL:
        return Type(kind, digits(field), scale(field))
    return Type(_STORED_AS.get(kind, kind))


def _foreign_key(model: Model, table: str, field: Field) -> ForeignKey:
    assert field.target is not None
    name = short(f"fk_{table}_{field.column}")
    target = model[field.target]
    return ForeignKey(name, field.column, target.table, "CASCADE" if field.part else "RESTRICT", target.id.column)


def _join_table(model: Model, owner: EntityModel, field: Field) -> Table:
    assert field.target is not None
    target = model[field.target]
    name, mine, other = join_table(owner, field)
    ends = ((mine, owner), (other, target))
    return Table(
        name,
        tuple(Column(column, _id(end).type) for column, end in ends),
        primary=(mine, other),
        foreign_keys=tuple(ForeignKey(short(f"fk_{name}_{column}"), column, end.table, "CASCADE", end.id.column) for column, end in ends),
        indexes=(Index(short(f"ix_{name}_{other}"), (other,)),),
    )


def _counters(model: Model, entity: EntityModel) -> Iterator[Counter]:
    for f in entity.references():
        if f.counter is not None:
            target = model[f.counter.entity]
            yield Counter(entity.table, f.column, target.table, target.by_name[f.counter.field].column, target.id.column)


# --- indexes ----------------------------------------------------------------------------------------------------------


def _index(entity: EntityModel, index: Declared) -> Index:
    fields = [entity.by_name[name] for name in index.fields]
    method, expression = _method(index, fields)
    return Index(short(index.name), tuple(f.column for f in fields), index.unique, method, expression)


def _method(index: Declared, fields: list[Field]) -> tuple[Method, str]:
    """The method PostgreSQL has for these columns: a kind that it cannot use there is served by a b-tree."""
    only = fields[0] if len(fields) == 1 else None
    if index.kind == "hash" and only is not None and not index.unique:
        return "hash", ""
    if index.kind == "gin" and all(stored_type(f).kind is Kind.JSON for f in fields):
        return "gin", ""
    if index.kind == "gist" and only is not None and (expression := geometry(only)):
        return "gist", expression
    return "btree", ""


def geometry(field: Field) -> str:
    """The PostgreSQL expression of a point or of a range of numbers that GiST can index; empty for other fields."""
    column = quoted(field.column)
    if field.kind is Kind.POINT:
        return f"point(({column} ->> 'x')::double precision, ({column} ->> 'y')::double precision)"
    if field.kind is Kind.RANGE and (known := _RANGES.get(getattr(field.element, "__name__", ""))):
        make, bound = known
        return f"{make}(({column} ->> 'lower')::{bound}, ({column} ->> 'upper')::{bound})"
    return ""


# --- what rows that are already there get -----------------------------------------------------------------------------


def existing(field: Field) -> Text | None:
    """The declared default as SQL, ``None`` without one."""
    if field.stamp:
        return "1" if field.stamp == "version" else NOW
    value: Any = field.default
    if value is msgspec.NODEFAULT and field.default_factory in (list, dict):
        value = [] if field.default_factory is list else {}
    if value is msgspec.NODEFAULT or value is None:
        return None
    spelled = Sql(_literal(field, value, "postgresql"), _literal(field, value, "sqlite"))
    return spelled.sqlite if spelled.sqlite == spelled.postgresql else spelled


def _literal(field: Field, value: Any, dialect: Dialect) -> str:
    make = encoder(field, dialect)
    stored = make(value) if make is not None else value
    if isinstance(stored, bool):
        return str(stored).upper() if dialect == "postgresql" else str(int(stored))
    if isinstance(stored, int | float) or (dialect == "postgresql" and stored_kind(field) is Kind.DECIMAL):
        return str(stored)
    if isinstance(stored, bytes):
        return rf"'\x{stored.hex()}'" if dialect == "postgresql" else f"X'{stored.hex()}'"
    return literal(str(stored))


_CONSTANT = re.compile(r"-?\d[\d.eE+-]*|'(?:[^']|'')*'|X'[0-9a-f]*'|TRUE|FALSE|now\(\)")


def is_constant(text: str) -> bool:
    """Whether PostgreSQL can add a column with this default without touching the rows."""
    return _CONSTANT.fullmatch(text) is not None
