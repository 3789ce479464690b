"""The variables that a rule sees in its enclosing function and module, read when it runs. Compiled once per code object."""

from collections.abc import Callable, Sequence
from types import CellType, CodeType, FunctionType
from typing import Any

Read = Callable[[FunctionType], Any]
_readers: dict[tuple[CodeType, tuple[str, ...]], tuple[tuple[str, Read], ...]] = {}


def captured_values(function: Callable[..., object], names: Sequence[str]) -> dict[str, Any]:
    """The present values of the names that a lowered rule captured (`predicate.captured_names`). Raises ``NameError`` for one not yet set.

    A lambda is a new object each time its line runs, but its code is the same: what is compiled here is kept by code.
    """
    assert isinstance(function, FunctionType)
    key = (function.__code__, tuple(names))
    readers = _readers.get(key)
    if readers is None:
        readers = _readers[key] = tuple((name, reader(function, name)) for name in names)
    return {name: read(function) for name, read in readers}


def reader(function: FunctionType, name: str) -> Read:
    """The function that reads one captured name from this function, or from another with the same code."""
    head, inside, rest = name.partition(">")
    if inside:
        return _inside(function, head, rest)
    free = function.__code__.co_freevars
    if name in free:
        position = free.index(name)
        return lambda f: _cell(f.__closure__, position, name)
    return lambda f: f.__globals__[name]


def _inside(function: FunctionType, path: str, name: str) -> Read:
    """A variable of a function that the rule calls by the dotted path."""
    first, *attributes = path.split(".")

    def called(f: FunctionType) -> FunctionType:
        found = f.__globals__[first]
        for attribute in attributes:
            found = getattr(found, attribute)
        return found  # type: ignore[no-any-return]

    read = reader(called(function), name)
    return lambda f: read(called(f))


def _cell(closure: tuple[CellType, ...] | None, position: int, name: str) -> Any:
    assert closure is not None
    try:
        return closure[position].cell_contents
    except ValueError:
        raise NameError(f"{name} is used in a rule before it has a value") from None
