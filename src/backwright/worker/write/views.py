"""``views.py``: what a design shows or takes that is no entity's own representation. Pure."""

from backwright.domain.model import Kind
from backwright.domain.naming import camel, snake
from backwright.worker.blueprint import Member, OperationPlan
from backwright.worker.write.functions import FunctionWriter, parameters, view_name, views_name
from backwright.worker.write.serving import Serving, paged
from backwright.worker.write.source import Source, docstring, literal, sentence
from backwright.worker.write.types import annotated, limits, plain


def views_file(serving: Serving, operations: list[OperationPlan], built: list[str]) -> str:
    """The file's text; nothing if every answer is an entity's own and every input plain.

    ``built``: the shapes that functions make from rows.
    """
    source = Source("What clients see where it is not a row as it is stored.")
    views = Views(serving, source)
    probe = FunctionWriter(serving, Source(""))
    for operation in operations:
        for item in parameters(serving.blueprint, operation):
            if item.shape:
                views.view(item.shape)
        if operation.answer.shape and not probe.as_entity(operation):
            views.view(operation.answer.shape)
        if paged(operation):
            views.page(operation)
    builder = Builder(serving)
    for name in built:
        source.add(builder.function(source, name))
    return source.text() if source.parts else ""


class Builder:
    """Which shapes can be made from a row, and the functions that make them."""

    def __init__(self, serving: Serving) -> None:
        self.blueprint = serving.blueprint

    def name(self, shape: str) -> str:
        """The name of the function that makes a view."""
        return snake(view_name(self.blueprint, shape))

    def has_token(self, shape: str) -> bool:
        """Whether the view carries the access token."""
        return any(m.source == "token" for m in self.blueprint.shape(shape).members)

    def nested(self, shape: str, entity: str) -> list[tuple[str, str]]:
        """The references that the view embeds, with their entities. Raises `Unbuildable`."""
        found = self.blueprint.shape(shape)
        if found.entity != entity or not entity:
            raise Unbuildable(f"{shape} is no view of {entity or 'a row'}")
        plan, pairs = self.blueprint.entity(entity), list[tuple[str, str]]()
        for member in found.members:
            if member.source == "nested" and not member.many:
                target = next(f.target for f in plan.fields if f.name == member.field)
                if self.nested(member.shape, target) or self.has_token(member.shape):
                    raise Unbuildable(f"{member.wire} embeds more than a row")
                pairs.append((member.field, target))
            elif member.source not in ("field", "id", "reference", "token") or member.shape not in ("", *self.blueprint.values):
                raise Unbuildable(f"nothing says what {member.wire} is")
        return pairs

    def needed(self, shape: str, entity: str) -> list[str]:
        """The shapes of the functions that this one calls, itself last."""
        members = self.blueprint.shape(shape).members
        return [*(m.shape for m in members if m.source == "nested"), shape]

    def function(self, source: Source, shape: str) -> str:
        """The text of the function."""
        found = self.blueprint.shape(shape)
        row = snake(found.entity)
        given = [f"{row}: {source.use('model', found.entity)}"]
        given += [f"{field}: {source.use('model', target)}" for field, target in self.nested(shape, found.entity)]
        given += ["token: str"] if self.has_token(shape) else []
        values = ", ".join(f"{snake_of(m)}={self.value(m, row)}" for m in found.members)
        title = view_name(self.blueprint, shape)
        head = f"def {self.name(shape)}({', '.join(given)}) -> {title}:"
        said = docstring(f"The {row.replace('_', ' ')} as clients see it.")
        return f"{head}\n{said}\n    return {title}({values})"

    def value(self, member: Member, row: str) -> str:
        """Where a member's value comes from."""
        if member.source == "token":
            return "token"
        if member.source == "nested":
            return f"{self.name(member.shape)}({member.field})"
        return f"{row}.id" if member.source == "id" else f"{row}.{member.field}"


class Unbuildable(Exception):
    """A view that does not follow from a row; the message says why."""


