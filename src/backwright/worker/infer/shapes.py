"""The JSON objects on the wire: each schema that a request or an answer uses, tied to the stored fields where it shows them. Pure."""

from backwright.domain.model import Kind
from backwright.worker.blueprint import EntityPlan, FieldPlan, Member, Shape, Source
from backwright.worker.design import ABSENT, Design, Property, Schema
from backwright.worker.infer import names, wrapping
from backwright.worker.infer.entities import Entities
from backwright.worker.infer.kinds import Held, Kinds
from backwright.worker.infer.resources import place_of

_TOKENS = ("token", "refresh_token", "token_type", "expires_in")


class Shapes:
    """Makes every shape once; circles end at the name."""

    def __init__(self, design: Design, entities: Entities, plans: dict[str, EntityPlan], kinds: Kinds) -> None:
        self.design, self.entities, self.plans, self.kinds = design, entities, plans, kinds
        self.names: dict[str, str] = {}
        self.found: dict[str, Shape] = {}

    def of(self, schema: Schema, about: str, entity: str = "") -> str:
        """The name of the shape of an object schema; nothing if it is not an object with named properties."""
        whole = self.design.whole(schema)
        if not wrapping.is_object(whole):
            return ""
        key = place_of(self.design, schema)
        if key not in self.names:
            self.names[key] = name = self.free(names.pascal(whole.name or about))
            entity = entity or self.entities.by_place.get(key, "")
            plan = self.plans.get(entity)
            members = tuple(self.member(prop, name, plan) for prop in whole.properties)
            self.found[name] = Shape(
                name=name,
                entity=plan.name if plan is not None else "",
                members=members,
                closed=whole.additional is False,
                doc=whole.description,
                place=whole.place,
            )
        return self.names[key]

    def free(self, name: str) -> str:
        taken = set(self.names.values())
        number = 2
        free = name
        while free in taken:
            free, number = f"{name}{number}", number + 1
        return free

    def member(self, prop: Property, shape: str, plan: EntityPlan | None) -> Member:
        whole = self.design.whole(prop.schema)
        items = whole.items if "array" in whole.types else None
        nested = self.of(items if items is not None else prop.schema, f"{shape}_{names.norm(prop.name)}")
        source, field = self.source(prop, plan, nested)
        held = (
            self.kinds.of(prop.schema, f"{shape}.{prop.name}")
            if source not in _TOKENS
            else Held(Kind.INT if source == "expires_in" else Kind.TEXT)
        )
        return Member(
            wire=prop.name, source=source, field=field, name=names.python_name(prop.name), kind=held.kind, element=held.element,
            shape=nested, many=items is not None,
            required=prop.required, nullable=held.nullable, read_only=whole.read_only,
            default=whole.default, limits=held.limits, enum=held.enum,
            doc=whole.description,
            example=whole.examples[0] if whole.examples else ABSENT, place=prop.origin,
        )  # fmt: skip

    def source(self, prop: Property, plan: EntityPlan | None, nested: str) -> tuple[Source, str]:
        """Where the value comes from: a stored field, the id, a part, a token, or a function that must say."""
        word = names.norm(prop.name)
        if plan is None:
            return self.loose(word)
        if prop.name == plan.id_wire:
            return "id", "id"
        if plan.account and word in names.PASSWORDS:
            return "password", "password_hash"
        if plan.account and word == "email":
            return "field", "email"
        part = next((p for p in self.plans.values() if p.part_of == plan.name and p.embedded_as == prop.name), None)
        if part is not None:
            return "parts", part.name
        field: FieldPlan | None = next((f for f in plan.fields if f.wire == prop.name), None) or plan.field(names.python_name(prop.name))
        if field is None and plan.account and word in names.TOKENS:
            return self.loose(word)
        if field is None:
            return "computed", ""
        if field.kind in (Kind.REFERENCE, Kind.MANY):
            return ("nested" if nested else "reference"), field.name
        return "field", field.name

    def loose(self, word: str) -> tuple[Source, str]:
        tokens: dict[str, Source] = {
            "token": "token",
            "refresh_token": "refresh_token",
            "token_type": "token_type",
            "expires_in": "expires_in",
        }
        return (
            (tokens[names.TOKENS[word]], "")
            if word in names.TOKENS
            else ("password", "password_hash")
            if word in names.PASSWORDS
            else ("input", "")
        )
