"""The one door for designs: files, folders and databases of every kind become one checked `Design`.

**How an importer plugs in.** It is a function from the sources of its kind to one `Design`; it raises `BrokenDesign` with every problem.
Add its kind to `Kind`, the endings of its files to `_ENDINGS`, what tells its text from others to `_SIGNS`, and the function, imported
where it is called, to `_reader`. What a design is made of decides how it joins others in `together`: operations are a contract, of which
there is one; tables say how things are stored; context is read by people, and carried along.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backwright.worker.design import Design
from backwright.worker.importers.reading import Unreadable, text_of
from backwright.worker.importers.together import together
from backwright.worker.place import BrokenDesign, Problem

Kind = Literal["openapi", "sql", "database", "graphql", "protobuf", "markdown"]
DEFAULT_FOLDER = Path("docs/project/api-design")
"""Where a project keeps its design, unless it is told otherwise."""
MAX_SOURCES = 200
_ENDINGS: dict[str, Kind] = {
    ".yaml": "openapi", ".yml": "openapi", ".json": "openapi", ".sql": "sql", ".ddl": "sql", ".graphql": "graphql", ".gql": "graphql",
    ".graphqls": "graphql", ".proto": "protobuf", ".md": "markdown", ".markdown": "markdown",
}  # fmt: skip
_SIGNS: tuple[tuple[str, Kind], ...] = (
    (r"[\"']?(openapi|swagger)[\"']?\s*:", "openapi"),
    (r"(?i)\s*CREATE\s+((GLOBAL|LOCAL)\s+)?(TEMP(ORARY)?\s+|UNLOGGED\s+)?TABLE\b", "sql"),
    (r"\s*syntax\s*=\s*[\"']proto", "protobuf"),
    (r"\s*(extend\s+)?(type|interface|input|schema)\b[^:=;]*\{\s*$", "graphql"),
)
_URL = re.compile(r"(postgresql|postgres|sqlite)(\+\w+)?:", re.IGNORECASE)
_KNOWN = (
    "OpenAPI (.yaml, .yml, .json), SQL (.sql), GraphQL (.graphql), protobuf (.proto), postgresql://… and sqlite:///… are read, "
    "folders of such files, and Markdown (.md) beside them"
)


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that a design is read from: a file, or the address of a database."""

    kind: Kind
    name: str
    """How places call it. It never holds a password."""
    path: Path | None = None
    url: str = ""


def import_design(sources: Sequence[str | Path]) -> Design:
    """The design that all sources say together.

    A source is a file, a folder of such files, or the URL of a database that is there already. Raises `BrokenDesign` with every problem
    of every source, and with what they say against each other; warnings alone are kept in ``Design.warnings``.
    """
    problems: list[Problem] = []
    found: list[Source] = []
    for said in dict.fromkeys(map(str, sources)):
        found += _sources(said, problems)
    if not found and not problems:
        problems.append(Problem("design", 0, "", "error", "There is no design.", f"Name one: {_KNOWN}."))
    designs: list[Design] = []
    kinds: list[Kind] = [source.kind for source in found]
    for kind in dict.fromkeys(kinds):
        try:
            designs.append(_reader(kind)([source for source in found if source.kind == kind]))
        except BrokenDesign as broken:
            problems += broken.problems
    if any(problem.severity == "error" for problem in problems):
        raise BrokenDesign(tuple(problems))
    return together(designs)


def address_of(said: str) -> bool:
    """Whether a source is the URL of a database, not a file."""
    return _URL.match(said) is not None


def files_of(sources: Sequence[str | Path]) -> list[Path]:
    """The files that the sources name, those of folders included."""
    return [source.path for said in map(str, sources) for source in _sources(said, []) if source.path is not None]


def _sources(said: str, problems: list[Problem]) -> list[Source]:
    if address_of(said):
        from backwright.worker.importers.database import shown

        return [Source("database", shown(said), url=said)]
    path = Path(said)
    if path.is_dir():
        return _folder(path, problems)
    try:
        kind = _kind(path)
    except Unreadable as error:
        problems.append(Problem(path.name or said, error.line, "", "error", error.what, error.mend))
        return []
    return [Source(kind, path.name, path=path)]


