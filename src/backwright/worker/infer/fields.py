"""Works out the stored fields of an entity from all schemas that show, make or change it. Pure."""

import re
from dataclasses import dataclass, replace
from typing import Any

from backwright.domain.model import Kind
from backwright.worker.blueprint import FieldPlan
from backwright.worker.design import ABSENT, Design, Property, Schema
from backwright.worker.infer import names, wrapping
from backwright.worker.infer.entities import Draft, Entities
from backwright.worker.infer.kinds import Held, Kinds
from backwright.worker.infer.notes import Notes
from backwright.worker.infer.resources import place_of
from backwright.worker.place import Place

EMPTY: dict[Kind, Any] = {Kind.TEXT: "", Kind.INT: 0, Kind.FLOAT: 0.0, Kind.BOOL: False, Kind.LIST: [], Kind.DECIMAL: "0", Kind.JSON: {}}
_UNIQUE_TEXT = re.compile(
    r"\b(must be unique|is unique|unique (name|code|number|handle|username|slug|key|across)|globally unique)\b", re.IGNORECASE
)


@dataclass(slots=True)
class Told:
    """What the schemas say about one property, put together."""

    property: Property
    shown: bool = False
    always_shown: bool = False
    on_create: bool = False
    required_on_create: bool = False
    on_update: bool = False
    asked: bool = False
    """A request that is not just what answers show carries it."""
    default: Any = ABSENT
    nullable: bool = False