class Views:
    """Writes Structs, each behind those that it holds."""

    def __init__(self, serving: Serving, source: Source) -> None:
        self.serving, self.source = serving, source
        self.camel = serving.blueprint.contract.naming == "camel"
        self.done: set[str] = set()

    def view(self, name: str) -> str:
        """The name of the view of a shape, which is written if it was not."""
        shape = self.serving.blueprint.shape(name)
        title = view_name(self.serving.blueprint, name)
        if name not in self.done:
            self.done.add(name)
            members = sorted(shape.members, key=lambda m: not (m.required or m.source == "id"))
            lines = [self.member(shape.entity, m) for m in members]
            self.add(title, shape.doc, [(snake_of(m), m.wire) for m in shape.members], lines)
        return title

    def page(self, operation: OperationPlan) -> None:
        """The whole of a list's answer: the items and what stands beside them."""
        title = views_name(operation)
        if title in self.done:
            return
        self.done.add(title)
        answer = operation.answer
        one = self.view(answer.shape) if answer.shape else "str"
        beside = [(answer.total, "int"), (answer.next, "str | None")]
        names = [(answer.envelope, f"list[{one}]"), *((name, type) for name, type in beside if name)]
        lines = [f"{snake(n)}: {t}" for n, t in names] + [self.member("", m) for m in sorted(answer.around, key=lambda m: not m.required)]
        known = [*((snake(n), n) for n, _ in names), *((snake_of(m), m.wire) for m in answer.around)]
        self.add(title, sentence(answer.description, "One page."), known, lines)

    def add(self, title: str, doc: str, names: list[tuple[str, str]], lines: list[str]) -> None:
        """One Struct; ``rename`` where the names on the wire differ from those in Python."""
        base = self.source.use("msgspec", "Struct")
        odd = {a: b for a, b in names if b != (camel(a) if self.camel else a)}
        rename = (
            f", rename={{{', '.join(f'{literal(a)}: {literal(b)}' for a, b in names)}}}"
            if odd
            else ', rename="camel"'
            if self.camel
            else ""
        )
        body = "\n".join(f"    {line}" for line in lines) or "    pass"
        self.source.add(f"class {title}({base}{rename}):\n{docstring(sentence(doc, title))}\n\n{body}")

    def member(self, entity: str, member: Member) -> str:
        """One line."""
        type = self.type(entity, member)
        if not member.required and member.source != "id":
            missing = f"{type} | None" if member.nullable and type != "Any" else f"{self.source.kit('Maybe')}[{type}]"
            return f"{snake_of(member)}: {missing} = None"
        return f"{snake_of(member)}: {type}{' | None' if member.nullable and type != 'Any' else ''}"

    def target(self, entity: str, member: Member) -> str:
        """The entity whose key this is, if it is one."""
        if member.source == "id":
            return entity
        plan = self.serving.blueprint.entity(entity) if entity and member.source == "reference" else None
        return next((f.target for f in plan.fields if f.name == member.field), "") if plan is not None else ""

    def type(self, entity: str, member: Member) -> str:
        """Its annotation."""
        if member.shape:
            kept, blueprint = entity and member.shape in self.serving.blueprint.values, self.serving.blueprint
            one = self.source.use("model", blueprint.value_name(member.shape)) if kept else self.view(member.shape)
            return f"list[{one}]" if member.many or member.kind is Kind.LIST else one
        if target := self.target(entity, member):
            one = plain(self.source, Kind.REFERENCE, target=target, model="model")
            return f"list[{one}]" if member.many or member.kind is Kind.LIST else one
        kind = Kind.UUID if member.kind is Kind.REFERENCE else member.kind
        bare = plain(self.source, kind, element=member.element, enum=member.enum, model="model")
        return annotated(self.source, bare, limits(self.source, member.limits, kind))


def snake_of(member: Member) -> str:
    """Its Python name."""
    return snake(member.wire.replace("-", "_"))
