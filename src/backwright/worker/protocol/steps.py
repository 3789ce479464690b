"""The steps of a delivery and the one rule about them: none is skipped. Pure.

A step is done when the record has a ``step_completed`` line for it. Doing a step again undoes those after it, since they rest on it. So a
session that was killed goes on with the first step that is not done, and a plan that is made again is reviewed, written and proved again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

COMPLETED, REOPENED = "step_completed", "step_reopened"
Event = Mapping[str, Any]


class Step(StrEnum):
    """The steps, in their order."""

    STARTUP = "startup"
    IMPORT = "import"
    SURVEY = "survey"
    PLAN = "plan"
    PLAN_REVIEW = "plan_review"
    TESTS = "tests_written"
    CODE = "code_written"
    PROOF = "proof"
    SECURITY_REVIEW = "security_review"
    ACCOUNT = "account"
    NOTES = "notes"
    RESPONSE = "response"
    DELIVERABLE = "deliverable"
    WORK_LOG = "work_log"
    END = "completed"


ORDER = tuple(Step)
NEEDLESS = {
    Step.IMPORT: "there is no design document",
    Step.TESTS: "nothing that a test could show changes",
    Step.CODE: "the code is as it should be already",
    Step.SECURITY_REVIEW: "sign-in, rules and secrets were not touched",
    Step.ACCOUNT: "there is no design document",
    Step.WORK_LOG: "no task was named and there is no work log",
}
"""The steps that may be recorded as not needed, and the usual reason. They are recorded all the same."""


class Skipped(Exception):
    """A step was wanted before its turn. ``missing`` are the steps that were skipped."""

    def __init__(self, wanted: Step, missing: tuple[Step, ...]) -> None:
        self.wanted, self.missing = wanted, missing
        super().__init__(f"{wanted} comes after {', '.join(missing)}: record {missing[0]} first")


@dataclass(frozen=True, slots=True)
class Done:
    """A step that is done: how, with which particulars, and at which event of the record (from 0)."""

    step: Step
    needed: bool
    details: Mapping[str, Any]
    at: int


def done(events: Iterable[Event]) -> dict[Step, Done]:
    """The steps that are done, in their order, as one worker's events tell it."""
    held: dict[Step, Done] = {}
    for at, event in enumerate(events):
        details = details_of(event)
        step = named(details.get("step"))
        if step is None or event.get("type") not in (COMPLETED, REOPENED):
            continue
        held = {one: kept for one, kept in held.items() if ORDER.index(one) < ORDER.index(step)}
        if event["type"] == COMPLETED and not _before(step, held):
            held[step] = Done(step, event.get("status") != "not needed", details, at)
    return held


def refusal(events: Iterable[Event], wanted: Step, *, needed: bool = True) -> Skipped | ValueError | None:
    """Why this step cannot be recorded now; None when it can."""
    if missing := _before(wanted, done(events)):
        return Skipped(wanted, missing)
    if not needed and wanted not in NEEDLESS:
        return ValueError(f"{wanted} is always needed; only these may be recorded as not needed: {', '.join(NEEDLESS)}")
    return None


def following(events: Iterable[Event]) -> Step | None:
    """The first step that is not done; None after the last."""
    held = done(events)
    return next((step for step in ORDER if step not in held), None)


def named(word: Any) -> Step | None:
    """The step of that name."""
    return Step(word) if word in ORDER else None


def details_of(event: Event) -> Mapping[str, Any]:
    """An event's particulars, where they are a mapping."""
    details = event.get("details")
    return cast(Mapping[str, Any], details) if isinstance(details, dict) else {}


def _before(step: Step, held: Mapping[Step, Done]) -> tuple[Step, ...]:
    return tuple(one for one in ORDER[: ORDER.index(step)] if one not in held)
