"""The gates of one delivery: the plan's review, the tests that are missed, the security review, the questions to others, the hand-offs."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from backwright.worker import journal
from backwright.worker.blueprint import Blueprint
from backwright.worker.design import Design
from backwright.worker.plan import DeliveryPlan
from backwright.worker.protocol import coordination, decisions, test_first
from backwright.worker.protocol.coordination import Work
from backwright.worker.protocol.escalation.conditions import raised
from backwright.worker.protocol.escalation.seen import Measured, Seen
from backwright.worker.protocol.gates import plan_review, security_review
from backwright.worker.protocol.gates.security_review import Surface
from backwright.worker.protocol.session import Session
from backwright.worker.prove import process, seal, tree
from backwright.worker.prove.ledger import Claim
from backwright.worker.stamps import iso
from backwright.worker.survey.facts import Facts

PLAN_REVIEW = "plan-review"


class NotAgreed(Exception):
    """Nobody agreed to the plan: nothing was written."""


class Waiting(NotAgreed):
    """Somebody else has to look at the plan first; the delivery goes on when it is resumed after the answer."""


def surface(folder: Path) -> Surface:
    """What decides about access in the folder now."""
    texts = {name: _text(folder / name) for name in security_review.texts_of(tree.files(folder))} if folder.is_dir() else {}
    return security_review.surface(texts)


def digest(folder: Path) -> str:
    """One digest of the project's code, tests and migrations: what a proof is about."""
    names = [name for name in tree.files(folder) if name.endswith(test_first.CODE)]
    return seal.digest("".join(f"{name} {seal.of_file(folder / name)}\n" for name in names).encode())


def review_plan(
    session: Session, plan: DeliveryPlan, blueprint: Blueprint, folder: Path, before: Surface, agree: Callable[[], bool], *, asked: bool
) -> dict[str, Any]:
    """Hold the plan against the project's thresholds, and have somebody agree; how it was reviewed. Raises `NotAgreed` and `Waiting`.

    ``asked`` says that a person looks at it: that is a review. Without one, a plan beyond a threshold waits for the code-architect.
    """
    written = {change.path: change.text for change in plan.written}
    found = plan_review.review(_size(plan, blueprint, folder, before), session.context.thresholds, written)
    if found.problems:
        raise NotAgreed("the plan is not fit: " + "; ".join(found.problems))
    reviewer = "person" if asked else "rules"
    if found.exceeded and not asked:
        reviewer = _architect(session, found.exceeded, sorted(written))
    elif not agree():
        session.log.log_event("plan_refused", {}, "failed")
        raise NotAgreed("the plan was not agreed to: nothing was written")
    told = {"plan": "delivery_plan.md", "status": "agreed", "by": reviewer, "files": len(written), "exceeded": list(found.exceeded)}
    session.decide("delivery plan", told)
    return told


def _architect(session: Session, exceeded: Sequence[str], files: list[str]) -> str:
    about = decisions.same({"exceeded": list(exceeded), "files": files})
    place = session.escalate(
        "code-architect", "the plan needs a review", {"plan": "delivery_plan.md", "exceeded": list(exceeded)}, condition=PLAN_REVIEW,
        blocks=True, about=about,
    )  # fmt: skip
    said = decisions.answered(journal.mapping(place.read_bytes()) or {})
    if not said:
        name = place.relative_to(session.folder)
        session.wait(f"the plan's review: {name}")
        raise Waiting(f"the plan needs a review: {'; '.join(exceeded)}. Answer {session.folder / name}, then deliver again.")
    if decisions.refused(said):
        raise NotAgreed(f"the plan was refused: {said}")
    return "architect"


def _size(plan: DeliveryPlan, blueprint: Blueprint, folder: Path, before: Surface) -> plan_review.Size:
    written = {change.path: change.text for change in plan.written}
    kept = {c.path: _text(folder / c.path) for c in plan.changes if c.path not in written and security_review.watched(c.path)}
    after = security_review.surface(kept | written)
    return plan_review.size(
        written, before, after, tables=len(blueprint.entities), operations=len(blueprint.operations), migrates="model.py" in written
    )


