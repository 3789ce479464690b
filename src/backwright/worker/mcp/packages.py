"""Documentation of the packages installed beside a project: metadata, read-me files and docstrings. Nothing is imported or run."""

import ast
import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from backwright.worker import journal

MOST_FILES, MOST_SECTIONS, LARGEST_FILE = 400, 4_000, 1_000_000
_SITE = (".venv/lib/python*/site-packages", "venv/lib/python*/site-packages", ".venv/Lib/site-packages", "venv/Lib/site-packages")
_README = re.compile(r"readme(\.(md|rst|txt))?", re.IGNORECASE)
_HEADING = re.compile(r"^(?=#{1,4} )", re.MULTILINE)
_NOT_PUBLIC = re.compile(r"(^|/)(_(?!_init__)|tests?/|test_|conftest|docs?/|examples?/|benchmarks?/)")


@dataclass(frozen=True, slots=True)
class Library:
    """One installed package."""

    id: str
    """``/pypi/NAME`` or ``/npm/NAME``."""
    name: str
    version: str
    summary: str


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a library's documentation: its title, its text, and the file that it stands in."""

    title: str
    text: str
    file: str
    code: bool
    """It documents a module, class or function."""


def libraries(project: Path) -> list[Library]:
    """Every package installed for the project, or for the interpreter that runs this, sorted by id; the project's own come first."""
    found: dict[str, Library] = {}
    for installed in _distributions(project):
        name = str(installed.metadata["Name"] or "")
        if name:
            summary = str(installed.metadata["Summary"] or "")
            found.setdefault(_key(f"/pypi/{name}"), Library(f"/pypi/{name}", name, installed.version, summary))
    for folder in _node_modules(project):
        if described := _package_json(folder):
            name = str(described.get("name") or folder.name)
            library = Library(f"/npm/{name}", name, str(described.get("version", "")), str(described.get("description", "")))
            found.setdefault(_key(library.id), library)
    return sorted(found.values(), key=lambda one: one.id.casefold())


def matching(listed: Iterable[Library], name: str, most: int = 10) -> list[Library]:
    """The libraries whose names fit best: the same name, then one that begins so, then one that holds it, then a summary that does."""
    wanted = _key(name)
    ranked: list[tuple[int, str, Library]] = []
    for one in listed:
        plain = _key(one.name)
        rank = (
            0 if plain == wanted else 1 if plain.startswith(wanted) else 2 if wanted in plain
            else 3 if len(name) > 2 and name.casefold() in one.summary.casefold() else None
        )  # fmt: skip
        if wanted and rank is not None:
            ranked.append((rank, one.id, one))
    return [one for _, _, one in sorted(ranked)[:most]]


def sections(project: Path, library: Library) -> list[Section]:
    """The library's documentation: its read-me by headings, then its public modules, classes and functions, in the order of its files."""
    source = _npm(project, library) if library.id.startswith("/npm/") else _pypi(project, library)
    found: list[Section] = []
    for section in source:
        found.append(section)
        if len(found) >= MOST_SECTIONS:
            break
    return found


def about(found: list[Section], topic: str) -> list[Section]:
    """Those that speak of the topic, the best first; all of them, as they stand, for no topic."""
    words = [word for word in re.findall(r"\w+", topic.casefold()) if len(word) > 1]
    if not words:
        return found
    scored = [(_score(section, words), -number, section) for number, section in enumerate(found)]
    return [section for score, _, section in sorted(scored, key=lambda one: (-one[0], -one[1])) if score]


def _score(section: Section, words: list[str]) -> float:
    title, text = section.title.casefold(), section.text.casefold()
    return sum(8.0 * (word in title) + min(text.count(word), 5) for word in words)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9@/]+", "", name.casefold())


def _distributions(project: Path) -> Generator[Distribution]:
    for pattern in _SITE:
        for site in sorted(project.glob(pattern)):
            yield from distributions(path=[str(site)])
    yield from distributions()


def _node_modules(project: Path) -> Generator[Path]:
    modules = project / "node_modules"
    for folder in sorted(modules.iterdir()) if modules.is_dir() else []:
        if folder.name.startswith("@") and folder.is_dir():
            yield from sorted(inner for inner in folder.iterdir() if inner.is_dir())
        elif not folder.name.startswith(".") and folder.is_dir():
            yield folder


def _package_json(folder: Path) -> dict[str, object]:
    return journal.mapping(_text(folder / "package.json")) or {}


def _npm(project: Path, library: Library) -> Generator[Section]:
    for folder in _node_modules(project):
        if str(_package_json(folder).get("name") or folder.name) != library.name:
            continue
        for file in sorted(folder.iterdir()):
            if _README.fullmatch(file.name):
                yield from _chapters(_text(file), f"node_modules/{library.name}/{file.name}")
        return


def _pypi(project: Path, library: Library) -> Generator[Section]:
    installed = next((one for one in _distributions(project) if one.metadata["Name"] == library.name), None)
    if installed is None:
        return
    yield from _chapters((installed.read_text("METADATA") or "").partition("\n\n")[2], "README")
    listed = [str(file) for file in installed.files or () if str(file).endswith((".py", ".pyi")) and ".." not in file.parts]
    public = [file for file in listed if not _NOT_PUBLIC.search(file)]
    for file in sorted(public, key=lambda name: (name.count("/"), name))[:MOST_FILES]:
        yield from _documented(file, _text(Path(str(installed.locate_file(file)))))


def _chapters(text: str, file: str) -> Generator[Section]:
    for part in _HEADING.split(text):
        if part.strip():
            title = part.strip().partition("\n")[0].lstrip("# ").strip()
            yield Section(title[:120], part.strip(), file, code=False)


def _documented(file: str, text: str) -> Generator[Section]:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    name = re.sub(r"(/__init__)?\.pyi?$", "", file).replace("/", ".")
    if doc := ast.get_docstring(module):
        yield Section(name, doc, file, code=True)
    for node in module.body:
        yield from _definition(node, name, file)


def _definition(node: ast.stmt, within: str, file: str) -> Generator[Section]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
        return
    doc, name = ast.get_docstring(node) or "", f"{within}.{node.name}"
    yield Section(name, f"```python\n{_head(node)}\n```\n\n{doc}".rstrip(), f"{file}:{node.lineno}", code=True)
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _definition(inner, name, file)


def _head(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, [*node.bases, *(k.value for k in node.keywords)]))
        return f"class {node.name}({bases})" if bases else f"class {node.name}"
    result = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    return f"{'async ' if isinstance(node, ast.AsyncFunctionDef) else ''}def {node.name}({ast.unparse(node.args)}){result}"


def _text(file: Path) -> str:
    try:
        return file.read_bytes()[:LARGEST_FILE].decode("utf-8", "replace") if file.stat().st_size <= LARGEST_FILE else ""
    except OSError:
        return ""
