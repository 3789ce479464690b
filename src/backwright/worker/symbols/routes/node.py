"""Routes of Express, Fastify and Koa, and of Next by the names of files."""

import re
from pathlib import PurePosixPath

from tree_sitter import Node

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.imports import imports
from backwright.worker.symbols.routes.route import ANY, DEFAULT, Entry, Mount, Sheet
from backwright.worker.symbols.syntax import HOLE, Call, bound, call, calls, constants, every, literal, properties, text_of, words

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "del", "head", "options", "all"})
_APPS = frozenset({"express", "fastify", "Fastify", "Koa", "Hono", "Elysia"})
_ROUTERS = frozenset({"Router", "KoaRouter"})
_LIKELY = re.compile(r"^(app|router|server|fastify|api|instance|routes?)$|(Router|Routes|App)$")
_PARAMETER = re.compile(r":(\w+)(\([^()]*\)|<[^<>]*>)?[?*+]?|\[{1,2}(?:\.\.\.)?(\w+)\]{1,2}")
_REQUIRED = re.compile(r"^require\(['\"](express|fastify|koa)['\"]\)$")
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function", "generator_function"})
_NEXT = re.compile(r"(?:^|/)(?:src/)?(?:pages/(?P<pages>api(?:/.+)?)|app/(?P<app>(?:.+/)?)route)\.(?:[cm]?[jt]sx?)$")


def read(code: Code) -> Sheet | None:
    """What a module says about routes; None for one that says nothing."""
    if found := _NEXT.search(code.file):
        return _next(code, found)
    known = imports(code)
    used = {one.source for one in known}
    used |= set(re.findall(r"require\(['\"]([^'\"]+)['\"]\)", code.text(0, min(len(code.data), 20_000))))
    framework = next((f for f in ("fastify", "koa", "express", "hono") if any(f in source for source in used)), "express")
    sheet = Sheet(code.file, framework, imports=known)
    reader = _Reader(code, sheet)
    for one in calls(code.root):
        reader.call(one)
    _exports(code.root, sheet)
    return None if sheet.empty else sheet


class _Reader:
    def __init__(self, code: Code, sheet: Sheet) -> None:
        self.sheet, self.constants = sheet, constants(code.root)
        self.given = _parameters(code.root)

    def call(self, found: Call) -> None:
        """A call that makes a router, mounts one, or adds a route."""
        if found.name in _APPS or found.name in _ROUTERS or _REQUIRED.match(found.name):
            if name := bound(found.node):
                options = properties(found.given(0))
                self.sheet.prefixes[name] = self._path(options.get("prefix")) if "prefix" in options else ""
                if found.name not in _ROUTERS:
                    self.sheet.roots.add(name)
        elif found.name in _VERBS and found.held is not None:
            self._verb(found)
        elif found.name == "prefix" and self.sheet.framework == "koa" and (router := self._router(found.held)):
            self.sheet.prefixes[router] = self._path(found.given(0))
        elif found.name in ("use", "register") and (router := self._router(found.held)):
            self._mounted(router, found)
        elif found.name == "route" and found.positional and found.positional[0].type == "object" and (router := self._router(found.held)):
            options = properties(found.positional[0])
            for method in words(options.get("method"), self.constants) or [ANY]:
                self._entry(router, method, options.get("url") or options.get("path"), options.get("handler"), found)

    def _verb(self, found: Call) -> None:
        outer = call(found.held)
        if outer is not None and (outer.name == "route" or outer.name in _VERBS):
            while outer is not None and outer.name in _VERBS:
                outer = call(outer.held)
            if outer is not None and outer.name == "route" and (router := self._router(outer.held)) and found.positional:
                self._entry(router, found.name, outer.given(0), found.positional[-1], found)
        elif len(found.positional) > 1 and (router := self._router(found.held)) and self._like_path(found.positional[0]):
            self._entry(router, found.name, found.positional[0], found.positional[-1], found)

    def _like_path(self, node: Node) -> bool:
        said = literal(node, self.constants)
        if said is None:
            return node.type in ("identifier", "member_expression", "template_string", "array", "regex")
        return said == "" or said.startswith(("/", "*", HOLE)) or said == "(.*)"

    def _entry(self, router: str, method: str, path: Node | None, handler: Node | None, found: Call) -> None:
        name = "(inline)" if handler is None or handler.type in _FUNCTIONS else text_of(handler)[:80]
        if path is not None and path.type == "array":
            for each in path.named_children:
                self._entry(router, method, each, handler, found)
            return
        line = (path.start_point.row if path is not None and found.line <= path.start_point.row + 1 else found.line - 1) + 1
        verb = {"all": ANY, "del": "DELETE"}.get(method, method.upper())
        below = self._path(path)
        if self.sheet.framework != "fastify" and below == "/":
            below = ""  # the others answer with and without the slash
        self.sheet.entries.append(Entry(router, verb, below, name, line))

    def _path(self, node: Node | None) -> str:
        said = literal(node, self.constants)
        return parameters(said) if said is not None else HOLE if node is not None else ""

    def _router(self, held: Node | None) -> str:
        """The router that something is called on; nothing for what is not known to be one."""
        name = text_of(held)
        if name in self.sheet.prefixes:
            return name
        if not re.fullmatch(r"(this\.)?[\w$]+", name) or not _LIKELY.search(name.removeprefix("this.")):
            return ""
        name = DEFAULT if name in self.given else name
        self.sheet.prefixes.setdefault(name, "")
        return name

    def _mounted(self, router: str, found: Call) -> None:
        first = found.given(0)
        said = literal(first, self.constants)
        prefix = parameters(said) if said is not None else ""
        options = properties(found.positional[-1]) if len(found.positional) > 1 and found.positional[-1].type == "object" else {}
        if "prefix" in options:
            prefix = self._path(options["prefix"])
        for child in found.positional[1:] if said is not None else found.positional:
            if name := _child(child):
                self.sheet.mounts.append(Mount(router, name, prefix))


