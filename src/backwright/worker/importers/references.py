"""Follows ``$ref`` inside a document and into files beside it."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from backwright.worker.importers.document import Node, load
from backwright.worker.place import Problem

MAX_FILES = 500


class Library:
    """The design's document and the files that it refers to, each read once. A reference that leads nowhere is one problem."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.folder, self.name, self.problems = path.parent, path.name, problems
        self.files: dict[str, Node | None] = {}
        self.reported: set[tuple[str, str]] = set()

    @classmethod
    def of(cls, root: Node, names: Sequence[str], problems: list[Problem]) -> "Library":
        """A library that holds one document under all these names, and opens no file."""
        library = cls(Path(root.place.file), problems)
        library.files = dict.fromkeys([root.place.file, *names], root)
        return library

    def root(self) -> Node | None:
        """The design's own document."""
        return self.file(self.name)

    def file(self, name: str) -> Node | None:
        """The tree of a file, by its name relative to the design's folder."""
        if name not in self.files:
            self.files[name] = load(self.folder / name, name, self.problems)
        return self.files[name]

    def follow(self, node: Node) -> Node | None:
        """What the node stands for: itself, or the end of its chain of references. None, with a problem noted, if there is no end."""
        passed: set[int] = set()
        current: Node | None = node
        while current is not None and "$ref" in current.map:
            if id(current) in passed:
                self.problem(node, "This reference leads back to itself.", "Refer to something that is written out.")
                return None
            passed.add(id(current))
            current = self.step(current)
        return current

    def step(self, node: Node) -> Node | None:
        """What the node's ``$ref`` names directly."""
        reference = node.map["$ref"].value
        if not isinstance(reference, str):
            return self.problem(node, "$ref is not text.", "Write for example $ref: '#/components/schemas/Book'.")
        address, _, fragment = reference.partition("#")
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", address):
            return self.problem(
                node,
                f"{reference} is elsewhere on the network, and nothing is fetched.",
                "Keep a copy of that file beside the design and refer to it.",
            )
        tree = self.document(node, address, reference)
        if tree is None:
            return None
        found = _at(tree, unquote(fragment))
        if found is None:
            return self.problem(node, f"{reference} is not there.", "Define it, or correct the reference.")
        return found

    def document(self, node: Node, address: str, reference: str) -> Node | None:
        if not address:
            return self.file(node.place.file)
        name = _joined(node.place.file, unquote(address))
        if name not in self.files and (reason := self.unfit(name)):
            return self.problem(node, f"{reference} names a file that {reason}.", "Correct the reference.")
        tree = self.file(name)
        if tree is None:
            self.problem(node, f"{reference} names a file that cannot be used.", "See the problem with that file.")
        return tree

    def unfit(self, name: str) -> str:
        if not name.endswith((".yaml", ".yml", ".json")):
            return "is not .yaml, .yml or .json"
        if len(self.files) >= MAX_FILES:
            return f"would be number {MAX_FILES + 1}; that is too many"
        return "" if (self.folder / name).is_file() else "does not exist"

    def problem(self, node: Node, what: str, mend: str) -> Node | None:
        place = node.map["$ref"].place
        if (place.file, place.pointer) not in self.reported:
            self.reported.add((place.file, place.pointer))
            self.problems.append(Problem(place.file, place.line, place.pointer, "error", what, mend))
        return None


def _joined(file: str, address: str) -> str:
    """``schemas/book.yaml`` and ``../common.yaml`` → ``common.yaml``."""
    parts: list[str] = []
    for part in (PurePosixPath(file).parent / address).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return str(PurePosixPath(*parts))


def _at(tree: Node, pointer: str) -> Node | None:
    if pointer in ("", "/"):
        return tree
    if not pointer.startswith("/"):
        return None
    node: Node | None = tree
    for token in pointer[1:].split("/"):
        key = token.replace("~1", "/").replace("~0", "~")
        if node is None:
            return None
        index = int(key) if key.isdecimal() and len(key) < 10 else -1
        node = node.map.get(key) if node.map else node.list[index] if 0 <= index < len(node.list) else None
    return node
