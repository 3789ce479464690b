"""The steps of a session that somebody else drives, a coding agent or a person: the program looks for itself before it records one."""

import shlex
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backwright.worker.delivery import gates, kept
from backwright.worker.protocol import decisions, startup, test_first, worklog
from backwright.worker.protocol.gates import plan_review
from backwright.worker.protocol.gates.security_review import Surface
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.steps import Step
from backwright.worker.prove import process, seal, tree
from backwright.worker.prove.ledger import Ledger, count
from backwright.worker.survey.facts import Facts
from backwright.worker.survey.read import survey

TREE = "tree.json"
"""The digests of the project's files when the tests were recorded: code has to differ from them."""


class NotTaken(Exception):
    """The step cannot be recorded; the message says what the program looked for."""


def take(session: Session, step: Step, *, files: Sequence[str] = (), needless: str = "", run: str = "", folder: Path | None = None) -> None:
    """Look, and record the step. ``files`` are relative to the project; ``run`` is a command that runs the tests just written.

    Raises `NotTaken`, `Skipped` and ``ValueError``, with nothing recorded.
    """
    project = folder or session.project
    if needless:
        _needless(session, step, needless)
    elif step in (Step.STARTUP, Step.NOTES, Step.RESPONSE, Step.END):
        raise NotTaken(f"{step} is recorded by start, save-analysis, save-json and complete")
    else:
        look = _LOOKS.get(step, _files)
        with session.step(step) as told:
            told |= look(session, project, files)
    if step is Step.TESTS and not needless:
        _see(session, project, files, run)


def _needless(session: Session, step: Step, why: str) -> None:
    if step is Step.SECURITY_REVIEW and (touched := gates.review_security(session, session.project, _surface(session), {}).changes):
        raise NotTaken(f"it is needed: {touched[0]}" + (f" and {len(touched) - 1} more" if len(touched) > 1 else ""))
    session.finish(step, {"needless": why})