def parameters(path: str) -> str:
    """The path with its parameters as ``{name}``."""
    return _PARAMETER.sub(lambda m: "{" + (m[1] or m[3]) + "}", path)


def _child(node: Node) -> str:
    """The name of a router that is mounted."""
    if node.type in ("identifier", "member_expression"):
        return text_of(node)
    inner = call(node)
    if inner is None:
        return ""
    if inner.name in ("require", "import"):
        return f"@{literal(inner.given(0)) or ''}"
    if inner.name in ("routes", "middleware", "default") and inner.held is not None:
        return _child(inner.held)
    return _child(inner.node.child_by_field_name("function") or inner.node) if inner.held is None and inner.name.isidentifier() else ""


def _parameters(root: Node) -> set[str]:
    """Names that functions of the file take: a router called by one of them comes from outside."""
    found: set[str] = set()
    for node in every(root, ("formal_parameters",)):
        first = next(iter(node.named_children), None)
        name = first.child_by_field_name("pattern") or first if first is not None else None
        if name is not None and name.type == "identifier":
            found.add(text_of(name))
    return found


def _exports(root: Node, sheet: Sheet) -> None:
    for node in root.named_children:
        if node.type == "export_statement":
            value = node.child_by_field_name("value")
            if value is not None and value.type == "identifier":
                sheet.exports[DEFAULT] = text_of(value)
        for assigned in every(node, ("assignment_expression",)) if node.type == "expression_statement" else ():
            left, right = text_of(assigned.child_by_field_name("left")), assigned.child_by_field_name("right")
            if left == "module.exports" and right is not None:
                if right.type == "identifier":
                    sheet.exports[DEFAULT] = text_of(right)
                for key, value in properties(right).items() if right.type == "object" else ():
                    sheet.exports[key] = text_of(value)
            elif left.startswith("exports.") or left.startswith("module.exports."):
                sheet.exports[left.rpartition(".")[2]] = text_of(right)


def _next(code: Code, found: re.Match[str]) -> Sheet:
    sheet = Sheet(code.file, "next", prefixes={"": ""}, roots={""})
    if found["pages"]:
        path = re.sub(r"/index$", "", found["pages"])
        methods = sorted(
            set(
                re.findall(r"""method\s*===?\s*['"]([A-Z]+)['"]|case\s+['"](GET|POST|PUT|PATCH|DELETE)['"]""", code.text(0, len(code.data)))
            )
        )
        names = [a or b for a, b in methods] or [ANY]
        sheet.entries += [Entry("", name, parameters(path), "default", 1) for name in names]
        return sheet
    path = "/".join(part for part in PurePosixPath(found["app"]).parts if not part.startswith(("(", "@")))
    for node in root_exports(code.root):
        name = text_of(node)
        if name in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
            sheet.entries.append(Entry("", name, parameters(path), name, node.start_point.row + 1))
    return sheet


def root_exports(root: Node) -> list[Node]:
    """The names that a module exports by declaration."""
    found: list[Node] = []
    for node in root.named_children:
        for one in node.named_children if node.type == "export_statement" else ():
            holders = [one, *(child for child in one.named_children if child.type == "variable_declarator")]
            found += [name for holder in holders if (name := holder.child_by_field_name("name")) is not None]
    return found
