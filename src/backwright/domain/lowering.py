"""Rules lowered from their source to the closed tree of `domain.predicate`: what a rule's parameters are, and the guard before it.

The language itself is in `domain.rule_language`.
"""

import types
import typing
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Literal

from backwright.domain.entity import Account, Entity
from backwright.domain.mistakes import DeclarationError, Mistake
from backwright.domain.model import Model
from backwright.domain.names import Binding, CallerRef, Frame, RequestRef, RowRef
from backwright.domain.predicate import CallerIs, Predicate, about_rows, conjunction, relational
from backwright.domain.request import Request
from backwright.domain.rule_language import Reader
from backwright.domain.source import Source, source_of

Parameter = Literal["row", "caller", "request"]


@dataclass(frozen=True, slots=True)
class Lowered:
    """A rule as a tree, and what it asks for."""

    predicate: Predicate
    """False for a caller whom the rule's types do not admit, whatever the rest says."""
    parameters: tuple[Parameter, ...]
    """What to call the function with, in order."""
    caller_type: type[Account] | None
    """The account class of the caller's parameter; None where the rule has no such parameter."""
    caller_optional: bool
    """Whether the caller may be nobody: no such parameter, or ``Customer | None``."""
    request: bool
    relational: bool
    """Whether other rows are looked at (`exists`), so that only the database can judge."""
    caller_only: bool
    """Whether it can be judged before any row is read."""

    def admits(self, caller: object) -> bool:
        """Whether the rule's types allow this caller: an account, or None for nobody."""
        return self.caller_type is None or CallerIs(self.caller_type, self.caller_optional).admits(caller)


def lower(function: Any, *, rows: tuple[type[Entity], ...], model: Model, bound: bool = False) -> Lowered:
    """Lower a plain function or lambda: its rows first, then the caller, then a `Request`; each may be left out.

    Parameters are told apart by their annotations, and where those are missing by that order. Raises `DeclarationError` with every
    mistake, each with file and line.

    Variables of the enclosing function are values to be given when it runs (`capture.captured_values`), since a lambda in an operation
    is a new function each time. With ``bound`` they are read from this very function: for the rules of an access table.
    """
    mistakes: list[Mistake] = []
    source = _readable(function)
    if isinstance(source, Mistake):
        raise DeclarationError([source])
    kinds = _Signature(function, source, rows, model, mistakes).read()
    reader = Reader(model, mistakes)
    reader.rows = dict(enumerate(rows))
    names = {name: kind for name, kind in kinds.items() if kind is not None}
    body = reader.function(Frame(function, source, names, origin=function if bound else None))
    if mistakes:
        raise DeclarationError(list(dict.fromkeys(mistakes)))
    caller = next((b for b in kinds.values() if isinstance(b, CallerRef)), None)
    guard = () if caller is None or (caller.entity is Account and caller.optional) else (CallerIs(caller.entity, caller.optional),)
    return Lowered(
        predicate=conjunction(*guard, body),
        parameters=tuple(_parameter(b) for b in kinds.values()),
        caller_type=caller.entity if caller else None,
        caller_optional=caller.optional if caller else True,
        request=any(isinstance(b, RequestRef) for b in kinds.values()),
        relational=relational(body),
        caller_only=not about_rows(body),
    )


def _parameter(bound: Binding | None) -> Parameter:
    return "caller" if isinstance(bound, CallerRef) else "request" if isinstance(bound, RequestRef) else "row"


def _readable(function: Any) -> Source | Mistake:
    if isinstance(function, FunctionType):
        return source_of(function)
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    file, line = (code.co_filename, code.co_firstlineno) if code else ("?", 0)
    return Mistake(file, line, f"{function!r} is not a plain function.", "Write the rule as a def or a lambda of its own.")


