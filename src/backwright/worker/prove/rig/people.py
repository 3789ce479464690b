"""The callers of a proof: nobody, two plain accounts of each class, and one for each flag or choice that a rule asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backwright.domain.entity import Account
from backwright.domain.model import Kind, Model
from backwright.worker.prove.rig.oracle import Oracle, caller_fields


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks. `account` is None for nobody."""

    name: str
    account: Any = None
    token: str | None = None
    refresh_token: str | None = None

    def __str__(self) -> str:
        return self.name


NOBODY = Person("anonymous")


def wanted(kinds: Sequence[type[Account]], model: Model, oracle: Oracle) -> list[tuple[str, type[Account], dict[str, Any]]]:
    """The accounts to make: a name, the class, and the values that set it apart. Plain ones have every flag off."""
    asked = caller_fields(oracle.predicates())
    found: list[tuple[str, type[Account], dict[str, Any]]] = []
    for kind in kinds:
        word = kind.__name__.lower()
        flags = [f for f in model[kind].fields if f.kind is Kind.BOOL]
        plain = {f.name: f.default if isinstance(f.default, bool) else False for f in flags}
        roles = [f for f in model[kind].fields if f.kind is Kind.ENUM]
        plain |= {f.name: f.default if isinstance(f.default, f.type) else next(iter(f.type)) for f in roles}
        found += [(f"{word} one", kind, plain), (f"{word} two", kind, plain)]
        names = {field for entity, field in asked if issubclass(kind, entity)}
        for f in flags:
            if f.name in names:
                found.append((f"{word} {'not ' if plain[f.name] else ''}{f.name}", kind, plain | {f.name: not plain[f.name]}))
        for f in roles:
            if f.name in names:
                found += [(f"{word} {m.value}", kind, plain | {f.name: m}) for m in f.type if m is not plain[f.name]]
    return found
