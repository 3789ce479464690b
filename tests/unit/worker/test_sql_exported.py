"""SQL in, the kit's schema out: what is made again is what was asked for, or the account says why not."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.data.engines.engine import Dialect
from backwright.worker.blueprint import Blueprint, FieldPlan
from backwright.worker.exported import exported
from tests.unit.worker.tabled import FORUM, inferred, made, read

DIALECTS: tuple[Dialect, ...] = ("postgresql", "sqlite")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_forum(dialect: Dialect) -> None:
    """Every difference of a whole schema has its reason in the account."""
    blueprint = inferred(FORUM)
    found = exported(read(FORUM), blueprint, made(blueprint, dialect), dialect)
    assert [one for one in found if not one.explained] == []
    assert len(found) > 20


def test_what_is_lost_is_found() -> None:
    """A column, a type, a key, a check and an index that are not made are named: the comparison can fail."""
    text = (
        "CREATE TABLE a (id uuid PRIMARY KEY); CREATE TABLE t (id uuid PRIMARY KEY, n bigint NOT NULL CHECK (n > 0), w text UNIQUE, "
        "a_id uuid REFERENCES a, m text); CREATE INDEX i ON t (n);"
    )
    worse = "CREATE TABLE a (id uuid PRIMARY KEY); CREATE TABLE t (id uuid PRIMARY KEY, n text, w text, a_id uuid);"
    blueprint = inferred(text)
    assert [d for d in exported(read(text), blueprint, made(blueprint, "postgresql"), "postgresql") if not d.explained] == []
    lost = {f"{d.where} {d.what}" for d in exported(read(text), blueprint, worse, "postgresql") if not d.explained}
    assert lost == {
        "column t.n is text instead of bigint", "column t.n may be null", "column t.m is not there", "table t (w) is not unique",
        "foreign key t (a_id) is not there", "check t n > 0 does not ask for gt 0 of n", "index i is not there",
    }  # fmt: skip


TYPES = st.sampled_from(
    ["bigint", "text", "varchar(7)", "numeric(9,2)", "boolean", "date", "time", "timestamptz", "uuid", "bytea", "jsonb", "double precision"]
)
CHECKS = {
    "bigint": ["{0} >= 3", "{0} BETWEEN 1 AND 5", "{0} IN (1, 2)"], "text": ["length({0}) > 1", "{0} IN ('a', 'b c')"],
    "numeric(9,2)": ["{0} < 7.25"],
}  # fmt: skip


@st.composite
def schemas(draw: st.DrawFn) -> str:
    """A small schema as SQL: only what the kit can say, so that nothing may be lost."""
    statements: list[str] = []
    names = draw(st.lists(st.sampled_from(["apples", "pears", "nuts", "plums"]), min_size=1, max_size=3, unique=True))
    for position, name in enumerate(names):
        key = draw(st.sampled_from(["uuid", "bigserial"]))
        inside = [f"id {key} PRIMARY KEY"]
        columns = draw(st.lists(st.sampled_from(["colour", "weight", "shape", "order", "class"]), max_size=4, unique=True))
        for column in columns:
            type_ = draw(TYPES)
            never, single = draw(st.booleans()), draw(st.booleans()) and type_ in ("text", "bigint")
            quoted = f'"{column}"'
            checks = draw(st.lists(st.sampled_from(CHECKS[type_]), max_size=1)) if type_ in CHECKS else []
            asked = [f"CHECK ({check.format(quoted)})" for check in checks]
            inside.append(" ".join([quoted, type_, *["NOT NULL"] * never, *["UNIQUE"] * single, *asked]))
        if position and draw(st.booleans()):
            keys = dict(zip(names, statements[: len(names)], strict=False))
            target = draw(st.sampled_from(names[:position]))
            other = "uuid" if "id uuid" in keys[target] else "bigint"
            inside.append(f"{target}_id {other} {draw(st.sampled_from(['', 'NOT NULL']))} REFERENCES {target}")
        if len(columns) > 1 and draw(st.booleans()):
            inside.append(f'UNIQUE ("{columns[0]}", "{columns[1]}")')
        statements.append(f"CREATE TABLE {name} ({', '.join(inside)});")
    return "\n".join(statements)


@settings(max_examples=60, deadline=None)
@given(schemas())
def test_round(text: str) -> None:
    """SQL → entities → the kit's SQL → entities: the same again, on both databases; and no difference without a reason."""
    first = inferred(text)
    again = inferred(made(first, "postgresql"))
    assert kept(again, first) == kept(first, first)
    for dialect in DIALECTS:
        assert [d for d in exported(read(text), first, made(first, dialect), dialect) if not d.explained] == []


def kept(blueprint: Blueprint, wanted: Blueprint) -> dict[str, Any]:
    """What a table is, without places and names of enums; of the tables that the design has."""
    tables = {e.table for e in wanted.entities if not e.account}
    found = [e for e in blueprint.entities if e.table in tables]
    return {e.table: (e.id_kind, {_field(blueprint, f) for f in e.fields}, set(map(frozenset, e.uniques))) for e in found}


def _field(blueprint: Blueprint, item: FieldPlan) -> tuple[Any, ...]:
    values = next((tuple(v for _, v in e.members) for e in blueprint.enums if e.name == item.enum), ())
    limits = tuple(str(Decimal(str(b)).normalize()) if isinstance(b, int | float) else b for b in _bounds(item))
    return item.column or item.name, item.kind, item.optional, item.target, item.unique, values, limits


def _bounds(item: FieldPlan) -> list[Any]:
    said = item.limits
    return [said.ge, said.gt, said.le, said.lt, said.min_length, said.max_length, said.digits, said.scale]
