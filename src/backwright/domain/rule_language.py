"""The language of rules: which Python a rule may use, and the tree each piece becomes. What is outside it is a mistake with its line.

Single values are read in `domain.rule_values`; which may be compared is said in `domain.comparing`.
"""

import ast
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any, cast

from backwright.domain.comparing import Side, mismatch
from backwright.domain.entity import Entity
from backwright.domain.exists import exists
from backwright.domain.mistakes import Mistake
from backwright.domain.model import Kind
from backwright.domain.names import Binding, CallerRef, Frame, Object, RowRef
from backwright.domain.predicate import (
    ALWAYS,
    NEVER,
    CallerField,
    Captured,
    Compare,
    Constant,
    Exists,
    IsIn,
    IsNone,
    Operator,
    Predicate,
    RequestField,
    RowField,
    Truth,
    Value,
    conjunction,
    disjunction,
    implied,
    negation,
)  # fmt: skip
from backwright.domain.rule_values import Stop, ValueReader, text
from backwright.domain.source import source_of

_OPERATORS: dict[type[ast.cmpop], Operator] = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Is: "eq", ast.IsNot: "ne",
}  # fmt: skip
_VALUES = (RowField, CallerField, RequestField, Captured, Constant)


class Reader(ValueReader):
    """Reads the functions of one rule. Mistakes are noted and reading goes on, so that all are told at once."""

    # --- functions and statements -------------------------------------------------------------------------------------

    def function(self, frame: Frame) -> Predicate:
        """What a whole function says."""
        outer, self.frame = getattr(self, "frame", frame), frame
        try:
            node = frame.source.node
            if isinstance(node, ast.Lambda):
                return self.condition(node.body)
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            return self.statements(body, node)
        finally:
            self.frame = outer

    def statements(self, body: list[ast.stmt], owner: ast.AST) -> Predicate:
        """``if`` chains that end in ``return``, and a ``return`` at the end."""
        if not body:
            self.stop(owner, "This way through the rule returns nothing.", "End it with return and a condition.")
            return NEVER
        first, rest = body[0], body[1:]
        if isinstance(first, ast.Return) and first.value is not None:
            if rest:
                self.stop(rest[0], "This line is never reached.", "Drop it.")
            return self.condition(first.value)
        if isinstance(first, ast.If):
            test = self.condition(first.test)
            then = self.assuming(implied(test, True), lambda: self.branch(first.body, rest, first))
            otherwise = self.assuming(implied(test, False), lambda: self.branch(first.orelse, rest, first))
            if rest and _returns([first]):
                self.stop(rest[0], "This line is never reached.", "Drop it: both branches above return.")
            return _choice(test, then, otherwise)
        self.outside(first)
        return self.statements(rest, owner) if rest else NEVER

    def branch(self, body: list[ast.stmt], rest: list[ast.stmt], owner: ast.AST) -> Predicate:
        return self.statements(body if _returns(body) else [*body, *rest], owner)

    # --- conditions ---------------------------------------------------------------------------------------------------

    def condition(self, node: ast.expr) -> Predicate:
        """A condition; NEVER where it could not be read."""
        try:
            match node:
                case ast.BoolOp():
                    return self.junction(node)
                case ast.UnaryOp(op=ast.Not()):
                    return negation(self.condition(node.operand))
                case ast.Compare():
                    return self.chain(node)
                case ast.IfExp():
                    test = self.condition(node.test)
                    then = self.assuming(implied(test, True), lambda: self.condition(node.body))
                    return _choice(test, then, self.assuming(implied(test, False), lambda: self.condition(node.orelse)))
                case ast.Call():
                    return self.call(node)
                case _:
                    return self.truth(node)
        except Stop:
            return NEVER

    def assuming(self, more: Iterable[Value], read: Callable[[], Predicate]) -> Predicate:
        outer, self.known = self.known, self.known | frozenset(more)
        try:
            return read()
        finally:
            self.known = outer

    def junction(self, node: ast.BoolOp) -> Predicate:
        every = isinstance(node.op, ast.And)
        outer, parts = self.known, list[Predicate]()
        for value in node.values:
            parts.append(self.condition(value))
            self.known |= implied(parts[-1], every)
        self.known = outer
        return conjunction(*parts) if every else disjunction(*parts)

    def truth(self, node: ast.expr) -> Predicate:
        value = self.value(node)
        if isinstance(value, Constant) and isinstance(value.value, bool):
            return ALWAYS if value.value else NEVER
        side = self.side(value, node)
        if side.field is not None and side.field.kind is not Kind.BOOL:
            what = f"{text(node)} is {side.field.kind.value}, not a condition."
            raise self.stop(node, what, f"Compare it, e.g. {text(node)} is not None.")
        if isinstance(value, Constant):
            raise self.stop(node, f"{text(node)} is not a condition.", "Compare it with something, or write True or False.")
        return Truth(value)

    def chain(self, node: ast.Compare) -> Predicate:
        operands = [node.left, *node.comparators]
        return conjunction(*(self.compare(node, a, op, b) for a, op, b in zip(operands, node.ops, operands[1:], strict=False)))

    def compare(self, node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Predicate:
        if isinstance(op, ast.In | ast.NotIn):
            found = self.membership(left, right)
            return found if isinstance(op, ast.In) else negation(found)
        for one, other in ((left, right), (right, left)):
            if isinstance(other, ast.Constant) and other.value is None:
                return self.none(one, op)
        a, b = self.value(left), self.value(right)
        operator = _OPERATORS[type(op)]
        if isinstance(op, ast.Is | ast.IsNot) and not any(isinstance(v, Constant) and _single(v.value) for v in (a, b)):
            raise self.stop(
                node, f"{text(node)} compares which object it is.", "Write == or !=; `is` is for None, True, False and enum members."
            )
        self.check(node, operator, self.side(a, left), self.side(b, right))
        return Compare(operator, a, b)

    def check(self, node: ast.AST, operator: Operator, a: Side, b: Side) -> None:
        if (mend := mismatch(operator, a, b)) is not None:
            raise self.stop(node, f"{text(node)} does not mean the same in Python and in SQL.", mend[0].upper() + mend[1:])

    def none(self, node: ast.expr, op: ast.cmpop) -> Predicate:
        if not isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            raise self.stop(node, "None has no order.", "Ask `is None` or `is not None`.")
        ref = self.ref(node)
        value: Value
        if isinstance(ref, CallerRef):
            value = CallerField("id", ref.entity)
        elif isinstance(ref, _VALUES):
            value = ref
        else:
            value = self.value(node)
        return IsNone(value) if isinstance(op, ast.Eq | ast.Is) else negation(IsNone(value))

    def membership(self, left: ast.expr, right: ast.expr) -> Predicate:
        value = self.value(left)
        side = self.side(value, left)
        if isinstance(right, ast.Tuple | ast.List | ast.Set):
            pairs = [(self.value(item), item) for item in right.elts]
        else:
            options = self.ref(right)
            if isinstance(options, Captured):
                self.collection(right, side)
                return IsIn(value, options)
            fixed: Any = options.value if isinstance(options, Object) else None
            if not isinstance(fixed, tuple | frozenset):
                what = f"{text(right)} is not a collection that a rule can look into."
                raise self.stop(right, what, "Write a tuple, or use a variable that holds a list, tuple or set.")
            pairs = [(self.constant(item, right), right) for item in cast("tuple[object, ...]", fixed)]
        for option, item in pairs:
            if not (isinstance(option, Constant) and option.value is None):
                self.check(item, "eq", side, self.side(option, item))
        return IsIn(value, tuple(option for option, _ in pairs)) if pairs else NEVER

    def collection(self, node: ast.expr, side: Side) -> None:
        if side.field is not None and side.field.kind in (Kind.FLOAT, Kind.BYTES):
            raise self.stop(
                node,
                f"{side.said} holds {side.field.kind.value}, which cannot be looked for in a collection on every database.",
                "Compare it with single values.",
            )
        self.check(node, "eq", side, Side(text(node)))

    # --- calls --------------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call) -> Predicate:
        target = self.ref(node.func)
        function = target.value if isinstance(target, Object) else None
        if function is exists:
            return self.exists(node)
        if not isinstance(function, FunctionType):
            raise self.stop(
                node,
                f"{text(node)} calls what is not a rule.",
                "Call only exists(...) and plain functions of a module, which are rules themselves.",
            )
        source = source_of(function)
        if isinstance(source, Mistake):
            self.mistakes.append(source)
            raise Stop
        if function in [frame.function for frame in self.frame.chain()]:
            raise self.stop(
                node, f"{function.__qualname__} calls itself.", "Rules cannot recurse: say it with comparisons and exists(...)."
            )
        given = self.arguments(node, function, source.parameters)
        frame = Frame(function, source, given, f"{self.frame.prefix}{text(node.func)}>", self.frame, self.frame.origin)
        return self.function(frame)

    def arguments(self, node: ast.Call, function: FunctionType, names: tuple[str, ...]) -> dict[str, Binding]:
        given = [*zip(names, node.args, strict=False), *((k.arg or "**", k.value) for k in node.keywords)]
        if (
            len(node.args) > len(names)
            or sorted(name for name, _ in given) != sorted(names)
            or any(isinstance(a, ast.Starred) for a in node.args)
        ):
            raise self.stop(
                node,
                f"{text(node)} does not fit {function.__qualname__}({', '.join(names)}).",
                "Give each of its parameters once; defaults and stars are not read.",
            )
        return {name: self.argument(value) for name, value in given}

    def argument(self, node: ast.expr) -> Binding:
        ref = self.ref(node)
        if isinstance(ref, CallerRef) and CallerField("id", ref.entity) in self.known:
            return CallerRef(ref.entity, optional=False)
        if isinstance(ref, Object):
            return self.constant(ref.value, node)
        return ref

    def exists(self, node: ast.Call) -> Predicate:
        if len(node.args) != 2 or node.keywords or not isinstance(node.args[1], ast.Lambda) or len(node.args[1].args.args) != 1:
            raise self.stop(node, f"{text(node)} is not the form of exists.", "Write exists(Entity, lambda row: condition).")
        target = self.ref(node.args[0])
        entity = target.value if isinstance(target, Object) else None
        if not (isinstance(entity, type) and issubclass(entity, Entity) and entity in self.model):
            raise self.stop(
                node.args[0],
                f"{text(node.args[0])} is not an entity of this app.",
                "Name an entity class that `access` names or another entity references.",
            )
        variable = len(self.rows)
        name = node.args[1].args.args[0].arg
        outer = self.frame.names
        self.frame.names = outer | {name: RowRef(variable, entity)}
        try:
            self.rows[variable] = entity
            return Exists(entity, variable, self.condition(node.args[1].body))
        finally:
            self.frame.names = outer


def _choice(test: Predicate, then: Predicate, otherwise: Predicate) -> Predicate:
    return disjunction(conjunction(test, then), conjunction(negation(test), otherwise))


def _single(value: object) -> bool:
    """Whether there is only one object of this value, so that ``is`` and ``==`` agree."""
    return isinstance(value, bool) or hasattr(type(value), "__members__")


def _returns(body: list[ast.stmt]) -> bool:
    """Whether every way through the statements returns."""
    last = body[-1] if body else None
    return isinstance(last, ast.Return) or (isinstance(last, ast.If) and _returns(last.body) and _returns(last.orelse))
