"""What a file imports: which names, from where. Read from the syntax; nothing is resolved on the disk."""

import re
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tree_sitter import Node

from backwright.worker.symbols.code import Code

_HOLDERS = frozenset({
    "program", "module", "source_file", "compilation_unit", "export_statement", "if_statement", "block", "try_statement", "except_clause",
    "else_clause", "import_declaration", "import_spec_list", "lexical_declaration", "variable_declaration", "namespace_definition",
    "function_definition", "decorated_definition", "class_definition",
})  # fmt: skip
_ALIASES = {"", "@", "~", "src", "#"}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name."""

    bound: str
    """What it is called in this file; ``*`` for everything."""
    name: str
    """What it is called where it comes from; nothing where a whole module is meant."""
    source: str
    """The module, package or path as written."""

    def leads_to(self, file: str) -> bool:
        """Whether the source can be the file: its parts are the end of the file's path."""
        return _ends(self.source, file) or (bool(self.name) and _ends(f"{self.source}/{self.name}", file))

    def passes_on(self, file: str) -> bool:
        """Whether the source can be a package around the file, which passes its names on."""
        return any(_ends(self.source, str(folder)) for folder in PurePosixPath(file).parents if folder.name)


def imports(code: Code) -> list[Import]:
    """The names that the file imports, in the order of the text."""
    return [one for node in _statements(code.root) for one in _read(code, node)]


def _ends(source: str, file: str) -> bool:
    path = PurePosixPath(file)
    whole = [part for part in (path.with_suffix("") if path.suffix else path).parts if part not in ("__init__", "index")]
    text = re.sub(r"\.(?:[cm]?[jt]sx?|py)$", "", source) if "/" in source else source
    parts = [part for part in re.split(r"[./\\:]+", text) if part not in _ALIASES and part != "index"]
    return bool(parts) and whole[-len(parts) :] == parts


def _statements(root: Node) -> Generator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in _READERS or node.type == "variable_declarator":
            yield node
        elif node.type == "import_declaration" and node.named_children and "identifier" in node.named_children[0].type:
            yield node  # Java's; Go's holds specifications
        elif node.type in _HOLDERS:
            waiting += reversed(node.named_children)


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _read(code: Code, node: Node) -> Generator[Import]:
    if node.type == "variable_declarator":
        yield from _required(node)
    elif node.type in ("import_statement", "import_from_statement", "future_import_statement") and code.language.name == "python":
        yield from _python(node)
    elif node.type == "import_statement":
        yield from _module(node)
    elif node.type == "import_spec":
        path = _text(node.child_by_field_name("path")).strip('"`')
        yield Import(_text(node.child_by_field_name("name")) or path.rpartition("/")[2], "", path)
    else:
        yield from _dotted(node)


def _python(node: Node) -> Generator[Import]:
    source = _text(node.child_by_field_name("module_name"))
    for child in node.children_by_field_name("name"):
        name, alias = child.child_by_field_name("name") or child, child.child_by_field_name("alias")
        if source:
            yield Import(_text(alias) or _text(name), _text(name), source)
        else:
            yield Import(_text(alias) or _text(name).partition(".")[0], "", _text(name))
    if any(child.type == "wildcard_import" for child in node.named_children):
        yield Import("*", "*", source)


def _module(node: Node) -> Generator[Import]:
    source = _text(node.child_by_field_name("source")).strip("\"'")
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    for part in clause.named_children if clause is not None else ():
        if part.type == "identifier":
            yield Import(_text(part), "default", source)
        elif part.type == "namespace_import":
            yield Import(_text(part.named_children[0]), "", source)
        for each in part.named_children if part.type == "named_imports" else ():
            name = _text(each.child_by_field_name("name"))
            yield Import(_text(each.child_by_field_name("alias")) or name, name, source)


def _required(node: Node) -> Generator[Import]:
    """``const x = require("./y")``, ``const { a, b: c } = require("./y")``, and ``await import(…)``."""
    call = node.child_by_field_name("value")
    while call is not None and call.type in ("await_expression", "member_expression") and call.named_children:
        call = call.named_children[0]
    if call is None or call.type != "call_expression" or _text(call.child_by_field_name("function")) not in ("require", "import"):
        return
    arguments = call.child_by_field_name("arguments")
    first = next(iter(arguments.named_children), None) if arguments is not None else None
    target = node.child_by_field_name("name")
    if first is None or first.type != "string" or target is None:
        return
    source = _text(first).strip("\"'")
    if target.type == "identifier":
        yield Import(_text(target), "", source)
    for each in target.named_children if target.type == "object_pattern" else ():
        key, value = each.child_by_field_name("key"), each.child_by_field_name("value")
        yield Import(_text(value or each), _text(key or each), source)


def _dotted(node: Node) -> Generator[Import]:
    """Java, Kotlin, C# and PHP: the last part is the name."""
    text = re.sub(r"^\s*(import|using|use)\s+(static\s+|function\s+|const\s+)?|;", "", _text(node)).strip()
    text, _, alias = text.partition(" as ")
    parts = re.split(r"[.\\]", text.strip())
    yield Import(alias.strip() or parts[-1], parts[-1], ".".join(parts[:-1]))


_READERS = frozenset({
    "import_statement", "import_from_statement", "future_import_statement", "import_spec", "import", "using_directive",
    "namespace_use_declaration",
})  # fmt: skip
