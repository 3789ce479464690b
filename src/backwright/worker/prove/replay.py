"""Running one claim's check again, from nothing, and comparing: the verdict and every figure that does not vary must come out the same."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from backwright.worker.prove import harness, tree
from backwright.worker.prove.ledger import Claim, Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Figure, Finding, Verdict

VARIES = 50.0
"""A time or a rate may come out so many times larger or smaller elsewhere; more is another measurement."""
FLOOR = 5.0
"""Below it nothing is compared: five errors more, five milliseconds."""
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
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
    beyond = set(tree.chosen(finding.read, harness.DATA)) & set(tree.files(target.dir)) - claim.inputs.keys()
    unlisted = [f"it reads {name}, which the claim does not list" for name in sorted(beyond)] if claim.patterns else []
    return Replayed(claim, finding, ledger.judge(claim).touched, (*differences(claim, finding, standard), *unlisted))


def differences(claim: Claim, finding: Finding, standard: Standard) -> list[str]:
    """Where the two disagree, one line each. What varies by nature may do so by a factor of `VARIES`."""
    missed = claim.verdict is Verdict.NOT_MEASURED and finding.verdict is Verdict.PROVED and "faults_planted" in claim.figures
    if missed:
        return []
    if claim.verdict != finding.verdict:
        return [f"verdict: claimed {claim.verdict}, now {finding.verdict} ({finding.finding})"]
    said = " ".join(finding.finding.split())
    found = (
        []
        if not finding.verdict.good or _same(claim.finding, said, bool(standard.varying))
        else [f"claimed {claim.finding!r}, now {said!r}"]
    )
    for name in sorted((claim.figures.keys() | finding.figures.keys()) - _OF_THE_HARNESS):
        was, now = claim.figures.get(name), finding.figures.get(name)
        if was != now and not (name in standard.varying and _near(was, now)):
            found.append(f"{name}: claimed {was}, now {now}")
    return found


def _same(claimed: str, now: str, varies: bool) -> bool:
    """Whether two sentences say the same, numbers of what varies by nature apart."""
    if not varies or claimed == now:
        return claimed == now
    numbers = [[float(word.replace(",", "")) for word in _NUMBER.findall(text)] for text in (claimed, now)]
    return _NUMBER.sub("#", claimed) == _NUMBER.sub("#", now) and all(_near(was, is_) for was, is_ in zip(*numbers, strict=True))


def _near(was: Figure, now: Figure) -> bool:
    """Whether two figures of the same thing, measured twice, can both be true."""
    if isinstance(was, str) or isinstance(now, str):
        return isinstance(was, str) and isinstance(now, str)  # words beside figures that vary
    least, most = sorted(abs(float(figure or 0)) for figure in (was, now))
    return most <= max(least, FLOOR) * VARIES
