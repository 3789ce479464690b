"""Business logic where it does not belong: in controllers, in handlers of routes, in models.

A function is reported for what it decides, never for its length. A thin one, which takes a request, calls a service and answers, is not.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from tree_sitter import Node

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.decisions import Evidence, Reason, evidence, score, speaks
from backwright.worker.symbols.files import Look, Told, silent
from backwright.worker.symbols.models.collect import candidates_in
from backwright.worker.symbols.models.model import settled
from backwright.worker.symbols.outline import Definition, definitions
from backwright.worker.symbols.routes.collect import sheet_of
from backwright.worker.symbols.symbol import Finding, Kind

LIMIT = 1_000
_CONTROLLERS = re.compile(r"(^|[/_.])controllers?([/_.]|$)|Controller\.\w+$")
_PERHAPS = re.compile(r"(^|[/_.])(views?|viewsets?|handlers?|endpoints?)([/_.]|$)", re.I)
_REQUEST = re.compile(r"\b(req|request|HttpRequest|Request)\b")
_MODELS = re.compile(r"(^|[/_.])(models?|entit(y|ies))([/_.]|$)", re.I)
_ORDINARY = re.compile(
    r"^__\w+__$|^(to_?string|to_?json|to_?dict|equals|hash_?code|clone|serialize|save|toJSON|ToString|Equals|GetHashCode|inspect)$", re.I
)


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A function that decides what a service should decide."""

    file: str
    line: int
    function: str
    """Its name path; ``(inline)`` for a function without a name."""
    place: str
    """``route handler``, ``controller`` or ``model``."""
    score: int
    """The higher, the more of it."""
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Logic:
    """The functions, the worst first."""

    misplaced: tuple[Misplaced, ...]
    looked_at: int
    """How many functions of controllers, handlers and models were looked at."""
    files: int
    findings: tuple[Finding, ...] = ()
    left_out: tuple[str, ...] = ()


def logic(root: Path, *, within: str | None = None, limit: int = LIMIT, told: Told = silent) -> Logic:
    """The functions of controllers, route handlers and models that hold business logic. Tests and migrations are not looked at.

    Raises ``Refused``.
    """
    look = Look(root, within, told=told)
    found: list[Misplaced] = []
    looked_at = files = 0
    for code in look.served():
        places = list(places_in(code))
        files += bool(places)
        looked_at += len(places)
        found += [one for place in places if (one := judged(code, *place)) is not None]
    found.sort(key=lambda one: (-one.score, one.file, one.line))
    return Logic(tuple(found[:limit]), looked_at, files, look.findings, look.left_out)


def judged(code: Code, name: str, place: str, function: Node) -> Misplaced | None:
    """The function, if it decides something."""
    shown = evidence(function)
    if not speaks(shown):
        return None
    if place == "model" and all(one.reason is Reason.QUERY for one in shown):
        return None
    reasons = tuple(dict.fromkeys(str(one.reason) for one in shown))
    return Misplaced(code.file, function.start_point.row + 1, name, place, score(shown), reasons, tuple(shown[:20]))


def places_in(code: Code) -> Generator[tuple[str, str, Node]]:
    """The functions of a file that should be thin: name path, place, node."""
    sheet = sheet_of(code)
    handlers = {entry.handler for entry in sheet.entries} if sheet is not None else set[str]()
    lines = {entry.line for entry in sheet.entries if entry.handler == "(inline)"} if sheet is not None else set[int]()
    candidates = candidates_in(code)
    models = {model.name for model in settled(candidates) if model.stored}
    if _MODELS.search(code.file):
        models |= {one.model.name for one in candidates if one.model.fields and not one.model.framework}
    views = set(sheet.classes) if sheet is not None else set[str]()
    controller, perhaps = bool(_CONTROLLERS.search(code.file)), bool(_PERHAPS.search(code.file))
    if not (handlers or controller or perhaps or models or views):
        return
    found = definitions(code)
    for one in found:
        if one.kind not in (Kind.FUNCTION, Kind.METHOD) or _ORDINARY.match(one.name) or _inside(found, one):
            continue
        taking = controller or (perhaps and bool(_REQUEST.search(code.text(one.named, max(one.head, one.named)))))
        place = _place(one, handlers, views, models, taking)
        if place and (node := _node(code, one)) is not None:
            yield one.path, place, node
    yield from _inline(code, lines)


def _place(one: Definition, handlers: set[str], views: set[str], models: set[str], controller: bool) -> str:
    outer = one.parts[-2] if len(one.parts) > 1 else ""
    if one.path in handlers or one.name in handlers or any(handler.endswith((f".{one.name}", f"#{one.name}")) for handler in handlers):
        return "route handler"
    if outer in models or (one.owner and one.owner in models):
        return "model"
    if outer in views or outer.endswith(("Controller", "ViewSet", "Resource")) or controller:
        return "controller"
    return ""


def _inside(found: list[Definition], one: Definition) -> bool:
    """Whether another function around it is looked at anyway."""
    return one.parent is not None and found[one.parent].kind in (Kind.FUNCTION, Kind.METHOD)


def _node(code: Code, one: Definition) -> Node | None:
    return code.root.descendant_for_byte_range(one.own, one.end)


def _inline(code: Code, lines: set[int]) -> Generator[tuple[str, str, Node]]:
    """Functions without a name that routes name."""
    waiting = [code.root] if lines else []
    while waiting:
        node = waiting.pop()
        arguments = node.child_by_field_name("arguments")
        if arguments is not None and arguments.named_children and arguments.named_children[0].start_point.row + 1 in lines:
            for argument in arguments.named_children:
                inner = argument.named_children[-1] if argument.type == "argument" and argument.named_children else argument
                if inner.type in ("arrow_function", "function_expression", "func_literal", "lambda_expression", "anonymous_function"):
                    yield "(inline)", "route handler", inner
        waiting += reversed(node.named_children)
