"""Node.js: ``package.json``, its workspaces, and the locks of npm, pnpm and yarn."""

import re
from fnmatch import fnmatchcase
from typing import Any

from backwright.worker.survey.manifests.package import DEVELOPMENT, MAIN, PEER, Declared, Dependency, Script
from backwright.worker.survey.manifests.reading import LOCK, Manifests, above, base, folder, rows, table, word

NAMES = (
    "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "lerna.json",
    "nx.json", "project.json", "nest-cli.json", "turbo.json", "bun.lock", "bun.lockb", "rush.json",
)  # fmt: skip
LOCKS = {
    "package-lock.json": "npm", "npm-shrinkwrap.json": "npm", "yarn.lock": "yarn", "pnpm-lock.yaml": "pnpm", "bun.lock": "bun",
    "bun.lockb": "bun",
}  # fmt: skip
_SCOPES = {"dependencies": MAIN, "optionalDependencies": MAIN, "devDependencies": DEVELOPMENT, "peerDependencies": PEER}
_PNPM_KEY = re.compile(r"^  ['\"]?/?(@?[^@'\"\s]+?)[@/](\d[^('\":_]*)", re.M)
_EXACT = re.compile(r"\d+\.\d+\.\d+(-[\w.]+)?$")


def read(manifests: Manifests) -> list[Declared]:
    """The packages of the repository, with locked versions where a lock of theirs, or of a folder above, has them."""
    locks = {path: _Lock(manifests, path) for path in manifests.named(*LOCKS)}
    found: list[Declared] = []
    for path in manifests.named("package.json"):
        data = manifests.json(path)
        if data:
            found.append(_package(manifests, path, data, locks))
    return found


def _package(manifests: Manifests, path: str, data: dict[str, Any], locks: "dict[str, _Lock]") -> Declared:
    where = folder(path)
    lock = next((lock for up in above(where) for at, lock in locks.items() if folder(at) == up), None)
    dependencies: list[Dependency] = []
    for section, scope in _SCOPES.items():
        for name, wanted in manifests.part(path, data, section).items():
            said = word(wanted)
            version = lock.version(where, name, said) if lock else ""
            version = version or (said if _EXACT.match(said) else "")
            at = manifests.at(path, f'"{section}"', f'"{name}"')
            dependencies.append(Dependency(name, said, scope, at, version))
    scripts = tuple(
        Script(name, word(command), manifests.at(path, '"scripts"', f'"{name}"'))
        for name, command in manifests.part(path, data, "scripts").items()
    )
    marks = {"workspace"} if _members(manifests, where, data) else set[str]()
    return Declared(
        ecosystem="node", folder=where, name=word(data.get("name")) or base(where), manager=_manager(data, lock), manifest=path,
        dependencies=tuple(dependencies), scripts=scripts, marks=frozenset(marks),
    )  # fmt: skip


def _manager(data: dict[str, Any], lock: "_Lock | None") -> str:
    stated = word(data.get("packageManager")).partition("@")[0]
    return stated if stated in ("npm", "pnpm", "yarn", "bun") else LOCKS[base(lock.path)] if lock else "npm"


def _members(manifests: Manifests, where: str, data: dict[str, Any]) -> list[str]:
    """The folders of the workspace that this manifest opens."""
    said = data.get("workspaces")
    patterns = [word(p) for p in rows(said) or rows(table(said).get("packages"))]
    for name in ("pnpm-workspace.yaml", "lerna.json"):
        path = f"{where}/{name}" if where else name
        if path in manifests.known:
            more = manifests.json(path) if name.endswith(".json") else manifests.yaml(path)
            patterns += [word(p) for p in rows(table(more).get("packages"))]
    prefix = f"{where}/" if where else ""
    folders = [folder(path) for path in manifests.named("package.json")]
    return [f for f in folders if f != where and any(fnmatchcase(f, prefix + p.strip("./").rstrip("/")) for p in patterns if p)]


class _Lock:
    """One lock file, read when it is first asked."""

    def __init__(self, manifests: Manifests, path: str) -> None:
        self.manifests, self.path = manifests, path
        self._versions: dict[str, str] | None = None

    def version(self, where: str, name: str, wanted: str) -> str:
        """The version it holds for a dependency of the package in the folder; nothing if it has none."""
        if self._versions is None:
            self._versions = self._read()
        below = where.removeprefix(folder(self.path)).strip("/")
        keys = (f"{below}>{name}", f"{name}@{wanted}", f"{name}@npm:{wanted}", name)
        return next((self._versions[key] for key in keys if key in self._versions), "")

    def _read(self) -> dict[str, str]:
        kind = LOCKS[base(self.path)]
        if kind == "npm":
            return self._npm()
        if base(self.path) == "bun.lockb":
            return {}
        text = self.manifests.text(self.path, limit=LOCK)
        if text is None:
            return {}
        return {"yarn": _yarn, "bun": _bun}[kind](text) if kind != "pnpm" else self._pnpm(text)

    def _npm(self) -> dict[str, str]:
        data = self.manifests.json(self.path, limit=LOCK)
        found: dict[str, str] = {}
        for name, entry in table(data.get("dependencies")).items():
            found[name] = word(table(entry).get("version"))
        for place, entry in table(data.get("packages")).items():
            owner, inside, name = place.rpartition("node_modules/")
            if inside and "node_modules/" not in owner:
                found[f"{owner.rstrip('/')}>{name}" if owner else name] = word(table(entry).get("version"))
        return found

    def _pnpm(self, text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, version in _PNPM_KEY.findall(text):
            found.setdefault(name, version)
        head = re.split(r"^packages:", text, maxsplit=1, flags=re.M)[0]
        data = table(self.manifests.yaml(self.path, text=head))
        importers = table(data.get("importers")) or {".": data}
        for where, importer in importers.items():
            for section in _SCOPES:
                for name, entry in table(table(importer).get(section)).items():
                    version = word(table(entry).get("version")) or word(entry)
                    if version[:1].isdigit():
                        found[f"{'' if where == '.' else where}>{name}"] = re.split(r"[(_]", version)[0]
        return found


def _yarn(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    heads: list[str] = []
    for line in text.splitlines():
        if line and line[0] not in " #":
            heads = [head.strip(' "') for head in line.rstrip(":").split(",")]
        elif heads and (said := re.match(r'  version:? "?([^"\s]+)', line)):
            found |= dict.fromkeys(heads, said[1])
            for head in heads:
                found.setdefault(head.rpartition("@")[0], said[1])
            heads = []
    return found


def _bun(text: str) -> dict[str, str]:
    return dict(re.findall(r'^\s+"([^"]+)": \["(?:[^"]+)@(\d[^"]*)"', text, re.M))
