"""The layout as SQLAlchemy tables, and the DDL that SQLAlchemy writes for them. With `data.migrations` the only user of that library."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ForeignKeyConstraint
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import TypeEngine

from backwright.data.counters import create_counter_sql
from backwright.data.engines.engine import Dialect
from backwright.data.layout import Check, Column, ForeignKey, Index, Layout, Table, Type, short, text_for
from backwright.data.layout_of import layout_of
from backwright.data.sql.shapes import quoted
from backwright.domain.model import Kind, Model

_POSTGRESQL: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: sa.TEXT(collation="C"), Kind.INT: sa.BIGINT(), Kind.FLOAT: sa.DOUBLE_PRECISION(), Kind.BOOL: sa.BOOLEAN(),
    Kind.DATE: sa.DATE(), Kind.TIME: sa.TIME(), Kind.DATETIME: sa.TIMESTAMP(timezone=True), Kind.UUID: sa.UUID(),
    Kind.BYTES: postgresql.BYTEA(), Kind.JSON: postgresql.JSONB(),
}  # fmt: skip
_SQLITE: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: sa.TEXT(), Kind.INT: sa.INTEGER(), Kind.FLOAT: sa.REAL(), Kind.DECIMAL: sa.INTEGER(), Kind.BOOL: sa.INTEGER(),
    Kind.DATE: sa.TEXT(), Kind.TIME: sa.TEXT(), Kind.DATETIME: sa.INTEGER(), Kind.UUID: sa.TEXT(), Kind.BYTES: sa.BLOB(),
    Kind.JSON: sa.TEXT(),
}  # fmt: skip
_COMPILERS: dict[Dialect, sa.Dialect] = {"postgresql": postgresql.dialect(), "sqlite": sqlite.dialect()}  # type: ignore[no-untyped-call]


def metadata(model: Model, dialect: Dialect) -> sa.MetaData:
    """The model's tables, with every constraint and index named and every identifier quoted; counters are triggers and not in it."""
    return tables(layout_of(model), dialect)


def create_all_sql(model: Model, dialect: Dialect, *, mapped: bool = False) -> list[str]:
    """The statements, in order, that create a fresh database of the model; ``mapped``: with the tables of mapped entities, for tests."""
    return create_layout_sql(layout_of(model), dialect, mapped=mapped)


def create_layout_sql(layout: Layout, dialect: Dialect, *, mapped: bool = False) -> list[str]:
    """The statements, in order, that create a fresh database of this layout."""
    wanted = [table for table in layout.tables if mapped or not table.mapped]
    statements: list[str] = []
    late: list[str] = []
    made = {table.name for table in layout.tables if table.mapped}
    for table in wanted:
        made.add(table.name)
        early = tuple(key for key in table.foreign_keys if key.target in made or dialect == "sqlite")
        statements += create_table_sql(table, dialect, layout, early)
        late += [add_foreign_key_sql(table.name, key) for key in table.foreign_keys if key not in early]
    counters = [sql for counter in layout.counters for sql in create_counter_sql(counter, dialect)]
    return [*statements, *late, *counters]


def create_table_sql(table: Table, dialect: Dialect, layout: Layout, keys: tuple[ForeignKey, ...] | None = None) -> list[str]:
    """CREATE TABLE with its checks, with `keys` (default: all its foreign keys), and with its indexes."""
    made = _add(table, dialect, sa.MetaData(), layout, table.foreign_keys if keys is None else keys)
    return [_compiled(CreateTable(made), dialect), *(create_index_sql(table.name, index, dialect) for index in table.indexes)]


def create_index_sql(table: str, index: Index, dialect: Dialect, *, concurrently: bool = False) -> str:
    """CREATE INDEX, on PostgreSQL without locking writers out if ``concurrently``."""
    columns: list[sa.Column[Any]] = [sa.Column(_name(name)) for name in index.columns]
    owner = sa.Table(_name(table), sa.MetaData(), *columns)
    return _compiled(CreateIndex(_index(index, owner, dialect, concurrently)), dialect)


