"""Decides what is stored: groups the resources that show the same thing, names it, and finds its key. Pure."""

from dataclasses import dataclass, field
from typing import Any, Literal

from backwright.worker.design import Design, Operation, Property, Schema
from backwright.worker.infer import names, wrapping
from backwright.worker.infer.accounts import SignIn
from backwright.worker.infer.notes import Notes
from backwright.worker.infer.resources import Resource, place_of
from backwright.worker.place import Place


@dataclass(slots=True)
class Draft:
    """An entity while it is being worked out."""

    name: str
    place: Place
    because: str
    doc: str = ""
    account: bool = False
    resources: list[Resource] = field(default_factory=lambda: [])
    views: list[Schema] = field(default_factory=lambda: [])
    """Schemas that show it, the best first."""
    inputs: list[tuple[str, Schema]] = field(default_factory=lambda: [])
    """Schemas that make or change it: ("create" or "update", schema)."""
    part_of: str = ""
    embedded_as: str = ""
    id_wire: str = ""
    id_kind: Literal["uuid", "int"] = "uuid"
    key: str = "id"
    extensions: dict[str, Any] = field(default_factory=lambda: {})

    @property
    def word(self) -> str:
        """Its name in snake case."""
        return names.norm(self.name)


class Entities:
    """All drafts, and which schema shows or carries which of them."""

    def __init__(self, design: Design, sign_in: SignIn, found: dict[str, Resource], notes: Notes) -> None:
        self.design, self.sign_in, self.resources, self.notes = design, sign_in, found, notes
        self.drafts: dict[str, Draft] = {}
        self.by_place: dict[str, str] = {}

    def run(self) -> None:
        """Work out every entity; the account first, since others refer to it."""
        self.account()
        ranked = sorted(self.resources.values(), key=lambda r: (-("read" in r.roles), -len(r.roles), len(r.base)))
        for resource in ranked:
            self.place(resource)
        self.folded_views()
        self.declared()
        self.inputs()
        self.keys()
        self.silent()

    def account(self) -> None:
        source = self.account_source()
        if source is None:
            return
        operation, schema = source
        whole = self.design.whole(schema)
        name = names.bare(whole.name) if whole.name else "User"
        reason = f"{operation.method} {operation.path} is about the thing that signs in"
        draft = self.add(Draft(name, whole.place, reason, whole.description, account=True), schema)
        for kind, found in self.sign_in.operations.items():
            shown, carried = wrapping.answer(self.design, found), wrapping.request(self.design, found)
            if kind in ("me", "update_me", "sign_up", "sign_in") and shown is not None and self.alike(shown.schema, schema):
                self.show(draft, shown.schema)
            if kind in ("sign_up", "update_me") and carried is not None:
                self.carry(draft, "create" if kind == "sign_up" else "update", carried.schema)
        self.notes.add(f"entity {name}", "is the account that signs in", reason, "likely", whole.place)

    def account_source(self) -> tuple[Operation, Schema] | None:
        for kind in ("me", "sign_up", "sign_in"):
            operation = self.sign_in.operations.get(kind)
            shown = wrapping.answer(self.design, operation) if operation is not None else None
            if operation is None or shown is None or shown.many:
                continue
            whole = self.design.whole(shown.schema)
            real = [p for p in whole.properties if names.norm(p.name) not in names.TOKENS]
            inner = [p for p in real if wrapping.is_object(self.design.whole(p.schema))]
            if len(real) == 1 and inner:
                return operation, inner[0].schema
            if len(real) >= 2:
                return operation, shown.schema
        operation = self.sign_in.operations.get("sign_up")
        carried = wrapping.request(self.design, operation) if operation is not None else None
        return (operation, carried.schema) if operation is not None and carried is not None else None

    def alike(self, one: Schema, other: Schema) -> bool:
        first, second = ({names.norm(p.name) for p in self.design.whole(s).properties} for s in (one, other))
        return len(first & second) >= max(1, len(second) // 2)

    def add(self, draft: Draft, schema: Schema) -> Draft:
        self.drafts[draft.name] = draft
        draft.extensions = dict(self.design.whole(schema).extensions)
        self.show(draft, schema)
        return draft

    def show(self, draft: Draft, schema: Schema) -> None:
        self.by_place.setdefault(place_of(self.design, schema), draft.name)
        if all(place_of(self.design, s) != place_of(self.design, schema) for s in draft.views):
            draft.views.append(schema)

    def carry(self, draft: Draft, role: str, schema: Schema) -> None:
        self.by_place.setdefault(place_of(self.design, schema), draft.name)
        if all((r, place_of(self.design, s)) != (role, place_of(self.design, schema)) for r, s in draft.inputs):
            draft.inputs.append((role, schema))

    def place(self, resource: Resource) -> None:
        """Put a resource to the entity that it shows; make the entity if it is new."""
        assert resource.schema is not None
        whole = self.design.whole(resource.schema)
        known = self.by_place.get(place_of(self.design, resource.schema))
        draft = self.drafts[known] if known is not None else self.sibling(resource, whole)
        if draft is None:
            draft = self.add(Draft(self.name_for(resource, whole), whole.place, resource.because, whole.description), resource.schema)
            self.notes.add(
                f"entity {draft.name}",
                "is stored",
                resource.because,
                "likely" if "list" in resource.roles or "read" in resource.roles else "guess",
                whole.place,
            )
        resource.entity = draft.name
        draft.resources.append(resource)
        for operation in resource.roles.values():
            shown = wrapping.answer(self.design, operation)
            if shown is not None and wrapping.is_object(self.design.whole(shown.schema)) and self.overlap(draft, shown.schema):
                self.show(draft, shown.schema)

    def sibling(self, resource: Resource, whole: Schema) -> Draft | None:
        """The entity of the same name, if this schema is another view of it."""
        draft = self.drafts.get(self.name_for(resource, whole))
        return draft if draft is not None and resource.schema is not None and self.overlap(draft, resource.schema) else None

    def overlap(self, draft: Draft, schema: Schema) -> bool:
        theirs = {names.norm(p.name) for p in self.design.whole(schema).properties}
        ours = {names.norm(p.name) for view in draft.views for p in self.design.whole(view).properties}
        return bool(theirs) and len(theirs & ours) * 2 >= min(len(theirs), len(ours))

    def name_for(self, resource: Resource, whole: Schema) -> str:
        declared = whole.extensions.get("x-entity")
        if isinstance(declared, str):
            return names.pascal(declared)
        word = names.noun(resource.base)
        stem, noun = names.bare(whole.name) if whole.name else "", names.pascal(word)
        if stem and (names.norm(stem).endswith(word) or word.endswith(names.norm(stem)) or "read" in resource.roles):
            return stem
        known = {names.bare(s.name) for s in self.design.named}
        name = noun if noun in known or not stem or "list" not in resource.roles else stem
        return (
            name
            if name not in self.drafts
            else names.pascal(f"{names.noun(resource.parent)}_{name}")
            if resource.parent
            else f"{name}Entry"
        )

    def folded_views(self) -> None:
        """``Profile`` shows the same username, bio and image as ``User``: a view of the account."""
        account = next((d for d in self.drafts.values() if d.account), None)
        for draft in list(self.drafts.values()) if account is not None else []:
            if account is None or draft is account or {r for s in draft.resources for r in s.roles} - {"read", "list"}:
                continue
            shared, key = self.shared(account, draft), names.norm(draft.resources[0].param) if draft.resources else ""
            theirs = self.design.whole(draft.views[0]).properties
            if len(shared) >= 2 and len(shared) * 3 >= len(theirs) * 2 and (key in shared or key in ("id", f"{account.word}_id")):
                self.fold(draft, account, shared)

    def shared(self, one: Draft, other: Draft) -> set[str]:
        first, second = ({names.norm(p.name) for v in d.views for p in self.design.whole(v).properties} for d in (one, other))
        return first & second

    def fold(self, draft: Draft, into: Draft, shared: set[str]) -> None:
        del self.drafts[draft.name]
        self.by_place = {place: into.name if name == draft.name else name for place, name in self.by_place.items()}
        into.views += draft.views
        into.resources += draft.resources
        for resource in draft.resources:
            resource.entity = into.name
        self.notes.found.pop((f"entity {draft.name}", "is stored"), None)
        reason = f"it shows the same {', '.join(sorted(shared))}, and nothing creates or changes one"
        self.notes.add(f"schema {draft.name}", f"is a view of {into.name}, not stored by itself", reason, "likely", draft.place)

    def declared(self) -> None:
        """Schemas that say ``x-entity`` themselves but have no path of their own: parts, for example."""
        for schema in self.design.named:
            said = schema.extensions.get("x-entity")
            if said in (None, False) or place_of(self.design, schema) in self.by_place:
                continue
            name = names.pascal(said) if isinstance(said, str) else names.bare(schema.name)
            draft = self.drafts.get(name)
            if draft is None:
                self.add(Draft(name, schema.place, "x-entity says so", schema.description), schema)
            else:
                self.show(draft, schema)

    def inputs(self) -> None:
        """Requests at an entity's own paths make or change it, whatever their schemas are called."""
        for draft in self.drafts.values():
            for resource in draft.resources:
                for role in ("create", "update", "replace"):
                    operation = resource.roles.get(role)
                    carried = wrapping.request(self.design, operation) if operation is not None else None
                    if carried is not None and wrapping.is_object(self.design.whole(carried.schema)):
                        self.carry(draft, "create" if role == "create" else "update", carried.schema)

    def silent(self) -> None:
        """Rows that no operation makes."""
        for draft in self.drafts.values():
            roles = {role for resource in draft.resources for role in resource.roles}
            shown = (wrapping.answer(self.design, o) for o in self.design.operations if o.method == "POST")
            made = any(s is not None and self.by_place.get(place_of(self.design, s.schema)) == draft.name for s in shown)
            if not draft.account and not draft.part_of and roles and not made:
                self.notes.add(
                    f"entity {draft.name}",
                    "gets its rows from elsewhere",
                    "the document shows them, and nothing in it makes one",
                    "likely",
                    draft.place,
                )

    def keys(self) -> None:
        for draft in self.drafts.values():
            found = self.id_property(draft)
            if found is not None:
                draft.id_wire = found.name
                draft.id_kind = "int" if "integer" in self.design.whole(found.schema).types else "uuid"
                if self.design.whole(found.schema).types == ("string",) and self.design.whole(found.schema).format != "uuid":
                    self.notes.add(
                        f"{draft.name}.id",
                        "is a time-ordered UUID, as text on the wire",
                        "the document only says that it is a string",
                        "likely",
                        found.origin,
                    )
            param = next((r.param for r in draft.resources if r.param and "read" in r.roles), "") or next(
                (r.param for r in draft.resources if r.param), ""
            )
            if (param and found is None) or (
                param and names.norm(param) in self.plain_names(draft) and found is not None and names.norm(param) != names.norm(found.name)
            ):
                self.own_key(draft, param, found)

    def own_key(self, draft: Draft, param: str, found: Property | None) -> None:
        """``/articles/{slug}``: the path's parameter is a property; ``/orders/{orderId}`` without one: the id is not shown."""
        if names.norm(param) in self.plain_names(draft):
            draft.key = names.python_name(param)
            self.notes.add(f"{draft.name}.{draft.key}", "is unique", f"paths name one {draft.word} by it", "certain", draft.place)

    def plain_names(self, draft: Draft) -> set[str]:
        return {names.norm(p.name) for v in draft.views for p in self.design.whole(v).properties}

    def id_property(self, draft: Draft) -> Property | None:
        words = {draft.word, draft.word.rpartition("_")[2], *(names.noun(r.base) for r in draft.resources)}
        wanted = ["id", "_id", "uuid", *(f"{word}_id" for word in sorted(words)), *(f"{word}_uuid" for word in sorted(words))]
        params = [names.norm(r.param) for r in draft.resources if names.norm(r.param).endswith(("id", "uuid"))]
        for view in draft.views:
            properties = {names.norm(p.name) or p.name: p for p in self.design.whole(view).properties}
            for name in (*wanted, *params):
                if name in properties or name.strip("_") in properties:
                    return properties.get(name) or properties[name.strip("_")]
        return None
