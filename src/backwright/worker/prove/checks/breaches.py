"""What a dynamic check gathers: how much was tried, what was wrong, and the evidence of both."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backwright.worker.prove.verdict import Figure, Finding, Verdict, not_applicable

MOST = 200
FIRST_IS_ENOUGH = False
"""Set in a process that asks only whether a planted fault is caught: the first breach ends the check."""


class Enough(BaseException):
    """The first breach, where no more is asked for. No handler of the check or of the project may keep it."""


@dataclass(slots=True)
class Breaches:
    """Counts what is tried and keeps what is wrong, up to a number that people still read."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list[str])
    lines: list[str] = field(default_factory=list[str])
    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    _count: int = 0

    def expect(self, holds: bool, what: str) -> bool:
        """One thing tried. `what` says what is wrong where it does not hold."""
        self.tried += 1
        if not holds:
            self.breach(what)
        return holds

    def breach(self, what: str) -> None:
        """Something is wrong."""
        if FIRST_IS_ENOUGH:
            raise Enough(what)
        self._count += 1
        if len(self.wrong) < MOST:
            self.wrong.append(what)

    def note(self, line: str) -> None:
        """One line of evidence."""
        if len(self.lines) < 2_000:
            self.lines.append(line)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a figure."""
        before = self.figures.get(name, 0)
        self.figures[name] = (before if isinstance(before, int) else 0) + by

    def finding(self, unit: str, sentence: str, *, nothing: str, where: Sequence[str] = ()) -> Finding:
        """The finding: failed with the first breach, not applicable where nothing was tried, else proved with the sentence."""
        if self.tried == 0 and not self.wrong:
            return not_applicable(nothing, "\n".join(self.lines))
        figures: dict[str, Figure] = {unit: self.tried, "breaches": self._count} | self.figures
        if where:
            figures["databases"] = ", ".join(where)
        raw = "\n".join([*(f"BREACH  {what}" for what in self.wrong), *self.lines])
        if self.wrong:
            return Finding(Verdict.FAILED, self.wrong[0], figures, raw)
        return Finding(Verdict.PROVED, f"{sentence} ({self.tried:,} {unit})", figures, raw)
