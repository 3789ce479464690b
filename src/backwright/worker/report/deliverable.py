"""The deliverable, for people and for the work log: each line that would be ticked carries its verdict and a link to its evidence."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from backwright.worker.prove.verdict import Verdict
from backwright.worker.report.input import ReportInput
from backwright.worker.report.markdown import code, line
from backwright.worker.report.proof import Proof, link

FEATURES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Business logic in the service layer", ("code.layered",)),
    ("Input validation and sanitization", ("api.validated",)),
    ("Authentication and authorization checks", ("access.rules", "access.tokens")),
    ("Error handling with proper status codes", ("api.errors",)),
    ("Caching strategy applied", ()),
    ("Comprehensive tests added", ("run.coverage",)),
)
SECURITY = (
    ("Input validation", ("api.validated",)),
    ("SQL injection prevention", ("access.injection",)),
    ("XSS protection", ("access.headers",)),
    ("CSRF protection", ("access.csrf",)),
    ("Rate limiting", ("api.limited",)),
)
TICKED = {title.casefold(): standards for title, standards in (*FEATURES, *SECURITY)}
"""The standards that each line rests on. A line that no standard speaks about is not measured."""


def deliverable(report: ReportInput, proof: Proof, folder: Path) -> str:
    """The Markdown of one delivery. ``folder`` is where it will lie: links to the evidence start there."""
    rows = [
        f"## Implementation: {line(report.feature)}",
        "",
        f"**Framework**: {line(report.framework)}",
        f"**Authentication**: {line(report.authentication)}",
    ]
    files = [*(f"{code(name)} (created)" for name in report.files_created), *(f"{code(name)} (modified)" for name in report.files_modified)]
    rows += _part("Files Modified/Created", files)
    rows += _part("Endpoints Implemented", _endpoints(report))
    rows += _part("Features Implemented", (ticked(title, standards, proof, folder) for title, standards in FEATURES))
    rows += _part("Integration Points", _integrations(report))
    rows += _part("Security Measures", (ticked(title, standards, proof, folder) for title, standards in SECURITY))
    rows += _part("Testing", _testing(proof, folder))
    return "\n".join(rows) + "\n"


def ticked(title: str, standards: tuple[str, ...], proof: Proof, folder: Path) -> str:
    """The line with its verdict, that of the weakest standard it rests on, and the way to the evidence."""
    worst = proof.worst(standards)
    if worst is None or worst.evidence is None:
        return f"{title}: {Verdict.NOT_MEASURED}"
    return f"{title}: {worst.verdict} ([{worst.standard}]({link(worst.evidence, folder)}))"


def _part(title: str, items: Iterable[str]) -> list[str]:
    return ["", f"### {title}", "", *([f"- {item}" for item in items] or ["- None"])]


def _endpoints(report: ReportInput) -> Iterator[str]:
    for one in report.endpoints:
        yield f"{code(f'{one.method} {one.path}')} — {line(one.description)}{' (planned, not built)' if one.status == 'planned' else ''}"


def _integrations(report: ReportInput) -> list[str]:
    to = report.integrations
    listed = (
        ("Database", to.database),
        ("External APIs", to.external_apis),
        ("Message queues", to.message_queues),
        ("Background jobs", to.background_jobs),
    )
    return [f"{title}: {line(text) or 'none'}" for title, text in listed]


def _testing(proof: Proof, folder: Path) -> Iterator[str]:
    for title, kind in (("Unit tests passing", "unit"), ("Integration tests passing", "integration")):
        yield _passing(title, kind, proof, folder)
    percent = proof.figure("run.coverage", "percent")
    yield (
        ticked("Coverage", ("run.coverage",), proof, folder)
        if percent is None
        else f"{ticked('Coverage', ('run.coverage',), proof, folder)} {percent} %"
    )


def _passing(title: str, kind: str, proof: Proof, folder: Path) -> str:
    """Tests of one kind have a verdict of their own: coverage may be too low although all of them pass."""
    held = proof.line("run.coverage")
    passed, broken = (proof.figure("run.coverage", f"{kind}_{word}") for word in ("passed", "failed"))
    if held.evidence is None or (passed is None and broken is None):
        return f"{title}: {Verdict.NOT_MEASURED}"
    verdict = Verdict.FAILED if broken else Verdict.PROVED
    return f"{title}: {verdict}, {passed or 0} passed, {broken or 0} failed ([run.coverage]({link(held.evidence, folder)}))"
