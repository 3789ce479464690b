"""Values of a row that are objects of their own, such as an address: Structs in ``model.py``. Pure."""

from backwright.domain.model import Kind
from backwright.domain.naming import camel, snake
from backwright.worker.blueprint import Blueprint, Member
from backwright.worker.write.source import Source, docstring, literal, sentence
from backwright.worker.write.types import annotated, limits, plain


class ValueWriter:
    """Writes the Structs of a blueprint's values, each behind those that it holds."""

    def __init__(self, blueprint: Blueprint, source: Source) -> None:
        self.blueprint, self.source = blueprint, source
        self.done: set[str] = set()

    def all(self) -> None:
        """Every value."""
        for name in self.blueprint.values:
            self.value(name)

    def value(self, name: str) -> str:
        """The class of a shape, which is written if it was not. What may be missing is left out where it is kept."""
        title = self.blueprint.value_name(name)
        if name in self.done:
            return title
        self.done.add(name)
        shape = self.blueprint.shape(name)
        lines = [f"    {self.member(m)}" for m in sorted(shape.members, key=lambda m: not m.required)]
        said = [self.source.use("msgspec", "Struct"), *self.renamed(shape.members), "omit_defaults=True"]
        doc = docstring(sentence(shape.doc, f"{title}, as a part of something else."))
        self.source.add("\n".join([f"class {title}({', '.join(said)}):", doc, "", *lines]))
        return title

    def renamed(self, members: tuple[Member, ...]) -> list[str]:
        """How its keys are called where clients see them."""
        pairs = [(attribute(m), m.wire) for m in members]
        if all(a == b for a, b in pairs):
            return []
        if all(camel(a) == b for a, b in pairs):
            return ['rename="camel"']
        return ["rename={" + ", ".join(f"{literal(a)}: {literal(b)}" for a, b in pairs) + "}"]

    def member(self, member: Member) -> str:
        """One line."""
        type = self.type(member)
        if member.required:
            return f"{attribute(member)}: {type}{' | None' if member.nullable and type != 'Any' else ''}"
        return f"{attribute(member)}: {self.source.kit('Maybe')}[{type}] = None"

    def type(self, member: Member) -> str:
        """Its annotation."""
        if member.shape:
            one = self.value(member.shape)
            return f"list[{one}]" if member.many or member.kind is Kind.LIST else one
        kind = Kind.UUID if member.kind is Kind.REFERENCE else member.kind
        bare = plain(self.source, kind, element=member.element, enum=member.enum)
        return annotated(self.source, bare, limits(self.source, member.limits, kind))


def attribute(member: Member) -> str:
    """Its Python name."""
    return snake(member.wire.replace("-", "_"))
