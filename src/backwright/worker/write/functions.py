"""The functions of a design: their parameters, what they answer, and the bodies of those whose rule only a person can write. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.domain.naming import snake
from backwright.worker.blueprint import FREE, Blueprint, Member, OperationPlan, SortPlan
from backwright.worker.design import ABSENT
from backwright.worker.write.serving import JSON, Serving, paged
from backwright.worker.write.source import Source, docstring, literal, sentence
from backwright.worker.write.types import annotated, limits, plain

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One input of a function."""

    name: str
    wire: str
    kind: Kind
    element: Kind | None = None
    enum: str = ""
    target: str = ""
    value: str = ""
    limits: Limits = FREE
    optional: bool = False
    default: object = ABSENT
    location: str = "body"
    form: bool = False
    """It is a field of a form."""
    shape: str = ""
    """The shape of a nested object, or of the items of a list of them."""

    @property
    def required(self) -> bool:
        """Whether a caller must give it."""
        return not self.optional and self.default is ABSENT


def parameters(blueprint: Blueprint, operation: OperationPlan) -> list[Parameter]:
    """Path, query and body, in that order; what must be given stands first."""
    found = [*_from_path(operation), *_from_query(blueprint, operation), *_from_body(blueprint, operation)]
    return sorted(found, key=lambda p: not p.required)


def _from_path(operation: OperationPlan) -> Iterator[Parameter]:
    for key in operation.keys:
        own = bool(key.entity) and key.field == "id"
        kind = Kind.REFERENCE if own else key.kind
        yield Parameter(name=_python(key.wire), wire=key.wire, kind=kind, target=key.entity if own else "", location="path")


def _from_query(blueprint: Blueprint, operation: OperationPlan) -> Iterator[Parameter]:
    for item in operation.filters:
        field = blueprint.entity(operation.entity).field(item.field)
        target = field.target if field is not None and item.kind is Kind.REFERENCE else ""
        yield Parameter(
            name=_python(item.wire), wire=item.wire, kind=item.kind, enum=item.enum, target=target, optional=True, location="query"
        )
    page = operation.page
    if page is not None and page.style != "none":
        most = page.max_size or max(100, page.default_size)
        if page.size:
            yield Parameter(
                name=_python(page.size),
                wire=page.size,
                kind=Kind.INT,
                limits=Limits(ge=1, le=most),
                default=page.default_size,
                location="query",
            )
        first = page.first_page if page.style == "page" else 0
        for name in filter(None, (page.position, *page.also)):
            if page.style == "cursor" and name == page.position:
                yield Parameter(name=_python(name), wire=name, kind=Kind.TEXT, optional=True, location="query")
            elif "cursor" not in name:
                yield Parameter(name=_python(name), wire=name, kind=Kind.INT, limits=Limits(ge=first), default=first, location="query")
    if operation.sort is not None and operation.sort.values:
        yield from _from_sort(operation.sort)
    for argument in operation.arguments:
        if argument.location in ("query", "path"):
            yield _of_member(argument.member, argument.location)


def _from_sort(sort: SortPlan) -> Iterator[Parameter]:
    for wire, enum, default in ((sort.wire, sort.enum, sort.default), (sort.direction, sort.direction_enum, sort.direction_default)):
        if wire:
            said: object = default or ABSENT
            yield Parameter(name=_python(wire), wire=wire, kind=Kind.ENUM, enum=enum, default=said, optional=not default, location="query")


def _from_body(blueprint: Blueprint, operation: OperationPlan) -> Iterator[Parameter]:
    body = operation.body
    if body is None:
        return
    form = body.media_type in FORMS
    if body.media_type not in JSON and not form:
        yield Parameter(name="content", wire="content", kind=Kind.BYTES, location="raw")
        return
    for member in blueprint.shape(body.shape).members if body.shape else ():
        ruled = operation.kind == "command" and all(key.wire != member.wire for key in operation.keys)
        if member.source != "id" or ruled:  # what an id in the body means is for whoever writes the rule
            yield replace(_of_member(member, "body", blueprint, operation), form=form)


def _of_member(member: Member, location: str, blueprint: Blueprint | None = None, operation: OperationPlan | None = None) -> Parameter:
    target = ""
    if member.source == "reference" and blueprint is not None and operation is not None and operation.entity:
        item = blueprint.entity(operation.entity).field(member.field)
        target = item.target if item is not None else ""
    if not target and member.kind is Kind.UUID and blueprint is not None:
        target = next((e.name for e in blueprint.entities if f"{snake(e.name)}_id" == _python(member.wire) and e.id_kind == "uuid"), "")
    kind = Kind.REFERENCE if target and not member.many and member.kind is not Kind.LIST else member.kind
    return Parameter(
        name=_python(member.name or member.wire), wire=member.wire, kind=kind, element=member.element, enum=member.enum, target=target,
        value=blueprint.value_name(member.shape) if blueprint is not None and member.shape in blueprint.values else "",
        limits=member.limits, default=member.default, location=location, shape=member.shape,
        optional=member.nullable or (not member.required and member.default is ABSENT),
    )  # fmt: skip


def _python(wire: str) -> str:
    name = snake(wire.replace("-", "_").replace("[", "_").rstrip("]"))
    return f"{name}_" if name in ("from", "in", "is", "class", "import", "def", "not", "and", "or", "tx", "visit", "type") else name


