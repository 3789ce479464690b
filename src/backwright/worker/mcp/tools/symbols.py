"""The tools of symbols: what a repository defines and uses, and edits of one symbol of a session's copy."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec

from backwright.worker.mcp.copies import inside
from backwright.worker.mcp.seat import InSession, PerhapsInSession, view, working
from backwright.worker.mcp.tool import Answer, Desk, Text, Tool, Word
from backwright.worker.symbols import edit
from backwright.worker.symbols.find import find, overview
from backwright.worker.symbols.references import references
from backwright.worker.symbols.search import search
from backwright.worker.symbols.symbol import Kind, Symbol, plain

_File = Annotated[Word, msgspec.Meta(description="The file, relative to the project's root")]
_Within = Annotated[str, msgspec.Meta(max_length=4_000, description="Only this file or folder")]
_NamePath = Annotated[
    Word, msgspec.Meta(description="Class/method; /Class/method from the top of the file; method[1] is the second of that name")
]
_Limit = Annotated[int, msgspec.Meta(ge=1, le=2_000, description="At most so many")]


class Overview(PerhapsInSession):
    path: _File
    depth: Annotated[int, msgspec.Meta(ge=0, le=10, description="How many levels of inner symbols")] = 0


class Find(PerhapsInSession):
    name_path: _NamePath
    within: _Within = ""
    body: Annotated[bool, msgspec.Meta(description="With the text of the definition")] = False
    kinds: Annotated[list[Kind], msgspec.Meta(description="Only these kinds; all for none")] = []
    substring: Annotated[bool, msgspec.Meta(description="The last name need only contain the text")] = False
    limit: _Limit = 200


class References(PerhapsInSession):
    name_path: _NamePath
    path: _File
    within: _Within = ""
    limit: _Limit = 500


class Search(PerhapsInSession):
    pattern: Annotated[Word, msgspec.Meta(description="A regular expression; ^ and $ are ends of lines")]
    within: _Within = ""
    glob: Annotated[str, msgspec.Meta(max_length=1_000, description="Files: **/*.py,!**/test_*")] = ""
    context: Annotated[int, msgspec.Meta(ge=0, le=50, description="Lines around each match")] = 0
    limit: _Limit = 500


class Edit(InSession):
    path: _File
    name_path: _NamePath
    text: Annotated[Text, msgspec.Meta(description="The new text")]


def overview_(asked: Overview, desk: Desk) -> Answer:
    """The symbols of a file."""
    root = view(desk, asked.session)
    inside(root, asked.path)
    found = overview(root, asked.path, depth=asked.depth, docs=True)
    return Answer("\n".join(line for symbol in found.symbols for line in lines(symbol)) or "no symbols", plain(found))


def find_(asked: Find, desk: Desk) -> Answer:
    """Symbols by name path."""
    found = find(
        view(desk, asked.session), asked.name_path, within=asked.within or None, body=asked.body, docs=True, kinds=asked.kinds or None,
        substring=asked.substring, limit=asked.limit, told=desk.heard,
    )  # fmt: skip
    said = [line for symbol in found.symbols for line in lines(symbol)]
    return Answer("\n".join([*said, f"{len(found.symbols)} symbols in {found.files} files"]), plain(found))


def references_(asked: References, desk: Desk) -> Answer:
    """Where a symbol is used."""
    root = view(desk, asked.session)
    inside(root, asked.path)
    found = references(root, asked.name_path, asked.path, within=asked.within or None, limit=asked.limit, told=desk.heard)
    said = [f"{one.file}:{one.place.line}  {one.sure}  {one.within or '-'}  {one.text}" for one in found.references]
    return Answer("\n".join([*said, f"{len(found.references)} references in {found.files} files"]), plain(found))


def search_(asked: Search, desk: Desk) -> Answer:
    """Text that a regular expression fits."""
    found = search(
        view(desk, asked.session), asked.pattern, within=asked.within or None, context=asked.context, glob=asked.glob or None,
        limit=asked.limit,
    )  # fmt: skip
    said = [f"{one.file}:{one.line}:{one.column}  {one.text}" for one in found.matches]
    return Answer("\n".join([*said, f"{len(found.matches)} matches in {found.files} files"]), plain(found))


def lines(symbol: Symbol, indent: str = "") -> list[str]:
    """A symbol and what is inside it, one line each."""
    own = f"{indent}{symbol.file}:{symbol.place.line}-{symbol.place.end_line}  {symbol.kind}  {symbol.signature or symbol.name_path}"
    body = [symbol.body] if symbol.body else []
    return [own, *body, *(line for inner in symbol.children for line in lines(inner, indent + "  "))]


def _edit(act: Callable[[Path, str, str, str], edit.Edited]) -> Callable[[Edit, Desk], Answer]:
    def run(asked: Edit, desk: Desk) -> Answer:
        """Edit one symbol of the copy."""
        with working(desk, asked.session) as found:
            inside(found.copy.folder, asked.path)
            done = act(found.copy.folder, asked.name_path, asked.path, asked.text)
            if done.changed:
                found.log.log_event("symbol_edited", {"file": done.file, "symbol": done.name_path})
        said = "is written" if done.changed else "was like this already"
        return Answer(f"{done.file}:{done.place.line}-{done.place.end_line} {said} in the copy", plain(done))

    return run


_EDITS = "Works on the session's copy. What would break the file's syntax is refused."
TOOLS = (
    Tool(
        name="symbols_overview", input=Overview, run=overview_, reads=True,
        description="The classes, functions and values that a file defines, with lines and signatures: Python, JavaScript, TypeScript, "
        "Java, Kotlin, Go, C#, Ruby and PHP.",
    ),
    Tool(
        name="find_symbol", input=Find, run=find_, reads=True, apart=True, deadline=300,
        description="Where symbols of a name are defined, with their signatures and, if wanted, their text.",
    ),
    Tool(
        name="find_references", input=References, run=references_, reads=True, apart=True, deadline=300,
        description="Where a symbol is used, each place with how sure it is that this one is meant: by syntax and imports, without types.",
    ),
    Tool(
        name="search", input=Search, run=search_, reads=True, description="Lines that a regular expression fits."
    ),
    Tool(name="insert_before", input=Edit, run=_edit(edit.insert_before), description=f"Puts text in front of a symbol. {_EDITS}"),
    Tool(name="insert_after", input=Edit, run=_edit(edit.insert_after), description=f"Puts text behind a symbol. {_EDITS}"),
    Tool(
        name="replace_body", input=Edit, run=_edit(edit.replace_body),
        description=f"Puts a new definition, signature included, in a symbol's place. {_EDITS}",
    ),
)  # fmt: skip
