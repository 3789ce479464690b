"""``views.py``: answers of a design that are no entity's own representation. Pure."""

from backwright.domain.model import Kind
from backwright.domain.naming import camel, snake
from backwright.worker.blueprint import Member, OperationPlan, Shape
from backwright.worker.write.functions import FunctionWriter, view_name, views_name
from backwright.worker.write.serving import Serving, paged
from backwright.worker.write.source import Source, docstring, literal, sentence
from backwright.worker.write.types import plain


def views_file(serving: Serving, operations: list[OperationPlan]) -> str:
    """The file's text; nothing if every answer is an entity's own."""
    source = Source("What clients see where it is not a row as it is stored.")
    views = Views(serving, source)
    probe = FunctionWriter(serving, Source(""))
    for operation in operations:
        if operation.answer.shape and not probe.as_entity(operation):
            views.view(operation.answer.shape)
        if paged(operation):
            views.page(operation)
    return source.text() if source.parts else ""


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
            lines = [self.member(m) for m in sorted(shape.members, key=lambda m: not m.required)]
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
        beside = [(answer.total, "int"), (answer.next, "str | None"), *((name, "int") for name in answer.beside)]
        names = [(answer.envelope, f"list[{one}]"), *((name, type) for name, type in beside if name)]
        self.add(title, sentence(answer.description, "One page."), [(snake(n), n) for n, _ in names], [f"{snake(n)}: {t}" for n, t in names])

    def add(self, title: str, doc: str, names: list[tuple[str, str]], lines: list[str]) -> None:
        """One Struct; ``rename`` where the names on the wire differ from those in Python."""
        base = self.source.use("msgspec", "Struct")
        odd = {a: b for a, b in names if b != (camel(a) if self.camel else a)}
        rename = f", rename={{{', '.join(f'{literal(a)}: {literal(b)}' for a, b in names)}}}" if odd else ', rename="camel"' if self.camel else ""
        body = "\n".join(f"    {line}" for line in lines) or "    pass"
        self.source.add(f"class {title}({base}{rename}):\n{docstring(sentence(doc, title))}\n\n{body}")

    def member(self, member: Member) -> str:
        """One line."""
        type = self.type(member)
        if not member.required:
            return f"{snake_of(member)}: {type if type == 'Any' else f'{type} | None'} = None"
        return f"{snake_of(member)}: {type}{' | None' if member.nullable and type != 'Any' else ''}"

    def type(self, member: Member) -> str:
        """Its annotation."""
        if member.shape:
            one = self.view(member.shape)
            return f"list[{one}]" if member.many or member.kind is Kind.LIST else one
        kind = Kind.UUID if member.kind is Kind.REFERENCE else member.kind
        return plain(self.source, kind, element=member.element, enum=member.enum, model="model")


def snake_of(member: Member) -> str:
    """Its Python name."""
    return snake(member.wire.replace("-", "_"))


def shape_names(shape: Shape) -> list[str]:
    """The wire names of a shape."""
    return [m.wire for m in shape.members]
