"""What a repository serves, and the pieces of it that one file shows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backwright.worker.symbols.imports import Import
from backwright.worker.symbols.symbol import Finding
from backwright.worker.symbols.syntax import HOLE

ANY = "ANY"
"""The method of a route that answers every method, or whose methods are decided in code."""
DEFAULT = "default"
"""The name of what a file exports as a whole, or of the router that it is given as a parameter."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation that is served."""

    method: str
    path: str
    """With ``{name}`` for parameters and ``…`` for what is not literal."""
    handler: str
    """The name path of the function where it stands in the same file, else as written; ``(inline)`` for one without a name."""
    file: str
    line: int
    framework: str
    complete: bool
    """False where a part of the path is not literal, or the router is mounted nowhere that can be seen."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Everything that is served, as far as it is literal."""

    routes: tuple[Route, ...]
    files: int
    findings: tuple[Finding, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A route as its file says it: below a router of that file."""

    router: str
    method: str
    path: str
    handler: str
    line: int


@dataclass(frozen=True, slots=True)
class Mount:
    """A router below another one: ``child`` is a name of the file, ``name.name`` of an import, or ``@source`` for a module as written."""

    parent: str
    child: str
    prefix: str


@dataclass(slots=True)
class Sheet:
    """What one file says about routes."""

    file: str
    framework: str
    prefixes: dict[str, str] = field(default_factory=dict[str, str])
    """Routers by name → their own prefix."""
    roots: set[str] = field(default_factory=set[str])
    """Those that are apps: nothing needs to mount them."""
    entries: list[Entry] = field(default_factory=list[Entry])
    mounts: list[Mount] = field(default_factory=list[Mount])
    imports: list[Import] = field(default_factory=list[Import])
    exports: dict[str, str] = field(default_factory=dict[str, str])
    """Exported name → name in the file."""
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Views of a file that other files route to → the methods they answer."""

    spoken: dict[str, tuple[Entry, ...]] = field(default_factory=dict[str, tuple[Entry, ...]])
    """Interfaces → the routes that they say for the classes behind them."""
    behind: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Routers that are classes → the interfaces that they implement."""
    lines: dict[str, int] = field(default_factory=dict[str, int])
    """Name paths of those classes and their methods → lines."""

    @property
    def empty(self) -> bool:
        """Nothing in it is about routes."""
        return not (self.entries or self.mounts or self.classes or self.spoken or (self.prefixes and self.framework))


def joined(*parts: str) -> str:
    """The parts as one path: one slash between them, one in front; a slash at the end stays."""
    kept = [part for part in parts if part]
    path = "/" + "/".join(part.strip("/") for part in kept if part.strip("/"))
    return path + "/" if kept and kept[-1].endswith("/") and len(path) > 1 else path


def complete(path: str) -> bool:
    """Whether all of the path is literal."""
    return HOLE not in path
