"""backend_notes.md: the worker's first output, with exactly the sections of the mission."""

import re
from collections.abc import Iterable, Iterator

from backwright.worker.report.input import Endpoint, Example, ReportInput, Table
from backwright.worker.report.markdown import code, example, headings, line, table
from backwright.worker.report.proof import Proof
from backwright.worker.stamps import iso

SECTIONS = (
    "# Backend Worker Implementation Report",
    "## Session:",
    "## Generated:",
    "### Executive Summary",
    "### API Implementation",
    "#### Endpoints Created/Modified",
    "#### Authentication & Authorization",
    "### Database Design",
    "#### Schema Changes",
    "#### Migration Strategy",
    "### Business Logic",
    "#### Services Implemented",
    "#### Domain Rules",
    "### Performance Optimizations",
    "### Testing Strategy",
)


def misshapen(text: str, session_id: str) -> list[str]:
    """What is wrong with notes: sections that are missing, doubled, out of order or not of the mission; another session."""
    found = headings(text)
    wrong = [f"the section {s!r} is missing" for s in SECTIONS if not any(_is(s, heading) for heading in found)]
    wrong += [f"the section {h!r} is not one of the report's" for h in found if not any(_is(s, h) for s in SECTIONS)]
    if not wrong and (len(found) != len(SECTIONS) or not all(map(_is, SECTIONS, found))):
        wrong.append("the sections are not in their order")
    if not wrong and found[1] != f"## Session: {session_id}":
        wrong.append(f"the notes are of another session: {found[1]!r}")
    if not wrong and not re.match(r"## Generated: \d{4}-\d\d-\d\dT\d\d:\d\d", found[2]):
        wrong.append("the notes do not say when they were generated, as ISO 8601")
    return wrong


def _is(section: str, heading: str) -> bool:
    return heading.startswith(section) if section.endswith(":") else heading == section


def notes(report: ReportInput, proof: Proof) -> str:
    """The notes of a delivery, ready to be written."""
    bodies: tuple[Iterable[str], ...] = (
        (), (), (), _summary(report, proof),
        (), _endpoints(report), _access(report, proof),
        (), _tables(report), _migrations(report, proof),
        (), _services(report), _rules(report),
        _speed(report, proof), _tests(report, proof),
    )  # fmt: skip
    told = {SECTIONS[1]: f" {report.session_id}", SECTIONS[2]: f" {iso(report.generated)}"}
    blocks = ["\n".join([section + told.get(section, ""), *_spaced(body)]) for section, body in zip(SECTIONS, bodies, strict=True)]
    text = "\n".join(blocks[:3]) + "\n\n" + "\n\n".join(blocks[3:]) + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _spaced(body: Iterable[str]) -> list[str]:
    rows = list(body)
    return ["", *rows] if rows else []


def _summary(report: ReportInput, proof: Proof) -> Iterator[str]:
    planned = [e for e in report.endpoints if e.status == "planned"]
    built = len(report.endpoints) - len(planned)
    yield f"{line(report.feature)}: {built} endpoints, {len(report.tables)} tables, {len(report.tests)} test files."
    yield "Everything measured holds." if proof.good else "**Not everything is proved; see the table.**"
    if planned:
        yield f"Planned, not built: {', '.join(code(f'{e.method} {e.path}') for e in planned)}."
    yield ""
    yield from table(("Standard", "Verdict", "Finding", "Replay"), ((i.standard, i.verdict, i.finding, i.replay) for i in proof.lines))
    yield from _list("Assumptions to confirm", (f"{line(a.about)} — {line(a.reason)}" for a in report.assumptions))
    yield from _list("Hand-overs", map(line, report.hand_overs))
    if report.account:
        yield from ("", "**Account of the design**", "")
        yield from table(("Element", "Outcome", "Reason"), ((a.element, a.outcome, a.reason) for a in report.account))


def _list(title: str, items: Iterable[str]) -> list[str]:
    rows = [f"* {item}" for item in items]
    return ["", f"**{title}**", "", *rows] if rows else []


