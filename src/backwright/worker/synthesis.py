"""Several workers' responses as one, with everything in which they contradict each other. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backwright.worker.report.outputs import BACKEND
from backwright.worker.report.response import misshapen

_VERSION = re.compile(r"^\s*(?P<name>@?[\w./-]+?)(?:\[[^\]]*\])?\s*(?P<range>(?:[=<>!~^]=?|@|:|\s)\s*[\w.*+<>=!~^,\s-]+)?$")
_LISTS = ("files_modified", "tests_added", "dependencies_added")


@dataclass(frozen=True, slots=True)
class Handed:
    """One response and where it was found. ``body`` is nothing where there was none to read; ``wrong`` says why it does not count."""

    source: str
    body: Mapping[str, Any] | None
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that two responses say differently, or both claim."""

    kind: str
    subject: str
    what: str
    sources: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: {self.what} ({', '.join(self.sources)})"


@dataclass(frozen=True, slots=True)
class Synthesis:
    """The responses put together."""

    merged: Mapping[str, Any]
    conflicts: tuple[Conflict, ...]
    left_out: tuple[Handed, ...]
    """Missing and invalid ones, each with the reasons."""
    sources: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """As JSON."""
        conflicts = [{"kind": c.kind, "subject": c.subject, "what": c.what, "sources": list(c.sources)} for c in self.conflicts]
        left_out = [{"source": one.source, "reasons": list(one.wrong)} for one in self.left_out]
        return {"sources": list(self.sources), **self.merged, "conflicts": conflicts, "left_out": left_out}


def checked(source: str, body: Any) -> Handed:
    """A response held against the published schemas, the exact or the extended one. Another worker's name is no mistake."""
    if not isinstance(body, dict):
        return Handed(source, None, ("it is no JSON object",))
    named: dict[str, Any] = dict(body)  # pyright: ignore[reportUnknownArgumentType]  checked by the schema below
    other = isinstance(named.get("worker"), str) and named["worker"]
    return Handed(source, named, tuple(misshapen({**named, "worker": BACKEND} if other else named)[:20]))


def synthesize(handed: Iterable[Handed]) -> Synthesis:
    """Merge what is valid, in the order given; the same response found twice counts once."""
    every = list(handed)
    valid: list[tuple[str, Mapping[str, Any]]] = []
    for one in every:
        if one.body is not None and not one.wrong and one.body not in [body for _, body in valid]:
            valid.append((one.source, one.body))
    return Synthesis(
        _merged(valid), tuple(_conflicts(valid)), tuple(one for one in every if one.wrong), tuple(source for source, _ in valid)
    )


def _merged(valid: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    def every(*path: str) -> list[Any]:
        found: list[Any] = []
        for _, body in valid:
            value: Any = body
            for key in path:
                value = value[key]
            found += [one for one in ([value] if isinstance(value, str) else value) if one not in found]
        return found

    strategies = [one for one in every("implementation", "performance", "caching_strategy") if one]
    return {
        "implementation": {
            "apis": every("implementation", "apis"),
            "database": {key: every("implementation", "database", key) for key in _TABLES},
            "services": every("implementation", "services"),
            "performance": {
                "caching_strategy": "; ".join(strategies), "optimizations": every("implementation", "performance", "optimizations"),
            },
        },
        **{key: every(key) for key in _LISTS},
    }  # fmt: skip


_TABLES = ("tables_created", "tables_modified", "migrations", "indexes")


def _conflicts(valid: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Conflict]:
    yield from _endpoints(valid)
    yield from _database(valid)
    yield from _services(valid)
    yield from _dependencies(valid)
    for path, sources in _claimed([(source, body["files_modified"]) for source, body in valid]):
        yield Conflict("file", path, "both have written it", sources)


def _endpoints(valid: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Conflict]:
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for source, body in valid:
        for api in body["implementation"]["apis"]:
            path = re.sub(r"\{[^}]*\}|:[A-Za-z_]\w*|<[^>]*>", "{}", str(api["endpoint"])).rstrip("/") or "/"
            found.setdefault(f"{str(api['method']).upper()} {path}", []).append((source, api))
    for subject, told in found.items():
        sources = tuple(dict.fromkeys(source for source, _ in told))
        if len(told) < 2:
            continue
        for key, kind in (("authentication", "endpoint"), ("status", "status")):
            said = {source: str(api[key]) for source, api in told}
            values = list(dict.fromkeys(str(api[key]) for _, api in told))
            if len(values) > 1:
                words = ", ".join(f"{value!r}" for value in values)
                yield Conflict(kind, subject, f"{key} is said to be {words}", tuple(said))
        done = [source for source, api in told if api["status"] == "implemented"]
        if len(set(done)) > 1:
            yield Conflict("endpoint", subject, "several have implemented it", sources)


def _database(valid: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Conflict]:
    for key, kind, what in (
        ("tables_created", "table", "several create it"),
        ("tables_modified", "table", "several change it: their migrations need an order"),
        ("migrations", "migration", "several have one of this name"),
        ("indexes", "index", "several create it"),
    ):
        for name, sources in _claimed([(source, body["implementation"]["database"][key]) for source, body in valid]):
            yield Conflict(kind, name, what, sources)


def _services(valid: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Conflict]:
    told: dict[str, dict[str, Mapping[str, Any]]] = {}
    for source, body in valid:
        for service in body["implementation"]["services"]:
            told.setdefault(str(service["name"]), {})[source] = service
    for name, said in told.items():
        for key in ("responsibility", "methods"):
            values = [service[key] for service in said.values()]
            if any(value != values[0] for value in values):
                yield Conflict("service", name, f"its {key} differ", tuple(said))


def _dependencies(valid: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Conflict]:
    told: dict[str, dict[str, str]] = {}
    for source, body in valid:
        for line in body["dependencies_added"]:
            match = _VERSION.match(str(line))
            name, range_ = (match["name"], (match["range"] or "").strip()) if match else (str(line), "")
            told.setdefault(re.sub(r"[-_.]+", "-", name).lower(), {})[source] = range_
    for name, said in told.items():
        values = list(dict.fromkeys(value for value in said.values() if value))
        if len(values) > 1:
            yield Conflict("dependency", name, f"wanted as {' and as '.join(values)}", tuple(said))


def _claimed(named: Sequence[tuple[str, Sequence[str]]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What more than one response names."""
    found: dict[str, list[str]] = {}
    for source, names in named:
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(source)
    yield from ((name, tuple(sources)) for name, sources in found.items() if len(sources) > 1)
