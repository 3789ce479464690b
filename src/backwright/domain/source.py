"""The syntax tree of a function that is loaded: found in its file by position, and checked to be what is running."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType

from backwright.domain.mistakes import Mistake

Definition = ast.Lambda | ast.FunctionDef
Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a function stands and what it says. Lines of the tree are lines of the file."""

    file: str
    node: Definition

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the positional parameters."""
        return tuple(a.arg for a in (*self.node.args.posonlyargs, *self.node.args.args))


@dataclass(frozen=True, slots=True)
class _File:
    lines: list[str]
    tree: ast.Module
    codes: tuple[CodeType, ...]


_files: dict[str, _File] = {}


def source_of(function: FunctionType) -> Source | Mistake:
    """The definition of a function, or the mistake that says why it cannot be read."""
    code = function.__code__
    file, line = code.co_filename, code.co_firstlineno
    parsed = _parsed(file, function)
    if parsed is None:
        return Mistake(
            file,
            line,
            f"The source of {function.__qualname__} cannot be read.",
            "Rules are read from their source: keep them in a .py file that is delivered with the program.",
        )
    node = _lambda(parsed.tree, code) if code.co_name == "<lambda>" else _def(parsed.tree, code)
    if node is None or not any(_same(code, other) for other in parsed.codes):
        return Mistake(
            file,
            line,
            f"{function.__qualname__} is not what its file says now.",
            "The file was changed after it was loaded, or the function was made by other means: restart, or write it as plain def.",
        )
    return Source(file, node)


def _parsed(file: str, function: FunctionType) -> _File | None:
    linecache.checkcache(file)
    lines = linecache.getlines(file, function.__globals__)
    known = _files.get(file)
    if not lines or (known is not None and known.lines == lines):
        return known if lines else None
    text = "".join(lines)
    try:
        tree = ast.parse(text)
        module = compile(text, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    _files[file] = _File(lines, tree, tuple(_codes(module)))
    return _files[file]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _same(running: CodeType, written: CodeType) -> bool:
    return (
        running.co_firstlineno == written.co_firstlineno
        and running.co_name == written.co_name
        and running.co_code == written.co_code
        and running.co_names == written.co_names
        and _plain(running) == _plain(written)
        and list(running.co_positions()) == list(written.co_positions())
    )


def _plain(code: CodeType) -> list[tuple[type, object]]:
    return [(type(c), c) for c in code.co_consts if not isinstance(c, CodeType)]


def _def(tree: ast.Module, code: CodeType) -> ast.FunctionDef | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first == code.co_firstlineno:
                return node
    return None


def _lambda(tree: ast.Module, code: CodeType) -> ast.Lambda | None:
    """The smallest lambda that begins on the code's line and whose body holds every position of the code."""
    places = [
        ((line, column), (end_line, end_column))
        for line, end_line, column, end_column in code.co_positions()
        if line is not None and end_line is not None and column is not None and end_column is not None and end_column > 0
    ]
    if not places:
        return None
    first, last = min(start for start, _ in places), max(end for _, end in places)
    lambdas = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno]
    fitting = [node for node in lambdas if _span(node.body)[0] <= first and last <= _span(node.body)[1]]
    return max(fitting, key=lambda node: _span(node.body)[0], default=None)


def _span(node: ast.expr) -> Span:
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)
