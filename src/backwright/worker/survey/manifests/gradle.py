"""Gradle: build files in Groovy and Kotlin, version catalogues, properties and locks. Read by their usual forms, never run."""

import re
from dataclasses import dataclass, field

from backwright.worker.survey.manifests.maven import BOMS, PLUGIN
from backwright.worker.survey.manifests.package import DEVELOPMENT, MAIN, Declared, Dependency
from backwright.worker.survey.manifests.reading import Manifests, above, base, folder, rows, table, word
from backwright.worker.survey.repository import Evidence

ENDS = (".gradle", ".gradle.kts", ".versions.toml")
NAMES = ("gradle.properties", "gradle.lockfile")
_CONFIGURATION = (
    r"(\w*(?:[iI]mplementation|[cC]ompile(?:Only)?|[rR]untime(?:Only)?|[aA]pi|[dD]evelopmentOnly|kapt|ksp|[aA]nnotationProcessor))"
)
_COORDINATES = re.compile(_CONFIGURATION + r"""[\s(]+(?:\w*[pP]latform\s*\(\s*)?["']([\w.-]+):([\w.-]+)(?::([^"'@]+))?[^"']*["']""")
_NAMED = re.compile(_CONFIGURATION + r"""[\s(]+group\s*[:=]\s*["']([^"']+)["'],\s*name\s*[:=]\s*["']([^"']+)["'](?:,\s*version\s*[:=]\s*["']?([^"',)\s]+))?""")  # fmt: skip # noqa: E501
_CATALOGUED = re.compile(_CONFIGURATION + r"[\s(]+(?:\w*[pP]latform\s*\(\s*)?(\w*[lL]ibs)\.([\w.]+)")
_BOM = re.compile(r"""mavenBom[\s(]+["']([\w.-]+):([\w.-]+):([^"']+)["']""")
_PLUGIN = re.compile(r"""\bid[\s(]+["']([\w.-]+)["']\s*\)?(?:\s*\.?version[\s(]+(?:["']([^"']+)["']|([\w.]+)))?""")
_ALIAS = re.compile(r"\balias[\s(]+(\w*[lL]ibs)\.plugins\.([\w.]+)")
_APPLY = re.compile(r"""\bapply[\s(]+plugin\s*[:=]\s*["']([\w.-]+)["']""")
_KOTLIN = re.compile(r"""\bkotlin\(\s*["'](\w+)["']\s*\)""")
_VALUE = re.compile(
    r"""(?:\b(?:val|var|def|ext\.|extra\[")?\s*|set\(\s*['"])([\w.]+)(?:"\])?(?:['"]\s*,|\s*=|\s+by\s+extra\()\s*["']([\w.+-]+)["']"""
)
_COMMENT = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*.*?\*/""", re.S)


@dataclass(slots=True)
class _Catalogue:
    """A version catalogue: aliases, dots for their separators."""

    libraries: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    plugins: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    bundles: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


@dataclass(slots=True)
class _Script:
    """One build file without its comments."""

    path: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")


def read(manifests: Manifests) -> list[Declared]:
    """One package for each build file, with what the root says for all and what a convention plugin of the repository adds."""
    scripts = {
        path: _Script(path, _bare(text))
        for path in manifests.ending(".gradle", ".gradle.kts")
        if (text := manifests.text(path)) is not None
    }
    catalogue = _Catalogue()
    for path in manifests.ending(".versions.toml"):
        _catalogue(manifests, path, catalogue)
    shared: dict[str, Dependency] = {}
    plugins: dict[str, str] = {}
    conventions: dict[str, _Script] = {}
    for script in scripts.values():
        name = re.sub(r"\.gradle(\.kts)?$", "", base(script.path))
        if name not in ("build", "settings"):
            conventions[name] = script
        for match in _PLUGIN.finditer(script.text):
            if match[2] or match[3]:
                plugins.setdefault(match[1], _filled(match[2] or f"${match[3]}", _values(manifests, script)))
    found: list[Declared] = []
    for path, script in sorted(scripts.items(), key=lambda item: (item[0].count("/"), item[0])):
        if not re.search(r"(^|/)build\.gradle(\.kts)?$", path) and not _named_build(path, manifests):
            continue
        reader = _Reader(manifests, script, catalogue, plugins, conventions)
        own = reader.all()
        if folder(path) == "" and (blocks := _for_all(script.text)):
            shared = _Reader(manifests, _Script(path, blocks), catalogue, plugins, conventions).all()
            own = {name: d for name, d in own.items() if name not in shared or name in _Reader.outside(reader, script.text)}
        dependencies = {**(shared if folder(path) else {}), **own}
        name = _name(manifests, folder(path)) or base(folder(path))
        found.append(
            Declared(
                ecosystem="jvm", folder=folder(path), name=name, manager="Gradle", manifest=path, dependencies=tuple(dependencies.values()),
                marks=frozenset({"workspace"} if _includes(manifests, folder(path)) else set()),
            )
        )  # fmt: skip
    return found


class _Reader:
    """Reads the dependencies of one build file."""

    def __init__(
        self, manifests: Manifests, script: _Script, catalogue: _Catalogue, plugins: dict[str, str], conventions: dict[str, _Script]
    ) -> None:
        self.manifests, self.script, self.catalogue, self.plugins, self.conventions = manifests, script, catalogue, plugins, conventions
        self.values = _values(manifests, script)
        self.groups: dict[str, str] = {}
        self.lock = _lock(manifests, folder(script.path))

    def all(self, depth: int = 0) -> dict[str, Dependency]:
        """Everything it asks for, plugins too; versions of groups that a plugin or BOM manages are filled in."""
        listed: list[Dependency] = []
        for number, line in enumerate(self.script.lines, 1):
            at = Evidence(self.script.path, number, line.strip()[:200])
            listed += self._plugins(line, at)
            listed += self._libraries(line, at)
            for match in _BOM.finditer(line):
                self.groups[BOMS.get(match[2], match[1])] = _filled(match[3], self.values)
        found = {d.package: d for d in listed}
        boot = found.get(f"{PLUGIN}org.springframework.boot")
        if boot is not None and boot.version:
            self.groups.setdefault("org.springframework.boot", boot.version)
        for name in list(found):
            script = self.conventions.get(name.removeprefix(PLUGIN)) if name.startswith(PLUGIN) else None
            if script is not None and depth < 5:
                more = _Reader(self.manifests, script, self.catalogue, self.plugins, self.conventions)
                found = {**more.all(depth + 1), **found}
                self.groups = {**more.groups, **self.groups}
        return {name: self._managed(d) for name, d in found.items()}

    def outside(self, text: str) -> set[str]:
        """The names asked for outside of the blocks that speak for all projects."""
        blocks = _for_all(text)
        script = _Script(
            self.script.path, "\n".join("" if a == b and a else a for a, b in zip(text.split("\n"), blocks.split("\n"), strict=True))
        )
        return set(_Reader(self.manifests, script, self.catalogue, self.plugins, self.conventions).all())

    def _managed(self, one: Dependency) -> Dependency:
        version = self.lock.get(one.package) or one.version or self.groups.get(one.package.partition(":")[0], "")
        return Dependency(one.package, one.range, one.scope, one.at, version)

    def _plugins(self, line: str, at: Evidence) -> list[Dependency]:
        applied = "apply false" not in line and "apply(false)" not in line
        found = [(m[1], m[2] or (f"${m[3]}" if m[3] else "")) for m in _PLUGIN.finditer(line)]
        found += [(m[1], "") for m in _APPLY.finditer(line)]
        found += [
            (f"org.jetbrains.kotlin.{m[1]}", "") for m in _KOTLIN.finditer(line) if "plugin" in line or line.strip().startswith("kotlin(")
        ]
        for match in _ALIAS.finditer(line):
            name, version = self.catalogue.plugins.get(_alias(match[2]), ("", ""))
            found += [(name, version)] if name else []
        made: list[Dependency] = []
        for name, said in found:
            version = _filled(said, self.values) or self.plugins.get(name, "")
            if version:
                self.plugins.setdefault(name, version)
            if applied:
                made.append(Dependency(PLUGIN + name, said, MAIN, at, _exact(version)))
        return made

    def _libraries(self, line: str, at: Evidence) -> list[Dependency]:
        found: list[Dependency] = []
        for match in (*_COORDINATES.finditer(line), *_NAMED.finditer(line)):
            configuration, group, artifact, said = match[1], match[2], match[3], match[4] or ""
            version = _filled(said, self.values)
            if "latform" in match[0]:
                self.groups[BOMS.get(artifact, group)] = version
            found.append(Dependency(f"{group}:{artifact}", said, _scope(configuration), at, _exact(version)))
        for match in _CATALOGUED.finditer(line):
            names = self.catalogue.bundles.get(_alias(match[3].removeprefix("bundles."))) if match[3].startswith("bundles.") else [match[3]]
            for name in names or []:
                module, version = self.catalogue.libraries.get(_alias(name), ("", ""))
                if module:
                    if "latform" in match[0]:
                        group, _, artifact = module.partition(":")
                        self.groups[BOMS.get(artifact, group)] = version
                    found.append(Dependency(module, version, _scope(match[1]), at, _exact(version)))
        return found


def _catalogue(manifests: Manifests, path: str, made: _Catalogue) -> None:
    data = manifests.toml(path)
    versions = {
        name: word(v) or word(table(v).get("strictly")) or word(table(v).get("require")) for name, v in table(data.get("versions")).items()
    }

    def version(entry: object) -> str:
        said = table(entry).get("version")
        return versions.get(word(table(said).get("ref")), "") or word(said) or word(table(said).get("strictly"))

    for alias, entry in table(data.get("libraries")).items():
        if isinstance(entry, str):
            module, _, number = entry.rpartition(":") if entry.count(":") > 1 else (entry, "", "")
        else:
            one = table(entry)
            module, number = word(one.get("module")) or f"{word(one.get('group'))}:{word(one.get('name'))}", version(entry)
        made.libraries[_alias(alias)] = (module, number)
    for alias, entry in table(data.get("plugins")).items():
        if isinstance(entry, str):
            made.plugins[_alias(alias)] = (entry.partition(":")[0], entry.partition(":")[2])
        else:
            made.plugins[_alias(alias)] = (word(table(entry).get("id")), version(entry))
    for alias, names in table(data.get("bundles")).items():
        made.bundles[_alias(alias)] = [word(name) for name in rows(names)]


def _alias(name: str) -> str:
    return re.sub(r"[-_]", ".", name).lower()


def _bare(text: str) -> str:
    return _COMMENT.sub(lambda m: m[0] if m[0][0] in "\"'" else "\n" * m[0].count("\n"), text)


def _values(manifests: Manifests, script: _Script) -> dict[str, str]:
    """What the names in a build file stand for: its own, the root's, and the properties above it."""
    found: dict[str, str] = {}
    for up in reversed(above(folder(script.path))):
        path = f"{up}/gradle.properties".strip("/")
        if path in manifests.known:
            lines = (manifests.text(path) or "").splitlines()
            found |= {key.strip(): value.strip() for key, sign, value in (line.partition("=") for line in lines if line[:1] != "#") if sign}
        for name in ("build.gradle", "build.gradle.kts"):
            other = f"{up}/{name}".strip("/")
            if other in manifests.known:
                found |= dict(_VALUE.findall(_bare(manifests.text(other) or "")))
    return found | dict(_VALUE.findall(script.text))


