"""From what was delivered to what the reports are written from. Pure, but for the time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from backwright.domain.naming import snake
from backwright.worker.account import Entry
from backwright.worker.blueprint import Blueprint, OperationPlan
from backwright.worker.design import Design, Media, Operation
from backwright.worker.plan import DeliveryPlan
from backwright.worker.report import input as told
from backwright.worker.survey.facts import Facts

LIMITS = "anonymous 100, signed in 1,000, premium 10,000 requests an hour"
_METHODS: dict[str, Literal["B-tree", "hash", "GIN", "GiST"]] = {"btree": "B-tree", "hash": "hash", "gin": "GIN", "gist": "GiST"}


def report(
    session: str, now: datetime, design: Design, blueprint: Blueprint, plan: DeliveryPlan, facts: Facts, compiled: Mapping[str, Any],
    written: Sequence[str], account: tuple[Entry, ...], hand_overs: Sequence[str],
) -> told.ReportInput:  # fmt: skip
    """Everything about a delivery that no check measures."""
    new = [path for path in written if path not in facts.files]
    other = [e for e in account if e.verdict != "built"]
    return told.ReportInput(
        session_id=session, feature=blueprint.contract.title, generated=now, framework="Backwright (Python, ASGI)",
        authentication=_authentication(blueprint), endpoints=tuple(_endpoints(design, blueprint, plan)),
        tables=tuple(_tables(blueprint, compiled, facts)),
        migrations=tuple(_migrations(compiled)), services=tuple(_services(blueprint, plan)), rules=tuple(_rules(blueprint, plan)),
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
    return [*rules, *confirm, *(f"The served contract differs from the design: {line}" for line in differences)]


def _authentication(blueprint: Blueprint) -> str:
    forms = [
        f"{a.prefix or a.kind} token in {a.key}" if a.built else f"bearer token instead of {a.kind} ({a.reason})"
        for a in blueprint.contract.auth
    ]
    return "; ".join(forms) or "none"


def _endpoints(design: Design, blueprint: Blueprint, plan: DeliveryPlan) -> Iterator[told.Endpoint]:
    documented = {(o.method, o.path): o for o in design.operations}
    for operation in blueprint.operations:
        said = documented[operation.method, operation.path]
        yield told.Endpoint(
            method=operation.method, path=blueprint.contract.prefix + operation.path, description=operation.summary or operation.name,
            authentication=_who(operation), status="planned" if operation.name in plan.unwritten else "implemented",
            request=_example(said.body.media, None, said.body.description) if said.body is not None else None,
            response=_response(said, str(operation.answer.status)), errors=tuple(_errors(said)), rate_limit=LIMITS,
        )  # fmt: skip


def _who(operation: OperationPlan) -> str:
    words = {"anyone": "none", "signed_in": "signed in", "owner": "the owner", "staff": f"{operation.role or 'staff'}", "nobody": "nobody"}
    return words[operation.who]


def _response(said: Operation, status: str) -> told.Example | None:
    response = said.response(status) or said.success
    return _example(response.media, int(status), response.description) if response is not None else None


def _errors(said: Operation) -> Iterator[told.Example]:
    for response in said.responses:
        if response.status[:1] in "45" and response.status.isdigit():
            yield _example(response.media, int(response.status), response.description)


def _example(media: tuple[Media, ...], status: int | None, description: str) -> told.Example:
    shown = next((e.value for m in media for e in m.examples), None)
    return told.Example(shown, status, description)


def _tables(blueprint: Blueprint, compiled: Mapping[str, Any], facts: Facts) -> Iterator[told.Table]:
    purposes = {snake(e.name): e.doc.strip().partition("\n")[0] or e.because for e in blueprint.entities}
    docs = {(snake(e.name), f.name): f.doc for e in blueprint.entities for f in e.fields}
    for table in compiled.get("tables", ()):
        name = table["name"]
        unique = {i["columns"][0] for i in table["indexes"] if i["unique"] and len(i["columns"]) == 1}
        yield told.Table(
            name=name, purpose=purposes.get(name, "kept by the kit for itself"), modified=bool(facts.migrations),
            columns=tuple(
                told.Column(c["name"], c["type"], _constraints(c, unique), docs.get((name, c["name"]), "")) for c in table["columns"]
            ),
            indexes=tuple(told.Index(i["name"], tuple(i["columns"]), _METHODS[i["method"]], i["unique"]) for i in table["indexes"]),
            relationships=tuple(told.Relationship(k["column"], k["table"]) for k in table["keys"]),
        )  # fmt: skip


def _constraints(column: Mapping[str, Any], unique: set[str]) -> str:
    said = ["primary key"] if column["primary"] else [] if column["nullable"] else ["not null"]
    return ", ".join([*said, *(["unique"] if column["name"] in unique else [])])


def _migrations(compiled: Mapping[str, Any]) -> Iterator[told.Migration]:
    for made in compiled.get("migrations", ()):
        steps = "; ".join(made["steps"][:8]) + ("; …" if len(made["steps"]) > 8 else "")
        yield told.Migration(made["file"], steps, "backwright migrate down")


def _services(blueprint: Blueprint, plan: DeliveryPlan) -> Iterator[told.Service]:
    by_name = {o.name: o for o in blueprint.operations}
    for file in dict.fromkeys([*plan.kept.values(), *plan.unwritten.values()]):
        names = [n for n, f in (*plan.kept.items(), *plan.unwritten.items()) if f == file]
        methods = tuple(_method(by_name[n]) for n in names)
        yield told.Service(
            name=file.removesuffix(".py"), responsibility="business rules", methods=methods, dependencies=("model",),
            error_handling="typed refusals; everything is undone", testing="tests/ and the tests beside it",
        )  # fmt: skip


def _method(operation: OperationPlan) -> told.Method:
    takes = operation.body.shape if operation.body is not None else ""
    return told.Method(operation.name, takes, operation.entity or "None", operation.summary)


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
