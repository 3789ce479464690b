"""Routes of Django and Django REST framework: ``urlpatterns``, ``include``, routers and the classes that they lead to."""

import re

from tree_sitter import Node

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.imports import imports
from backwright.worker.symbols.routes.route import ANY, Entry, Mount, Sheet
from backwright.worker.symbols.syntax import HOLE, Call, bound, call, calls, constants, every, literal, text_of, words

_PATTERNS = "urlpatterns"
_PARAMETER = re.compile(r"<(?:[^<>:]+:)?([^<>:]+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|\((?!\?)[^()]*\)")
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_ACTIONS = {
    "list": ("GET", ""), "create": ("POST", ""), "retrieve": ("GET", "{id}/"), "update": ("PUT", "{id}/"),
    "partial_update": ("PATCH", "{id}/"), "destroy": ("DELETE", "{id}/"),
}  # fmt: skip
_MIXINS = {
    "ModelViewSet": tuple(_ACTIONS), "ReadOnlyModelViewSet": ("list", "retrieve"), "ListModelMixin": ("list",),
    "CreateModelMixin": ("create",), "RetrieveModelMixin": ("retrieve",), "UpdateModelMixin": ("update", "partial_update"),
    "DestroyModelMixin": ("destroy",),
}  # fmt: skip
_VIEWS = {
    "ListView": "GET", "DetailView": "GET", "TemplateView": "GET", "RedirectView": "GET", "CreateView": "GET POST",
    "UpdateView": "GET POST", "DeleteView": "GET POST", "FormView": "GET POST",
}  # fmt: skip
_GENERIC = {"List": "GET", "Create": "POST", "Retrieve": "GET", "Update": "PUT PATCH", "Destroy": "DELETE"}


def read(code: Code) -> Sheet | None:
    """What a module says about URLs and views; None for one without Django."""
    known = imports(code)
    if not any(one.source.partition(".")[0] in ("django", "rest_framework") for one in known) and _PATTERNS.encode() not in code.data:
        return None
    sheet = Sheet(code.file, "django", imports=known)
    sheet.classes = _classes(code.root) | _functions(code.root)
    reader = _Reader(sheet, constants(code.root))
    for found in calls(code.root):
        reader.call(found)
    if code.file.endswith("urls.py"):
        sheet.roots.add(_PATTERNS)
    return sheet


class _Reader:
    def __init__(self, sheet: Sheet, known: dict[str, str]) -> None:
        self.sheet, self.constants = sheet, known

    def call(self, found: Call) -> None:
        """``path(…)`` and its kin, and what a router registers."""
        if found.name in ("path", "re_path", "url") and found.held is None and len(found.positional) + len(found.keywords) > 1:
            self._pattern(found)
        elif found.name in ("DefaultRouter", "SimpleRouter"):
            self.sheet.prefixes.setdefault(bound(found.node) or "router", "")
        elif found.name == "register" and found.on in self.sheet.prefixes:
            self._registered(found)

    def _pattern(self, found: Call) -> None:
        holder, prefix = self._holder(found.node)
        path = prefix + self._path(found)
        self.sheet.prefixes.setdefault(holder, "")
        view = found.given(1, "view")
        inner = call(view)
        if inner is None or inner.name != "include":
            handler = text_of(view)
            name = (
                handler.partition("(")[0].removesuffix(".as_view").rpartition(".")[2] if inner is not None else handler.rpartition(".")[2]
            )
            self.sheet.entries.append(Entry(holder, ANY, path, name, found.line))
            return
        target = inner.given(0, "arg")
        if target is not None and target.type == "tuple" and target.named_children:
            target = target.named_children[0]
        if (module := literal(target, self.constants)) is not None:
            self.sheet.mounts.append(Mount(holder, f"@{module}#{_PATTERNS}", path))
        elif target is not None and target.type in ("identifier", "attribute"):
            name = text_of(target).removesuffix(".urls")
            imported = any(one.bound == name for one in self.sheet.imports)
            self.sheet.mounts.append(Mount(holder, f"{name}.{_PATTERNS}" if imported and name not in self.sheet.prefixes else name, path))

    def _path(self, found: Call) -> str:
        said = literal(found.given(0, "route", "regex"), self.constants)
        if said is None:
            return "" if call(found.given(0)) is None else HOLE
        if found.name != "path":
            said = _GROUP.sub(lambda m: "{" + (m[1] or "id") + "}", said).replace("\\", "").lstrip("^").rstrip("$?")
        return _PARAMETER.sub(r"{\1}", said)

    def _holder(self, node: Node) -> tuple[str, str]:
        """The list that a pattern stands in, and the paths of the includes around it."""
        prefix, up = "", node.parent
        while up is not None and up.type not in ("function_definition", "module"):
            outer = call(up)
            if outer is not None and outer.name in ("path", "re_path", "url") and outer.held is None:
                prefix = self._path(outer) + prefix
            if up.type in ("assignment", "augmented_assignment"):
                return text_of(up.child_by_field_name("left")), prefix
            up = up.parent
        return _PATTERNS, prefix

    def _registered(self, found: Call) -> None:
        prefix, view = literal(found.given(0, "prefix"), self.constants), text_of(found.given(1, "viewset"))
        prefix = HOLE if prefix is None else prefix
        prefix = _GROUP.sub(lambda m: "{" + (m[1] or "id") + "}", prefix)
        self.sheet.entries.append(Entry(found.on, VIEWSET, f"{prefix}/", view.rpartition(".")[2], found.line))


