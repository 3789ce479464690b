"""Routes that stand in annotations, attributes or decorators of classes and methods: NestJS, Spring, JAX-RS, ASP.NET, Symfony."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.outline import Definition, definitions
from backwright.worker.symbols.routes.node import parameters
from backwright.worker.symbols.routes.route import ANY, Entry, Sheet, joined
from backwright.worker.symbols.symbol import Kind
from backwright.worker.symbols.syntax import HOLE

_NAMED = re.compile(r"[@\[,#(]\s*(\w+)\s*(?:\(((?:[^()\"']|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\([^()]*\))*)\))?")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`([^`]*)`")
_TEMPLATE = re.compile(r"\{!?(\w+)(?:<[^{}]*>)?(?:[:?=][^{}]*)?\}")
_FIRST = re.compile(rf"(?:{_STRING.pattern}|[^,\"'`])*")
"""The first argument: a comma within a string ends nothing."""
_CLIENTS = frozenset({"RegisterRestClient", "FeignClient", "Client", "HttpExchange"})
"""On an interface: it calls what somebody else serves."""
_IMPLEMENTS = re.compile(r"(?:\bimplements\s+|\)\s*:\s*|^\w+\s*:\s*)([^{]+)")
_WHOLE = "\0"
"""The router of routes whose path is whole already, whatever stands on their class."""
_QUERY = re.compile(r"\{[?&][^{}]*\}")


@dataclass(frozen=True, slots=True)
class Words:
    """How a framework says it."""

    framework: str
    holders: frozenset[str]
    """On the class: it holds routes."""
    prefixes: frozenset[str]
    """On the class: the path in front."""
    methods: Mapping[str, str]
    """On the method → what it answers."""
    paths: frozenset[str] = frozenset()
    """On the method: the path, where the method is said by another."""
    invoked: str = ""
    """The method that answers what stands on the class alone."""
    spoken: bool = False
    """Whether the annotations may stand on an interface of the class."""
    action: re.Pattern[str] | None = None
    """The signature of a method that answers by the name of its class and its own, where nothing on the class says a path."""


def _verbs(pattern: str) -> dict[str, str]:
    return {pattern.format(verb): verb.upper() for verb in ("Get", "Post", "Put", "Patch", "Delete", "Head", "Options")}


NEST = Words("nestjs", frozenset({"Controller"}), frozenset({"Controller"}), _verbs("{}") | {"All": ANY})
SPRING = Words(
    "spring",
    frozenset({"RestController", "Controller"}),
    frozenset({"RequestMapping"}),
    _verbs("{}Mapping") | {"RequestMapping": ANY},
    spoken=True,
)
MICRONAUT = Words("micronaut", frozenset({"Controller"}), frozenset({"Controller"}), _verbs("{}"), spoken=True)
JAXRS = Words(
    "jax-rs",
    frozenset({"Path"}),
    frozenset({"Path"}),
    {v: v for v in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")},
    frozenset({"Path"}),
)
ASPNET = Words(
    "aspnet",
    frozenset({"ApiController", "Route"}),
    frozenset({"Route"}),
    _verbs("Http{}") | {"Route": ANY},
    frozenset({"Route"}),
    action=re.compile(r"\bpublic\b(?!.*\bstatic\b).*\b(?:I?ActionResult|ViewResult|JsonResult)\b", re.S),
)
SYMFONY = Words("symfony", frozenset(), frozenset({"Route"}), {"Route": ANY}, invoked="__invoke")


def read(code: Code, words: Words) -> Sheet | None:
    """The routes of the classes of a file."""
    found = definitions(code)
    sheet = Sheet(code.file, words.framework, prefixes={_WHOLE: ""}, roots={_WHOLE})
    constants = dict(re.findall(r"\b(\w+)\s*(?::\s*\w+\s*)?=\s*\"([^\"\n]*)\"", code.text(0, min(len(code.data), 200_000))))
    for at, outer in enumerate(found):
        if outer.kind in (Kind.CLASS, Kind.INTERFACE):
            _class(code, words, found, at, sheet, constants)
    return sheet if sheet.entries or sheet.spoken or sheet.behind else None


def spoken(sheets: Sequence[Sheet]) -> None:
    """Adds the routes that stand on interfaces to the classes that implement them. A name that two interfaces bear says nothing."""
    said: dict[str, list[tuple[Entry, ...]]] = {}
    for sheet in sheets:
        for name, entries in sheet.spoken.items():
            said.setdefault(name, []).append(entries)
    for sheet in sheets:
        for router, names in sheet.behind.items():
            own = {entry.handler for entry in sheet.entries}
            for entry in (one for name in names for one in (said[name][0] if len(said.get(name, ())) == 1 else ())):
                handler = f"{router}/{entry.handler}"
                if handler not in own:
                    line = sheet.lines.get(handler, sheet.lines[router])
                    sheet.entries.append(Entry(router, entry.method, entry.path, handler, line))


def _class(code: Code, words: Words, found: list[Definition], at: int, sheet: Sheet, constants: Mapping[str, str]) -> None:
    outer = found[at]
    said = _said(code, outer)
    if any(name in _CLIENTS for name, _ in said):
        return
    if outer.kind is Kind.INTERFACE and words.spoken and not any(name in words.holders for name, _ in said):
        _speaks(code, words, found, at, sheet, constants)
        return
    if words.holders and not any(name in words.holders for name, _ in said) and not outer.name.endswith("Controller"):
        return
    prefix = next((_paths(text, constants)[0] for name, text in said if name in words.prefixes), "")
    prefix = re.sub(r"\[controller\]", outer.name.removesuffix("Controller"), prefix, flags=re.I)
    usual = _usual(outer, said) if words.action and not any(name in words.holders for name, _ in said) else ""
    sheet.prefixes[outer.path] = parameters(_plain(prefix))
    sheet.roots.add(outer.path)
    if words.spoken and (bases := _IMPLEMENTS.search(code.text(outer.named, outer.head))):
        sheet.behind[outer.path] = tuple(re.findall(r"\b[A-Z]\w*", bases[1]))
        inside = [inner for inner in found if inner.parent == at]
        sheet.lines |= {outer.path: code.line(outer.named)} | {inner.path: code.line(inner.named) for inner in inside}
    for inner in found:
        if inner.parent != at or inner.kind not in (Kind.METHOD, Kind.FUNCTION):
            continue
        if inner.name == words.invoked and prefix:
            sheet.entries += [replace(one, router=_WHOLE) for one in _entries(code, words, outer, outer, constants)]
        own = _entries(code, words, outer, inner, constants)
        if usual and not own and _acts(code, words, inner):
            own = [Entry(outer.path, ANY, "", inner.path, code.line(inner.named))]
        sheet.entries += [replace(one, path=f"{usual}/{inner.name}") if usual and not one.path else one for one in own]


def _speaks(code: Code, words: Words, found: list[Definition], at: int, sheet: Sheet, constants: Mapping[str, str]) -> None:
    """An interface with routes: they are served by whoever implements it."""
    prefix = next((_paths(text, constants)[0] for name, text in _said(code, found[at]) if name in words.prefixes), "")
    inside = [inner for inner in found if inner.parent == at and inner.kind in (Kind.METHOD, Kind.FUNCTION)]
    entries = [(inner, one) for inner in inside for one in _entries(code, words, found[at], inner, constants)]
    if entries:
        sheet.spoken[found[at].name] = tuple(
            replace(one, handler=inner.name, path=joined(parameters(_plain(prefix)), one.path) if prefix else one.path)
            for inner, one in entries
        )


def _usual(outer: Definition, said: list[tuple[str, str]]) -> str:
    """Where the actions of a class without a route are, by the usual template ``{area}/{controller}/{action}``."""
    area = next((_paths(text, {})[0] for name, text in said if name == "Area"), "")
    return joined(area, outer.name.removesuffix("Controller"))


def _acts(code: Code, words: Words, inner: Definition) -> bool:
    hidden = any(name == "NonAction" for name, _ in _said(code, inner))
    return not hidden and words.action is not None and words.action.search(code.text(inner.own, inner.named)) is not None


def _entries(code: Code, words: Words, outer: Definition, inner: Definition, constants: Mapping[str, str]) -> list[Entry]:
    said = _said(code, inner)
    apart = next((_paths(text, constants)[0] for name, text in said if name in words.paths and text), "")
    verbs = [(name, text) for name, text in said if name in words.methods and name not in words.paths]
    verbs = verbs or [
        (name, text) for name, text in said if name in words.methods and words.methods[name] == ANY and words.framework != "jax-rs"
    ]
    found: list[Entry] = []
    for name, text in verbs:
        methods = _listed(text) if words.methods[name] == ANY else []
        for path in _paths(text, constants) if text and name not in words.paths else [""]:
            router = _WHOLE if words.action and path.startswith(("/", "~/")) else outer.path
            path = path.removeprefix("~")
            shown = parameters(_plain(re.sub(r"\[action\]", inner.name, path or apart)))
            verbs_ = methods or [words.methods[name]]
            found += [Entry(router, method.upper(), shown, inner.path, code.line(inner.named)) for method in verbs_]
    return found


def _listed(text: str) -> list[str]:
    """The methods that a route of any method is narrowed to: ``RequestMethod.GET``, ``methods: ['GET', 'PUT']``."""
    said = re.search(r"\bmethods?\s*[:=]\s*(\[[^\]]*\]|\{[^}]*\}|['\"]\w+['\"])", text)
    return re.findall(r"RequestMethod\.(\w+)", text) or (re.findall(r"['\"](\w+)['\"]", said[1]) if said is not None else [])


def _said(code: Code, one: Definition) -> list[tuple[str, str]]:
    """The annotations in front of a definition, each with the text of its arguments."""
    return [(name, inside) for name, inside in _NAMED.findall(code.text(one.start, one.own))]


def _paths(text: str, constants: Mapping[str, str]) -> list[str]:
    """The paths in an annotation's arguments; one empty path where there is none, a hole for what is not literal."""
    named = re.search(r"\b(?:value|path|template)\s*[=:]\s*(\{[^}]*\"[^}]*\}|\[[^\]]*\]|[^,]+)", text)
    if named is not None:
        text = named[1]
    elif re.match(r"\s*(?:method|name|produces|consumes|Name|Order|headers|params|version|host)\s*[=:]", text):
        return [""]
    first = text if named or text.lstrip().startswith(("{", "[")) or (found := _FIRST.match(text)) is None else found[0]
    strings = [a or b or c for a, b, c in _STRING.findall(first)]
    if strings:
        return [joined(*strings)] if "+" in _STRING.sub("", first) else strings
    word = text.strip().rpartition(".")[2]
    return [constants[word]] if word in constants else [HOLE] if re.fullmatch(r"\w+", word or "") else [""]


def _plain(path: str) -> str:
    return _TEMPLATE.sub(r"{\1}", _QUERY.sub("", path))
