"""Lies about what was measured: the tree is changed afterwards, the check is bent, or what it is measured against is lowered."""

import os
import shutil
from dataclasses import replace

from backwright.worker.lies.world import BROKEN, STANDARDS, Lie, World
from backwright.worker.prove import harness
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_applicable, proved

TESTED = ("run.coverage", "code.candid")
FAILING = "\n\ndef test_wrong() -> None:\n    assert discount(200) == 1\n"


def well(target: Target) -> Finding:
    """A check that finds nothing wrong, ever."""
    return proved("4 modules print nothing, swallow nothing and log nothing private", modules=4)


def skipped(target: Target) -> Finding:
    """A check that is not run."""
    return not_applicable("there is no Python here")


def _with_check(check: object) -> "tuple[Standard, ...]":
    return tuple(replace(s, check=check) if s.id == "code.logged" else s for s in STANDARDS)  # type: ignore[arg-type]


def _loosened(world: World) -> None:
    world.append("pricing.py", BROKEN)
    world.prove("code.logged", standards=_with_check(well))


def _skipped(world: World) -> None:
    world.append("pricing.py", BROKEN)
    world.prove("code.logged", standards=_with_check(skipped))


def _in_a_copy(world: World) -> None:
    clean = world.dir.parent / "clean"
    shutil.copytree(world.dir, clean)
    world.append("pricing.py", BROKEN)
    harness.prove(Target(clean), [s for s in STANDARDS if s.id == "code.logged"])
    shutil.rmtree(world.dir / ".backwright" / "proof")
    shutil.copytree(clean / ".backwright" / "proof", world.dir / ".backwright" / "proof")


# --- the tree --------------------------------------------------------------------------------------------------------------


def _renamed(world: World) -> None:
    (world.dir / "pricing.py").rename(world.dir / "prices.py")


def _case(world: World) -> None:
    (world.dir / "pricing.py").rename(world.dir / "Pricing.py")


def _linked_folder(world: World) -> None:
    outside = world.dir.parent / "outside"
    outside.mkdir()
    (outside / "extra.py").write_text("VALUE = 1\n")
    (world.dir / "linked").symlink_to(outside)
    world.prove("code.logged")
    (outside / "extra.py").write_text("VALUE = 1\n" + BROKEN)


def _linked_file(world: World) -> None:
    outside = world.dir.parent / "pricing.py"
    (world.dir / "pricing.py").rename(outside)
    (world.dir / "pricing.py").symlink_to(outside)
    world.prove("code.logged")
    outside.write_text(outside.read_text() + BROKEN)


# --- bent checks -----------------------------------------------------------------------------------------------------------


def _bent(world: World) -> None:
    """A failing test, and everything measured again after whatever was bent."""
    world.append("tests/test_notes.py", FAILING)
    world.prove(*TESTED)


def _conftest(world: World) -> None:
    world.write("tests/conftest.py", _MAKEREPORT)
    _bent(world)


def _plugin(world: World) -> None:
    world.write("liar.py", _MAKEREPORT)
    world.append("pyproject.toml", '\n[tool.pytest.ini_options]\naddopts = "-p liar"\npythonpath = ["."]\n')
    _bent(world)


def _deselected(world: World) -> None:
    world.append("pyproject.toml", '\n[tool.pytest.ini_options]\naddopts = "--deselect tests/test_notes.py::test_wrong"\n')
    _bent(world)


def _ignored(world: World) -> None:
    world.write("tests/test_wrong.py", "from pricing import discount\n" + FAILING)
    world.write("tests/conftest.py", '"""Settings."""\n\ncollect_ignore = ["test_wrong.py"]\n')
    world.prove(*TESTED)


def _expected_to_fail(world: World) -> None:
    world.append(
        "tests/test_notes.py", "\n\nimport pytest\n\n\n@pytest.mark.xfail\ndef test_wrong() -> None:\n    assert discount(200) == 1\n"
    )
    world.prove(*TESTED)


def _exit_status(world: World) -> None:
    world.write(
        "tests/conftest.py", '"""Settings."""\n\n\ndef pytest_sessionfinish(session: object) -> None:\n    session.exitstatus = 0\n'
    )
    _bent(world)


