"""What is outside the language of rules: each mistake with its line and the sentence that mends it."""

import inspect
from datetime import datetime
from typing import Any

import pytest

from backwright.domain.exists import exists
from backwright.domain.lowering import lower
from backwright.domain.mistakes import DeclarationError
from backwright.domain.request import Request
from tests.unit.domain.rule_world import MODEL, Customer, Order, Robot, Status, Team

NAIVE = datetime(2026, 1, 1)


def helper(order: Order) -> bool:
    return order.nope == 1  # wrong here: Order has no field nope


def forever(order: Order) -> bool:
    return forever(order)  # wrong: calls itself


def rules() -> dict[str, Any]:  # noqa: C901  many small functions
    """Functions whose wrong lines say so, and what."""

    def misspelt(order: Order) -> bool:
        return (
            order.open and order.totl == 1  # wrong: Order has no field totl. Did you mean total?
        )

    def misspelt_caller(order: Order, who: Customer) -> bool:
        return who.is_stuff  # wrong: Customer has no field is_stuff. Did you mean is_staff?

    def misspelt_request(order: Order, request: Request) -> bool:
        return request.ip == ""  # wrong: A request has no ip in rules. It has time, address, factor.

    def raw_enum(order: Order) -> bool:
        return order.status == "placed"  # wrong: compare with a member, e.g. Status.PLACED.

    def two_types(order: Order) -> bool:
        return order.note == order.count  # wrong: order.note is text and order.count is int: compare values of one type.

    def float_and_decimal(order: Order) -> bool:
        return order.total > order.weight  # wrong: Order.total is decimal and order.weight is float

    def arithmetic(order: Order) -> bool:
        return order.count + 1 > 2  # wrong: Rules do not calculate

    def method(order: Order) -> bool:
        return order.note.lower() == "a"  # wrong: outside the language of rules

    def two_hops(order: Order) -> bool:
        return order.customer.is_staff  # wrong: exists(Entity, lambda other: other.id == ... and ...)

    def truth_of_text(order: Order) -> bool:
        return order.note  # wrong: order.note is text, not a condition.

    def whole_row(order: Order, who: Customer) -> bool:
        return order.customer == who  # wrong: Compare one of its attributes, e.g. who.id.

    def whole_json(order: Order) -> bool:
        return order.extra == order.extra  # wrong: holds json, which rules cannot compare

    def keys_in_order(order: Order, who: Customer) -> bool:
        return order.customer < who.id  # wrong: has no order: use == or !=.

    def enums_in_order(order: Order) -> bool:
        return order.status < Status.PAID  # wrong: has no order: use == or !=.

    def naive(order: Order) -> bool:
        return order.due == NAIVE  # wrong: write datetime(..., tzinfo=UTC)

    def unguarded(order: Order, who: Customer | None) -> bool:
        return order.customer == who.id  # wrong: Ask first: who is not None and ...

    def too_large(order: Order) -> bool:
        return order.count < 9223372036854775808  # wrong: does not fit 64 bits

    def local(order: Order) -> bool:
        limit = 3  # noqa: F841  # wrong: Rules name nothing: write the expression where it is used.
        return order.count < 3

    def open_end(order: Order) -> bool:
        if order.open:  # wrong: This way through the rule returns nothing.
            return True

    def dead(order: Order) -> bool:
        return order.open
        return order.open  # wrong: This line is never reached.

    def undefined(order: Order) -> bool:
        return order.count == nothing_of_that_name  # noqa: F821  # wrong: nothing_of_that_name is not defined here.

    def built_in(order: Order) -> bool:
        return len(order.note) > 1  # wrong: outside the language of rules

    def called_built_in(order: Order) -> bool:
        return any(order.open)  # wrong: Call only exists(...) and plain functions of a module

    def identity(order: Order) -> bool:
        return order.note is order.note  # wrong: Write == or !=

    def in_text(order: Order) -> bool:
        return order.note in "abc"  # wrong: is not a collection that a rule can look into

    def other_entity(order: Order) -> bool:
        return exists(int, lambda m: True)  # wrong: int is not an entity of this app

    def exists_of_a_name(order: Order) -> bool:
        return exists(Team, helper)  # wrong: Write exists(Entity, lambda row: condition).

    def recursion(order: Order) -> bool:
        return forever(order)

    def wrong_arguments(order: Order) -> bool:
        return helper()  # wrong: helper() does not fit helper(order)

    return {n: f for n, f in locals().items() if callable(f)}


@pytest.mark.parametrize("name", rules())
def test_a_mistake_names_its_line_and_its_mend(name: str) -> None:
    """One mistake, at the marked line, with the marked words."""
    rule = rules()[name]
    marked = forever if name == "recursion" else rule
    lines, first = inspect.getsourcelines(marked)
    line, said = next((first + n, text.split("# wrong: ")[1].strip()) for n, text in enumerate(lines) if "# wrong: " in text)
    with pytest.raises(DeclarationError) as raised:
        lower(rule, rows=(Order,), model=MODEL)
    (mistake,) = raised.value.mistakes
    assert (mistake.file, mistake.line) == (__file__, line)
    assert said.lower() in str(mistake).lower()


def test_all_mistakes_of_a_rule_are_told_at_once() -> None:
    """Those of the functions it calls stand where they are."""

    def rule(order: Order, who: Customer) -> bool:
        return order.a == 1 or who.b == 2 or helper(order) or exists(Team, lambda t: t.c == 3)

    with pytest.raises(DeclarationError) as raised:
        lower(rule, rows=(Order,), model=MODEL)
    missing = (("Customer", "b"), ("Order", "a"), ("Order", "nope"), ("Team", "c"))
    assert sorted(m.what for m in raised.value.mistakes) == [f"{entity} has no field {field}." for entity, field in missing]
    assert {m.line for m in raised.value.mistakes} == {helper.__code__.co_firstlineno + 1, rule.__code__.co_firstlineno + 1}


def _made() -> Any:
    names: dict[str, Any] = {}
    exec("def made(order): return order.open", names)
    return names["made"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (_made(), "source of made cannot be read"),
        (len, "is not a plain function"),
        (Order, "is not a plain function"),
        (lambda order, who: True, "which account class"),
        (lambda order, *rest: True, "defaults, stars or keywords"),
        (lambda order, limit=3: True, "defaults, stars or keywords"),
    ],
)
def test_a_function_that_is_no_rule_is_a_mistake(rule: Any, said: str) -> None:
    """Without source, not plain, or with parameters that nobody gives."""
    with pytest.raises(DeclarationError, match=said):
        lower(rule, rows=(Order,), model=MODEL)


def test_a_rule_about_another_entity_is_a_mistake() -> None:
    """The row's class must be the one the rule is used for."""

    def rule(team: Team) -> bool:
        return team.name == ""

    with pytest.raises(DeclarationError, match="takes team: Team, but is used for Order"):
        lower(rule, rows=(Order,), model=MODEL)


def test_one_parameter_that_could_be_row_or_caller_is_a_mistake() -> None:
    """Guessing either way would open rows to the wrong people."""

    def rule(customer: Customer) -> bool:
        return customer.is_staff

    with pytest.raises(DeclarationError, match="could be the row or the caller"):
        lower(rule, rows=(Customer,), model=MODEL)


def test_keys_of_two_account_classes_are_not_compared() -> None:
    """Robot 5 is not customer 5."""

    def rule(order: Order, who: Robot) -> bool:
        return order.customer == who.id

    with pytest.raises(DeclarationError, match=r"key of Customer and who\.id a key of Robot"):
        lower(rule, rows=(Order,), model=MODEL)
