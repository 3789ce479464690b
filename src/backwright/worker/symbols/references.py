"""Where a symbol is used, by its name and what the text around says. This is no type inference: each place says how sure it is, and why."""

import re
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from tree_sitter import Node

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.files import Look, Told, one, silent
from backwright.worker.symbols.find import exactly
from backwright.worker.symbols.imports import Import, imports
from backwright.worker.symbols.language import Shared
from backwright.worker.symbols.outline import Definition, definitions, shown
from backwright.worker.symbols.symbol import Finding, Kind, Place, Symbol

LIMIT = 500
_FAMILIES = ({"javascript", "typescript", "tsx"}, {"java", "kotlin"})
_IMPLICIT = {"java", "kotlin", "csharp", "ruby"}
_TYPES = (Kind.CLASS, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM)


class Sure(StrEnum):
    """How sure a reference is."""

    SURE = "sure"
    """The scope leaves no other meaning that the file shows."""
    LIKELY = "likely"
    """The name is reachable here, and nothing speaks against it."""
    POSSIBLE = "possible"
    """The name is the same; what it means depends on types that are not known."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of a symbol."""

    file: str
    place: Place
    text: str
    """The line."""
    within: str
    """The name path of the symbol around it; nothing at the top of a file."""
    use: str
    """``call``, ``import``, ``member`` or ``name``."""
    sure: Sure
    why: str


