"""The tools of the symbol server Serena that the agent definitions name, answered by our own reader of symbols, without a language server.

Names, arguments and the form of the answers are those of ``serena-agent`` 2.1.0. Like the real one they work on the project itself, where
the assistant's own Edit and Write do. Lines count from 0.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec

from backwright.worker.mcp.copies import inside
from backwright.worker.mcp.tool import Answer, Desk, Input, Text, Tool, Word
from backwright.worker.source import text
from backwright.worker.symbols import edit
from backwright.worker.symbols.find import find, overview
from backwright.worker.symbols.known import language_of
from backwright.worker.symbols.references import references
from backwright.worker.symbols.search import search
from backwright.worker.symbols.symbol import Kind, Symbol

LONGEST_ANSWER = 150_000
_NAMES = {kind: kind.capitalize() for kind in Kind} | {Kind.TYPE: "TypeParameter"}
_NUMBERS = {
    2: Kind.MODULE, 5: Kind.CLASS, 6: Kind.METHOD, 8: Kind.VARIABLE, 10: Kind.ENUM, 11: Kind.INTERFACE, 12: Kind.FUNCTION,
    13: Kind.VARIABLE, 14: Kind.CONSTANT, 23: Kind.STRUCT, 26: Kind.TYPE,
}  # fmt: skip
"""The numbers that the Language Server Protocol gives to kinds of symbols."""

_Most = Annotated[int, msgspec.Meta(description="The longest answer in characters; -1 for the default")]
_Kinds = list[int]
_Path = Annotated[Word, msgspec.Meta(description="The file, relative to the project's root")]


class Overview(Input):
    relative_path: _Path
    depth: Annotated[int, msgspec.Meta(description="Levels of inner symbols; -1 is 1 for Java and Kotlin, 0 for others")] = -1
    max_answer_chars: _Most = -1


class Find(Input):
    name_path_pattern: Annotated[Word, msgspec.Meta(description="method, Class/method, or /Class/method from the top of the file")]
    depth: Annotated[int, msgspec.Meta(description="Levels of inner symbols")] = 0
    relative_path: Annotated[str, msgspec.Meta(description="Only this file or folder")] = ""
    include_body: Annotated[bool, msgspec.Meta(description="With the text of the definition")] = False
    include_info: Annotated[bool, msgspec.Meta(description="With signature and documentation")] = False
    include_kinds: Annotated[_Kinds, msgspec.Meta(description="Only these kinds, by their LSP numbers")] = []
    exclude_kinds: Annotated[_Kinds, msgspec.Meta(description="Not these kinds, by their LSP numbers")] = []
    substring_matching: Annotated[bool, msgspec.Meta(description="The last name need only contain the text")] = False
    max_matches: Annotated[int, msgspec.Meta(description="With more than so many only their names are given; -1 for no limit")] = -1
    max_answer_chars: _Most = -1


class Referencing(Input):
    name_path: Annotated[Word, msgspec.Meta(description="The symbol's name path")]
    relative_path: _Path
    include_kinds: Annotated[_Kinds, msgspec.Meta(description="Only references in these kinds of symbols")] = []
    exclude_kinds: Annotated[_Kinds, msgspec.Meta(description="No references in these kinds of symbols")] = []
    max_answer_chars: _Most = -1


class Pattern(Input):
    substring_pattern: Annotated[Word, msgspec.Meta(description="A regular expression")]
    context_lines_before: Annotated[int, msgspec.Meta(description="Lines in front of each match")] = 0
    context_lines_after: Annotated[int, msgspec.Meta(description="Lines behind each match")] = 0
    paths_include_glob: Annotated[str, msgspec.Meta(description="Only these files: src/**/*.ts")] = ""
    paths_exclude_glob: Annotated[str, msgspec.Meta(description="Not these files")] = ""
    relative_path: Annotated[str, msgspec.Meta(description="Only this file or folder")] = ""
    restrict_search_to_code_files: Annotated[bool, msgspec.Meta(description="Only files in a language whose symbols are read")] = False
    skip_ignored_files: Annotated[bool, msgspec.Meta(description="Ignored files are always left out here")] = True
    multiline: Annotated[bool, msgspec.Meta(description="A dot also matches the end of a line")] = True
    max_answer_chars: _Most = -1


class Edit(Input):
    name_path: Annotated[Word, msgspec.Meta(description="The symbol's name path")]
    relative_path: _Path
    body: Annotated[Text, msgspec.Meta(description="The new text")]


def get_symbols_overview(asked: Overview, desk: Desk) -> Answer:
    """The symbols of a file by kind."""
    inside(desk.project, asked.relative_path)
    language = language_of(asked.relative_path)
    depth = asked.depth if asked.depth >= 0 else 1 if language is not None and language.name in ("java", "kotlin") else 0
    found = overview(desk.project, asked.relative_path, depth=depth)
    return _said(_by_kind(found.symbols), asked.max_answer_chars)


def _by_kind(symbols: Iterable[Symbol]) -> dict[str, list[Any]]:
    kinds: dict[str, list[Any]] = {}
    for symbol in symbols:
        kinds.setdefault(_NAMES[symbol.kind], []).append({symbol.name: _by_kind(symbol.children)} if symbol.children else symbol.name)
    return kinds


def find_symbol(asked: Find, desk: Desk) -> Answer:
    """Symbols by name path."""
    found = find(
        desk.project, asked.name_path_pattern, within=asked.relative_path or None, depth=0 if asked.include_body else max(0, asked.depth),
        body=asked.include_body, docs=asked.include_info, kinds=_kinds(asked.include_kinds, asked.exclude_kinds),
        substring=asked.substring_matching, told=desk.heard,
    )  # fmt: skip
    if 0 <= asked.max_matches < len(found.symbols):
        short = {"matches": len(found.symbols), "symbols": [f"{one.file}: {one.name_path}" for one in found.symbols]}
        return _said(short, asked.max_answer_chars)
    return _said([_described(one, info=asked.include_info and not asked.include_body) for one in found.symbols], asked.max_answer_chars)


def _described(symbol: Symbol, *, info: bool) -> dict[str, Any]:
    children: dict[str, list[Any]] = {}
    for inner in symbol.children:
        deeper = {"children": _described(inner, info=False)["children"]} if inner.children else {}
        children.setdefault(_NAMES[inner.kind], []).append({"name": inner.name, "body_location": _location(inner), **deeper})
    said = "\n---\n".join(part for part in (symbol.signature, symbol.docstring) if part)
    return {
        "name_path": symbol.name_path, "kind": _NAMES[symbol.kind], "relative_path": symbol.file, "body_location": _location(symbol),
        **({"children": children} if children else {}), **({"body": symbol.body} if symbol.body is not None else {}),
        **({"info": said} if info and said else {}),
    }  # fmt: skip


def find_referencing_symbols(asked: Referencing, desk: Desk) -> Answer:
    """The symbols that use a symbol, with a few lines around each use, by file and kind."""
    inside(desk.project, asked.relative_path)
    kinds = _kinds(asked.include_kinds, asked.exclude_kinds)
    found = references(desk.project, asked.name_path, asked.relative_path, told=desk.heard)
    files: dict[str, dict[str, list[Any]]] = {}
    known: dict[str, dict[str, Symbol]] = {}
    for one in found.references:
        if one.file not in known:
            known[one.file] = {symbol.name_path: symbol for symbol in _all(overview(desk.project, one.file, depth=20).symbols)}
        around = known[one.file].get(one.within)
        kind = around.kind if around is not None else Kind.MODULE
        if kinds is not None and kind not in kinds:
            continue
        lines = _lines(desk, one.file)
        shown = _marked(lines, one.place.line - 1, one.place.line - 1, 1, 1)
        place = {} if around is None else {"body_location": _location(around)}
        files.setdefault(one.file, {}).setdefault(_NAMES[kind] if around is not None else "File", []).append(
            {"name_path": one.within or one.file, **place, "content_around_reference": shown, "certainty": str(one.sure)}
        )
    return _said(files, asked.max_answer_chars)


def search_for_pattern(asked: Pattern, desk: Desk) -> Answer:
    """Lines that a regular expression fits, by file."""
    pattern = f"(?s){asked.substring_pattern}" if asked.multiline else asked.substring_pattern
    glob = ",".join([asked.paths_include_glob or "**", *([f"!{asked.paths_exclude_glob}"] if asked.paths_exclude_glob else [])])
    found = search(desk.project, pattern, within=asked.relative_path or None, glob=glob)
    files: dict[str, list[str]] = {}
    for one in found.matches:
        if asked.restrict_search_to_code_files and language_of(one.file) is None:
            continue
        last = one.line - 1 + one.text.count("\n")
        before, after = max(0, asked.context_lines_before), max(0, asked.context_lines_after)
        files.setdefault(one.file, []).append(_marked(_lines(desk, one.file), one.line - 1, last, before, after))
    return _said(files, asked.max_answer_chars)


def insert_after_symbol(asked: Edit, desk: Desk) -> Answer:
    """Put text behind a symbol."""
    inside(desk.project, asked.relative_path)
    edit.insert_after(desk.project, asked.name_path, asked.relative_path, asked.body)
    return _OK


def insert_before_symbol(asked: Edit, desk: Desk) -> Answer:
    """Put text in front of a symbol."""
    inside(desk.project, asked.relative_path)
    edit.insert_before(desk.project, asked.name_path, asked.relative_path, asked.body)
    return _OK


def replace_symbol_body(asked: Edit, desk: Desk) -> Answer:
    """Put a new definition in a symbol's place."""
    inside(desk.project, asked.relative_path)
    edit.replace_body(desk.project, asked.name_path, asked.relative_path, asked.body)
    return _OK


