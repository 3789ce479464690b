"""Each construct of the language of rules, and the tree it becomes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from backwright.domain.entity import Entity
from backwright.domain.exists import exists
from backwright.domain.fields import Id
from backwright.domain.lowering import Lowered, lower
from backwright.domain.mistakes import DeclarationError
from backwright.domain.predicate import (
    ALWAYS,
    NEVER,
    And,
    CallerField,
    CallerIs,
    Captured,
    Compare,
    Constant,
    Exists,
    IsIn,
    IsNone,
    Not,
    Or,
    RequestField,
    RowField,
    Truth,
)  # fmt: skip
from backwright.domain.request import Request
from tests.unit.domain.rule_world import MODEL, Customer, Membership, Order, Robot, Status

WHO = CallerIs(Customer)
LIMIT = Decimal("2.5")
OPEN = (Status.PLACED, Status.PAID)
BLOCKED = ["a"]


def low(rule: Any, *rows: type[Entity]) -> Lowered:
    return lower(rule, rows=rows or (Order,), model=MODEL)


def tree(rule: Any) -> Any:
    return low(rule).predicate


def staff(who: Customer) -> bool:
    """Works here."""
    return who.is_staff


def owner(order: Order, someone: Customer) -> bool:
    return order.customer == someone.id


def test_a_reference_is_compared_with_the_callers_id() -> None:
    """A rule of a row and a caller is guarded by the caller's class."""

    def rule(order: Order, who: Customer) -> bool:
        return order.customer == who.id

    assert tree(rule) == And((WHO, Compare("eq", RowField("customer"), CallerField("id", Customer))))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (lambda o: o.count < 3, Compare("lt", RowField("count"), Constant(3))),
        (lambda o: o.count >= -3, Compare("ge", RowField("count"), Constant(-3))),
        (lambda o: o.total != LIMIT, Compare("ne", RowField("total"), Constant(Decimal("2.5")))),
        (lambda o: o.note is None, IsNone(RowField("note"))),
        (lambda o: o.note != None, Not(IsNone(RowField("note")))),  # noqa: E711
        (lambda o: o.open, Truth(RowField("open"))),
        (lambda o: not o.open, Not(Truth(RowField("open")))),
        (lambda o: o.status is Status.PAID, Compare("eq", RowField("status"), Constant(Status.PAID))),
        (lambda o: o.note in ("a", None), IsIn(RowField("note"), (Constant("a"), Constant(None)))),
        (lambda o: o.note not in ["a"], Not(IsIn(RowField("note"), (Constant("a"),)))),
        (lambda o: o.status in OPEN, IsIn(RowField("status"), (Constant(Status.PLACED), Constant(Status.PAID)))),
        (lambda o: o.note in BLOCKED, IsIn(RowField("note"), Captured("BLOCKED"))),
        (lambda o: o.count in (), NEVER),  # noqa: RUF060
        (lambda o: True, ALWAYS),
        (lambda o: o.open or True, ALWAYS),
        (lambda o: o.id == o.team, None),
    ],
)
def test_each_expression_becomes_one_node(rule: Callable[[Any], bool], expected: Any) -> None:
    """Comparisons, membership, None, truth and constants; the keys of two entities are not compared."""
    if expected is None:
        with pytest.raises(DeclarationError, match="never mean the same row"):
            tree(rule)
    else:
        assert tree(rule) == expected


def test_a_chain_is_a_conjunction() -> None:
    """``1 < x <= y`` compares each neighbour."""
    first, second = Compare("lt", Constant(1), RowField("total")), Compare("le", RowField("total"), RowField("count"))
    assert tree(lambda o: 1 < o.total <= o.count) == And((first, second))


def test_a_choice_takes_one_branch() -> None:
    """``a if c else b`` and an ``if`` chain are the same tree."""

    def chain(order: Order) -> bool:
        """Says the same in statements."""
        if order.open:
            return order.count == 1
        return order.count == 2

    o, one, two = Truth(RowField("open")), Compare("eq", RowField("count"), Constant(1)), Compare("eq", RowField("count"), Constant(2))
    assert tree(chain) == tree(lambda o: o.count == 1 if o.open else o.count == 2) == Or((And((o, one)), And((Not(o), two))))


def test_an_inner_if_falls_through_to_the_rest() -> None:
    """A branch that may not return goes on behind the ``if``."""

    def rule(order: Order) -> bool:
        if order.open:  # noqa: SIM102
            if order.count == 1:
                return True
        return order.note is None

    one, rest, o = Compare("eq", RowField("count"), Constant(1)), IsNone(RowField("note")), Truth(RowField("open"))
    assert tree(rule) == Or((And((o, Or((one, And((Not(one), rest)))))), And((Not(o), rest))))


def test_a_called_rule_is_inlined() -> None:
    """Another plain function stands for its body, whatever its parameters are called."""

    def rule(order: Order, who: Customer) -> bool:
        return staff(who) or owner(someone=who, order=order)

    assert tree(rule) == And(
        (WHO, Or((Truth(CallerField("is_staff", Customer)), Compare("eq", RowField("customer"), CallerField("id", Customer)))))
    )


