"""What the ledger says at this moment, for the reports: the verdict of each standard and where its evidence lies."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.worker.prove.ledger import Head, Ledger, Standing, count
from backwright.worker.prove.verdict import Figure, Verdict
from backwright.worker.prove.verify import verify

_WORST_FIRST = (Verdict.FAILED, Verdict.STALE, Verdict.NOT_MEASURED, Verdict.PROVED, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Line:
    """One standard as of now."""

    standard: str
    verdict: Verdict
    finding: str
    evidence: Path | None = None
    replay: str = ""


class Proof:
    """The newest claims about a project. A ledger that another hand has changed proves nothing."""

    def __init__(self, project: Path, ledger: Ledger | None = None, standards: Iterable[str] | None = None) -> None:
        self.ledger = ledger or Ledger(project)
        self.exposed = tuple(verify(self.ledger))
        self._standing = self.ledger.standing()
        from backwright.worker.prove.standards import ON_REQUEST, STANDARDS  # who only writes a log does not load every check

        self._on_request = {standard.id: standard.on_request for standard in ON_REQUEST}
        known = [standard.id for standard in STANDARDS] if standards is None else list(standards)
        self.unasked = frozenset(self._on_request) - self._standing.keys()
        """What nobody asked for: told as "not measured", and not counted."""
        self.standards = tuple(dict.fromkeys([*known, *self._standing, *(self.unasked if standards is None else ())]))

    def line(self, standard: str) -> Line:
        """What is known about this standard; "not measured" when there is no claim."""
        held = self._standing.get(standard)
        if held is None:
            wanted = self._on_request.get(standard, "")
            return Line(standard, Verdict.NOT_MEASURED, f"not asked for: {wanted}" if wanted else "there is no claim")
        place = self.ledger.folder / held.claim.evidence
        if self.exposed:
            return Line(
                standard, Verdict.NOT_MEASURED, "the ledger was changed by another hand: see `backwright verify`", None, held.claim.replay
            )
        return Line(standard, held.verdict, _finding(held), place, held.claim.replay)

    @property
    def lines(self) -> list[Line]:
        """Every standard."""
        return [self.line(standard) for standard in self.standards]

    def worst(self, standards: Sequence[str]) -> Line | None:
        """The line that decides what may be said about something that rests on all of these; None for none."""
        return min(map(self.line, standards), key=lambda line: _WORST_FIRST.index(line.verdict), default=None)

    def figure(self, standard: str, name: str) -> Figure:
        """A figure of a claim that holds; None otherwise."""
        if self.line(standard).verdict not in (Verdict.PROVED, Verdict.FAILED):
            return None
        return self._standing[standard].claim.figures.get(name)

    def caught(self, standard: str) -> tuple[int, int] | None:
        """How many planted faults the standard's check caught, of how many; None where none were planted, or the claim does not stand."""
        held = self._standing.get(standard)
        if held is None or self.exposed or held.verdict is Verdict.STALE:
            return None
        caught, planted = (held.claim.figures.get(f"faults_{word}") for word in ("caught", "planted"))
        return (caught, planted) if isinstance(caught, int) and isinstance(planted, int) else None

    @property
    def good(self) -> bool:
        """Whether nothing failed and nothing is unmeasured."""
        return bool(self.lines) and all(line.verdict.good for line in self.lines if line.standard not in self.unasked)

    def counts(self) -> dict[str, int]:
        """How often each verdict occurs."""
        return count(line.verdict for line in self.lines)

    def metrics(self) -> dict[str, dict[str, Figure]]:
        """The figures of every claim that holds, by standard."""
        held = (line.standard for line in self.lines if line.verdict in (Verdict.PROVED, Verdict.FAILED))
        return {standard: self._standing[standard].claim.figures for standard in held}

    def summary(self, folder: Path) -> dict[str, Any]:
        """The key ``evidence`` of the response: the ledger, the count of its verdicts, each claim, the figures."""
        return {
            "ledger": link(self.ledger.file, folder),
            "head": Head.of(self.ledger.head).seal,
            "verdicts": self.counts(),
            "claims": [_claim(line, folder) for line in self.lines],
            "metrics": self.metrics(),
        }


def _finding(held: Standing) -> str:
    if held.verdict is Verdict.STALE:
        return f"measured before these changed: {', '.join(held.touched[:5])}{' …' if len(held.touched) > 5 else ''}"
    return held.claim.finding


def _claim(line: Line, folder: Path) -> dict[str, Any]:
    kept = {} if line.evidence is None else {"evidence": link(line.evidence, folder)}
    return {"standard": line.standard, "verdict": line.verdict.value, "finding": line.finding, "replay": line.replay, **kept}


def link(place: Path, folder: Path) -> str:
    """The way from the folder to the file, with forward slashes."""
    return Path(os.path.relpath(place.resolve(), folder.resolve())).as_posix()
