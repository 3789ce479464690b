"""How each operation of a design is served: by the default sign-in routes, by a resource, or by a function. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from backwright.domain.model import Kind
from backwright.domain.naming import camel, kebab, plural, snake
from backwright.worker.blueprint import Blueprint, EntityPlan, Member, OperationPlan, Shape

Way = Literal["account", "resource", "function"]
DEFAULT_ACCOUNT_ROUTES = {
    "sign_up": ("POST", "/sign-up"), "sign_in": ("POST", "/sign-in"), "refresh": ("POST", "/refresh"),
    "sign_out": ("POST", "/sign-out"), "me": ("GET", "/me"),
}  # fmt: skip
DERIVED = ("list", "create", "read", "update", "replace", "delete")
TOKENS = {"token": "access_token", "refresh_token": "refresh_token", "token_type": "token_type", "expires_in": "expires_in"}
JSON = ("application/json", "application/merge-patch+json")
VERB_METHODS = {"list": "GET", "create": "POST", "read": "GET", "update": "PATCH", "replace": "PUT", "delete": "DELETE"}


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """One entity at one path, with the operations that it serves."""

    entity: EntityPlan
    path: str
    operations: dict[str, OperationPlan] = field(default_factory=dict[str, OperationPlan])
    """Verb → operation."""


class Serving:
    """The way of every operation, and why it is not simpler."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.camel = blueprint.contract.naming == "camel"
        self.reasons: dict[str, str] = {}
        """Operation → why it needs a function."""
        self.default_accounts = self._default_accounts()
        self.resources: list[ResourcePlan] = []
        self.ways: dict[str, Way] = {}
        signing = ("sign_up", "sign_in", "refresh", "sign_out", "me", "update_me")
        for operation in blueprint.operations:
            if operation.kind in signing:
                self.ways[operation.name] = "account" if self.default_accounts and operation.kind != "update_me" else "function"
        self._resources()
        for operation in blueprint.operations:
            self.ways.setdefault(operation.name, "function")

    def served_by(self, way: Way) -> list[OperationPlan]:
        """The operations that go this way."""
        return [o for o in self.blueprint.operations if self.ways[o.name] == way]

    # --- sign-in ------------------------------------------------------------------------------------------------------

    def _default_accounts(self) -> bool:
        """Whether every sign-in operation of the design is one that the default contract serves, just as it stands there."""
        asked = [o for o in self.blueprint.operations if o.kind in DEFAULT_ACCOUNT_ROUTES]
        return self.blueprint.sign_in_account is not None and all(self._as_by_default(o) for o in asked)

    def _as_by_default(self, operation: OperationPlan) -> bool:
        if (operation.method, operation.path) != DEFAULT_ACCOUNT_ROUTES[operation.kind]:
            return self._because(operation, "its path is not the default one")
        answer, body = operation.answer, operation.body
        if answer.envelope or (body is not None and body.envelope):
            return self._because(operation, "its answer stands in an envelope")
        if operation.kind in ("sign_in", "refresh"):
            shown = {m.source: m.wire for m in self.blueprint.shape(answer.shape).members} if answer.shape else {}
            same = shown == ({s: camel(w) for s, w in TOKENS.items()} if self.camel else TOKENS)
            return same or self._because(operation, "its tokens have other names")
        return operation.kind == "sign_out" or self.fits(operation)

    def _because(self, operation: OperationPlan, why: str) -> bool:
        self.reasons.setdefault(operation.name, why)
        return False

    # --- resources ----------------------------------------------------------------------------------------------------

    def _resources(self) -> None:
        found: dict[tuple[str, str], ResourcePlan] = {}
        for operation in self.blueprint.operations:
            if operation.kind not in DERIVED or not operation.entity or operation.name in self.ways:
                continue
            if not self._plain(operation):
                continue
            entity = self.blueprint.entity(operation.entity)
            path = operation.path if operation.kind in ("list", "create") else operation.path.rpartition("/")[0]
            plan = found.setdefault((entity.name, path), ResourcePlan(entity, path))
            if operation.kind not in plan.operations:
                plan.operations[operation.kind] = operation
        for plan in found.values():
            self._agreeing(plan)
            if plan.operations:
                self.resources.append(plan)
                self.ways.update({o.name: "resource" for o in plan.operations.values()})

    def _plain(self, operation: OperationPlan) -> bool:
        """Whether a resource can serve it by itself."""
        entity = self.blueprint.entity(operation.entity)
        single = operation.kind not in ("list", "create")
        if operation.needs:
            return self._because(operation, operation.needs[0])
        if operation.method != VERB_METHODS[operation.kind] and not (operation.kind == "update" and operation.method == "PUT"):
            return self._because(operation, f"{operation.method} is not the method of this verb")
        if operation.kind == "update" and operation.method == "PUT":
            return self._because(operation, "its PUT changes single fields")
        if len(operation.keys) != (1 if single else 0) or (single and not operation.path.endswith("}")):
            return self._because(operation, "its path names more than the row itself")
        if single and operation.keys[0].field not in ("id", entity.key):
            return self._because(operation, "its key is not one of the row's")
        if [s for s in operation.sets if not (s.source == "caller" and s.field == entity.owner)]:
            return self._because(operation, "it sets fields that nobody sends")
        if operation.arguments or any("." in f.field for f in operation.filters):
            return self._because(operation, "it takes parameters that are no fields of the row")
        if operation.sort is not None and operation.sort.values:
            return self._because(operation, f"{operation.sort.wire} names orders of its own")
        if operation.answer.beside:
            return self._because(operation, f"its answer carries {', '.join(operation.answer.beside)} beside the list")
        return self._takes(operation, entity) and (operation.kind == "delete" or self.fits(operation))

    def _takes(self, operation: OperationPlan, entity: EntityPlan) -> bool:
        body = operation.body
        if body is None:
            return operation.kind not in ("create", "update", "replace") or self._because(operation, "it takes no body")
        if body.media_type not in JSON or body.many or not body.shape:
            return self._because(operation, f"its body is {body.media_type}")
        writable = {f.name for f in entity.fields if not (f.managed or f.secret or f.stamp or f.part)}
        given = {m.field for m in self.blueprint.shape(body.shape).members if m.source in ("field", "reference")}
        members = self.blueprint.shape(body.shape).members
        strange = [m.wire for m in members if not self._taken(m, writable) and not self._echoed(m, entity)]
        if strange:
            return self._because(operation, f"its body carries {', '.join(strange)}")
        if operation.kind in ("create", "replace") and writable - given:
            return self._because(operation, f"its body does not carry {', '.join(sorted(writable - given))}")
        return True

    def _echoed(self, member: Member, entity: EntityPlan) -> bool:
        """Whether only the server sets it, and clients send back what they were shown."""
        field = entity.field(member.field) if member.source in ("field", "reference") else None
        return member.source == "id" or (field is not None and (field.managed or bool(field.stamp)))

    def echoes(self, plan: ResourcePlan) -> bool:
        """Whether a body of this resource carries what only the server sets."""
        shapes = (self.blueprint.shape(o.body.shape) for o in plan.operations.values() if o.body is not None and o.body.shape)
        return any(self._echoed(m, plan.entity) and not m.read_only for shape in shapes for m in shape.members)

    def _taken(self, member: Member, writable: set[str]) -> bool:
        return member.source in ("field", "reference") and member.field in writable

    def fits(self, operation: OperationPlan) -> bool:
        """Whether the answer is the entity's own representation, perhaps with fields left out or references embedded."""
        answer = operation.answer
        if not answer.shape or not operation.entity:
            return (answer.kind is None and not answer.shape) or self._because(operation, "its answer is no row")
        if answer.media_type not in ("", "application/json"):
            return self._because(operation, f"it answers {answer.media_type}")
        shape = self.blueprint.shape(answer.shape)
        if shape.entity != operation.entity:
            return self._because(operation, f"its answer is not a row of {operation.entity}")
        strange = [m.wire for m in shape.members if not self._shown(m, operation.entity)]
        return not strange or self._because(operation, f"its answer carries {', '.join(strange)}")

    def _shown(self, member: Member, entity: str) -> bool:
        plan = self.blueprint.entity(entity)
        if member.source == "id":
            return True
        if member.source in ("field", "reference"):
            return entity_field(plan, member.field)
        if member.source == "parts":
            return self._whole(member.shape, member.field, leave_out=plan.name)
        if member.source == "nested":
            target = next((f.target for f in plan.fields if f.name == member.field), "")
            return bool(target) and self.named(member.field) == member.wire and self._whole(member.shape, target)
        return False

    def named(self, name: str) -> str:
        """The name on the wire that follows from a Python name."""
        return camel(name) if self.camel else name

    def _whole(self, name: str, entity: str, leave_out: str = "") -> bool:
        """Whether a nested shape shows exactly what clients see of that entity."""
        if not name:
            return False
        shape = self.blueprint.shape(name)
        plan = self.blueprint.entity(entity)
        here = {m.wire for m in shape.members}
        return all(self._shown(m, entity) for m in shape.members) and here == self.visible(plan, leave_out)

    def visible(self, plan: EntityPlan, leave_out: str = "") -> set[str]:
        """The wire names of everything that the kit shows of an entity by itself."""
        fields = {f.wire for f in plan.fields if not f.secret and f.wire and not (leave_out and f.part)}
        kept = (
            [self.named(n) for n in ("created_at", "updated_at") if plan.stamps] + ["version"] * plan.versioned + ["email"] * plan.account
        )
        whole = {e.embedded_as for e in self.blueprint.entities if e.part_of == plan.name}
        return fields | whole | {*kept, plan.id_wire or "id"}

    def _agreeing(self, plan: ResourcePlan) -> None:
        """All verbs of one resource answer the same shape under the same key; what answers another needs a function."""
        wanted: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for verb, operation in plan.operations.items():
            if operation.answer.shape:
                wanted[tuple(sorted(m.wire for m in self.shape_of(operation).members))].append(verb)
        if len(wanted) > 1:
            best = max(wanted, key=lambda wires: len(wanted[wires]))
            for wires, verbs in wanted.items():
                for verb in verbs if wires != best else ():
                    self._because(plan.operations.pop(verb), "it answers another selection of fields than its neighbours")
        keys = {o.answer.envelope for v, o in plan.operations.items() if v != "list" and o.answer.shape}
        keys |= {o.body.envelope for o in plan.operations.values() if o.body is not None}
        if len(keys) > 1:
            for verb in [v for v in plan.operations if v not in ("list", "delete")]:
                self._because(plan.operations.pop(verb), "its envelopes differ from those of its neighbours")

    def shape_of(self, operation: OperationPlan) -> Shape:
        """The shape of its answer."""
        return self.blueprint.shape(operation.answer.shape)

    # --- what the default contract serves ------------------------------------------------------------------------------

    def hidden(self, plan: ResourcePlan) -> list[str]:
        """The attributes that this resource must leave out of what the kit shows."""
        shape = next((self.shape_of(o) for o in plan.operations.values() if o.answer.shape), None)
        if shape is None:
            return []
        nested = {m.field for m in shape.members if m.source == "nested"}
        shown = {m.wire for m in shape.members}
        by_wire = {f.wire or self.named(f"{f.name}_id" if f.kind is Kind.REFERENCE else f.name): f.name for f in plan.entity.fields}
        by_wire |= {self.named(n): n for n in ("created_at", "updated_at") if plan.entity.stamps}
        by_wire |= {"version": "version"} if plan.entity.versioned else {}
        by_wire |= {"email": "email"} if plan.entity.account else {}
        by_wire |= {plan.entity.id_wire or "id": "id"}
        secret = {f.name for f in plan.entity.fields if f.secret}
        return [n for w, n in by_wire.items() if (w not in shown or n in nested) and n not in secret]

    def expanded(self, plan: ResourcePlan) -> list[str]:
        """The references that its answers embed."""
        shape = next((self.shape_of(o) for o in plan.operations.values() if o.answer.shape), None)
        return [m.field for m in shape.members if m.source == "nested"] if shape is not None else []

    def conventional(self, plan: ResourcePlan) -> bool:
        """Whether the default contract serves this resource just so."""
        if plan.path != "/" + plan.entity.plural.replace("_", "-") or plan.entity.key != "id":
            return False
        if self.hidden(plan) or self.expanded(plan) or any(o.answer.envelope for v, o in plan.operations.items() if v != "list"):
            return False
        if self.echoes(plan) or any(o.body is not None and o.body.envelope for o in plan.operations.values()):
            return False
        listing = plan.operations.get("list")
        usual = {"list": 200, "create": 201, "read": 200, "update": 200, "replace": 200, "delete": 204}
        statuses = all(o.answer.status == usual[v] for v, o in plan.operations.items())
        pair = ("read" in plan.operations) == (listing is not None)
        return statuses and pair and (listing is None or usual_page(listing))

    def conventional_route(self, operation: OperationPlan) -> bool:
        """Whether the default contract serves this function just so."""
        body, answer = operation.body, operation.answer
        if (operation.method, operation.path) != ("POST", f"/{kebab(operation.name)}"):
            return False
        usual = 200 if answer.shape or answer.kind is not None else 204
        return (
            answer.status == usual
            and not answer.envelope
            and (body is None or (not body.envelope and body.media_type == "application/json"))
        )


