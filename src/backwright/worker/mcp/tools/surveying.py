"""The tool that says what a project is made of."""

import msgspec

from backwright.worker.mcp.seat import PerhapsInSession, view
from backwright.worker.mcp.tool import Answer, Desk, Tool
from backwright.worker.survey.repository import Technology
from backwright.worker.survey.surveyor import survey_repository


def survey(asked: PerhapsInSession, desk: Desk) -> Answer:
    """What is there."""
    found = survey_repository(view(desk, asked.session), told=desk.heard)
    lines = [
        f"{found.name}: {found.files} files; " + (", ".join(f"{one.name} {one.lines} lines" for one in found.languages) or "no source"),
        *(f"service {one.name} in {one.folder}: {', '.join(_named(t) for t in one.frameworks) or one.ecosystem}" for one in found.services),
        *(f"{one.kind}: {_named(one)}" for one in found.technologies),
        *(f"{one.file}:{one.line}: {one.problem}" for one in found.findings),
    ]
    return Answer("\n".join(lines), msgspec.to_builtins(found))


def _named(one: Technology) -> str:
    return f"{one.name} {one.version or one.range}".strip()


TOOLS = (
    Tool(
        name="survey", input=PerhapsInSession, run=survey, reads=True, apart=True, deadline=900,
        description="What the project is made of: languages, frameworks, services, tables, tests, with evidence. Nothing is run.",
    ),
)  # fmt: skip
