"""What mends a standard that failed: its finding, read, becomes a change of the blueprint, or another measurement. Pure.

The table is short on purpose: a remedy stands here only if it follows from the finding. For everything else nothing is tried again.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from backwright.worker.blueprint import Blueprint, EntityPlan, IndexPlan, OperationPlan

Index = tuple[str, str]
"""An entity and the field that an index is to begin with."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A blueprint with the remedies in it, and what they are."""

    blueprint: Blueprint
    done: Mapping[str, str]
    """Standard → what was done about it, in words."""
    again: tuple[str, ...]
    """Standards that are only to be measured again."""
    helpless: Mapping[str, str]
    """Standard → its finding, where no remedy is known."""


def mend(blueprint: Blueprint, failed: Mapping[str, str]) -> Mended:
    """Everything that the findings of the failed standards (id → finding) say how to mend."""
    done: dict[str, str] = {}
    again: list[str] = []
    helpless: dict[str, str] = {}
    for standard, finding in failed.items():
        indexes = [i for i in dict.fromkeys(_wanted(blueprint, standard, finding)) if not _led(blueprint, *i)]
        if indexes:
            for entity, field in indexes:
                blueprint = _with_index(blueprint, entity, field)
            done[standard] = "declares an index on " + ", ".join(f"{entity}.{field}" for entity, field in indexes)
        elif _passing(standard, finding):
            done[standard] = "measures again: another load on the machine may have been the reason"
            again.append(standard)
        else:
            helpless[standard] = finding
    return Mended(blueprint, done, tuple(again), helpless)


def _wanted(blueprint: Blueprint, standard: str, finding: str) -> Iterator[Index]:
    for pattern, indexes in _INDEXES.get(standard, ()):
        for match in re.finditer(pattern, finding):
            yield from indexes(blueprint, match)


def _foreign_key(blueprint: Blueprint, match: re.Match[str]) -> Iterator[Index]:
    """``no index of comment begins with article_id on sqlite``"""
    column = match["columns"].split(",")[0].strip()
    for entity in blueprint.entities:
        if match["table"].strip('"') in (entity.table, _one(entity)):
            yield from ((entity.name, f.name) for f in entity.fields if column in (f.name, f"{f.name}_id"))


def _list(blueprint: Blueprint, match: re.Match[str]) -> Iterator[Index]:
    """``GET /v1/posts?tag on sqlite sorts a whole table``: what the list is narrowed or ordered by leads an index."""
    for operation in blueprint.operations:
        if operation.method == "GET" and _same(blueprint.contract.prefix + operation.path, match["path"]):
            asked = set((match["query"] or "").split("&")) - {""}
            yield from ((operation.entity, field) for field in _keys(blueprint, operation, asked))


def _keys(blueprint: Blueprint, operation: OperationPlan, asked: set[str]) -> Iterator[str]:
    entity = next((e for e in blueprint.entities if e.name == operation.entity), None)
    if entity is None:
        return
    ordered = [] if operation.sort is None else [name.lstrip("-+") for name in (*operation.sort.fields, operation.sort.default)]
    narrowed = [f.field.partition(".")[0] for f in operation.filters if f.wire in asked]
    yield from (name for name in narrowed or ordered if (field := entity.field(name)) is not None and field.element is None)


def _led(blueprint: Blueprint, entity: str, field: str) -> bool:
    return any(index.fields[:1] == (field,) for e in blueprint.entities if e.name == entity for index in e.indexes)


def _with_index(blueprint: Blueprint, entity: str, field: str) -> Blueprint:
    entities = (replace(e, indexes=(*e.indexes, IndexPlan((field,)))) if e.name == entity else e for e in blueprint.entities)
    return replace(blueprint, entities=tuple(entities))


def _passing(standard: str, finding: str) -> bool:
    """Whether the finding is a time, which depends on what else runs; answers that fail do so every time."""
    return standard == "run.latency" and " ms" in finding


def _one(entity: EntityPlan) -> str:
    return "_".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[0-9]+", entity.name)).lower()


def _same(design: str, served: str) -> bool:
    return re.sub(r"\{[^}]*\}", "{}", design) == re.sub(r"\{[^}]*\}", "{}", served)


_OF_LIST = r"GET (?P<path>/[^\s?]*)(?:\?(?P<query>\S+))? on \w+ (?:sorts a whole table|reads all of)"
_INDEXES: Mapping[str, Iterable[tuple[str, Callable[[Blueprint, re.Match[str]], Iterator[Index]]]]] = {
    "db.fk-indexed": [(r"no index of (?P<table>\S+) begins with (?P<columns>[\w, ]+?) on ", _foreign_key)],
    "db.query-indexed": [(_OF_LIST, _list)],
}
"""Standard → what its finding may say, and which indexes that asks for."""
