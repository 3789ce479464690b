"""The account of a design: what became of every single element. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backwright.worker.design import Element, Origin

Verdict = Literal["built", "changed", "refused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one element. ``changed`` and ``refused`` always say why."""

    element: Element
    verdict: Verdict
    reason: str = ""


def traced(entries: Sequence[Entry], origins: Sequence[Origin]) -> tuple[Entry, ...]:
    """The account of the original's elements, from that of the contract that was made from it; as it is where there was no other original.

    A part of the contract belongs to the origin with the longest pointer above it.
    """
    if not origins:
        return tuple(entries)
    owners = {pointer: number for number, origin in enumerate(origins) for pointer in origin.pointers}
    parts: dict[int, list[Entry]] = {}
    for entry in entries:
        pointer = entry.element.place.pointer
        while pointer and pointer not in owners:
            pointer = pointer.rpartition("/")[0]
        if pointer in owners:
            parts.setdefault(owners[pointer], []).append(entry)
    files = {origin.element.place.file for origin in origins}
    beside = [entry for entry in entries if entry.element.place.file not in files]
    return (*(_traced(origin, parts.get(number, [])) for number, origin in enumerate(origins)), *beside)


def _traced(origin: Origin, parts: list[Entry]) -> Entry:
    if not origin.pointers:
        return Entry(origin.element, "refused" if origin.reason else "built", origin.reason)
    own = next((part for part in parts if part.element.place.pointer in origin.pointers), None)
    if own is not None and own.verdict == "refused":
        return Entry(origin.element, "refused", own.reason)
    reasons = dict.fromkeys([origin.reason, *(part.reason for part in parts)])
    said = "; ".join(reason for reason in reasons if reason)
    return Entry(origin.element, "changed" if said else "built", said)


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
