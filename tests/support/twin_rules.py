"""Random rules as source text, and the oracle that says what they mean.

Python raises TypeError where it orders None, and the rules' meaning is *false* there; so the oracle is the same text with every
ordering comparison replaced by a function that knows this, and `exists` by a look at the rows. Nothing else is changed.
"""

import ast
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.support.twin_world import FIELDS, VALUES

ORDERED = ("text", "int", "decimal", "cents", "float", "bool", "date", "time", "datetime", "duration", "uuid", "rank", "word", "bytes")
COMPARABLE = {"decimal": ("decimal", "cents", "int"), "cents": ("cents", "decimal", "int"), "int": ("int", "decimal", "cents")}
NO_COLLECTION = ("float", "bytes")
LITERAL = ("text", "int", "float", "bool", "bytes")
HEAD = """from backwright.domain.exists import exists
from backwright.domain.request import Request
from tests.support.twin_world import *

"""
CONSTANTS = {f"K_{family}_{n}": value for family, values in VALUES.items() for n, value in enumerate(values)}
TUPLES = {f"T_{family}": (*values[:2], None) for family, values in VALUES.items()}


def constants() -> dict[str, Any]:
    """The module constants that rules name."""
    return {**CONSTANTS, **TUPLES, "FINE": Decimal("1.00005"), "HUGE": Decimal(10) ** 30}


class Scope:
    """The variables that an expression may use: name to entity."""

    def __init__(self, rows: dict[str, str], caller: bool) -> None:
        self.variables = rows | ({"who": "Person"} if caller else {})
        self.rows = rows

    def fields(self, family: str, rows_only: bool = False) -> list[str]:
        """The attributes of a family."""
        variables = self.rows if rows_only else self.variables
        return [f"{name}.{field}" for name, entity in variables.items() for field, kind in FIELDS[entity].items() if kind == family]


def _others(family: str, scope: Scope, of_row: str) -> st.SearchStrategy[str]:
    """What an attribute of the family may be compared with."""
    choices: list[str] = [a for kind in COMPARABLE.get(family, (family,)) for a in scope.fields(kind)] * 2
    own = "decimal" if family == "cents" else family
    choices += [name for name in CONSTANTS if name.startswith(f"K_{own}_")]
    choices += [f"c_{own}"] * 4
    if family in LITERAL:
        choices += [repr(v) for v in VALUES[family]]
    if family in ("decimal", "cents", "float"):
        choices += ["-1", "0", "2"]
    if family in ("decimal", "cents"):
        choices += ["FINE"] * 5 + ["HUGE", "c_decimal", "c_decimal"]
    if family == "text":
        choices += ["request.address", "request.factor", "box.text"]
    if family == "datetime":
        choices += ["request.time"]
    return st.sampled_from(choices)


@st.composite
def _comparison(draw: st.DrawFn, scope: Scope) -> str:
    family = draw(st.sampled_from([f for f in VALUES if scope.fields(f)]))
    left = draw(st.sampled_from(scope.fields(family)))
    right = draw(_others(family, scope, left))
    operators = ["==", "!="] + (["<", "<=", ">", ">="] if family in ORDERED else [])
    operator = draw(st.sampled_from(operators))
    if draw(st.booleans()):
        left, right = right, left
    if family in ORDERED and draw(st.integers(0, 3)) == 0:
        return f"{left} {operator} {right} {draw(st.sampled_from(['<', '<=']))} {left}"
    return f"{left} {operator} {right}"


@st.composite
def _membership(draw: st.DrawFn, scope: Scope) -> str:
    family = draw(st.sampled_from([f for f in VALUES if scope.fields(f)]))
    left = draw(st.sampled_from(scope.fields(family)))
    word = draw(st.sampled_from(["in", "not in"]))
    own = "decimal" if family == "cents" else family
    form = draw(st.integers(0, 3))
    if form == 0 and family not in NO_COLLECTION:
        return f"{left} {word} many_{own}"
    if form == 1:
        return f"{left} {word} T_{own}"
    options = draw(st.lists(_others(family, scope, left) | st.just("None"), min_size=0, max_size=3))
    return f"{left} {word} ({''.join(o + ', ' for o in options)})"


def _none(scope: Scope) -> st.SearchStrategy[str]:
    every = [a for family in VALUES for a in scope.fields(family)] + ["c_text", "c_int", "request.factor", "box"]
    return st.builds("{} {} None".format, st.sampled_from(every), st.sampled_from(["is", "is not", "==", "!="]))


def _truth(scope: Scope) -> st.SearchStrategy[str]:
    return st.sampled_from([*scope.fields("bool"), "c_bool", "True", "False"])


