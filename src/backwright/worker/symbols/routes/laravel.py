"""Routes of Laravel: the files in ``routes``, where ``routes/api.php`` lies below ``/api``."""

import re

from tree_sitter import Node

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.routes.rails import singular
from backwright.worker.symbols.routes.route import ANY, Entry, Sheet, joined
from backwright.worker.symbols.syntax import HOLE, Call, call, literal, properties, text_of, words

_VERBS = {"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "options": "OPTIONS", "any": ANY, "match": ANY}
_ACTIONS = {"index": ("GET", ""), "create": ("GET", "/create"), "store": ("POST", ""), "show": ("GET", "/{}"), "edit": ("GET", "/{}/edit"),
            "update": ("PUT", "/{}"), "destroy": ("DELETE", "/{}")}  # fmt: skip


def read(code: Code) -> Sheet | None:
    """The routes of the file; None for one that does not name ``Route``."""
    if not re.search(rb"\bRoute::", code.data):
        return None
    sheet = Sheet(code.file, "laravel", prefixes={"": "/api" if code.file.endswith("routes/api.php") else ""}, roots={""})
    _below(sheet, code.root, "", "")
    return sheet


def _below(sheet: Sheet, node: Node, prefix: str, controller: str) -> None:
    for child in node.named_children:
        found = call(child)
        chain = _chain(found) if found is not None else []
        if found is None or not chain or chain[0].on != "Route":
            _below(sheet, child, prefix, controller)
        else:
            _said(sheet, chain, prefix, controller)


def _chain(found: Call) -> list[Call]:
    """``Route::a()->b()`` from the front."""
    chain: list[Call] = []
    at: Call | None = found
    while at is not None:
        chain.insert(0, at)
        at = call(at.held)
    return chain


def _said(sheet: Sheet, chain: list[Call], prefix: str, controller: str) -> None:
    for one in chain:
        if one.name == "prefix":
            prefix = joined(prefix, literal(one.given(0)) or HOLE)
        elif one.name == "controller":
            controller = _class(one.given(0))
        elif one.name == "group":
            _group(sheet, one, prefix, controller)
        elif one.name in ("resource", "apiResource"):
            _resource(sheet, one, chain, prefix)
        elif one.name in _VERBS and len(one.positional) > 1:
            _verb(sheet, one, prefix, controller)


def _group(sheet: Sheet, one: Call, prefix: str, controller: str) -> None:
    for node in one.positional:
        options = properties(node) if node.type == "array_creation_expression" else {}
        if "prefix" in options:
            prefix = joined(prefix, literal(options["prefix"]) or HOLE)
        body = node.child_by_field_name("body")
        if body is not None:
            _below(sheet, body, prefix, controller)


def _verb(sheet: Sheet, one: Call, prefix: str, controller: str) -> None:
    methods = [word.upper() for word in words(one.given(0))] if one.name == "match" else [_VERBS[one.name]]
    path = (literal(one.given(1 if one.name == "match" else 0)) or HOLE).replace("?}", "}")
    handler = _handler(one.positional[-1], controller)
    sheet.entries += [Entry("", method, joined(prefix, path), handler, one.line) for method in methods]


def _resource(sheet: Sheet, one: Call, chain: list[Call], prefix: str) -> None:
    name = literal(one.given(0)) or HOLE
    only = {word for call_ in chain if call_.name == "only" for word in words(call_.given(0))}
    left = {word for call_ in chain if call_.name == "except" for word in words(call_.given(0))}
    left |= {"create", "edit"} if one.name == "apiResource" else set()
    *outer, last = name.split(".")
    base = joined(prefix, *(f"{part}/{{{singular(part)}}}" for part in outer), last)
    for action, (method, tail) in _ACTIONS.items():
        if (not only or action in only) and action not in left:
            path = base + tail.replace("{}", "{" + singular(last.rpartition("/")[2]) + "}")
            sheet.entries.append(Entry("", method, path, f"{_class(one.given(1))}/{action}", one.line))


def _handler(node: Node, controller: str) -> str:
    if node.type == "array_creation_expression":
        parts = [child.named_children[-1] for child in node.named_children if child.named_children]
        return "/".join([_class(parts[0]), *(literal(part) or "" for part in parts[1:])]) if parts else "(inline)"
    if (said := literal(node)) is not None:
        return said.replace("@", "/") if "@" in said or not controller else f"{controller}/{said}"
    return f"{_class(node)}/__invoke" if node.type == "class_constant_access_expression" else "(inline)"


def _class(node: Node | None) -> str:
    return re.sub(r"::class$", "", text_of(node)).strip("'\"").rpartition("\\")[2]
