"""Plans every operation: derived from an entity with its exact contract, or a command that somebody must write. Pure."""

import re

from backwright.domain.model import Kind
from backwright.worker.blueprint import (
    AnswerPlan,
    ArgumentPlan,
    BodyPlan,
    EntityPlan,
    Member,
    OperationKind,
    OperationPlan,
    PathKey,
    RefusalPlan,
    Setting,
)
from backwright.worker.design import ABSENT, Design, Operation, Parameter, Response
from backwright.worker.infer import lists, names, wrapping
from backwright.worker.infer.access import Access
from backwright.worker.infer.accounts import SignIn
from backwright.worker.infer.entities import Entities
from backwright.worker.infer.kinds import Kinds
from backwright.worker.infer.notes import Notes
from backwright.worker.infer.resources import Resource, Role
from backwright.worker.infer.shapes import Shapes

_WORDS: dict[OperationKind, str] = {
    "sign_up": "makes an account with a password", "sign_in": "takes a password and answers a token", "refresh": "trades a refresh token",
    "sign_out": "ends the session",
    "me": "shows the caller's own account", "update_me": "changes the caller's own account",
}  # fmt: skip


class Operations:
    """Plans the operations of a design in its order."""

    def __init__(
        self,
        design: Design,
        sign_in: SignIn,
        entities: Entities,
        plans: dict[str, EntityPlan],
        shapes: Shapes,
        kinds: Kinds,
        access: Access,
        notes: Notes,
    ) -> None:
        self.design, self.sign_in, self.entities, self.plans = design, sign_in, entities, plans
        self.shapes, self.kinds, self.access, self.notes = shapes, kinds, access, notes
        self.taken: set[str] = set()
        self.roles: dict[int, tuple[Role, Resource]] = {
            id(op): (role, resource) for resource in entities.resources.values() for role, op in resource.roles.items()
        }

    def run(self) -> tuple[OperationPlan, ...]:
        """All of them."""
        return tuple(self.plan(operation) for operation in self.design.operations)

    def plan(self, operation: Operation) -> OperationPlan:
        kind, entity, because = self.kind(operation)
        plan = self.plans.get(entity)
        keys = self.keys(operation, plan)
        answer = self.answer(operation, entity)
        needs = self.needs(operation, kind, plan, answer, keys)
        reading = (
            lists.read(self.design, self.kinds, self.notes, plan, self.plans, operation.parameters)
            if kind == "list" and plan is not None
            else None
        )
        who, role, optional = self.access.caller(operation)
        listed = [p for p in operation.parameters if reading is None or p.location != "query" or p in reading.rest]
        arguments = [p for p in listed if p.location != "path" or not next((k.entity for k in keys if k.wire == p.name), "")]
        if kind == "command":
            self.notes.add(
                f"{operation.method} {operation.path}",
                "is a function that somebody must write; it answers 501 until then",
                because,
                "certain",
                operation.place,
            )
        return OperationPlan(
            name=self.name(operation), operation_id=operation.id, kind=kind, entity=entity, method=operation.method, path=operation.path,
            summary=operation.summary, doc=operation.description, tags=operation.tags, deprecated=operation.deprecated, keys=keys,
            page=reading.page if reading is not None else None, filters=tuple(reading.filters) if reading is not None else (),
            sort=reading.sort if reading is not None else None, arguments=tuple(self.argument(operation, p) for p in arguments),
            body=self.body(operation, entity), answer=answer, refusals=self.refusals(operation), sets=self.sets(kind, plan, keys),
            who=who, role=role, schemes=tuple(dict.fromkeys(n for r in self.design.requirements(operation) for n, _ in r.schemes)),
            optional_sign_in=optional,
            rule=self.rule(operation) if kind == "command" else "", cost=_cost(operation), needs=(*needs,
                *(reading.needs if reading is not None else [])), because=because, place=operation.place,
        )  # fmt: skip

    def kind(self, operation: Operation) -> tuple[OperationKind, str, str]:
        """What it is, which entity it is about, and why."""
        account = next((d.name for d in self.entities.drafts.values() if d.account), "")
        if "x-rule" in operation.extensions:
            return "command", self.shown(operation), "x-rule says that a business rule decides"
        signing = self.sign_in.of(operation)
        if signing is not None and account:
            return signing, account, _WORDS[signing]
        part = self.roles.get(id(operation))
        if part is None or part[1].entity not in self.plans:
            return "command", self.shown(operation), "it is none of create, read, update, delete and list on a stored thing"
        return self.derived(operation, *part)

    def derived(self, operation: Operation, role: Role, resource: Resource) -> tuple[OperationKind, str, str]:
        plan = self.plans[resource.entity]
        if role == "list" and self.second(resource) and not self.narrowed(operation, plan):
            return "command", plan.name, f"it is another list of {plan.name} rows, and the document does not say which ones"
        shown = wrapping.answer(self.design, operation)
        shows = shown is None or (shown.many == (role == "list") and self.entities.by_place.get(_place(self.design, shown)) == plan.name)
        word = {"create": "adds", "read": "shows", "update": "changes", "replace": "changes", "delete": "deletes", "list": "lists"}[role]
        if role == "create" and shows and (missing := self.unknown(operation, plan)):
            return (
                "command",
                plan.name,
                f"the answer must hold {', '.join(missing)}, which the request does not carry and no rule of the document gives",
            )
        if role != "delete" and not shows:
            return "command", self.shown(operation), f"it stands where one {word} {plan.name} rows, but answers something else"
        if role in ("create", "update", "replace") and (operation.body is None or not self.carries(operation, plan)):
            return "command", plan.name, f"its request does not carry a {plan.name}"
        kind: OperationKind = "update" if role == "replace" and self.partial(operation, resource) else role
        return kind, plan.name, f"{operation.method} {operation.path} {word} {plan.name} rows"

    def second(self, resource: Resource) -> bool:
        """``/articles/feed`` beside ``/articles``."""
        above = self.entities.resources.get(resource.base.rpartition("/")[0])
        return above is not None and above.entity == resource.entity

    def narrowed(self, operation: Operation, plan: EntityPlan) -> bool:
        """Its parameters say which rows: at least one filter, and nothing that is not understood."""
        reading = lists.read(self.design, self.kinds, Notes(), plan, self.plans, operation.parameters)
        return bool(reading.filters) and not reading.rest

    def unknown(self, operation: Operation, plan: EntityPlan) -> list[str]:
        """Fields that a new row's answer must show, but that nothing gives a value."""
        shown = self.design.whole(wrapped.schema).required if (wrapped := wrapping.answer(self.design, operation)) is not None else ()
        given = {
            f.wire
            for f in plan.fields
            if not f.managed or f.default is not ABSENT or f.stamp or f.made_from or f.optional or f.kind is Kind.REFERENCE
        }
        fields = {f.wire for f in plan.fields}
        return [name for name in shown if name in fields and name not in given]

    def carries(self, operation: Operation, plan: EntityPlan) -> bool:
        wrapped = wrapping.request(self.design, operation)
        return wrapped is not None and not wrapped.many and self.entities.by_place.get(_place(self.design, wrapped)) == plan.name

    def partial(self, operation: Operation, resource: Resource) -> bool:
        """A PUT whose body requires nothing changes what it names, as a PATCH does."""
        wrapped = wrapping.request(self.design, operation)
        if wrapped is None or self.design.whole(wrapped.schema).required:
            return False
        self.notes.add(
            f"PUT {operation.path}", "changes only the fields that the body names", "its body requires none", "likely", operation.place
        )
        return True

    def shown(self, operation: Operation) -> str:
        wrapped = wrapping.answer(self.design, operation)
        return self.entities.by_place.get(_place(self.design, wrapped), "") if wrapped is not None else ""

    def name(self, operation: Operation) -> str:
        said = operation.extensions.get("x-name")
        word = names.python_name(
            str(said)
            if isinstance(said, str)
            else operation.id or f"{operation.method.lower()}_{'_'.join(names.literals(operation.path)) or 'root'}"
        )
        name, number = word, 2
        while name in self.taken:
            name, number = f"{word}_{number}", number + 1
        self.taken.add(name)
        return name

    def keys(self, operation: Operation, plan: EntityPlan | None) -> tuple[PathKey, ...]:
        """Whose key each path parameter is: that of the collection in front of it."""
        found: list[PathKey] = []
        declared = {p.name: p for p in operation.parameters if p.location == "path"}
        for match in re.finditer(r"\{([^{}/]+)\}", operation.path):
            parameter = declared.get(match[1])
            base = operation.path[: match.start()].rstrip("/")
            resource = self.entities.resources.get(base)
            target = self.plans.get(resource.entity) if resource is not None else None
            if parameter is not None:
                found.append(self.key(parameter, target))
        return tuple(found)

    def key(self, parameter: Parameter, target: EntityPlan | None) -> PathKey:
        kind = self.kinds.of(parameter.schema, parameter.name).kind if parameter.schema is not None else Kind.TEXT
        if target is None:
            return PathKey(parameter.name, "", "", kind, parameter.place)
        word = names.python_name(parameter.name)
        field = target.field(word)
        by = word if field is not None and (field.unique or word == target.key) else target.key if kind is Kind.TEXT else "id"
        return PathKey(parameter.name, target.name, by, kind, parameter.place)

    def argument(self, operation: Operation, parameter: Parameter) -> ArgumentPlan:
        about = f"{operation.id or operation.path}.{parameter.name}"
        whole = self.design.whole(parameter.schema) if parameter.schema is not None else None
        if whole is None or parameter.schema is None:
            return ArgumentPlan(
                Member(wire=parameter.name, source="input", name=names.python_name(parameter.name), place=parameter.place),
                parameter.location,
            )
        held = self.kinds.of(parameter.schema, about)
        example = parameter.examples[0].value if parameter.examples else whole.examples[0] if whole.examples else ABSENT
        return ArgumentPlan(
            Member(
                wire=parameter.name, source="input", name=names.python_name(parameter.name), kind=held.kind, element=held.element,
                many="array" in whole.types,
                required=parameter.required, nullable=held.nullable, default=whole.default, limits=held.limits, enum=held.enum,
                doc=parameter.description or whole.description, example=example, place=parameter.place,
            ), parameter.location,
        )  # fmt: skip

    def body(self, operation: Operation, entity: str) -> BodyPlan | None:
        body = operation.body
        media = wrapping.json_media(body.media) if body is not None else None
        if body is None or media is None:
            return None
        wrapped = wrapping.request(self.design, operation)
        about = f"{operation.id or self.name_of(operation)}_input"
        shape = (
            self.shapes.of(wrapped.schema, about, self.entities.by_place.get(_place(self.design, wrapped), ""))
            if wrapped is not None
            else ""
        )
        others = tuple(m.type for m in body.media if m is not media)
        return BodyPlan(
            media.type,
            others,
            body.required,
            wrapped.envelope if wrapped is not None else "",
            shape,
            wrapped is not None and wrapped.many,
            body.place,
        )

    def answer(self, operation: Operation, entity: str) -> AnswerPlan:
        response = operation.success
        if response is None:
            return AnswerPlan(204, "", "", "", False, "", "", (), None, None, (), "", operation.place)
        status = int(response.status) if response.status.isdigit() else 200
        media, headers = wrapping.json_media(response.media), tuple(h.name for h in response.headers)
        wrapped = wrapping.answer(self.design, operation)
        if media is None or wrapped is None:
            kind = media.type if media is not None else ""
            return AnswerPlan(status, kind, "", "", False, "", "", (), None, None, headers, response.description, response.place)
        shape = self.shapes.of(wrapped.schema, f"{operation.id or self.name_of(operation)}_answer")
        held = self.kinds.of(wrapped.schema, f"{operation.id or operation.path}.answer") if not shape else None
        return AnswerPlan(
            status, media.type, wrapped.envelope, shape, wrapped.many, wrapped.total, wrapped.next, tuple(p.name for p in wrapped.extra),
            held.kind if held is not None else None,
            held.element if held is not None else None, headers, response.description, response.place,
            tuple(self.shapes.member(p, f"{operation.id or self.name_of(operation)}_page", None) for p in wrapped.extra),
        )  # fmt: skip

    def name_of(self, operation: Operation) -> str:
        return f"{operation.method.lower()}_{'_'.join(names.literals(operation.path))}"

    def refusals(self, operation: Operation) -> tuple[RefusalPlan, ...]:
        success = operation.success
        return tuple(self.refusal(r) for r in operation.responses if r is not success and r.status[:1] not in "23")

    def refusal(self, response: Response) -> RefusalPlan:
        media = wrapping.json_media(response.media)
        shape = self.shapes.of(media.schema, f"error_{response.status}") if media is not None and media.schema is not None else ""
        return RefusalPlan(response.status, media.type if media is not None else "", shape, response.description, response.place)

    def sets(self, kind: OperationKind, plan: EntityPlan | None, keys: tuple[PathKey, ...]) -> tuple[Setting, ...]:
        """What the server fills in when it adds a row."""
        if kind != "create" or plan is None:
            return ()
        found: list[Setting] = []
        for field in plan.fields:
            within = next((k for k in keys if field.kind is Kind.REFERENCE and k.entity == field.target), None)
            if within is not None:
                found.append(Setting(field.name, "path", within.wire))
            elif field.name == plan.owner and field.managed:
                found.append(Setting(field.name, "caller", ""))
            elif field.made_from:
                found.append(Setting(field.name, "slug", field.made_from))
        return tuple(found)

    def needs(
        self, operation: Operation, kind: OperationKind, plan: EntityPlan | None, answer: AnswerPlan, keys: tuple[PathKey, ...]
    ) -> list[str]:
        """What the kit's derived operation cannot do by itself."""
        if plan is None or kind in ("command", "sign_in", "refresh", "sign_out"):
            return []
        found = self.computed(answer)
        found += [f"the key {name} beside the list is not answered by a derived list" for name in answer.beside]
        if operation.body is not None and not any("json" in m.type for m in operation.body.media):
            found.append(f"the body is {operation.body.media[0].type if operation.body.media else 'empty'}, not JSON")
        found += [f"the path parameter {key.wire} names no stored thing" for key in keys if not key.entity]
        parent = keys[-2:-1] if kind in ("read", "update", "replace", "delete") else keys[-1:]
        found += [
            f"{plan.name} has no reference to {k.entity}, which the path is under"
            for k in parent
            if kind in ("create", "list") and k.entity and not _refers(plan, k.entity)
        ]
        return found

    def computed(self, answer: AnswerPlan, depth: int = 0, seen: tuple[str, ...] = ()) -> list[str]:
        if not answer.shape:
            return []
        found: list[str] = []
        waiting, passed = [answer.shape], {answer.shape}
        while waiting:
            shape = self.shapes.found.get(waiting.pop())
            for member in shape.members if shape is not None and shape.entity else ():
                if member.source == "computed":
                    found.append(f"{shape.name if shape is not None else ''}.{member.wire} is not stored: a function must say it")
                if member.source in ("nested", "parts") and member.shape and member.shape not in passed:
                    passed.add(member.shape)
                    waiting.append(member.shape)
        return found

    def rule(self, operation: Operation) -> str:
        said = operation.extensions.get("x-rule")
        return str(said) if isinstance(said, str) else (operation.description or operation.summary).strip()


def _cost(operation: Operation) -> int:
    said = operation.extensions.get("x-rate")
    return said if isinstance(said, int) and not isinstance(said, bool) and said > 0 else 1


def _refers(plan: EntityPlan, entity: str) -> bool:
    return any(f.kind is Kind.REFERENCE and f.target == entity for f in plan.fields)


def _place(design: Design, wrapped: wrapping.Wrapped) -> str:
    place = design.target(wrapped.schema).place
    return f"{place.file}#{place.pointer}"
