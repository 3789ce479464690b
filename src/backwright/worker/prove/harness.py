"""The harness: runs checks, each in a process of its own, and is the only one that turns what they find into claims."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from backwright.worker.prove import evidence, process, seal, tree
from backwright.worker.prove.faults import NothingToPlant, Plant
from backwright.worker.prove.ledger import Claim, Ledger, kit_version
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, Verdict, not_measured


def measure(standard: Standard, target: Target) -> Finding:
    """Run one check and return what it found. A crash, a hang or no answer is "not measured", never a pass."""
    with tree.disposable(target.dir) if standard.writes else nullcontext(target.dir.resolve()) as folder:
        return _in_a_process(standard, target.at(folder))


def _in_a_process(standard: Standard, target: Target) -> Finding:
    check = f"{standard.check.__module__}:{standard.check.__qualname__}"
    with tempfile.TemporaryDirectory(prefix="backwright-check-", ignore_cleanup_errors=True) as scratch:
        job, answer = Path(scratch, "job.json"), Path(scratch, "finding.json")
        job.write_text(json.dumps({"check": check, "target": target.to_json(), "path": [os.path.abspath(p) for p in sys.path]}))
        command = process.python("backwright.worker.prove.child", str(job), str(answer))
        ran = process.run(command, target.dir, timeout=standard.timeout, env={"PYTHONPATH": str(Path(__file__).parents[3])})
        if answer.exists():
            return msgspec.json.decode(answer.read_bytes(), type=Finding)
    if ran.status is None:
        return not_measured(f"the check did not end within {standard.timeout:g} s", ran.output)
    return not_measured(f"the check's process ended with status {ran.status} and no finding", ran.output)


def challenge(plant: Plant, standard: Standard, target: Target) -> bool | None:
    """Plant the fault in a copy and run the check: whether it was caught; None if this project has no place for the fault."""
    with tree.disposable(target.dir) as copy:
        try:
            plant.apply(copy)
        except NothingToPlant:
            return None
        return measure(standard, target.at(copy)).verdict is Verdict.FAILED


def challenged(finding: Finding, standard: Standard, target: Target) -> Finding:
    """The finding with its catch rate beside it. What passes although a fault was planted has not been measured."""
    if finding.verdict is not Verdict.PROVED:
        return finding
    caught = {plant.id: challenge(plant, standard, target) for plant in standard.plants}
    tried = {name: was for name, was in caught.items() if was is not None}
    missed = [name for name, was in tried.items() if not was]
    figures = finding.figures | {"faults_planted": len(tried), "faults_caught": len(tried) - len(missed)}
    told = {True: "caught", False: "MISSED", None: "no place for it"}
    raw = finding.raw.rstrip() + "\n\nplanted faults\n" + "\n".join(f"  {name}: {told[was]}" for name, was in caught.items())
    if missed:
        return Finding(Verdict.NOT_MEASURED, f"the check missed a planted fault: {', '.join(missed)}", figures, raw, finding.commands)
    return Finding(finding.verdict, finding.finding, figures, raw, finding.commands, finding.inputs)


def claim(standard: Standard, target: Target, ledger: Ledger, *, plants: bool = False) -> Claim:
    """Measure one standard and enter the claim, sealed to the files as they were before and after."""
    before = seal.manifest(target.dir, seal.names(target.dir, standard.inputs))
    started = _now()
    finding = measure(standard, target)
    if plants:
        finding = challenged(finding, standard, target)
    if seal.touched(target.dir, before, standard.inputs):
        finding = not_measured("the files changed while it was measured", finding.raw)
    return _enter(standard, target, ledger, finding, before, started)


def _enter(standard: Standard, target: Target, ledger: Ledger, finding: Finding, before: dict[str, str], started: str) -> Claim:
    narrow = finding.inputs
    inputs = before if narrow is None else seal.manifest(target.dir, sorted({*narrow, *tree.chosen(list(before), seal.LOCKS)}))
    finished = _now()

    def make(number: int, previous: str) -> Claim:
        name = f"{number:04d}-{standard.id}"
        kept = evidence.keep(ledger.folder, name, target.name, finding.commands, finding.raw or finding.finding)
        return Claim(
            id=name, number=number, standard=standard.id, subject=target.name, app=target.app, verdict=finding.verdict,
            finding=" ".join(finding.finding.split()), figures=finding.figures, command=f"backwright prove . --only {standard.id}",
            started=started, finished=finished, tools=_tools(standard), kit=kit_version(), inputs=inputs,
            patterns=list(standard.inputs) if narrow is None else [], evidence=kept.file, evidence_digest=kept.digest,
            replay=f"backwright replay {name}", previous=previous,
        )  # fmt: skip

    return ledger.add(make)


def prove(
    target: Target,
    standards: Sequence[Standard],
    *,
    ledger: Ledger | None = None,
    plants: bool = False,
    at_once: int | None = None,
    told: Callable[[Claim], None] = lambda _: None,
) -> list[Claim]:
    """Measure the standards and enter a claim for each, in the order in which they end. ``told`` hears of each claim.

    Checks run side by side; those that measure time run afterwards, alone. ``plants`` challenges every check that passes with its faults.
    """
    book = ledger or Ledger(target.dir)
    together = sorted((s for s in standards if not s.alone), key=lambda s: not s.writes)  # those that work on a copy take longest
    made: list[Claim] = []

    def one(standard: Standard) -> None:
        made.append(entry := claim(standard, target, book, plants=plants))
        told(entry)

    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        list(pool.map(one, together))
    for standard in standards:
        if standard.alone:
            one(standard)
    return made


def _tools(standard: Standard) -> dict[str, str]:
    found = {"python": sys.version.split()[0]}
    for name in standard.tools:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
