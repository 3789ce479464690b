"""The steps of a delivery: none is skipped, doing one again undoes what rests on it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.protocol.steps import NEEDLESS, ORDER, Skipped, Step, done, following, refusal


def completed(*steps: str, status: str = "completed") -> list[dict[str, Any]]:
    """Lines that record these steps."""
    return [{"type": "step_completed", "details": {"step": step}, "status": status} for step in steps]


def test_every_step_in_its_turn() -> None:
    """From the first to the last, each step is allowed exactly when those before it are recorded."""
    for number, step in enumerate(ORDER):
        assert refusal(completed(*ORDER[:number]), step) is None
        assert following(completed(*ORDER[:number])) is step
    assert following(completed(*ORDER)) is None


@given(st.integers(0, len(ORDER) - 1), st.integers(0, len(ORDER) - 1))
def test_a_skipped_step_is_named(recorded: int, wanted: int) -> None:
    """Whatever lies between what is recorded and what is wanted is named, the first one with what to do."""
    error = refusal(completed(*ORDER[:recorded]), ORDER[wanted])

    if wanted <= recorded:
        assert error is None
    else:
        assert isinstance(error, Skipped)
        assert error.missing == ORDER[recorded:wanted]
        assert f"record {ORDER[recorded]} first" in str(error)


def test_a_step_that_was_skipped_all_the_same_does_not_count() -> None:
    """A line that somebody wrote out of turn records nothing."""
    assert list(done(completed(Step.STARTUP, Step.PROOF))) == [Step.STARTUP]


def test_doing_a_step_again_undoes_the_later_ones() -> None:
    """A plan that is made again has to be reviewed, written and proved again."""
    assert list(done(completed(*ORDER[:9], Step.PLAN))) == list(ORDER[:4])


def test_a_reopened_step_is_not_done() -> None:
    """Nor are those after it."""
    events = [*completed(*ORDER[:9]), {"type": "step_reopened", "details": {"step": "survey"}}]

    assert list(done(events)) == list(ORDER[:2])


def test_what_is_never_needless() -> None:
    """A plan, its review, the proof and the outputs are always needed; the others may be recorded as not needed, in their turn."""
    for number, step in enumerate(ORDER):
        error = refusal(completed(*ORDER[:number]), step, needed=False)
        assert (error is None) == (step in NEEDLESS)
    assert not {Step.PLAN, Step.PLAN_REVIEW, Step.PROOF, Step.NOTES, Step.RESPONSE} & set(NEEDLESS)


def test_not_needed_is_recorded_too() -> None:
    """It counts as done, and says that it was not needed."""
    events = completed(Step.STARTUP) + completed(Step.IMPORT, status="not needed")

    assert not done(events)[Step.IMPORT].needed
    assert following(events) is Step.SURVEY


@given(st.lists(st.dictionaries(st.sampled_from(["type", "details", "status"]), st.one_of(st.text(), st.none(), st.integers()))))
def test_any_lines_can_be_read(events: list[dict[str, Any]]) -> None:
    """Whatever objects stand in the record, it says what is done."""
    assert done(events) == {}
