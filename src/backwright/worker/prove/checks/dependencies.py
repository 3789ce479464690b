"""code.dependencies: no locked version has a known advisory, by a pinned list in the OSV format (ossf.github.io/osv-schema) on this disk.

Nothing is fetched: what is known is what the list says. Without a list the standard is not asked for, and reads "not measured".
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from backwright.worker.prove import tree
from backwright.worker.prove.checks.source import Breach, judged
from backwright.worker.prove.faults import Edit, NothingToPlant, Plant
from backwright.worker.prove.seal import LOCKS, digest
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_applicable, not_measured

_PINNED = re.compile(r"^\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*(?P<version>[^\s;\\#,]+)")
Locked = tuple[str, str, str, int]
"""Name, version, file, line."""


def dependencies(target: Target) -> Finding:
    """Look every locked version up in the list."""
    if target.advisories is None:
        return not_measured("no list of advisories was given: --advisories FILE|DIR, in the OSV format")
    known, names = _advisories(target.advisories)
    if not known:
        return not_measured(f"no advisory about a Python package can be read from {target.advisories.name}")
    locks = tree.chosen(tree.files(target.dir), [name for name in LOCKS if name != "pyproject.toml"])
    locked = [entry for name in locks for entry in _locked(target.dir / name, name)]
    if not locked:
        return not_applicable("no lock file names a version: there is nothing to look up")
    breaches = [
        Breach(file, line, f"{name} {version} has {one['id']}{_summary(one)}")
        for name, version, file, line in locked
        for one in known.get(_normal(name), ())
        if _affects(one, _normal(name), version)
    ]
    figures = {"packages": len(locked), "advisories": sum(map(len, known.values()))}
    found = judged(
        breaches, f"none of {len(locked)} locked packages is among {figures['advisories']} advisories", [*locks, *names], figures
    )
    return Finding(found.verdict, found.finding, found.figures | {"list": _digest(target.advisories, names)}, found.raw)


def _advisories(place: Path) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The advisories about Python packages by normal name, and the files they were read from."""
    files = sorted(place.rglob("*.json")) if place.is_dir() else [place]
    found: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        for one in _records(file):
            if one.get("withdrawn"):
                continue
            for name in {_normal(str(a["package"]["name"])) for a in _affected(one)}:
                found.setdefault(name, []).append(one)
    return found, [file.name for file in files]


def _records(file: Path) -> Iterator[dict[str, Any]]:
    """The file's advisories: one record, or a list of them."""
    read: Any = json.loads(file.read_bytes())
    listed = cast("list[dict[str, Any]]", [*read] if type(read) is list else [read])  # pyright: ignore[reportUnknownArgumentType]
    yield from (one for one in listed if type(one) is dict and "id" in one)


def _affected(one: dict[str, Any]) -> list[dict[str, Any]]:
    listed = cast(list[dict[str, Any]], one.get("affected") or [])
    packages = [(a, cast(dict[str, Any], a.get("package") or {})) for a in listed]
    return [a for a, package in packages if package.get("ecosystem") == "PyPI" and "name" in package]


def _affects(one: dict[str, Any], name: str, version: str) -> bool:
    from packaging.version import InvalidVersion, Version

    for affected in _affected(one):
        if _normal(str(affected["package"]["name"])) != name:
            continue
        if version in (affected.get("versions") or ()):
            return True
        try:
            if any(
                _within(cast(list[dict[str, str]], r.get("events") or []), Version(version))
                for r in affected.get("ranges") or ()
                if r.get("type") != "GIT"
            ):
                return True
        except InvalidVersion:
            return True  # what cannot be compared is not known to be safe
    return False


def _within(events: list[dict[str, str]], version: Any) -> bool:
    """Whether the version lies in a range: introduced up to, and without, fixed (with ``last_affected``: with it)."""
    from packaging.version import Version

    inside = False
    for event in sorted(events, key=lambda e: Version(next(iter(e.values())) if next(iter(e.values())) != "0" else "0.dev0")):
        (kind, at), *_ = event.items()
        if kind == "introduced" and (at == "0" or version >= Version(at)):
            inside = True
        elif (kind == "fixed" and version >= Version(at)) or (kind == "last_affected" and version > Version(at)):
            inside = False
    return inside


def _locked(file: Path, name: str) -> Iterator[Locked]:
    text = file.read_text(encoding="utf-8", errors="replace")
    if name.endswith(".txt"):
        for number, line in enumerate(text.splitlines(), start=1):
            if found := _PINNED.match(line):
                yield found["name"], found["version"], name, number
    elif name == "Pipfile.lock":
        for group in ("default", "develop"):
            for package, pin in cast(dict[str, dict[str, Any]], json.loads(text).get(group, {})).items():
                if "version" in pin:
                    yield package, str(pin["version"]).removeprefix("=="), name, _line(text, f'"{package}"')
    else:
        for entry in cast(list[dict[str, Any]], tomllib.loads(text).get("package", [])):
            if "version" in entry:
                package = str(entry["name"])
                yield package, str(entry["version"]), name, _line(text, f'name = "{package}"')


def _line(text: str, words: str) -> int:
    return text.count("\n", 0, max(0, text.find(words))) + 1


def _normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _summary(one: dict[str, Any]) -> str:
    return f": {' '.join(str(one['summary']).split())[:100]}" if one.get("summary") else ""


def _digest(place: Path, names: Iterable[str]) -> str:
    files = [place / name for name in names] if place.is_dir() else [place]
    return digest(b"".join(file.read_bytes() for file in files if file.is_file()))[:16]


def _outdated(copy: Path) -> None:
    """A package that the advisories beside the project name, in a version that they name."""
    if not (listed := copy / "advisories").exists():
        raise NothingToPlant("no advisories lie in the project's folder")
    known, _ = _advisories(listed)
    for name, ones in sorted(known.items()):
        for one in ones:
            versions = [*(v for a in _affected(one) for v in a.get("versions") or ()), *_introduced(one)]
            if versions:
                with (copy / "requirements-planted.txt").open("w", encoding="utf-8") as file:
                    file.write(f"{name}=={versions[0]}\n")
                return
    raise NothingToPlant("no advisory names a version")


def _introduced(one: dict[str, Any]) -> list[str]:
    events = [e for a in _affected(one) for r in a.get("ranges") or () for e in r.get("events") or ()]
    return [e["introduced"] if e["introduced"] != "0" else "0.0.1" for e in events if "introduced" in e]


DEPENDENCIES = Standard(
    id="code.dependencies",
    sentence="No locked version has an advisory in the list that was given.",
    why="What is known to be broken is what is tried first.",
    check=dependencies,
    inputs=("advisories/**/*.json", *LOCKS),
    plants=(
        Plant(
            "known-bad-version",
            "code.dependencies",
            "a locked version that an advisory names",
            Edit("a project with `advisories/`", _outdated),
        ),
    ),
    on_request="--advisories FILE|DIR",
    tools=("packaging",),
)
