"""A project's Python files, parsed: what the static checks look at. Nothing is imported or run."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from backwright.worker.prove import tree
from backwright.worker.prove.verdict import Figure, Finding, Verdict

OWN = ("**/*.py", "!tests/**", "!**/test_*.py", "!**/conftest.py")
"""The code that is served: not its tests."""
KINDS = frozenset({"Transaction", "Job", "Run"})
"""A function whose first parameter is one of these is a business function."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a standard is broken."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Module:
    """One Python file: its path in the project, dotted name, text and syntax tree."""

    file: str
    text: str
    tree: ast.Module

    @cached_property
    def name(self) -> str:
        """The dotted name under which the project's other files import it."""
        return self.file.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")

    @cached_property
    def imports(self) -> list[tuple[str, int]]:
        """Every module it imports, anywhere in the file and by any means, with the line."""
        return [(name, node.lineno) for node in ast.walk(self.tree) for name in self._imported(node)]  # type: ignore[attr-defined]

    def _imported(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = self._base(node)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and last(node.func) in ("import_module", "__import__"):
            yield from (word.value for word in node.args[:1] if isinstance(word, ast.Constant) and isinstance(word.value, str))

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        here = self.name.split(".") if self.file.endswith("__init__.py") else self.name.split(".")[:-1]
        return ".".join([*here[: len(here) - node.level + 1], *([node.module] if node.module else [])])

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function in the file, nested ones and methods too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def classes(self) -> Iterator[ast.ClassDef]:
        """Every class in the file."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))

    def breach(self, node: ast.AST, what: str) -> Breach:
        """A breach at this node."""
        return Breach(self.file, getattr(node, "lineno", 1), what)


def modules(folder: Path, patterns: Sequence[str] = OWN) -> list[Module]:
    """The project's modules that the patterns choose. Raises ``SyntaxError`` for a file that is no Python."""
    chosen = tree.chosen(tree.files(folder), patterns)
    return [_module(folder, name) for name in chosen]


def _module(folder: Path, name: str) -> Module:
    data = (folder / name).read_bytes()
    return Module(name, data.decode("utf-8", "replace"), ast.parse(data, filename=name))


def judged(breaches: Sequence[Breach], sentence: str, looked_at: Sequence[str], figures: dict[str, int]) -> Finding:
    """Failed with the first breach, or proved with the sentence; the evidence lists every breach and every file looked at."""
    raw = "\n".join([*map(str, breaches), "", "looked at:", *looked_at])
    counted: dict[str, Figure] = {**figures, "breaches": len(breaches)}
    return Finding(Verdict.FAILED if breaches else Verdict.PROVED, str(breaches[0]) if breaches else sentence, counted, raw)


def last(node: ast.AST | None) -> str:
    """The last word of a dotted name: ``app.run`` gives ``run``; the empty string for anything that is no name."""
    if isinstance(node, ast.Subscript):
        return last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_business(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the first parameter says that the function is an operation, a job or a saga."""
    first = next(iter([*function.args.posonlyargs, *function.args.args]), None)
    if first is None or first.annotation is None:
        return False
    note = first.annotation
    if isinstance(note, ast.Constant) and isinstance(note.value, str):
        return note.value.partition("[")[0].rpartition(".")[2] in KINDS
    return last(note) in KINDS


def entities(project: Sequence[Module]) -> list[tuple[Module, ast.ClassDef]]:
    """The classes that are entities: subclasses of Entity or Account, through any number of the project's own classes."""
    listed = [(module, node) for module in project for node in module.classes()]
    known = {"Entity", "Account"}
    while True:
        more = {node.name for _, node in listed if any(last(base) in known for base in node.bases)} - known
        if not more:
            return [(module, node) for module, node in listed if node.name in known and node.bases]
        known |= more