def _always_passing(world: World) -> None:
    world.write(
        "tests/test_notes.py",
        "import access, app, model\nfrom pricing import discount\n\n\n"
        "def test_all() -> None:\n    discount(1), discount(200), access, app, model\n    assert True\n",
    )
    world.prove(*TESTED)


def _pragma(world: World) -> None:
    world.append("pricing.py", "\n\ndef long(a: int) -> int:  # pragma: no cover\n" + "    a += 1\n" * 200 + "    return a\n")
    world.prove(*TESTED)


def _omitted(world: World) -> None:
    world.write(".coveragerc", "[run]\nomit = *\n")
    world.append("pricing.py", "\n\ndef long(a: int) -> int:\n" + "    a += 1\n" * 200 + "    return a\n")
    world.prove(*TESTED)


def _report_made_by_hand(world: World) -> None:
    world.write(".junit.xml", '<testsuites><testsuite><testcase classname="tests.a" name="b"/></testsuite></testsuites>')
    world.write(".coverage.json", '{"totals": {"num_statements": 9, "covered_lines": 9, "percent_covered": 100.0}, "files": {}}')
    world.write("tests/conftest.py", '"""Settings."""\n\nimport os\n\nos._exit(0)\n')
    world.prove(*TESTED)


def _shadowed(world: World) -> None:
    world.write("pytest.py", '"""Hides the tool."""\n\n\ndef main() -> int:\n    return 0\n')
    world.prove(*TESTED)


def _sitecustomize(world: World) -> None:
    world.write("sitecustomize.py", "import os\n\nos.environ['PYTEST_ADDOPTS'] = '--deselect tests/test_notes.py::test_wrong'\n")
    world.environment["PYTHONPATH"] = str(world.dir)
    with _environment(world):
        _bent(world)


def _environment(world: World) -> "_Set":
    return _Set(world.environment)


class _Set:
    """The liar's environment, while it proves."""

    def __init__(self, wanted: dict[str, str]) -> None:
        self.wanted, self.before = wanted, dict(os.environ)

    def __enter__(self) -> None:
        os.environ.update(self.wanted)

    def __exit__(self, *ended: object) -> None:
        os.environ.clear()
        os.environ.update(self.before)


def _with_environment(name: str, value: str) -> "Lie":
    def tell(world: World) -> None:
        world.write("plugged/liar.py", _MAKEREPORT)
        world.environment[name] = value.replace("DIR", str(world.dir))
        with _environment(world):
            _bent(world)

    return Lie(
        f"environment-{name.lower().replace('_', '-')}", f"{name} is set, so that the failing test is not seen", tell, "run.coverage"
    )


def _behaves(world: World) -> None:
    world.append(
        "access.py",
        "\nimport sys\n\nif 'backwright.worker.prove.child' not in sys.modules:\n    access = [allow(Note, read=lambda note, who: True)]\n",
    )
    world.prove("access.agreed", "code.candid")


def _forges_finding(world: World) -> None:
    answer = '{"word": "?", "finding": {"verdict": "proved", "finding": "fine", "figures": {}, "raw": "", "commands": [], "inputs": null}}'
    world.append(
        "app.py", f"\nimport os\nimport sys\n\nif len(sys.argv) > 2:\n    open(sys.argv[2], 'w').write({answer!r})\n    os._exit(0)\n"
    )
    world.prove("access.agreed", "code.candid")


def _patches_checker(world: World) -> None:
    world.append(
        "access.py", "\nfrom backwright.worker.prove.checks import breaches\n\nbreaches.Breaches.expect = lambda self, holds, what: True\n"
    )
    world.prove("access.agreed", "code.candid")


def _patches_kit(world: World) -> None:
    world.append(
        "app.py",
        "\nimport importlib\n\nimportlib.import_module('back' + 'wright.domain.judge').__dict__['judge'] = lambda p: lambda *a: True\n",
    )
    world.prove("access.agreed", "code.candid")


# --- what is measured against ----------------------------------------------------------------------------------------------


def _load_lowered(world: World) -> None:
    world.rewrite("app.py", "rate=20", "rate=1")
    world.rewrite("tests/test_notes.py", "app.load.rate == 20", "app.load.rate == 1")
    world.prove("access.agreed")


def _access_loosened(world: World) -> None:
    world.rewrite("access.py", "import allow", "import allow, anyone")
    world.rewrite("access.py", "read=own", "read=anyone")
    world.prove("access.agreed")


