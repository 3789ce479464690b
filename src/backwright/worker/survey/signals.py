"""What the sources of a repository say, folder by folder: a few places for each thing, so that memory does not grow with the code."""

from collections import Counter
from dataclasses import dataclass, field

from backwright.worker.survey.catalogue import Library, catalogue
from backwright.worker.survey.code import ECOSYSTEMS, bare, beginnings, begins, imported, patterns
from backwright.worker.survey.connections import Connection, connections, may_connect
from backwright.worker.survey.places import ASIDE, MAIN, TEST
from backwright.worker.survey.repository import Evidence

KEPT = 2
"""Places kept for each thing in each folder."""
MOST = 20_000
"""Beginnings and connections kept in all."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a program begins, in which folder."""

    folder: str
    ecosystem: str
    what: str
    kind: str
    framework: str
    name: str
    at: Evidence
    listens: bool = True


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection that a file of a folder names."""

    folder: str
    connection: Connection
    at: Evidence


@dataclass(slots=True)
class Signals:
    """Everything gathered. Folders are paths without a slash at the end, empty for the root."""

    files: Counter[str] = field(default_factory=Counter[str])
    lines: Counter[str] = field(default_factory=Counter[str])
    uses: dict[tuple[str, Library], list[Evidence]] = field(default_factory=dict[tuple[str, Library], list[Evidence]])
    begun: list[Begun] = field(default_factory=list[Begun])
    connected: dict[tuple[str, str, str], Connected] = field(default_factory=dict[tuple[str, str, str], Connected])
    patterns: dict[tuple[str, str], list[Evidence]] = field(default_factory=dict[tuple[str, str], list[Evidence]])
    pattern_counts: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    go_imports: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    folders: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Ecosystem → folders that hold source of it, tests and examples left out."""

    def source(self, path: str, text: str, language: str, role: str) -> None:
        """Take in one source file."""
        self.files[language] += 1
        self.lines[language] += text.count("\n") + (not text.endswith("\n") and bool(text))
        ecosystem = ECOSYSTEMS.get(language)
        if ecosystem is None or role == ASIDE or language == "Groovy" or path.endswith(".d.ts"):
            return
        folder = path.rpartition("/")[0]
        look = _Look(self, path, folder, text, ecosystem)
        look.imports(tests=role == TEST)
        if role == MAIN:
            self.folders.setdefault(ecosystem, set()).add(folder)
            look.beginnings()
            look.patterns()
            if may_connect(text):
                self.connections(path, look.bare)

    def connections(self, path: str, text: str, *, comments: str = "#;!/") -> None:
        """Take in what a file says of systems outside."""
        folder = path.rpartition("/")[0]
        for one in connections(text, comments=comments):
            key = (folder, one.system, one.host if not one.system else "")
            if len(self.connected) < MOST:
                self.connected.setdefault(key, Connected(folder, one, Evidence(path, _line(text, one.offset), one.text)))


class _Look:
    """One file, made bare when first something in it may count."""

    def __init__(self, signals: Signals, path: str, folder: str, text: str, ecosystem: str) -> None:
        self.signals, self.path, self.folder, self.text, self.ecosystem = signals, path, folder, text, ecosystem
        self._bare: str | None = None

    @property
    def bare(self) -> str:
        if self._bare is None:
            self._bare = bare(self.text, self.ecosystem)
        return self._bare

    def imports(self, *, tests: bool) -> None:
        known = catalogue()
        if self.ecosystem == "go":
            self._go()
        if not any(
            self._wanted(library, tests)
            for name, _ in imported(self.text, self.ecosystem)
            for library in known.imported(self.ecosystem, name)
        ):
            return
        for name, offset in imported(self.bare, self.ecosystem):
            for library in known.imported(self.ecosystem, name):
                if self._wanted(library, tests):
                    places = self.signals.uses.setdefault((self.folder, library), [])
                    place = self._at(offset)
                    if not any(place.file == other.file for other in places):
                        places.append(place)

    def beginnings(self) -> None:
        if len(self.signals.begun) < MOST and begins(self.text, self.ecosystem):
            for one in beginnings(self.bare, self.ecosystem):
                at = self._at(one.offset)
                self.signals.begun.append(Begun(self.folder, self.ecosystem, one.what, one.kind, one.framework, one.name, at, one.listens))

    def patterns(self) -> None:
        if any(True for _ in patterns(self.text, self.folder)):
            for name, offset in patterns(self.bare, self.folder):
                self.signals.pattern_counts[self.folder, name] += 1
                places = self.signals.patterns.setdefault((self.folder, name), [])
                if len(places) < KEPT:
                    places.append(self._at(offset))

    def _wanted(self, library: Library, tests: bool) -> bool:
        """Whether the place would be kept: in tests only what tests with, and few of each."""
        return (not tests or library.kind == "tests") and len(self.signals.uses.get((self.folder, library), ())) < KEPT

    def _go(self) -> None:
        names = {name for name, _ in imported(self.text, "go") if "." in name.partition("/")[0]}
        self.signals.go_imports.setdefault(self.folder, set()).update(names)

    def _at(self, offset: int) -> Evidence:
        line = _line(self.text, offset)
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        return Evidence(self.path, line, self.text[start : end if end >= 0 else len(self.text)].strip()[:200])


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
