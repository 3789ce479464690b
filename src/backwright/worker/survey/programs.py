"""Go: one module may hold many programs. Each ``main`` is one, with the packages of the module that it reaches."""

from dataclasses import replace

from backwright.worker.survey.catalogue import Library, catalogue
from backwright.worker.survey.code import PROGRAM
from backwright.worker.survey.manifests.package import Declared
from backwright.worker.survey.repository import Evidence
from backwright.worker.survey.services import Unit
from backwright.worker.survey.signals import Begun, Signals

NET_HTTP = Library("go", "framework", "net/http", "net/http", ("net/http",), "", True)


def programs(unit: Unit, signals: Signals, modules: dict[str, str]) -> list[Unit]:
    """One unit for each program of the module that serves or works; a module without any stays as it is. ``modules``: name → folder."""
    mains = sorted({b.folder for b in unit.begun if b.kind == PROGRAM})
    found = [_program(unit, folder, signals, modules) for folder in mains]
    return [one for one in found if any(b.kind != PROGRAM for b in one.begun)] or [unit]


def _program(unit: Unit, folder: str, signals: Signals, modules: dict[str, str]) -> Unit:
    reached = _reached(folder, signals, modules)
    begun = [b for b in signals.begun if b.ecosystem == "go" and b.folder in reached and (b.kind != PROGRAM or b.folder == folder)]
    uses: dict[Library, list[Evidence]] = {}
    for (where, library), places in signals.uses.items():
        if library.ecosystem == "go" and where in reached:
            uses.setdefault(library, []).extend(places)
    served = [b for b in begun if b.framework]
    if served and all(b.framework == NET_HTTP.name for b in served):
        uses[NET_HTTP] = [b.at for b in served]
    begins = {b.framework for b in served}
    if begins:  # a router of which only the middleware is used is none here
        uses = {library: at for library, at in uses.items() if library.kind != "framework" or library.name in begins}
    return Unit(_declared(unit.declared, folder, uses), uses, _only(begun))


def _only(begun: list[Begun]) -> list[Begun]:
    """A router's own server is no framework beside the router."""
    routers = any(b.framework not in ("", NET_HTTP.name) for b in begun)
    return [b for b in begun if not (routers and b.framework == NET_HTTP.name)]


def _declared(module: Declared, folder: str, uses: dict[Library, list[Evidence]]) -> Declared:
    """The program as a package: what it does not reach is not its dependency."""
    names = {library.name for library in uses}

    def reached(package: str) -> bool:
        known = catalogue().declared("go", package)
        return not known or any(library.name in names for library in known)

    name = folder.rpartition("/")[2] or module.name.rpartition("/")[2]
    return replace(module, folder=folder, name=name, dependencies=tuple(d for d in module.dependencies if reached(d.package)))


def _reached(folder: str, signals: Signals, modules: dict[str, str]) -> set[str]:
    reached: set[str] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        if here in reached:
            continue
        reached.add(here)
        for name in signals.go_imports.get(here, ()):
            for module, where in modules.items():
                if name == module or name.startswith(module + "/"):
                    waiting.append(f"{where}/{name[len(module) + 1 :]}".strip("/"))
    return reached
