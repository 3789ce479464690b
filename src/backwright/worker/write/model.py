"""``model.py``: the enums and entities of a design, as somebody would have written them by hand. Pure."""

from typing import Any

from backwright.domain.model import Kind
from backwright.domain.naming import camel, plural, snake
from backwright.worker.blueprint import Blueprint, EntityPlan, EnumPlan, FieldPlan
from backwright.worker.design import ABSENT
from backwright.worker.write.source import Source, docstring, literal, sentence
from backwright.worker.write.types import annotated, limits, plain
from backwright.worker.write.values import ValueWriter

ACCOUNT_HAS = ("email", "password_hash")


def model_file(blueprint: Blueprint) -> str:
    """The file's text, not yet formatted."""
    source = Source(f"What {blueprint.contract.title} keeps.", blueprint.names)
    writer = ModelWriter(blueprint, source)
    source.qualified |= {f.name for e in blueprint.entities for f in e.fields}
    for enum in blueprint.enums:
        if any(f.enum == enum.name for e in blueprint.entities for f in e.fields) or _asked_for(blueprint, enum):
            writer.enum(enum)
    ValueWriter(blueprint, source).all()
    for entity in in_order(blueprint.entities):
        writer.entity(entity)
    return source.text()


def in_order(entities: tuple[EntityPlan, ...]) -> list[EntityPlan]:
    """Each entity behind those that it names, as far as circles allow: a class is read from top to bottom."""
    found: dict[str, EntityPlan] = {}
    by_name = {e.name: e for e in entities}

    def visit(entity: EntityPlan, open_: frozenset[str]) -> None:
        for name in (f.target for f in entity.fields if f.target):
            if name in by_name and name not in open_ and name not in found:
                visit(by_name[name], open_ | {name})
        found.setdefault(entity.name, entity)

    for entity in entities:
        visit(entity, frozenset({entity.name}))
    return list(found.values())


def stored(entity: EntityPlan) -> list[FieldPlan]:
    """The fields that the class declares: not those that the kit keeps by itself."""
    return [f for f in entity.fields if not f.stamp and not (entity.account and f.name in ACCOUNT_HAS)]