class _Signature:
    """Tells what each parameter of a rule stands for."""

    def __init__(
        self, function: FunctionType, source: Source, rows: tuple[type[Entity], ...], model: Model, mistakes: list[Mistake]
    ) -> None:
        self.function, self.source, self.rows, self.model, self.mistakes = function, source, rows, model, mistakes
        self.hints = self._hints()

    def wrong(self, what: str, mend: str) -> None:
        self.mistakes.append(Mistake(self.source.file, self.source.node.lineno, f"{self.function.__qualname__} {what}", mend))

    def _hints(self) -> dict[str, Any]:
        try:
            return typing.get_type_hints(self.function)
        except NameError as unknown:
            self.wrong(f"names a type that is not there: {unknown}.", "Define or import it in the same module.")
            return {}

    def read(self) -> dict[str, Binding | None]:
        args = self.source.node.args
        if args.vararg or args.kwarg or args.kwonlyargs or args.defaults:
            self.wrong(
                "has parameters with defaults, stars or keywords.",
                "Take the row, the caller and the request, plainly; use variables of the enclosing function as they are.",
            )
        names = self.source.parameters
        bound: dict[str, Binding | None] = {name: self.annotated(name, n, len(names)) for n, name in enumerate(names)}
        self.by_position(bound)
        for kind, most in ((RowRef, len(self.rows)), (CallerRef, 1), (RequestRef, 1)):
            if sum(isinstance(b, kind) for b in bound.values()) > most:
                self.wrong(
                    f"takes too many parameters of one kind: {', '.join(bound)}.",
                    "A rule takes the row, the caller and the request, each once at most.",
                )
        return bound

    def annotated(self, name: str, position: int, count: int) -> Binding | None:
        hint = self.hints.get(name, Any)
        options = [hint] if typing.get_origin(hint) not in (typing.Union, types.UnionType) else list(typing.get_args(hint))
        classes = [o for o in options if isinstance(o, type) and o is not type(None)]
        if hint is Any:
            return None
        if classes == [Request]:
            return RequestRef()
        row = next((n for n, entity in enumerate(self.rows) if any(issubclass(entity, c) for c in classes)), None)
        accounts = [c for c in classes if issubclass(c, Account)]
        if row is not None and (not accounts or self.is_row(name, position, count)):
            return RowRef(position if position < len(self.rows) else row, self.rows[position if position < len(self.rows) else row])
        if len(accounts) == len(classes) == 1:
            return CallerRef(accounts[0], optional=len(options) > 1)
        about = " or ".join(entity.__name__ for entity in self.rows) or "no entity"
        self.wrong(
            f"takes {name}: {_said(hint)}, but is used for {about}.",
            "Annotate the row's class, one account class (or `Customer | None`), or Request.",
        )
        return None

    def is_row(self, name: str, position: int, count: int) -> bool:
        """Whether a parameter that could be the row or the caller, both being accounts, is the row: it is where another is the caller."""
        if count > 1:
            return position < len(self.rows)
        if name not in ("who", "caller"):
            self.wrong(f"takes {name}, which could be the row or the caller.", "Name the caller `who`, or take both: (row, who).")
        return False

    def by_position(self, bound: dict[str, Binding | None]) -> None:
        """Give the parameters without annotation what is still missing, in order: rows, caller, request."""
        taken = {b.variable for b in bound.values() if isinstance(b, RowRef)}
        left: list[Any] = [RowRef(n, entity) for n, entity in enumerate(self.rows) if n not in taken]
        if not any(isinstance(b, CallerRef) for b in bound.values()):
            left.append(CallerRef)
        if not any(isinstance(b, RequestRef) for b in bound.values()):
            left.append(RequestRef())
        for name, binding in bound.items():
            if binding is None and left and self.hints.get(name, Any) is Any:
                given = left.pop(0)
                bound[name] = self.only_account(name) if given is CallerRef else given

    def only_account(self, name: str) -> CallerRef | None:
        accounts = [m.entity for m in self.model.entities.values() if m.account and issubclass(m.entity, Account)]
        if len(accounts) == 1:
            return CallerRef(accounts[0], optional=False)
        self.wrong(
            f"takes {name} as the caller without saying which account class it is.",
            "Write the rule as a def and annotate it, e.g. who: Customer.",
        )
        return None


def _said(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
