"""The harness: runs checks, each in a process of its own, and is the only one that turns what they find into claims."""

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from backwright.worker.prove import evidence, process, seal, tree
from backwright.worker.prove.child import Answer
from backwright.worker.prove.ledger import Claim, Ledger, kit_version, versions
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_measured

Job = TypeVar("Job")
DATA = ("**/*", "!**/*.py")
"""Files that a project may read while its app is open."""


def measure(standard: Standard, target: Target, *, planted: bool = False) -> Finding:
    """Run one check and return what it found. A crash, a hang or no answer is "not measured", never a pass.

    ``planted``: the target is a copy with a planted fault; the check may end at its first breach.
    """
    with tree.disposable(target.dir) if standard.writes and not planted else nullcontext(target.dir.resolve()) as folder:
        return _in_a_process(standard, target.at(folder), planted)


def _in_a_process(standard: Standard, target: Target, planted: bool) -> Finding:
    check = f"{standard.check.__module__}:{standard.check.__qualname__}"
    with tempfile.TemporaryDirectory(prefix="backwright-check-", ignore_cleanup_errors=True) as scratch:
        job, answer, word = Path(scratch, "job.json"), Path(scratch, "finding.json"), secrets.token_hex(16)
        paths = [os.path.abspath(p) for p in sys.path]
        job.write_text(json.dumps({"check": check, "target": target.to_json(), "path": paths, "planted": planted, "word": word}))
        command = process.python("backwright.worker.prove.child", str(job), str(answer))
        ran = process.run(command, target.dir, timeout=standard.timeout, env={"PYTHONPATH": str(Path(__file__).parents[3])})
        if answer.exists():
            return _answered(answer, word, ran.output)
    if ran.status is None:
        return not_measured(f"the check did not end within {standard.timeout:g} s", ran.output)
    return not_measured(f"the check's process ended with status {ran.status} and no finding", ran.output)


def _answered(file: Path, word: str, output: str) -> Finding:
    try:
        answer = msgspec.json.decode(file.read_bytes(), type=Answer)
    except msgspec.DecodeError:
        return not_measured("the finding cannot be read", output)
    return answer.finding if answer.word == word else not_measured("the finding is not the check's own: something else wrote it", output)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a check found, and the files it found it on: those that its standard names, and others that it may have read."""

    standard: Standard
    finding: Finding
    before: dict[str, str]
    beside: dict[str, str]
    started: str

    def __str__(self) -> str:
        return f"{self.standard.id}: {self.finding.verdict}: {self.finding.finding}"


def measured(standard: Standard, target: Target) -> Measured:
    """Measure one standard, and note the files as they were before."""
    before = seal.manifest(target.dir, seal.names(target.dir, standard.inputs))
    beside = seal.manifest(target.dir, tree.chosen(tree.files(target.dir), DATA))
    started = _now()
    return Measured(standard, measure(standard, target), before, beside, started)


def enter(found: Measured, target: Target, ledger: Ledger) -> Claim:
    """Enter the claim, sealed to the files as they were before and after."""
    read = {name: found.beside[name] for name in found.finding.read if name in found.beside}
    found = replace(found, before=found.before | read)
    if seal.touched(target.dir, found.before, found.standard.inputs):
        found = replace(found, finding=not_measured("the files changed while it was measured", found.finding.raw))
    return _enter(found.standard, target, ledger, found.finding, found.before, found.started)


def claim(standard: Standard, target: Target, ledger: Ledger) -> Claim:
    """Measure one standard and enter the claim."""
    return enter(measured(standard, target), target, ledger)


def _enter(standard: Standard, target: Target, ledger: Ledger, finding: Finding, before: dict[str, str], started: str) -> Claim:
    narrow = finding.inputs
    inputs = before if narrow is None else seal.manifest(target.dir, sorted({*narrow, *tree.chosen(list(before), seal.LOCKS)}))

    def make(number: int, previous: str) -> Claim:
        name = f"{number:04d}-{standard.id}"
        kept = evidence.keep(ledger.folder, name, target.name, finding.commands, finding.raw or finding.finding)
        return Claim(
            id=name, number=number, standard=standard.id, subject=target.name, app=target.app, verdict=finding.verdict,
            finding=" ".join(finding.finding.split()), figures=finding.figures, command=f"backwright prove . --only {standard.id}",
            started=started, finished=_now(), tools=versions(standard.tools), kit=kit_version(), inputs=inputs,
            patterns=list(standard.inputs) if narrow is None else [], evidence=kept.file, evidence_digest=kept.digest,
            replay=f"backwright replay {name}", previous=previous,
        )  # fmt: skip

    return ledger.add(make)


def prove(
    target: Target,
    standards: Sequence[Standard],
    *,
    ledger: Ledger | None = None,
    at_once: int | None = None,
    told: Callable[[Claim], None] = lambda _: None,
) -> list[Claim]:
    """Measure the standards and enter a claim for each, in the order in which they end. ``told`` hears of each claim.

    Checks run side by side; those that measure time run afterwards, alone.
    """
    book = ledger or Ledger(target.dir)
    made: list[Claim] = []

    def one(standard: Standard) -> None:
        made.append(entry := claim(standard, target, book))
        told(entry)

    in_turn(standards, lambda s: s, one, at_once)
    return made


def in_turn(jobs: Sequence[Job], standard: Callable[[Job], Standard], do: Callable[[Job], None], at_once: int | None = None) -> None:
    """Do the jobs side by side, as many as there are processors; then those whose standard measures time, alone."""
    together = sorted((job for job in jobs if not standard(job).alone), key=lambda job: not standard(job).writes)  # copies take longest
    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        list(pool.map(do, together))
    for job in jobs:
        if standard(job).alone:
            do(job)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