def test_exists_opens_a_variable() -> None:
    """The condition may speak of the other row, of this row and of the caller."""

    def rule(order: Order, who: Customer) -> bool:
        return exists(Membership, lambda m: m.team == order.team and m.account == who.id)

    inner = And((Compare("eq", RowField("team", 1), RowField("team")), Compare("eq", RowField("account", 1), CallerField("id", Customer))))
    assert tree(rule) == And((WHO, Exists(Membership, 1, inner)))
    assert low(rule).relational


def test_exists_in_exists_has_a_variable_of_its_own() -> None:
    """Inner and outer rows are told apart."""

    def rule(order: Order) -> bool:
        return exists(Membership, lambda a: exists(Membership, lambda b: a.account == b.account))

    same = Compare("eq", RowField("account", 1), RowField("account", 2))
    assert tree(rule) == Exists(Membership, 1, Exists(Membership, 2, same))


def test_exists_cannot_be_run() -> None:
    """Outside the database it says what to do instead."""
    with pytest.raises(RuntimeError, match=r"await tx\.find"):
        exists(Membership, lambda m: True)


def test_a_request_is_the_third_parameter() -> None:
    """Its fields are bound when the rule runs."""

    def rule(order: Order, who: Customer, request: Request) -> bool:
        return request.factor is not None and order.due is not None and order.due < request.time

    lowered = low(rule)
    assert lowered.request and lowered.parameters == ("row", "caller", "request")
    assert Compare("lt", RowField("due"), RequestField("time")) in lowered.predicate.parts  # type: ignore[union-attr]


def test_a_variable_of_the_enclosing_function_is_captured_with_its_path() -> None:
    """It is read when the rule runs, not when it is lowered."""

    def find(order_id: object, box: Any) -> Any:
        return lambda o: o.customer == order_id or o.note == box.inner.text

    expected = Or(
        (Compare("eq", RowField("customer"), Captured("order_id")), Compare("eq", RowField("note"), Captured("box", ("inner", "text"))))
    )
    assert tree(find(1, None)) == expected


def test_a_path_behind_a_question_for_none_is_guarded() -> None:
    """So the path need not be there where the object is None."""

    def find(box: Any) -> Any:
        return lambda o: box is not None and o.note == box.text

    assert tree(find(None)) == And(
        (Not(IsNone(Captured("box"))), Compare("eq", RowField("note"), Captured("box", ("text",), guarded=True)))
    )


def test_two_lambdas_on_one_line_are_told_apart() -> None:
    """By their columns; a lambda in a lambda too."""
    first, second = (lambda o: o.count == 1), (lambda o: o.count == 2)
    assert [tree(f) for f in (first, second)] == [Compare("eq", RowField("count"), Constant(n)) for n in (1, 2)]
    outer: Any = lambda: lambda o: o.count == 3  # noqa: E731
    assert tree(outer()) == Compare("eq", RowField("count"), Constant(3))


def test_a_rule_about_the_caller_alone_needs_no_row() -> None:
    """It can be judged before anything is read."""
    lowered = low(staff)
    assert lowered.caller_only and lowered.caller_type is Customer and not lowered.caller_optional and lowered.parameters == ("caller",)


def test_an_optional_caller_admits_nobody_but_not_another_account() -> None:
    """``Customer | None`` is a customer or nobody."""

    def rule(order: Order, who: Customer | None) -> bool:
        return who is None or order.customer == who.id

    admitted = low(rule).admits
    customer, robot = Customer(email="a"), Robot(email="b", serial="1")
    assert [admitted(None), admitted(customer), admitted(robot)] == [True, True, False]
    assert [low(staff).admits(None), low(staff).admits(robot)] == [False, False]


def test_an_account_class_of_its_own_is_another_class() -> None:
    """A subclass has its own table, so its keys are not the base's."""

    class Chief(Customer):
        pass

    assert not CallerIs(Customer).admits(Chief(email="a"))


def test_a_single_parameter_called_who_is_the_caller_even_for_rules_about_accounts() -> None:
    """And with two, the first is the row."""

    def same(row: Customer, who: Customer) -> bool:
        return row.id == who.id

    assert low(staff, Customer).parameters == ("caller",)
    assert low(same, Customer).parameters == ("row", "caller")


def test_an_id_parameter_of_an_operation_rule_has_no_row() -> None:
    """Rules for calls see the caller and the request only."""

    def rule(who: Customer, request: Request) -> bool:
        return who.level > 3 and request.address != ""

    assert lower(rule, rows=(), model=MODEL).parameters == ("caller", "request")


def test_captured_typing_is_kept_for_ids() -> None:
    """An id given by the enclosing function is compared with the key."""

    def find(order_id: Id[Order]) -> Callable[[Order], bool]:
        return lambda o: o.id == order_id

    assert tree(find(Id())) == Compare("eq", RowField("id"), Captured("order_id"))
