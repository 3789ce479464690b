"""Rows into objects and objects into rows, compiled per entity. Pure."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from backwright.data.engines.engine import Dialect
from backwright.data.sql.kinds import encoder, loader
from backwright.domain.entity import Entity
from backwright.domain.model import EntityModel, Field, Kind

KEPT = {"id": "_id", "created_at": "_created_at", "updated_at": "_updated_at", "version": "_version"}


def attribute(field: Field) -> str:
    """The attribute that holds a field's value: what the kit keeps lies behind read-only properties."""
    return KEPT[field.name] if field.stamp or field.name == "id" else field.name


class Objects:
    """The two ways between one entity's objects and its rows (columns in the order of `Statements.columns`)."""

    def __init__(self, model: EntityModel, dialect: Dialect) -> None:
        self.model = model
        self.id = model.id
        self.columns = (self.id, *(f for f in model.fields if f.kind is not Kind.MANY))
        self.many = tuple(f for f in model.fields if f.kind is Kind.MANY)
        self.from_row = _maker(model.entity, self.columns, [loader(f, dialect) for f in self.columns], self.many)
        self._written = [(attribute(f), encoder(f, dialect)) for f in self.columns]

    def values(self, item: Entity) -> dict[str, Any]:
        """The object's stored values by field name."""
        return {f.name: getattr(item, attribute(f)) for f in self.columns}

    def snapshot(self, item: Entity) -> tuple[Any, ...]:
        """The object as the driver would store it: two snapshots differ exactly if a write is needed."""
        return tuple(value if (value := getattr(item, name)) is None or encode is None else encode(value) for name, encode in self._written)

    def changed(self, item: Entity, before: tuple[Any, ...]) -> tuple[Field, ...]:
        """The fields whose values differ from the snapshot."""
        now = self.snapshot(item)
        return tuple(f for f, old, new in zip(self.columns, before, now, strict=True) if old != new)


def _maker(
    entity: type[Entity], columns: Sequence[Field], loaders: Sequence[Callable[[Any], Any] | None], many: Sequence[Field]
) -> Callable[[Sequence[Any]], Entity]:
    """One generated call of the constructor, so that a row costs no loop."""
    names: dict[str, Any] = {"entity": entity}
    parts = [f"{field.name}=[]" for field in many]  # filled by `Unit.load_links`
    for n, (field, load) in enumerate(zip(columns, loaders, strict=True)):
        if load is None:
            parts.append(f"{attribute(field)}=r[{n}]")
        else:
            names[f"load{n}"] = load
            parts.append(f"{attribute(field)}=None if r[{n}] is None else load{n}(r[{n}])")
    return cast("Callable[[Sequence[Any]], Entity]", eval(f"lambda r: entity({', '.join(parts)})", names))