@dataclass(frozen=True, slots=True)
class References:
    """The uses of one symbol. Its definitions, and definitions of the same name, are left out."""

    symbol: Symbol
    references: tuple[Reference, ...]
    files: int
    more: bool = False
    findings: tuple[Finding, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The symbol that is looked for."""

    one: Definition
    outer: Definition | None
    file: str
    language: str

    def related(self, language: str) -> bool:
        """Whether code of that language can use it."""
        return language == self.language or any(language in family and self.language in family for family in _FAMILIES)


def references(root: Path, name_path: str, path: str, *, within: str | None = None, limit: int = LIMIT, told: Told = silent) -> References:
    """The uses of the symbol that stands in the file ``path``, in all files or those below ``within``. Raises ``Refused``."""
    code = one(root, path)
    found, at = exactly(code, name_path)
    parent = found[at].parent
    target = Target(found[at], found[parent] if parent is not None else None, code.file, code.language.name)
    look = Look(root, within, told=told)
    seen: list[Reference] = []
    for other in look.through(holding=target.one.name):
        if len(seen) > limit:
            break
        if target.related(other.language.name):
            seen += in_file(other, target)
            look.note(other)
    return References(shown(code, found, at), tuple(seen[:limit]), look.files, len(seen) > limit, look.findings, look.left_out)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a file knows by which name."""

    code: Code
    found: list[Definition]
    imported: dict[str, Import]

    @property
    def own(self) -> bool:
        """Names need not be imported by name here."""
        return self.code.language.shared is not Shared.IMPORTED


def in_file(code: Code, target: Target) -> Generator[Reference]:
    """The uses in one file."""
    found = definitions(code)
    scope = Scope(code, found, {one.bound: one for one in imports(code)})
    named = {d.named for d in found}
    name = target.one.name.encode()
    for match in re.finditer(rb"(?<![\w$])" + re.escape(name) + rb"(?![\w$])", code.data):
        node = code.root.descendant_for_byte_range(match.start(), match.end())
        if node is None or node.type not in code.language.names or node.text != name or node.start_byte in named or _declares(node):
            continue
        around = _around(found, node.start_byte)
        if (judged := _judged(scope, target, node, around)) is None:
            continue
        use, sure, why = judged
        path = found[around].path if around is not None else ""
        yield Reference(code.file, code.place(node.start_byte, node.end_byte), code.text_of_line(node.start_byte), path, use, sure, why)


def _around(found: list[Definition], byte: int) -> int | None:
    """The innermost definition that holds the byte."""
    held = [at for at, d in enumerate(found) if d.start <= byte < d.end and d.kind not in (Kind.VARIABLE, Kind.CONSTANT)]
    return min(held, key=lambda at: found[at].end - found[at].start, default=None)


def _declares(node: Node) -> bool:
    """Whether the name is introduced here: a parameter, a local variable, a keyword, a key."""
    parent = node.parent
    if parent is None:
        return True
    if "parameter" in parent.type or parent.type in ("keyword_argument", "pair", "named_argument"):
        field = next((parent.field_name_for_child(n) for n, child in enumerate(parent.children) if child == node), None)
        return field in (None, "name", "key", "pattern", "left")
    if parent.type in ("assignment", "variable_declarator", "short_var_declaration", "variable_declaration"):
        return parent.child_by_field_name("left") == node or parent.child_by_field_name("name") == node
    return False


Judged = tuple[Sure, str] | None
"""How sure, and why; None for what cannot be the symbol."""


def _judged(scope: Scope, target: Target, node: Node, around: int | None) -> tuple[str, Sure, str] | None:
    """How the name is used, how sure it is, and why; None for what cannot be the symbol."""
    use = "name"
    if (statement := _import(scope.code, node)) is not None:
        source = statement.child_by_field_name("module_name")
        use, judged = "import", None if source is not None and node.end_byte <= source.end_byte else _imported(scope, target)
    elif node.type == "shorthand_property_identifier_pattern":
        use, judged = "import", _imported(scope, target) if scope.code.text(node.start_byte, node.end_byte) in scope.imported else None
    elif (held := _object(scope.code, node)) is not None:
        use, judged = _use(scope.code, node, "member"), _member(scope, target, held, around)
    elif target.outer is not None and target.outer.kind in _TYPES:
        judged = _bare_member(scope, target, around)
    else:
        judged = _bare(scope, target, around)
    return ((use if use != "name" else _use(scope.code, node, use)), *judged) if judged else None


def _imported(scope: Scope, target: Target) -> Judged:
    """In an import."""
    name = target.one.name
    if target.outer is not None:
        return None
    one = next((i for i in scope.imported.values() if name in (i.name, i.bound)), None)
    if one is not None and one.leads_to(target.file):
        return Sure.SURE, "imported from its module"
    if one is not None and (scope.own or one.passes_on(target.file)):
        return Sure.LIKELY, f"imported from {one.source}"
    return (
        (Sure.POSSIBLE, f"imported from {one.source}, perhaps passed on") if one is not None and one.source.startswith((".", "@")) else None
    )


def _bare_member(scope: Scope, target: Target, around: int | None) -> Judged:
    """A bare name, for what belongs to a class."""
    assert target.outer is not None
    if target.outer.kind is Kind.ENUM or scope.code.language.name not in _IMPLICIT:
        return None
    inside = scope.code.file == target.file and _chain(scope.found, around, target.outer.parts)
    return (Sure.LIKELY, "inside its class") if inside else (Sure.POSSIBLE, "a name outside its class; perhaps inherited")


def _bare(scope: Scope, target: Target, around: int | None) -> Judged:
    """A bare name, for what stands at the top of a file."""
    name, file = target.one.name, scope.code.file
    if around is not None and _shadowed(scope.code, scope.found[around], target):
        return None
    if file == target.file:
        return Sure.SURE, "in its file"
    if any(d.name == name and (d.parent is None or _chain(scope.found, around, d.parts[:-1])) for d in scope.found):
        return None
    if name in scope.imported:
        one = scope.imported[name]
        return (Sure.SURE, "imported from its module") if one.leads_to(target.file) else _imported(scope, target)
    if "*" in scope.imported and scope.imported["*"].leads_to(target.file):
        return Sure.LIKELY, "everything of its module is imported"
    if scope.code.language.shared is Shared.PROJECT:
        return Sure.LIKELY, "names are known throughout the project"
    if scope.code.language.shared is Shared.FOLDER and PurePosixPath(file).parent == PurePosixPath(target.file).parent:
        return Sure.SURE, "in its package"
    return Sure.POSSIBLE, "the same name; it is not imported here"


def _import(code: Code, node: Node) -> Node | None:
    up: Node | None = node
    while up is not None and up.type not in code.language.imports:
        up = up.parent
    return up


def _object(code: Code, node: Node) -> Node | None:
    """What the name is a member of; None for a bare name."""
    parent = node.parent
    if parent is None or parent.type not in code.language.members:
        return None
    held, name = code.language.members[parent.type]
    last = parent.child_by_field_name(name) if name else parent.named_children[-1]
    if last != node:
        return None
    return parent.child_by_field_name(held) if held else (parent.named_children[0] if parent.named_children[0] != node else None)


def _member(scope: Scope, target: Target, held: Node, around: int | None) -> Judged:
    """The name of a member of something."""
    text = scope.code.text(held.start_byte, held.end_byte)
    last = re.split(r"[.:>\\]+", text)[-1]
    unknown = (Sure.POSSIBLE, f"a member of {text[:40]}, whose type is not known")
    if target.outer is None:
        return _of_module(scope, target, last) or (None if last in scope.imported or last in scope.code.language.itself else unknown)
    if re.split(r"[.(]", text)[0] in scope.code.language.itself and re.fullmatch(r"[$\w]+(\(\))?", text):
        if scope.code.file == target.file and _chain(scope.found, around, target.outer.parts):
            return Sure.SURE, f"a member of {text} inside its class"
        if any(d.name == target.one.name and d.parent is not None and _chain(scope.found, around, d.parts[:-1]) for d in scope.found):
            return None
        return Sure.POSSIBLE, f"a member of {text} in another class; perhaps inherited"
    if last == target.outer.name or re.fullmatch(rf"(new\s+)?{re.escape(target.outer.name)}\s*\([^()]*\)", text):
        return Sure.SURE, f"a member of {target.outer.name}"
    if last.replace("_", "").lower() == target.outer.name.lower():
        return Sure.LIKELY, f"{last} is named like its class"
    if (one := scope.imported.get(last)) is not None and not one.name and not one.leads_to(target.file):
        return None
    return unknown


def _of_module(scope: Scope, target: Target, held: str) -> Judged:
    """A member of a module or package that is imported."""
    one = scope.imported.get(held)
    package = PurePosixPath(target.file).parent.name
    if one is not None and (one.leads_to(target.file) or (target.language == "go" and one.source.rpartition("/")[2] == package)):
        return Sure.SURE, f"a member of {held}, its module"
    if one is not None and one.passes_on(target.file):
        return Sure.LIKELY, f"a member of {held}, a package around its module"
    return None


def _chain(found: list[Definition], at: int | None, parts: tuple[str, ...]) -> bool:
    return at is not None and found[at].parts[: len(parts)] == parts


def _shadowed(code: Code, around: Definition, target: Target) -> bool:
    """Whether a parameter of the function around has the name. It stands first, or behind its type; behind ``:`` and ``->`` stand types."""
    head = code.text(around.named, around.head).partition("(")[2]
    named = rf"(?:[(,*\w\]]|(?<!-)>)\s*(?<![\w$]){re.escape(target.one.name)}\s*[,:=)]"
    return around.kind in (Kind.FUNCTION, Kind.METHOD) and re.search(named, f"({head}") is not None


def _use(code: Code, node: Node, otherwise: str) -> str:
    """``call`` where it is called, or made with new."""
    up, inner = node.parent, node
    if up is not None and up.type in code.language.members and up.type not in code.language.calls:
        inner, up = up, up.parent
    if up is None or up.type not in code.language.calls:
        return otherwise
    arguments = up.child_by_field_name("arguments")
    return "call" if arguments is None or inner.start_byte < arguments.start_byte else otherwise