_OK = Answer("OK", {"result": "OK"})


def _said(value: Any, most: int) -> Answer:
    said = json.dumps(value, ensure_ascii=False)
    if len(said) > (allowed := most if most >= 0 else LONGEST_ANSWER):
        said = f"The answer is too long ({len(said)} characters; at most {allowed}): ask for less, by a file, a folder or a narrower name."
    return Answer(said, {"result": said})


def _location(symbol: Symbol) -> dict[str, int]:
    return {"start_line": symbol.place.line - 1, "end_line": symbol.place.end_line - 1}


def _all(symbols: Iterable[Symbol]) -> Iterable[Symbol]:
    for symbol in symbols:
        yield symbol
        yield from _all(symbol.children)


def _kinds(included: Sequence[int], excluded: Sequence[int]) -> list[Kind] | None:
    """The kinds that are wanted; None for all."""
    if not included and not excluded:
        return None
    wanted = {_NUMBERS[number] for number in included if number in _NUMBERS} if included else set(Kind)
    return sorted(wanted - {_NUMBERS[number] for number in excluded if number in _NUMBERS})


def _lines(desk: Desk, file: str) -> list[str]:
    found = text.read(desk.project / file)
    return found.text.splitlines() if isinstance(found, text.Text) else []


def _marked(lines: list[str], first: int, last: int, before: int, after: int) -> str:
    """Lines with their numbers, from 0; those that matter carry an arrow."""
    shown = range(max(0, first - before), min(len(lines), last + 1 + after))
    return "\n".join(f"{'  >' if first <= number <= last else '...'}{number:>4}:{lines[number]}" for number in shown)


