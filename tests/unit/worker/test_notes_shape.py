"""The shape of the notes: exactly the sections of the mission, in their order."""

import pytest

from backwright.worker.report.markdown import code, headings, line, table
from backwright.worker.report.notes import SECTIONS, misshapen

TOLD = {"## Session:": " s1", "## Generated:": " 2026-11-21T22:05:00Z"}
GOOD = [section + TOLD.get(section, "") for section in SECTIONS]


def test_the_sections_in_order_are_good() -> None:
    """Text between the sections, deeper headings and code do not matter."""
    text = "\n\nsome text\n##### deeper\n```\n# no heading\n```\n".join(GOOD)

    assert misshapen(text, "s1") == []


@pytest.mark.parametrize("number", range(len(SECTIONS)))
def test_each_section_must_be_there(number: int) -> None:
    """A missing section is named."""
    found = misshapen("\n".join(GOOD[:number] + GOOD[number + 1 :]), "s1")

    assert found == [f"the section {SECTIONS[number]!r} is missing"]


def test_the_order_counts() -> None:
    """Two sections changed round are found."""
    assert misshapen("\n".join([*GOOD[:-2], GOOD[-1], GOOD[-2]]), "s1") == ["the sections are not in their order"]


def test_a_section_may_not_come_twice() -> None:
    """A doubled section is found."""
    assert misshapen("\n".join([*GOOD, GOOD[-1]]), "s1") == ["the sections are not in their order"]


def test_foreign_sections_are_named() -> None:
    """A heading that the mission does not know is found."""
    assert misshapen("\n".join([*GOOD, "### All is well"]), "s1") == ["the section '### All is well' is not one of the report's"]


def test_notes_of_another_session_are_found() -> None:
    """The id must be the session's."""
    assert "another session" in misshapen("\n".join(GOOD), "s2")[0]


def test_text_cannot_break_out_of_a_line() -> None:
    """Line feeds, pipes and back ticks in a name stay inside it."""
    assert line("a\n# b") == "a # b"
    assert code("a`b") == "`` a`b ``"
    assert table(("x",), [("a|b\nc",)])[2] == "| a\\|b c |"
    assert headings("~~~\n# x\n~~~\n## y") == ["## y"]
