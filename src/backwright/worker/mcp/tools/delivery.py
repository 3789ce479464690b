"""The tools of a delivery: check a design, plan, write into the copy and, once that is promoted, report.

They run the phases of `backwright deliver`, a few a call, in one session: each call goes on where the record says the last one ended.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from backwright.worker.account import totals
from backwright.worker.delivery.deliver import Delivered, Delivery
from backwright.worker.delivery.gates import Waiting
from backwright.worker.delivery.kept import held, keep
from backwright.worker.importers.design import DEFAULT_FOLDER, import_design
from backwright.worker.infer.blueprint import infer
from backwright.worker.mcp.copies import inside
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.seat import InSession, PerhapsInSession, Seat, seat, standards, view, working
from backwright.worker.mcp.tool import Answer, Desk, Tool, Word
from backwright.worker.mcp.tools.sessions import opened
from backwright.worker.plan import DeliveryPlan
from backwright.worker.progress import Progress
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.steps import Step
from backwright.worker.prove.ledger import Ledger
from backwright.worker.write.serving import settled

SOURCES = "sources.json"
"""Where a session keeps which files say its design."""
_Designs = Annotated[
    list[Word],
    msgspec.Meta(max_length=50, description=f"Design files of the project, such as an OpenAPI document; none for {DEFAULT_FOLDER}"),
]


class Check(PerhapsInSession):
    designs: _Designs = []


class Plan(InSession):
    designs: _Designs = []


class Deliver(InSession):
    agree: Annotated[bool, msgspec.Meta(description="That the plan was read and may be written into the copy")]
    designs: _Designs = []


class Report(InSession):
    strict: Annotated[bool, msgspec.Meta(description="Write the response without the key evidence")] = False


class Shown(Exception):
    """The plan is made and shown; whether it is agreed to is asked by another call."""


class Unended(Session):
    """A session that its reports do not end: that is for session_complete."""

    def complete(self, result: str) -> None:
        self.log.log_event("reported", {"result": result})


class _Said(io.TextIOBase):
    """A stream whose lines are told to the client."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.strip():
                self._say(line)
        return len(text)


def check(asked: Check, desk: Desk) -> Answer:
    """What can be built from a design."""
    root = view(desk, asked.session)
    desk.say("reading the design")
    design = import_design(_places(root, asked.designs))
    blueprint = settled(infer(design))
    counts = totals(blueprint.accounted)
    other = [e for e in blueprint.accounted if e.verdict != "built"]
    missing = [
        {"element": f"{one.element.kind} {one.element.name}", "place": str(one.element.place), "verdict": one.verdict, "why": one.reason}
        for one in other
    ]
    assumed = [{"about": a.about, "decision": a.decision, "why": a.reason, "confidence": str(a.confidence)} for a in blueprint.assumptions]
    data: dict[str, Any] = {
        "file": design.file, "title": design.info.title, "operations": len(blueprint.operations), "entities": len(blueprint.entities),
        "account": dict(counts), "not_built_as_written": missing, "assumptions": assumed, "warnings": [str(w) for w in design.warnings],
    }  # fmt: skip
    lines = [
        f"{design.info.title}: {len(blueprint.operations)} operations on {len(blueprint.entities)} entities. "
        f"{counts['built']} elements can be built, {counts['changed']} are changed, {counts['refused']} refused.",
        *(f"{one['verdict']}: {one['element']} ({one['place']}): {one['why']}" for one in missing),
        *(f"assumed: {one['about']} {one['decision']}: {one['why']}" for one in assumed),
    ]
    return Answer("\n".join(lines), data)


def plan(asked: Plan, desk: Desk) -> Answer:
    """What a delivery would do."""
    with working(desk, asked.session) as found:
        delivery = _delivery(desk, found, found.copy.folder, asked.designs)
        delivery.understand()
        waits = _decided(delivery)
    return _plan_told(found, delivery.plan, waits)


def _decided(delivery: Delivery) -> str:
    """Make the plan; what still stands between it and the writing."""

    def shown(plan: DeliveryPlan, text: str) -> bool:
        raise Shown

    try:
        delivery.decide(shown)
    except Shown:
        return "It is written into the copy when deliver is called with agree."
    except Waiting as waiting:
        return str(waiting)
    return "It was agreed to."


def _plan_told(found: Seat, made: DeliveryPlan, waits: str) -> Answer:
    text = (found.folder / "delivery_plan.md").read_text(encoding="utf-8")
    data: dict[str, Any] = {
        "changes": [{"path": c.path, "kind": c.kind, "why": c.reason} for c in made.changes], "unwritten": dict(made.unwritten),
        "account": dict(made.counts), "waits": waits,
    }  # fmt: skip
    return Answer(f"{text}\n{waits}", data)


