"""From tables to what is built: entities in the kit's words, a contract of its own, safe access, and an account of each thing."""

from typing import Any

import pytest

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.blueprint import Blueprint, EntityPlan, FieldPlan
from backwright.worker.infer.conditions import conditions
from tests.unit.worker.tabled import FORUM, inferred

USERS = "CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, password_hash text NOT NULL);"


def entity(text: str, name: str = "T") -> EntityPlan:
    """The entity of a table."""
    return inferred(text).entity(name)


def field(column: str, before: str = "") -> FieldPlan:
    """The field of a column ``x`` with this definition."""
    found = entity(f"{before} CREATE TABLE t (id uuid PRIMARY KEY, x {column}, y timestamptz);")
    return next(f for f in found.fields if f.name == "x")


def verdict(found: Blueprint, kind: str, name: str) -> tuple[str, str]:
    """What the account says of one element."""
    return next((e.verdict, e.reason) for e in found.account if e.element.kind == kind and e.element.name.startswith(name))


KINDS: dict[str, tuple[Kind, Limits]] = {
    "varchar(9)": (Kind.TEXT, Limits(max_length=9)), "smallint": (Kind.INT, Limits()),
    "numeric(8,3)": (Kind.DECIMAL, Limits(digits=8, scale=3)),
    "numeric(8)": (Kind.DECIMAL, Limits(digits=8, scale=0)), "double precision": (Kind.FLOAT, Limits()), "bool": (Kind.BOOL, Limits()),
    "timestamp without time zone": (Kind.DATETIME, Limits()), "time": (Kind.TIME, Limits()), "interval": (Kind.DURATION, Limits()),
    "bytea": (Kind.BYTES, Limits()), "jsonb": (Kind.JSON, Limits()), "uuid": (Kind.UUID, Limits()), "text[]": (Kind.LIST, Limits()),
    "int4range": (Kind.RANGE, Limits()), "point": (Kind.POINT, Limits()), "inet": (Kind.TEXT, Limits()),
}  # fmt: skip


@pytest.mark.parametrize("type_", KINDS)
def test_kinds(type_: str) -> None:
    """Each type has its kind and its limits."""
    found = field(type_)
    assert (found.kind, found.limits, found.optional) == (*KINDS[type_], True)


MEANT: dict[str, list[tuple[str, str, Any]]] = {
    "a > 0": [("a", "gt", 0)], "5 >= a": [("a", "le", 5)], "a BETWEEN 1 AND 3": [("a", "ge", 1), ("a", "le", 3)],
    "length(a) <= 4": [("a", "max_length", 4)], "char_length(a) = 2": [("a", "min_length", 2), ("a", "max_length", 2)],
    "a <> ''": [("a", "min_length", 1)], "a IN ('x', 'y')": [("a", "values", ("x", "y"))], "a = 1 OR a = 2": [("a", "values", (1, 2))],
    "((a)::text = ANY ((ARRAY['x'::character varying])::text[]))": [("a", "values", ("x",))], "a ~ '^b'": [("a", "pattern", "^b")],
    "a IS NOT NULL": [("a", "not_null", True)],
}  # fmt: skip


@pytest.mark.parametrize("text", MEANT)
def test_conditions(text: str) -> None:
    """A check means what it says, also as PostgreSQL's catalog spells it."""
    assert [(c.column, c.word, c.value) for c in conditions(text, "postgresql") or []] == MEANT[text]


@pytest.mark.parametrize("text", ["a > b", "lower(a) = a", "a NOT IN (1)", "a ~* 'b'", "f(a)", "((", "a > 0 AND b > c", "(" * 4000])
def test_strange_conditions(text: str) -> None:
    """A check that says more is not taken for less."""
    assert conditions(text, "postgresql") is None


