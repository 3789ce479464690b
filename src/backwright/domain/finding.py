"""Which entities an app is about: those its access table names, those its functions' signatures name, and the parts of all of them."""

import typing
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from backwright.domain.access import Grant
from backwright.domain.entity import Account, Entity
from backwright.domain.fields import Mark


def named_entities(grants: Iterable[Grant]) -> Iterator[type[Entity]]:
    """The entities that grants name: as targets, and in the signatures of functions."""
    for grant in grants:
        if isinstance(grant.target, type):
            if issubclass(grant.target, Entity):
                yield grant.target
        else:
            yield from _in_signature(grant.target)


def with_parts(entities: Iterable[type[Entity]]) -> list[type[Entity]]:
    """The entities and, behind them, every entity that is `PartOf` one of them, however deep."""
    found = dict.fromkeys(entities)
    wholes = {entity: _whole(entity) for entity in _subclasses(Entity)}
    size = 0
    while size != len(found):
        size = len(found)
        found.update(dict.fromkeys(entity for entity, whole in wholes.items() if whole in found))
    return list(found)


def _in_signature(function: Callable[..., Any]) -> Iterator[type[Entity]]:
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError:  # told with its place when the catalogue is built
        return
    for hint in hints.values():
        yield from _in_type(hint)


def _in_type(hint: Any) -> Iterator[type[Entity]]:
    if isinstance(hint, type) and issubclass(hint, Entity) and hint not in (Entity, Account):
        yield hint
    for argument in typing.get_args(hint):
        yield from _in_type(argument)


def _whole(entity: type[Entity]) -> type[Entity] | None:
    try:
        hints = typing.get_type_hints(entity, include_extras=True)
    except NameError:  # an entity that nobody has named may be unfinished
        return None
    for hint in hints.values():
        marks = getattr(hint, "__metadata__", ())
        if any(isinstance(mark, Mark) and mark.word == "part" for mark in marks):
            return typing.cast("type[Entity]", typing.get_args(hint.__origin__)[0])
    return None


def _subclasses(entity: type[Entity]) -> Iterator[type[Entity]]:
    for subclass in entity.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