def deliver(asked: Deliver, desk: Desk) -> Answer:
    """Write the plan into the copy."""
    if not asked.agree:
        raise Refused("nothing is written without agreement: read the plan, then call deliver with agree")
    with working(desk, asked.session) as found:
        delivery = _delivery(desk, found, found.copy.folder, asked.designs)
        with delivery.session.beating():
            delivery.understand()
            delivery.decide(lambda plan, text: True)
            delivery.act()
        changes = [{"path": one.path, "kind": one.kind} for one in found.copy.differences()]
    rules = dict(delivery.plan.unwritten)
    data: dict[str, Any] = {"copy": str(found.copy.folder), "changes": changes, "written": delivery.written, "unwritten": rules}
    lines = [f"{len(changes)} files of the copy differ from the project: {found.copy.folder}"]
    lines += [f"the business rule {name} is to be written in {file}: until then it answers 501" for name, file in rules.items()]
    return Answer("\n".join([*lines, "Next: prove."]), data)


def report(asked: Report, desk: Desk) -> Answer:
    """Write the reports of a delivery whose copy was promoted."""
    found = seat(desk, asked.session)
    with found.copy.held():
        if left := found.copy.differences():
            raise Refused(f"{len(left)} files of the copy are not promoted yet: promote them or discard the copy, then report")
        delivery = _delivery(desk, found, desk.project, [])
        _believe(delivery)
        with delivery.session.beating():
            delivery.understand()
            delivery.decide(lambda plan, text: False)
            delivery.act()
            delivery.review()
            delivery.account()
            done = delivery.tell(strict=asked.strict)
    return _reported(found, done)


def _believe(delivery: Delivery) -> None:
    """Take the claims that hold; nothing is measured or written while reporting."""
    if not delivery.session.done(Step.PROOF):
        raise Refused("a report needs a proof: deliver, prove and promote first")
    standing = Ledger(delivery.into).standing()
    lacking = [s.id for s in delivery.standards if s.id not in standing or standing[s.id].touched]
    if lacking:
        raise Refused(f"these are not measured on the project as it is: {', '.join(lacking)}. Prove and promote again.")
    delivery.claims = {s.id: standing[s.id].claim for s in delivery.standards}


def _reported(found: Seat, done: Delivered) -> Answer:
    files = ["backend_notes.md", "backend_response.json", "deliverable.md", "documentation.md"]
    data: dict[str, Any] = {"proved": done.proved, "sentence": done.sentence, "folder": str(found.folder), "files": files}
    return Answer(f"{'proved' if done.proved else 'not proved'}: {done.sentence}\nThe reports lie in {found.folder}.", data)


def _delivery(desk: Desk, found: Seat, into: Path, designs: Sequence[str]) -> Delivery:
    """The session's delivery, into the copy or the project, of the design named now or earlier in the session."""
    if designs:
        keep(found.folder, SOURCES, list(designs))
    named = list(designs) or held(found.folder, SOURCES, list[str]) or []
    sources = _places(into, named)
    design = import_design(sources)
    session = opened(desk, found.id)
    unended = Unended(session.folder, session.project, session.task, session.log, session.context, session.task_id, session.clock)
    return Delivery(unended, design, sources, into, Progress(_Said(desk.say)), standards(desk))  # type: ignore[arg-type]


def _places(root: Path, designs: Sequence[str]) -> tuple[Path, ...]:
    """Where the files of a design lie. Raises `Refused` for those that are not there."""
    places = tuple(inside(root, name) for name in designs) or (root / DEFAULT_FOLDER,)
    for place, name in zip(places, designs or [str(DEFAULT_FOLDER)], strict=True):
        if not place.exists():
            raise Refused(f"there is no {name} in the project: name the files of the design, or write them first")
    return places


TOOLS = (
    Tool(
        name="design_check", input=Check, run=check, reads=True, apart=True, deadline=300,
        description="Reads a design and says what can be built from it: every problem with its line, every element that is changed or "
        "refused, every assumption to confirm. Nothing is written.",
    ),
    Tool(
        name="plan", input=Plan, run=plan, apart=True, deadline=600,
        description="The difference between a design and the project, as a list of files with reasons. Nothing is written but the plan.",
    ),
    Tool(
        name="deliver", input=Deliver, run=deliver, apart=True, deadline=1_800,
        description="Writes the plan into the session's copy: tests first, then code and migrations. Business rules that only a person "
        "can say are named. The project itself is not touched.",
    ),
    Tool(
        name="report", input=Report, run=report, apart=True, deadline=900,
        description="Writes the notes, the response, the deliverable and the documentation of a promoted delivery, all from the ledger.",
    ),
)  # fmt: skip
