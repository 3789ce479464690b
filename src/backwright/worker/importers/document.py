"""Reads a YAML or JSON file into a tree in which every node knows its place. The one file that imports yaml."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backwright.worker.importers.reading import Unreadable, text_of
from backwright.worker.place import Place, Problem

MAX_DEPTH = 200
MAX_NODES = 1_000_000
"""Counted after aliases are followed, so a small file cannot stand for a huge one."""

Value = bool | int | float | str | dict[str, "Node"] | list["Node"] | None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value of a document, with its place."""

    value: Value
    place: Place

    @property
    def map(self) -> dict[str, "Node"]:
        """Its members if it is a mapping, else nothing."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def list(self) -> "list[Node]":
        """Its items if it is a list, else nothing."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str:
        """Its text if it is a string, else nothing."""
        return self.value if isinstance(self.value, str) else ""

    def get(self, *keys: str) -> "Node | None":
        """The node under these keys, one inside the other."""
        node: Node | None = self
        for key in keys:
            node = node.map.get(key) if node is not None else None
        return node

    def string(self, key: str) -> str:
        """The string under a key, or nothing."""
        found = self.map.get(key)
        return found.text if found is not None else ""

    def flag(self, key: str) -> bool:
        """Whether the key is there and true."""
        found = self.map.get(key)
        return found is not None and found.value is True

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def escaped(key: str) -> str:
    """A key as one token of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def load(path: Path, name: str, problems: list[Problem]) -> Node | None:
    """The file as a tree; None, with the reason added to the problems, if there is none. Of duplicate keys the first stays."""
    try:
        text = text_of(path)
        return _Builder(name, problems).build(_json_in_yaml(text))
    except Unreadable as error:
        problems.append(Problem(name, error.line, error.pointer, "error", error.what, error.mend))
        return None


_ESCAPES = re.compile(r"(?<!\\)((?:\\\\)*)\\u(?:([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|([0-9a-fA-F]{4}))")


def _json_in_yaml(text: str) -> str:
    """JSON is YAML but for two things: pairs of surrogates in escapes, and keys of more than 1,024 characters, escapes counted.

    So escapes of printable characters are written out. Lines stay as they are.
    """
    return _ESCAPES.sub(_written_out, text) if text.lstrip().startswith("{") else text


def _written_out(match: re.Match[str]) -> str:
    single, high, low = (int(match[n] or "0", 16) for n in (4, 2, 3))
    code = single if match[4] else 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
    return match[1] + (chr(code) if chr(code).isprintable() and chr(code) not in '"\\' else f"\\U{code:08X}")


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been reached."""

    node: Node
    anchor: str | None
    before: int
    key: str | None = None
    key_line: int = 0
    duplicate: bool = False
    merges: list[Node] = field(default_factory=lambda: [])


