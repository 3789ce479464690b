"""code.clean: lint (ruff), types (mypy, strict), complexity and duplication, by settings that ship with the kit, not the project's own."""

import os
import re
from pathlib import Path

from backwright.worker.prove import process
from backwright.worker.prove.checks.complexity import complexity
from backwright.worker.prove.checks.duplication import copies
from backwright.worker.prove.checks.source import Breach, Module, modules
from backwright.worker.prove.faults import Edit, Plant, add
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, failed, not_applicable, not_measured, proved

MOST_COMPLEX = 10
MOST_COPIED = 5.0
"""Per cent of all tokens."""

_HERE = Path(__file__).parent
_TYPED = ("**/*.py", "!tests/**", "!**/test_*.py", "!**/conftest.py", "!migrations/**", "!**/migrations/**")
_SWITCHED_OFF = re.compile(r"^\s*#\s*(mypy:\s*(ignore|disable|allow|no-)|ruff:\s*noqa|flake8:\s*noqa|type:\s*ignore\s*$)", re.MULTILINE)


def clean(target: Target) -> Finding:
    """Run ruff over everything, mypy over what is served, and measure the rest here."""
    own = modules(target.dir, _TYPED)
    if not own:
        return not_applicable("there is no Python here")
    lint, types = _ruff(target.dir), _mypy(target, own)
    commands = (lint.command, types.command)
    raw = f"$ {lint.command}\n{lint.output}\n$ {types.command}\n{types.output}"
    for ran, name in ((lint, "ruff"), (types, "mypy")):
        if ran.status not in (0, 1):
            return not_measured(f"{name} did not come to an end (status {ran.status})", raw, commands=commands)
    breaches = [*_listed(lint.output), *_listed(types.output), *_measured(own)]
    figures, duplicates = _figures(own, lint.output, types.output)
    raw += "\n" + "\n".join([*map(str, _measured(own)), *(f"{one}: copied from {other}" for one, other in duplicates)])
    if float(figures["copied_percent"]) > MOST_COPIED:
        breaches.append(f"{figures['copied_percent']} % of the code is copied; at most {MOST_COPIED:g} %")
    if breaches:
        return failed(str(breaches[0]), raw, commands=commands, **figures)
    return proved(f"{len(own)} modules: no lint, no type error, complexity ≤ {figures['most_complex']}", raw, commands=commands, **figures)


def _ruff(folder: Path) -> process.Ran:
    arguments = (
        "check",
        "--no-cache",
        "--no-respect-gitignore",
        "--quiet",
        "--output-format",
        "concise",
        "--config",
        str(_HERE / "ruff.toml"),
        ".",
    )
    return process.run(process.python("ruff", *arguments), folder, timeout=60)


def _mypy(target: Target, own: list[Module]) -> process.Ran:
    cache = str((target.cache / "mypy").resolve()) if target.cache else os.devnull
    fixed = ("--config-file", str(_HERE / "mypy.ini"), "--cache-dir", cache, "--no-error-summary")
    return process.run(process.python("mypy", *fixed, *(module.file for module in own)), target.dir, timeout=100, env=_roots(target.dir))


def _roots(folder: Path) -> dict[str, str]:
    return {"MYPYPATH": "src"} if (folder / "src").is_dir() else {}


def _listed(output: str) -> list[str]:
    return [line for line in output.splitlines() if re.match(r"[^:]+:\d+(:\d+)?: (?!note:)", line)]


def _measured(own: list[Module]) -> list[Breach]:
    found: list[Breach] = []
    for module in own:
        for function in module.functions():
            if (ways := complexity(function)) > MOST_COMPLEX:
                found.append(module.breach(function, f"{function.name} has complexity {ways}; at most {MOST_COMPLEX}"))
        for match in _SWITCHED_OFF.finditer(module.text):
            line = module.text.count("\n", 0, match.start()) + 1
            found.append(Breach(module.file, line, f"checks are switched off for a whole file: {match.group().strip()}"))
    return found


def _figures(own: list[Module], lint: str, types: str) -> tuple[dict[str, int | float], tuple[tuple[str, str], ...]]:
    same = copies({module.file: module.text for module in own})
    ways = [complexity(function) for module in own for function in module.functions()]
    figures: dict[str, int | float] = {
        "modules": len(own),
        "lint": len(_listed(lint)),
        "type_errors": len(_listed(types)),
        "most_complex": max(ways, default=0),
        "copied_percent": same.percent,
        "ignores": sum(len(re.findall(r"#\s*(?:type:\s*ignore|noqa|pyright:\s*ignore)", module.text)) for module in own),
    }
    return figures, same.places


_TANGLED = (
    "\n\ndef planted(a: int) -> int:\n" + "".join(f"    if a == {n}:\n        return {n * n}\n" for n in range(12)) + "    return 0\n"
)


def _twice(copy: Path) -> None:
    """One long function under two names, long enough to count in a project of this size."""
    size = sum(module.text.count("\n") for module in modules(copy, _TYPED))
    lines = "".join(f"    total = total * {n} + a - b\n" for n in range(max(60, size // 4)))
    one = f"def one(a: int, b: int) -> int:\n    total = a\n{lines}    return total\n"
    add("planted_copy.py", one + "\n\n" + one.replace("def one", "def two"))(copy)


PLANTS = (
    Plant(
        "type-error",
        "code.clean",
        "a function that returns another type than it says",
        add("planted_types.py", "def planted() -> int:\n    return 'one'\n"),
    ),
    Plant("unused-import", "code.clean", "an import that nothing uses", add("planted_lint.py", "import os\n")),
    Plant("tangle", "code.clean", "a function with thirteen ways through it", add("planted_tangle.py", _TANGLED)),
    Plant("copy", "code.clean", "a long function written twice", Edit("any project: `planted_copy.py`", _twice)),
)

CLEAN = Standard(
    id="code.clean",
    sentence="The code passes strict type and lint checks, no function is a tangle, and little is copied.",
    why="Code that a machine finds simple and consistent is code that people can change without fear.",
    check=clean,
    inputs=("**/*.py",),
    plants=PLANTS,
    timeout=180.0,
    tools=("ruff", "mypy"),
)
