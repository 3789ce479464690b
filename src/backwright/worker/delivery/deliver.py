"""One delivery, from an API design to a proved backend: read, understand, decide, act, prove, tell."""

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from backwright.worker import compiled, journal
from backwright.worker.account import table, totals
from backwright.worker.blueprint import Blueprint
from backwright.worker.delivery import admission, gates, ground, kept, reporting, served
from backwright.worker.delivery.remedies import mend
from backwright.worker.design import Design
from backwright.worker.importers.design import DEFAULT_FOLDER, files_of
from backwright.worker.importers.reading import text_of
from backwright.worker.infer.blueprint import infer
from backwright.worker.merge.folder import put_together
from backwright.worker.plan import DeliveryPlan, markdown, plan
from backwright.worker.progress import Progress
from backwright.worker.protocol import decisions, startup, steps, test_first, worklog
from backwright.worker.protocol.gates.security_review import Surface
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.steps import Step
from backwright.worker.prove import agreed, harness, seal
from backwright.worker.prove.ledger import Claim, Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.standards import STANDARDS
from backwright.worker.prove.target import Target
from backwright.worker.report import documentation, notes, outputs, response
from backwright.worker.report.deliverable import deliverable
from backwright.worker.report.input import ReportInput
from backwright.worker.report.page import NAME, page
from backwright.worker.report.proof import Proof
from backwright.worker.stamps import utc_now
from backwright.worker.survey.facts import Facts
from backwright.worker.survey.read import survey
from backwright.worker.write import tree
from backwright.worker.write.format import formatted
from backwright.worker.write.project import project
from backwright.worker.write.serving import settled

ATTEMPTS = 2
"""How often a delivery plans again with the evidence of what failed."""
ROUND = "round_started"
"""The design or the project is another one than before: a delivery that goes on begins again with what it finds."""
Agree = Callable[[DeliveryPlan, str], bool]
"""Is shown the plan, also as Markdown; says whether it may be written."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a delivery ended. ``proved`` only if every standard holds, every rule is written and the served contract is the design's."""

    session: Path
    proved: bool
    sentence: str
    claims: tuple[Claim, ...]
    unwritten: tuple[str, ...]
    into: Path = Path()
    """The project's folder."""


def deliver(
    sources: Sequence[str | Path], into: Path, *, agree: Agree, show: Progress, session_root: Path | None = None, strict: bool = False,
    standards: tuple[Standard, ...] = STANDARDS, task: str = "", resume: Path | None = None, asked: bool = False,
    allow_dirty: bool = False,
) -> Delivered:  # fmt: skip
    """Deliver a design, said by one or several sources, into a folder. With none, the folder's own ``docs/project/api-design`` is read.

    A session of the same delivery that was interrupted is gone on with, as is the one named by ``resume``. ``task`` is the id of the work
    in the work log; ``asked`` says that a person agrees to the plan, and not an option on the command line. Work that is not committed is
    refused unless ``allow_dirty``. In a repository that runs on another framework the project goes into a folder of its own.

    Raises `BrokenDesign` and `NotAgreed`, with nothing written, `Held` while another process delivers here, and what a phase raises.
    """
    sources = tuple(sources) or (into.resolve() / DEFAULT_FOLDER,)
    where = ground.ground(into.resolve())
    into = where.folder
    design = admission.designed(sources, into, session_root)
    with admission.alone(into, session_root, resume):
        session = admission.admitted(sources, into, session_root, show, task=task, resume=resume)
        delivery = Delivery(session, design, sources, into, show, standards)
        with admission.recorded(session), session.beating():
            delivery.understand()
            delivery.beside = ground.said(where, design)
            if not allow_dirty:
                ground.saved(delivery.before)
            delivery.decide(agree, asked=asked)
            delivery.act()
            delivery.prove()
            delivery.review()
            delivery.account()
            return delivery.tell(strict=strict)


