"""Random models whose every field is optional or has a default, so that each can become any other with rows in the tables."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from hypothesis import strategies as st

from backwright.data.layout import Layout
from backwright.data.layout_of import layout_of
from backwright.domain.entity import Entity
from backwright.domain.fields import Id, Limits
from backwright.domain.model import Model, build_model
from tests.support.migrating import entity

_TYPES: dict[Any, Any] = {
    str: "a'b", int: 3, float: 0.5, bool: True, Decimal: Decimal("1.25"), UUID: None, date: date(2026, 1, 2), datetime: None,
    dict[str, Any]: {}, list[int]: [], bytes: b"\x00", Annotated[int, Limits(ge=0, le=9)]: 4, Annotated[str, Limits(max_length=40)]: "",
    Annotated[Decimal, Limits(scale=2)]: Decimal("7.5"),
}  # fmt: skip
_FIELDS = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.sampled_from(list(_TYPES)), st.booleans()), max_size=4)
_ENTITIES = st.dictionaries(st.sampled_from(["Ant", "Bee", "Cat"]), st.tuples(_FIELDS, st.sampled_from(["", "Ant", "Bee"])), min_size=1)


def models() -> st.SearchStrategy[Model]:
    """Up to three entities, with references to earlier ones."""
    return _ENTITIES.map(_model)


def layouts() -> st.SearchStrategy[Layout]:
    """The layouts of random models."""
    return models().map(layout_of)


def _model(entities: dict[str, tuple[dict[str, tuple[Any, bool]], str]]) -> Model:
    made: dict[str, type[Entity]] = {}
    for name in sorted(entities):
        fields, target = entities[name]
        hints: dict[str, Any] = {}
        defaults: dict[str, Any] = {}
        for field, (kind, optional) in sorted(fields.items()):
            defaults[field] = None if optional else _TYPES[kind]
            hints[field] = kind | None if optional or _TYPES[kind] is None else kind
        if target in made:
            hints[target.lower()] = Id[made[target]] | None  # type: ignore[valid-type]
            defaults[target.lower()] = None
        made[name] = entity(name, hints, defaults, id_column="BeeNo" if name == "Bee" else None)
    return build_model(made.values())
