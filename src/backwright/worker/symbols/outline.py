"""The definitions of one file: a query says which nodes they are, this file how they nest and where they begin."""

import inspect
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace

from tree_sitter import Node, QueryCursor

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.language import query
from backwright.worker.symbols.names import joined
from backwright.worker.symbols.symbol import Kind, Symbol

_TYPES = frozenset({Kind.CLASS, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM})
_VALUES = frozenset({Kind.CONSTANT, Kind.VARIABLE})
_CODE = frozenset({Kind.FUNCTION, Kind.METHOD})
_SIGNATURE = 300
_MARKS = re.compile(r"^\s*(?:/\*+!?|\*+/|\*(?!/)|//+!?|#+)[ \t]?|\s*\*+/\s*$")


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition, by its bytes. It holds no node, so that the tree can go."""

    name: str
    kind: Kind
    start: int
    """With decorators, modifiers and an export."""
    own: int
    """Behind the decorators."""
    end: int
    named: int
    """Where its name begins."""
    head: int
    """Where its signature ends."""
    lead: int
    """Where the comment in front begins; ``start`` if there is none."""
    owner: str = ""
    parent: int | None = None
    """Its place in the list of definitions."""
    parts: tuple[str, ...] = ()
    index: int | None = None

    @property
    def path(self) -> str:
        """Its name path."""
        return joined(self.parts, self.index)


def definitions(code: Code) -> list[Definition]:
    """Every definition of the file, outer before inner, in the order of the text. Variables of a function are left out."""
    chosen, comments, attached = _captured(code)
    if not chosen:
        return []
    raw = [_raw(code, kind, node, name, owner) for kind, node, name, owner in chosen]
    raw = [_led(code, d, comments, attached) for d in raw]
    return _numbered(_nested(sorted(raw, key=lambda d: (d.start, -d.end))))


def _captured(code: Code) -> tuple[list[tuple[Kind, Node, Node, str]], list[tuple[int, int]], list[tuple[int, int]]]:
    """The definitions, the comments, and what is attached to definitions."""
    best: dict[int, tuple[int, Kind, Node, Node, str]] = {}
    comments: list[tuple[int, int]] = []
    attached: list[tuple[int, int]] = []
    for rank, captures in QueryCursor(query(code.language)).matches(code.root):
        for what, beside in (("comment", comments), ("attached", attached)):
            beside += [(node.start_byte, node.end_byte) for node in captures.get(what, ())]
        if "name" not in captures:
            continue
        name = captures["name"][0]
        if name.start_byte in best and best[name.start_byte][0] <= rank:
            continue
        kind = next(word for word in captures if word not in ("name", "owner"))
        owner = captures["owner"][0].text if "owner" in captures else b""
        best[name.start_byte] = (rank, Kind(kind), captures[kind][0], name, (owner or b"").decode("utf-8", "replace"))
    return [found[1:] for found in best.values()], sorted(comments), sorted(attached)


def _raw(code: Code, kind: Kind, node: Node, name: Node, owner: str) -> Definition:
    outer = node
    while (parent := outer.parent) is not None and parent.type in code.language.wrappers and _alone(outer, parent):
        outer = parent
    own = _undecorated(code, outer)
    text = code.text(name.start_byte, name.end_byte).strip("\"'")
    if kind is Kind.VARIABLE and text.isupper() and not code.language.name.startswith("c"):
        kind = Kind.CONSTANT
    end = outer.end_byte
    while code.data[end - 1 : end].isspace():
        end -= 1  # a comment at its end takes the carriage return with it
    return Definition(text, kind, outer.start_byte, own, end, name.start_byte, _head(node, kind), outer.start_byte, owner)


def _undecorated(code: Code, node: Node) -> int:
    """Where a definition begins behind its decorators, annotations or attributes."""
    kinds = code.language.decorators
    first = next(iter(node.children), None)
    holders = [node.children, first.children] if first is not None and first.type == "modifiers" else [node.children]
    last = max((child.end_byte for children in holders for child in children if child.type in kinds), default=node.start_byte)
    while code.data[last : last + 1].isspace():
        last += 1
    return last


def _alone(inner: Node, outer: Node) -> bool:
    return sum(child.type == inner.type for child in outer.named_children) == 1


def _head(node: Node, kind: Kind) -> int:
    """Where the body begins; for a value the end."""
    if kind in _VALUES:
        return node.end_byte
    for holder in (node, node.child_by_field_name("value"), node.child_by_field_name("right"), node.child_by_field_name("type")):
        if holder is not None and (body := holder.child_by_field_name("body")) is not None:
            return body.start_byte
    body = next((child for child in node.named_children if child.type.endswith(("body", "field_declaration_list"))), None)
    return body.start_byte if body is not None else node.end_byte


def _led(code: Code, found: Definition, comments: list[tuple[int, int]], attached: list[tuple[int, int]]) -> Definition:
    """With the decorators in front of it, and the comment in front of these."""
    start = _reach(code, found.start, attached, beside=True)
    lead = _reach(code, start, comments, beside=False)
    if lead < start and (above := _reach(code, lead, attached, beside=True)) < lead:
        start = above
        lead = _reach(code, start, comments, beside=False)
    return replace(found, start=start, lead=lead)


def _reach(code: Code, start: int, ranges: list[tuple[int, int]], *, beside: bool) -> int:
    """How far up the ranges that end right in front of ``start`` go. Those that share a line with code are not meant, if not ``beside``."""
    at = bisect_left(ranges, (start, 0)) - 1
    while at >= 0 and ranges[at][1] <= start:
        first, last = ranges[at]
        if code.data[last:start].strip() or (not beside and not _above(code, first, last, start)):
            break
        start, at = first, at - 1
    return start


def _above(code: Code, first: int, last: int, start: int) -> bool:
    """Whether a comment stands alone in the lines right above, no deeper than what it may be about."""
    space = code.data[code.start_of_line(first) : first].removeprefix(b"\xef\xbb\xbf")
    depth = len(code.data[code.start_of_line(start) : start])
    return not space.strip() and len(space) <= depth and code.data.count(b"\n", last, start) <= 1


def _nested(found: list[Definition]) -> list[Definition]:
    """Each with its parent, its names from the top, and the kind that its parent makes it."""
    kept: list[Definition] = []
    above: list[int] = []
    for one in found:
        while above and not _holds(kept[above[-1]], one):
            above.pop()
        parent = above[-1] if above else None
        outer = kept[parent] if parent is not None else None
        if outer is not None and outer.kind in _CODE and one.kind in _VALUES:
            continue
        kind = Kind.METHOD if outer is not None and outer.kind in _TYPES and one.kind is Kind.FUNCTION else one.kind
        parts = (*(outer.parts if outer is not None else ((one.owner,) if one.owner else ())), one.name)
        kept.append(replace(one, parent=parent, kind=kind, parts=parts))
        above.append(len(kept) - 1)
    return _owned(kept)


def _holds(outer: Definition, inner: Definition) -> bool:
    return inner.end <= outer.end and (outer.start, outer.end) != (inner.start, inner.end)


def _owned(found: list[Definition]) -> list[Definition]:
    """Those that name their owner become its children where it stands in the same file."""
    owners = {d.name: at for at, d in enumerate(found) if d.kind in _TYPES or d.kind is Kind.TYPE}
    return [replace(d, parent=owners[d.owner]) if d.owner in owners and d.parent is None else d for d in found]


def _numbered(found: list[Definition]) -> list[Definition]:
    """Those of one name get an index. A value that is set again is one symbol: the first."""
    seen: set[tuple[str, ...]] = set()
    moved: dict[int, int] = {}
    kept: list[Definition] = []
    for at, one in enumerate(found):
        again = one.kind in _VALUES and one.parts in seen
        seen.add(one.parts)
        if not again:
            moved[at] = len(kept)
            kept.append(one)
    kept = [replace(d, parent=moved.get(d.parent)) if d.parent is not None else d for d in kept]
    times = Counter(d.parts for d in kept)
    counted: Counter[tuple[str, ...]] = Counter()
    numbered: list[Definition] = []
    for one in kept:
        numbered.append(replace(one, index=counted[one.parts]) if times[one.parts] > 1 else one)
        counted[one.parts] += 1
    return numbered


def shown(code: Code, found: list[Definition], at: int, *, depth: int = 0, body: bool = False, docs: bool = False) -> Symbol:
    """A definition as a symbol, with its children down to a depth."""
    one = found[at]
    inner = [n for n, d in enumerate(found) if d.parent == at] if depth > 0 else []
    return Symbol(
        one.name, one.path, one.kind, code.file, code.place(one.start, one.end), signature(code, one), code.language.name,
        docstring=documentation(code, one) if docs else None, body=code.text(one.start, one.end) if body else None,
        children=tuple(shown(code, found, n, depth=depth - 1, docs=docs) for n in inner),
    )  # fmt: skip


def signature(code: Code, one: Definition) -> str:
    """The definition up to its body, on one line."""
    end = min(max(one.head, one.named), one.own + 4 * _SIGNATURE)
    text = " ".join(code.text(one.own, end).split()).rstrip("{:= ")
    return text if len(text) <= _SIGNATURE else text[:_SIGNATURE] + "…"


def documentation(code: Code, one: Definition) -> str | None:
    """The comment in front without its marks, or the first string of the body, as the language has it."""
    if code.language.inner_docs:
        return _first_string(code, one)
    lines = [_MARKS.sub("", _MARKS.sub("", line)).rstrip() for line in code.text(one.lead, one.start).splitlines()]
    return inspect.cleandoc("\n".join(lines)) or None


def _first_string(code: Code, one: Definition) -> str | None:
    name = code.root.descendant_for_byte_range(one.named, one.named + 1)
    body = name.parent.child_by_field_name("body") if name is not None and name.parent is not None else None
    first = next(iter(body.named_children), None) if body is not None else None
    if first is None or first.type != "expression_statement" or not first.named_children or first.named_children[0].type != "string":
        return None
    content = [child for child in first.named_children[0].named_children if child.type == "string_content"]
    return inspect.cleandoc("".join(code.text(c.start_byte, c.end_byte) for c in content)) or None
