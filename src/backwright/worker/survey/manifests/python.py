"""Python: ``pyproject.toml`` of every tool, ``requirements*.txt``, ``setup.cfg``, ``setup.py``, ``Pipfile``, and their locks."""

import ast
import configparser
import re
from typing import Any

from backwright.worker.survey.manifests.package import DEVELOPMENT, MAIN, Declared, Dependency, Script, joined
from backwright.worker.survey.manifests.reading import LOCK, Manifests, above, base, beside, folder, line_of, rows, table, word
from backwright.worker.survey.repository import Evidence

NAMES = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "Pipfile.lock", "uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
LOCKS = {"uv.lock": "uv", "poetry.lock": "Poetry", "pdm.lock": "PDM", "Pipfile.lock": "Pipenv", "pylock.toml": "pip"}
REQUIREMENTS = re.compile(
    r"(^|/)requirements([-_.][\w.-]+)?\.(txt|in)$|(^|/)requirements/[\w.-]+\.(txt|in)$|(^|/)[\w-]+[-_]requirements\.txt$"
)
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)$", re.S)
_PIN = re.compile(r"===?\s*([0-9][^\s,;*]*)\s*$")
_DEVELOPMENT = re.compile(
    r"(^|[-_./])(dev|devel|development|tests?|testing|docs?|lint|ci|local|typing|mypy|tools|style|check)([-_./]|$)", re.I
)


def read(manifests: Manifests) -> list[Declared]:
    """The packages of the repository: the manifests of one folder are one package."""
    found: dict[str, Declared] = {}
    for path in manifests.paths:
        package = _one(manifests, path)
        if package is not None:
            known = found.get(package.folder)
            found[package.folder] = joined(known, package) if known else package
    locks = {path: _lock(manifests, path) for path in manifests.named(*LOCKS)}
    return [_locked(package, locks) for package in found.values()]