class Delivery:
    """What one delivery knows by now."""

    facts: Facts
    blueprint: Blueprint
    plan: DeliveryPlan
    found: served.Account

    def __init__(
        self, session: Session, design: Design, sources: Sequence[str | Path], into: Path, show: Progress, standards: tuple[Standard, ...]
    ) -> None:
        self.session, self.design, self.sources, self.into, self.show = session, design, sources, into, show
        self.standards = standards
        self.before = Facts()
        self.beside: list[str] = []
        self.written: list[str] = []
        self.told: dict[str, Any] = {}
        self.claims: dict[str, Claim] = {}
        self.helpless: Mapping[str, str] = {}
        self.security: list[str] = []

    # --- understand ---------------------------------------------------------------------------------------------------

    def understand(self) -> None:
        """Read what is wanted and what is there."""
        with self._step("Reading the design", "import", 60):
            self.blueprint = settled(infer(self.design))
            self._imported()
        with self._step(f"Surveying {self.into}", "survey", 60):
            held = self.session.record.done.get(Step.PROOF)
            if held is not None and held.details.get("tree") != gates.digest(self.into):
                self._again(Step.SURVEY, "the project has changed since it was proved")
            self._surveyed()

    def _imported(self) -> None:
        digest = seal.digest(repr(self.blueprint).encode())
        held = self.session.record.done.get(Step.IMPORT)
        if held is not None and held.details.get("digest") == digest:
            return
        if held is not None:
            self._again(Step.IMPORT, "the design is another one than before")
        warnings = [str(w) for w in self.design.warnings]
        told = {"file": self.design.file, "account": totals(self.blueprint.accounted), "warnings": warnings}
        self.session.log.log_event("design_imported", told)
        self.session.finish(Step.IMPORT, {"digest": digest})

    def _again(self, step: Step, reason: str) -> None:
        self.session.log.log_event(ROUND, {"reason": reason})
        self.session.reopen(step, reason)

    def _surveyed(self) -> None:
        """The facts as they are, unless the session has its own already; the first ones and what decided about access are kept."""
        folder = self.session.folder
        now = None if self.session.done(Step.SURVEY) else survey(self.into)
        facts, before, surface = kept.held(folder, kept.FACTS, Facts), kept.held(folder, kept.BEFORE, Facts), gates.surface(self.into)
        self.facts = facts if now is None and facts is not None else now or survey(self.into)
        self.before = before or self.facts
        self.surface = kept.held(folder, kept.SURFACE, Surface) or surface
        if now is None:
            return
        for name, value in ((kept.BEFORE, self.before), (kept.SURFACE, self.surface), (kept.FACTS, self.facts)):
            kept.keep(folder, name, value)
        told: dict[str, Any] = {"files": len(self.facts.files), "kit_project": self.facts.kit_project, "tests": len(self.facts.tests)}
        if (found := self.facts.repository) is not None:
            others = [f"{one.name} {one.version or one.range}".strip() for one in found.others]
            told |= {"services": [service.name for service in found.services], "other_frameworks": others}
        self.session.log.log_event("surveyed", told)
        self.session.finish(Step.SURVEY, told)

    # --- decide -------------------------------------------------------------------------------------------------------

    def decide(self, agree: Agree, *, asked: bool = False) -> None:
        """Make the plan, show it, and wait for somebody to agree."""
        with self._step("Planning", "plan", 60):
            held = kept.held(self.session.folder, kept.PLAN, DeliveryPlan) if self.session.done(Step.PLAN) else None
            if held is not None and (meanwhile := self._changed(held)):
                self.session.reopen(Step.SURVEY, f"somebody has changed these meanwhile: {', '.join(meanwhile[:5])}")
                self._surveyed()
                held = None
            self.plan = held or self._plan()
        if self.session.done(Step.PLAN_REVIEW):
            return
        self._agreed(agree, asked=asked)

    def _plan(self) -> DeliveryPlan:
        made = self._planned()
        kept.keep(self.session.folder, kept.PLAN, made)
        self._save("delivery_plan.md", self._text(made))
        self.session.finish(Step.PLAN, {"files": [change.path for change in made.written]})
        return made

    def _text(self, made: DeliveryPlan) -> str:
        return markdown(made) + startup.markdown(self.session.context)

    def _agreed(self, agree: Agree, *, asked: bool) -> None:
        """A plan that mends what failed stays within what was agreed to: it is reviewed by the rules alone."""
        gates.escalate(self.session, gates.seen(self.session, self.design, self.blueprint, self.plan, self.before))
        with self.session.step(Step.PLAN_REVIEW) as told:
            if self._attempts:
                told |= {"by": "rules", "because": "it mends what failed"}
            else:
                told |= gates.review_plan(
                    self.session, self.plan, self.blueprint, self.into, self.surface,
                    lambda: agree(self.plan, self._text(self.plan)), asked=asked,
                )  # fmt: skip

    def _changed(self, held: DeliveryPlan) -> list[str]:
        """The files of the plan that are neither what they were nor what it writes, while it is not all written."""
        if self.session.done(Step.CODE):
            return []
        right = {c.path: (self.facts.files.get(c.path, ""), tree.digest_after(c)) for c in held.written}
        return [path for path, either in right.items() if seal.of_file(self.into / path) not in either]

    @property
    def _attempts(self) -> int:
        """How often this delivery has planned again."""
        attempts = 0
        for event in self.session.record.events:
            attempts = 0 if event["type"] == ROUND else attempts + (event["type"] == "planned_again")
        return attempts

    def _planned(self) -> DeliveryPlan:
        wanted = project(self.blueprint, self.facts)
        files = formatted(wanted.files) | self._design_copies()
        put = put_together(self.into, self.facts, files)
        return plan(
            self.blueprint, self.facts, put.changes, unwritten=wanted.unwritten, kept=wanted.kept, functions=wanted.reasons,
            warnings=(*self.beside, *put.broken), losses=put.losses,
        )  # fmt: skip

    def _design_copies(self) -> dict[str, str]:
        """The design's files, which the project keeps beside its code; those that lie in it already stay where they are."""
        named = dict.fromkeys(element.place.file for element in self.design.elements)
        found: dict[str, str] = {}
        for file in files_of(self.sources):
            if self.into in file.resolve().parents:
                continue
            for path in (file, *(file.parent / name for name in named if ".." not in name)):
                if path.is_file():
                    found.setdefault(f"design/{path.relative_to(file.parent).as_posix()}", text_of(path))
        return found

    # --- act ----------------------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Write what the plan says: the tests, then, once they are seen to miss it, the code and the migrations that lead there."""
        self.into.mkdir(parents=True, exist_ok=True)
        with self._step("Writing", "write", 120):
            if not self.session.done(Step.TESTS):
                self._branch()
                self.session.finish(Step.TESTS, self._write(tests=True))
            if not self.session.done(Step.CODE):
                if test_first.SEEN not in [event["type"] for event in self.session.record.after(Step.TESTS)]:
                    self._look()
                told = self._write(tests=False)
                self._compile(f"deliver {admission.called(self.sources)}")
                self.session.finish(Step.CODE, told | {"migrations": [one["file"] for one in self.told["migrations"]]})
        self._compiled()
        wrote = [path for told in self.session.record.all("files_written") for path in told["files"]]
        self.written = list(dict.fromkeys([*wrote, *(one["file"] for one in self.told["migrations"])]))

    def _branch(self) -> None:
        if not self.session.record.all("branch_created") and (name := tree.branch(self.into, self.before, utc_now())):
            self.session.log.log_event("branch_created", {"branch": name})
            self.show.say(f"on the branch {name}")

    def _write(self, *, tests: bool) -> dict[str, Any]:
        changes = [change for change in self.plan.changes if test_first.is_test(change.path) is tests]
        tree.write(self.into, changes)
        done = [change.path for change in changes if change in self.plan.written]  # also what an interrupted delivery wrote already
        self.session.log.log_event("files_written", {"files": done})
        created = [change.path for change in changes if change.kind == "create"]
        return {"files": {path: seal.of_file(self.into / path) for path in done}, "created": created}

    def _look(self) -> None:
        again = self.session.record.all("planned_again")
        evidence: dict[str, str] = dict(again[-1].get("evidence") or {}) if again else {}
        gates.look_at_tests(self.session, self.into, [change.path for change in self.plan.written], evidence)

    def _compile(self, migration: str) -> None:
        self._remember(compiled.compile(self.into, (self.session.folder / "compiled.json").resolve(), migration=migration))
        if agreed.to_be_recorded(self.into, [change.path for change in self.plan.written]):
            agreed.record(self.into, msgspec.convert(self.told["policy"], agreed.Policy))

    def _remember(self, told: dict[str, Any]) -> None:
        self.told = told
        self.told["migrations"] = [one for one in self.told["versions"] if one["file"] not in self.before.migrations]
        tree.note(self.into, [one["file"] for one in self.told["migrations"]])

    def _compiled(self) -> None:
        """What the project said about itself when it was written, where this process has not asked."""
        if not self.told and (told := journal.mapping(_bytes(self.session.folder / "compiled.json"))):
            self._remember(told)
        elif not self.told:
            self._compile("")

    # --- prove --------------------------------------------------------------------------------------------------------

    def prove(self) -> None:
        """Measure; if something fails, plan again with the evidence, a bounded number of times."""
        self._measure(self.standards)
        while self._attempts < ATTEMPTS and not self.session.done(Step.PROOF):
            failed = [s for s in self.standards if not self.claims[s.id].verdict.good]
            if not failed or not self._mend(failed, self._attempts + 1):
                break
            self._measure(self.standards)
        if not self.session.done(Step.PROOF):
            verdicts = {name: str(claim.verdict) for name, claim in self.claims.items()}
            self.session.finish(Step.PROOF, {"claims": verdicts, "tree": gates.digest(self.into)})

    def _measure(self, standards: tuple[Standard, ...]) -> None:
        """Prove what was not proved already since the code was written: a claim that still stands is not made twice."""
        told = [steps.details_of(event).get("id") for event in self.session.record.after(Step.CODE) if event["type"] == "claim"]
        standing = Ledger(self.into).standing() if told else {}
        again = {name: held.claim for name, held in standing.items() if held.claim.id in told and not held.touched}
        self.claims |= again
        target = Target(self.into, cache=self.into / ".backwright" / "cache")
        with self._step("Proving", "prove", 600):
            for claim in harness.prove(target, tuple(s for s in standards if s.id not in again), told=self._tell):
                self.claims[claim.standard] = claim

    def _tell(self, claim: Claim) -> None:
        self.show.verdict(claim.standard, claim.verdict, claim.finding)
        self.session.log.log_event("claim", {"id": claim.id, "verdict": claim.verdict, "finding": claim.finding}, claim.verdict)

    def _mend(self, failed: list[Standard], attempt: int) -> bool:
        """Plan again with what the findings say how to mend; whether that changed anything, or a standard is to be measured again."""
        evidence = {s.id: self.claims[s.id].finding for s in failed}
        mended = mend(self.blueprint, evidence)
        self.blueprint, self.helpless = mended.blueprint, mended.helpless
        self.facts = survey(self.into)
        again = self._planned()
        told = {"attempt": attempt, "evidence": evidence, "remedies": dict(mended.done), "without_remedy": [*mended.helpless]}
        self.session.log.log_event("planned_again", {**told, "changes": [c.path for c in again.written]})
        for name, what in mended.done.items():
            self.show.say(f"{name}: {what}")
        if not again.written:
            return self._remeasured(mended.again)
        self.session.reopen(Step.SURVEY, f"not proved: {', '.join(evidence)}")
        self._surveyed()
        self.plan = self._plan()
        self._agreed(lambda plan, text: True, asked=False)
        self.told = {}
        self.act()
        return True

    def _remeasured(self, names: tuple[str, ...]) -> bool:
        """Measure those again whose finding may pass; no other attempt follows, since nothing else has changed."""
        target = Target(self.into, cache=self.into / ".backwright" / "cache")
        again = tuple(s for s in self.standards if s.id in names)
        for claim in harness.prove(target, again, told=self._tell) if again else ():
            self.claims[claim.standard] = claim
        return False

    # --- review -------------------------------------------------------------------------------------------------------

    def review(self) -> None:
        """Look at what was touched of sign-in, rules and secrets; ask those who know more what must be asked."""
        found = gates.review_security(self.session, self.into, self.surface, self.claims)
        migrations = [step for one in self.told["migrations"] for step in one["steps"]]
        self.security = [str(one) for one in found.changes if one.wider]
        seen = gates.seen(
            self.session, self.design, self.blueprint, self.plan, self.before, migrations=migrations, claims=self.claims,
            tried=self._attempts, widened=[str(one) for one in found.wider], load=journal.mapping(_bytes(self.into / "load.json")),
        )  # fmt: skip
        gates.escalate(self.session, seen)
        if not self.session.done(Step.SECURITY_REVIEW):
            told: dict[str, Any] = {"verdict": found.verdict, "changes": len(found.changes), "file": "security_review.md"}
            needless = {} if found.needed else {"needless": steps.NEEDLESS[Step.SECURITY_REVIEW]}
            self.session.finish(Step.SECURITY_REVIEW, told | needless)

    # --- tell ---------------------------------------------------------------------------------------------------------

    def account(self) -> None:
        """Compare the served contract with the design, element by element."""
        with self._step("Accounting for every element", "account", 120):
            keep = self.session.folder / "served_openapi.json"
            self.found = served.account(self.design, self.blueprint, self.plan, self.told["openapi"], keep, self.told.get("ddl"))
            self._save("account.md", _account_text(self.found))
            counts = totals(self.found.entries)
            told = {"account": counts, "measured": self.found.measured, "unexplained": len(self.found.unexplained)}
            if not self.session.done(Step.ACCOUNT):
                self.session.log.log_event("accounted", told)
                self.session.finish(Step.ACCOUNT, told)
            self.show.say(
                f"{sum(counts.values())} elements: {counts['built']} built, {counts['changed']} changed, {counts['refused']} refused"
            )
            for one in self.found.unexplained:
                self.show.say(f"  {one.where} {one.what}", "yellow")

    def tell(self, *, strict: bool) -> Delivered:
        """Write the reports, in their order, and end the session."""
        proof = Proof(self.into, Ledger(self.into), [s.id for s in self.standards])
        differences = [f"{d.where} {d.what}" for d in self.found.unexplained]
        handed = [*reporting.hand_overs(self.plan, self.blueprint, differences), *self._unmended()]
        input = reporting.report(
            self.session.id, utc_now(), self.design, self.blueprint, self.plan, self.before, self.told, self.written,
            self.found.entries, handed, self.found.contract,
        )  # fmt: skip
        if self.session.done(Step.RESPONSE) and outputs.missing(self.session.folder, self.session.log.worker, self.session.id):
            self.session.reopen(Step.NOTES, "the outputs are not what the ledger says now")
        sentence = self._sentence(proof)
        with self._step("Reporting", "report", 60):
            if not self.session.done(Step.NOTES):
                self.session.finish(Step.NOTES, {"file": outputs.save_notes(self.session.log, notes.notes(input, proof)).name})
            if not self.session.done(Step.RESPONSE):
                body = response.response(input, proof, self.session.folder, strict=strict)
                self.session.finish(Step.RESPONSE, {"file": outputs.save_response(self.session.log, body, strict=strict).name})
            if not self.session.done(Step.DELIVERABLE):
                self._deliverable(input, proof, differences)
            if not self.session.done(Step.WORK_LOG):
                self.session.finish(Step.WORK_LOG, self._log_work(sentence))
        good = all(self.claims[s.id].verdict.good for s in self.standards) and not self.plan.unwritten and self.found.good
        good = good and not self.plan.conflicts
        good = good and not gates.missed(self.session, proof.figure)
        if waiting := decisions.blocking(self.session.folder):
            sentence, good = f"{sentence}; {'; '.join(waiting)}", False
            self.session.wait("; ".join(waiting))
        else:
            self.session.complete(sentence)
        return Delivered(self.session.folder, good, sentence, tuple(self.claims.values()), tuple(self.plan.unwritten), self.into)

    def _deliverable(self, input: ReportInput, proof: Proof, differences: list[str]) -> None:
        folder = self.session.folder
        text = deliverable(input, proof, folder)
        self._save("deliverable.md", text)
        pages = [*map(documentation.api, input.endpoints), *map(documentation.database, input.tables)]
        self._save("documentation.md", "\n---\n\n".join([*pages, *(documentation.service(s, proof) for s in input.services)]))
        self._save(NAME, page(input, proof, folder))
        if outputs.coordinated(folder):
            self._save("workers/backend_deliverable.md", text)
        failing = {name: claim.finding for name, claim in self.claims.items() if not claim.verdict.good}
        work = gates.work(self.session, self.into, self.plan, self.written, self.told, differences, self.security, failing)
        self.session.finish(Step.DELIVERABLE, {"file": "deliverable.md", "handed_over": gates.hand_over(self.session, work)})

    def _log_work(self, sentence: str) -> dict[str, str]:
        """Enter it in the project's work log, where there is one or a task was named."""
        session = self.session
        if not (name := worklog.find(session.project) or (worklog.PLACES[0] if session.task_id else "")):
            return {"needless": steps.NEEDLESS[Step.WORK_LOG]}
        where = Path(os.path.relpath(session.folder / "deliverable.md", session.project)).as_posix()
        day = f"{session.clock():%Y-%m-%d}"
        entry = worklog.entry(day, session.task_id, session.task, session.log.worker, session.id, sentence, where)
        worklog.add(session.project / name, entry, session.id)
        return {"file": name}

    def _unmended(self) -> Iterator[str]:
        """The standards that failed, and for which no remedy is known."""
        for name in self.helpless:
            if not self.claims[name].verdict.good:
                yield f"{name} failed, and no remedy is known: {self.claims[name].finding}"

    def _sentence(self, proof: Proof) -> str:
        bad = [s.id for s in self.standards if not self.claims[s.id].verdict.good]
        parts = [f"{len(self.standards) - len(bad)} of {len(self.standards)} standards hold"]
        parts += [f"not proved: {', '.join(bad)}"] if bad else []
        parts += [f"business rules nobody has written: {', '.join(self.plan.unwritten)}"] if self.plan.unwritten else []
        parts += [f"conflicts to settle: {', '.join(c.path for c in self.plan.conflicts)}"] if self.plan.conflicts else []
        parts += [f"{len(self.found.unexplained)} unexplained differences of the contract"] if self.found.unexplained else []
        parts += [] if self.found.measured else [f"the served contract is not measured: {self.found.reason}"]
        return "; ".join([*parts, *gates.missed(self.session, proof.figure)])

    def _save(self, name: str, text: str) -> None:
        journal.replace(self.session.folder / name, text.encode("utf-8", "backslashreplace"))

    @contextmanager
    def _step(self, words: str, phase: str, timeout: float) -> Generator[None]:
        with self.show.step(words), self.session.phase(phase, timeout):
            yield


def _bytes(place: Path) -> bytes:
    """What the file holds; nothing where there is none."""
    return place.read_bytes() if place.is_file() else b""


def _account_text(found: served.Account) -> str:
    rows = [f"| {d.where} | {d.what} | {d.explained or '**unexplained**'} |" for d in found.differences]
    differences = "\n".join(["| where | difference | explanation |", "|---|---|---|", *rows]) if rows else "None."
    said = "" if found.measured else f"\nNot measured: {found.reason}\n"
    head = f"# Account of the design\n\n{totals(found.entries)}\n\n{table(found.entries)}"
    return f"{head}\n## The served contract beside the design\n{said}\n{differences}\n"