def _filled(said: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{?(?:rootProject\.|project\.|extra\.|ext\.)?([\w.]+)\}?", lambda m: values.get(m[1], m[0]), said)


def _exact(version: str) -> str:
    return version if re.match(r"\d[\w.-]*$", version) and not version.endswith("+") else ""


def _scope(configuration: str) -> str:
    return DEVELOPMENT if configuration.lower().startswith(("test", "androidtest", "integrationtest", "developmentonly")) else MAIN


def _for_all(text: str) -> str:
    """The text with everything blank but the blocks ``subprojects { … }`` and ``allprojects { … }``; nothing if there are none."""
    kept = [(m.start(), _end(text, m.end())) for m in re.finditer(r"\b(?:subprojects|allprojects)\s*\{", text)]
    if not kept:
        return ""
    blank = re.sub(r"[^\n]", " ", text)
    for start, end in kept:
        blank = blank[:start] + text[start:end] + blank[end:]
    return blank


def _end(text: str, at: int) -> int:
    depth = 1
    for position in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return len(text)


def _lock(manifests: Manifests, where: str) -> dict[str, str]:
    path = f"{where}/gradle.lockfile".strip("/")
    text = manifests.text(path) if path in manifests.known else None
    return {f"{g}:{a}": v for g, a, v in re.findall(r"^([\w.-]+):([\w.-]+):([^=\s]+)=", text or "", re.M)}


def _settings(manifests: Manifests, where: str) -> str:
    names = [f"{where}/{name}".strip("/") for name in ("settings.gradle", "settings.gradle.kts")]
    return "\n".join(_bare(manifests.text(name) or "") for name in names if name in manifests.known)


def _name(manifests: Manifests, where: str) -> str:
    match = re.search(r"""rootProject\.name\s*=\s*["']([^"']+)["']""", _settings(manifests, where))
    return match[1] if match else ""


def _includes(manifests: Manifests, where: str) -> bool:
    return bool(re.search(r"^\s*include[\s(]", _settings(manifests, where), re.M))


def _named_build(path: str, manifests: Manifests) -> bool:
    """A build file named after its folder, as some large builds have them."""
    return bool(folder(path)) and re.sub(r"\.gradle(\.kts)?$", "", base(path)) == base(folder(path))