def _endpoints(report: ReportInput) -> Iterator[str]:
    if not report.endpoints:
        yield "None."
    for endpoint in report.endpoints:
        yield from (
            f"##### {line(endpoint.method)} {line(endpoint.path)} ({endpoint.status})",
            "",
            line(endpoint.description) or "No description.",
            "",
        )
        yield from _examples(endpoint)


def _examples(endpoint: Endpoint) -> Iterator[str]:
    yield from _example("Request", endpoint.request, "The request has no body.")
    yield from _example("Response", endpoint.response, "No response example.")
    if not endpoint.errors:
        yield from ("Errors: no example.", "")
    for error in endpoint.errors:
        yield from _example("Error", error, "")


def _example(title: str, given: Example | None, nothing: str) -> list[str]:
    if given is None:
        return [nothing, ""] if nothing else []
    head = " ".join(filter(None, (title, str(given.status or ""), line(given.description))))
    return [f"{head}:", "", *example(given.body), ""] if given.body is not None else [f"{head}: no body.", ""]


def _access(report: ReportInput, proof: Proof) -> Iterator[str]:
    yield line(report.authentication) or "None."
    yield ""
    yield from table(("Endpoint", "Who may call it"), ((f"{e.method} {e.path}", e.authentication) for e in report.endpoints))
    yield from _verdicts(proof, "access")


def _tables(report: ReportInput) -> Iterator[str]:
    if not report.tables:
        yield "None."
    for one in report.tables:
        yield from (f"##### {line(one.name)} ({'modified' if one.modified else 'created'})", "", line(one.purpose), "")
        yield from table(
            ("Column", "Type", "Constraints", "Description"), ((c.name, c.type, c.constraints, c.description) for c in one.columns)
        )
        yield ""
        yield from _keys(one)


def _keys(one: Table) -> Iterator[str]:
    for index in one.indexes:
        yield f"* Index {code(index.name)} on {', '.join(index.columns)} ({index.type}{', unique' if index.unique else ''})"
    for to in one.relationships:
        yield f"* {to.column} refers to {to.table}({to.target})"
    if one.indexes or one.relationships:
        yield ""


def _migrations(report: ReportInput, proof: Proof) -> Iterator[str]:
    yield from table(("File", "What it does", "Rollback"), ((m.file, m.description, m.rollback) for m in report.migrations))
    yield from _verdicts(proof, "db")


def _services(report: ReportInput) -> Iterator[str]:
    if not report.services:
        yield "None."
    for service in report.services:
        yield f"##### {line(service.name)}"
        yield from ("", line(service.responsibility), "")
        yield from table(
            ("Method", "Parameters", "Returns", "Description"), ((m.name, m.parameters, m.returns, m.description) for m in service.methods)
        )
        yield from ("", f"Depends on: {', '.join(service.dependencies) or 'nothing'}.", "")


def _rules(report: ReportInput) -> list[str]:
    return table(("Rule", "Status", "Description"), ((r.name, r.status, r.description) for r in report.rules))


def _speed(report: ReportInput, proof: Proof) -> Iterator[str]:
    yield f"Caching: {line(report.caching_strategy) or 'none'}."
    indexes = sum(len(one.indexes) for one in report.tables)
    yield f"Indexing: {indexes} indexes on {len(report.tables)} tables."
    yield from (["Query optimization: none named."] if not report.optimizations else ["Query optimization:", ""])
    yield from (f"* {line(item)}" for item in report.optimizations)
    yield from _verdicts(proof, "run")


def _tests(report: ReportInput, proof: Proof) -> Iterator[str]:
    for kind, title in (("unit", "Unit tests"), ("integration", "Integration tests"), ("api", "API tests")):
        listed = [t for t in report.tests if t.kind == kind]
        yield from _list(f"{title} ({len(listed)} files)", (f"{code(t.file)} {line(t.description)}" for t in listed))
    yield from _verdicts(proof, "run.coverage")


def _verdicts(proof: Proof, group: str) -> list[str]:
    lines = [i for i in proof.lines if i.standard == group or i.standard.startswith(f"{group}.")]
    return _list("Measured", (f"{code(i.standard)}: {i.verdict} — {line(i.finding)}" for i in lines))
