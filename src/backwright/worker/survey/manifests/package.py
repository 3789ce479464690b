"""What a manifest says, whatever its format: a package with its dependencies and scripts. Pure."""

from dataclasses import dataclass, replace

from backwright.worker.survey.repository import Evidence

MAIN, DEVELOPMENT, PEER = "main", "development", "peer"

PROJECT = "part of a package"
"""The mark of one of several projects in a package: its scripts are whole commands, to be run where the package is."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A library that a package asks for."""

    package: str
    range: str
    scope: str
    """`MAIN`, `DEVELOPMENT` (tests, tools) or `PEER` (whoever installs the package brings it)."""
    at: Evidence
    version: str = ""
    """Exact, from a lock file or a pin."""


@dataclass(frozen=True, slots=True)
class Script:
    """A command with a name: ``start``, ``web``."""

    name: str
    command: str
    at: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A package as its manifests declare it. ``folder`` is empty for the root, else without a slash at its end."""

    ecosystem: str
    folder: str
    name: str
    manager: str
    manifest: str
    dependencies: tuple[Dependency, ...] = ()
    scripts: tuple[Script, ...] = ()
    marks: frozenset[str] = frozenset()
    """What else it says of itself: ``web`` (made to serve), ``worker``, ``workspace`` (has members), ``tests``."""


def joined(first: Declared, second: Declared) -> Declared:
    """Two manifests of one folder as one package; what the first says of a dependency stands."""
    known = {(d.package, d.scope) for d in first.dependencies}
    more = tuple(d for d in second.dependencies if (d.package, d.scope) not in known)
    return replace(
        first,
        dependencies=first.dependencies + more,
        scripts=first.scripts + second.scripts,
        marks=first.marks | second.marks,
        manager=first.manager if first.manager != "pip" else second.manager,
    )
