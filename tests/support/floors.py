"""The house rules about imports: floors, purity, rings. Each returns its breaches as sentences, so that it can be shown to fail."""

import ast
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.support.source import Import, Module, external, imports, modules, resolve

FLOORS: list[set[str]] = [
    {"observe"},
    {"domain"},
    {"data", "connect"},
    {"operations"},
    {"identity", "jobs"},
    {"api"},
    {"settings"},
    {"app"},
    {"testing"},
    {"worker"},
    {"cli"},
]
HEIGHT = {area: floor for floor, areas in enumerate(FLOORS) for area in areas}
TOP_OF_THE_KIT = HEIGHT["app"]

# What decides must be testable with plain values: no driver, socket, file, clock or chance behind its back.
FORBIDDEN = {
    "aiosqlite", "alembic", "asyncio", "asyncpg", "concurrent", "glob", "http.client", "http.server", "httpx", "io", "logging",
    "multiprocessing", "os", "pathlib", "random", "secrets", "select", "selectors", "shutil", "signal", "socket", "sqlalchemy",
    "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "uvicorn", "uvloop",
}  # fmt: skip
CLOCK_OR_CHANCE = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "getrandom", "monotonic", "perf_counter"}
OUTSIDE = {"open", "input", "print", "breakpoint"}


def area(module: str) -> str:
    """``backwright.data.sql.kinds`` lives in ``data``; the package's own ``__init__`` in the empty area."""
    return module.split(".")[1] if "." in module else ""


def floor_breaches(source: Path) -> list[str]:
    """Imports that go up or sideways, imports from a package's ``__init__``, and areas that stand on no floor."""
    tree = modules(source)
    homeless = sorted({area(name) for name in tree} - set(HEIGHT) - {""})
    found = [f"backwright.{name} stands on no floor: add it to FLOORS" for name in homeless]
    return found + [sentence for item in imports(tree) for sentence in _judge(item, tree)]


def _judge(item: Import, tree: dict[str, Module]) -> Iterator[str]:
    place = f"{item.importer}:{item.line} imports {item.target}"
    held_by = resolve(item.target, tree)
    here, there = area(item.importer), area(held_by)
    if item.importer == "backwright":
        if there and HEIGHT.get(there, 0) > TOP_OF_THE_KIT:
            yield f"{place}: the kit never loads {there}"
        return
    if held_by in tree and tree[held_by].is_package and item.target != held_by:
        yield f"{place}: import from the module that defines it, not from the package {held_by}"
    elif here != there and here in HEIGHT and there in HEIGHT and HEIGHT[there] >= HEIGHT[here]:
        yield f"{place}: {here} (floor {HEIGHT[here]}) may not use {there} (floor {HEIGHT[there]})"


def purity_breaches(source: Path, pure: Iterable[str]) -> list[str]:
    """What the modules named by the patterns (``domain.*``) import or call that a pure module may not; patterns that name nothing."""
    tree, found = modules(source), list[str]()
    for pattern in pure:
        named = [m for name, m in tree.items() if fnmatchcase(name, f"backwright.{pattern}")]
        if not named:
            found.append(f"{pattern} names no module: mend the list")
        for module in named:
            found += [f"{module.name}:{line} imports {name}" for name, line in external(module) if _forbidden(name)]
            found += [
                f"{module.name}:{node.lineno} calls {called}()" for node, called in _calls(module) if called in CLOCK_OR_CHANCE | OUTSIDE
            ]
    return found


def _forbidden(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in FORBIDDEN for length in range(1, len(parts) + 1))


def _calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node, node.func.id
            elif isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_OR_CHANCE:
                yield node, node.func.attr


def rings(source: Path) -> list[str]:
    """A ring of modules that import each other when run (imports inside functions count, imports for type checkers do not)."""
    tree = modules(source)
    graph: dict[str, set[str]] = {name: set() for name in tree}
    for item in imports(tree):
        held_by = resolve(item.target, tree)
        if item.place != "typing" and held_by != item.importer and held_by in tree and item.importer != "backwright":
            graph[item.importer].add(held_by)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" → ".join(error.args[1])]
    return []