def _leaf(scope: Scope) -> st.SearchStrategy[str]:
    leaves = [_comparison(scope), _comparison(scope), _comparison(scope), _membership(scope), _none(scope), _truth(scope)]
    if "row" in scope.variables and "who" in scope.variables:
        leaves.append(
            st.sampled_from(["busy(row)", "rules.mine(row, who)", "grown(who, 2)", "(box is not None and row.label == box.text)"])
        )
    return st.one_of(leaves)


@st.composite
def _exists(draw: st.DrawFn, scope: Scope, depth: int) -> str:
    name = f"m{len(scope.variables)}"
    inner = Scope(scope.rows | {name: "Member"}, "who" in scope.variables)
    return f"exists(Member, lambda {name}: {draw(condition(inner, depth - 1))})"


@st.composite
def condition(draw: st.DrawFn, scope: Scope, depth: int = 3) -> str:
    """A condition in the language of rules."""
    form = draw(st.integers(0, 8)) if depth > 0 else 0
    if form <= 2:
        return draw(_leaf(scope))
    if form == 3:
        return f"not ({draw(condition(scope, depth - 1))})"
    if form in (4, 5, 6):
        parts = draw(st.lists(condition(scope, depth - 1), min_size=2, max_size=3))
        return "(" + (" and " if form == 4 else " or ").join(parts) + ")"
    if form == 7:
        a, b, c = (draw(condition(scope, depth - 1)) for _ in range(3))
        return f"({a} if {b} else {c})"
    return draw(_exists(scope, depth)) if len(scope.rows) < 3 else draw(_leaf(scope))


@st.composite
def rule(draw: st.DrawFn) -> str:
    """One rule's parameters and body, as the text of a function without its name."""
    kind = draw(st.sampled_from(["who: Person", "who: Person", "who: Person | None", ""]))
    bare, full = Scope({"row": "Thing"}, caller=False), Scope({"row": "Thing"}, caller=True)
    parameters = f"(row: Thing, {kind + ', ' if kind else ''}request: Request) -> bool:"
    if kind.endswith("None"):
        form = draw(st.sampled_from(["who is None or ({})", "who is not None and ({})", "({}) if who is not None else ({other})"]))
        return f"{parameters}\n    return {form.format(draw(condition(full)), other=draw(condition(bare, 1)))}"
    scope = full if kind else bare
    if draw(st.booleans()):
        return f"{parameters}\n    return {draw(condition(scope))}"
    a, b, c, d = (draw(condition(scope, 1)) for _ in range(4))
    head = f'{parameters}\n    """Doc."""'
    return f"{head}\n    if {a}:\n        if {b}:\n            return {c}\n    elif {d}:\n        return False\n    return {a}"


_HELPERS = """
def busy(thing: Thing) -> bool:
    return thing.count > 1 or thing.hidden


def grown(who: Person, least: int) -> bool:
    return who.level >= least


def mine(thing: Thing, someone: Person) -> bool:
    return thing.owner == someone.id or (someone.is_staff and busy(thing))

"""


def source(rules: list[str], captured: list[str]) -> str:
    """A module with a function `make(captured...)` that gives all the rules."""
    lines = [HEAD, "import sys\nrules = sys.modules[__name__]\n", _HELPERS, f"def make({', '.join(captured)}):"]
    for n, text in enumerate(rules):
        lines += [f"    def rule_{n}{text}".replace("\n", "\n    "), ""]
    lines += ["    return [" + ", ".join(f"rule_{n}" for n in range(len(rules))) + "]", ""]
    return "\n".join(lines)


class _Total(ast.NodeTransformer):
    """Ordering comparisons that are false for None."""

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        operands = [node.left, *node.comparators]
        parts: list[ast.expr] = []
        for a, op, b in zip(operands, node.ops, operands[1:], strict=False):
            if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                parts.append(ast.Call(ast.Name("_order", ast.Load()), [ast.Constant(type(op).__name__), a, b], []))
            else:
                parts.append(ast.Compare(a, [op], [b]))
        return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)


def _order(name: str, a: Any, b: Any) -> bool:
    if a is None or b is None:
        return False
    return bool({"Lt": a < b, "LtE": a <= b, "Gt": a > b, "GtE": a >= b}[name])


def oracle(text: str, exists: Callable[..., bool]) -> dict[str, Any]:
    """The module's names, made from the same text with total orderings and real rows behind `exists`."""
    tree = ast.fix_missing_locations(_Total().visit(ast.parse(text)))
    names: dict[str, Any] = {"__name__": "tests.support.twin_world", "_order": _order, **constants()}
    exec(compile(tree, "oracle", "exec"), names)
    names["exists"] = exists
    names["rules"] = type("rules", (), {"mine": staticmethod(names["mine"])})
    return names
