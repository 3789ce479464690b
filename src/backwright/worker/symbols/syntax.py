"""Calls and literals, read the same way in every language."""

import re
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass

from tree_sitter import Node

HOLE = "…"
"""Stands where a text is not literal."""
_NO_CONSTANTS: Mapping[str, str] = {}
_STRINGS = frozenset({
    "string", "string_literal", "interpreted_string_literal", "raw_string_literal", "encapsed_string", "template_string", "simple_symbol",
    "verbatim_string_literal", "concatenated_string", "multiline_string_literal", "hash_key_symbol",
})  # fmt: skip
_PIECES = frozenset({
    "string_content", "string_fragment", "interpreted_string_literal_content", "raw_string_literal_content", "string_literal_content",
    "escape_sequence",
})  # fmt: skip
_KEYWORDS = frozenset({"keyword_argument", "pair", "named_argument", "array_element_initializer"})


def text_of(node: Node | None) -> str:
    """The source text of a node; nothing for none."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def literal(node: Node | None, constants: Mapping[str, str] = _NO_CONSTANTS) -> str | None:
    """The string that the node is, with ``…`` for what is not literal; None for what is no string."""
    if node is None:
        return None
    if node.type in ("identifier", "constant", "name"):
        return constants.get(text_of(node))
    if node.type in ("simple_symbol", "hash_key_symbol"):
        return text_of(node).strip(":")
    if node.type in ("parenthesized_expression", "argument", "value_argument") and node.named_children:
        return literal(node.named_children[-1], constants)
    if node.type in ("binary_expression", "binary_operator"):
        sides = [literal(node.child_by_field_name(side), constants) for side in ("left", "right")]
        return None if sides == [None, None] else "".join(side if side is not None else HOLE for side in sides)
    if node.type not in _STRINGS:
        return None
    return "".join(_piece(child, constants) for child in node.named_children)


def _piece(node: Node, constants: Mapping[str, str]) -> str:
    if node.type in _PIECES:
        return text_of(node)
    if node.type in ("string_start", "string_end"):
        return ""
    inner = literal(node, constants) if node.type in _STRINGS else literal(next(iter(node.named_children), None), constants)
    return inner if inner is not None else HOLE


def words(node: Node | None, constants: Mapping[str, str] = _NO_CONSTANTS) -> list[str]:
    """The strings in a list, or the one string that the node is."""
    if node is None:
        return []
    if (alone := literal(node, constants)) is not None:
        return [alone]
    return [word for child in node.named_children for word in words(child, constants)]


@dataclass(frozen=True, slots=True)
class Call:
    """A call, in whatever language."""

    name: str
    """The last part of what is called."""
    held: Node | None
    """What it is called on."""
    positional: tuple[Node, ...]
    keywords: Mapping[str, Node]
    node: Node

    @property
    def line(self) -> int:
        """Where it begins, from 1."""
        return self.node.start_point.row + 1

    @property
    def on(self) -> str:
        """The text of what it is called on."""
        return text_of(self.held)

    def given(self, at: int, *names: str) -> Node | None:
        """The argument of one of these names, or at that position."""
        named = next((self.keywords[name] for name in names if name in self.keywords), None)
        return named if named is not None else (self.positional[at] if -len(self.positional) <= at < len(self.positional) else None)


_TYPES = frozenset({
    "call", "call_expression", "new_expression", "invocation_expression", "member_call_expression", "scoped_call_expression",
    "function_call_expression", "method_invocation", "object_creation_expression",
})  # fmt: skip


def call(node: Node | None) -> Call | None:
    """The node as a call; None for anything else."""
    if node is None or node.type not in _TYPES:
        return None
    function = node.child_by_field_name("function") or node.child_by_field_name("constructor") or node.child_by_field_name("type")
    held, name = _split(function) if function is not None else (None, "")
    if function is None:
        held = node.child_by_field_name("object") or node.child_by_field_name("receiver") or node.child_by_field_name("scope")
        name = text_of(node.child_by_field_name("name") or node.child_by_field_name("method"))
    arguments = node.child_by_field_name("arguments")
    given = [_inner(child) for child in arguments.named_children if "comment" not in child.type] if arguments is not None else []
    keywords = dict(_named(child) for child in given if child.type in _KEYWORDS and len(child.named_children) > 1)
    return Call(name, held, tuple(child for child in given if child.type not in _KEYWORDS), keywords, node)


def _split(function: Node) -> tuple[Node | None, str]:
    for held, name in (("object", "attribute"), ("object", "property"), ("operand", "field"), ("expression", "name")):
        if (last := function.child_by_field_name(name)) is not None and (first := function.child_by_field_name(held)) is not None:
            return first, text_of(last)
    if function.type == "navigation_expression":
        return function.named_children[0], text_of(function.named_children[-1])
    return None, text_of(function)


def _inner(argument: Node) -> Node:
    return argument.named_children[-1] if argument.type in ("argument", "value_argument") and argument.named_children else argument


def _named(pair: Node) -> tuple[str, Node]:
    return text_of(pair.named_children[0]).strip("\"':"), pair.named_children[-1]


def properties(node: Node | None) -> dict[str, Node]:
    """The members of an object literal or array by their keys."""
    if node is None:
        return {}
    found = dict(_named(child) for child in node.named_children if child.type in _KEYWORDS and len(child.named_children) > 1)
    return found | {text_of(child): child for child in node.named_children if child.type == "shorthand_property_identifier"}


def every(root: Node, kinds: Iterable[str] | None = None) -> Generator[Node]:
    """Every named node below, in the order of the text; with ``kinds`` only those."""
    wanted = frozenset(kinds) if kinds is not None else None
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if wanted is None or node.type in wanted:
            yield node
        waiting += reversed(node.named_children)


def calls(root: Node) -> Generator[Call]:
    """Every call below, outer before inner."""
    for node in every(root, _TYPES):
        if (found := call(node)) is not None:
            yield found


def bound(node: Node) -> str:
    """The variable that an expression is assigned to, through what wraps it; nothing if there is none."""
    up = node.parent
    while up is not None and up.type in ("await_expression", "await", "expression_list", "parenthesized_expression", "as_expression"):
        up = up.parent
    if up is None:
        return ""
    target = up.child_by_field_name("left") or up.child_by_field_name("name")
    fits = up.type in (
        "assignment",
        "variable_declarator",
        "short_var_declaration",
        "var_spec",
        "assignment_expression",
        "augmented_assignment",
    )
    return text_of(target) if fits and target is not None and target.end_byte <= node.start_byte else ""


def constants(root: Node) -> dict[str, str]:
    """The names at the top of a file that stand for a string."""
    found: dict[str, str] = {}
    for node in every(root, ("assignment", "variable_declarator", "const_spec")):
        name = node.child_by_field_name("left") or node.child_by_field_name("name")
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        if value is not None and value.type == "expression_list" and value.named_children:
            value = value.named_children[0]
        said = literal(value, found)
        if name is not None and said is not None and re.fullmatch(r"\w+", text_of(name)):
            found.setdefault(text_of(name), said)
    return found


def elements(node: Node | None) -> list[Node]:
    """What stands in a list, tuple or array; the node itself if it is none."""
    if node is None:
        return []
    listed = node.type in ("list", "tuple", "array", "array_creation_expression", "expression_list")
    return [_inner(c) for c in node.named_children if "comment" not in c.type] if listed else [node]
