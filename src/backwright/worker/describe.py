"""A blueprint in words: what is shown before anything is written, and kept as the expected text of the test cases. Pure."""

from collections.abc import Iterator

from backwright.domain.fields import Limits
from backwright.worker.account import totals
from backwright.worker.blueprint import AccessLine, Blueprint, EntityPlan, FieldPlan, Member, OperationPlan, PagePlan, Shape
from backwright.worker.design import ABSENT


def describe(blueprint: Blueprint) -> str:
    """The whole blueprint as indented text, the same for the same design."""
    return "\n".join(_lines(blueprint)) + "\n"


def _lines(blueprint: Blueprint) -> Iterator[str]:
    yield from _contract(blueprint)
    for enum in blueprint.enums:
        yield f"enum {enum.name}: {', '.join(f'{name}={value!r}' for name, value in enum.members)}"
    for entity in blueprint.entities:
        yield ""
        yield from _entity(entity)
    yield ""
    for operation in blueprint.operations:
        yield from _operation(operation)
    yield ""
    for shape in blueprint.shapes:
        yield _shape(shape)
    yield ""
    for line in blueprint.access:
        yield _access(line)
    yield ""
    for assumption in blueprint.assumptions:
        yield f"assumed ({assumption.confidence}) {assumption.about} {assumption.decision}: {assumption.reason} [{assumption.place}]"
    yield ""
    counted = totals(blueprint.account)
    yield f"account: {len(blueprint.account)} elements, " + ", ".join(f"{number} {verdict}" for verdict, number in counted.items())


def _contract(blueprint: Blueprint) -> Iterator[str]:
    contract = blueprint.contract
    yield f"{contract.title} {contract.version}, under {contract.prefix or '/'}, names in {contract.naming} case"
    errors = contract.errors
    shape = f" ({errors.shape})" if errors.shape else ""
    yield f"errors: {errors.style} as {errors.media_type}{shape}; invalid input is {errors.invalid_status}"
    for auth in contract.auth:
        yield f"sign-in {auth.scheme}: {auth.kind} {auth.key} {auth.prefix}".rstrip() + (
            "" if auth.built else f" (not served: {auth.reason})"
        )


def _entity(entity: EntityPlan) -> Iterator[str]:
    words = [entity.id_kind, f"id as {entity.id_wire}" if entity.id_wire else "id not shown", f"found by {entity.key}"]
    words += ["account"] if entity.account else []
    words += [f"owned by its {entity.owner}"] if entity.owner else []
    words += [f"part of {entity.part_of} as {entity.embedded_as}"] if entity.part_of else []
    words += [f"{entity.rows:,} rows"] if entity.rows is not None else []
    yield f"entity {entity.name} ({'; '.join(words)}): {entity.because}"
    for field in entity.fields:
        yield f"    {_field(field)}"
    for group in entity.uniques:
        yield f"    unique together: {', '.join(group)}"
    if entity.states is not None:
        moves = "; ".join(f"{start} to {' or '.join(to)}" for start, to in entity.states.moves)
        yield f"    {entity.states.field} starts as {entity.states.start}; {moves}"


def _field(field: FieldPlan) -> str:
    kind = f"{field.kind.value} of {field.element.value}" if field.element is not None else field.kind.value
    words = [f"{kind} {field.enum or field.target}".rstrip()]
    words += [word for word in ("optional", "unique", "managed", "secret", "part") if getattr(field, word)]
    words += [f"= {field.default!r}"] if field.default is not ABSENT else []
    words += [f"kept: {field.stamp}"] if field.stamp else []
    words += [f"made from {field.made_from}"] if field.made_from else []
    words += [_limits(field.limits)] if _limits(field.limits) else []
    shown = "" if field.wire == field.name else f" as {field.wire}" if field.wire else " (not shown)"
    return f"{field.name}{shown}: {', '.join(words)}"


def _limits(limits: Limits) -> str:
    return " ".join(f"{name}={value!r}" for name in Limits.__slots__ if (value := getattr(limits, name)) is not None)


def _operation(operation: OperationPlan) -> Iterator[str]:
    about = f" {operation.entity}" if operation.entity else ""
    yield f"{operation.method} {operation.path}: {operation.kind}{about} as {operation.name}; {_who(operation)}"
    for key in operation.keys:
        yield f"    {{{key.wire}}} is {f'{key.entity}.{key.field}' if key.entity else 'an argument'}"
    if operation.page is not None:
        yield f"    pages: {_page(operation.page)}"
    if operation.sort is not None:
        fields = ", ".join(operation.sort.fields)
        yield f"    order: {operation.sort.wire}{f' of {fields}' if fields else ''}"
    for found in operation.filters:
        yield f"    filter {found.wire}: {' or '.join((found.field, *found.also))} {found.operator}"
    for argument in operation.arguments:
        yield f"    argument {argument.member.wire} ({argument.location}): {argument.member.kind.value}"
    if operation.body is not None:
        yield f"    takes {_wrapped(operation.body.shape or operation.body.media_type, operation.body.envelope, operation.body.many)}"
    answer = operation.answer
    inside = answer.shape or (answer.kind.value if answer.kind is not None else answer.media_type) or "nothing"
    beside = "".join(f", {word} as {name}" for word, name in (("total", answer.total), ("next", answer.next)) if name)
    beside += f", beside {', '.join(answer.beside)}" if answer.beside else ""
    refused = ", ".join(r.status for r in operation.refusals) or "nothing"
    yield f"    answers {answer.status} {_wrapped(inside, answer.envelope, answer.many)}{beside}; refuses {refused}"
    for setting in operation.sets:
        yield f"    sets {setting.field} from {setting.source} {setting.detail}".rstrip()
    for need in operation.needs:
        yield f"    needs a function: {need}"
    if operation.rule:
        yield f"    rule to write: {' '.join(operation.rule.split())}"


def _who(operation: OperationPlan) -> str:
    return f"{operation.who}{f' ({operation.role})' if operation.role else ''}{', sign-in optional' if operation.optional_sign_in else ''}"


def _page(page: PagePlan) -> str:
    if page.style == "none":
        return "none"
    most = f", at most {page.max_size}" if page.max_size is not None else ""
    also = f", also {', '.join(page.also)}" if page.also else ""
    first = f" from {page.first_page}" if page.style == "page" else ""
    return f"{page.style} {page.position}{first}, {page.size or 'fixed size'} {page.default_size}{most}{also}"


def _wrapped(inside: str, envelope: str, many: bool) -> str:
    text = f"[{inside}]" if many else inside
    return f"{{{envelope}: {text}}}" if envelope else text


def _shape(shape: Shape) -> str:
    return f"shape {shape.name}{f' of {shape.entity}' if shape.entity else ''}: {'; '.join(map(_member, shape.members))}"


def _member(member: Member) -> str:
    text = member.shape or member.enum or member.kind.value
    held = f"[{text}]" if member.many and member.shape else text
    return f"{member.wire}{'' if member.required else '?'}: {held} <- {member.source} {member.field}".rstrip()


def _access(line: AccessLine) -> str:
    who = " or ".join(
        ("oneself" if line.owner == "id" else f"the {line.owner}") if w == "owner" else line.role if w == "staff" else w for w in line.who
    )
    return f"allow {line.target} {line.action}: {who} ({line.reason})"
