"""The challenge: every planted fault, each in a disposable copy, with its standard's own check. What misses one has measured nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from backwright.worker.prove import harness, tree
from backwright.worker.prove.faults import NothingToPlant, Plant
from backwright.worker.prove.ledger import Claim, Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Figure, Finding, Verdict


@dataclass(frozen=True, slots=True)
class Planted:
    """What became of one fault. ``caught`` is None where the project has no place for it; ``told`` is what the check said."""

    plant: Plant
    caught: bool | None
    told: str
    found: Verdict | None = None

    def __str__(self) -> str:
        word = {True: "caught", False: "MISSED", None: "no place for it"}[self.caught]
        return f"{self.plant.standard}: {self.plant.id}: {word}: {self.told}"


def challenge(plant: Plant, standard: Standard, target: Target) -> Planted:
    """Plant the fault in a copy and run the check: whether it was caught."""
    with tree.disposable(target.dir) as copy:
        try:
            plant.apply(copy)
        except NothingToPlant as reason:
            return Planted(plant, None, str(reason))
        found = harness.measure(standard, target.at(copy), planted=True)
        return Planted(plant, found.verdict is Verdict.FAILED, found.finding, found.verdict)


def challenged(finding: Finding, planted: Sequence[Planted]) -> Finding:
    """The finding with its catch rate beside it. What passes although a fault was planted has not been measured."""
    tried = [one for one in planted if one.caught is not None]
    missed = [one.plant.id for one in tried if not one.caught]
    rate: dict[str, Figure] = {"faults_planted": len(tried), "faults_caught": len(tried) - len(missed)}
    raw = finding.raw.rstrip() + "\n\nplanted faults\n" + "\n".join(f"  {one}" for one in planted)
    changed = replace(finding, figures=finding.figures | rate, raw=raw)
    if not missed:
        return changed
    return replace(changed, verdict=Verdict.NOT_MEASURED, finding=f"the check missed a planted fault: {', '.join(missed)}", inputs=None)


def prove(
    target: Target,
    standards: Sequence[Standard],
    *,
    ledger: Ledger | None = None,
    at_once: int | None = None,
    told: Callable[[Claim], None] = lambda _: None,
    progress: Callable[[int, int, object], None] = lambda done, of, one: None,
) -> tuple[list[Claim], list[Planted]]:
    """As `harness.prove`, with every fault of what passes planted; the claims, and what became of each fault.

    ``progress`` hears of each measurement and then of each fault: how many are done, of how many, and what came out (a `harness.Measured`
    or a `Planted`). A claim is entered with its catch rate, after the last fault.
    """
    book, found, planted = ledger or Ledger(target.dir), list[harness.Measured](), list[tuple[Standard, Planted]]()

    def first(standard: Standard) -> None:
        found.append(done := harness.measured(standard, target))
        progress(len(found), len(standards), done)

    harness.in_turn(standards, lambda s: s, first, at_once)
    passed = [one.standard for one in found if one.finding.verdict.good]
    pairs = [(plant, standard) for standard in passed for plant in standard.plants]

    verdicts = {one.standard.id: one.finding.verdict for one in found}

    def one(pair: tuple[Plant, Standard]) -> None:
        done = challenge(*pair, target)
        if done.found is Verdict.NOT_APPLICABLE and verdicts[pair[1].id] is Verdict.NOT_APPLICABLE:
            done = replace(done, caught=None)  # it takes more than this fault to make the standard speak about the project
        planted.append((pair[1], done))
        progress(len(planted), len(pairs), done)

    harness.in_turn(pairs, lambda pair: pair[1], one, at_once)
    claims: list[Claim] = []
    for measured in sorted(found, key=lambda m: standards.index(m.standard)):
        mine = [p for plant in measured.standard.plants for standard, p in planted if standard is measured.standard and p.plant is plant]
        finding = challenged(measured.finding, mine) if measured.standard in passed else measured.finding
        claims.append(harness.enter(replace(measured, finding=finding), target, book))
        told(claims[-1])
    return claims, [one for _, one in planted]


def caught(planted: Iterable[Planted]) -> str:
    """The last line: ``caught 57 of 59 planted faults; not plantable here: …``."""
    every = list(planted)
    tried = [one for one in every if one.caught is not None]
    missed = [one.plant.id for one in tried if not one.caught]
    elsewhere = [one.plant.id for one in every if one.caught is None]
    parts = [f"caught {len(tried) - len(missed)} of {len(tried)} planted faults"]
    parts += [f"missed: {', '.join(missed)}"] if missed else []
    parts += [f"not plantable here: {', '.join(elsewhere)}"] if elsewhere else []
    return "; ".join(parts)


def catalogue(standards: Iterable[Standard], folder: Path | None = None) -> list[tuple[str, str, str, str]]:
    """Every fault: its id, standard, description, and where it can be planted; only those with a place in the folder, if one is given."""
    return [
        (plant.id, plant.standard, plant.description, plant.apply.where)
        for standard in standards
        for plant in standard.plants
        if folder is None or _has_a_place(plant, folder)
    ]


def _has_a_place(plant: Plant, folder: Path) -> bool:
    with tree.disposable(folder) as copy:
        try:
            plant.apply(copy)
        except NothingToPlant:
            return False
    return True
