"""Ruby: ``Gemfile``, ``*.gemspec`` and ``Gemfile.lock``. Read line by line, never run."""

import re

from backwright.worker.survey.manifests.package import DEVELOPMENT, MAIN, Declared, Dependency, joined
from backwright.worker.survey.manifests.reading import LOCK, Manifests, above, base, folder
from backwright.worker.survey.repository import Evidence

NAMES = ("Gemfile", "gems.rb", "Gemfile.lock", "gems.locked")
ENDS = (".gemspec",)
_GEM = re.compile(r"""^\s*gem[\s(]+['"]([\w.-]+)['"](.*)""")
_RANGE = re.compile(r"""^\s*,\s*['"]([^'"]*)['"](?:\s*,\s*['"]([^'"]*)['"])?""")
_GROUP = re.compile(r"\bgroups?\b\s*:?=?>?\s*\[?\s*(:\w+(?:\s*,\s*:\w+)*)")
_SPEC = re.compile(r"""^\s*\w+\.add_(runtime_|development_)?dependency[\s(]+['"]([\w.-]+)['"](.*)""")
_LOCKED = re.compile(r"^    ([\w.-]+) \(([^)\s]+)\)$", re.M)
_OPENS = re.compile(r"\bdo\b\s*(\|.*\|)?\s*$|^\s*(if|unless|case)\b")


def read(manifests: Manifests) -> list[Declared]:
    """The packages: the Gemfile and the gemspec of one folder are one."""
    found: dict[str, Declared] = {}
    locks = {folder(p): dict(_LOCKED.findall(manifests.text(p, limit=LOCK) or "")) for p in manifests.named("Gemfile.lock", "gems.locked")}
    for path in (*manifests.named("Gemfile", "gems.rb"), *manifests.ending(*ENDS)):
        text = manifests.text(path)
        if text is None:
            continue
        lock = next((locks[up] for up in above(folder(path)) if up in locks), dict[str, str]())
        dependencies = _gemspec(path, text, lock) if path.endswith(ENDS) else _gemfile(path, text, lock)
        name = base(path).removesuffix(".gemspec") if path.endswith(ENDS) else base(folder(path))
        marks = frozenset({"gem"} if path.endswith(ENDS) else set())
        package = Declared(
            ecosystem="ruby",
            folder=folder(path),
            name=name,
            manager="Bundler",
            manifest=path,
            dependencies=tuple(dependencies),
            marks=marks,
        )
        found[package.folder] = joined(found[package.folder], package) if package.folder in found else package
    return list(found.values())


def _gemfile(path: str, text: str, lock: dict[str, str]) -> list[Dependency]:
    found: list[Dependency] = []
    blocks: list[bool] = []
    for number, line in enumerate(_uncommented(text), 1):
        match = _GEM.match(line)
        if match:
            groups = _groups(match[2])
            development = any(blocks) or (bool(groups) and _development(groups))
            found.append(_gem(path, number, line, match[1], match[2], development, lock))
        elif _OPENS.search(line):
            group = re.match(r"\s*group\b\s*\(?\s*(.*?)\)?\s*do", line)
            blocks.append(bool(group) and _development(re.findall(r":(\w+)", group[1] if group else "")))
        elif re.match(r"\s*end\b", line) and blocks:
            blocks.pop()
    return found


def _groups(rest: str) -> list[str]:
    match = _GROUP.search(rest)
    return re.findall(r":(\w+)", match[1]) if match else []


def _development(groups: list[str]) -> bool:
    return bool(groups) and not {"default", "production", "staging"} & set(groups) and bool({"development", "test", "ci"} & set(groups))


def _gemspec(path: str, text: str, lock: dict[str, str]) -> list[Dependency]:
    return [
        _gem(path, number, line, match[2], match[3], match[1] == "development_", lock)
        for number, line in enumerate(_uncommented(text), 1)
        if (match := _SPEC.match(line))
    ]


def _gem(path: str, number: int, line: str, name: str, rest: str, development: bool, lock: dict[str, str]) -> Dependency:
    said = _RANGE.match(rest)
    wanted = ", ".join(part for part in (said[1], said[2]) if part) if said else ""
    exact = wanted.removeprefix("=").strip()
    version = lock.get(name) or (exact if re.match(r"\d+(\.\w+)+$", exact) else "")
    return Dependency(name, wanted, DEVELOPMENT if development else MAIN, Evidence(path, number, line.strip()[:200]), version)


def _uncommented(text: str) -> list[str]:
    text = re.sub(r"^=begin\b.*?^=end\b", lambda m: "\n" * m[0].count("\n"), text, flags=re.S | re.M)
    return [re.sub(r"(^|\s)#[^{].*$", "", line) for line in text.splitlines()]
