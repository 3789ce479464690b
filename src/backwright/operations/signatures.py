"""The inputs of an operation, read from its signature: every parameter after the first."""

import inspect
import typing
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from backwright.domain.mistakes import DeclarationError, Mistake
from backwright.domain.model import Model
from backwright.operations.given_inputs import source_of
from backwright.operations.shapes import NOTHING, Member, Unreadable, member


def call_members(function: Callable[..., Any], model: Model, without: Collection[str] = ()) -> tuple[Member, ...]:
    """The JSON inputs of an operation: its parameters after the first, without those named and those that are `Form`, `Body` or `Upload`.

    Raises `DeclarationError` with every parameter that cannot be read.
    """
    return _members(function, model, lambda name, hint: name not in without and source_of(hint) is None)


def form_members(function: Callable[..., Any], model: Model) -> tuple[Member, ...]:
    """The inputs that an operation takes from form fields (`Form`). Raises `DeclarationError` likewise."""
    return _members(function, model, lambda name, hint: source_of(hint) == "form")


def _members(function: Callable[..., Any], model: Model, wanted: Callable[[str, Any], bool]) -> tuple[Member, ...]:
    hints = typing.get_type_hints(function, include_extras=True)
    found: list[Member] = []
    mistakes: list[Mistake] = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if not wanted(parameter.name, hints.get(parameter.name)):
            continue
        default = NOTHING if parameter.default is parameter.empty else parameter.default
        try:
            if parameter.name not in hints or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                raise Unreadable("a parameter needs a name and a type")
            found.append(member(parameter.name, hints[parameter.name], model, default))
        except Unreadable as reason:
            code = function.__code__
            mistakes.append(
                Mistake(
                    code.co_filename,
                    code.co_firstlineno,
                    f"{function.__name__}({parameter.name}) cannot be an input.",
                    f"{str(reason)[:1].upper()}{str(reason)[1:]}.",
                )
            )
    if mistakes:
        raise DeclarationError(mistakes)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class FilePart:
    """A parameter that takes an uploaded file (`Upload`), or several."""

    name: str
    several: bool
    required: bool


def file_parts(function: Callable[..., Any]) -> tuple[FilePart, ...]:
    """The parameters that take uploads."""
    hints = typing.get_type_hints(function)
    return tuple(
        FilePart(p.name, "list[" in str(hints[p.name]), p.default is p.empty)
        for p in list(inspect.signature(function).parameters.values())[1:]
        if source_of(hints.get(p.name)) == "upload"
    )


def body_parameter(function: Callable[..., Any]) -> str | None:
    """The parameter that takes the whole body as it came (`Body`), if there is one."""
    hints = typing.get_type_hints(function)
    return next((name for name in list(inspect.signature(function).parameters)[1:] if source_of(hints.get(name)) == "body"), None)
