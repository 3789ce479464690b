"""Choosing files by pattern."""

import pytest

from backwright.worker.prove.standard import UnknownStandard, select
from backwright.worker.prove.tree import chosen
from tests.support.proof import BLIND, DIES, PASSES

FILES = ["app.py", "shop/orders.py", "shop/deep/prices.py", "tests/test_app.py", "data.json"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("**/*.py",), ["app.py", "shop/orders.py", "shop/deep/prices.py", "tests/test_app.py"]),
        (("*.py",), ["app.py"]),
        (("**/*.py", "!tests/**"), ["app.py", "shop/orders.py", "shop/deep/prices.py"]),
        (("shop/*",), ["shop/orders.py"]),
        (("**",), FILES),
        ((), []),
        (("app?py",), ["app.py"]),
    ],
)
def test_patterns_choose(patterns: tuple[str, ...], expected: list[str]) -> None:
    """A star stays in its folder, two cross folders, an exclamation mark takes away."""
    assert chosen(FILES, patterns) == expected


def test_a_group_is_selected_by_its_first_word() -> None:
    """``x`` and ``x.*`` are all of x; ids are themselves; nothing is everything; the order is the list's."""
    known = (PASSES, BLIND, DIES)

    assert select(known, ["x"]) == select(known, ["x.*"]) == select(known, []) == known
    assert select(known, ["x.dies", "x.passes"]) == (PASSES, DIES)


def test_an_unknown_standard_is_named() -> None:
    """A mistyped id is an error, not an empty proof."""
    with pytest.raises(UnknownStandard, match=r"'x\.pases'"):
        select((PASSES,), ["x.pases"])
