"""The tools of proof: measure the copy, see what holds, run a check again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec

from backwright.worker.delivery import gates
from backwright.worker.mcp.copies import manifest
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.seat import InSession, PerhapsInSession, Seat, standards, view, working
from backwright.worker.mcp.tool import Answer, Desk, Tool, Word
from backwright.worker.mcp.tools.sessions import opened
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.steps import Step
from backwright.worker.prove import challenge, harness
from backwright.worker.prove.ledger import Claim, Ledger, count
from backwright.worker.prove.replay import replay as run_again
from backwright.worker.prove.standard import select
from backwright.worker.prove.standards import STANDARDS
from backwright.worker.prove.target import Target
from backwright.worker.prove.verify import verify as expose


class Prove(InSession):
    only: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=100)]],
        msgspec.Meta(max_length=100, description="Ids or groups, such as code.clean or db; none for all that a promotion needs"),
    ] = []
    challenge: Annotated[bool, msgspec.Meta(description="Plant faults too: does each check catch them?")] = False


class Replay(InSession):
    claim: Annotated[Word, msgspec.Meta(description="A claim's id, or a standard's: its newest claim")]


def prove(asked: Prove, desk: Desk) -> Answer:
    """Measure standards on the copy."""
    chosen = select(STANDARDS, asked.only) if asked.only else standards(desk)
    with working(desk, asked.session) as found:
        before = manifest(found.copy.folder)

        def tell(claim: Claim) -> None:
            desk.say(f"{claim.standard}: {claim.verdict}, {claim.finding}")
            told = {"id": claim.id, "verdict": claim.verdict, "finding": claim.finding}
            found.log.log_event("claim", told, claim.verdict)

        target = Target(found.copy.folder, cache=found.copy.folder / ".backwright" / "cache")
        if asked.challenge:
            claims, planted = challenge.prove(target, chosen, told=tell)
            desk.say(challenge.caught(planted))
        else:
            claims = harness.prove(target, chosen, told=tell)
        if manifest(found.copy.folder) == before:
            found.copy.note_proof(before, {claim.standard: claim.id for claim in claims})
            _step(desk, found)
    return _told(claims)


def _step(desk: Desk, found: Seat) -> None:
    """The session's proof is done once every standard that a promotion needs was measured on the same files."""
    session, (_, claims) = opened(desk, found.id), found.copy.proof()
    if session.done(Step.CODE) and all(standard.id in claims for standard in standards(desk)):
        record_proof(session, found.copy.folder, claims, "proved again")


def record_proof(session: Session, folder: Path, claims: Iterable[str], why: str) -> None:
    """Record the step: the verdicts, and the tree that they are about."""
    session.reopen(Step.PROOF, why)
    standing = Ledger(folder).standing()
    session.finish(Step.PROOF, {"claims": {name: str(standing[name].verdict) for name in claims}, "tree": gates.digest(folder)})


def _told(claims: list[Claim]) -> Answer:
    good = bool(claims) and all(claim.verdict.good for claim in claims)
    lines = [f"{claim.verdict}  {claim.standard}: {claim.finding}" for claim in claims]
    counted = {verdict: times for verdict, times in count(claim.verdict for claim in claims).items() if times}
    data: dict[str, Any] = {"proved": good, "verdicts": counted, "claims": [_claim(claim) for claim in claims]}
    return Answer("\n".join([*lines, "every standard asked for holds" if good else "not every standard holds"]), data)


def _claim(claim: Claim) -> dict[str, Any]:
    return {"id": claim.id, "standard": claim.standard, "verdict": claim.verdict.value, "finding": claim.finding, "figures": claim.figures}


def verify(asked: PerhapsInSession, desk: Desk) -> Answer:
    """What still holds."""
    ledger = Ledger(view(desk, asked.session))
    exposed = [str(item) for item in expose(ledger)]
    standing = ledger.standing()
    listed: list[dict[str, Any]] = []
    for standard in standards(desk):
        held = standing.get(standard.id)
        verdict = "not measured" if held is None or exposed else held.verdict.value
        listed.append({"standard": standard.id, "verdict": verdict, "changed": list(held.touched) if held else []})
    good = not exposed and all(one["verdict"] in ("proved", "not applicable") for one in listed)
    lines = [f"{one['verdict']}  {one['standard']}" for one in listed] + exposed
    data: dict[str, Any] = {"holds": good, "standards": listed, "exposed": exposed}
    return Answer("\n".join([*lines, "every claim holds" if good else "not every claim holds"]), data)


def replay(asked: Replay, desk: Desk) -> Answer:
    """Run one claim's check again."""
    with working(desk, asked.session) as found:
        ledger = Ledger(found.copy.folder)
        try:
            claim = ledger.find(asked.claim)
            again = run_again(claim, ledger, Target(found.copy.folder, claim.app), STANDARDS)
        except LookupError as error:
            raise Refused(str(error)) from None
        data: dict[str, Any] = {
            "claim": claim.id, "claimed": claim.verdict.value, "now": again.finding.verdict.value, "agrees": again.agrees,
            "finding": again.finding.finding, "changed": list(again.touched), "differences": list(again.differences),
        }  # fmt: skip
        found.log.log_event("replayed", data)
    said = "agrees with the claim" if again.agrees else "does not agree: " + "; ".join([*again.touched, *again.differences])
    return Answer(f"{claim.id}: {again.finding.verdict}, {again.finding.finding}: {said}", data)


TOOLS = (
    Tool(
        name="prove", input=Prove, run=prove, apart=True, deadline=3_600,
        description="Measures quality standards on the session's copy and enters a sealed claim for each. Tells each verdict as it comes.",
    ),
    Tool(
        name="verify", input=PerhapsInSession, run=verify, reads=True,
        description="Recomputes the seals of the ledger: which claims hold, which are stale since files changed, what another hand wrote.",
    ),
    Tool(
        name="replay", input=Replay, run=replay, apart=True, deadline=900,
        description="Runs one claim's check again on the session's copy, without any cache, and compares what comes out with the claim.",
    ),
)  # fmt: skip