class FunctionWriter:
    """Writes functions into one module."""

    def __init__(self, serving: Serving, source: Source) -> None:
        self.serving, self.blueprint, self.source = serving, serving.blueprint, source

    def stub(self, operation: OperationPlan) -> None:
        """A typed function that says plainly that its rule is not written."""
        raised = f"    raise {self.source.kit('NotImplementedYet')}(rule={literal(operation.name)})"
        self.source.add("\n".join([self.head(operation), docstring(words(operation)), raised]))

    def head(self, operation: OperationPlan) -> str:
        """``async def name(tx: Transaction[Customer], ...) -> Order:``"""
        given = [self.parameter(p) for p in parameters(self.blueprint, operation)]
        kind = "SignIn" if operation.kind in ("sign_up", "sign_in", "refresh", "sign_out", "me", "update_me") else "Transaction"
        first = f"{'visit' if kind == 'SignIn' else 'tx'}: {self.source.kit(kind)}[{self.caller(operation)}]"
        return f"async def {operation.name}({', '.join([first, *given])}) -> {self.answer(operation)}:"

    def caller(self, operation: OperationPlan) -> str:
        """The account that asks, or None where anybody may."""
        account = self.blueprint.sign_in_account
        name = self.source.use("model", account.name) if account is not None else self.source.kit("Account")
        return name if operation.who != "anyone" and account is not None else f"{name} | None"

    def parameter(self, item: Parameter) -> str:
        """``copies: Annotated[int, Limits(ge=0)] = 1``"""
        source = self.source
        if item.location == "raw":
            return f"{item.name}: {source.kit('Body')}"
        if item.form and item.kind is Kind.BYTES:
            return f"{item.name}: {source.kit('Upload')}{' | None = None' if item.optional else ''}"
        bare = annotated(source, self.bare(item), limits(source, item.limits, item.kind))
        if item.form:
            bare = f"{source.kit('Form')}[{bare}{' | None' if item.optional else ''}]"
        if item.optional:
            return f"{item.name}: {bare}{'' if bare == 'Any' or item.form else ' | None'} = None"
        return f"{item.name}: {bare}{'' if item.default is ABSENT else f' = {self._default(item)}'}"

    def bare(self, item: Parameter) -> str:
        """Its type without limits: a view where the design spells out an object."""
        if item.shape and not item.value:
            one = self.source.use("views", view_name(self.blueprint, item.shape))
            return f"list[{one}]" if item.kind is Kind.LIST else one
        return plain(self.source, item.kind, element=item.element, enum=item.enum, target=item.target, value=item.value, model="model")

    def _default(self, item: Parameter) -> str:
        if item.kind is Kind.ENUM or item.enum:
            enum = next(e for e in self.blueprint.enums if e.name == item.enum)
            return f"{enum.name}.{next(name for name, value in enum.members if value == item.default)}"
        if item.kind in (Kind.TEXT, Kind.INT, Kind.FLOAT, Kind.BOOL):
            return literal(item.default)
        return "None"

    def answer(self, operation: OperationPlan) -> str:
        """The result's type: an entity, a view of one, a plain value or nothing."""
        answer = operation.answer
        if answer.shape:
            one = self.shown(operation)
            many = f"list[{one}]" if answer.many else one
            return self.source.use("views", f"{views_name(operation)}") if paged(operation) else many
        if answer.media_type and not answer.media_type.endswith("json"):
            name = "Text" if answer.media_type.startswith("text/") else "File"
            return self.source.kit(name)
        if answer.kind is None:
            return "None"
        bare = plain(self.source, answer.kind, element=answer.element, model="model")
        return f"list[{bare}]" if answer.many and answer.kind is not Kind.LIST else bare

    def shown(self, operation: OperationPlan) -> str:
        """The entity itself, where its own representation is the answer; else the view of that name."""
        if self.as_entity(operation):
            return self.source.use("model", operation.entity)
        return self.source.use("views", view_name(self.blueprint, operation.answer.shape))

    def as_entity(self, operation: OperationPlan) -> bool:
        """Whether the kit's own representation of the entity is exactly the answer."""
        if not operation.answer.shape or not operation.entity or paged(operation):
            return False
        shape = self.blueprint.shape(operation.answer.shape)
        wires = {m.wire for m in shape.members}
        plan = self.blueprint.entity(operation.entity)
        nested = any(m.source == "nested" for m in shape.members)
        covered = all(f.wire or f.secret for f in plan.fields)  # what the design never shows, the kit would
        return covered and shape.entity == plan.name and not nested and self.serving.fits(operation) and wires == self.serving.visible(plan)


def views_name(operation: OperationPlan) -> str:
    """The name of the view of a whole page."""
    return "".join(part.title() for part in operation.name.split("_")) + "Page"


def view_name(blueprint: Blueprint, shape: str) -> str:
    """The name of a shape's view: not that of an entity."""
    name = shape.removesuffix("View")
    return f"{name}View"


def words(operation: OperationPlan) -> str:
    """What the design says about an operation."""
    first = sentence(operation.summary, operation.name.replace("_", " ").capitalize())
    rule = "" if sentence(operation.rule) == sentence(operation.doc) else operation.rule
    rest = [part for part in (operation.doc.strip(), f"The rule: {sentence(rule)}" if rule.strip() else "") if part]
    rest = [part for part in rest if sentence(part).rstrip(".") != first.rstrip(".") and sentence(part) != f"The rule: {first}"]
    return "\n\n".join([first, *rest])
