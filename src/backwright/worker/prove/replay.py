"""Running one claim's check again, from nothing, and comparing: the verdict and every figure that does not vary must come out the same."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backwright.worker.prove import harness
from backwright.worker.prove.ledger import Claim, Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, Verdict

_OF_THE_HARNESS = frozenset({"faults_planted", "faults_caught"})


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came out the second time, and how it differs from the claim."""

    claim: Claim
    finding: Finding
    touched: tuple[str, ...]
    """Files that have changed since the claim was made: the check ran on other input."""
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the same check on the same files gave the same answer."""
        return not self.touched and not self.differences


def replay(claim: Claim, ledger: Ledger, target: Target, standards: Iterable[Standard]) -> Replayed:
    """Run the check of the claim again, without any cache. Nothing is written to the ledger.

    Raises ``LookupError`` when the claim's standard is not in the list: nothing can then be said about it.
    """
    standard = next((s for s in standards if s.id == claim.standard), None)
    if standard is None:
        raise LookupError(f"{claim.id}: there is no standard {claim.standard!r} to run again")
    finding = harness.measure(standard, replace(target, app=claim.app, cache=None))
    return Replayed(claim, finding, ledger.judge(claim).touched, tuple(differences(claim, finding, standard)))


def differences(claim: Claim, finding: Finding, standard: Standard) -> list[str]:
    """Where the two disagree, one line each."""
    missed = claim.verdict is Verdict.NOT_MEASURED and finding.verdict is Verdict.PROVED and "faults_planted" in claim.figures
    found = (
        []
        if claim.verdict == finding.verdict or missed
        else [f"verdict: claimed {claim.verdict}, now {finding.verdict} ({finding.finding})"]
    )
    fixed = (claim.figures.keys() | finding.figures.keys()) - set(standard.varying) - _OF_THE_HARNESS
    for name in sorted(fixed):
        was, now = claim.figures.get(name), finding.figures.get(name)
        if was != now:
            found.append(f"{name}: claimed {was}, now {now}")
    return found