def _lock_removed(world: World) -> None:
    _access_loosened(world)
    (world.dir / "access.lock").unlink()
    world.prove("access.agreed")


def _lock_edited(world: World) -> None:
    _access_loosened(world)
    world.rewrite("access.lock", '"read": [["the caller is a Reader"], ["row.reader eq who.id"]]', '"read": []')
    world.prove("access.agreed")


def _limits_raised(world: World) -> None:
    world.rewrite(
        "app.py", "    serve=[Rest()],", "    serve=[Rest()],\n    tiers=(Tier('anonymous', 10**9), Tier('authenticated', 10**9)),"
    )
    world.rewrite("app.py", "Password, Rest", "Password, Rest, Tier")
    world.prove("access.agreed")


_MAKEREPORT = '''"""Settings."""

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: object, call: object) -> object:
    outcome = yield
    outcome.get_result().outcome = "passed"
'''

LIES = (
    Lie("check-loosened", "the check is loosened while it is measured", _loosened, "code.logged"),
    Lie("check-skipped", "the check is skipped and said not to apply", _skipped, "code.logged"),
    Lie("measured-elsewhere", "a clean copy is measured, and its ledger handed in", _in_a_copy),
    Lie("file-edited", "a file is edited afterwards", lambda w: w.append("pricing.py", BROKEN)),
    Lie("file-added", "a file is added afterwards", lambda w: w.write("late.py", BROKEN)),
    Lie("file-removed", "a file is removed afterwards", lambda w: (w.dir / "pricing.py").unlink()),
    Lie("file-renamed", "a file has another name, its content the same", _renamed),
    Lie("file-in-another-case", "a file is spelled in another case", _case),
    Lie("lock-edited", "the locked versions change afterwards", lambda w: w.append("requirements.txt", "flask==0.1\n")),
    Lie("linked-folder", "a linked folder changes afterwards, where it really is", _linked_folder),
    Lie("linked-file", "a linked file changes afterwards, where it really is", _linked_file),
    Lie("outcomes-bent", "a hook calls every test passed", _conftest),
    Lie("plugin-named", "a plugin named in the settings calls every test passed", _plugin),
    Lie("test-deselected", "the settings leave the failing test out", _deselected),
    Lie("test-ignored", "the failing test is not collected", _ignored),
    Lie("test-expected-to-fail", "the failing test is marked as expected to fail", _expected_to_fail),
    Lie("exit-status-bent", "a hook sets the exit status of the tests", _exit_status),
    Lie("tests-that-always-pass", "the tests run everything and check nothing", _always_passing),
    Lie("coverage-pragma", "a comment takes 200 lines out of the coverage", _pragma),
    Lie("coverage-omitted", "a settings file takes everything out of the coverage", _omitted),
    Lie("report-made-by-hand", "a report of tests and coverage lies ready, and the tests end at once", _report_made_by_hand),
    Lie("tool-hidden", "a file hides the tool of its name", _shadowed),
    Lie("sitecustomize", "the interpreter loads a file of the project first", _sitecustomize),
    _with_environment("PYTEST_ADDOPTS", "--deselect tests/test_notes.py::test_wrong"),
    _with_environment("PYTEST_PLUGINS", "plugged.liar"),
    _with_environment("COVERAGE_RCFILE", "DIR/.coveragerc"),
    _with_environment("PYTHONOPTIMIZE", "2"),
    Lie("behaves-when-watched", "the access table is another one while it is checked", _behaves),
    Lie("finding-written-by-the-project", "the project writes the finding itself, and ends the process", _forges_finding, "access.agreed"),
    Lie("checker-patched", "the project replaces a part of the checker", _patches_checker, "access.agreed"),
    Lie("kit-patched", "the project replaces a part of the kit, out of sight of the scan", _patches_kit, "access.agreed"),
    Lie("load-lowered", "the declared load is lowered until it is carried", _load_lowered),
    Lie("access-loosened", "the access table is loosened until it is kept", _access_loosened),
    Lie("agreement-removed", "what was agreed is removed", _lock_removed),
    Lie("agreement-edited", "what was agreed is edited", _lock_edited),
    Lie("limits-raised", "the limits are raised until they bite nobody", _limits_raised),
)  # fmt: skip