class _Builder:
    """Builds the tree from parser events with a stack of its own: no recursion, so no depth of nesting can break it."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node] = {}
        self.sizes: dict[int, int] = {}
        self.root: Node | None = None
        self.count = 0

    def build(self, text: str) -> Node:
        import yaml  # type: ignore[import-untyped, unused-ignore]  # its stubs are a package of their own

        untyped: Any = yaml
        loader = getattr(untyped, "CSafeLoader", untyped.SafeLoader)
        try:
            for event in untyped.parse(text, Loader=loader):
                self.take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(part for part in (error.problem, error.context) if part)
            raise Unreadable(
                mark.line + 1 if mark else 1, f"This is neither YAML nor JSON: {what}.", "Mend the syntax here or just above."
            ) from None
        except (yaml.YAMLError, RecursionError) as error:
            raise Unreadable(1, f"This is neither YAML nor JSON: {error}.", "Mend the syntax.") from None
        if self.root is None:
            raise Unreadable(1, "The file holds no document, only comments.", "Write an OpenAPI document into it.")
        return self.root

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self.scalar(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self.start(event, {} if kind == "MappingStartEvent" else [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.end()
        elif kind == "AliasEvent":
            self.alias(event)
        elif kind == "DocumentStartEvent" and self.root is not None:
            raise Unreadable(event.start_mark.line + 1, "The file holds more than one document.", "Keep one design per file.")

    def scalar(self, event: Any) -> None:
        line = event.start_mark.line + 1
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.node.value, dict) and top.key is None:
            self.key(top, event.value, line)
            return
        plain = event.implicit[0] and event.style in (None, "")
        self.keep(Node(_resolved(event, plain, line), self.place(line)), event.anchor)

    def key(self, top: _Open, key: str, line: int) -> None:
        top.key, top.key_line, top.duplicate = key, line, key in top.node.map and key != "<<"
        if top.duplicate:
            pointer, first = f"{top.node.place.pointer}/{escaped(key)}", top.node.map[key].place.line
            self.problems.append(
                Problem(
                    self.file,
                    line,
                    pointer,
                    "error",
                    f"The key {key!r} stands here a second time (first in line {first}).",
                    "Keep one of them.",
                )
            )

    def start(self, event: Any, value: Value) -> None:
        line = event.start_mark.line + 1
        if len(self.stack) >= MAX_DEPTH:
            raise Unreadable(
                line,
                f"The document nests deeper than {MAX_DEPTH} levels.",
                "Give inner schemas a name and refer to them.",
                self.place(line).pointer[:200],
            )
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.node.value, dict) and top.key is None:
            raise Unreadable(line, "A mapping or a list is used as a key.", "Keys are plain text.")
        node = Node(value, self.place(line))
        self.stack.append(_Open(node, event.anchor, self.count))

    def end(self) -> None:
        opened = self.stack.pop()
        for merged in opened.merges:
            for key, node in merged.map.items():
                opened.node.map.setdefault(key, node)
        self.keep(opened.node, opened.anchor, self.count - opened.before)

    def alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if event.anchor not in self.anchors:
            raise Unreadable(
                line, f"The alias *{event.anchor} has no anchor that ends before it.", "Define &name first, and not around its own alias."
            )
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.node.value, dict) and top.key is None:
            raise Unreadable(line, "An alias is used as a key.", "Keys are plain text.")
        node = self.anchors[event.anchor]
        self.tally(self.sizes[id(node)], line)
        self.put(_moved(node, self.place(line)))

    def keep(self, node: Node, anchor: str | None, inside: int = 0) -> None:
        self.tally(1, node.place.line)
        if anchor is not None:
            self.anchors[anchor] = node
            self.sizes[id(node)] = inside + 1
        self.put(node)

    def tally(self, more: int, line: int) -> None:
        self.count += more
        if self.count > MAX_NODES:
            raise Unreadable(
                line,
                f"The document stands for more than {MAX_NODES:,} values, aliases followed.",
                "Write fewer aliases, or split the design.",
            )

    def put(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if isinstance(top.node.value, list):
            top.node.value.append(node)
        elif top.key is not None:
            if top.key == "<<" and (node.map or node.list):
                top.merges += node.list or [node]
            elif not top.duplicate:
                top.node.map[top.key] = Node(node.value, Place(self.file, top.key_line, node.place.pointer))
            top.key = None

    def place(self, line: int) -> Place:
        pointer = ""
        if self.stack:
            top = self.stack[-1]
            token = str(len(top.node.value)) if isinstance(top.node.value, list) else escaped(top.key or "")
            pointer = f"{top.node.place.pointer}/{token}"
        return Place(self.file, line, pointer)


def _moved(node: Node, place: Place) -> Node:
    """The aliased node as it stands at another pointer; its lines stay those of the anchor."""
    if isinstance(node.value, dict):
        inner = {k: _moved(n, Place(place.file, n.place.line, f"{place.pointer}/{escaped(k)}")) for k, n in node.value.items()}
        return Node(inner, place)
    if isinstance(node.value, list):
        return Node([_moved(n, Place(place.file, n.place.line, f"{place.pointer}/{i}")) for i, n in enumerate(node.value)], place)
    return Node(node.value, place)


_INT, _OCTAL, _HEX = re.compile(r"[-+]?[0-9]+"), re.compile(r"0o[0-7]+"), re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_TAGS: dict[str, Callable[[str], str | int | float]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}


def _resolved(event: Any, plain: bool, line: int) -> bool | int | float | str | None:
    """A scalar by the core schema of YAML 1.2, as OpenAPI asks: ``no`` and ``2023-10-29`` and ``09:00`` are text."""
    text: str = event.value
    tag = event.tag if event.tag not in (None, "!") else None
    if tag is not None and tag not in _TAGS:
        raise Unreadable(line, f"The tag {tag} is not plain data.", "Write the value without a tag.")
    try:
        if tag is not None:
            return _TAGS[tag](text)
        return _plain(text) if plain else text
    except ValueError:
        raise Unreadable(line, f"{text[:40]!r} is not the number that it is said to be.", "Write a smaller number, or quote it.") from None


def _plain(text: str) -> bool | int | float | str | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
