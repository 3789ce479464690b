"""One delivery, from an API design to a proved backend: read, understand, decide, act, prove, tell."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.worker import compiled, reporting, served
from backwright.worker.account import table, totals
from backwright.worker.blueprint import Blueprint
from backwright.worker.design import Design
from backwright.worker.importers.design import DEFAULT_FOLDER, address_of, files_of, import_design
from backwright.worker.importers.reading import text_of
from backwright.worker.infer.blueprint import infer
from backwright.worker.place import BrokenDesign
from backwright.worker.plan import DeliveryPlan, markdown, plan
from backwright.worker.progress import Progress
from backwright.worker.protocol.session import Session, start
from backwright.worker.prove import harness, seal
from backwright.worker.prove.ledger import Claim, Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.standards import STANDARDS
from backwright.worker.prove.target import Target
from backwright.worker.report import documentation, outputs
from backwright.worker.report.deliverable import deliverable
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
Agree = Callable[[DeliveryPlan, str], bool]
"""Is shown the plan, also as Markdown; says whether it may be written."""


class NotAgreed(Exception):
    """Nobody agreed to the plan: nothing was written."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a delivery ended. ``proved`` only if every standard holds, every rule is written and the served contract is the design's."""

    session: Path
    proved: bool
    sentence: str
    claims: tuple[Claim, ...]
    unwritten: tuple[str, ...]


def deliver(
    sources: Sequence[str | Path], into: Path, *, agree: Agree, show: Progress, session_root: Path | None = None, strict: bool = False,
    standards: tuple[Standard, ...] = STANDARDS,
) -> Delivered:  # fmt: skip
    """Deliver a design, said by one or several sources, into a folder. With none, the folder's own ``docs/project/api-design`` is read.

    Raises `BrokenDesign` and `NotAgreed`, with nothing written, and what a phase raises.
    """
    into = into.resolve()
    sources = tuple(sources) or (into / DEFAULT_FOLDER,)
    design = _import(sources, into, session_root)
    session = _open(sources, into, session_root)
    delivery = Delivery(session, design, sources, into, show, standards)
    with _recorded(session), session.beating():
        delivery.understand()
        delivery.decide(agree)
        delivery.act()
        delivery.prove()
        delivery.account()
        return delivery.tell(strict=strict)


def _import(sources: Sequence[str | Path], into: Path, session_root: Path | None) -> Design:
    try:
        return import_design(sources)
    except BrokenDesign as broken:
        if session_root is not None or (into.is_dir() and any(into.iterdir())):  # else nothing at all is written
            session = _open(sources, into, session_root)
            session.log.log_event("design_refused", {"problems": [str(p) for p in broken.problems]}, "failed")
            session.fail(f"{len(broken.problems)} problems in {_called(sources)}")
        raise


def _open(sources: Sequence[str | Path], into: Path, session_root: Path | None) -> Session:
    root = session_root or into / ".backwright" / "sessions"
    return start(f"deliver {_called(sources)} into {into.name}", into, session_root=root)


def _called(sources: Sequence[str | Path]) -> str:
    """The sources in a word or two; of a database only its name."""
    names = [str(s).partition("?")[0].rpartition("/")[2] if address_of(str(s)) else Path(s).stem for s in sources]
    return " and ".join(dict.fromkeys(names))


