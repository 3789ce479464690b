"""Variables of enclosing functions and modules, read when a rule runs."""

from collections.abc import Callable
from typing import Any

import pytest

from backwright.domain.capture import captured_values
from backwright.domain.judge import judge
from backwright.domain.lowering import lower
from backwright.domain.predicate import captured_names
from tests.unit.domain.rule_world import MODEL, Order

BLOCKED = ["a"]


def at_least(least: int) -> Callable[[Order], bool]:
    """A maker of rules."""

    def rule(order: Order) -> bool:
        return order.count >= least

    return rule


def blocked(order: Order) -> bool:
    return order.note in BLOCKED


many = at_least(3)


def both(order: Order) -> bool:
    return many(order) and blocked(order)


def names(rule: Any) -> tuple[str, ...]:
    return captured_names(lower(rule, rows=(Order,), model=MODEL).predicate)


def test_each_call_reads_the_values_of_its_own_function() -> None:
    """Two functions of one code have different variables."""
    first, second = at_least(1), at_least(2)
    assert first.__code__ is second.__code__
    assert [captured_values(f, names(first)) for f in (first, second)] == [{"least": 1}, {"least": 2}]


def test_a_modules_list_is_read_as_it_is_now() -> None:
    """It may have grown since the start."""
    BLOCKED.append("b")
    try:
        assert captured_values(blocked, names(blocked)) == {"BLOCKED": ["a", "b"]}
    finally:
        BLOCKED.pop()


def test_variables_of_called_rules_are_found_by_the_way_to_them() -> None:
    """Each is read from the function it belongs to."""
    assert captured_values(both, names(both)) == {"many>least": 3, "blocked>BLOCKED": ["a"]}


def test_a_variable_without_a_value_is_a_name_error() -> None:
    """As in Python itself."""

    def make() -> Any:
        rule: Any = lambda order: order.count == late  # noqa: E731
        found = names(rule)
        with pytest.raises(NameError, match="late is used in a rule before it has a value"):
            captured_values(rule, found)
        late = 1
        return captured_values(rule, found)

    assert make() == {"late": 1}


def test_a_bound_rule_needs_no_values_given() -> None:
    """The rules of an access table are always the same functions, so they are asked themselves."""
    lowered = lower(both, rows=(Order,), model=MODEL, bound=True)
    assert captured_names(lowered.predicate) == ()
    order = Order(customer=None, count=3, note="a")  # type: ignore[arg-type]
    assert judge(lowered.predicate)(order, None, None, {})
