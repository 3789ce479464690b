"""Seeded rows: for every entity of a project some rows that satisfy its limits, references and unique keys. The same for each seed."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from backwright.domain.entity import Account, Entity
from backwright.domain.model import EntityModel, Field, Kind, Model
from backwright.operations.inputs import Decoder, input_of
from backwright.operations.shapes import Member, field_shape
from backwright.worker.prove.rig.samples import Samples


def own(model: Model) -> list[EntityModel]:
    """The project's own entities, each after those it refers to; not the tables that the kit keeps for itself."""
    return [entity for entity in model.in_order if not entity.entity.__module__.startswith("backwright.")]


class Seeds:
    """Makes rows. `ids` are the ids of the rows that are there already, by entity."""

    def __init__(self, model: Model, ids: Mapping[type[Entity], Sequence[Any]], seed: int = 7) -> None:
        self.model = model
        self.ids = ids
        self.chance = Random(seed)
        self.samples = Samples(self._reference, seed)
        self._counted = {(f.counter.entity, f.counter.field) for m in model.entities.values() for f in m.fields if f.counter}
        self._taken: dict[str, set[Any]] = {}
        self._readers: dict[type[Entity], tuple[tuple[Member, ...], Decoder]] = {}

    def row(self, entity: type[Entity], n: int, fixed: Mapping[str, Any] | None = None) -> Entity | None:
        """The n-th row, not yet stored; `fixed` are values that it must have. None if no more fit under the unique keys."""
        for attempt in range(20):
            values = self._values(self.model[entity], n + attempt * 1000) | dict(fixed or {})
            if self._free(self.model[entity], values):
                return entity(**values)
        return None

    def _values(self, model: EntityModel, n: int) -> dict[str, Any]:
        members, decoder = self._reader(model)
        given: dict[str, Any] = {}
        for member in members:
            if member.shape.optional and self._empty(model.by_name[member.name]):
                given[member.wire] = None
            else:
                given[member.wire] = self.samples.member(member, n)
        read = decoder.decode(msgspec.json.encode(given))
        return {member.name: getattr(read, member.name) for member in members}

    def _reader(self, model: EntityModel) -> tuple[tuple[Member, ...], Decoder]:
        known = self._readers.get(model.entity)
        if known is None:
            fields = [f for f in model.fields if not f.stamp and (model.entity, f.name) not in self._counted and f.name != "password_hash"]
            members = tuple(Member(name=f.name, wire=f.name, shape=field_shape(f, self.model), example=f.example) for f in fields)
            known = self._readers[model.entity] = members, Decoder(input_of(f"Seed{model.name}", members))
        return known

    def _empty(self, item: Field) -> bool:
        """Whether an optional field stays empty: a fourth of the time, and where there is nothing to refer to."""
        if item.kind is Kind.REFERENCE and item.target is not None and not self.ids.get(item.target):
            return True
        return self.chance.random() < 0.25

    def _reference(self, target: Any, chance: Random) -> Any:
        known = self.ids.get(target) or self.ids.get(next((e for e in self.ids if issubclass(e, target)), target))
        if not known:
            raise NoRow(f"there is no row of {target.__name__} to refer to")
        key = known[chance.randrange(len(known))]
        return key if isinstance(key, int) else str(key)

    def _free(self, model: EntityModel, values: Mapping[str, Any]) -> bool:
        """Whether no unique key is taken; then they are."""
        keys = {
            index.name: tuple(_comparable(values.get(name)) for name in index.fields)
            for index in model.indexes
            if index.unique and all(values.get(name) is not None for name in index.fields)
        }
        if any(key in self._taken.get(name, set()) for name, key in keys.items()):
            return False
        for name, key in keys.items():
            self._taken.setdefault(name, set()).add(key)
        return True


class NoRow(LookupError):
    """A row needs another one that cannot be made."""


def _comparable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def is_account(entity: type[Entity]) -> bool:
    """Whether rows of the entity can sign in."""
    return issubclass(entity, Account)
