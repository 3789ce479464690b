"""Test first, as the record tells it."""

from typing import Any

import pytest

from backwright.worker.protocol.test_first import absent, breaches, is_code, is_test


def wrote(*files: str) -> dict[str, Any]:
    """The line that records the tests."""
    return {"type": "step_completed", "details": {"step": "tests_written", "files": dict.fromkeys(files, "x")}}


def seen(how: str) -> dict[str, Any]:
    """The line that says how they were seen."""
    return {"type": "tests_seen", "details": {"how": how}}


def code(*files: str, created: bool = True) -> dict[str, Any]:
    """The line that records the code."""
    details = {"step": "code_written", "files": dict.fromkeys(files, "x"), "created": list(files) if created else []}
    return {"type": "step_completed", "details": details}


@pytest.mark.parametrize("how", ["absent", "failing", "claim"])
def test_the_order_holds(how: str) -> None:
    """Tests, then seen to need the code, then the code."""
    assert breaches([wrote("tests/test_a.py"), seen(how), code("a.py")]) == []


def test_code_before_its_tests() -> None:
    """The other way round is named, with the file."""
    assert breaches([code("a.py"), wrote("tests/test_a.py"), seen("failing")]) == ["code was written before its tests: a.py"]


def test_nobody_looked() -> None:
    """Tests that nobody saw failing prove nothing; a look before they were written does not count."""
    assert breaches([seen("failing"), wrote("tests/test_a.py"), code("a.py")]) == ["nobody saw that the tests need the code: a.py"]


def test_tests_that_pass_already() -> None:
    """New code that no test misses is a breach; a change of code under tests that pass is none."""
    assert breaches([wrote("tests/test_a.py"), seen("passing"), code("a.py")]) == ["code was created that no test needs (passing): a.py"]
    assert breaches([wrote("tests/test_a.py"), seen("passing"), code("a.py", created=False)]) == []


def test_tests_among_the_code() -> None:
    """A test that came with the code was not first."""
    found = breaches([wrote("tests/test_a.py"), seen("failing"), code("a.py", "tests/test_b.py")])

    assert found == ["tests were written with the code, not before it: tests/test_b.py"]


def test_every_round_counts() -> None:
    """A second round needs tests of its own."""
    assert breaches([wrote("tests/test_a.py"), seen("failing"), code("a.py"), code("b.py")]) == ["code was written before its tests: b.py"]


def test_what_is_no_code_needs_no_test() -> None:
    """Documentation, settings and migrations follow from other things."""
    assert breaches([code("README.md", "pyproject.toml", "migrations/versions/0001_a.py", "rules/__init__.py")]) == []


def test_what_tests_need_and_is_not_there() -> None:
    """What a test imports, through its helpers too, is held against what is planned and what is there."""
    texts = {"tests/test_a.py": "from tests.helper import x\nimport json", "tests/helper.py": "from app import app", "tests/test_b.py": "1"}

    assert absent(texts, ["model.py", *texts], ["app.py", "model.py"]) == {"tests/test_a.py": ["app.py"], "tests/helper.py": ["app.py"]}
    assert absent(texts, ["app.py", *texts], ["app.py"]) == {}


@pytest.mark.parametrize(
    "path", ["tests/test_a.py", "src/a.test.ts", "pkg/a_test.go", "spec/models/a_spec.rb", "src/test/java/ATest.java", "web/__tests__/a.js"]
)
def test_tests_are_known(path: str) -> None:
    """By folder or by name, in the languages of the survey."""
    assert is_test(path) and not is_code(path)


@pytest.mark.parametrize("path", ["app.py", "src/contest.ts", "latest.go", "attestation/service.py"])
def test_code_is_known(path: str) -> None:
    """A name that only contains the word is no test."""
    assert is_code(path)