def test_checks() -> None:
    """Bounds become limits, the narrower one holds, lists become enums with their default."""
    assert field("varchar(9) NOT NULL CHECK (length(x) BETWEEN 2 AND 5)").limits == Limits(min_length=2, max_length=5)
    found = field("text NOT NULL DEFAULT 'b' CHECK (x IN ('a', 'b'))")
    assert (found.kind, found.enum, found.default) == (Kind.ENUM, "TX", "b")
    blueprint = inferred("CREATE TABLE t (id uuid PRIMARY KEY, a int, b int, CHECK (a < b));")
    assert verdict(blueprint, "check", "t a < b")[0] == "refused"


def test_forum() -> None:
    """A whole schema: nothing is left out, and what is not kept says why."""
    found = inferred(FORUM)
    assert len(found.account) == 117
    assert all(entry.reason for entry in found.account if entry.verdict != "built")
    assert verdict(found, "trigger", "touch")[0] == "refused"
    assert verdict(found, "index", "topics_live")[1].startswith("the kit declares no partial indexes")
    assert verdict(found, "on delete", "topics (forum_id)")[0] == "changed"
    assert verdict(found, "table", "topics") == ("built", "")
    topic = found.entity("Topic")
    assert (topic.table, topic.plural, topic.id_kind, topic.stamps, topic.owner) == ("topics", "topics", "int", True, "author")
    assert topic.uniques == (("forum", "title"),)
    assert [(f.name, f.target) for f in topic.fields if f.kind is Kind.MANY] == [("labels", "Label")]
    assert [(i.fields, i.kind) for i in topic.indexes] == [(("meta",), "gin"), (("author", "created_at"), "btree")]


def test_natural_keys() -> None:
    """A key that is no id stays unique; what refers to it refers to the id."""
    found = inferred(
        "CREATE TABLE lands (code char(2) PRIMARY KEY); CREATE TABLE t (id uuid PRIMARY KEY, land_code char(2) REFERENCES lands);"
    )
    (code,) = found.entity("Land").fields
    (land,) = found.entity("T").fields
    assert (code.name, code.unique, code.optional) == ("code", True, False)
    assert (land.name, land.column, land.target) == ("land", "land_code", "Land")


def test_names_of_all_kinds() -> None:
    """Reserved words, blanks and capitals become names that Python takes, with the column's own beside them."""
    text = 'CREATE TABLE "Order Items" ("Item Id" uuid PRIMARY KEY, "class" text, "From" text, "a b" text, "a_b" text, "é" text);'
    fields = entity(text, "OrderItem").fields
    assert [(f.name, f.column) for f in fields] == [
        ("class_", "class"), ("from_", "From"), ("a_b", "a b"), ("a_b_2", "a_b"), ("value", "é"),
    ]  # fmt: skip


def test_access() -> None:
    """Nothing is open by default: own rows for who owns them, staff writes the rest; it is said as an assumption."""
    notes = "CREATE TABLE notes (id uuid PRIMARY KEY, user_id bigint NOT NULL REFERENCES users);"
    blueprint = inferred(f"{USERS} {notes} CREATE TABLE tags (id uuid PRIMARY KEY);")
    who = {(line.target, line.action): line.who for line in blueprint.access}
    assert who["Note", "read"] == who["Note", "update"] == ("owner", "staff")
    assert (who["Tag", "read"], who["Tag", "create"]) == (("signed_in",), ("staff",))
    assert all("anyone" not in line.who for line in blueprint.access)
    assert {a.about for a in blueprint.assumptions} >= {"access Note", "access Tag", "entity User", "Note.user"}


def test_somebody_signs_in() -> None:
    """Without a table of people the kit adds one, and says so."""
    found = inferred("CREATE TABLE tags (id uuid PRIMARY KEY);").sign_in_account
    assert found is not None
    assert (found.name, found.table) == ("User", "users")


def test_secrets() -> None:
    """A column called like a secret is one: no client sees or sets it."""
    found = entity("CREATE TABLE t (id uuid PRIMARY KEY, api_key text NOT NULL);").fields[0]
    assert (found.secret, found.optional) == (True, True)
