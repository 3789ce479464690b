"""What a survey knows about a repository, in any language: pure values. docs/survey.md describes them as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field

KIT = "Backwright"
"""The name of our own framework."""


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """Where something is said: the file, its line (from 1; 0 for the file as a whole) and the words, without secrets."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that could not be read as it should: where, and what is wrong. The rest was surveyed all the same."""

    file: str
    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language with the files and lines that people wrote in it."""

    name: str
    files: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Technology:
    """A library or system. Declared and used are different things: either may be without the other."""

    kind: str
    """``framework``, ``driver``, ``database``, ``orm``, ``migrations``, ``queue``, ``jobs``, ``cache``, ``auth``, ``validation``,
    ``tests``, ``api``, ``cqrs``, ``external``."""
    name: str
    package: str = ""
    """What its package manager calls it; nothing for a system or for what is seen in code only."""
    version: str = ""
    """The exact version, where a lock file or the declaration gives one."""
    range: str = ""
    """The version as declared."""
    declared: tuple[Evidence, ...] = ()
    used: tuple[Evidence, ...] = ()
    """The first places in the code, tests and examples left out."""
    development: bool = False
    """Declared for development only."""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """Where a program begins."""

    what: str
    """For people, e.g. ``FastAPI app`` or ``main``."""
    at: Evidence


@dataclass(frozen=True, slots=True)
class Command:
    """A command that starts a service. ``derived`` when no file states it and it follows from the framework's conventions."""

    text: str
    at: Evidence
    derived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program of the repository that answers requests or works through jobs."""

    name: str
    folder: str
    """Relative to the root, ``.`` for the root itself."""
    kind: str
    """``web`` or ``worker``."""
    ecosystem: str
    frameworks: tuple[Technology, ...]
    technologies: tuple[Technology, ...]
    entry_points: tuple[EntryPoint, ...]
    commands: tuple[Command, ...]
    """What the repository itself says comes first."""


@dataclass(frozen=True, slots=True)
class Package:
    """A folder with a manifest. ``role`` is ``service``, ``library``, or ``aside`` for tests, examples and documentation."""

    name: str
    folder: str
    ecosystem: str
    manager: str
    manifest: str
    role: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A file or folder with a purpose: a document, a container file, a CI system, a folder of migrations."""

    kind: str
    name: str
    path: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """An architectural pattern with the first places that show it and the number of all."""

    name: str
    count: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A service or something outside of the code. ``kind``: ``service``, ``database``, ``broker``, ``external``, ``container``."""

    id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` needs ``target`` (ids of nodes), and what says so."""

    source: str
    target: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Who needs whom."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Everything a survey found. An empty tuple means that none was found."""

    name: str
    files: int = 0
    languages: tuple[Language, ...] = ()
    package_managers: tuple[Thing, ...] = ()
    packages: tuple[Package, ...] = ()
    services: tuple[Service, ...] = ()
    libraries: tuple[Technology, ...] = ()
    """What packages that are no service declare or use."""
    migrations: tuple[Thing, ...] = ()
    documents: tuple[Thing, ...] = ()
    containers: tuple[Thing, ...] = ()
    ci: tuple[Thing, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    graph: Graph = Graph()
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    examples_left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    findings: tuple[Finding, ...] = ()

    @property
    def technologies(self) -> tuple[Technology, ...]:
        """Everything the services and the other packages declare or use, each once."""
        found = {(t.kind, t.name): t for s in self.services for t in (*s.frameworks, *s.technologies)}
        return (*found.values(), *(t for t in self.libraries if (t.kind, t.name) not in found))

    @property
    def frameworks(self) -> tuple[Technology, ...]:
        """The web frameworks that a service runs on, each once."""
        return tuple({t.name: t for service in self.services for t in service.frameworks}.values())

    @property
    def kit(self) -> bool:
        """Whether a service runs on our own kit."""
        return any(t.name == KIT for t in self.frameworks)

    @property
    def others(self) -> tuple[Technology, ...]:
        """The frameworks that are not our own."""
        return tuple(t for t in self.frameworks if t.name != KIT)
