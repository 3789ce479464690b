"""Routes that are calls on groups of routes: Gin, Echo, Fiber, Chi, ``net/http``, and the minimal API of ASP.NET."""

import re

from tree_sitter import Node

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.routes.node import parameters
from backwright.worker.symbols.routes.route import ANY, Entry, Sheet, joined
from backwright.worker.symbols.syntax import HOLE, Call, bound, call, calls, constants, literal, text_of

_GO = {"GET": "GET", "POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE", "HEAD": "HEAD", "OPTIONS": "OPTIONS", "Any": ANY,
       "Get": "GET", "Post": "POST", "Put": "PUT", "Patch": "PATCH", "Delete": "DELETE", "Head": "HEAD", "All": ANY,
       "HandleFunc": ANY, "Handle": ANY}  # fmt: skip
_CSHARP = {f"Map{verb.capitalize()}": verb for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")} | {"MapMethods": ANY}
_GO_FRAMEWORKS = {"gin-gonic/gin": "gin", "labstack/echo": "echo", "gofiber/fiber": "fiber", "go-chi/chi": "chi", "gorilla/mux": "mux"}
_GROUPS = frozenset({"Group", "Route", "PathPrefix", "MapGroup"})
_VERB = re.compile(r"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/.*)$")
_KIND = re.compile(r"\{(\w+)[:?=][^{}]*\}|\{(\w+)\}")
_FUNCTIONS = frozenset({"function_declaration", "method_declaration", "func_literal", "compilation_unit", "source_file"})


def read_go(code: Code) -> Sheet | None:
    """The routes of a Go file."""
    text = code.text(0, min(len(code.data), 20_000))
    framework = next((name for path, name in _GO_FRAMEWORKS.items() if path in text), "net/http" if '"net/http"' in text else None)
    if framework is None:
        return None
    made = {name: verb for name, verb in _GO.items() if framework not in ("gin", "echo") or name.isupper() or name == "Any"}
    return _read(code, framework, {"HandleFunc": ANY, "Handle": ANY} if framework == "net/http" else made)


def read_csharp(code: Code) -> Sheet | None:
    """The routes of a minimal API."""
    return _read(code, "aspnet", _CSHARP)


def _read(code: Code, framework: str, verbs: dict[str, str]) -> Sheet | None:
    sheet = Sheet(code.file, framework)
    known = constants(code.root)
    groups: dict[tuple[int, str], str] = {}
    for found in calls(code.root):
        if found.name in _GROUPS and found.held is not None and (name := _name(found.node)):
            groups[(_function(found.node), name)] = _prefix(found.held, found.node, groups, known) + _path(found.given(0), known)
        elif found.name in verbs and found.held is not None and len(found.positional) > 1 and _is_path(found.given(0), known):
            _entry(sheet, found, verbs[found.name], _prefix(found.held, found.node, groups, known), known)
    return sheet if sheet.entries else None


def _entry(sheet: Sheet, found: Call, method: str, prefix: str, known: dict[str, str]) -> None:
    path = _path(found.given(0), known)
    if said := _VERB.match(path):
        method, path = said[1], said[2]
    handler = found.positional[-1]
    name = "(inline)" if "lambda" in handler.type or handler.type == "func_literal" else text_of(handler)[:80]
    sheet.prefixes.setdefault("", "")
    sheet.roots.add("")
    sheet.entries.append(Entry("", method, joined(prefix, path), name, _line(found)))


def _line(found: Call) -> int:
    return (found.positional[0].start_point.row if found.positional else found.line - 1) + 1


def _name(node: Node) -> str:
    if name := bound(node):
        return name
    up = node.parent
    return text_of(up.child_by_field_name("name")) if up is not None and up.type == "variable_declarator" else ""


def _function(node: Node) -> int:
    up = node.parent
    while up is not None and up.type not in _FUNCTIONS:
        up = up.parent
    return up.start_byte if up is not None else 0


def _prefix(held: Node, node: Node, groups: dict[tuple[int, str], str], known: dict[str, str]) -> str:
    """The path of the group that something is called on, through the functions around it."""
    inner = call(held)
    if inner is not None:
        own = _path(inner.given(0), known) if inner.name in _GROUPS else ""
        return (_prefix(inner.held, node, groups, known) if inner.held is not None else "") + own
    name, at = text_of(held), node
    while True:
        place = _function(at)
        if (place, name) in groups:
            return groups[(place, name)]
        if place == 0 or (up := _around(at)) is None:
            return ""
        outer = call(up.parent.parent) if up.parent is not None and up.parent.parent is not None else None
        if outer is not None and outer.name in ("Route", "Group") and outer.held is not None:
            return _prefix(outer.held, outer.node, groups, known) + (_path(outer.given(0), known) if len(outer.positional) > 1 else "")
        at = up


def _around(node: Node) -> Node | None:
    up = node.parent
    while up is not None and up.type not in _FUNCTIONS:
        up = up.parent
    return up


def _is_path(node: Node | None, known: dict[str, str]) -> bool:
    said = literal(node, known)
    return said is not None and (said == "" or said.startswith(("/", HOLE)) or _VERB.match(said) is not None or "{" in said)


def _path(node: Node | None, known: dict[str, str]) -> str:
    said = literal(node, known)
    return parameters(_KIND.sub(lambda m: "{" + (m[1] or m[2]) + "}", said)) if said is not None else HOLE
