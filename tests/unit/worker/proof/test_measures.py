"""Duplication and complexity, measured."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.prove.checks.complexity import complexity
from backwright.worker.prove.checks.duplication import copies

LONG = "def one(a: int) -> int:\n" + "".join(f"    b{n} = a * {n}\n" for n in range(30)) + "    return a\n"


def ways(body: str) -> int:
    """The complexity of a function with this body."""
    function = ast.parse("def f():\n" + body).body[0]
    assert isinstance(function, ast.FunctionDef)
    return complexity(function)


def test_straight_code_has_one_way() -> None:
    """No branch, one way."""
    assert ways("    return 1") == 1


def test_every_branch_is_one_more_way() -> None:
    """If, elif, loops, handlers, and, or, comprehensions and cases all count."""
    assert ways("    if a and b or c:\n        pass\n    elif d:\n        pass") == 5
    assert ways("    for a in [x for x in y if x]:\n        pass") == 4
    assert ways("    try:\n        pass\n    except A:\n        pass") == 2
    assert ways("    match a:\n        case 1: pass\n        case 2: pass\n        case _: pass") == 3


def test_an_inner_function_counts_for_itself() -> None:
    """Its ways are not those of the one around it."""
    assert ways("    def g():\n        if a:\n            pass\n    return g") == 1


def test_a_copy_is_found_in_another_file() -> None:
    """The same function under another layout, with other comments, is a copy; both places are named."""
    found = copies({"a.py": LONG, "b.py": "# another\n\n" + LONG.replace("    b", "  # why\n    b")})

    assert found.percent > 45
    assert found.places[0] == ("b.py:3", "a.py")


def test_different_code_is_no_copy() -> None:
    """Code with other names is not called copied."""
    assert copies({"a.py": LONG, "b.py": LONG.replace("a", "c").replace("b", "d")}).percent == 0


@given(st.integers(0, 400))
def test_repetition_never_exceeds_the_whole(times: int) -> None:
    """However often a line is repeated, at most all of the code is copied."""
    assert 0 <= copies({"a.py": "a = a + 1\n" * times}).percent <= 100
