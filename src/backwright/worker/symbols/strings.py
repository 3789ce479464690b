"""Where strings span lines: there the space at a line's beginning is content."""

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.language import parser


def inner_lines(code: Code, start: int, end: int, new: list[str]) -> frozenset[int]:
    """Which of the new lines, put between ``start`` and ``end`` of the file, begin within a string."""
    data = "\n".join(new).encode("utf-8", "surrogatepass")
    root = parser(code.language).parse(code.data[:start] + data + b"\n" + code.data[end:]).root_node
    first = code.line(start) - 1
    found: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.end_point.row <= first or node.start_point.row >= first + len(new):
            continue
        if node.type in code.language.strings:
            found.update(range(node.start_point.row - first + 1, node.end_point.row - first + 1))
        else:
            waiting += node.children
    return frozenset(line for line in found if 0 <= line < len(new))
