"""Watches the kit's code while a project runs in the same process: what was a function, a class or a constant must still be the same.

It finds what replaces a part of the kit, and so a part of the check. It does not find a project that goes for the interpreter itself:
`code.candid` names code that reaches that far, and replaying elsewhere is what remains.
"""

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

_KIT = "backwright."
_HELD = (FunctionType, type, staticmethod, classmethod, property, int, float, str, bytes, tuple, frozenset)


class Guard:
    """What the kit's loaded modules hold when it is made. Made before the project is loaded."""

    def __init__(self) -> None:
        self._held = dict(_parts())

    def changed(self) -> list[str]:
        """The names of the parts that are not what they were, sorted."""
        now = dict(_parts())
        return sorted(
            name for name, (part, body) in self._held.items() if name not in now or now[name][0] is not part or now[name][1] != body
        )


def _parts() -> Iterator[tuple[str, tuple[Any, Any]]]:
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(_KIT):
            for name, part in list(vars(module).items()):
                if isinstance(part, _HELD) and not name.startswith("__"):
                    yield f"{module_name}.{name}", (part, _body(part))
                    if isinstance(part, type) and part.__module__ == module_name:
                        yield from _members(f"{module_name}.{name}", part)


def _members(path: str, kind: type) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name, part in list(vars(kind).items()):
        if isinstance(part, _HELD[:5]):
            yield f"{path}.{name}", (part, _body(part))


def _body(part: Any) -> Any:
    """What can be replaced inside of a function without replacing the function."""
    inner = getattr(part, "__func__", part)
    return (inner.__code__, inner.__defaults__) if isinstance(inner, FunctionType) else None
