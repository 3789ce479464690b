""".NET: project files, ``Directory.Packages.props``, ``Directory.Build.props``, ``packages.lock.json`` and solutions."""

import re
from xml.etree.ElementTree import Element

from backwright.worker.survey.manifests.package import DEVELOPMENT, MAIN, Declared, Dependency
from backwright.worker.survey.manifests.reading import LOCK, Manifests, above, base, folder, table, word

ENDS = (".csproj", ".fsproj", ".vbproj", ".sln", ".slnx")
NAMES = ("Directory.Packages.props", "Directory.Build.props", "packages.lock.json", "packages.config", "global.json")
SDK = "sdk:"
"""Begins the name of what a project is built with: ``sdk:Microsoft.NET.Sdk.Web``."""
_TEST_SDK = "Microsoft.NET.Test.Sdk"


def read(manifests: Manifests) -> list[Declared]:
    """One package for each project."""
    central = {folder(path): _versions(manifests.xml(path), "PackageVersion") for path in manifests.named("Directory.Packages.props")}
    shared = {folder(path): _properties(manifests.xml(path)) for path in manifests.named("Directory.Build.props")}
    found: list[Declared] = []
    for path in manifests.ending(*ENDS[:3]):
        root = manifests.xml(path)
        if root is not None:
            found.append(_project(manifests, path, root, _above(central, path), _above(shared, path)))
    return found


def _above(known: dict[str, dict[str, str]], path: str) -> dict[str, str]:
    return next((known[up] for up in above(folder(path)) if up in known), dict[str, str]())


def _project(manifests: Manifests, path: str, root: Element, central: dict[str, str], shared: dict[str, str]) -> Declared:
    properties = shared | _properties(root)
    target = properties.get("TargetFramework") or properties.get("TargetFrameworks", "").partition(";")[0]
    locked = _locked(manifests, folder(path))
    sdk = root.get("Sdk", "") or next((e.get("Sdk", "") for e in root.iter("Import") if e.get("Sdk")), "")
    dependencies = [Dependency(SDK + sdk.partition("/")[0], target, MAIN, manifests.at(path, sdk))] if sdk else []
    for element in root.iter("FrameworkReference"):
        name = element.get("Include", "")
        dependencies.append(Dependency(SDK + name, target, MAIN, manifests.at(path, name)))
    for element in root.iter("PackageReference"):
        name = element.get("Include") or element.get("Update") or ""
        said = element.get("VersionOverride") or element.get("Version") or element.findtext("Version") or central.get(name.lower(), "")
        said = _filled(said.strip(), properties)
        private = (element.get("PrivateAssets") or element.findtext("PrivateAssets") or "").lower() == "all"
        exact = said if re.match(r"\d+(\.\d+){1,3}(-[\w.]+)?$", said) else ""
        at = manifests.at(path, f'"{name}"')
        dependencies.append(Dependency(name, said, DEVELOPMENT if private else MAIN, at, locked.get(name.lower()) or exact))
    names = {d.package for d in dependencies}
    tests = _TEST_SDK in names or properties.get("IsTestProject", "").lower() == "true"
    return Declared(
        ecosystem="dotnet", folder=folder(path), name=base(path).rpartition(".")[0], manager="NuGet", manifest=path,
        dependencies=tuple(d for d in dependencies if d.package), marks=frozenset({"tests"} if tests else set()),
    )  # fmt: skip


def _properties(root: Element | None) -> dict[str, str]:
    groups: list[Element] = [] if root is None else list(root.iter("PropertyGroup"))
    return {str(e.tag): (e.text or "").strip() for group in groups for e in group}


def _versions(root: Element | None, tag: str) -> dict[str, str]:
    if root is None:
        return {}
    properties = _properties(root)
    return {(e.get("Include") or "").lower(): _filled(e.get("Version") or e.findtext("Version") or "", properties) for e in root.iter(tag)}


def _filled(said: str, properties: dict[str, str]) -> str:
    return re.sub(r"\$\(([^)]+)\)", lambda m: properties.get(m[1], m[0]), said)


def _locked(manifests: Manifests, where: str) -> dict[str, str]:
    path = f"{where}/packages.lock.json".strip("/")
    if path not in manifests.known:
        return {}
    targets = table(manifests.json(path, limit=LOCK).get("dependencies"))
    return {name.lower(): word(table(e).get("resolved")) for target in targets.values() for name, e in table(target).items()}
