"""Surveys a repository: one walk through its files, then its manifests, then what both say together. Nothing in it is run."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backwright.worker.source.text import Text
from backwright.worker.source.walk import Source, Walk, walk
from backwright.worker.survey import containers, places, services
from backwright.worker.survey.graph import graph
from backwright.worker.survey.manifests import dotnet, go, gradle, maven, node, php, python, ruby
from backwright.worker.survey.manifests.package import Declared
from backwright.worker.survey.manifests.reading import Manifests, above, base, folder
from backwright.worker.survey.programs import programs
from backwright.worker.survey.projects import narrowed, projects
from backwright.worker.survey.repository import Evidence, Finding, Language, Package, Pattern, Repository, Service, Technology, Thing
from backwright.worker.survey.signals import Signals
from backwright.worker.survey.starting import Starting

MOST = 20_000
"""Manifests, documents and container files that are looked at, each; more are counted as a finding."""
_DOCUMENT_SIZE = 2_000_000
_READERS = (node.read, python.read, maven.read, gradle.read, go.read, dotnet.read, ruby.read, php.read)
_NAMES = frozenset({*node.NAMES, *python.NAMES, "pom.xml", *gradle.NAMES, *go.NAMES, *dotnet.NAMES, *ruby.NAMES, *php.NAMES})
_ENDS = (*gradle.ENDS, *dotnet.ENDS, *ruby.ENDS)
_TOOLS = {"lerna.json": "Lerna", "nx.json": "Nx", "turbo.json": "Turborepo", "rush.json": "Rush", "go.work": "Go workspace"}
_FRONT = re.compile(r"^(.*/)?(src/)?(app/(.+/)?route\.[cm]?[jt]sx?|pages/api/.+\.[cm]?[jt]sx?)$")


@dataclass(slots=True)
class _Gathered:
    """What one walk has met, by purpose."""

    files: int = 0
    signals: Signals = field(default_factory=Signals)
    manifests: list[str] = field(default_factory=list[str])
    documents: list[Thing] = field(default_factory=list[Thing])
    ci: dict[str, Thing] = field(default_factory=dict[str, Thing])
    dockerfiles: list[str] = field(default_factory=list[str])
    composes: list[str] = field(default_factory=list[str])
    procfiles: list[str] = field(default_factory=list[str])
    next_routes: list[str] = field(default_factory=list[str])
    migrations: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    fixed: set[str] = field(default_factory=set[str])
    dropped: int = 0


def survey_repository(root: Path, *, told: Callable[[int], None] = lambda files: None) -> Repository:
    """Everything that can be said about the repository without running it. Never raises for what lies in it.

    Raises ``NotADirectoryError`` if there is no such folder. ``told`` hears how many files have been met.
    """
    through = walk(root, told=told)
    found = _gather(through)
    manifests = Manifests(through.root, (*found.manifests, *found.dockerfiles, *found.composes, *found.procfiles))
    packages = [package for read in _READERS for package in read(manifests)]
    return _understand(through, found, manifests, packages)


# --- gathering -----------------------------------------------------------------------------------------------------------


def _gather(through: Walk) -> _Gathered:
    found = _Gathered()
    for source in through.files():
        found.files += 1
        role = places.role(source.path)
        _by_name(found, source.path, role)
        language = source.language
        text: str | None = None
        if language is not None:
            read = through.read_source(source)
            if isinstance(read, Text):
                text = read.text
                found.signals.source(source.path, text, language, role)
        if places.is_configuration(source.path) and role == places.MAIN:
            text = text or _text(through, source)
            if text is not None:
                found.signals.connections(source.path, text)
        _document(through, found, source, role, text)
    return found


def _by_name(found: _Gathered, path: str, role: str) -> None:
    name = base(path)
    if name in _NAMES or path.endswith(_ENDS) or python.REQUIREMENTS.search(path):
        _keep(found, found.manifests, path)
    if places.is_dockerfile(path):
        _keep(found, found.dockerfiles, path)
    elif places.is_compose(path) and role != places.ASIDE:
        _keep(found, found.composes, path)
    elif name == "Procfile":
        _keep(found, found.procfiles, path)
    if thing := places.ci(path):
        found.ci.setdefault(thing.name, thing)
    if role == places.MAIN:
        if made := places.migration(path):
            found.migrations[made] += 1
        if _FRONT.match(path):
            _keep(found, found.next_routes, path)
        if name in ("manage.py", "artisan", "index.php", "console", "application.rb", "config.ru", "yii", "spark", "cake"):
            found.fixed.add(path)


def _keep(found: _Gathered, kept: list[str], path: str) -> None:
    if len(kept) < MOST:
        kept.append(path)
    else:
        found.dropped += 1


def _document(through: Walk, found: _Gathered, source: Source, role: str, text: str | None) -> None:
    path = source.path
    if places.is_decision(path):
        found.documents.append(Thing("ADR", "", path))
    elif (
        role != places.TEST
        and len(found.documents) < MOST
        and (places.may_be_document(path) or path.endswith((".graphql", ".gql", ".graphqls", ".proto")))
    ):
        if re.search(r"(^|/)(testdata|fixtures|__fixtures__|__mocks__)/", path) or source.size > _DOCUMENT_SIZE or base(path) in _NAMES:
            return
        text = text or _text(through, source)
        thing = places.document(path, text) if text else None
        if thing is not None:
            found.documents.append(thing)


def _text(through: Walk, source: Source) -> str | None:
    read = through.read(source)
    return read.text if isinstance(read, Text) else None


# --- understanding --------------------------------------------------------------------------------------------------------


def _understand(through: Walk, found: _Gathered, manifests: Manifests, packages: list[Declared]) -> Repository:
    main = [p for p in packages if places.role(p.manifest) == places.MAIN]
    composed = [one for path in found.composes for one in containers.compose(manifests, path)]
    dockerfiles = {folder(p): said for p in reversed(found.dockerfiles) if (said := containers.starts(manifests, p)) is not None}
    starting = Starting(frozenset(found.fixed), found.next_routes, dockerfiles, composed, _procfiles(manifests, found.procfiles))
    units = [narrowed(unit) for unit in services.units([*main, *projects(main, manifests)], found.signals)]
    modules = {p.name: p.folder for p in main if p.ecosystem == "go"}
    split = [one for unit in units for one in (programs(unit, found.signals, modules) if unit.declared.ecosystem == "go" else [unit])]
    alone = Counter(unit.declared.ecosystem for unit in split)
    made: list[Service] = []
    libraries: list[Technology] = []
    browsers: list[str] = []
    homes: set[str] = set()
    for unit in split:
        technologies = services.technologies(unit)
        one = services.service(unit, technologies, starting, alone=alone[unit.declared.ecosystem] == 1)
        if one is not None:
            made.append(one)
            homes.add(unit.declared.manifest)
        else:
            libraries += technologies
            browsers += [unit.folder] if services.browser(unit.declared) else []
    made.sort(key=lambda s: (s.folder, s.name))
    listed = [services.package(services.Unit(p), p.manifest in homes) for p in packages]
    left = through.left_out
    return Repository(
        name=through.root.name, files=found.files, languages=_languages(found.signals), package_managers=_managers(listed, manifests),
        packages=tuple(sorted(listed, key=lambda p: (p.folder, p.ecosystem, p.name))), services=tuple(made), libraries=_once(libraries),
        migrations=tuple(Thing("migrations", tool, place, f"{n} files") for (place, tool), n in sorted(found.migrations.items())),
        documents=tuple(found.documents), containers=_containers(found, composed, dockerfiles), ci=tuple(found.ci.values()),
        patterns=_patterns(found.signals, browsers), graph=graph(made, composed, found.signals.connected.values()),
        left_out=dict(sorted(left.counts.items())), examples_left_out={k: tuple(v[:10]) for k, v in sorted(left.examples.items())},
        findings=_findings(through, found, manifests),
    )  # fmt: skip


def _languages(signals: Signals) -> tuple[Language, ...]:
    listed = [Language(name, files, signals.lines[name]) for name, files in signals.files.items()]
    return tuple(sorted(listed, key=lambda one: (-one.lines, one.name)))


def _managers(packages: Sequence[Package], manifests: Manifests) -> tuple[Thing, ...]:
    """Each package manager with the first manifest that shows it, and the tools of monorepos."""
    found: dict[str, Thing] = {}
    for one in packages:
        if one.role != "aside":
            found.setdefault(one.manager, Thing("package manager", one.manager, one.manifest))
    tools = [Thing("monorepo tool", name, path) for file, name in _TOOLS.items() for path in manifests.named(file)[:1]]
    return (*found.values(), *tools)


def _once(technologies: Sequence[Technology]) -> tuple[Technology, ...]:
    found: dict[tuple[str, str], Technology] = {}
    for one in technologies:
        old = found.get((one.kind, one.name))
        if old is None or (old.development and not one.development) or (not old.used and one.used):
            found[one.kind, one.name] = one
    return tuple(sorted(found.values(), key=lambda t: (t.kind, t.name.lower())))


def _containers(
    found: _Gathered, composed: Sequence[containers.ComposeService], dockerfiles: dict[str, tuple[str, Evidence]]
) -> tuple[Thing, ...]:
    files = [Thing("container file", base(p), p, dockerfiles.get(folder(p), ("",))[0]) for p in found.dockerfiles]
    return (*files, *(Thing("compose service", c.name, c.file, c.image or f"built from {c.folder or '.'}") for c in composed))


def _patterns(signals: Signals, browsers: Sequence[str]) -> tuple[Pattern, ...]:
    """The patterns of the server side; programs for browsers have services and repositories of another kind."""
    counts: Counter[str] = Counter()
    shown: dict[str, list[Evidence]] = {}
    for (where, name), number in sorted(signals.pattern_counts.items()):
        if not any(up in browsers for up in above(where)):
            counts[name] += number
            shown.setdefault(name, []).extend(signals.patterns[where, name])
    return tuple(Pattern(name, counts[name], tuple(shown[name][:5])) for name in sorted(counts))


def _procfiles(manifests: Manifests, paths: Sequence[str]) -> dict[str, list[tuple[str, str, Evidence]]]:
    found: dict[str, list[tuple[str, str, Evidence]]] = {}
    for path in paths:
        for number, line in enumerate((manifests.text(path) or "").splitlines(), 1):
            if match := re.match(r"([\w-]+):\s*(.+)", line):
                found.setdefault(folder(path), []).append((match[1], match[2].strip(), Evidence(path, number, line.strip()[:200])))
    return found


def _findings(through: Walk, found: _Gathered, manifests: Manifests) -> tuple[Finding, ...]:
    listed = [Finding(t.path, 0, t.reason) for t in through.troubles] + list(manifests.findings.values())
    if found.dropped:
        listed.append(Finding(".", 0, f"{found.dropped} manifests and container files beyond the first {MOST} of a kind were not read"))
    return tuple(sorted(listed, key=lambda f: (f.file, f.line, f.problem)))