def _kind(path: Path) -> Kind:
    """By the ending, else by what the text looks like."""
    if path.is_file() and (known := _ENDINGS.get(path.suffix.lower())) is not None:
        return known
    text = text_of(path)
    for sign, kind in _SIGNS:
        if re.search(rf"^{sign}" if not sign.startswith("(?i)") else f"(?i)^{sign[4:]}", text[:200_000], re.MULTILINE):
            return kind
    raise Unreadable(1, f"Nothing here tells what kind of design {path.name} is.", f"Give it its usual ending: {_KNOWN}.")


def _folder(folder: Path, problems: list[Problem]) -> list[Source]:
    """The designs in a folder. What designs refer to (a schema in a YAML file of its own) is no design by itself, nor is other YAML."""
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _ENDINGS and p.is_file() and not _hidden(p.relative_to(folder)))
    found: list[Source] = []
    for path in files[: MAX_SOURCES + 1]:
        kind = _ENDINGS[path.suffix.lower()]
        if kind != "openapi" or _is_contract(path):
            found.append(Source(kind, path.relative_to(folder).as_posix(), path=path))
    if len(found) > MAX_SOURCES or len(files) > MAX_SOURCES:
        problems.append(
            Problem(
                folder.name, 0, "", "error", f"The folder holds more than {MAX_SOURCES} files of designs.", "Name those that are meant."
            )
        )
        return []
    if not found:
        problems.append(Problem(str(folder), 0, "", "error", "The folder holds no design.", f"Put one there: {_KNOWN}."))
    return found


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part in ("node_modules", "__pycache__") for part in path.parts)


def _is_contract(path: Path) -> bool:
    """Whether a YAML or JSON file is an OpenAPI document by itself; one that cannot be read is named when it is read."""
    try:
        return re.search(r"^\s*[{]?\s*[\"']?(openapi|swagger)[\"']?\s*:", text_of(path)[:200_000], re.MULTILINE) is not None
    except Unreadable:
        return True


def _reader(kind: Kind) -> Callable[[Sequence[Source]], Design]:
    readers: dict[Kind, Callable[[Sequence[Source]], Design]] = {
        "openapi": _openapi,
        "sql": _sql,
        "database": _database,
        "graphql": _graphql,
        "protobuf": _protobuf,
        "markdown": _markdown,
    }
    return readers[kind]


def _openapi(sources: Sequence[Source]) -> Design:
    from backwright.worker.importers.openapi import import_openapi

    first, *others = [source.path for source in sources if source.path is not None]
    if others:
        what = f"A second OpenAPI document; {first.name} is one already."
        raise BrokenDesign(tuple(Problem(p.name, 1, "", "error", what, "Deliver one contract at a time, or merge them.") for p in others))
    return import_openapi(first)


def _sql(sources: Sequence[Source]) -> Design:
    from backwright.worker.importers.sql.design import import_sql

    return import_sql([(source.path, source.name) for source in sources if source.path is not None])


def _graphql(sources: Sequence[Source]) -> Design:
    from backwright.worker.importers.graphql.design import import_graphql

    return import_graphql([(source.path, source.name) for source in sources if source.path is not None])


def _protobuf(sources: Sequence[Source]) -> Design:
    from backwright.worker.importers.protobuf.design import import_protobuf

    return import_protobuf([(source.path, source.name) for source in sources if source.path is not None])


def _markdown(sources: Sequence[Source]) -> Design:
    from backwright.worker.importers.markdown import import_markdown

    return import_markdown([(source.path, source.name) for source in sources if source.path is not None])


def _database(sources: Sequence[Source]) -> Design:
    from backwright.worker.importers.database import import_database

    first, *others = sources
    if others:
        what = "A second database; one is read already."
        raise BrokenDesign(tuple(Problem(s.name, 0, "", "error", what, "Deliver one database at a time.") for s in others))
    return import_database(first.url)
