"""Maven: ``pom.xml`` with its parents, properties, managed versions and imported BOMs, as far as they lie in the repository."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from backwright.worker.survey.manifests.package import DEVELOPMENT, MAIN, Declared, Dependency
from backwright.worker.survey.manifests.reading import Manifests, base, beside, folder

PLUGIN = "plugin:"
"""Begins the name of a build plugin among the dependencies."""
BOMS = {
    "spring-boot-starter-parent": "org.springframework.boot",
    "spring-boot-dependencies": "org.springframework.boot",
    "quarkus-bom": "io.quarkus",
    "quarkus-universe-bom": "io.quarkus",
    "micronaut-parent": "io.micronaut",
    "micronaut-platform": "io.micronaut",
    "micronaut-bom": "io.micronaut",
}
"""Parents and BOMs from outside whose own version is that of every artifact of a group."""
_DEPTH = 20


@dataclass(slots=True)
class _Pom:
    path: str
    group: str
    artifact: str
    version: str
    parent: tuple[str, str, str, str] | None
    """Group, artifact, version and relative path."""
    properties: dict[str, str]
    managed: list[Element]
    dependencies: list[Element]
    plugins: list[Element]
    packaging: str


@dataclass(slots=True)
class _Effective:
    properties: dict[str, str] = field(default_factory=dict[str, str])
    managed: dict[str, str] = field(default_factory=dict[str, str])
    groups: dict[str, str] = field(default_factory=dict[str, str])
    inherited: list[tuple[_Pom, Element]] = field(default_factory=list[tuple[_Pom, Element]])
    plugins: list[tuple[_Pom, Element]] = field(default_factory=list[tuple[_Pom, Element]])


def read(manifests: Manifests) -> list[Declared]:
    """The modules, each with what it inherits."""
    poms = {path: pom for path in manifests.named("pom.xml") if (pom := _pom(manifests, path)) is not None}
    by_name = {(pom.group, pom.artifact): pom for pom in poms.values()}
    return [_module(manifests, pom, poms, by_name) for pom in poms.values()]


def _pom(manifests: Manifests, path: str) -> _Pom | None:
    root = manifests.xml(path)
    if root is None or root.tag != "project":
        return None
    parent = root.find("parent")
    above = None if parent is None else tuple(_text(parent, name) for name in ("groupId", "artifactId", "version", "relativePath"))
    properties = {str(e.tag): (e.text or "").strip() for e in root.findall("properties/*")}
    return _Pom(
        path, _text(root, "groupId") or (above[0] if above else ""), _text(root, "artifactId"),
        _text(root, "version") or (above[2] if above else ""), above if above is None else (above[0], above[1], above[2], above[3]),
        properties, root.findall("dependencyManagement/dependencies/dependency"), root.findall("dependencies/dependency"),
        root.findall("build/plugins/plugin"), _text(root, "packaging") or "jar",
    )  # fmt: skip


def _effective(pom: _Pom, poms: dict[str, _Pom], by_name: dict[tuple[str, str], _Pom], depth: int = 0) -> _Effective:
    """What holds for a module: its parents' words first, its own over them."""
    made = _Effective()
    if pom.parent is not None and depth < _DEPTH:
        group, artifact, version, relative = pom.parent
        place = beside(folder(pom.path), relative or "../pom.xml")
        local = poms.get(place if place.endswith(".xml") else f"{place}/pom.xml".strip("/"))
        local = local if local is not None and local.artifact == artifact else by_name.get((group, artifact))
        if local is not None and local is not pom:
            made = _effective(local, poms, by_name, depth + 1)
        if artifact in BOMS:
            made.groups[BOMS[artifact]] = version
        made.properties |= {"project.parent.version": version, "parent.version": version}
    made.properties |= pom.properties | {"project.version": pom.version, "project.groupId": pom.group, "version": pom.version}
    for element in pom.managed:
        group, artifact = _filled(_text(element, "groupId"), made.properties), _text(element, "artifactId")
        version = _filled(_text(element, "version"), made.properties)
        if _text(element, "scope") == "import":
            bom = by_name.get((group, artifact))
            if bom is not None and bom is not pom and depth < _DEPTH:
                other = _effective(bom, poms, by_name, depth + 1)
                made.managed |= other.managed
                made.groups |= other.groups
            made.groups[BOMS.get(artifact, group)] = version
        else:
            made.managed[f"{group}:{artifact}"] = version
    made.inherited += [(pom, element) for element in pom.dependencies]
    made.plugins += [(pom, element) for element in pom.plugins]
    return made


def _module(manifests: Manifests, pom: _Pom, poms: dict[str, _Pom], by_name: dict[tuple[str, str], _Pom]) -> Declared:
    whole = _effective(pom, poms, by_name)
    found: dict[str, Dependency] = {}
    for owner, element in whole.inherited:
        group, artifact = _filled(_text(element, "groupId"), whole.properties), _filled(_text(element, "artifactId"), whole.properties)
        name, said = f"{group}:{artifact}", _text(element, "version")
        version = _filled(said, whole.properties) or whole.managed.get(name) or whole.groups.get(group, "")
        scope = DEVELOPMENT if _text(element, "scope") == "test" else MAIN
        at = manifests.at(owner.path, "<dependencies>", f"<artifactId>{artifact}</artifactId>")
        found[name] = Dependency(name, said or version, scope, at, _exact(version))
    for owner, element in whole.plugins:
        group, artifact = _text(element, "groupId") or "org.apache.maven.plugins", _text(element, "artifactId")
        version = _filled(_text(element, "version"), whole.properties) or whole.groups.get(group, "")
        at = manifests.at(owner.path, "<plugins>", f"<artifactId>{artifact}</artifactId>")
        found[PLUGIN + artifact] = Dependency(PLUGIN + artifact, version, MAIN, at, _exact(version))
    return Declared(
        ecosystem="jvm", folder=folder(pom.path), name=pom.artifact or base(folder(pom.path)), manager="Maven", manifest=pom.path,
        dependencies=tuple(found.values()), marks=frozenset({"workspace"} if pom.packaging == "pom" else set()),
    )  # fmt: skip


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _filled(said: str, properties: dict[str, str]) -> str:
    """The text with ``${…}`` replaced, a few times over, since properties name others."""
    for _ in range(5):
        filled = re.sub(r"\$\{([^}]+)\}", lambda m: properties.get(m[1], m[0]), said)
        if filled == said or len(filled) > 200:
            break
        said = filled
    return said


def _exact(version: str) -> str:
    return version if re.match(r"\d[\w.-]*$", version) else ""
