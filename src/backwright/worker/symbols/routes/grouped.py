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
_GO_IMPORT = re.compile(rf'"github\.com/({"|".join(_GO_FRAMEWORKS)})(?:/v\d+)?"')
"""A framework itself: its packages of middleware are used with other routers too."""
_GROUPS = frozenset({"Group", "Route", "PathPrefix", "MapGroup"})
_VERB = re.compile(r"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/.*)$")
_METHOD = re.compile(r"^(?:\w+\.)?(?:Method)?")
_KIND = re.compile(r"\{(\w+)[:?=][^{}]*\}|\{(\w+)\}")
_HANDED = frozenset({"gin.RouterGroup", "gin.IRouter", "gin.IRoutes", "echo.Group", "fiber.Router", "fiber.Group", "chi.Router"})
"""What may stand below a path that another file knows."""
_ROOT, _GIVEN = "", "\0"
"""The router of routes whose path is whole, and of those below a group that comes from elsewhere."""
_FUNCTIONS = frozenset({"function_declaration", "method_declaration", "func_literal", "compilation_unit", "source_file"})


def read_go(code: Code) -> Sheet | None:
    """The routes of a Go file."""
    text = code.text(0, min(len(code.data), 20_000))
    said = _GO_IMPORT.search(text)
    framework = _GO_FRAMEWORKS[said[1]] if said else "net/http" if '"net/http"' in text else None
    if framework is None:
        return None
    made = {name: verb for name, verb in _GO.items() if framework not in ("gin", "echo") or name.isupper() or name == "Any"}
    return _read(code, framework, {"HandleFunc": ANY, "Handle": ANY} if framework == "net/http" else made)


def read_csharp(code: Code) -> Sheet | None:
    """The routes of a minimal API."""
    return _read(code, "aspnet", _CSHARP)


def _read(code: Code, framework: str, verbs: dict[str, str]) -> Sheet | None:
    sheet = Sheet(code.file, framework, prefixes={_ROOT: "", _GIVEN: ""}, roots={_ROOT})
    groups = _Groups(code.root)
    for found in groups.calls:
        if found.held is None:
            continue
        if found.name in verbs and len(found.positional) > 1 and (found.name == "HandleFunc" or _is_path(found.given(0), groups.known)):
            for method in _narrowed(found, groups.known) or [verbs[found.name]]:
                _entry(sheet, found, method, groups, at=0)
        elif found.name == "Add" and framework in ("echo", "fiber") and len(found.positional) > 2:
            _entry(sheet, found, _method(found.positional[0], groups.known), groups, at=1)
    return sheet if sheet.entries else None


def _narrowed(found: Call, known: dict[str, str]) -> list[str]:
    """The methods that Gorilla's ``.Methods(…)`` leaves of a route."""
    up = found.node.parent
    outer = call(up.parent) if up is not None and up.type == "selector_expression" else None
    if outer is None or outer.name != "Methods":
        return []
    return [_method(one, known) for one in outer.positional]


def _method(node: Node, known: dict[str, str]) -> str:
    """``"GET"``, ``http.MethodGet`` or ``echo.GET``."""
    said = literal(node, known)
    return (said if said is not None else _METHOD.sub("", text_of(node))).upper()


def _entry(sheet: Sheet, found: Call, method: str, groups: "_Groups", *, at: int) -> None:
    assert found.held is not None
    prefix = groups.prefix(found.held, found.node)
    path = _path(found.given(at), groups.known)
    if said := _VERB.match(path):
        method, path = said[1], said[2]
    handler = found.positional[-1]
    name = "(inline)" if "lambda" in handler.type or handler.type == "func_literal" else text_of(handler)[:80]
    router = _GIVEN if prefix.startswith(_GIVEN) else _ROOT
    sheet.entries.append(Entry(router, method, joined(prefix.removeprefix(_GIVEN), path), name, _line(found)))


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


class _Groups:
    """The groups of a file: variables, and what functions are handed by others of the same file."""

    def __init__(self, root: Node) -> None:
        self.calls, self.known = list(calls(root)), constants(root)
        self.named: dict[tuple[int, str], str] = {}
        self.depth = 0
        for _ in range(2):  # a function may stand in front of the one that hands it a group
            for found in self.calls:
                if found.held is not None and found.name in (*_GROUPS, "Subrouter") and (name := _name(found.node)):
                    own = _path(found.given(0), self.known) if found.name in _GROUPS else ""
                    self.named[(_function(found.node), name)] = self.prefix(found.held, found.node) + own

    def prefix(self, held: Node, node: Node) -> str:
        """The path of the group that something is called on; it begins with `_GIVEN` where the group comes from another file."""
        inner = call(held)
        if inner is not None:
            own = _path(inner.given(0), self.known) if inner.name in _GROUPS else ""
            return (self.prefix(inner.held, node) if inner.held is not None else "") + own
        name, at = text_of(held), node
        while True:
            place = _function(at)
            if (place, name) in self.named:
                return self.named[(place, name)]
            if (up := _around(at)) is None or up.type in ("source_file", "compilation_unit"):
                return ""
            if up.type in ("function_declaration", "method_declaration"):
                return self._handed(up, name)
            outer = call(up.parent.parent) if up.parent is not None and up.parent.parent is not None else None
            if outer is not None and outer.name in ("Route", "Group") and outer.held is not None:
                own = _path(outer.given(0), self.known) if len(outer.positional) > 1 else ""
                return self.prefix(outer.held, outer.node) + own
            at = up

    def _handed(self, function: Node, name: str) -> str:
        """The path of what a function is handed, or of where the router that it makes is mounted."""
        listed = function.child_by_field_name("parameters")
        given = [text_of(one) for one in listed.named_children if one.type == "parameter_declaration"] if listed is not None else []
        at, kind = next(((i, one.split()[-1]) for i, one in enumerate(given) if one.split()[0] == name), (-1, ""))
        own = text_of(function.child_by_field_name("name"))
        if self.depth > 8 or "." in name:
            return ""
        self.depth += 1
        try:
            for found in self.calls:
                if found.name == own and 0 <= at < len(found.positional):
                    return self.prefix(found.positional[at], found.node)
                if found.held is not None and len(found.positional) == 2 and _mounts(found, own, handed=at >= 0):
                    return self.prefix(found.held, found.node) + _path(found.given(0), self.known)
        finally:
            self.depth -= 1
        return _GIVEN if kind.lstrip("*") in _HANDED else ""


def _mounts(found: Call, function: str, *, handed: bool) -> bool:
    """Whether the call puts what the function adds (``Route("/x", function)``) or makes (``Mount("/x", function())``) below a path."""
    if handed:
        return found.name == "Route" and text_of(found.positional[1]) == function
    inner = call(found.positional[1])
    return found.name == "Mount" and inner is not None and inner.name == function


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