def _survey(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    facts = survey(project)
    before = kept.held(session.folder, kept.BEFORE, Facts)
    if before is None:
        kept.keep(session.folder, kept.BEFORE, facts)
        kept.keep(session.folder, kept.SURFACE, gates.surface(project))
    return {"files": len(facts.files), "tests": len(facts.tests)}


def _plan(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    if not files:
        raise NotTaken("name the files that the plan is going to write, each with --file")
    listed = "".join(f"* `{file}`\n" for file in files)
    text = f"# Plan\n\n{session.task}\n\n## Files\n\n{listed}{startup.markdown(session.context)}"
    (session.folder / "delivery_plan.md").write_text(text, encoding="utf-8")
    return {"files": list(files), "plan": "delivery_plan.md"}


def _review(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    planned = session.record.done[Step.PLAN].details.get("files", [])
    code = [file for file in planned if not test_first.is_test(file)]
    size = plan_review.Size(
        files=len(planned), migrations=sum("migrations/" in file for file in planned),
        rules=sum(file.startswith("rules/") or file == "access.py" for file in code), tables=0, operations=0,
    )  # fmt: skip
    found = plan_review.review(size, session.context.thresholds, planned)
    if found.problems:
        raise NotTaken("; ".join(found.problems))
    if not found.exceeded:
        return {"by": "rules", "files": len(planned)}
    place = session.escalate(
        "code-architect", "the plan needs a review", {"exceeded": list(found.exceeded), "files": list(planned)},
        condition=gates.PLAN_REVIEW, blocks=True,
    )  # fmt: skip
    answer = next((decisions.answered(one) for path, one in decisions.files(session.folder) if path == place), "")
    if not answer or decisions.refused(answer):
        raise NotTaken(f"{'; '.join(found.exceeded)}. {'It was refused: ' + answer if answer else f'Wait for the answer to {place.name}'}")
    return {"by": "architect", "decision": answer, "exceeded": list(found.exceeded)}


def _files(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    gone = [file for file in files if not (project / file).is_file()]
    if gone or not files:
        raise NotTaken(f"there is no {', '.join(gone)}" if gone else "name what was written, each with --file")
    return {"files": {file: seal.of_file(project / file) for file in files}}


def _tests(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    told = _files(session, project, files)
    if other := [file for file in files if not test_first.is_test(file)]:
        raise NotTaken(f"these are no tests: {', '.join(other)}")
    digests = {name: seal.of_file(project / name) for name in tree.files(project) if test_first.is_code(name)}
    kept.keep(session.folder, TREE, digests)
    return told


def _see(session: Session, project: Path, files: Sequence[str], run: str) -> None:
    """Run the tests that were just written, before there is code: they have to fail."""
    if not run:
        gates.look_at_tests(session, project, [*files, *session.record.done[Step.PLAN].details.get("files", [])], {})
        return
    ran = process.run(shlex.split(run), project, timeout=300)
    how = "passing" if ran.status == 0 else "failing"
    session.log.log_event(test_first.SEEN, {"how": how, "command": run, "status": ran.status, "last": ran.output.strip().splitlines()[-1:]})


def _code(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    told = _files(session, project, files)
    before = kept.held(session.folder, TREE, dict[str, str]) or {}
    same = [file for file in files if before.get(file) == told["files"][file]]
    if same:
        raise NotTaken(f"these were so before the tests were written: {', '.join(same)}")
    return told | {"created": [file for file in files if file not in before]}


def _proof(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    standing = Ledger(project).standing()
    if not standing:
        raise NotTaken(f"the ledger holds no claim: backwright prove {project}")
    began = datetime.fromisoformat(str(session.record.events[0]["timestamp"]).replace("Z", "+00:00")).astimezone(UTC)
    stale = [name for name, held in standing.items() if held.touched]
    if len(stale) == len(standing):
        raise NotTaken(f"every claim is older than the code: backwright prove {project}")
    return {"verdicts": count(held.verdict for held in standing.values()), "stale": stale, "since": began.isoformat()}


def _security(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    claims = {name: held.claim for name, held in Ledger(project).standing().items() if not held.touched}
    found = gates.review_security(session, project, _surface(session), claims)
    for one in found.wider:
        session.escalate(
            "security-auditor", "access became wider than it was", {"change": str(one)}, condition="vulnerability", blocks=True
        )
    return {"verdict": found.verdict, "changes": len(found.changes), "file": "security_review.md"}


def _deliverable(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    if not (session.folder / "deliverable.md").is_file():
        raise NotTaken(f"write {session.folder / 'deliverable.md'} first")
    return {"file": "deliverable.md"}


def _work_log(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    name = worklog.find(session.project) or worklog.PLACES[0]
    day = f"{session.clock():%Y-%m-%d}"
    entry = worklog.entry(day, session.task_id, session.task, session.log.worker, session.id, "see the deliverable", "deliverable.md")
    worklog.add(session.project / name, entry, session.id)
    return {"file": name}


def _import(session: Session, project: Path, files: Sequence[str]) -> dict[str, Any]:
    if not files:
        raise NotTaken("name the design's files, each with --file, or say --not-needed WHY")
    return _files(session, project, files)


def _surface(session: Session) -> Surface:
    return kept.held(session.folder, kept.SURFACE, Surface) or Surface()


_LOOKS: dict[Step, Callable[[Session, Path, Sequence[str]], dict[str, Any]]] = {
    Step.IMPORT: _import, Step.SURVEY: _survey, Step.PLAN: _plan, Step.PLAN_REVIEW: _review, Step.TESTS: _tests, Step.CODE: _code,
    Step.PROOF: _proof, Step.SECURITY_REVIEW: _security, Step.DELIVERABLE: _deliverable, Step.WORK_LOG: _work_log,
}  # fmt: skip
"""What the program looks at before it records each step; for the others, that the files are there."""