TOOLS = (
    Tool(
        name="get_symbols_overview", input=Overview, run=get_symbols_overview, reads=True,
        description="The symbols that a file defines, by kind. Look here first in a file that you do not know.",
    ),
    Tool(
        name="find_symbol", input=Find, run=find_symbol, reads=True, apart=True, deadline=300,
        description="Symbols whose name path fits a pattern, with their places and, if wanted, their text and inner symbols.",
    ),
    Tool(
        name="find_referencing_symbols", input=Referencing, run=find_referencing_symbols, reads=True, apart=True, deadline=300,
        description="The symbols that use a symbol, with the lines around each use.",
    ),
    Tool(
        name="search_for_pattern", input=Pattern, run=search_for_pattern, reads=True,
        description="Lines that a regular expression fits, by file, with lines around them if wanted.",
    ),
    Tool(
        name="insert_after_symbol", input=Edit, run=insert_after_symbol,
        description="Puts text behind the definition of a symbol. What would break the file's syntax is refused.",
    ),
    Tool(
        name="insert_before_symbol", input=Edit, run=insert_before_symbol,
        description="Puts text in front of the definition of a symbol. What would break the file's syntax is refused.",
    ),
    Tool(
        name="replace_symbol_body", input=Edit, run=replace_symbol_body,
        description="Puts a new definition, signature included, in a symbol's place. What would break the file's syntax is refused.",
    ),
)  # fmt: skip