def add_foreign_key_sql(table: str, key: ForeignKey) -> str:
    """ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY, for PostgreSQL."""
    target = f"REFERENCES {quoted(key.target)} ({quoted(key.target_column)}) ON DELETE {key.on_delete}"
    return f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {quoted(key.name)} FOREIGN KEY ({quoted(key.column)}) {target}"


def type_sql(type_: Type, dialect: Dialect) -> str:
    """The column type in DDL."""
    return _type(type_, dialect).compile(dialect=_COMPILERS[dialect])


def tables(layout: Layout, dialect: Dialect) -> sa.MetaData:
    """The layout as one `MetaData`."""
    found = sa.MetaData()
    for table in layout.tables:
        _add(table, dialect, found, layout, table.foreign_keys)
    return found


def _add(table: Table, dialect: Dialect, found: sa.MetaData, layout: Layout, keys: tuple[ForeignKey, ...]) -> sa.Table:
    columns = [_column(column, dialect) for column in table.columns]
    primary = sa.PrimaryKeyConstraint(*map(_name, table.primary), name=_name(short(f"pk_{table.name}")))
    checks = [c for check in table.checks if (c := _check(check, dialect)) is not None]
    made = sa.Table(_name(table.name), found, *columns, primary, *checks)
    for key in keys:
        other = made if key.target == table.name else found.tables.get(key.target)
        if other is None:  # the target comes later, or is not asked for: its name and key are all that is needed
            other = sa.Table(_name(key.target), sa.MetaData(), _column(_target_of(layout, key), dialect))
        made.append_constraint(
            ForeignKeyConstraint([_name(key.column)], [other.c[key.target_column]], name=_name(key.name), ondelete=key.on_delete)
        )
    for index in table.indexes:
        _index(index, made, dialect, False)
    return made


def _target_of(layout: Layout, key: ForeignKey) -> Column:
    try:
        return layout.table(key.target).column(key.target_column)
    except KeyError:
        return Column(key.target_column, Type(Kind.UUID))


def _column(column: Column, dialect: Dialect) -> sa.Column[Any]:
    name, type_ = _name(column.name), _type(column.type, dialect)
    if column.identity and dialect == "postgresql":
        return sa.Column(name, type_, sa.Identity(always=False), nullable=column.nullable)
    return sa.Column(name, type_, nullable=column.nullable, autoincrement=False)


def _type(type_: Type, dialect: Dialect) -> TypeEngine[Any]:
    if type_.kind is Kind.DECIMAL and dialect == "postgresql":
        return sa.NUMERIC(type_.digits, type_.scale)
    return (_POSTGRESQL if dialect == "postgresql" else _SQLITE)[type_.kind]


def _check(check: Check, dialect: Dialect) -> sa.CheckConstraint | None:
    text = text_for(check.text, dialect)
    return sa.CheckConstraint(raw(text), name=_name(check.name)) if text else None


def _index(index: Index, table: sa.Table, dialect: Dialect, concurrently: bool) -> sa.Index:
    by_expression = index.expression and dialect == "postgresql"
    what = [raw(index.expression)] if by_expression else [table.c[name] for name in index.columns]
    made = sa.Index(_name(index.name), *what, unique=index.unique, _table=table)
    if dialect == "postgresql":
        made.dialect_options["postgresql"]["using"] = index.method if index.method != "btree" else False
        made.dialect_options["postgresql"]["concurrently"] = concurrently
    return made


def raw(sql: str) -> sa.TextClause:
    """SQL text in which nothing is a parameter."""
    return sa.text(sql.replace(":", "\\:"))


def _name(name: str) -> quoted_name:
    return quoted_name(name, quote=True)


def _compiled(statement: Any, dialect: Dialect) -> str:
    text = str(statement.compile(dialect=_COMPILERS[dialect])).strip().expandtabs(2)
    return "\n".join(line.rstrip() for line in text.splitlines())