@contextmanager
def _recorded(session: Session) -> Generator[None]:
    """However it ends, the session says so."""
    try:
        yield
    except BaseException as error:
        session.fail(f"{type(error).__name__}: {error}")
        raise


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
        self.written: list[str] = []
        self.told: dict[str, Any] = {}
        self.claims: dict[str, Claim] = {}

    # --- understand ---------------------------------------------------------------------------------------------------

    def understand(self) -> None:
        """Read what is wanted and what is there."""
        with self._step("Reading the design", "import", 60):
            self.blueprint = settled(infer(self.design))
            counts = totals(self.blueprint.account)
            self.session.log.log_event(
                "design_imported", {"file": self.design.file, "account": counts, "warnings": [str(w) for w in self.design.warnings]}
            )
        with self._step(f"Surveying {self.into}", "survey", 60):
            self.facts = self.before = survey(self.into)
            self.session.log.log_event(
                "surveyed", {"files": len(self.facts.files), "kit_project": self.facts.kit_project, "tests": len(self.facts.tests)}
            )

    # --- decide -------------------------------------------------------------------------------------------------------

    def decide(self, agree: Agree) -> None:
        """Make the plan, show it, and wait for somebody to agree."""
        with self._step("Planning", "plan", 60):
            self.plan = self._planned()
        text = markdown(self.plan)
        (self.session.folder / "delivery_plan.md").write_text(text, encoding="utf-8")
        if not agree(self.plan, text):
            self.session.log.log_event("plan_refused", {}, "failed")
            raise NotAgreed("the plan was not agreed to: nothing was written")
        self.session.decide("delivery plan", {"plan": "delivery_plan.md", "status": "agreed", "files": len(self.plan.written)})

    def _planned(self) -> DeliveryPlan:
        wanted = project(self.blueprint, self.facts)
        files = formatted(wanted.files) | self._design_copies()
        digests = {path: seal.digest(text.encode()) for path, text in files.items()}
        return plan(
            self.blueprint, self.facts, files, digests, unwritten=wanted.unwritten, kept=wanted.kept, functions=wanted.reasons,
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
        """Write what the plan says, tests first; then the migrations that lead there."""
        self.into.mkdir(parents=True, exist_ok=True)
        with self._step("Writing", "write", 120):
            if name := tree.branch(self.into, self.before, utc_now()):
                self.session.log.log_event("branch_created", {"branch": name})
                self.show.say(f"on the branch {name}")
            done = tree.write(self.into, self.plan.written)
            self.session.log.log_event("files_written", {"files": done})
            self._compile(f"deliver {_called(self.sources)}")
            self.written += [path for path in (*done, *(m["file"] for m in self.told["migrations"])) if path not in self.written]

    def _compile(self, migration: str) -> None:
        made = self.told.get("migrations", [])
        self.told = compiled.compile(self.into, (self.session.folder / "compiled.json").resolve(), migration=migration)
        self.told["migrations"] = [*made, *self.told["migrations"]]
        tree.note(self.into, [m["file"] for m in self.told["migrations"]])

    # --- prove --------------------------------------------------------------------------------------------------------

    def prove(self) -> None:
        """Measure; if something fails, plan again with the evidence, a bounded number of times."""
        self._measure(self.standards)
        for attempt in range(1, ATTEMPTS + 1):
            failed = [s for s in self.standards if not self.claims[s.id].verdict.good]
            if not failed or not self._mend(failed, attempt):
                return
            self._measure(self.standards)

    def _measure(self, standards: tuple[Standard, ...]) -> None:
        target = Target(self.into, cache=self.into / ".backwright" / "cache")
        with self._step("Proving", "prove", 600):
            for claim in harness.prove(target, standards, told=self._tell):
                self.claims[claim.standard] = claim

    def _tell(self, claim: Claim) -> None:
        self.show.verdict(claim.standard, claim.verdict, claim.finding)
        self.session.log.log_event("claim", {"id": claim.id, "verdict": claim.verdict, "finding": claim.finding}, claim.verdict)

    def _mend(self, failed: list[Standard], attempt: int) -> bool:
        """Survey and plan again; whether that changed anything."""
        evidence = {s.id: self.claims[s.id].finding for s in failed}
        self.facts = survey(self.into)
        again = self._planned()
        self.session.log.log_event("planned_again", {"attempt": attempt, "evidence": evidence, "changes": [c.path for c in again.written]})
        if not again.written:
            return False
        self.plan = again
        self.act()
        return True

    # --- tell ---------------------------------------------------------------------------------------------------------

    def account(self) -> None:
        """Compare the served contract with the design, element by element."""
        with self._step("Accounting for every element", "account", 120):
            keep = self.session.folder / "served_openapi.json"
            self.found = served.account(self.design, self.blueprint, self.plan, self.told["openapi"], keep)
            (self.session.folder / "account.md").write_text(_account_text(self.found), encoding="utf-8")
            counts = totals(self.found.entries)
            told = {"account": counts, "measured": self.found.measured, "unexplained": len(self.found.unexplained)}
            self.session.log.log_event("accounted", told)
            self.show.say(
                f"{sum(counts.values())} elements: {counts['built']} built, {counts['changed']} changed, {counts['refused']} refused"
            )
            for one in self.found.unexplained:
                self.show.say(f"  {one.where} {one.what}", "yellow")

    def tell(self, *, strict: bool) -> Delivered:
        """Write the reports, in their order, and end the session."""
        proof = Proof(self.into, Ledger(self.into), [s.id for s in self.standards])
        differences = [f"{d.where} {d.what}" for d in self.found.unexplained]
        handed = reporting.hand_overs(self.plan, self.blueprint, differences)
        input = reporting.report(
            self.session.id, utc_now(), self.design, self.blueprint, self.plan, self.before, self.told, self.written,
            self.found.entries, handed,
        )  # fmt: skip
        with self._step("Reporting", "report", 60):
            outputs.write(self.session.log, input, proof, strict=strict)
            self._save("deliverable.md", deliverable(input, proof, self.session.folder))
            pages = [*map(documentation.api, input.endpoints), *map(documentation.database, input.tables)]
            self._save("documentation.md", "\n---\n\n".join([*pages, *(documentation.service(s, proof) for s in input.services)]))
        sentence = self._sentence()
        self.session.complete(sentence)
        good = all(self.claims[s.id].verdict.good for s in self.standards) and not self.plan.unwritten and self.found.good
        return Delivered(self.session.folder, good, sentence, tuple(self.claims.values()), tuple(self.plan.unwritten))

    def _sentence(self) -> str:
        bad = [s.id for s in self.standards if not self.claims[s.id].verdict.good]
        parts = [f"{len(self.standards) - len(bad)} of {len(self.standards)} standards hold"]
        parts += [f"not proved: {', '.join(bad)}"] if bad else []
        parts += [f"business rules nobody has written: {', '.join(self.plan.unwritten)}"] if self.plan.unwritten else []
        parts += [f"{len(self.found.unexplained)} unexplained differences of the contract"] if self.found.unexplained else []
        parts += [] if self.found.measured else [f"the served contract is not measured: {self.found.reason}"]
        return "; ".join(parts)

    def _save(self, name: str, text: str) -> None:
        (self.session.folder / name).write_text(text, encoding="utf-8")

    @contextmanager
    def _step(self, words: str, phase: str, timeout: float) -> Generator[None]:
        with self.show.step(words), self.session.phase(phase, timeout):
            yield


def _account_text(found: served.Account) -> str:
    rows = [f"| {d.where} | {d.what} | {d.explained or '**unexplained**'} |" for d in found.differences]
    differences = "\n".join(["| where | difference | explanation |", "|---|---|---|", *rows]) if rows else "None."
    said = "" if found.measured else f"\nNot measured: {found.reason}\n"
    head = f"# Account of the design\n\n{totals(found.entries)}\n\n{table(found.entries)}"
    return f"{head}\n## The served contract beside the design\n{said}\n{differences}\n"
