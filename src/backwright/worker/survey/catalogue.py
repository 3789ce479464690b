"""What each library is: ``catalogue.toml`` as values, and the ways to look one up."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

SEPARATORS = {"node": "/", "python": ".", "jvm": ".", "go": "/", "dotnet": ".", "ruby": "::", "php": "\\"}
"""What stands between the parts of an imported name."""


@dataclass(frozen=True, slots=True)
class Library:
    """One library in one of its kinds."""

    ecosystem: str
    kind: str
    package: str
    name: str
    imports: tuple[str, ...]
    system: str
    seen: bool
    """Listed only where code uses it."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All libraries, by package and by import; systems by scheme and image."""

    by_package: dict[tuple[str, str], tuple[Library, ...]]
    stars: tuple[Library, ...]
    by_import: dict[tuple[str, str], tuple[tuple[str, Library], ...]]
    kinds: dict[str, str]
    """System → ``database``, ``broker`` or ``external``."""
    schemes: dict[str, str]
    images: dict[str, str]

    def declared(self, ecosystem: str, package: str) -> tuple[Library, ...]:
        """What a package is, in every kind."""
        exact = self.by_package.get((ecosystem, package), ())
        return exact or tuple(one for one in self.stars if one.ecosystem == ecosystem and fnmatchcase(package, one.package))

    def imported(self, ecosystem: str, name: str) -> Iterator[Library]:
        """The libraries that an imported name belongs to."""
        separator = SEPARATORS[ecosystem]
        for prefix, library in self.by_import.get((ecosystem, _first(name, separator)), ()):
            if name == prefix or name.startswith(prefix + separator):
                yield library

    def system_kind(self, system: str) -> str:
        """``database``, ``broker`` or ``external``."""
        return self.kinds.get(system, "external")


@cache
def catalogue() -> Catalogue:
    """The catalogue, read once."""
    data = tomllib.loads((files("backwright.worker.survey") / "catalogue.toml").read_text(encoding="utf-8"))
    systems: dict[str, dict[str, Any]] = data.pop("systems")
    libraries = [
        _library(ecosystem, kind, package, entry)
        for ecosystem, kinds in data.items()
        for kind, packages in kinds.items()
        for package, entry in packages.items()
    ]
    by_package: dict[tuple[str, str], list[Library]] = defaultdict(list)
    by_import: dict[tuple[str, str], list[tuple[str, Library]]] = defaultdict(list)
    for one in libraries:
        by_package[one.ecosystem, one.package].append(one)
        for prefix in one.imports:
            by_import[one.ecosystem, _first(prefix, SEPARATORS[one.ecosystem])].append((prefix, one))
    return Catalogue(
        {key: tuple(found) for key, found in by_package.items()},
        tuple(one for one in libraries if "*" in one.package),
        {key: tuple(found) for key, found in by_import.items()},
        {system: kind for kind, listed in systems.items() for system in listed},
        {scheme: system for listed in systems.values() for system, said in listed.items() for scheme in said["schemes"]},
        {image: system for listed in systems.values() for system, said in listed.items() for image in said["images"]},
    )


def _library(ecosystem: str, kind: str, package: str, entry: str | dict[str, Any]) -> Library:
    said: dict[str, Any] = {"name": entry} if isinstance(entry, str) else entry
    own = package.replace("-", "_") if ecosystem == "python" else package
    return Library(
        ecosystem, kind, package, said["name"], tuple(said.get("imports", (own,))), said.get("system", ""), said.get("seen", False)
    )


def _first(name: str, separator: str) -> str:
    return name.partition(separator)[0]
