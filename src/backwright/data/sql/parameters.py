"""The parameters of one statement: which placeholder stands for what, and the compiled function that binds them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from backwright.data.engines.engine import Dialect

Source = Literal["input", "caller", "request", "captured", "constant"]
Encode = Callable[[Any], Any]


class Environment:
    """Where a statement's values come from when it runs."""

    __slots__ = ("caller", "captured", "inputs", "request")

    def __init__(self, inputs: Mapping[str, Any], caller: Any = None, request: Any = None, captured: Mapping[str, Any] | None = None) -> None:
        self.inputs = inputs
        self.caller = caller
        self.request = request
        self.captured: Mapping[str, Any] = captured or {}


@dataclass(frozen=True, slots=True)
class Slot:
    """What one placeholder stands for. Equal slots share one placeholder."""

    source: Source
    name: str
    path: tuple[str, ...] = ()
    encode: Encode | None = None
    constant: Any = None


class Parameters:
    """Numbers the placeholders of one statement."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.slots: list[Slot] = []
        self._sign = "$" if dialect == "postgresql" else "?"

    def add(self, slot: Slot, cast: str = "") -> str:
        """The placeholder for `slot`, e.g. ``$2::uuid`` or ``?2``."""
        if slot in self.slots:
            number = self.slots.index(slot) + 1
        else:
            self.slots.append(slot)
            number = len(self.slots)
        return f"{self._sign}{number}{cast if self.dialect == 'postgresql' else ''}"


def binder(slots: list[Slot] | tuple[Slot, ...]) -> Callable[[Environment], tuple[Any, ...]]:
    """The function that turns an environment into the driver's arguments; generated once, so that a request does no look-up by kind."""
    names: dict[str, Any] = {}
    parts: list[str] = []
    for n, slot in enumerate(slots):
        value = _expression(slot, n, names)
        if slot.encode is not None:
            names[f"encode{n}"] = slot.encode
            value = f"(None if (v := {value}) is None else encode{n}(v))"
        parts.append(value)
    source = "lambda e: (" + "".join(part + ", " for part in parts) + ")"
    return eval(source, names)  # type: ignore[no-any-return]  # made of numbers and repr() above


def _expression(slot: Slot, n: int, names: dict[str, Any]) -> str:
    tail = "".join(f".{name}" for name in slot.path if name.isidentifier())
    if slot.source == "input":
        return f"e.inputs[{slot.name!r}]{tail}"
    if slot.source == "captured":
        return f"e.captured[{slot.name!r}]{tail}"
    if slot.source == "constant":
        names[f"constant{n}"] = slot.constant
        return f"constant{n}"
    if not slot.name.isidentifier():
        raise ValueError(f"{slot.name!r} is not the name of an attribute")
    return f"(None if e.{slot.source} is None else e.{slot.source}.{slot.name})"
