"""Node.js: one package may hold many projects, told by Nx or Nest. Each is a unit of its own, with what its own sources use."""

from collections.abc import Sequence
from dataclasses import replace

from backwright.worker.survey.catalogue import catalogue
from backwright.worker.survey.manifests.package import PROJECT, Declared, Script
from backwright.worker.survey.manifests.reading import Manifests, above, folder, table, word
from backwright.worker.survey.places import MAIN, role
from backwright.worker.survey.services import Unit


def projects(packages: Sequence[Declared], manifests: Manifests) -> list[Declared]:
    """The projects that are no packages themselves, each declaring what the package around it declares."""
    owners = {one.folder: one for one in packages if one.ecosystem == "node"}
    found: dict[str, Declared] = {}
    for where, name, script in (*_nx(manifests), *_nest(manifests)):
        owner = next((owners[up] for up in above(where) if up in owners), None)
        if owner is not None and where not in owners and role(f"{where}/x") == MAIN:
            found[where] = replace(owner, folder=where, name=name, scripts=script, marks=frozenset({PROJECT}))
    return list(found.values())


def narrowed(unit: Unit) -> Unit:
    """The unit; a project without the known libraries of its package that nothing in it uses."""
    if PROJECT not in unit.declared.marks:
        return unit

    def used(package: str) -> bool:
        known = catalogue().declared("node", package)
        return any(one in unit.uses for one in known)

    kept = tuple(one for one in unit.declared.dependencies if used(one.package))
    return replace(unit, declared=replace(unit.declared, dependencies=kept))


def _nx(manifests: Manifests) -> list[tuple[str, str, tuple[Script, ...]]]:
    found: list[tuple[str, str, tuple[Script, ...]]] = []
    for path in manifests.named("project.json"):
        data = manifests.json(path)
        if any(key in data for key in ("projectType", "sourceRoot", "targets")):
            name = word(data.get("name")) or folder(path).rpartition("/")[2]
            serves = "serve" in table(data.get("targets"))
            script = (Script("serve", f"npx nx serve {name}", manifests.at(path, '"serve"')),) if serves else ()
            found.append((folder(path), name, script))
    return found


def _nest(manifests: Manifests) -> list[tuple[str, str, tuple[Script, ...]]]:
    found: list[tuple[str, str, tuple[Script, ...]]] = []
    for path in manifests.named("nest-cli.json"):
        for name, said in table(manifests.json(path).get("projects")).items():
            one = table(said)
            where = "/".join(part for part in (folder(path), word(one.get("root")).strip("./")) if part)
            script = (Script("start", f"npx nest start {name}", manifests.at(path, f'"{name}"')),)
            found.append((where, name, script if one.get("type") == "application" else ()))
    return found
