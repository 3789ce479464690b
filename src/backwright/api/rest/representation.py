"""What the database writes, as a shape that schemas and examples are made of: the same keys in the same nesting. Pure."""

from collections.abc import Iterable

from backwright.data.sql.shapes import Shape
from backwright.domain.model import Field, Model
from backwright.operations.shapes import ListOf, Member, ObjectOf, field_shape, with_null


def representation(shape: Shape, model: Model) -> ObjectOf:
    """The object that clients see."""
    members = [
        *(_field(wire, f, model) for wire, f in shape.fields),
        *(Member(name=f.name, wire=wire, shape=with_null(representation(inner, model))) for wire, f, inner in shape.expanded),
        *(Member(name=p.wire, wire=wire, shape=ListOf(element=representation(inner, model))) for wire, p, inner in shape.parts),
        *(_field(wire, f, model) for wire, f in shape.many),
    ]
    expanded = "And".join(f.name.title().replace("_", "") for _, f, _ in shape.expanded)
    name = f"{shape.model.name}With{expanded}" if expanded else shape.model.name
    return ObjectOf(name=name, members=tuple(members), doc=shape.model.doc)


def partial(shown: ObjectOf, more: Iterable[tuple[str, ObjectOf]]) -> ObjectOf:
    """The same with any of its keys left out, and with more references expanded: what ``fields`` and ``expand`` may make of it."""
    known = {m.wire for m in shown.members}
    extra = tuple(Member(name=wire, wire=wire, shape=with_null(inner)) for wire, inner in more if wire not in known)
    return ObjectOf(name=f"{shown.name}View", members=(*shown.members, *extra), partial=True, doc=shown.doc)


def _field(wire: str, field: Field, model: Model) -> Member:
    return Member(name=field.name, wire=wire, shape=field_shape(field, model), doc=field.doc, example=field.example, maybe=field.maybe)
