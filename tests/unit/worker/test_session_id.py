"""Session ids: the minute in UTC and the task as a slug."""

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.protocol.ids import session_id, slug


def test_an_id_is_the_minute_and_the_task() -> None:
    """The form is YYYY-MM-DD-HH-mm-task-slug."""
    assert session_id("Deliver the bookshop!", datetime(2026, 11, 21, 22, 5, 59, tzinfo=UTC)) == "2026-11-21-22-05-deliver-the-bookshop"


def test_the_minute_is_utc() -> None:
    """A clock in another zone gives the same id."""
    assert session_id("x", datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))).startswith("2025-12-31-23-30-")


@given(st.text(max_size=200))
def test_a_slug_is_long_enough_and_safe(task: str) -> None:
    """At least 15 characters unless the task is shorter, at most 48, and nothing but a-z, 0-9 and single hyphens."""
    made = slug(task)

    assert min(15, len(task.strip())) <= len(made) <= 48
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)


def test_a_long_task_is_cut_between_words() -> None:
    """No word is cut where the task has short ones."""
    task = "implement the orders service with payments and a very long list of further wishes"

    assert task.replace(" ", "-").startswith(slug(task) + "-")
