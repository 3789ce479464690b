"""What a project's own guidelines ask for: constraints, review thresholds and quality gates, each with its line. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Subject = Literal["files", "migrations", "rules", "tables", "operations"]
Figure = Literal["coverage", "latency"]
_WORDS: dict[str, Subject] = {
    "file": "files", "migration": "migrations", "rule": "rules", "access rule": "rules", "permission": "rules", "table": "tables",
    "endpoint": "operations", "operation": "operations", "route": "operations",
}  # fmt: skip
_SUBJECT = r"(?P<what>access rule|file|migration|rule|permission|table|endpoint|operation|route)s?\b"
_COUNTED = re.compile(
    rf"(?P<from>at least|from|≥|>=)?\s*(?P<n>\d{{1,6}})\s*(?P<plus>\+|or more)?\s*(?:\w+\s+){{0,2}}?{_SUBJECT}", re.IGNORECASE
)
_NAMED = re.compile(rf"\b{_SUBJECT}[^\d\n.]{{0,30}}?(?P<from>≥|>=|at least)?\s*(?P<n>\d{{1,6}})\b", re.IGNORECASE)
_ANY = re.compile(rf"\b(?:any|every|each|all)\s+(?:\w+\s+){{0,3}}?{_SUBJECT}", re.IGNORECASE)
_REVIEW = re.compile(r"\b(?:review|approv|sign[- ]off|threshold)", re.IGNORECASE)
_BINDING = re.compile(
    r"\b(?:must|must not|never|always|do not|don't|shall|required?|only|use|avoid|no|keep|forbidden|mandatory|prefer)\b", re.IGNORECASE
)
_COVERAGE = re.compile(r"coverage\D{0,30}?(\d{1,3}(?:\.\d+)?)\s*%|(\d{1,3}(?:\.\d+)?)\s*%\D{0,30}?coverage", re.IGNORECASE)
_LATENCY = re.compile(r"(?:latency|response time|responses?)\D{0,30}?(\d{1,6})\s*ms", re.IGNORECASE)
_MOST = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a guideline, and where it stands."""

    text: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.text} ({self.file}:{self.line})"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A plan with more than ``most`` of the subject needs a review by somebody else."""

    subject: Subject
    most: int
    source: Line


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure that a delivery must reach: coverage in percent at least, latency in milliseconds at most."""

    figure: Figure
    bound: float
    source: Line


def constraints(text: str, file: str) -> tuple[Line, ...]:
    """What instructions ask for: the points of lists and the sentences that bind, without code blocks; at most 40."""
    return tuple(line for line in _lines(text, file) if _BINDING.search(line.text))[:_MOST]


def thresholds(text: str, file: str) -> tuple[Threshold, ...]:
    """From which size on a plan needs a review: ``more than 20 files``, ``any migration``, ``| files | 20 |``; the strictest of each."""
    found: dict[Subject, Threshold] = {}
    about = False
    for line in _lines(text, file, headings=True):
        if line.text.startswith("#"):
            about = bool(_REVIEW.search(line.text))
        elif about or _REVIEW.search(line.text):
            for subject, most in _asked(line.text):
                if subject not in found or most < found[subject].most:
                    found[subject] = Threshold(subject, most, line)
    return tuple(found.values())


def gates(text: str, file: str) -> tuple[Gate, ...]:
    """The figures that its quality gates name."""
    found: list[Gate] = []
    for line in _lines(text, file):
        if match := _COVERAGE.search(line.text):
            found.append(Gate("coverage", float(match[1] or match[2]), line))
        if match := _LATENCY.search(line.text):
            found.append(Gate("latency", float(match[1]), line))
    return tuple(found)


def _asked(text: str) -> Iterator[tuple[Subject, int]]:
    for match in (*_COUNTED.finditer(text), *_NAMED.finditer(text)):
        least = bool(match["from"]) or bool(match.groupdict().get("plus"))
        yield _WORDS[match["what"].lower()], max(int(match["n"]) - least, 0)
    for match in _ANY.finditer(text):
        yield _WORDS[match["what"].lower()], 0


def _lines(text: str, file: str, *, headings: bool = False) -> Iterator[Line]:
    fenced = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith(("```", "~~~")):
            fenced = not fenced
            continue
        if fenced or not line or (line.startswith("#") and not headings) or set(line) <= set("|-: "):
            continue
        yield Line(_plain(line), file, number)


def _plain(line: str) -> str:
    words = re.sub(r"^(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?", "", line).replace("**", "").replace("`", "")
    return words if len(words) <= 300 else words[:299] + "…"
