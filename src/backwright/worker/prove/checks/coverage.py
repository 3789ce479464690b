"""run.coverage: the project's own tests pass, and run more than 80 % of the statements that are served."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

from backwright.worker.prove import process, tree
from backwright.worker.prove.checks.source import OWN
from backwright.worker.prove.faults import Edit, NothingToPlant, Plant, add
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Figure, Finding, Verdict, not_measured

ENOUGH = 80.0
"""Per cent of the statements; more than this is asked for."""

_HERE = Path(__file__).parent
_OUTCOMES = {"failure": "failed", "error": "failed", "skipped": "skipped"}


def coverage(target: Target) -> Finding:
    """Run the tests under coverage in the disposable copy. The standard gives one."""
    names = tree.chosen(tree.files(target.dir), ("**/test_*.py", "**/*_test.py"))
    if not names:
        return Finding(Verdict.FAILED, "there are no tests", {"tests": 0, "percent": 0.0})
    rules = f"--rcfile={_HERE / 'coverage.ini'}"
    pytest = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=.junit.xml")
    tests = [sys.executable, "-m", "coverage", "run", rules, "--source=.", *pytest]  # with the project's folder on its path
    env = {"DATABASE_URL": target.databases[0]} if target.databases else {}
    ran = process.run(tests, target.dir, timeout=STANDARD_TIMEOUT - 20, env=env)
    report = process.run(process.python("coverage", "json", rules, "-q", "-o", ".coverage.json"), target.dir, timeout=20)
    commands = (ran.command, report.command)
    figures: dict[str, Figure] = {**_tests(target.dir / ".junit.xml"), **_lines(target.dir)}
    raw = f"$ {ran.command}\n{ran.output}\n$ {report.command}\n{report.output}\n{_by_file(target.dir)}"
    if ran.status is None or "percent" not in figures:
        return not_measured(f"the tests did not come to an end (status {ran.status})", raw, commands=commands)
    verdict, line = _judged(ran.status, figures)
    return Finding(verdict, line, figures, raw, commands)


def _judged(status: int, figures: dict[str, Figure]) -> tuple[Verdict, str]:
    percent = float(figures["percent"] or 0)
    if status == 5 or not figures["tests"]:
        return Verdict.FAILED, "there are no tests"
    if status or figures["failed"]:
        return Verdict.FAILED, f"{figures['failed']} of {figures['tests']} tests fail ({percent} % covered)"
    if percent <= ENOUGH:
        return Verdict.FAILED, f"{percent} % of the statements are run by tests; more than {ENOUGH:g} % is asked for"
    return Verdict.PROVED, f"{figures['passed']} tests pass and run {percent} % of {figures['statements']} statements"


def _tests(file: Path) -> dict[str, Figure]:
    """How many tests there were and how they ended, in all and for each folder of tests."""
    try:
        cases = list(ElementTree.parse(file).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return {"tests": 0, "passed": 0, "failed": 0, "skipped": 0}
    ended = [(_kind(case.get("classname", "")), _outcome(case)) for case in cases]
    total = Counter(outcome for _, outcome in ended)
    by_kind = Counter(f"{kind}_{outcome}" for kind, outcome in ended if kind)
    return {"tests": len(cases), **{word: total[word] for word in ("passed", "failed", "skipped")}, **dict(sorted(by_kind.items()))}


def _kind(classname: str) -> str:
    parts = classname.split(".")
    return parts[1] if len(parts) > 2 and parts[0] == "tests" else ""


def _outcome(case: ElementTree.Element) -> str:
    return next((word for child in case if (word := _OUTCOMES.get(child.tag))), "passed")


def _lines(folder: Path) -> dict[str, Figure]:
    try:
        totals = json.loads((folder / ".coverage.json").read_text())["totals"]
    except (OSError, ValueError, KeyError):
        return {}
    # what no test imports is in the report as well, because --source names the whole folder
    return {"statements": totals["num_statements"], "covered": totals["covered_lines"], "percent": round(totals["percent_covered"], 2)}


def _by_file(folder: Path) -> str:
    try:
        listed = json.loads((folder / ".coverage.json").read_text())["files"]
    except (OSError, ValueError, KeyError):
        return ""
    return "\n".join(f"{one['summary']['percent_covered']:6.1f} %  {name}" for name, one in sorted(listed.items()))


def _untested(copy: Path) -> None:
    """Half as many statements again, and more, that no test runs."""
    size = sum(len((copy / name).read_text(encoding="utf-8").splitlines()) for name in tree.chosen(tree.files(copy), OWN))
    lines = "".join(f"    a = a + {n}\n" for n in range(max(20, size)))
    add("planted_untested.py", f"def planted(a: int) -> int:\n{lines}    return a\n")(copy)


def _broken(copy: Path) -> None:
    listed = tree.chosen(tree.files(copy), ("**/test_*.py",))
    if not listed:
        raise NothingToPlant("there are no tests")
    add(listed[0], "\n\ndef test_planted() -> None:\n    assert 1 + 1 == 3\n")(copy)


STANDARD_TIMEOUT = 300.0

PLANTS = (
    Plant("untested", "run.coverage", "a module that no test runs", Edit("any project: `planted_untested.py`", _untested)),
    Plant("failing-test", "run.coverage", "a test that fails", Edit("the first file of tests", _broken)),
)

COVERAGE = Standard(
    id="run.coverage",
    sentence="The tests pass and run more than 80 % of the statements.",
    why="Code that no test runs is known to work by hope only.",
    check=coverage,
    inputs=("**/*.py", "**/*.toml", "**/*.ini", "**/*.cfg", "**/*.yaml", "**/*.yml", "**/*.json"),
    plants=PLANTS,
    writes=True,
    timeout=STANDARD_TIMEOUT,
    varying=("percent", "covered"),
    tools=("coverage", "pytest"),
)