class ModelWriter:
    """Writes classes."""

    def __init__(self, blueprint: Blueprint, source: Source) -> None:
        self.blueprint, self.source = blueprint, source
        self.camel = blueprint.contract.naming == "camel"

    def enum(self, enum: EnumPlan) -> None:
        """An enumeration."""
        base = self.source.use("enum", "Enum")
        members = "\n".join(f"    {name} = {literal(value)}" for name, value in enum.members)
        self.source.add("\n".join([f"class {enum.name}({base}):", _doc(enum.doc, f"What {enum.name} can be."), "", members]))

    def entity(self, entity: EntityPlan) -> None:
        """An entity, with its constraints over several fields."""
        known = in_order(self.blueprint.entities)
        later = {e.name for e in known[known.index(entity) :]}
        lines = [f"    {self.field(entity, f, quoted=f.target in later)}" for f in stored(entity)]
        lines += [*self.uniques(entity), *self.indexes(entity)]
        head = f"class {entity.name}({', '.join([self.source.kit('Account' if entity.account else 'Entity'), *self.options(entity)])}):"
        doc = _doc(entity.doc, _described(entity))
        self.source.add("\n".join([head, doc, *([""] if lines else []), *lines]))

    def options(self, entity: EntityPlan) -> list[str]:
        """What the class line says beside the name, where it is not what the kit does by itself."""
        usual = not entity.part_of and not entity.mapped
        said = [
            ("table", literal(entity.table), entity.table != snake(entity.name)),
            ("plural", literal(entity.plural), entity.plural != plural(entity.table)),
            ("id", "int", entity.id_kind == "int"),
            ("stamps", str(entity.stamps), entity.stamps != usual),
            ("versioned", str(entity.versioned), entity.versioned != usual),
            ("id_wire", literal(entity.id_wire), entity.id_wire not in ("", "id")),
            ("id_column", literal(entity.id_column), entity.id_column not in ("", "id")),
            ("mapped", "True", entity.mapped),
        ]
        return [f"{name}={value}" for name, value, needed in said if needed]

    def field(self, entity: EntityPlan, item: FieldPlan, *, quoted: bool = False) -> str:
        """One line of the class."""
        default = self.default(item)
        return f"{item.name}: {self.type(entity, item, quoted=quoted)}{f' = {default}' if default else ''}"

    def type(self, entity: EntityPlan, item: FieldPlan, *, quoted: bool) -> str:
        """The annotation."""
        source = self.source
        target = literal(item.target) if quoted else item.target
        if item.part:
            return f"{source.kit('PartOf')}[{target}]"
        owned = item.kind is Kind.REFERENCE and item.managed and item.name == entity.owner and not item.optional
        if owned and self._target_signs_in(item):
            bare = annotated(source, f"{source.kit('Owner')}[{target}]", self.wire(entity, item), self.column(item), self.said(item))
            return bare
        value = self.blueprint.value_name(item.value) if item.value else ""
        bare = plain(source, item.kind, element=item.element, enum=item.enum, target=target, value=value)
        marks = (limits(source, item.limits, item.kind), self.counted(item), self.wire(entity, item), self.column(item), self.said(item))
        bare = annotated(source, bare, *marks)
        if item.optional:
            bare = f"{source.kit('Maybe')}[{bare}]" if item.maybe else f"{bare} | None"
        for mark in (name for name, on in (("Unique", item.unique), ("Managed", item.managed), ("Secret", item.secret)) if on):
            bare = f"{source.kit(mark)}[{bare}]"
        return bare

    def _target_signs_in(self, item: FieldPlan) -> bool:
        account = self.blueprint.sign_in_account
        return account is not None and account.name == item.target

    def counted(self, item: FieldPlan) -> str:
        """``CountedIn(...)`` on the reference whose rows another entity counts."""
        return ""

    def wire(self, entity: EntityPlan, item: FieldPlan) -> str:
        """``Wire(...)`` where the design's name is not the one that follows from the field's."""
        usual = (
            f"{item.name}_id"
            if item.kind is Kind.REFERENCE
            else f"{item.name.removesuffix('s')}_ids"
            if item.kind is Kind.MANY
            else item.name
        )
        if not item.wire or item.wire == (camel(usual) if self.camel else usual) or not self.shown(entity, item):
            return ""
        return f"{self.source.kit('Wire')}({literal(item.wire)})"

    def column(self, item: FieldPlan) -> str:
        """``Column(...)`` where the column's name is not the one that follows from the field's."""
        return f"{self.source.kit('Column')}({literal(item.column)})" if item.column else ""

    def shown(self, entity: EntityPlan, item: FieldPlan) -> bool:
        """Whether clients ever see it by itself."""
        members = [m for s in self.blueprint.shapes if s.entity == entity.name for m in s.members]
        return any(m.field == item.name and m.source in ("field", "reference") for m in members)

    def said(self, item: FieldPlan) -> str:
        """``Doc(...)`` with the design's words, unless its enum says the same."""
        known = {e.name: e.doc for e in self.blueprint.enums}
        if not item.doc.strip() or known.get(item.enum) == item.doc:
            return ""
        return f"{self.source.kit('Doc')}({literal(sentence(item.doc))})"

    def default(self, item: FieldPlan) -> str:
        """What the field starts as; nothing where the caller must say."""
        if item.default is ABSENT:
            return "None" if item.optional else ""
        if item.default is None:
            return "None"
        return self.value(item, item.default)

    def value(self, item: FieldPlan, value: Any) -> str:
        """A JSON value as the Python of the field's kind."""
        source = self.source
        if item.kind is Kind.ENUM:
            enum = next(e for e in self.blueprint.enums if e.name == item.enum)
            return f"{enum.name}.{next(name for name, one in enum.members if one == value)}"
        if item.kind is Kind.DECIMAL:
            source.use("decimal", "Decimal")
            text = str(value).rstrip("0").rstrip(".") if "." in str(value) else str(value)
            return f"Decimal({int(text)})" if text.lstrip("-").isdigit() else f"Decimal({literal(text)})"
        if item.kind in (Kind.DATE, Kind.TIME, Kind.DATETIME):
            name = plain(source, item.kind)
            return f"{name}.fromisoformat({literal(value)})"
        if item.kind is Kind.UUID:
            return f"{source.use('uuid', 'UUID')}({literal(value)})"
        return "[]" if value == [] else literal(value)

    def uniques(self, entity: EntityPlan) -> list[str]:
        """The constraints over several fields, each a marked method that names them."""
        lines: list[str] = []
        for fields in entity.uniques:
            name = f"one_{'_and_'.join(fields)}"
            said = ", ".join(f"self.{f}" for f in fields)
            lines += ["", f"    @{self.source.kit('unique')}", f"    def {name}(self) -> object:", f"        return {said}"]
        return lines

    def indexes(self, entity: EntityPlan) -> list[str]:
        """The indexes that are asked for, each a marked method that names its fields."""
        lines: list[str] = []
        for index in entity.indexes:
            name = f"by_{'_and_'.join(index.fields)}" + ("" if index.kind == "btree" else f"_{index.kind}")
            said = ", ".join(f"self.{f}" for f in index.fields)
            kind = "" if index.kind == "btree" else literal(index.kind)
            lines += ["", f"    @{self.source.kit('index')}({kind})", f"    def {name}(self) -> object:", f"        return {said}"]
        return lines


def _doc(text: str, otherwise: str) -> str:
    return docstring(
        (text.strip() and sentence(text.strip().splitlines()[0]) + "".join("\n" + x for x in text.strip().splitlines()[1:])) or otherwise
    )


def _described(entity: EntityPlan) -> str:
    words = snake(entity.name).replace("_", " ")
    whole = f" of {snake(entity.part_of)}".replace("_", " ") if entity.part_of else ""
    return f"{'An' if words[0] in 'aeio' else 'A'} {words}{whole}."


def _asked_for(blueprint: Blueprint, enum: EnumPlan) -> bool:
    shapes = any(m.enum == enum.name for s in blueprint.shapes for m in s.members)
    sorts = any(enum.name in (o.sort.enum, o.sort.direction_enum) for o in blueprint.operations if o.sort is not None)
    return shapes or sorts or any(a.member.enum == enum.name for o in blueprint.operations for a in o.arguments)
