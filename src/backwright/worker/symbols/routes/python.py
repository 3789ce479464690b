"""Routes of FastAPI, Starlette, Flask and Litestar; those of the kit are read in `kit`."""

import re

from tree_sitter import Node

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.imports import imports
from backwright.worker.symbols.routes.kit import Kit
from backwright.worker.symbols.routes.route import Entry, Mount, Sheet
from backwright.worker.symbols.syntax import HOLE, Call, bound, call, calls, constants, elements, every, literal, text_of, words

FRAMEWORKS = ("fastapi", "litestar", "flask", "starlette", "backwright")
VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_APPS = frozenset({"FastAPI", "Flask", "Starlette", "Litestar", "Quart"})
_ROUTERS = frozenset({"APIRouter", "Blueprint", "Router", "APIBlueprint"})
_PARAMETER = re.compile(r"<(?:[^<>:]+:)?([^<>:]+)>|\{([^{}:]+):[^{}]*\}")


def read(code: Code) -> Sheet | None:
    """What a module says about routes; None for one that uses none of the frameworks."""
    known = imports(code)
    used = {one.source.lstrip(".").partition(".")[0] for one in known}
    framework = next((name for name in FRAMEWORKS if name in used), None)
    if framework is None:
        return None
    reader = _Reader(code, Sheet(code.file, framework, imports=known))
    for found in calls(code.root):
        reader.call(found)
    for node in every(code.root, ("decorated_definition",)):
        reader.decorated(node)
    reader.kit.settle()
    return reader.sheet


class _Reader:
    def __init__(self, code: Code, sheet: Sheet) -> None:
        self.sheet, self.constants = sheet, constants(code.root)
        self.kit = Kit(sheet)

    def call(self, found: Call) -> None:
        """A call that makes a router, mounts one, or adds a route."""
        name = bound(found.node)
        if found.name in _APPS or found.name in _ROUTERS:
            self._made(found, name or found.name)
        elif found.name in ("include_router", "register_blueprint", "mount", "nest") and found.held is not None:
            self._mounted(found)
        elif found.name in ("add_api_route", "add_url_rule", "add_route", "add_api_websocket_route") and found.held is not None:
            handler = found.given(2 if found.name == "add_url_rule" else 1, "endpoint" if "api" in found.name else "view_func")
            self._entries(found.on, found, handler, found.given(0, "path", "rule"))
        elif found.name in ("Route", "WebSocketRoute") and self.sheet.framework in ("starlette", "fastapi"):
            router, prefix = _holder(found.node, self)
            self._entries(router, found, found.given(1, "endpoint"), found.given(0, "path"), prefix=prefix)
        elif found.name == "Mount" and found.given(1, "app") is not None:
            router, prefix = _holder(found.node, self)
            self._child(router, found.given(1, "app", "routes"), prefix + self.path(found.given(0, "path")))
        elif self.sheet.framework == "backwright" and found.held is None:
            self.kit.call(found)

    def path(self, node: Node | None) -> str:
        """The literal path, its parameters as ``{name}``."""
        if node is None:
            return ""
        said = literal(node, self.constants)
        return _PARAMETER.sub(lambda m: "{" + (m[1] or m[2]) + "}", said) if said is not None else HOLE

    def _made(self, found: Call, name: str) -> None:
        prefix = found.keywords.get("prefix") or found.keywords.get("url_prefix") or found.keywords.get("path")
        if found.name == "Router" and self.sheet.framework == "litestar":
            prefix = prefix or found.given(0)
        self.sheet.prefixes.setdefault(name, self.path(prefix))
        if found.name in _APPS:
            self.sheet.roots.add(name)
        for key in ("route_handlers", "routes", "routers"):
            for child in elements(found.keywords.get(key)):
                self._child(name, child, "")

    def _mounted(self, found: Call) -> None:
        if found.name == "mount":
            self._child(found.on, found.given(1, "app"), self.path(found.given(0, "path")))
        else:
            self._child(
                found.on, found.given(0, "router", "blueprint"), self.path(found.keywords.get("prefix") or found.keywords.get("url_prefix"))
            )

    def _child(self, parent: str, child: Node | None, prefix: str) -> None:
        self.sheet.prefixes.setdefault(parent, "")
        if child is not None and child.type in ("identifier", "attribute"):
            self.sheet.mounts.append(Mount(parent, text_of(child), prefix))

    def _entries(self, router: str, said: Call, handler: Node | None, path: Node | None, *, prefix: str = "", name: str = "") -> None:
        methods = [word.upper() for word in words(said.keywords.get("methods") or said.keywords.get("http_method"), self.constants)]
        if not methods:
            methods = [said.name.upper()] if said.name in VERBS else ["WEBSOCKET"] if "ebsocket" in said.name.lower() else ["GET"]
        self.sheet.prefixes.setdefault(router, "")
        for method in methods:
            self.sheet.entries.append(Entry(router, method, prefix + self.path(path), name or text_of(handler), said.line))

    def decorated(self, node: Node) -> None:
        """A function with decorators that make it a route, or a controller of Litestar."""
        definition = node.child_by_field_name("definition")
        if definition is None or definition.type != "function_definition":
            return
        owner = _class_of(node)
        name = text_of(definition.child_by_field_name("name"))
        for decorator in (child for child in node.children if child.type == "decorator" and child.named_children):
            if (said := call(decorator.named_children[0])) is None:
                continue
            shown = f"{text_of(owner.child_by_field_name('name'))}/{name}" if owner is not None else name
            if said.held is None and self.sheet.framework == "litestar" and (said.name in VERBS or said.name in ("route", "websocket")):
                self._litestar(said, owner, name, shown)
            elif said.held is not None and (said.name in VERBS or said.name in ("route", "api_route", "websocket", "websocket_route")):
                if said.given(0, "path", "rule") is None or (said.on not in self.sheet.prefixes and "." in said.on):
                    continue
                self._entries(said.on, said, None, said.given(0, "path", "rule"), name=shown)

    def _litestar(self, said: Call, owner: Node | None, name: str, shown: str) -> None:
        path = said.given(0, "path")
        if owner is None:
            self._entries(name, said, None, path, name=shown)
            return
        holder = text_of(owner.child_by_field_name("name"))
        if holder not in self.sheet.prefixes:
            body = owner.child_by_field_name("body")
            given = {text_of(a.child_by_field_name("left")): a.child_by_field_name("right") for a in every(body or owner, ("assignment",))}
            self.sheet.prefixes[holder] = self.path(given.get("path"))
        self._entries(holder, said, None, path, name=shown)


def _class_of(node: Node) -> Node | None:
    up = node.parent
    while up is not None and up.type not in ("class_definition", "function_definition"):
        up = up.parent
    return up if up is not None and up.type == "class_definition" else None


def _holder(node: Node, reader: _Reader) -> tuple[str, str]:
    """The router that a route in a list belongs to, and the prefix of the mounts around it."""
    prefix, up = "", node.parent
    while up is not None and up.type not in ("function_definition", "module", "class_definition"):
        outer = call(up)
        if outer is not None and outer.name == "Mount":
            prefix = reader.path(outer.given(0, "path")) + prefix
        elif outer is not None and outer.name in _APPS | _ROUTERS:
            return bound(up) or outer.name, prefix
        if up.type in ("assignment", "augmented_assignment"):
            return text_of(up.child_by_field_name("left")), prefix
        up = up.parent
    return "routes", prefix
