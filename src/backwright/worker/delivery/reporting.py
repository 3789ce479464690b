"""From what was delivered to what the reports are written from. Pure, but for the time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from backwright.worker.account import Entry
from backwright.worker.blueprint import Blueprint, OperationPlan
from backwright.worker.design import Design
from backwright.worker.plan import DeliveryPlan, conflicts
from backwright.worker.report import described
from backwright.worker.report import input as told
from backwright.worker.report.described import FRAMEWORK
from backwright.worker.survey.facts import Facts


def report(
    session: str, now: datetime, design: Design, blueprint: Blueprint, plan: DeliveryPlan, facts: Facts, said: Mapping[str, Any],
    written: Sequence[str], account: tuple[Entry, ...], hand_overs: Sequence[str], served: Design | None = None,
) -> told.ReportInput:  # fmt: skip
    """Everything about a delivery that no check measures. ``served`` is the contract told of where the design promises none."""
    new = [path for path in written if path not in facts.files]
    other = [e for e in account if e.verdict != "built"]
    return told.ReportInput(
        session_id=session, feature=blueprint.contract.title, generated=now, framework=FRAMEWORK,
        authentication=_authentication(blueprint),
        endpoints=tuple(_endpoints(design, blueprint, plan, said)) or (described.endpoints(served, said) if served is not None else ()),
        tables=described.tables(said, modified=bool(facts.migrations)),
        migrations=tuple(_migrations(said)), services=described.services(said), rules=tuple(_rules(blueprint, plan)),
        tests=tuple(_tests([*written, *facts.tests])), assumptions=tuple(told.Assumption(what, why) for what, why in plan.assumptions),
        account=tuple(told.Accounted(f"{e.element.kind} {e.element.name} ({e.element.place})", e.verdict, e.reason) for e in other),
        caching_strategy="Responses carry validators (ETag); statements are compiled once at start.",
        optimizations=("One statement a representation, whatever it embeds", "Every foreign key is indexed", "Keyset pages"),
        files_created=tuple(new), files_modified=tuple(path for path in written if path in facts.files), dependencies_added=("backwright",),
        hand_overs=tuple(hand_overs), integrations=told.Integrations(database="SQLite in data/, or PostgreSQL by DATABASE_URL"),
    )  # fmt: skip


def hand_overs(plan: DeliveryPlan, blueprint: Blueprint, differences: Sequence[str]) -> list[str]:
    """What somebody else must do."""
    by_name = {o.name: o for o in blueprint.operations}
    rules = [
        f"The business rule {name} is to be written in {file}: {' '.join((by_name[name].rule or by_name[name].summary).split())}"
        for name, file in plan.unwritten.items()
    ]
    confirm = [f"{len(plan.assumptions)} assumptions are to be confirmed by the design's owner (api-designer)"] if plan.assumptions else []
    return [*rules, *_merging(plan), *confirm, *(f"The served contract differs from the design: {line}" for line in differences)]


def _merging(plan: DeliveryPlan) -> Iterator[str]:
    """What was merged, and what somebody has to decide."""
    yield from (line.replace("`", "") for line in conflicts(plan))
    yield from (f"{change.path}: {note}" for change in plan.changes for note in change.notes)
    yield from (f"{c.path}: {c.reason}" for c in plan.changes if c.conflicts and not c.open)
    yield from (f"This stored data is dropped by a migration that was agreed to: {loss}" for loss in plan.losses)


def _authentication(blueprint: Blueprint) -> str:
    forms = [
        f"{a.prefix or a.kind} token in {a.key}" if a.built else f"bearer token instead of {a.kind} ({a.reason})"
        for a in blueprint.contract.auth
    ]
    return "; ".join(forms) or "none"


def _endpoints(design: Design, blueprint: Blueprint, plan: DeliveryPlan, compiled: Mapping[str, Any]) -> Iterator[told.Endpoint]:
    documented = {(o.method, o.path): o for o in design.operations}
    for operation in blueprint.operations if documented else ():
        said = documented[operation.method, operation.path]
        yield told.Endpoint(
            method=operation.method, path=blueprint.contract.prefix + operation.path, description=operation.summary or operation.name,
            authentication=_who(operation), status="planned" if operation.name in plan.unwritten else "implemented",
            request=described.request(said), response=described.response(said, str(operation.answer.status)),
            errors=tuple(described.errors(said)), rate_limit=described.limits(compiled),
        )  # fmt: skip


def _who(operation: OperationPlan) -> str:
    words = {"anyone": "none", "signed_in": "signed in", "owner": "the owner", "staff": f"{operation.role or 'staff'}", "nobody": "nobody"}
    return words[operation.who]


def _migrations(compiled: Mapping[str, Any]) -> Iterator[told.Migration]:
    for made in compiled.get("migrations", ()):
        steps = "; ".join(made["steps"][:8]) + ("; …" if len(made["steps"]) > 8 else "")
        yield told.Migration(made["file"], steps, "backwright migrate down")


def _rules(blueprint: Blueprint, plan: DeliveryPlan) -> Iterator[told.DomainRule]:
    for operation in blueprint.operations:
        if operation.name in plan.kept or operation.name in plan.unwritten:
            said = " ".join((operation.rule or operation.summary).split())
            yield told.DomainRule(operation.name, said, "planned" if operation.name in plan.unwritten else "implemented")


def _tests(paths: Sequence[str]) -> Iterator[told.TestFile]:
    kinds: dict[str, told.TestKind] = {"unit": "unit", "integration": "integration", "api": "api"}
    for path in dict.fromkeys(paths):
        name = path.rpartition("/")[2]
        if name.startswith("test_"):
            folder = path.split("/")[1] if path.startswith("tests/") else "unit"
            yield told.TestFile(path, kinds.get(folder, "integration"), name.removeprefix("test_").removesuffix(".py").replace("_", " "))
