"""A file of source text: its bytes, its lines, its tree. One tree is held at a time."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from backwright.worker.symbols.language import Language, parser
from backwright.worker.symbols.symbol import Finding, Place

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Code:
    """One file in a language that is read."""

    file: str
    language: Language
    data: bytes
    """In UTF-8."""
    encoding: str = "utf-8"
    """What it is written in on the disk."""

    @cached_property
    def root(self) -> Node:
        """The syntax tree; a file with errors has one too."""
        return parser(self.language).parse(self.data).root_node

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.data.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.data.find(b"\n", at + 1)
        return starts

    def line(self, byte: int) -> int:
        """The line of a byte, from 1."""
        return bisect_right(self._starts, byte)

    def start_of_line(self, byte: int) -> int:
        """Where the line of a byte begins."""
        return self._starts[self.line(byte) - 1]

    def column(self, byte: int) -> int:
        """The column of a byte, from 1, in characters."""
        start = self.start_of_line(byte)
        if start == 0 and self.data.startswith(BOM):
            start = min(len(BOM), byte)
        return len(self.data[start:byte].decode("utf-8", "replace")) + 1

    def place(self, start: int, end: int) -> Place:
        """Lines and columns of a range of bytes."""
        return Place(self.line(start), self.column(start), self.line(end), self.column(end))

    def text(self, start: int, end: int) -> str:
        """The text of a range of bytes."""
        return self.data[start:end].decode("utf-8", "replace")

    def text_of_line(self, byte: int, most: int = 200) -> str:
        """The line of a byte, without the space around it, cut to ``most`` characters."""
        start = self.start_of_line(byte)
        end = self.data.find(b"\n", byte)
        text = self.text(start, min(end if end >= 0 else len(self.data), start + 4 * most)).strip()
        return text if len(text) <= most else text[:most] + "…"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the text: letters that are no UTF-8, a syntax error."""
        return (*self._encoding(), *self._syntax())

    def _encoding(self) -> tuple[Finding, ...]:
        if self.encoding.startswith("utf"):
            return ()
        return (Finding(self.file, "is not UTF-8; letters outside ASCII may be shown wrong"),)

    def _syntax(self) -> tuple[Finding, ...]:
        if not self.root.has_error:
            return ()
        return (Finding(self.file, "has syntax errors; symbols near them may be missing", self.line(errors(self.root, 1)[0])),)


def errors(root: Node, most: int = 10_000) -> list[int]:
    """Where the syntax errors begin, in bytes, in their order."""
    found: list[int] = []
    waiting = [root]
    while waiting and len(found) < most:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append(node.start_byte)
        elif node.has_error:
            waiting += [child for child in reversed(node.children) if child.has_error or child.is_missing]
    return found or [root.start_byte]