def entity_field(plan: EntityPlan, name: str) -> bool:
    """Whether the kit shows a field of that name."""
    return plan.field(name) is not None or name in ("created_at", "updated_at", "version") or (plan.account and name == "email")


def usual_page(operation: OperationPlan) -> bool:
    """Whether a list is paged, wrapped and filtered as by default."""
    page, answer = operation.page, operation.answer
    if page is None or (page.style, page.position, page.size, page.default_size, page.max_size) != ("cursor", "cursor", "limit", 20, 100):
        return False
    usual = not any(f.also for f in operation.filters) and all(
        f.wire in (f.field, f"{f.field}_id", f"{f.field}[{f.operator}]", f"{f.field}_id[{f.operator}]") for f in operation.filters
    )
    return (answer.envelope, answer.next, answer.total) == ("items", "next", "") and usual


def paged(operation: OperationPlan) -> bool:
    """Whether its answer holds more than the one key of its envelope."""
    answer = operation.answer
    return bool(answer.envelope and (answer.total or answer.next or answer.beside))


_ELSE = {"read": "show", "list": "find", "create": "add", "update": "change", "replace": "put", "delete": "remove"}


def settled(blueprint: Blueprint) -> Blueprint:
    """The same blueprint, with other names for those functions that the kit's own operations would clash with."""
    serving = Serving(blueprint)
    taken = {name for e in blueprint.entities for name in derived_names(e.name, ("read", "create", "update", "delete"))}
    names: dict[str, str] = {}
    for operation in serving.served_by("function"):
        if operation.name in taken:
            verb, _, rest = operation.name.partition("_")
            names[operation.name] = f"{_ELSE.get(verb, verb + '_the')}_{rest}"
    operations = tuple(replace(o, name=names.get(o.name, o.name)) for o in blueprint.operations)
    access = tuple(replace(a, target=names.get(a.target, a.target)) if a.action == "call" else a for a in blueprint.access)
    return replace(blueprint, operations=operations, access=access)


def derived_names(entity: str, actions: Iterable[str]) -> list[str]:
    """The names that the kit gives to the operations on an entity."""
    one = snake(entity)
    return [name for a in actions for name in ([f"read_{one}", f"list_{plural(one)}"] if a == "read" else [f"{a}_{one}"])]
