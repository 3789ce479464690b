"""An input under a contract's names: keys in its case, and the whole under an envelope's key. Pure."""

from collections.abc import Callable
from dataclasses import replace

from backwright.operations.inputs import Input
from backwright.operations.shapes import ListOf, MapOf, Member, ObjectOf, Shape


def renamed(input: Input, naming: Callable[[str], str], envelope: str | None = None) -> Input:
    """The same input with every key named by `naming`; under `envelope` its value is the attribute ``enveloped``."""
    shape = _object(input.shape, naming)
    if envelope is None:
        return Input(shape) if shape != input.shape else input
    member = Member(name="enveloped", wire=envelope, shape=shape)
    return Input(ObjectOf(name=f"{shape.name}Envelope", members=(member,)))


def _object(shape: ObjectOf, naming: Callable[[str], str]) -> ObjectOf:
    members = tuple(replace(m, wire=naming(m.wire), shape=_named(m.shape, naming)) for m in shape.members)
    return replace(shape, members=members)


def _named(shape: Shape, naming: Callable[[str], str]) -> Shape:
    match shape:
        case ObjectOf():
            return _object(shape, naming)
        case ListOf():
            return replace(shape, element=_named(shape.element, naming))
        case MapOf():
            return replace(shape, value=_named(shape.value, naming))
        case _:
            return shape