def normal(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _one(manifests: Manifests, path: str) -> Declared | None:
    name = base(path)
    if name == "pyproject.toml":
        return _pyproject(manifests, path)
    if name == "Pipfile":
        return _pipfile(manifests, path)
    if name == "setup.cfg":
        return _setup_cfg(manifests, path)
    if name == "setup.py":
        return _setup_py(manifests, path)
    return _requirements(manifests, path) if REQUIREMENTS.search(path) else None


def _made(path: str, manager: str, name: str, dependencies: list[Dependency], scripts: tuple[Script, ...] = (), where: str | None = None,
          marks: frozenset[str] = frozenset()) -> Declared:  # fmt: skip
    where = folder(path) if where is None else where
    return Declared(
        ecosystem="python", folder=where, name=name or base(where), manager=manager, manifest=path, dependencies=tuple(dependencies),
        scripts=scripts, marks=marks,
    )  # fmt: skip


def requirement(text: str, scope: str, at: Evidence) -> Dependency | None:
    """One requirement of PEP 508: name, extras, versions, marker. None for a path, an address without a name or an option."""
    bare = re.split(r"\s#", text.strip(), maxsplit=1)[0]
    if not bare or bare.startswith(("-", ".", "/", "#")) or re.match(r"[a-z+]+://", bare):
        return None
    match = _NAME.match(bare)
    if match is None:
        return None
    wanted = match[3].partition(";")[0].strip().strip("()").split(" --hash")[0].rstrip("\\ ").strip()
    if wanted and wanted[0] not in "=<>!~@":
        return None
    pin = _PIN.match(wanted)
    return Dependency(normal(match[1]), wanted, scope, at, pin[1] if pin else "")


def _listed(manifests: Manifests, path: str, values: object, scope: str, *section: str) -> list[Dependency]:
    found = [requirement(text, scope, manifests.at(path, *section, text)) for value in rows(values) if (text := word(value))]
    return [one for one in found if one is not None]


# --- pyproject.toml -------------------------------------------------------------------------------------------------------


def _pyproject(manifests: Manifests, path: str) -> Declared | None:
    data = manifests.toml(path)
    project, tool = manifests.part(path, data, "project"), table(data.get("tool"))
    poetry = table(tool.get("poetry"))
    if not project and not poetry and "uv" not in tool and "dependency-groups" not in data:
        return None
    found = _listed(manifests, path, project.get("dependencies"), MAIN, "[project]", "dependencies")
    for extra, values in table(project.get("optional-dependencies")).items():
        found += _listed(manifests, path, values, _scope(extra), "optional-dependencies", extra)
    for group, values in table(data.get("dependency-groups")).items():
        found += _listed(manifests, path, values, DEVELOPMENT, "[dependency-groups]", group)
    for values in table(table(tool.get("pdm")).get("dev-dependencies")).values():
        found += _listed(manifests, path, values, DEVELOPMENT, "dev-dependencies")
    found += _listed(manifests, path, table(tool.get("uv")).get("dev-dependencies"), DEVELOPMENT, "[tool.uv]")
    for environment in table(table(tool.get("hatch")).get("envs")).values():
        found += _listed(manifests, path, table(environment).get("dependencies"), DEVELOPMENT, "[tool.hatch")
    found += _poetry(manifests, path, poetry)
    scripts = {**table(poetry.get("scripts")), **table(project.get("scripts"))}
    marks = frozenset({"workspace"} if table(tool.get("uv")).get("workspace") else set())
    made = tuple(Script(f"script:{name}", word(target), manifests.at(path, "scripts]", name)) for name, target in scripts.items())
    return _made(path, _manager(data, tool), word(project.get("name")) or word(poetry.get("name")), found, made, marks=marks)


def _poetry(manifests: Manifests, path: str, poetry: dict[str, Any]) -> list[Dependency]:
    groups = [(poetry.get("dependencies"), MAIN, "[tool.poetry.dependencies]"), (poetry.get("dev-dependencies"), DEVELOPMENT, "dev-dep")]
    for name, group in table(poetry.get("group")).items():
        scope = MAIN if name in ("main", "prod", "production", "web", "server") else DEVELOPMENT
        groups.append((table(group).get("dependencies"), scope, f"group.{name}"))
    found: list[Dependency] = []
    for values, scope, section in groups:
        for name, wanted in table(values).items():
            if name != "python":
                said = word(wanted) or word(table(wanted).get("version"))
                exact = said if re.match(r"\d+\.\d+[\w.]*$", said) else said.removeprefix("==") if said.startswith("==") else ""
                found.append(Dependency(normal(name), said, scope, manifests.at(path, section, name), exact))
    return found


def _manager(data: dict[str, Any], tool: dict[str, Any]) -> str:
    if "uv" in tool:
        return "uv"
    if "poetry" in tool:
        return "Poetry"
    if "pdm" in tool:
        return "PDM"
    if "hatch" in tool and "envs" in table(tool["hatch"]):
        return "Hatch"
    return "pip"


def _scope(extra: str) -> str:
    return DEVELOPMENT if _DEVELOPMENT.search(extra) else MAIN


# --- the older forms ----------------------------------------------------------------------------------------------------


def _requirements(manifests: Manifests, path: str) -> Declared:
    where = folder(path)
    if base(where) == "requirements":
        where = folder(where)
    scope = DEVELOPMENT if _DEVELOPMENT.search(path.removeprefix(where).removeprefix("/requirements").removesuffix(".txt")) else MAIN
    return _made(path, "pip", "", _included(manifests, path, scope, set()), where=where)


def _included(manifests: Manifests, path: str, scope: str, seen: set[str]) -> list[Dependency]:
    """The requirements of a file and of those that it includes; one that includes itself in a circle is a finding."""
    if path in seen:
        manifests.wrong(path, "includes itself in a circle")
        return []
    text = manifests.text(path) if path in manifests.known else None
    if text is None:
        return []
    found: list[Dependency] = []
    for number, line in enumerate(text.replace("\\\n", "  ").splitlines(), 1):
        include = re.match(r"\s*(?:-r|--requirement)[\s=]*(\S+)", line)
        if include:
            target = beside(folder(path), include[1])
            if target not in manifests.known:
                manifests.wrong(path, f"includes {include[1]}, which is not there", number)
            found += _included(manifests, target, scope, seen | {path})
        elif one := requirement(line, scope, Evidence(path, line_of(text, line.strip()) or number, line.strip()[:200])):
            found.append(one)
    return found


def _setup_cfg(manifests: Manifests, path: str) -> Declared | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(manifests.text(path) or "")
    except configparser.Error as error:
        manifests.wrong(path, f"not valid: {str(error).splitlines()[0]}", getattr(error, "lineno", 0) or 0)
        return None
    if not parser.has_section("metadata") and not parser.has_section("options"):
        return None
    found = _listed(manifests, path, parser.get("options", "install_requires", fallback="").splitlines(), MAIN, "install_requires")
    extras = dict(parser.items("options.extras_require")) if parser.has_section("options.extras_require") else dict[str, str]()
    for extra, values in extras.items():
        found += _listed(manifests, path, values.splitlines(), _scope(extra), "extras_require", extra)
    return _made(path, "pip", parser.get("metadata", "name", fallback=""), found)


def _setup_py(manifests: Manifests, path: str) -> Declared | None:
    """Read as a tree, never run: what is computed there stays unknown."""
    text = manifests.text(path)
    try:
        tree = ast.parse(text or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        manifests.wrong(path, f"not valid Python: {getattr(error, 'msg', error)}", getattr(error, "lineno", 0) or 0)
        return None
    named = {
        t.id: node.value for node in tree.body if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)
    }  # fmt: skip
    call = next(
        (n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) in ("setup", "setuptools.setup", "core.setup")), None
    )
    if call is None:
        return None
    words = {k.arg: named.get(k.value.id, k.value) if isinstance(k.value, ast.Name) else k.value for k in call.keywords}
    found = _literal(path, words.get("install_requires"), MAIN)
    extras = words.get("extras_require")
    if isinstance(extras, ast.Dict):
        for key, value in zip(extras.keys, extras.values, strict=True):
            extra = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
            found += _literal(path, value, _scope(extra))
    found += _literal(path, words.get("tests_require"), DEVELOPMENT)
    name = words.get("name")
    return _made(path, "pip", name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else "", found)


