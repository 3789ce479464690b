"""The parameters of one statement: which placeholder stands for what, and the compiled function that binds them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Literal

from backwright.data.engines.engine import Dialect
from backwright.domain.capture import reader
from backwright.domain.entity import Account
from backwright.domain.judge import follow
from backwright.domain.predicate import CallerIs

Source = Literal["input", "caller", "request", "captured", "constant", "condition"]
"""``condition``: what needs no row is decided in Python and bound as one boolean; `Slot.encode` decides it, given the environment."""
Encode = Callable[[Any], Any]


class Environment:
    """Where a statement's values come from when it runs."""

    __slots__ = ("caller", "captured", "inputs", "request")

    def __init__(
        self, inputs: Mapping[str, Any], caller: Any = None, request: Any = None, captured: Mapping[str, Any] | None = None
    ) -> None:
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
    owner: type[Account] | None = None
    """Callers: the account class whose field it is; None is bound for any other caller."""
    origin: Callable[..., object] | None = None
    """Captured names: the function to read it from; None where the environment gives the value."""
    guarded: bool = False
    """Captured paths: None on the way ends in None."""

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for slots that always bind the same. A constant's type counts: ``True == 1`` in Python."""
        return (
            self.source,
            self.name,
            self.path,
            self.encode,
            type(self.constant).__name__,
            repr(self.constant),
            self.owner,
            self.guarded,
            self.origin,
        )


class Parameters:
    """Numbers the placeholders of one statement."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.slots: list[Slot] = []
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._sign = "$" if dialect == "postgresql" else "?"

    def add(self, slot: Slot, cast: str = "") -> str:
        """The placeholder for `slot`, e.g. ``$2::uuid`` or ``?2``."""
        number = self._numbers.setdefault(slot.key, len(self.slots) + 1)
        if number > len(self.slots):
            self.slots.append(slot)
        return f"{self._sign}{number}{cast if self.dialect == 'postgresql' else ''}"


def binder(slots: list[Slot] | tuple[Slot, ...]) -> Callable[[Environment], tuple[Any, ...]]:
    """The function that turns an environment into the driver's arguments; generated once, so that a request does no look-up by kind."""
    names: dict[str, Any] = {}
    parts: list[str] = []
    for n, slot in enumerate(slots):
        value = _expression(slot, n, names)
        if slot.encode is not None and slot.source != "condition":
            names[f"encode{n}"] = slot.encode
            value = f"(None if (v := {value}) is None else encode{n}(v))"
        parts.append(value)
    source = "lambda e: (" + "".join(part + ", " for part in parts) + ")"
    return eval(source, names)  # type: ignore[no-any-return]  # made of numbers and repr() above


def _expression(slot: Slot, n: int, names: dict[str, Any]) -> str:
    for name in (*slot.path, *([slot.name] if slot.source in ("caller", "request") else ())):
        if not name.isidentifier():
            raise ValueError(f"{name!r} is not the name of an attribute")
    tail = "".join(f".{name}" for name in slot.path)
    match slot.source:
        case "input":
            return f"e.inputs[{slot.name!r}]{tail}"
        case "captured" if isinstance(slot.origin, FunctionType):
            names |= {"follow": follow, f"read{n}": reader(slot.origin, slot.name), f"origin{n}": slot.origin}
            return f"follow(read{n}(origin{n}), {slot.path!r}, {slot.guarded})"
        case "captured" if slot.guarded:
            names["follow"] = follow
            return f"follow(e.captured[{slot.name!r}], {slot.path!r}, True)"
        case "captured":
            return f"e.captured[{slot.name!r}]{tail}"
        case "constant":
            names[f"constant{n}"] = slot.constant
            return f"constant{n}"
        case "condition":
            names[f"condition{n}"] = slot.encode
            return f"condition{n}(e)"
        case "caller" if slot.owner is not None:
            names[f"is{n}"] = CallerIs(slot.owner).admits
            return f"(e.caller.{slot.name} if is{n}(e.caller) else None)"
        case _:
            return f"(None if e.{slot.source} is None else e.{slot.source}.{slot.name})"
