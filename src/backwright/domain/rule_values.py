"""Single values in rules: what an expression stands for, attribute by attribute."""

import ast
import difflib
from dataclasses import replace
from typing import Any

from backwright.domain.comparing import REQUEST, SCALARS, Side, field_of, side_of_constant
from backwright.domain.entity import Account, Entity
from backwright.domain.mistakes import Mistake
from backwright.domain.model import Model
from backwright.domain.names import CallerRef, Frame, Object, Ref, RequestRef, RowRef
from backwright.domain.predicate import CallerField, Captured, Constant, RequestField, RowField, Value

_MEND = "Rules use attributes of rows and the caller, comparisons, in, is None, and/or/not, exists(...) and other rule functions."
_HINTS: dict[type[ast.AST], str] = {
    ast.BinOp: "Rules do not calculate: compute the value before, give it a name, and compare with the name.",
    ast.JoinedStr: "Rules do not build text: compute it before, give it a name, and compare with the name.",
    ast.NamedExpr: "Rules name nothing: write the expression where it is used.",
    ast.Subscript: "Rules do not look inside values: make what you need a field of its own.",
    ast.Assign: "Rules name nothing: write the expression where it is used.",
    ast.GeneratorExp: "To look at other rows write exists(Entity, lambda row: ...).",
}


class Stop(Exception):
    """This piece is not in the language; the mistake is noted."""


class ValueReader:
    """Reads values, and notes the mistakes of a whole rule."""

    def __init__(self, model: Model, mistakes: list[Mistake]) -> None:
        self.model, self.mistakes = model, mistakes
        self.rows: dict[int, type[Entity]] = {}
        """The entity of each row variable."""
        self.frame: Frame
        self.known: frozenset[Value] = frozenset()
        """What the conditions read so far say is not None."""

    def stop(self, node: ast.AST, what: str, mend: str) -> Stop:
        self.mistakes.append(Mistake(self.frame.source.file, getattr(node, "lineno", self.frame.source.node.lineno), what, mend))
        return Stop()

    def outside(self, node: ast.AST) -> Stop:
        return self.stop(node, f"{text(node)} is outside the language of rules.", _HINTS.get(type(node), _MEND))

    def value(self, node: ast.expr) -> Value:
        """A single value. Raises `Stop` after noting the mistake."""
        ref = self.ref(node)
        if isinstance(ref, Object):
            return self.constant(ref.value, node)
        if isinstance(ref, RowRef | CallerRef):
            raise self.stop(node, f"{text(node)} is a whole object.", f"Compare one of its attributes, e.g. {text(node)}.id.")
        if isinstance(ref, RequestRef):
            raise self.stop(node, f"{text(node)} is the whole request.", f"Use {', '.join(f'{text(node)}.{name}' for name in REQUEST)}.")
        return ref

    def constant(self, value: Any, node: ast.expr) -> Constant:
        if value is not None and not isinstance(value, SCALARS):
            raise self.stop(
                node,
                f"{text(node)} is {type(value).__name__}, which no field holds.",
                "Compare with text, numbers, times, UUIDs, enum members or None.",
            )
        return Constant(value)

    def ref(self, node: ast.expr) -> Ref:
        """What an expression stands for: a row, the caller, the request, a value, or an object of the program."""
        match node:
            case ast.Constant(value) if isinstance(value, str | int | float | bytes | None):
                return Constant(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value)) if isinstance(value, int | float):
                return Constant(-value)
            case ast.Name():
                return self.name(node)
            case ast.Attribute():
                return self.attribute(node, self.ref(node.value))
            case _:
                raise self.outside(node)

    def name(self, node: ast.Name) -> Ref:
        found = self.frame.look_up(node.id)
        if found is None:
            raise self.stop(node, f"{node.id} is not defined here.", "Import it, or check the spelling.")
        return found

    def attribute(self, node: ast.Attribute, base: Ref) -> Ref:
        match base:
            case RowRef(variable, entity):
                self.field(node, entity)
                return RowField(node.attr, variable)
            case CallerRef(entity, optional):
                self.field(node, entity)
                if optional and CallerField("id", entity) not in self.known:
                    raise self.stop(node, f"{text(node.value)} may be None here.", f"Ask first: {text(node.value)} is not None and ...")
                return CallerField(node.attr, entity)
            case RequestRef():
                if node.attr not in REQUEST:
                    raise self.stop(node, f"A request has no {node.attr} in rules.", f"It has {', '.join(REQUEST)}.")
                return RequestField(node.attr)
            case Captured(path=path, guarded=guarded):
                return replace(base, path=(*path, node.attr), guarded=guarded or base in self.known)
            case Object():
                if (found := base.member(node.attr)) is not None:
                    return found
                raise self.stop(node, f"{text(node)} cannot be read in a rule.", "Use module constants and enum members by name.")
            case RowField():
                raise self.stop(
                    node,
                    f"{text(node.value)} is a single value, in the database too; it has no {node.attr}.",
                    "To look at the row it refers to write exists(Entity, lambda other: other.id == ... and ...).",
                )
            case _:
                raise self.stop(node, f"{text(node.value)} is a single value; it has no {node.attr} in rules.", _MEND)

    def field(self, node: ast.Attribute, entity: type[Entity]) -> None:
        if (entity in self.model or entity is Account) and field_of(self.model, entity, node.attr) is not None:
            return
        names = ["id", *(self.model[entity].by_name if entity in self.model else ("email",))]
        near = difflib.get_close_matches(node.attr, names, 1)
        mend = f"Did you mean {near[0]}?" if near else f"It has {', '.join(names)}."
        raise self.stop(node, f"{entity.__name__} has no field {node.attr}.", mend)

    def side(self, value: Value, node: ast.expr) -> Side:
        """A value as a side of a comparison, named as the rule names it."""
        said = text(node)
        match value:
            case RowField(name, variable):
                return Side(said, field_of(self.model, self.rows[variable], name))
            case CallerField(name, entity):
                return Side(said, field_of(self.model, entity, name))
            case RequestField(name):
                return Side(said, REQUEST[name])
            case Constant(constant) if constant is not None:
                return side_of_constant(constant)
            case _:
                return Side(said)


def text(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "..."
