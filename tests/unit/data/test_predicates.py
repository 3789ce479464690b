"""The SQL of predicates: what is compared with what, and that no condition can be NULL."""

from decimal import Decimal
from typing import Any

import pytest

from backwright.data.engines.engine import Dialect
from backwright.data.sql.exact import parameter
from backwright.data.sql.parameters import Environment, Parameters, Slot, binder
from backwright.data.sql.predicates import render
from backwright.domain.exists import exists
from backwright.domain.lowering import lower
from backwright.domain.predicate import IsNone, Operator, RowField
from tests.unit.domain.rule_world import MODEL, Customer, Membership, Order, Robot, Status, Team


def sql(rule: Any, dialect: Dialect = "postgresql") -> str:
    predicate = lower(rule, rows=(Order,), model=MODEL).predicate
    return render(predicate, model=MODEL, entity=Order, dialect=dialect, alias="t", parameters=Parameters(dialect))


def buyer(order: Order, who: Customer) -> bool:
    return order.customer == who.id or who.is_staff


def member(order: Order, who: Customer) -> bool:
    return exists(Membership, lambda m: m.account == who.id and m.team == order.team)


CASES: list[tuple[Any, str, str]] = [
    (buyer, '($1::boolean AND ($2::boolean OR (t."customer_id" = $3::uuid)))', '(?1 AND (?2 OR (t."customer_id" = ?3)))'),
    (lambda o: o.note == "a", '(t."note" = $1::text AND t."note" IS NOT NULL)', '(t."note" IS ?1)'),
    (lambda o: o.note != "a", '(t."note" IS DISTINCT FROM $1::text)', '(t."note" IS NOT ?1)'),
    (lambda o: o.note < "a", '(t."note" COLLATE "C" < $1::text AND t."note" IS NOT NULL)', '(t."note" < ?1 AND t."note" IS NOT NULL)'),
    (lambda o: o.count < 3, '(t."count" < $1::bigint)', '(t."count" < ?1)'),
    (lambda o: o.total > o.count, '(t."total" > t."count")', '(t."total" > (t."count" * 10000))'),
    (lambda o: not o.hidden, '(NOT (t."hidden" IS TRUE))', '(NOT (t."hidden" IS TRUE))'),
    (lambda o: o.open, 't."open"', 't."open"'),
    (lambda o: o.status in (Status.PAID, Status.PLACED), '(t."status" IN ($1::text, $2::text))', '(t."status" IN (?1, ?2))'),
    (lambda o: True, "TRUE", "TRUE"),
    (
        member,
        '($1::boolean AND EXISTS (SELECT 1 FROM "membership" AS t_x1 WHERE ((t_x1."account_id" = $2::uuid) '
        'AND (t_x1."team_id" = t."team_id" AND t."team_id" IS NOT NULL))))',
        '(?1 AND EXISTS (SELECT 1 FROM "membership" AS t_x1 WHERE ((t_x1."account_id" = ?2) AND (t_x1."team_id" IS t."team_id"))))',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "postgresql", "sqlite"), CASES)
def test_each_predicate_has_one_text_per_dialect(rule: Any, postgresql: str, sqlite: str) -> None:
    """Nullable sides are said to be present, so that indexes serve and NULL never comes out."""
    assert [sql(rule), sql(rule, "sqlite")] == [postgresql, sqlite]


def test_a_captured_collection_is_one_parameter() -> None:
    """An array on PostgreSQL, JSON on SQLite; None in it is bound apart."""

    def find(notes: list[str | None]) -> Any:
        return lambda o: o.note in notes

    assert "= any($1::text[])" in sql(find([]))
    predicate = lower(find([]), rows=(Order,), model=MODEL).predicate
    parameters = Parameters("sqlite")
    render(predicate, model=MODEL, entity=Order, dialect="sqlite", alias="t", parameters=parameters)
    assert binder(parameters.slots)(Environment({}, captured={"notes": ["a", None]})) == ('["a"]', True)


def test_equal_values_share_a_placeholder() -> None:
    """And unequal ones that Python calls equal do not."""
    assert sql(lambda o: o.count == 1 or o.count == 1 or o.weight == 1).count("$1") == 2
    parameters = Parameters("postgresql")
    assert [parameters.add(Slot("constant", "x", constant=c)) for c in (1, True, 1.0, 1)] == ["$1", "$2", "$3", "$1"]


def test_callers_of_another_class_bind_null() -> None:
    """A robot's id is never taken for a customer's."""
    parameters = Parameters("sqlite")
    predicate = lower(buyer, rows=(Order,), model=MODEL).predicate
    render(predicate, model=MODEL, entity=Order, dialect="sqlite", alias="t", parameters=parameters)
    bind = binder(parameters.slots)
    robot = Robot(email="a", serial="1")
    for caller in (None, robot):
        assert bind(Environment({}, caller)) == (False, False, None)


def test_a_value_of_another_type_is_a_type_error() -> None:
    """Python would call it unequal; no database is asked."""

    def find(order_id: Any) -> Any:
        return lambda o: o.customer == order_id

    parameters = Parameters("postgresql")
    render(
        lower(find(1), rows=(Order,), model=MODEL).predicate,
        model=MODEL,
        entity=Order,
        dialect="postgresql",
        alias="t",
        parameters=parameters,
    )
    with pytest.raises(TypeError, match="a rule compares UUID with 'x', which is str"):
        binder(parameters.slots)(Environment({}, captured={"order_id": "x"}))


@pytest.mark.parametrize(("operator", "expected"), [("lt", 10001), ("ge", 10001), ("le", 10000), ("gt", 10000), ("eq", 0.5), ("ne", 0.5)])
def test_decimals_between_two_stored_ones_round_to_the_side_that_changes_nothing(operator: Operator, expected: float) -> None:
    """SQLite holds scaled integers: 1.00005 lies between 10000 and 10001."""
    total = MODEL[Order].by_name["total"]
    assert parameter(total, "sqlite", operator)(Decimal("1.00005")) == expected


def test_decimals_beyond_64_bits_bind_as_infinity() -> None:
    """Every stored one is on the same side of it."""
    total = MODEL[Order].by_name["total"]
    assert parameter(total, "sqlite", "lt")(-(10**30)) == float("-inf")
    assert parameter(total, "sqlite", "eq")(10**30) == 0.5


def test_an_unknown_field_is_said_by_name() -> None:
    """A predicate made by other means than lowering is checked too."""
    with pytest.raises(ValueError, match="Team has no field nope"):
        render(IsNone(RowField("nope")), model=MODEL, entity=Team, dialect="sqlite", alias="t", parameters=Parameters("sqlite"))
