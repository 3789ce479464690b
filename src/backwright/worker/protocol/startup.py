"""What a worker reads before it works: instructions, guidelines, the work log, decisions, others' hand-offs, where designs are kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.worker.protocol import decisions, guideline, worklog
from backwright.worker.protocol.coordination import RECEIVES_FROM
from backwright.worker.protocol.guideline import Gate, Line, Threshold
from backwright.worker.protocol.reading import Reader

INSTRUCTIONS = "CLAUDE.md"
TASK_WORKFLOW = "docs/development/workflows/task-workflow.md"
GOVERNANCE = "docs/development/workflows/agent-coordination.md"
DESIGNS = "docs/project/api-design"
RECORDS = ("docs/adr", "docs/adrs", "doc/adr", "docs/decisions", "docs/architecture/decisions", "docs/architecture/adr", "adr")
_ROOTS = (".git", "CLAUDE.md", "pyproject.toml", "package.json", "go.mod", "Cargo.toml", ".backwright")


@dataclass(frozen=True, slots=True)
class Context:
    """What was read. A file that is not there leaves its part empty; one that cannot be read is a finding."""

    instructions: str = ""
    constraints: tuple[Line, ...] = ()
    """What the instructions, and the rules of coordination, ask for."""
    thresholds: tuple[Threshold, ...] = ()
    """From which size on a plan needs a review."""
    gates: tuple[Gate, ...] = ()
    worklog: tuple[str, ...] = ()
    """The newest entries, of the given task where there is one; newest first."""
    escalations: tuple[dict[str, Any], ...] = ()
    """Decisions of the session that nobody has answered."""
    records: tuple[Line, ...] = ()
    """Architecture decision records: their titles."""
    designs: tuple[str, ...] = ()
    """What lies in the default folder of designs."""
    received: tuple[str, ...] = ()
    """What other workers of the session handed in, relative to the session."""
    files: tuple[str, ...] = ()
    """What was read, relative to the project."""
    findings: tuple[str, ...] = ()

    def summary(self) -> dict[str, Any]:
        """The same in numbers, for the event."""
        return {
            "files": list(self.files), "constraints": len(self.constraints), "worklog_entries": len(self.worklog),
            "open_escalations": len(self.escalations), "records": len(self.records), "designs": list(self.designs),
            "received": list(self.received), "findings": list(self.findings),
        }  # fmt: skip


def find_root(at: Path) -> Path:
    """The nearest folder, from here upwards, that looks like the root of a project: under version control if any is, else this one."""
    here = at.resolve()
    while not here.is_dir() and here != here.parent:
        here = here.parent
    upwards = [here, *here.parents]
    for mark in (_ROOTS[:1], _ROOTS[1:]):
        for folder in upwards:
            if folder != Path(folder.anchor) and any((folder / name).exists() for name in mark):
                return folder
    return here


def read_context(project: Path, session: Path, task_id: str = "") -> Context:
    """Read what is there."""
    reader = Reader(project)
    instructions, workflow, governance = map(reader.text, (INSTRUCTIONS, TASK_WORKFLOW, GOVERNANCE))
    log = worklog.find(project)
    designs = [name for name in reader.below(DESIGNS, "") if (project / name).is_file()]
    records = [_title(reader.text(name), name) for folder in RECORDS for name in reader.below(folder, ".md")]
    unread = [f"{name} cannot be read as a decision" for name in decisions.unreadable(session)]
    return Context(
        instructions=instructions,
        constraints=(*guideline.constraints(instructions, INSTRUCTIONS), *guideline.constraints(governance, GOVERNANCE)),
        thresholds=guideline.thresholds(workflow, TASK_WORKFLOW),
        gates=guideline.gates(workflow, TASK_WORKFLOW),
        worklog=worklog.newest(reader.text(log), task_id) if log else (),
        escalations=tuple(decisions.open_ones(session)),
        records=tuple(records),
        designs=tuple(designs),
        received=tuple(received(session)),
        files=tuple(reader.read),
        findings=(*reader.findings, *unread),
    )


def received(session: Path) -> list[str]:
    """What those who hand work to this worker have left in the session."""
    stems = [name.replace("-", "_") for name in RECEIVES_FROM] + list(RECEIVES_FROM)
    places = [*(session / "workers").glob("*.md"), *(session / "workers" / "json").glob("*.json")]
    return sorted(place.relative_to(session).as_posix() for place in places if place.name.startswith(tuple(stems)))


def markdown(context: Context) -> str:
    """What was read, for the plan: constraints with their lines, what others decided, what could not be read."""
    thresholds = [f"more than {one.most} {one.subject} need a review ({one.source.file}:{one.source.line})" for one in context.thresholds]
    gates = [f"{one.figure} {one.bound:g}: {one.source}" for one in context.gates]
    parts = {
        "Constraints": list(map(str, context.constraints)),
        "Review thresholds": thresholds,
        "Quality gates": gates,
        "Architecture decisions": list(map(str, context.records)),
        "Work log": [entry.splitlines()[0].lstrip("# ") for entry in context.worklog],
        "Handed in by others": [f"`{name}`" for name in context.received],
        "Could not be read": list(context.findings),
    }
    return "".join(f"\n## {title}\n\n" + "".join(f"* {item}\n" for item in items) for title, items in parts.items() if items)


def _title(text: str, file: str) -> Line:
    lines = text.splitlines()
    number = next((n for n, line in enumerate(lines, 1) if line.startswith("# ")), 1)
    return Line(lines[number - 1].lstrip("# ").strip()[:200] if lines else file, file, number)
