"""The sheets of all files as one list of routes: mounts followed up to the app. Pure."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable

from backwright.worker.symbols.imports import Import
from backwright.worker.symbols.routes.route import ANY, DEFAULT, Entry, Route, Sheet, complete, joined

_CHAINS = 50
Id = tuple[str, str]
"""A router: its file and its name there."""


def compose(sheets: Iterable[Sheet]) -> list[Route]:
    """Every route with its whole path, sorted by file and line. A router that is mounted twice gives two routes."""
    return _Composition(list(sheets)).routes()


class _Composition:
    def __init__(self, sheets: list[Sheet]) -> None:
        self.sheets = {sheet.file: sheet for sheet in sheets}
        self.above: dict[Id, list[tuple[Id, str]]] = defaultdict(list)
        for sheet in sheets:
            for mount in sheet.mounts:
                if (child := self.resolve(sheet, mount.child)) is not None:
                    self.above[child].append(((sheet.file, mount.parent), mount.prefix))

    def routes(self) -> list[Route]:
        found = [
            route for sheet in self.sheets.values() for entry in sheet.entries
            for prefix, mounted in self.prefixes((sheet.file, entry.router), ()) for route in self._routes(sheet, entry, prefix, mounted)
        ]  # fmt: skip
        return sorted(dict.fromkeys(found), key=lambda r: (r.file, r.line, r.path, r.method))

    def _routes(self, sheet: Sheet, entry: Entry, prefix: str, mounted: bool) -> list[Route]:
        path = joined(prefix, entry.path)
        methods = self._answered(sheet, entry.handler) if entry.method == ANY else (entry.method,)
        return [
            Route(method, path, entry.handler, sheet.file, entry.line, sheet.framework, mounted and complete(path)) for method in methods
        ]

    def _answered(self, sheet: Sheet, handler: str) -> tuple[str, ...]:
        """The methods of a view that is a class, wherever it stands."""
        name = handler.removesuffix(".as_view()").rpartition(".")[2]
        if name in sheet.classes:
            return sheet.classes[name]
        found = {other.classes[name] for other in self.sheets.values() if name in other.classes}
        return found.pop() if len(found) == 1 else (ANY,)

    def prefixes(self, router: Id, below: tuple[Id, ...]) -> list[tuple[str, bool]]:
        """The paths that lead to a router, each with whether they begin at an app."""
        file, name = router
        own = self.sheets[file].prefixes.get(name, "") if file in self.sheets else ""
        if router in below:
            return []
        chains = [
            (joined(prefix, mount, own) if prefix or mount or own else "", whole)
            for parent, mount in self.above.get(router, ())
            for prefix, whole in self.prefixes(parent, (*below, router))
        ][:_CHAINS]
        return chains or [(own, file in self.sheets and name in self.sheets[file].roots)]

    def resolve(self, sheet: Sheet, child: str) -> Id | None:
        """The router that a name of a file means."""
        if child in sheet.prefixes:
            return sheet.file, child
        if child.startswith("@"):
            source, _, name = child[1:].partition("#")
            return self._named(self._module(sheet.file, Import("", "", source)), name or DEFAULT)
        first, _, rest = child.partition(".")
        one = next((i for i in sheet.imports if i.bound == first), None)
        if one is None:
            return None
        if rest:
            return self._named(self._module(sheet.file, one), rest) or self._named(self._module(sheet.file, _module_of(one)), rest)
        return self._named(self._module(sheet.file, Import(one.bound, "", one.source)), one.name or DEFAULT) or self._passed_on(one)

    def _named(self, sheet: Sheet | None, name: str) -> Id | None:
        if sheet is None:
            return None
        name = sheet.exports.get(name, name)
        if name in sheet.prefixes:
            return sheet.file, name
        if DEFAULT in sheet.prefixes:
            return sheet.file, DEFAULT
        return (sheet.file, next(iter(sheet.prefixes))) if len(sheet.prefixes) == 1 else None

    def _passed_on(self, one: Import) -> Id | None:
        """A router that a package passes on from one of its modules."""
        found = [(s.file, one.name) for s in self.sheets.values() if one.name in s.prefixes and one.passes_on(s.file)]
        return found[0] if len(found) == 1 else None

    def _module(self, file: str, one: Import) -> Sheet | None:
        if one.source.startswith("."):
            return self._beside(file, one)
        fitting = [sheet for sheet in self.sheets.values() if one.leads_to(sheet.file)]
        return min(fitting, key=lambda s: s.file.count("/"), default=None)

    def _beside(self, file: str, one: Import) -> Sheet | None:
        folder = posixpath.dirname(file)
        if "/" in one.source or (one.source in (".", "..") and not file.endswith(".py")):
            stem = posixpath.normpath(posixpath.join(folder, one.source))
        else:
            dots = len(one.source) - len(one.source.lstrip("."))
            stem = posixpath.normpath(posixpath.join(folder, *[".."] * (dots - 1), *one.source.lstrip(".").split(".")))
        for name in (stem, f"{stem}/{one.name}") if one.name else (stem,):
            for sheet in self.sheets.values():
                bare = sheet.file.rpartition(".")[0]
                if name in (sheet.file, bare) or bare in (f"{name}/index", f"{name}/__init__"):
                    return sheet
        return None


def _module_of(one: Import) -> Import:
    """The import of a name read as the import of a module of that name."""
    return Import(one.bound, "", f"{one.source.rstrip('.')}.{one.name}" if one.source.strip(".") else f"{one.source}{one.name}")
