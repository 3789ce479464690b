"""Verification: recompute every seal of a ledger, so that entries written, edited, moved or removed by hand are exposed."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from backwright.worker import journal
from backwright.worker.prove import evidence, seal
from backwright.worker.prove.ledger import KEY_NAME, Claim, Head, Ledger, kit_version
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.verdict import Verdict

SLACK = timedelta(minutes=10)
"""So much clocks may disagree."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """One thing that the harness did not write so: which entry (its number in the file), and what is wrong with it."""

    entry: int
    what: str

    def __str__(self) -> str:
        return f"entry {self.entry}: {self.what}" if self.entry else self.what


def verify(ledger: Ledger, standards: Iterable[Standard] = ()) -> list[Exposed]:
    """Everything in the ledger that does not hold together; nothing for a ledger as the harness left it.

    With ``standards``, a claim of this kit must depend on the files that its standard names. A ledger forged as a whole, seals
    recomputed, holds together: only running the checks again (`replay`) finds that.
    """
    patterns = {standard.id: list(standard.inputs) for standard in standards}
    exposed: list[Exposed] = []
    previous, before = seal.FIRST, ""
    number = 0
    for number, line in enumerate(ledger.lines(), start=1):
        record = _record(line)
        if record is None:
            exposed.append(Exposed(number, "is not a claim that can be read"))
            previous = "?"
            continue
        exposed += [Exposed(number, what) for what in _wrong(ledger, number, previous, record)]
        if journal.encode(record) != line + b"\n":
            exposed.append(Exposed(number, f"{record['id']}: it is not written as the harness writes"))
        exposed += [Exposed(number, f"{record['id']}: {what}") for what in _times(record, before)]
        if record["kit"] == kit_version() and record["patterns"] not in ([], patterns.get(record["standard"], record["patterns"])):
            exposed.append(Exposed(number, f"{record['id']}: it leaves out files that its standard depends on"))
        previous, before = str(record.get("seal")), record["finished"]
    if not Head.of(ledger.head).agrees(number, previous):
        exposed.append(Exposed(0, "the ledger does not end where the harness left it: entries were removed from its end, or added by hand"))
    return exposed


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        msgspec.json.decode(line, type=Claim)
        return dict(json.loads(line))
    except (ValueError, msgspec.DecodeError):
        return None


def _wrong(ledger: Ledger, number: int, previous: str, record: dict[str, Any]) -> Iterator[str]:
    if record["seal"] != seal.of_record(record):
        yield f"{record['id']}: its seal does not fit what it says: it was edited, or written by hand"
    if record["previous"] != previous:
        yield f"{record['id']}: it does not follow the entry before it: entries were removed, moved or put in"
    if record["number"] != number or record["id"] != f"{number:04d}-{record['standard']}":
        yield f"{record['id']}: it stands in the wrong place"
    if record["verdict"] == Verdict.STALE:
        yield f"{record['id']}: no check ends with the verdict stale"
    if (key := os.environ.get(KEY_NAME)) and not seal.signed(record["seal"], record["signature"], key):
        yield f"{record['id']}: it is not signed with the key of this environment"
    yield from _evidence(ledger, record)


def _times(record: dict[str, Any], before: str) -> Iterator[str]:
    """Clocks are set now and then; more than `SLACK` is no clock."""
    try:
        started, finished = (datetime.fromisoformat(record[name]) for name in ("started", "finished"))
        if not started - SLACK <= finished <= datetime.now(UTC) + SLACK:
            yield "it ended before it began, or has not ended yet"
        if before and finished < datetime.fromisoformat(before) - SLACK:
            yield "it ended before the entry before it"
    except (ValueError, TypeError):
        yield "its times are none"


def _evidence(ledger: Ledger, record: dict[str, Any]) -> Iterator[str]:
    if record["evidence"] != f"evidence/{record['id']}.txt":
        yield f"{record['id']}: it points to evidence that is not its own: {record['evidence']}"
    elif (found := seal.of_file(ledger.folder / record["evidence"])) != record["evidence_digest"]:
        yield f"{record['id']}: its evidence {'was changed' if found else 'is gone'}: {record['evidence']}"
    elif not _begins(ledger.folder / record["evidence"], evidence.beginning(record["id"], record["subject"])):
        yield f"{record['id']}: its evidence is of something else: {record['evidence']}"


def _begins(file: Path, lines: list[str]) -> bool:
    with file.open(encoding="utf-8", errors="replace") as text:
        return [text.readline().rstrip("\n") for _ in lines] == lines
