"""Test first, told from the record: tests are written before the code, and were seen to need it. Pure.

``tests_seen`` says how: ``absent`` (what they import does not exist yet), ``failing`` (they were run, and failed), ``passing``, ``claim``
(a claim of the ledger failed, and the change answers it) or ``none``.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from backwright.worker.protocol import steps
from backwright.worker.protocol.steps import Event, Step

SEEN = "tests_seen"
RED = ("absent", "failing", "claim")
CODE = (".py", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".java", ".kt", ".go", ".cs", ".rb", ".php", ".rs", ".sql")
_TEST = re.compile(r"(^|/)(tests?|specs?|__tests__)/|(^|/)test_[^/]*$|(_test|_spec|\.test|\.spec|Tests?|Spec)\.[a-z]+$")


def is_test(path: str) -> bool:
    """Whether a path is one of a test, or of what tests use."""
    return _TEST.search(path) is not None


def is_code(path: str) -> bool:
    """Whether a path is one of code that tests can show to be missing; migrations follow from the code."""
    return path.endswith(CODE) and not is_test(path) and not path.startswith("migrations/") and path.rpartition("/")[2] != "__init__.py"


def breaches(events: Iterable[Event]) -> list[str]:
    """Every round in which code came before its tests, or without having been missed."""
    found: list[str] = []
    tests: set[str] | None = None
    seen = ""
    for event in events:
        kind, details = event.get("type"), steps.details_of(event)
        if kind == SEEN:
            seen = str(details.get("how", ""))
        elif kind == steps.COMPLETED and details.get("step") == Step.TESTS:
            tests, seen = set(_paths(details.get("files"))), ""
        elif kind == steps.COMPLETED and details.get("step") == Step.CODE:
            found += _judge(details, tests, seen)
            tests, seen = None, ""
    return found


def absent(texts: Mapping[str, str], there: Iterable[str], planned: Iterable[str]) -> dict[str, list[str]]:
    """Which planned files each Python test needs and that do not exist yet: test → files.

    ``texts`` are the tests and what they use; ``there`` are the project's files. Needs that go through other tests' helpers count.
    """
    missing = set(planned) - set(there)
    wants = {path: set(_imported(text)) for path, text in texts.items()}
    own = {path.removesuffix(".py").replace("/", "."): path for path in texts}
    found: dict[str, list[str]] = {}
    for path in texts:
        paths = {name.replace(".", "/") for name in _reach(path, wants, own)}
        if needed := sorted(one for one in missing if one.removesuffix(".py").removesuffix("/__init__") in paths and is_code(one)):
            found[path] = needed
    return found


def _reach(path: str, wants: Mapping[str, set[str]], own: Mapping[str, str]) -> set[str]:
    reached: set[str] = set()
    todo, gone = [path], set[str]()
    while todo:
        if (one := todo.pop()) in gone:
            continue
        gone.add(one)
        for name in wants.get(one, ()):
            reached.add(name)
            if name in own:
                todo.append(own[name])
    return reached


def _imported(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _judge(details: Mapping[str, object], tests: set[str] | None, seen: str) -> Iterator[str]:
    code = [path for path in _paths(details.get("files")) if is_code(path)]
    late = [path for path in _paths(details.get("files")) if is_test(path) and path not in (tests or ())]
    created = [path for path in _paths(details.get("created")) if is_code(path)]
    if late:
        yield f"tests were written with the code, not before it: {_some(late)}"
    if not code:
        return
    if tests is None:
        yield f"code was written before its tests: {_some(code)}"
    elif not seen:
        yield f"nobody saw that the tests need the code: {_some(code)}"
    elif seen not in RED and created:
        yield f"code was created that no test needs ({seen}): {_some(created)}"


def _paths(files: object) -> list[str]:
    return [path for path in cast(Iterable[object], files) if isinstance(path, str)] if isinstance(files, dict | list) else []


def _some(paths: list[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
