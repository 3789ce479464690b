"""Go: ``go.mod`` (``require``, ``replace``) and ``go.work``. Its versions are exact: minimal version selection chooses them."""

import re

from backwright.worker.survey.manifests.package import MAIN, Declared, Dependency
from backwright.worker.survey.manifests.reading import Manifests, base, folder
from backwright.worker.survey.repository import Evidence

NAMES = ("go.mod", "go.work")
_REQUIRE = re.compile(r"^(?:require\s+)?([^\s()]+\.[^\s()]+/?[^\s()]*)\s+(v\d[^\s]*)$")
_REPLACE = re.compile(r"^(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\S+)(?:\s+(v\S+))?$")


def read(manifests: Manifests) -> list[Declared]:
    """The modules. What is needed only by others (``// indirect``) is no dependency of theirs."""
    return [package for path in manifests.named("go.mod") if (package := _module(manifests, path)) is not None]


def _module(manifests: Manifests, path: str) -> Declared | None:
    text = manifests.text(path)
    if text is None:
        return None
    name, block = "", ""
    required: dict[str, Dependency] = {}
    replaced: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare, _, comment = line.partition("//")
        bare = bare.strip()
        if bare.startswith("module "):
            name = bare.removeprefix("module ").strip().strip('"')
        elif opened := re.match(r"(\w+)\s*\($", bare):
            block = opened[1]
        elif bare == ")":
            block = ""
        elif (block == "replace" or bare.startswith("replace ")) and (match := _REPLACE.match(bare)):
            replaced[match[1]] = match[3] or match[2]
        elif (block == "require" or bare.startswith("require ")) and (match := _REQUIRE.match(bare)) and comment.strip() != "indirect":
            required[match[1]] = Dependency(match[1], match[2], MAIN, Evidence(path, number, line.strip()), match[2])
    if not name:
        manifests.wrong(path, "has no module line")
        return None
    dependencies = tuple(
        Dependency(d.package, d.range, d.scope, d.at, replaced.get(d.package, d.version)) if d.package in replaced else d
        for d in required.values()
    )
    workspace = {"workspace"} if f"{folder(path)}/go.work".strip("/") in manifests.known else set[str]()
    return Declared(
        ecosystem="go", folder=folder(path), name=name or base(folder(path)), manager="Go modules", manifest=path,
        dependencies=dependencies, marks=frozenset(workspace),
    )  # fmt: skip