class Fields:
    """Makes the fields of one entity after the other; parts that it meets become entities."""

    def __init__(self, design: Design, entities: Entities, kinds: Kinds, notes: Notes) -> None:
        self.design, self.entities, self.kinds, self.notes = design, entities, kinds, notes

    def of(self, draft: Draft) -> tuple[FieldPlan, ...]:
        """The stored fields, in the order in which the document first names them."""
        found: dict[str, FieldPlan] = {}
        for told in self.told(draft).values():
            field = self.field(draft, told)
            if field is not None and field.name not in found:
                found[field.name] = field
        if draft.part_of:
            found = self.with_whole(draft, found)
        for field in self.parents(draft, found):
            found.setdefault(field.name, field)
        return tuple(found.values())

    def told(self, draft: Draft) -> dict[str, Told]:
        """Every property by its wire name."""
        found: dict[str, Told] = {}
        for view in draft.views:
            for prop in self.design.whole(view).properties:
                told = found.setdefault(prop.name, Told(prop, always_shown=prop.required))
                told.shown, told.always_shown = True, told.always_shown and prop.required
        for role, schema in draft.inputs:
            same = any(place_of(self.design, schema) == place_of(self.design, view) for view in draft.views)
            for prop in self.design.whole(schema).properties:
                told = found.setdefault(prop.name, Told(prop))
                self.input(told, role, prop, same)
        for told in found.values():
            whole = self.design.whole(told.property.schema)
            told.nullable = told.nullable or whole.nullable
            told.default = whole.default if told.default is ABSENT else told.default
        return found

    def input(self, told: Told, role: str, prop: Property, same: bool) -> None:
        whole = self.design.whole(prop.schema)
        if whole.read_only:
            return
        told.asked = told.asked or not same
        told.on_create, told.on_update = told.on_create or role == "create", told.on_update or role == "update"
        told.required_on_create = told.required_on_create or (role == "create" and prop.required)
        told.nullable = told.nullable or (whole.nullable and not same)
        if role == "create" and told.default is ABSENT:
            told.default = whole.default

    def field(self, draft: Draft, told: Told) -> FieldPlan | None:
        prop, word = told.property, names.norm(told.property.name)
        whole = self.design.whole(prop.schema)
        if prop.name == draft.id_wire or (word in names.PASSWORDS and draft.account):
            return None
        if draft.account and word in names.TOKENS and not told.on_create:
            self.notes.add(
                f"{draft.name}.{prop.name}",
                "is the access token, not stored with the account",
                "the account's answer carries it",
                "certain",
                prop.origin,
            )
            return None
        if draft.account and word == "email":
            return None
        plan = self.stamp(draft, told, whole, word) or self.reference(draft, told) or self.part(draft, told) or self.value(draft, told)
        return self.extended(draft, plan, whole) if plan is not None else None

    def stamp(self, draft: Draft, told: Told, whole: Schema, word: str) -> FieldPlan | None:
        stamp = "created" if word in names.CREATED else "updated" if word in names.UPDATED else "version" if word == "version" else ""
        if not stamp or told.asked or (whole.format != "date-time" if stamp != "version" else whole.types != ("integer",)):
            return None
        if stamp == "version":
            return FieldPlan(
                name=stamp,
                wire=told.property.name,
                kind=Kind.INT,
                managed=True,
                stamp=stamp,
                doc=whole.description,
                place=told.property.origin,
            )
        self.notes.add(
            f"{draft.name}.{told.property.name}",
            f"is when the row was {stamp}, kept by the kit",
            "its name and type say so, and clients never send it",
            "certain",
            told.property.origin,
        )
        return FieldPlan(
            name=f"{stamp}_at",
            wire=told.property.name,
            kind=Kind.DATETIME,
            managed=True,
            stamp=stamp,
            doc=whole.description,
            place=told.property.origin,
        )

    def reference(self, draft: Draft, told: Told) -> FieldPlan | None:
        """A key of another entity, or another entity shown in place."""
        prop = told.property
        found = self.target(draft, prop)
        if found is None:
            return None
        target, many, reason, confidence = found
        word = names.norm(prop.name)
        stem = names.singular(word.removesuffix("_ids")) + "s" if many else re.sub(r"_(id|uuid|key)$", "", word)
        name = names.python_name(stem)
        managed = self.managed(draft, told)
        optional = not many and (told.nullable or not (told.required_on_create or told.always_shown))
        self.notes.add(f"{draft.name}.{prop.name}", f"refers to {target}", reason, confidence, prop.origin)  # type: ignore[arg-type]
        return FieldPlan(
            name=name, wire=prop.name, kind=Kind.MANY if many else Kind.REFERENCE, target=target, managed=managed,
            optional=optional, maybe=optional and not told.nullable,
            doc=self.design.whole(prop.schema).description, place=prop.origin,
        )  # fmt: skip

    def target(self, draft: Draft, prop: Property) -> tuple[str, bool, str, str] | None:
        whole, word = self.design.whole(prop.schema), names.norm(prop.name)
        declared = whole.extensions.get("x-reference")
        many = "array" in whole.types
        if isinstance(declared, str):
            return names.pascal(declared), many, "x-reference says so", "certain"
        inner = whole.items if many and whole.items is not None else prop.schema
        if (shown := self.entities.by_place.get(place_of(self.design, inner))) is not None and shown in self.entities.drafts:
            part = self.entities.drafts[shown]
            if many and (part.part_of or part.extensions.get("x-part-of")):
                return None
            return shown, many, f"it shows one of the {shown} entity" if not many else f"it lists rows of {shown}", "likely"
        found = re.fullmatch(r"(.+)_(id|uuid)s?", word)
        if found is None:
            return None
        stem = names.singular(found[1])
        by_type = self.by_id_schema(inner)
        if by_type is not None and by_type != draft.name:
            return by_type, many, "its schema is that of the other's id", "certain"
        return self.by_stem(draft, stem, many)

    def by_id_schema(self, schema: Schema) -> str | None:
        """``eventId: {$ref: EventId}`` where ``SpecialEvent.eventId`` has the same ``$ref``."""
        if not schema.ref:
            return None
        for draft in self.entities.drafts.values():
            for view in draft.views:
                prop = self.design.whole(view).find(draft.id_wire) if draft.id_wire else None
                if prop is not None and prop.schema.ref and place_of(self.design, prop.schema) == place_of(self.design, schema):
                    return draft.name
        return None

    def by_stem(self, draft: Draft, stem: str, many: bool) -> tuple[str, bool, str, str] | None:
        exact = next((d.name for d in self.entities.drafts.values() if d.word == stem), None)
        if exact is not None:
            return exact, many, f"its name is {exact} with id", "likely"
        ending = [d.name for d in self.entities.drafts.values() if d.word.endswith(f"_{stem}")]
        if len(ending) == 1:
            return ending[0], many, f"{ending[0]} is the only entity called so", "likely"
        account = next((d.name for d in self.entities.drafts.values() if d.account), None)
        if account is not None and stem in names.OWNERS:
            return account, many, f"{stem} is a person, and {account} is the account", "likely"
        if stem in ("parent", f"parent_{draft.word}"):
            return draft.name, many, "a parent is of the same entity", "likely"
        return None

    def part(self, draft: Draft, told: Told) -> FieldPlan | None:
        """An array of objects that live in this one becomes an entity of its own; nothing is stored here then."""
        prop = told.property
        whole = self.design.whole(prop.schema)
        items = self.design.whole(whole.items) if "array" in whole.types and whole.items is not None else None
        if items is None or whole.items is None or not wrapping.is_object(items) or whole.extensions.get("x-part-of") is False:
            return self.value(draft, told)
        known = self.entities.by_place.get(place_of(self.design, whole.items))
        keyed = [p for p in items.properties if names.norm(p.name) in ("id", "uuid") or self.target(draft, p) is not None]
        if known is None and not keyed:
            self.notes.add(
                f"{draft.name}.{prop.name}", "is kept as a JSON list", "its items have no id and refer to nothing", "likely", prop.origin
            )
            return self.value(draft, told)
        name = known or names.pascal(f"{draft.word}_{names.singular(names.norm(prop.name)).removeprefix(draft.word + '_')}")
        part = self.entities.drafts.get(name)
        if part is None:
            part = self.entities.add(Draft(name, items.place, f"{draft.name} holds several of them", items.description), whole.items)
            self.entities.keys()
        part.part_of, part.embedded_as = draft.name, prop.name
        reason = (
            "x-part-of says so"
            if "x-part-of" in part.extensions
            else f"they are shown only inside {draft.name}, and have an id or refer to other things"
        )
        self.notes.add(f"{draft.name}.{prop.name}", f"holds parts: {name}", reason, "likely", prop.origin)
        return None

    def value(self, draft: Draft, told: Told) -> FieldPlan | None:
        prop, word = told.property, names.norm(told.property.name)
        whole = self.design.whole(prop.schema)
        if self.holds_parts(draft, prop):
            return None
        about = f"{draft.name}.{prop.name}"
        held = self.kinds.of(prop.schema, about)
        secret = whole.write_only or whole.format == "password" or word in names.PASSWORDS
        managed = not secret and self.managed(draft, told)
        optional = told.nullable or held.nullable
        default, optional = self.default(draft, told, held, optional, managed)
        unique = not draft.part_of and held.kind in (Kind.TEXT, Kind.UUID) and self.unique(draft, prop, whole, word)
        plan = FieldPlan(
            name=names.python_name(prop.name), wire=prop.name, kind=held.kind, element=held.element, limits=held.limits, enum=held.enum,
            optional=optional, maybe=optional and not (told.nullable or held.nullable or secret), default=default, unique=unique,
            managed=managed, secret=secret, doc=whole.description, example=whole.examples[0] if whole.examples else ABSENT,
            place=prop.origin,
        )  # fmt: skip
        return self.slug(draft, plan, told)

    def holds_parts(self, draft: Draft, prop: Property) -> bool:
        return any(d.part_of == draft.name and d.embedded_as == prop.name for d in self.entities.drafts.values())

    def managed(self, draft: Draft, told: Told) -> bool:
        whole, about = self.design.whole(told.property.schema), f"{draft.name}.{told.property.name}"
        if "x-managed" in whole.extensions:
            return whole.extensions["x-managed"] is True
        if whole.read_only:
            return True
        if not draft.inputs or told.on_create or told.on_update or not told.shown:
            return False
        self.notes.add(about, "only the server sets it", "answers show it and no request carries it", "likely", told.property.origin)
        return True

    def default(self, draft: Draft, told: Told, held: Held, optional: bool, managed: bool) -> tuple[Any, bool]:
        """The default, and whether null is allowed."""
        about, place = f"{draft.name}.{told.property.name}", told.property.origin
        if told.default is not ABSENT and told.default is not None:
            return told.default, optional
        if told.required_on_create:
            return ABSENT, optional
        if optional:
            return None, True
        if not told.always_shown:
            self.notes.add(about, "may be missing: null is stored", "no request needs it, and answers may leave it out", "likely", place)
            return None, True
        unknowable = managed and held.kind in (Kind.TEXT, Kind.JSON)
        if not draft.inputs or unknowable or held.kind not in EMPTY or not _fits_empty(held):
            return ABSENT, False
        reason = "answers always show it, and the request that makes one need not carry it"
        toggle = self.toggle(draft, told) if held.kind is Kind.BOOL and managed else ""
        reason += f"; {toggle} is likely to change it, perhaps for each caller by himself" if toggle else ""
        self.notes.add(about, f"starts as {EMPTY[held.kind]!r}", reason, "guess", place)
        return EMPTY[held.kind], False

    def toggle(self, draft: Draft, told: Told) -> str:
        """The action whose name has the stem of a flag: ``POST /articles/{slug}/favorite`` for ``favorited``."""
        word = names.norm(told.property.name).removeprefix("is_")
        stem = re.sub(r"(ing|ed|d)$", "", word)
        actions = [o for o in self.design.operations if o.method == "POST" and "}" in o.path.rpartition("/")[0] and len(stem) > 2]
        found = next(
            (o for o in actions if names.literals(o.path)[-1].startswith(stem) and any(o.path.startswith(r.base) for r in draft.resources)),
            None,
        )
        return f"{found.method} {found.path}" if found is not None else ""

    def unique(self, draft: Draft, prop: Property, whole: Schema, word: str) -> bool:
        declared = whole.extensions.get("x-unique")
        about = f"{draft.name}.{prop.name}"
        if isinstance(declared, bool):
            return declared
        if names.python_name(prop.name) == draft.key:
            return True
        if word in names.UNIQUES and not (word == "email" and not draft.account):
            self.notes.add(about, "is unique", f"a {word.replace('_', ' ')} names one", "likely", prop.origin)
            return True
        if _UNIQUE_TEXT.search(whole.description):
            self.notes.add(about, "is unique", f"its description says so: {whole.description.strip()[:80]!r}", "likely", prop.origin)
            return True
        return False

    def slug(self, draft: Draft, plan: FieldPlan, told: Told) -> FieldPlan:
        if names.norm(plan.wire) not in ("slug", "permalink") or not plan.managed:
            return plan
        told_all = {names.norm(p) for view in draft.views for p in (q.name for q in self.design.whole(view).properties)}
        source = next((name for name in ("title", "name", "headline") if name in told_all), "")
        if source:
            self.notes.add(
                f"{draft.name}.{plan.wire}",
                f"is made from {source}",
                "a slug that no request carries must come from somewhere",
                "likely",
                plan.place,
            )
        return replace(plan, made_from=source, default=ABSENT, unique=True)

    def extended(self, draft: Draft, plan: FieldPlan, whole: Schema) -> FieldPlan:
        """What ``x-`` extensions say has the last word."""
        said = whole.extensions
        if isinstance(said.get("x-managed"), bool):
            plan = replace(plan, managed=bool(said["x-managed"]))
        if isinstance(said.get("x-unique"), bool):
            plan = replace(plan, unique=bool(said["x-unique"]))
        return plan

    def parents(self, draft: Draft, found: dict[str, FieldPlan]) -> list[FieldPlan]:
        """``/articles/{slug}/comments``: a comment belongs to an article, even where no comment shows it."""
        fields: list[FieldPlan] = []
        for resource in draft.resources:
            above = self.entities.resources.get(resource.parent)
            if (
                above is None
                or above.entity in ("", draft.name)
                or "create" not in resource.roles
                or any(f.target == above.entity for f in found.values())
            ):
                continue
            place, name = resource.roles["create"].place, names.python_name(names.norm(above.entity))
            self.notes.add(
                f"{draft.name}.{name}",
                f"refers to {above.entity}; it is not shown",
                f"they are made under {resource.base}",
                "likely",
                place,
            )
            fields.append(FieldPlan(name=name, wire="", kind=Kind.REFERENCE, target=above.entity, managed=True, place=place))
        return fields

    def with_whole(self, draft: Draft, found: dict[str, FieldPlan]) -> dict[str, FieldPlan]:
        """A part refers to its whole first; the document seldom says so."""
        own = names.norm(draft.part_of)
        existing = next((f for f in found.values() if f.kind is Kind.REFERENCE and f.target == draft.part_of), None)
        name = existing.name if existing is not None else names.python_name(own)
        place: Place = existing.place if existing is not None else draft.place
        whole = FieldPlan(
            name=name,
            wire=existing.wire if existing is not None else f"{own}_id",
            kind=Kind.REFERENCE,
            target=draft.part_of,
            part=True,
            place=place,
        )
        return {name: whole, **{k: f for k, f in found.items() if k != name}}


def _fits_empty(held: Held) -> bool:
    limits = held.limits
    lowest = next((bound for bound in (limits.ge, limits.gt) if bound is not None), None)
    return (
        not limits.min_length
        and limits.pattern is None
        and limits.format is None
        and (lowest is None or lowest < 0 or (lowest == 0 and limits.gt is None))
    )
