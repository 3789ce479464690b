"""From packages and signals to services: who is a program, on which framework, and how it starts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backwright.worker.survey.catalogue import Library, catalogue
from backwright.worker.survey.code import PROGRAM, RPC, WEB, WORKER
from backwright.worker.survey.manifests.package import DEVELOPMENT, MAIN, PEER, Declared, Dependency
from backwright.worker.survey.places import MAIN as SOURCE
from backwright.worker.survey.places import role
from backwright.worker.survey.repository import EntryPoint, Evidence, Package, Service, Technology
from backwright.worker.survey.signals import Begun, Signals
from backwright.worker.survey.starting import Starting

_SHOWN = 3
_STANDARD = ("unittest", "testing", "net/http", "System.ComponentModel.DataAnnotations")
"""What languages bring: used without being declared."""
_BROUGHT = {"FastAPI": {"Starlette"}, "NestJS": {"Express", "Fastify"}, "Backwright": set[str](), "Rails": {"Sinatra"}}
"""Frameworks that another one brings or is commonly mounted in: beside it they are no framework of their own."""
_BROWSER = ("react", "vue", "@angular/core", "svelte", "preact", "solid-js", "react-native", "expo")
_SPRING_WEB = re.compile(
    r"spring-boot-starter-(web|webflux|webmvc|jersey|graphql|data-rest|hateoas|thymeleaf|undertow|oauth2-authorization-server)"
)
_GATEWAY = re.compile(r"spring-cloud-(starter-gateway|config-server|starter-netflix-eureka-server|starter-netflix-zuul)")


@dataclass(slots=True)
class Unit:
    """A package with what was seen in its folders (those of packages inside it left out)."""

    declared: Declared
    uses: dict[Library, list[Evidence]] = field(default_factory=dict[Library, list[Evidence]])
    begun: list[Begun] = field(default_factory=list[Begun])

    @property
    def folder(self) -> str:
        return self.declared.folder


def units(packages: Sequence[Declared], signals: Signals) -> list[Unit]:
    """The packages with the signals of their folders. Source without a manifest makes a package of its own."""
    by_ecosystem: dict[str, dict[str, Unit]] = {}
    for one in packages:
        by_ecosystem.setdefault(one.ecosystem, {})[_key(one, by_ecosystem)] = Unit(one)
    bare: dict[str, Unit] = {}
    for (folder, library), places in signals.uses.items():
        owner = _owner(by_ecosystem.get(library.ecosystem, {}), folder) or _without(bare, library.ecosystem)
        owner.uses.setdefault(library, []).extend(places)
    for begun in signals.begun:
        owner = _owner(by_ecosystem.get(begun.ecosystem, {}), begun.folder) or _without(bare, begun.ecosystem)
        owner.begun.append(begun)
    return [unit for known in by_ecosystem.values() for unit in known.values()] + list(bare.values())


def _key(one: Declared, known: dict[str, dict[str, Unit]]) -> str:
    taken = known.setdefault(one.ecosystem, {})
    return one.folder if one.folder not in taken else f"{one.folder}\0{one.manifest}"


def _owner(known: dict[str, Unit], folder: str) -> Unit | None:
    while True:
        if folder in known:
            return known[folder]
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _without(bare: dict[str, Unit], ecosystem: str) -> Unit:
    if ecosystem not in bare:
        bare[ecosystem] = Unit(Declared(ecosystem=ecosystem, folder="", name="", manager="", manifest=""))
    return bare[ecosystem]


def technologies(unit: Unit) -> list[Technology]:
    """What the package declares, uses, or both."""
    found: dict[tuple[str, str], Technology] = {}
    declared: set[Library] = set()
    for dependency in unit.declared.dependencies:
        for library in catalogue().declared(unit.declared.ecosystem, dependency.package):
            declared.add(library)
            if not library.seen or library in unit.uses:
                _add(found, library, dependency, _used(unit, library))
    for library in unit.uses:
        if library not in declared and (library.kind, library.name) not in found and _undeclared(unit, library):
            _add(found, library, None, _used(unit, library))
    return sorted(found.values(), key=lambda t: (t.kind, t.name.lower()))


def _undeclared(unit: Unit, library: Library) -> bool:
    """Whether a library that is used without being declared counts: where nothing declares anything, and for what the language brings."""
    if library.ecosystem == "jvm" and library.seen:
        return any(d.package.startswith("org.springframework") for d in unit.declared.dependencies)
    if not unit.declared.manifest:
        return True
    return library.seen and library.package in _STANDARD


def _add(found: dict[tuple[str, str], Technology], library: Library, by: Dependency | None, used: tuple[Evidence, ...]) -> None:
    key = (library.kind, library.name)
    old = found.get(key)
    development = by is not None and by.scope == DEVELOPMENT
    if old is not None and old.development and not development:
        old = None
    made = Technology(
        kind=library.kind, name=library.name, package=by.package if by else "", version=by.version if by else "",
        range=by.range if by else "", declared=(by.at,) if by else (), used=used, development=development,
    )  # fmt: skip
    if old is None:
        found[key] = made
    elif by is not None and (not development or old.development):
        best = made if made.version and not old.version else old
        found[key] = Technology(
            kind=best.kind, name=best.name, package=best.package, version=best.version, range=best.range,
            declared=(*old.declared, *made.declared)[:_SHOWN], used=old.used or made.used, development=old.development,
        )  # fmt: skip


def _used(unit: Unit, library: Library) -> tuple[Evidence, ...]:
    places = [e for other, found in unit.uses.items() if other == library or _same(other, library) for e in found]
    if library.kind == "framework":
        places += [b.at for b in unit.begun if b.framework == library.name]
    return tuple(sorted(set(places))[:_SHOWN])


def _same(one: Library, other: Library) -> bool:
    return (one.ecosystem, one.kind, one.name) == (other.ecosystem, other.kind, other.name)


def frameworks(unit: Unit, found: Iterable[Technology]) -> list[Technology]:
    """The frameworks that the package is built on: declared for more than development (or nowhere), and used."""
    peers = {d.package for d in unit.declared.dependencies if d.scope == PEER}
    own = unit.declared.name
    listed = [
        t
        for t in found
        if t.kind == "framework" and not t.development and t.used and t.package not in peers and (not own or t.package != own)
    ]
    names = {t.name for t in listed}
    brought = {other for name in names for other in _BROUGHT.get(name, ())}
    return [t for t in listed if t.name not in brought]


def service(unit: Unit, found: list[Technology], starting: Starting, *, alone: bool) -> Service | None:
    """The package as a service, if it is one: it uses a framework, or works through jobs, and something in it begins a program."""
    chosen = frameworks(unit, found)
    names = {t.name for t in chosen}
    entries = [b for b in unit.begun if b.framework in names or (not b.framework and b.kind in (WEB, WORKER, RPC))]
    entries += starting.conventional(unit.declared, names)
    if unit.declared.ecosystem == "node" and "Next.js" in names and not any(b.framework == "Next.js" for b in entries):
        names.discard("Next.js")
        chosen = [t for t in chosen if t.name != "Next.js"]
    entries = [b for b in entries if not b.framework or b.framework in names]
    if (
        not entries
        or "tests" in unit.declared.marks
        or (not chosen and not any(not b.framework and (b.kind in (WORKER, RPC) or b.ecosystem == "php") for b in entries))
    ):
        return None
    if unit.declared.ecosystem in ("node", "python") and not alone and not starting.starts(unit.declared, entries):
        return None
    if (
        unit.declared.ecosystem == "ruby"
        and "gem" in unit.declared.marks
        and not any(b.what in ("Rails application", "Sinatra app") for b in entries)
    ):
        return None
    entries += [b for b in unit.begun if b.kind == PROGRAM]
    commands = starting.commands(unit.declared, names, entries)
    others = tuple(t for t in found if t.kind != "framework")
    return Service(
        name=_name(unit.declared), folder=unit.folder or ".", kind=_kind(unit, names, entries), ecosystem=unit.declared.ecosystem,
        frameworks=tuple(chosen), technologies=others, entry_points=_entry_points(entries), commands=commands,
    )  # fmt: skip


def _entry_points(entries: Iterable[Begun]) -> tuple[EntryPoint, ...]:
    shown = {(b.what, b.at.file) for b in entries if b.at.line}
    kept = [b for b in entries if b.at.line or (b.what, b.at.file) not in shown]
    seen = dict.fromkeys((b.what, b.at) for b in sorted(kept, key=lambda b: (b.at.file.count("/"), b.at)))
    return tuple(EntryPoint(what, at) for what, at in list(seen)[:10])


def _kind(unit: Unit, names: set[str], entries: Sequence[Begun]) -> str:
    if names == {"Spring Boot"}:
        asked = [d.package for d in unit.declared.dependencies if d.scope == MAIN]
        return "web" if not asked or any(_SPRING_WEB.search(p) or _GATEWAY.search(p) for p in asked) else "worker"
    return "web" if names or any(b.kind in (WEB, RPC) for b in entries) else "worker"


def _name(declared: Declared) -> str:
    return declared.folder.rpartition("/")[2] or declared.name or "."


def package(unit: Unit, is_service: bool) -> Package:
    """The package with its part in the repository."""
    declared = unit.declared
    if is_service:
        part = "service"
    elif role(declared.manifest) != SOURCE or "tests" in declared.marks:
        part = "aside"
    elif browser(declared):
        part = "browser"
    else:
        part = "workspace" if "workspace" in declared.marks and all(d.scope == DEVELOPMENT for d in declared.dependencies) else "library"
    return Package(declared.name, declared.folder or ".", declared.ecosystem, declared.manager, declared.manifest, part)


def browser(declared: Declared) -> bool:
    """A program for browsers or phones."""
    return declared.ecosystem == "node" and any(d.package in _BROWSER for d in declared.dependencies if d.scope == MAIN)