def look_at_tests(session: Session, folder: Path, paths: Sequence[str], evidence: Mapping[str, str]) -> None:
    """See that the tests among the paths miss the code among them, before it is written: what they import is not there, or they fail.

    ``evidence`` are the claims that failed, where the change answers them.
    """
    ours = [path for path in paths if test_first.is_test(path) and path.endswith(".py")]
    there = tree.files(folder)
    texts = {path: _text(folder / path) for path in there if test_first.is_test(path) and path.endswith(".py")}
    absent = {path: names for path, names in test_first.absent(texts, there, paths).items() if path in ours}
    told: dict[str, Any] = {"how": "none"}
    if absent:
        told = {"how": "absent", "absent": absent}
    elif evidence:
        told = {"how": "claim", "claims": dict(evidence)}
    elif any(map(test_first.is_code, paths)) and (runnable := [path for path in ours if path.rpartition("/")[2].startswith("test_")]):
        ran = process.run(process.python("pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *runnable), folder, timeout=110)
        told = {"how": "passing" if ran.status == 0 else "failing", "status": ran.status, "last": ran.output.strip().splitlines()[-1:]}
    session.log.log_event(test_first.SEEN, told)


def review_security(session: Session, folder: Path, before: Surface, claims: Mapping[str, Claim]) -> security_review.Review:
    """The deterministic review of what was touched; kept in ``security_review.md``."""
    found = security_review.review(before, surface(folder), {name: (c.verdict.good, c.finding) for name, c in claims.items()})
    journal.replace(session.folder / "security_review.md", security_review.markdown(found).encode("utf-8", "backslashreplace"))
    return found


def escalate(session: Session, seen: Seen) -> None:
    """Ask what must be asked, once; read back what was answered; close what no longer arises."""
    still: set[tuple[str, str]] = set()
    for one in raised(seen):
        session.escalate(one.to, one.reason, one.evidence, condition=one.condition, blocks=one.blocks, about=one.about)
        still.add((one.condition, one.about or decisions.same(one.evidence)))
    kept = {(str(one.get("condition")), str(one.get("about"))) for _, one in decisions.files(session.folder)}
    session.follow(frozenset(still | {pair for pair in kept if pair[0] == PLAN_REVIEW}))


def seen(
    session: Session, design: Design, blueprint: Blueprint, plan: DeliveryPlan, before: Facts, *, migrations: Sequence[str] = (),
    claims: Mapping[str, Claim] | None = None, tried: int = 0, widened: Sequence[str] = (), load: Mapping[str, Any] | None = None,
) -> Seen:  # fmt: skip
    """What the detectors look at."""
    names = {entity.name: re.compile(rf"\b{re.escape(entity.name)}s?\b", re.IGNORECASE) for entity in blueprint.entities}
    rules = {o.name: " ".join((o.rule or o.summary).split()) for o in blueprint.operations if o.name in {**plan.unwritten, **plan.kept}}
    security = ("securityScheme", "security scheme", "flow")
    return Seen(
        task=session.task,
        instructions={f"{line.file}:{line.line}": line.text for line in session.context.constraints},
        files=tuple(before.files),
        words={"info": design.info.description, **{f"{o.method} {o.path}": f"{o.summary} {o.doc}" for o in blueprint.operations}},
        fields=tuple(f"{entity.name}.{field.name}" for entity in blueprint.entities for field in entity.fields),
        operations=len(blueprint.operations), entities=len(blueprint.entities), written=len(plan.written),
        rules={name: (words, tuple(n for n, one in names.items() if one.search(words))) for name, words in rules.items()},
        queries={f"{o.method} {o.path}": len(o.filters) + len(o.sort.fields if o.sort else ()) for o in blueprint.operations if o.filters},
        refused_security=tuple(what for what, _ in plan.refused if what.startswith(security)),
        migrations=tuple(migrations), existing_tables=bool(before.migrations),
        rate=_number((load or {}).get("rate")), rows=max((entity.rows or 0 for entity in blueprint.entities), default=0),
        claims={name: Measured(c.verdict.good, c.finding) for name, c in (claims or {}).items() if c.verdict != "not measured"},
        tried=tried, widened=tuple(widened),
    )  # fmt: skip


def hand_over(session: Session, work: Work) -> list[str]:
    """Write what each of the others needs: JSON, Markdown and a prompt in ``workers/``; gives the files."""
    now = iso(session.clock())
    hands = coordination.hand_offs(work)
    questions: dict[str, list[dict[str, Any]]] = {}
    for one in decisions.open_ones(session.folder):
        if one.get("to") in coordination.SPECIALISTS:
            questions.setdefault(str(one["to"]), []).append(one)
    asked = [coordination.escalation(to, tuple(listed)) for to, listed in questions.items()]
    files: dict[str, bytes] = {}
    for hand in hands:
        files[f"workers/json/{hand.stem}.json"] = journal.pretty(hand.record(session.id, now))
        files[f"workers/{hand.stem}.md"] = hand.markdown(session.id).encode("utf-8", "backslashreplace")
    for hand in (*hands, *asked):
        name = f"workers/prompts/{hand.to}.md"
        text = coordination.prompt(hand, session.id).encode("utf-8", "backslashreplace")
        files[name] = files[name] + b"\n" + text if name in files else text
    for name, data in files.items():
        journal.replace(session.folder / name, data)
    session.log.log_event("handed_over", {"to": [hand.to for hand in hands], "questions": {hand.to: len(hand.open) for hand in asked}})
    return sorted(files)


def work(
    session: Session, folder: Path, plan: DeliveryPlan, written: Sequence[str], told: Mapping[str, Any], differences: Sequence[str],
    security: Sequence[str], failing: Mapping[str, str],
) -> Work:  # fmt: skip
    """What a delivery has to hand over."""
    return Work(
        project=Path(os.path.relpath(folder, session.folder)).as_posix(),
        tests=tuple(path for path in written if test_first.is_test(path)),
        code=tuple(path for path in written if test_first.is_code(path)),
        migrations=tuple(one["file"] for one in told.get("migrations", ())),
        unwritten=plan.unwritten, assumptions=tuple(what for what, _ in plan.assumptions), differences=tuple(differences),
        tables=tuple(table["name"] for table in told.get("tables", ())), security=tuple(security), failing=failing,
    )  # fmt: skip


def missed(session: Session, figures: Callable[[str, str], Any]) -> list[str]:
    """The quality gates of the project's workflow that are not reached. ``figures`` gives a claim's figure by standard and name."""
    named = {"coverage": ("run.coverage", "percent"), "latency": ("run.latency", "mean_ms")}
    found: list[str] = []
    for gate in session.context.gates:
        value = figures(*named[gate.figure])
        where = f"{gate.source.file}:{gate.source.line}"
        if value is None:
            found.append(f"the quality gate {gate.figure} {gate.bound:g} ({where}) is not measured")
        elif value < gate.bound if gate.figure == "coverage" else value > gate.bound:
            found.append(f"the quality gate {gate.figure} {gate.bound:g} ({where}) is not reached: {value:g}")
    return found


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _text(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
