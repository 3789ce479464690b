"""The account of a design after the delivery: what is served is exported, read like any design, and compared with what was asked for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backwright.worker.account import Entry
from backwright.worker.design import BrokenDesign, Design
from backwright.worker.differences import Difference, compare, unexplained
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.plan import DeliveryPlan


@dataclass(frozen=True, slots=True)
class Account:
    """Every element with what became of it, and every difference of the served contract. ``measured`` is False if there was none to read."""

    entries: tuple[Entry, ...]
    differences: tuple[Difference, ...]
    measured: bool
    reason: str = ""

    @property
    def unexplained(self) -> list[Difference]:
        """The differences that break the design's promise."""
        return unexplained(self.differences)

    @property
    def good(self) -> bool:
        """Whether the served contract was measured and keeps the promise."""
        return self.measured and not self.unexplained


def account(design: Design, provisional: tuple[Entry, ...], plan: DeliveryPlan, operations: Mapping[str, str], document: Any, keep: Path) -> Account:
    """Compare the design with the served OpenAPI document, which is kept at ``keep``. ``operations``: function → ``METHOD /path``."""
    keep.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    try:
        served = import_openapi(keep)
    except BrokenDesign as error:
        return Account(provisional, (), False, f"the served document cannot be read: {error.problems[0]}")
    found = tuple(compare(design, served))
    return Account(_final(provisional, plan, operations, unexplained(found)), found, True)


def _final(provisional: tuple[Entry, ...], plan: DeliveryPlan, operations: Mapping[str, str], broken: Sequence[Difference]) -> tuple[Entry, ...]:
    waiting = {operations[name]: name for name in plan.unwritten if name in operations}
    final: list[Entry] = []
    for entry in provisional:
        if entry.element.kind == "operation" and entry.verdict == "built":
            route = entry.element.name
            differs = [f"{d.where} {d.what}" for d in broken if d.where == route or d.where.startswith(f"{route} ")]
            if route in waiting:
                entry = replace(entry, verdict="changed", reason=f"answers 501 until the business rule {waiting[route]} is written")
            elif differs:
                entry = replace(entry, verdict="changed", reason="; ".join(differs[:5]))
        final.append(entry)
    return tuple(final)
