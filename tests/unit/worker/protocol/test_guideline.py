"""Guidelines in free Markdown: constraints, thresholds and gates, each with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.protocol.guideline import constraints, gates, thresholds


def found(text: str) -> dict[str, int]:
    """Subject and number of each threshold."""
    return {one.subject: one.most for one in thresholds(text, "w.md")}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("- More than 20 files need a review", {"files": 20}),
        ("Changes of 5 or more files: review by the architect", {"files": 4}),
        ("Review threshold: files > 12, tables > 3", {"files": 12, "tables": 3}),
        ("Any migration needs approval.", {"migrations": 0}),
        ("Every change of an access rule must be reviewed", {"rules": 0}),
        ("A review is due from 10 endpoints on", {"operations": 9}),
        ("More than 20 files are no problem", {}),
    ],
)
def test_thresholds_in_sentences(line: str, wanted: dict[str, int]) -> None:
    """A number and a subject in a sentence about reviews."""
    assert found(line) == wanted


def test_thresholds_in_a_section() -> None:
    """Below a heading about reviews every line counts, tables too; the strictest of each subject wins; the line is told."""
    text = "# Work\n10 files\n## Review thresholds\n| what | most |\n|---|---|\n| files | 30 |\n| migrations | 2 |\n\n"
    text += "* 25 files\n## Other\n3 tables\n"

    assert found(text) == {"files": 25, "migrations": 2}
    assert [one.source.line for one in thresholds(text, "w.md")] == [9, 7]


def test_constraints_have_their_lines() -> None:
    """What binds is kept, code blocks and headings are not."""
    text = "# You must\n\nHello.\n\n- **Never** log `secrets`.\n```\nnever mind\n```\n1. Use PostgreSQL\n"

    assert [(one.text, one.line) for one in constraints(text, "C")] == [("Never log secrets.", 5), ("Use PostgreSQL", 9)]


def test_gates() -> None:
    """Coverage in percent and latency in milliseconds."""
    named = gates("- Coverage at least 85%\n- 90 % line coverage\n- Response time below 150 ms\n- all tests pass", "w.md")

    assert [(one.figure, one.bound) for one in named] == [("coverage", 85.0), ("coverage", 90.0), ("latency", 150.0)]


@given(st.text(max_size=2000))
def test_any_text_can_be_read(text: str) -> None:
    """No text is too odd."""
    assert len(constraints(text, "x")) <= 40
    assert {one.subject for one in thresholds(text, "x")} <= {"files", "migrations", "rules", "tables", "operations"}
    assert {one.figure for one in gates(text, "x")} <= {"coverage", "latency"}