def _literal(path: str, node: ast.expr | None, scope: str) -> list[Dependency]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else []
    found = [
        requirement(one.value, scope, Evidence(path, one.lineno, one.value))
        for one in items
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    return [one for one in found if one is not None]


def _pipfile(manifests: Manifests, path: str) -> Declared:
    data = manifests.toml(path)
    found: list[Dependency] = []
    for section, scope in (("packages", MAIN), ("dev-packages", DEVELOPMENT)):
        for name, wanted in manifests.part(path, data, section).items():
            said = word(wanted) or word(table(wanted).get("version"))
            pin = _PIN.match(said)
            found.append(Dependency(normal(name), said, scope, manifests.at(path, f"[{section}]", name), pin[1] if pin else ""))
    return _made(path, "Pipenv", "", found)


# --- locks ---------------------------------------------------------------------------------------------------------------


def _lock(manifests: Manifests, path: str) -> dict[str, str]:
    if path.endswith(".lock") and base(path) == "Pipfile.lock":
        data = manifests.json(path, limit=LOCK)
        entries = {**table(data.get("develop")), **table(data.get("default"))}
        return {normal(name): word(table(entry).get("version")).removeprefix("==") for name, entry in entries.items()}
    data = manifests.toml(path, limit=LOCK)
    listed = rows(data.get("package")) or rows(data.get("packages"))
    return {normal(word(table(one).get("name"))): word(table(one).get("version")) for one in listed}


def _locked(package: Declared, locks: dict[str, dict[str, str]]) -> Declared:
    from dataclasses import replace

    for up in above(package.folder):
        near = {path: lock for path, lock in locks.items() if folder(path) == up}
        if near:
            path, lock = next(iter(near.items()))
            return replace(
                package,
                manager=LOCKS[base(path)] if package.manager == "pip" else package.manager,
                dependencies=tuple(replace(d, version=lock.get(d.package) or d.version) for d in package.dependencies),
            )
    return package
