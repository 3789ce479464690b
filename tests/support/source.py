"""A source tree read by its syntax: which modules there are, and what each imports, wherever the import stands."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BY_NAME = {"import_module", "__import__"}
Place = Literal["top", "late", "typing"]


@dataclass(frozen=True, slots=True)
class Module:
    """One file of a package: its dotted name and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether this is an ``__init__.py``."""
        return self.path.name == "__init__.py"


@dataclass(frozen=True, slots=True)
class Import:
    """One name a module imports: from where in the file, and as precisely as the tree can tell."""

    importer: str
    target: str
    """The module imported, or ``module.name`` when `name` is not a module of the tree."""
    line: int
    place: Place


def modules(source: Path, package: str = "backwright") -> dict[str, Module]:
    """Every module under ``source/package`` by its dotted name."""
    found: dict[str, Module] = {}
    for path in sorted((source / package).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_text(), str(path)))
    return found


def imports(tree: dict[str, Module], package: str = "backwright") -> list[Import]:
    """Everything the modules import from each other; imports by string (``import_module("backwright.x")``, lazy tables) included."""
    found: list[Import] = []
    for module in tree.values():
        for node, place in _walk(module.tree, "top"):
            targets = set(_targets(node, module, tree))
            found += [
                Import(module.name, target, getattr(node, "lineno", 0), place) for target in sorted(targets) if _inside(target, package)
            ]
    return found


def external(module: Module) -> Iterator[tuple[str, int]]:
    """The absolute imports of one module as dotted names with their lines: ``from os import path`` gives ``os`` and ``os.path``."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def resolve(target: str, tree: dict[str, Module]) -> str:
    """The module of the tree that holds `target`: itself, or the nearest parent that is a module."""
    while target not in tree and "." in target:
        target = target.rpartition(".")[0]
    return target


def _inside(target: str, package: str) -> bool:
    return target == package or target.startswith(package + ".")


def _walk(node: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    yield node, place
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and place == "top":
            yield from _walk(child, "late")
        elif isinstance(node, ast.If) and _typing_only(node.test) and child in node.body:
            yield from _walk(child, "typing")
        else:
            yield from _walk(child, place)


def _typing_only(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING")


def _targets(node: ast.AST, module: Module, tree: dict[str, Module]) -> Iterator[str]:
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom():
            base = _base(node, module)
            for alias in node.names:
                yield f"{base}.{alias.name}" if alias.name != "*" else base
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(text)), *_]) if name in BY_NAME:
            yield text
        case ast.Constant(value=str(text)) if module.is_package and text in tree:
            yield text  # a table of what a package loads late


def _base(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    keep = len(parts) - node.level + (1 if module.is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])
