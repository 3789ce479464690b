"""The five verdicts, and the finding that a check hands to the harness. Only the harness turns a finding into a claim."""

from dataclasses import dataclass, field
from enum import StrEnum

Figure = int | float | str | bool | None


class Verdict(StrEnum):
    """What is known about one standard. Set by the harness, never by hand, never by a model."""

    PROVED = "proved"
    FAILED = "failed"
    NOT_MEASURED = "not measured"
    NOT_APPLICABLE = "not applicable"
    STALE = "stale"
    """It was measured, but on files that have changed since. Never stored: found by comparing the seal with the tree."""

    @property
    def good(self) -> bool:
        """Whether a delivery may end with it."""
        return self in (Verdict.PROVED, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw.

    ``finding`` is one line for people. ``figures`` are the numbers behind it. ``raw`` is everything that was seen, kept as
    evidence: it must hold no secret. ``commands`` are the processes that ran. ``inputs``, when given, are exactly the files
    (relative to the project) that the finding depends on; otherwise the standard's patterns say it.
    """

    verdict: Verdict
    finding: str
    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    raw: str = ""
    commands: tuple[str, ...] = ()
    inputs: tuple[str, ...] | None = None
    read: tuple[str, ...] = ()
    """The project's files that the check's process opened, seen by the harness."""


def proved(finding: str, raw: str = "", *, commands: tuple[str, ...] = (), **figures: Figure) -> Finding:
    """The standard holds."""
    return Finding(Verdict.PROVED, finding, figures, raw, commands)


def failed(finding: str, raw: str = "", *, commands: tuple[str, ...] = (), **figures: Figure) -> Finding:
    """The standard is broken; the finding names the first breach."""
    return Finding(Verdict.FAILED, finding, figures, raw, commands)


def not_measured(finding: str, raw: str = "", *, commands: tuple[str, ...] = (), **figures: Figure) -> Finding:
    """It could not be found out; the finding says why."""
    return Finding(Verdict.NOT_MEASURED, finding, figures, raw, commands)


def not_applicable(finding: str, raw: str = "") -> Finding:
    """The project has nothing that the standard speaks about."""
    return Finding(Verdict.NOT_APPLICABLE, finding, {}, raw)
