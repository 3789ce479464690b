"""GraphQL SDL files as one checked document: syntax, names and types (GraphQL specification, October 2021, section 3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError, Source, parse
from graphql.language import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeNode,
)
from graphql.validation.validate import validate_sdl

from backwright.worker.importers.reading import Unreadable, text_of
from backwright.worker.place import Problem

MOST_TOKENS = 400_000
ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
_KINDS = {
    "object_type": "type", "interface_type": "interface", "input_object_type": "input", "enum_type": "enum", "union_type": "union",
    "scalar_type": "scalar",
}  # fmt: skip


@dataclass(slots=True)
class Type:
    """A named type: its kind (type, interface, input, enum, union, scalar), and its definition with all its extensions."""

    kind: str
    name: str
    nodes: list[Any]

    @property
    def description(self) -> str:
        return next((text for node in self.nodes if (text := described(node))), "")

    @property
    def fields(self) -> list[Any]:
        """Its fields, or input fields, those of extensions included."""
        return [one for node in self.nodes for one in getattr(node, "fields", None) or ()]

    @property
    def values(self) -> list[str]:
        """The values of an enum."""
        return [value.name.value for node in self.nodes if isinstance(node, EnumTypeDefinitionNode) for value in node.values or ()]

    @property
    def directives(self) -> list[Any]:
        return [one for node in self.nodes for one in node.directives or ()]


@dataclass(slots=True)
class Sdl:
    """Everything that the files define."""

    types: dict[str, Type] = field(default_factory=dict[str, Type])
    roots: dict[str, str] = field(default_factory=lambda: dict(ROOTS))
    """The root type of each kind of operation."""
    others: list[Any] = field(default_factory=list[Any])
    """Definitions that are no types: schema and directives."""

    def root(self, kind: str) -> list[Any]:
        """The fields of a root type."""
        return self.types[self.roots[kind]].fields if self.roots[kind] in self.types else []

    def of(self, kind: str) -> Iterator[Type]:
        """The types of a kind, without the roots."""
        return (one for one in self.types.values() if one.kind == kind and one.name not in self.roots.values())


def read(files: Sequence[tuple[Path, str]], problems: list[Problem]) -> Sdl:
    """The files as one document; everything wrong is added to the problems."""
    definitions: list[DefinitionNode] = []
    for path, name in files:
        try:
            definitions += parse(Source(text_of(path), name), max_tokens=MOST_TOKENS).definitions
        except Unreadable as error:
            problems.append(Problem(name, error.line, "", "error", error.what, error.mend))
        except GraphQLSyntaxError as error:
            problems.append(_problem(error, "Mend the syntax here or just above.", name))
        except RecursionError:
            problems.append(Problem(name, 1, "", "error", "The document nests too deeply.", "Write flatter types."))
    if any(problem.severity == "error" for problem in problems):
        return Sdl()
    return _checked(DocumentNode(definitions=tuple(definitions)), problems)


def _checked(document: DocumentNode, problems: list[Problem]) -> Sdl:
    wrong = [error for error in validate_sdl(document) if "Unknown directive" not in error.message]  # servers define their own unsaid
    problems += [_problem(error, "Define it once, and refer to what is defined.") for error in wrong]
    found = Sdl()
    for node in document.definitions:
        _sort(node, found, problems)
    if not found.types and not problems:
        problems.append(Problem("design", 1, "", "error", "There is no type in this SDL.", "Write type Book { id: ID! … }."))
    return found


def _sort(node: Any, found: Sdl, problems: list[Problem]) -> None:
    stem = node.kind.removesuffix("_definition").removesuffix("_extension")
    if stem in _KINDS:
        name = node.name.value
        found.types.setdefault(name, Type(_KINDS[stem], name, [])).nodes.append(node)
    elif isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
        found.roots |= {one.operation.value: one.type.name.value for one in node.operation_types or ()}
        found.others.append(node)
    elif isinstance(node, DirectiveDefinitionNode):
        found.others.append(node)
    else:
        what = "This is a query, not a definition: it says nothing about the schema."
        problems.append(Problem(*place(node), "", "error", what, "Keep only type definitions in the design."))


def _problem(error: GraphQLError, mend: str, file: str = "design") -> Problem:
    line = error.locations[0].line if error.locations else 1
    return Problem(error.source.name if error.source else file, line, "", "error", f"{error.message.rstrip('.')}.", mend)


def place(node: Any) -> tuple[str, int]:
    """The file and the line of a node; a description belongs to what it describes, so the name's line where there is one."""
    token = node.name.loc.start_token if getattr(node, "name", None) is not None else node.loc.start_token
    return node.loc.source.name, token.line


def described(node: Any) -> str:
    """The description of a definition."""
    text = getattr(node, "description", None)
    return " ".join(text.value.split()) if text is not None else ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a type reference says: the named type, whether null is allowed, and whether it is a list."""

    name: str
    required: bool
    many: bool


def shape(node: TypeNode) -> Shape:
    """``[Book!]!`` → Book, required, many. Lists in lists are lists."""
    required, many = isinstance(node, NonNullTypeNode), False
    while isinstance(node, NonNullTypeNode | ListTypeNode):
        many |= isinstance(node, ListTypeNode)
        node = node.type
    return Shape(node.name.value, required, many)  # type: ignore[attr-defined, unused-ignore]


def arguments(node: FieldDefinitionNode) -> Sequence[InputValueDefinitionNode]:
    """The arguments of a field."""
    return node.arguments or ()
