"""What a name in a rule stands for: a parameter, a variable of the enclosing function, or an object of the module."""

import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from types import FunctionType, ModuleType
from typing import Any, cast

from backwright.domain.comparing import SCALARS
from backwright.domain.entity import Account, Entity
from backwright.domain.predicate import Captured, Constant, Value
from backwright.domain.source import Source


@dataclass(frozen=True, slots=True)
class RowRef:
    """A row variable."""

    variable: int
    entity: type[Entity]


@dataclass(frozen=True, slots=True)
class CallerRef:
    """The caller's account."""

    entity: type[Account]
    optional: bool
    """Whether it may be None."""


@dataclass(frozen=True, slots=True)
class RequestRef:
    """The request."""


@dataclass(frozen=True, slots=True)
class Object:
    """An object of the program: a constant, an enum, a module, a function."""

    value: Any

    def member(self, name: str) -> "Object | None":
        """Its attribute, where that is as fixed as the object itself."""
        if isinstance(self.value, ModuleType | type) and hasattr(self.value, name):
            found = getattr(self.value, name)
            return Object(found) if is_fixed(found) else None
        if isinstance(self.value, Enum) and name in ("value", "name"):
            return Object(getattr(self.value, name))
        return None


Binding = RowRef | CallerRef | RequestRef | Value
Ref = Binding | Object


def is_fixed(value: Any) -> bool:
    """Whether a module's variable is taken as it is at start: a constant, a tuple of constants, a class, a function, a module."""
    if isinstance(value, tuple | frozenset):
        return all(v is None or isinstance(v, SCALARS) for v in cast("tuple[Any, ...]", value))
    return value is None or callable(value) or isinstance(value, (*SCALARS, ModuleType))


@dataclass
class Frame:
    """One function being read: its parameters, and the functions that called it."""

    function: Callable[..., object]
    source: Source
    names: dict[str, Binding]
    prefix: str = ""
    """What goes before the names of its variables, so that each is found when it runs: ``helper>``."""
    caller: "Frame | None" = field(default=None, repr=False)
    origin: Callable[..., object] | None = None
    """The rule itself, where its variables are read from it and not given."""

    def chain(self) -> Iterator["Frame"]:
        """This frame, its caller, and so on."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.caller

    def look_up(self, name: str) -> Ref | None:
        """What a name stands for; None where it is not defined.

        A variable of the enclosing function is read again whenever the rule runs, and so is a module's list, set or object.
        """
        if name in self.names:
            return self.names[name]
        if name in cast(FunctionType, self.function).__code__.co_freevars:
            return Captured(self.prefix + name, origin=self.origin)
        function = cast(FunctionType, self.function)
        scope: dict[str, Any] = function.__globals__
        if name not in scope and not hasattr(builtins, name):
            return None
        value = scope[name] if name in scope else getattr(builtins, name)
        if value is None:
            return Constant(None)
        return Object(value) if is_fixed(value) else Captured(self.prefix + name, origin=self.origin)
