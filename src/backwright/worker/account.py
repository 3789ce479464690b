"""The account of a design: what became of every single element. Pure."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from backwright.worker.design import Element

Verdict = Literal["built", "changed", "refused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one element. ``changed`` and ``refused`` always say why."""

    element: Element
    verdict: Verdict
    reason: str = ""


def totals(entries: tuple[Entry, ...]) -> dict[Verdict, int]:
    """How many elements were built, changed and refused."""
    counted = Counter(entry.verdict for entry in entries)
    return {"built": counted["built"], "changed": counted["changed"], "refused": counted["refused"]}


def table(entries: tuple[Entry, ...], *, verdicts: tuple[Verdict, ...] = ("built", "changed", "refused")) -> str:
    """The entries as a Markdown table: place, element, verdict, reason."""
    lines = ["| where | element | verdict | why |", "|---|---|---|---|"]
    for entry in entries:
        if entry.verdict in verdicts:
            element = entry.element
            cells = (
                str(element.place),
                f"{element.kind} `{_cell(element.name)}`",
                entry.verdict,
                _cell(entry.reason),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
