"""Routes of Rails: ``config/routes.rb`` and the files in ``config/routes``."""

import re

from tree_sitter import Node

from backwright.domain.naming import plural
from backwright.worker.symbols.code import Code
from backwright.worker.symbols.routes.node import parameters
from backwright.worker.symbols.routes.route import ANY, Entry, Sheet, joined
from backwright.worker.symbols.syntax import Call, call, literal, words

_VERBS = {"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "match": ANY}
_MANY = {"index": ("GET", ""), "create": ("POST", ""), "new": ("GET", "/new"), "show": ("GET", "/{id}"), "edit": ("GET", "/{id}/edit"),
         "update": ("PATCH", "/{id}"), "destroy": ("DELETE", "/{id}")}  # fmt: skip
_ONE = {name: (method, path.replace("/{id}", "")) for name, (method, path) in _MANY.items() if name != "index"}
_SINGULAR = re.compile(r"(?:(ie)s|(ss|x|ch|sh)es|s)$")


def read(code: Code) -> Sheet | None:
    """The routes of the file; None for one that draws none."""
    if not re.search(r"(^|/)config/routes(\.rb$|/)", code.file):
        return None
    sheet = Sheet(code.file, "rails", prefixes={"": ""}, roots={""})
    _block(sheet, code.root, "", "", "")
    return sheet


def _block(sheet: Sheet, node: Node, path: str, module: str, resource: str) -> None:
    """The routes in a block, below a path, with the modules of its controllers and the resource that it is about."""
    for child in node.named_children:
        found = call(child)
        if found is None:
            _block(sheet, child, path, module, resource)
        else:
            _said(sheet, found, path, module, resource)


def _said(sheet: Sheet, found: Call, path: str, module: str, resource: str) -> None:
    block = found.node.child_by_field_name("block")
    first = literal(found.given(0)) or ""
    if found.name in _VERBS:
        _verb(sheet, found, path, module, resource)
    elif found.name in ("resources", "resource"):
        for name in (literal(node) for node in found.positional):
            if name:
                _resource(sheet, found, name, path, module)
    elif found.name == "root":
        sheet.entries.append(Entry("", "GET", path or "/", _to(found, module), found.line))
    elif block is not None and found.name in ("namespace", "scope"):
        given = {name: literal(value) or "" for name, value in found.keywords.items()}
        below = joined(path, given.get("path", first))
        inside = f"{module}{first if found.name == 'namespace' else given.get('module', '')}/"
        _block(sheet, block, below, inside if inside != f"{module}/" else module, "")
    elif block is not None and found.name == "member":
        _block(sheet, block, f"{path.rpartition('/')[0]}/{{id}}" if path.endswith("_id}") else path, module, resource)
    elif block is not None and found.name == "collection":
        _block(sheet, block, re.sub(r"/\{\w+\}$", "", path), module, resource)
    elif block is not None:
        _block(sheet, block, path, module, resource)


def _verb(sheet: Sheet, found: Call, path: str, module: str, resource: str) -> None:
    methods = [word.upper() for word in words(found.keywords.get("via"))] or [_VERBS[found.name]]
    place = literal(found.keywords.get("on"))
    base = re.sub(r"/\{\w+\}$", "", path) + ("/{id}" if place == "member" else "") if place else path
    targets = [(n, n) for n in (literal(node) for node in found.positional) if n]
    if not targets:  # get "/path" => "controller#action"
        pairs = [(key, literal(value) or "") for key, value in found.keywords.items() if key not in ("to", "via", "as", "on")]
        targets = [(key, value) for key, value in pairs if "#" in value]
    for said, to in targets:
        handler = _to(found, module) or (f"{module}{to}" if "#" in to else f"{module}{resource or said.strip('/').replace('/', '#')}")
        handler = f"{handler}#{said.strip('/')}" if "#" not in handler and resource else handler
        sheet.entries += [Entry("", method, joined(base, parameters(said)), handler, found.line) for method in methods]


def _resource(sheet: Sheet, found: Call, name: str, path: str, module: str) -> None:
    table = _MANY if found.name == "resources" else _ONE
    only, left = words(found.keywords.get("only")), words(found.keywords.get("except"))
    controller = f"{module}{literal(found.keywords.get('controller')) or (name if found.name == 'resources' else plural(name))}"
    base = joined(path, literal(found.keywords.get("path")) or name)
    for action, (method, tail) in table.items():
        if (not only or action in only) and action not in left:
            sheet.entries.append(Entry("", method, base + tail, f"{controller}#{action}", found.line))
    if (block := found.node.child_by_field_name("block")) is not None:
        one = singular(name)
        _block(sheet, block, f"{base}/{{{one}_id}}" if found.name == "resources" else base, module, controller.removeprefix(module))


def _to(found: Call, module: str) -> str:
    said = literal(found.keywords.get("to")) or (literal(found.given(0)) if found.name == "root" else "") or ""
    return f"{module}{said}" if said else ""


def singular(name: str) -> str:
    """The name of one, as both frameworks make it for ordinary words."""
    return _SINGULAR.sub(lambda m: "y" if m[1] else m[2] or "", name)
