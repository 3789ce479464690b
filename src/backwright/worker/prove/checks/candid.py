"""code.candid: the project does not look at who runs it, does not change the kit, and its tests can fail.

The checks run the project's own code. Code that asks whether it is being measured, that replaces a part of the kit, that hides a tool
behind a file of the same name, or that decides how its tests end, could make any other verdict worth nothing. The scan is by syntax:
it finds the known ways, not every way.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache

from backwright.worker.prove import tree
from backwright.worker.prove.checks.source import Breach, Module, judged, last, modules
from backwright.worker.prove.faults import Plant, add
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_applicable

_LOOKS = {
    "sys": {"modules", "argv", "orig_argv", "_getframe", "_current_frames", "gettrace", "settrace", "setprofile", "getprofile", "addaudithook",
            "meta_path", "path_hooks", "_xoptions", "flags"},
    "os": {"_exit", "fork", "forkpty", "getppid", "abort", "execv", "execve", "execvp"},
    "inspect": {"stack", "currentframe", "getouterframes", "trace"},
    "traceback": {"extract_stack", "walk_stack"},
    "threading": {"settrace", "setprofile"},
    "builtins": {"__import__"},
}  # fmt: skip
_REACHES = frozenset({"ctypes", "gc", "_testcapi", "psutil", "coverage", "_pytest"})
_CHECKER = ("backwright.worker", "backwright.cli", "backwright.testing")
_WORDS = ("backwright.worker", "backwright-check", "PYTEST_CURRENT_TEST", "COVERAGE_RUN", "/proc/self", "BACKWRIGHT_SEAL_KEY")
_ENDINGS = frozenset(
    {
        "pytest_runtest_makereport", "pytest_runtest_protocol", "pytest_runtest_call", "pytest_pyfunc_call", "pytest_report_teststatus",
        "pytest_runtest_logreport", "pytest_sessionfinish", "pytest_unconfigure", "pytest_runtestloop", "pytest_exception_interact", "pytest_ignore_collect",
        "pytest_deselected", "collect_ignore", "collect_ignore_glob",
    }
)  # fmt: skip
_TOOLS = frozenset({"backwright", "pytest", "_pytest", "coverage", "mypy", "ruff", "msgspec", "sqlalchemy", "alembic", "uvicorn", "uvloop", "sitecustomize", "usercustomize"})  # fmt: skip
_SETTINGS = ("**/pyproject.toml", "**/pytest.ini", "**/.pytest.ini", "**/tox.ini", "**/setup.cfg")
_LEFT_OUT = re.compile(r"(?<=addopts).*?[\s\"'=\[](--deselect|--ignore(-glob)?|--collect-only|--co|-p|-k|-m)(?=[\s=\"'])")
_TESTS = ("tests/**/*.py", "**/test_*.py", "**/conftest.py")


def candid(target: Target) -> Finding:
    """Read every module, the tests too."""
    own, tests = modules(target.dir), modules(target.dir, _TESTS)
    if not own:
        return not_applicable("there is no Python here")
    helpers = _checking(tests)
    breaches = [
        *(breach for module in own for breach in (*_looking(module), *_changing(module))),
        *(breach for module in tests for breach in _empty(module, helpers)),
        *(breach for module in [*own, *tests] for breach in (*_ending(module), *_hiding(module))),
        *_settings(target),
    ]
    number = sum(map(_is_test, (f for module in tests for f in module.functions())))
    sentence = f"{len(own)} modules look at nobody and change no part of the kit; {number} tests can fail"
    return judged(breaches, sentence, [m.file for m in [*own, *tests]], {"modules": len(own), "tests": number})


def _looking(module: Module) -> Iterator[Breach]:
    """Who asks who runs it, or reaches for the interpreter."""
    for name, line in module.imports:
        top, _, part = name.partition(".")
        if top in _REACHES:
            yield Breach(module.file, line, f"imports {name}: it reaches into the process that measures it")
        elif any(name == one or name.startswith(one + ".") for one in _CHECKER):
            yield Breach(module.file, line, f"imports {name}: what is served does not know its checker")
        elif part in _LOOKS.get(top, ()):
            yield Breach(module.file, line, f"imports {name}: it could tell who runs it")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _LOOKS.get(node.value.id, ()):
            yield module.breach(node, f"uses {node.value.id}.{node.attr}: it could tell who runs it")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and any(word in node.value for word in _WORDS):
            yield module.breach(node, f"names {next(w for w in _WORDS if w in str(node.value))!r}: it could tell who runs it")


def _changing(module: Module) -> Iterator[Breach]:
    """Who assigns to a part of the kit."""
    kit = _of_the_kit(module)
    for node in ast.walk(module.tree):
        changed: list[ast.expr] = []
        if isinstance(node, ast.Assign | ast.Delete):
            changed = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            changed = [node.target]
        elif isinstance(node, ast.Call) and last(node.func) in ("setattr", "delattr", "__setattr__") and node.args:
            changed = [ast.Attribute(node.args[0], "?", ast.Store(), lineno=node.lineno)]
        for target in changed:
            base = _base(target)
            if isinstance(target, ast.Attribute | ast.Subscript) and base in kit:
                yield module.breach(node, f"changes {base}, which is the kit's")


def _of_the_kit(module: Module) -> set[str]:
    """The names under which the module knows parts of the kit."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names if alias.name.partition(".")[0] == "backwright"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "backwright" and not node.level:
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _settings(target: Target) -> Iterator[Breach]:
    """Settings of pytest that leave tests out, or let others decide how they end."""
    for name in tree.chosen(tree.files(target.dir), _SETTINGS):
        for number, line in enumerate((target.dir / name).read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if found := _LEFT_OUT.search(line):
                yield Breach(name, number, f"{found.group().strip()!r} leaves tests out, or bends how they end")


def _ending(module: Module) -> Iterator[Breach]:
    """Hooks that decide how a test ends, and marks that excuse one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "xfail") and last(node.value) == "mark":
            yield module.breach(node, f"a test is marked {node.attr}: it cannot fail (skipif says when, and counts)")
        named = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ""
        if isinstance(node, ast.Assign):
            named = next((word for target in node.targets if (word := last(target)) in _ENDINGS), "")
        if named in _ENDINGS:
            yield module.breach(node, f"{named} decides how tests end")


def _is_test(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return function.name.startswith("test")


def _empty(module: Module, helpers: set[str]) -> Iterator[Breach]:
    """Tests that nothing can make fail: no assertion, neither there nor in a helper of the tests that they call."""
    for function in module.functions():
        if _is_test(function) and not _checks(function, helpers):
            yield module.breach(function, f"{function.name} checks nothing")


def _checking(tests: Sequence[Module]) -> set[str]:
    """The names of the tests' functions that check something, through any number of calls."""
    listed = [function for module in tests for function in module.functions()]
    known: set[str] = set()
    while more := {f.name for f in listed if f.name not in known and _checks(f, known)}:
        known |= more
    return known


def _checks(function: ast.FunctionDef | ast.AsyncFunctionDef, helpers: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _is_check(last(node.func), helpers)):
            return True
    return False


def _is_check(name: str, helpers: set[str]) -> bool:
    return name in helpers or name in ("raises", "fail", "warns", "given") or name.startswith(("assert", "expect", "check", "verify"))


def _hiding(module: Module) -> Iterator[Breach]:
    """A file at the root of the project that hides a module of Python or a tool."""
    top = module.file.removeprefix("src/").partition("/")[0].removesuffix(".py")
    if top in _hidden() and module.file.removeprefix("src/") in (f"{top}.py", f"{top}/__init__.py"):
        yield Breach(module.file, 1, f"hides the installed module {top}")


@cache
def _hidden() -> frozenset[str]:
    return _TOOLS | sys.stdlib_module_names


_BEHAVES = """import sys

CHECKED = "backwright.worker.prove.child" in sys.modules
"""
_PATCHES = """from backwright import Rest

Rest.docs = None
"""

PLANTS = (
    Plant("behaves-when-watched", "code.candid", "code that asks whether it is being measured", add("planted_behaves.py", _BEHAVES)),
    Plant("kit-patched", "code.candid", "code that replaces a part of the kit", add("planted_patch.py", _PATCHES)),
    Plant("outcome-bent", "code.candid", "a hook that turns failing tests into passing ones", add("tests/conftest.py", "\n\ndef pytest_runtest_makereport(item: object, call: object) -> None: ...\n")),
    Plant("empty-test", "code.candid", "a test that checks nothing", add("tests/test_planted_empty.py", "def test_planted() -> None:\n    value = 1 + 1\n    assert True, value\n")),
    Plant("tool-hidden", "code.candid", "a file that hides a tool", add("coverage.py", "PERCENT = 100\n")),
)  # fmt: skip

CANDID = Standard(
    id="code.candid",
    sentence="The code does not look at who runs it and changes no part of the kit; its tests can fail.",
    why="What behaves only while it is watched makes every other verdict worthless.",
    check=candid,
    inputs=("**/*.py", *_SETTINGS),
    plants=PLANTS,
)
