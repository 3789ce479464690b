"""Which names a Python text binds, uses and lacks, as far as the text alone tells. Pure."""

import ast
import builtins
import re
import symtable
from collections.abc import Iterator
from functools import lru_cache

CACHED = 512
"""Texts that are asked about more than once: each file of a project, in every round of a merge."""
_WORD = re.compile(r"[^\W\d]\w*")
_GIVEN = frozenset([*dir(builtins), "__file__", "__name__", "__doc__", "__path__", "__spec__", "__builtins__", "__class__", "reveal_type"])


def words(text: str) -> frozenset[str]:
    """Everything in it that could be a name, those in strings included: a quoted annotation is a use as well."""
    return frozenset(_WORD.findall(text))


@lru_cache(CACHED)
def bound(text: str) -> frozenset[str] | None:
    """The names that the module has; None where it may have any (``import *``, ``__getattr__``)."""
    table = symtable.symtable(text, "module", "exec")
    names = frozenset(s.get_name() for s in _own(table)) | _set_inside(table)
    return None if "__getattr__" in names or _star(text) else names


@lru_cache(CACHED)
def undefined(text: str) -> frozenset[str]:
    """Names that are used somewhere in the module and bound nowhere: each is a ``NameError`` waiting."""
    here = bound(text)
    if here is None:
        return frozenset()
    return frozenset(_free(symtable.symtable(text, "module", "exec"))) - here - _GIVEN


@lru_cache(CACHED)
def too_early(text: str) -> tuple[tuple[int, str], ...]:
    """Names that the module uses while it is being loaded, and binds only further down: line (from 0) and name, in order."""
    tree = ast.parse(text)
    future = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" and _has(n, "annotations") for n in tree.body)
    every = {name for node in tree.body for name in _binds(node)}
    seen: set[str] = set()
    found: list[tuple[int, str]] = []
    for node in tree.body:
        own = {node.name} if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) else set[str]()
        here = set(_binds(node))
        late = every - seen - _GIVEN - (here - own)
        found += [(node.lineno - 1, name) for name in _loaded(node, future) if name in late]
        seen |= here
    return tuple(found)


@lru_cache(CACHED)
def imported(text: str) -> tuple[tuple[str, str], ...]:
    """The names that a module takes from others by absolute imports: module and name."""
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ImportFrom) and n.level == 0]
    return tuple((node.module, alias.name) for node in nodes if node.module for alias in node.names)


def _own(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    yield from (s for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace())


def _set_inside(table: symtable.SymbolTable) -> frozenset[str]:
    """What functions bind by ``global``."""
    inside = {s.get_name() for child in table.get_children() for s in child.get_symbols() if s.is_declared_global() and s.is_assigned()}
    return frozenset(inside).union(*(_set_inside(child) for child in table.get_children()))


def _free(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        top = table.get_type() == "module"
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _free(child)


def _star(text: str) -> bool:
    return "import *" in text and any(isinstance(n, ast.ImportFrom) and _has(n, "*") for n in ast.walk(ast.parse(text)))


def _has(node: ast.ImportFrom, name: str) -> bool:
    return any(alias.name == name for alias in node.names)


def _binds(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset({node.name})
    if isinstance(node, ast.Import | ast.ImportFrom):
        return frozenset((n.asname or n.name).partition(".")[0] for n in node.names)
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    inner = {n.name for n in ast.walk(node) if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(stored | inner)


def _loaded(node: ast.AST, future: bool) -> Iterator[str]:
    """The names that are read while the statement is carried out: not those in the bodies of functions."""
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load):
            yield node.id
        return
    if isinstance(node, ast.Lambda):
        return
    left_out: list[ast.AST] = []
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        left_out += node.body
        if future:
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            left_out += [a for a in arguments if a is not None] + ([node.returns] if node.returns else [])
    if isinstance(node, ast.AnnAssign) and future:
        left_out.append(node.annotation)
    skipped = {id(one) for one in left_out}
    own = {n for s in node.body for n in _binds(s)} if isinstance(node, ast.ClassDef) else set[str]()
    for child in ast.iter_child_nodes(node):
        if id(child) not in skipped:
            yield from (name for name in _loaded(child, future) if name not in own)
