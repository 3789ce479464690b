"""``backwright explain``: what an operation is made of. The route, the rule in Python and in SQL, the statements, the database's plan."""

import asyncio
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from backwright.app.running import Running
from backwright.cli.loading import NoApp, load_app
from backwright.cli.query_plan import query_plan
from backwright.cli.saying import plainly
from backwright.data.errors import DataError
from backwright.data.sql.parameters import Parameters, Slot
from backwright.data.sql.predicates import render
from backwright.data.sql.statements import Page, SortKey, Statement
from backwright.domain.predicate import Predicate
from backwright.operations.operation import Operation

Where = Annotated[str, typer.Option("--app", help="The project's folder, or module:name.")]


def explain(operation: Annotated[str, typer.Argument(help="Its name, e.g. list_books.")], app: Where = ".") -> None:
    """Explain an operation: route, rule, SQL, plan, limits."""
    with plainly():
        running = Running(load_app(app))
        found = named(running, operation)
        asyncio.run(_explain(running, found))


def named(running: Running, name: str) -> Operation:
    """The operation. Raises `NoApp` with the names that there are."""
    operations: dict[str, Operation] = running.app.catalogue.operations
    if name not in operations:
        raise NoApp(f"there is no operation {name!r}; there are {', '.join(sorted(operations))}")
    return operations[name]


def route_of(running: Running, operation: str) -> tuple[str, str] | None:
    """Method and path under which an operation is served."""
    router = running.door.site.router
    for method, template in router.templates:
        if router.match(method, template)[0].name == operation:
            return method, template
    return None


async def _explain(running: Running, operation: Operation) -> None:
    await running.open()
    try:
        typer.echo(f"{operation.name}: {operation.summary}")
        for title, text in [*_said(running, operation), *await _asked(running, operation)]:
            typer.echo(f"{title:<10}" + text.replace("\n", "\n" + " " * 10))
    finally:
        await running.close()


def _said(running: Running, operation: Operation) -> Iterator[tuple[str, str]]:
    route = route_of(running, operation.name)
    yield "route", " ".join(route) if route else "not served: the contract names no route for it"
    yield "limits", f"costs {operation.cost} of " + ", ".join(f"{w.name} {w.limit}/h" for w in running.gate.windows.values())
    yield from _rule(running, operation)


def _rule(running: Running, operation: Operation) -> Iterator[tuple[str, str]]:
    rule = operation.rule
    yield "rule", _source(running, operation)
    if rule.caller_type is not None:
        yield "asks for", f"a signed-in {rule.caller_type.__name__}" if rule.needs_caller else f"a {rule.caller_type.__name__} or nobody"
    elif rule.needs_caller:
        yield "asks for", "a signed-in account"
    if rule.predicate is not None and operation.entity is not None:
        parameters = Parameters(running.engine.dialect)
        model = running.app.model
        yield (
            "as SQL",
            render(rule.predicate, model=model, entity=operation.entity, dialect=running.engine.dialect, alias="t", parameters=parameters),
        )
        for number, slot in enumerate(parameters.slots, 1):
            yield "", f"{number} = {_value(slot)}"


def _source(running: Running, operation: Operation) -> str:
    """The rule as it stands in the project."""
    for grant in running.app.access:
        if grant.target is (operation.function or operation.entity):
            for action, rule in grant.rules:
                if action in (operation.verb, "call") or (action, operation.verb) == ("read", "list"):
                    place = f"({grant.file}:{grant.line})"
                    if not inspect.isfunction(rule):
                        return f"{operation.rule.name} {place}"
                    return f"{place}\n{textwrap.dedent(inspect.getsource(rule)).rstrip()}"
    return operation.rule.name


def _value(slot: Slot) -> str:
    """What a placeholder stands for, in words."""
    match slot.source:
        case "caller" | "request":
            return f"the {slot.source}'s {'.'.join((slot.name, *slot.path))}"
        case "constant":
            return repr(slot.constant)
        case "condition":
            return f"the part of the rule that needs no row ({slot.name}), decided beforehand"
        case _:
            return ".".join((slot.name, *slot.path))


async def _asked(running: Running, operation: Operation) -> Sequence[tuple[str, str]]:
    statement = _statement(running, operation)
    if statement is None:
        return [("SQL", f"what {operation.name} asks depends on its input: backwright profile {operation.name} shows it")]
    said = [("SQL", statement.sql)]
    try:
        said.append(("plan", await query_plan(running.engine, statement.sql)))
    except DataError as error:
        said.append(("plan", f"the database will not explain it: {error}"))
    return said


def _statement(running: Running, operation: Operation) -> Statement | None:
    """The main statement of an operation that the kit derives."""
    if operation.entity is None:
        return None
    plans = running.library.plans[operation.entity]
    statements = plans.statements
    rule: Predicate | None = operation.rule.predicate
    shape: Any = next((r.shape for r in running.door.resources if r.served.entity.entity is operation.entity), plans.shape)
    match operation.verb:
        case "read":
            return statements.one(shape, rule)
        case "list":
            return statements.page(shape, Page(order=(SortKey(plans.model.id),)), rule)
        case "create":
            return plans.insert
        case "update" | "delete":
            return statements.judged(operation.entity, [running.library.rule(operation.entity, trusted=False), rule], lock=True)
        case _:
            return None