VIEWSET = "VIEWSET"
"""An entry that stands for everything a view set answers."""


def expanded(sheets: list[Sheet]) -> None:
    """Put the operations of each view set in the place of what a router registers."""
    known = {name: actions for sheet in sheets for name, actions in sheet.classes.items()}
    for sheet in sheets:
        sheet.entries = [one for entry in sheet.entries for one in (_actions(entry, known) if entry.method == VIEWSET else [entry])]


def _actions(entry: Entry, known: dict[str, tuple[str, ...]]) -> list[Entry]:
    actions = known.get(entry.handler)
    if not actions:
        return [Entry(entry.router, ANY, entry.path, entry.handler, entry.line)]
    found: list[Entry] = []
    for action in actions:
        name, _, rest = action.partition(" ")
        method, tail = _ACTIONS.get(name, (ANY, "")) if not rest else rest.split(" ", 1)
        found.append(Entry(entry.router, method, entry.path + tail, f"{entry.handler}/{name}", entry.line))
    return found


def _classes(root: Node) -> dict[str, tuple[str, ...]]:
    """Classes that answer requests → the methods of a view, or the actions of a view set (``name METHOD path`` for those of its own)."""
    found: dict[str, tuple[str, ...]] = {}
    for node in every(root, ("class_definition",)):
        bases = [text_of(b).partition("[")[0].rpartition(".")[2] for b in _children(node.child_by_field_name("superclasses"))]
        body = node.child_by_field_name("body")
        if body is None or not any(base.endswith(("View", "ViewSet", "Mixin", "APIView")) for base in bases):
            continue
        if any(base.endswith("ViewSet") for base in bases):
            found[text_of(node.child_by_field_name("name"))] = _viewset(body, bases)
        else:
            found[text_of(node.child_by_field_name("name"))] = _view(body, bases)
    return {name: answered for name, answered in found.items() if answered}


def _view(body: Node, bases: list[str]) -> tuple[str, ...]:
    names = [text_of(n.child_by_field_name("name")) for n in every(body, ("function_definition",))]
    answered = {name.upper() for name in names if name in _VERBS}
    for base in bases:
        answered.update(_VIEWS.get(base, "").split())
        if base.endswith("APIView"):
            answered.update(m for word, methods in _GENERIC.items() if word in base for m in methods.split())
    return tuple(sorted(answered))


def _viewset(body: Node, bases: list[str]) -> tuple[str, ...]:
    actions = [action for base in bases for action in _MIXINS.get(base, ())]
    for node in _children(body):
        function = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
        if function is None or function.type != "function_definition":
            continue
        name = text_of(function.child_by_field_name("name"))
        said = next((s for d in _children(node) if d.type == "decorator" and (s := call(d.named_children[0])) and s.name == "action"), None)
        if said is not None:
            tail = literal(said.given(9, "url_path")) or name
            place = "{id}/" if text_of(said.given(9, "detail")) == "True" else ""
            actions += [f"{name} {method.upper()} {place}{tail}/" for method in words(said.keywords.get("methods")) or ["get"]]
        elif name in _ACTIONS:
            actions.append(name)
    return tuple(dict.fromkeys(actions))


def _functions(root: Node) -> dict[str, tuple[str, ...]]:
    """Functions that say which methods they answer."""
    found: dict[str, tuple[str, ...]] = {}
    for node in every(root, ("decorated_definition",)):
        function = node.child_by_field_name("definition")
        for decorator in (child for child in node.children if child.type == "decorator" and child.named_children):
            text = text_of(decorator.named_children[0])
            said = call(decorator.named_children[0])
            methods: list[str] = []
            if said is not None and said.name in ("api_view", "require_http_methods"):
                methods = words(said.given(0, "http_method_names")) or ["GET"]
            elif re.fullmatch(r"(\w+\.)?require_(GET|POST|safe)", text):
                methods = ["GET", "HEAD"] if text.endswith("safe") else [text.rpartition("_")[2]]
            if methods and function is not None:
                found[text_of(function.child_by_field_name("name"))] = tuple(method.upper() for method in methods)
    return found


def _children(node: Node | None) -> list[Node]:
    return node.named_children if node is not None else []
