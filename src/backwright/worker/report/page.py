"""report.html: one self-contained page about a project, rendered from the ledger and from what the project says about itself."""

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from backwright.worker.prove.verdict import Verdict
from backwright.worker.report.chart import histogram
from backwright.worker.report.diagram import diagram
from backwright.worker.report.input import ReportInput
from backwright.worker.report.proof import Line, Proof, link
from backwright.worker.stamps import iso

NAME = "report.html"
MOST_EVIDENCE = 6_000
"""Characters of evidence shown in the page; the file has all of it."""
OWN_TABLES = "backwright_"
_COVERED = re.compile(r"^\s*(\d+(?:\.\d+)?) %\s+(\S.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Row:
    """One standard as the page shows it."""

    line: Line
    caught: str
    """How many planted faults its check caught: ``2 of 2``; nothing where none were planted."""
    evidence: str
    href: str

    @property
    def mark(self) -> str:
        return self.line.verdict.value.replace(" ", "-")


def page(report: ReportInput, proof: Proof, folder: Path) -> str:
    """The whole page as HTML. ``folder`` is where it will lie: links to the evidence start there. It loads nothing and runs nothing."""
    rows = [_row(line, proof, folder) for line in proof.lines]
    own = tuple(table for table in report.tables if not table.name.startswith(OWN_TABLES))
    return _template().render(
        report=report, generated=iso(report.generated), rows=rows, good=proof.good, exposed=[str(one) for one in proof.exposed],
        held=sum(row.line.verdict.good for row in rows), caught=_caught_in_all(proof), latency=_latency(proof), percent=_percent(proof),
        covered=_covered(proof), diagram=diagram(own), tables=own, kept=len(report.tables) - len(own), example=_example,
    )  # fmt: skip


def _template() -> jinja2.Template:
    text = files("backwright.worker.report").joinpath("page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(text)


def _row(line: Line, proof: Proof, folder: Path) -> _Row:
    rate = proof.caught(line.standard)
    caught = "{} of {}".format(*rate) if rate else ""
    return _Row(line, caught, _evidence(line), link(line.evidence, folder) if line.evidence else "")


def _evidence(line: Line) -> str:
    if line.evidence is None or not line.evidence.is_file():
        return ""
    text = line.evidence.read_text(encoding="utf-8", errors="replace")
    return text if len(text) <= MOST_EVIDENCE else f"{text[:MOST_EVIDENCE]}\n… {len(text) - MOST_EVIDENCE:,} more characters in the file"


def _caught_in_all(proof: Proof) -> str:
    """The catch rate over all standards: ``58 of 59``; nothing where no fault was planted."""
    rates = [rate for standard in proof.standards if (rate := proof.caught(standard)) is not None]
    return f"{sum(caught for caught, _ in rates)} of {sum(planted for _, planted in rates)}" if rates else ""


def _latency(proof: Proof) -> dict[str, Any] | None:
    said = proof.figure("run.latency", "histogram_ms")
    if not isinstance(said, str):
        return None
    names = ("mean_ms", "p50_ms", "p99_ms", "rate", "requests", "rows", "database")
    return {name: proof.figure("run.latency", name) for name in names} | {"chart": histogram(buckets(said), "milliseconds, up to")}


def buckets(said: str) -> list[tuple[str, int]]:
    """The figure ``histogram_ms`` read again: upper bound and count of each bucket."""
    pairs = (word.partition("=") for word in said.split())
    return [(bound, int(count)) for bound, _, count in pairs if count.isdigit()]


def _percent(proof: Proof) -> float | None:
    percent = proof.figure("run.coverage", "percent")
    return float(percent) if isinstance(percent, int | float) else None


def _covered(proof: Proof) -> list[tuple[str, float]]:
    """Each file with the share of its statements that the tests run, in percent."""
    line = proof.line("run.coverage")
    if line.verdict not in (Verdict.PROVED, Verdict.FAILED) or line.evidence is None or not line.evidence.is_file():
        return []
    found = _COVERED.findall(line.evidence.read_text(encoding="utf-8", errors="replace"))
    return [(name, float(percent)) for percent, name in found]


def _example(body: Any) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False, default=str)
