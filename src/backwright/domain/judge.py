"""A rule's tree as a Python function: the same verdict as SQL gives, None included. Compiled once.

It differs from running the rule itself in one point: an ordering comparison with None is false, where Python raises TypeError.
"""

import operator
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from backwright.domain.capture import reader
from backwright.domain.predicate import (
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
    Operator,
    Or,
    Predicate,
    RequestField,
    RowField,
    Truth,
    Value,
)  # fmt: skip

Judge = Callable[[Any, Any, Any, Mapping[str, Any]], bool]
"""``judge(row, caller's account or None, request or None, captured values) -> verdict``; several rows come as a tuple."""
_Read = Callable[[Any, Any, Any, Mapping[str, Any]], Any]
_ORDER: dict[Operator, Callable[[Any, Any], bool]] = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}


def judge(predicate: Predicate) -> Judge:
    """The function that decides the predicate. Raises ``ValueError`` for one that looks at other rows (`Exists`)."""
    match predicate:
        case Compare(op, left, right):
            return _compare(op, _read(left), _read(right))
        case IsIn(left, options):
            return _is_in(_read(left), options)
        case IsNone(value):
            read = _read(value)
            return lambda row, caller, request, captured: read(row, caller, request, captured) is None
        case Truth(value):
            read = _read(value)
            return lambda row, caller, request, captured: bool(read(row, caller, request, captured))
        case CallerIs():
            return lambda row, caller, request, captured: predicate.admits(caller)
        case Not(part):
            inner = judge(part)
            return lambda row, caller, request, captured: not inner(row, caller, request, captured)
        case And(parts):
            every = tuple(map(judge, parts))
            return lambda row, caller, request, captured: all(part(row, caller, request, captured) for part in every)
        case Or(parts):
            some = tuple(map(judge, parts))
            return lambda row, caller, request, captured: any(part(row, caller, request, captured) for part in some)
        case Exists(entity):
            raise ValueError(f"a rule that asks exists({entity.__name__}, ...) is judged by the database")


def _compare(op: Operator, left: _Read, right: _Read) -> Judge:
    if op == "eq":
        return lambda row, caller, request, captured: bool(left(row, caller, request, captured) == right(row, caller, request, captured))
    if op == "ne":
        return lambda row, caller, request, captured: bool(left(row, caller, request, captured) != right(row, caller, request, captured))
    order = _ORDER[op]

    def ordered(row: Any, caller: Any, request: Any, captured: Mapping[str, Any]) -> bool:
        a, b = left(row, caller, request, captured), right(row, caller, request, captured)
        return a is not None and b is not None and order(a, b)

    return ordered


def _is_in(left: _Read, options: tuple[Value, ...] | Captured) -> Judge:
    if isinstance(options, Captured):
        collection = _read(options)

        def within(row: Any, caller: Any, request: Any, captured: Mapping[str, Any]) -> bool:
            return left(row, caller, request, captured) in collection(row, caller, request, captured)

        return within
    several = tuple(map(_read, options))

    def found(row: Any, caller: Any, request: Any, captured: Mapping[str, Any]) -> bool:
        value = left(row, caller, request, captured)
        return any(value == option(row, caller, request, captured) for option in several)

    return found


def _read(value: Value) -> _Read:
    match value:
        case RowField(field, 0):
            return lambda row, caller, request, captured: getattr(_first(row), field)
        case RowField(field, variable):
            return lambda row, caller, request, captured: getattr(row[variable], field)
        case CallerField(field, entity):
            admits = CallerIs(entity).admits
            return lambda row, caller, request, captured: getattr(caller, field) if admits(caller) else None
        case RequestField(field):
            return lambda row, caller, request, captured: getattr(request, field)
        case Captured(name, path, guarded):
            if isinstance(origin := value.origin, FunctionType):
                read = reader(origin, name)
                return lambda row, caller, request, captured: follow(read(origin), path, guarded)
            return lambda row, caller, request, captured: follow(captured[name], path, guarded)
        case Constant(constant):
            return lambda row, caller, request, captured: constant


def _first(row: Any) -> Any:
    return row[0] if isinstance(row, tuple) else row  # pyright: ignore[reportUnknownVariableType]


def follow(value: Any, path: tuple[str, ...], guarded: bool) -> Any:
    """The attribute at the end of a path. A guarded path of None is None, because the rule asked for None before."""
    for name in path:
        if guarded and value is None:
            return None
        value = getattr(value, name)
    return value
