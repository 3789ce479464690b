"""PHP: ``composer.json`` and ``composer.lock``. Platform packages (``php``, ``ext-*``) are no libraries."""

import re

from backwright.worker.survey.manifests.package import DEVELOPMENT, MAIN, Declared, Dependency, Script
from backwright.worker.survey.manifests.reading import LOCK, Manifests, above, base, folder, rows, table, word

NAMES = ("composer.json", "composer.lock")


def read(manifests: Manifests) -> list[Declared]:
    """The packages of the repository."""
    locks = {folder(path): _lock(manifests, path) for path in manifests.named("composer.lock")}
    found: list[Declared] = []
    for path in manifests.named("composer.json"):
        data = manifests.json(path)
        lock = next((locks[up] for up in above(folder(path)) if up in locks), dict[str, str]())
        dependencies: list[Dependency] = []
        for section, scope in (("require", MAIN), ("require-dev", DEVELOPMENT)):
            for name, wanted in manifests.part(path, data, section).items():
                if "/" in name:
                    said = word(wanted)
                    exact = said.removeprefix("v") if re.match(r"v?\d+\.\d+\.\d+$", said) else ""
                    at = manifests.at(path, f'"{section}"', f'"{name}"')
                    dependencies.append(Dependency(name, said, scope, at, lock.get(name) or exact))
        scripts = tuple(
            Script(name, word(command) or " && ".join(map(word, rows(command))), manifests.at(path, '"scripts"', f'"{name}"'))
            for name, command in manifests.part(path, data, "scripts").items()
        )
        if data:
            found.append(
                Declared(
                    ecosystem="php",
                    folder=folder(path),
                    name=word(data.get("name")) or base(folder(path)),
                    manager="Composer",
                    manifest=path,
                    dependencies=tuple(dependencies),
                    scripts=scripts,
                    marks=frozenset({word(data.get("type"))} - {""}),
                )
            )
    return found


def _lock(manifests: Manifests, path: str) -> dict[str, str]:
    data = manifests.json(path, limit=LOCK)
    listed = [table(one) for section in ("packages", "packages-dev") for one in rows(data.get(section))]
    return {word(one.get("name")): word(one.get("version")).removeprefix("v") for one in listed}
