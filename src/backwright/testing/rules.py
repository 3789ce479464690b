"""Whether a rule says the same in Python and in the database, on rows that a test chose."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from backwright.data.sql.parameters import Environment
from backwright.domain.capture import captured_values
from backwright.domain.entity import Account, Entity
from backwright.domain.judge import judge
from backwright.domain.lowering import Lowered, lower
from backwright.domain.predicate import captured_names
from backwright.domain.request import Request
from backwright.testing.database import OpenApp


async def both_ways(
    rule: Any, rows: Sequence[Entity], callers: Sequence[Account | None], database: OpenApp, *, request: Request | None = None
) -> list[list[bool]]:
    """The rule's verdicts: a line for each caller (None is nobody), with a verdict for each row.

    Rows (of one entity) and callers are stored first: ``await shop.given(...)``. Python and the database are both asked; where they
    disagree, or Python does not agree with what the rule's source was read as, an AssertionError names caller and row. A rule that uses
    `exists` is asked of the database only. Raises `DeclarationError` for a rule that cannot be read, ``ValueError`` without rows.
    """
    if not rows:
        raise ValueError("both_ways needs at least one row to ask the rule about")
    asked = request or Request(datetime.fromtimestamp(database.clock(), UTC), "192.0.2.1", "password")
    lowered = lower(rule, rows=(type(rows[0]),), model=database.app.model, bound=True)
    table: list[list[bool]] = []
    for caller in callers:
        said = await _by_database(lowered, rule, rows, caller, asked, database)
        if not lowered.relational:
            for row, verdict in zip(rows, said, strict=True):
                _agree(rule, row, caller, verdict, _by_python(lowered, rule, row, caller, asked))
        table.append(said)
    return table


async def _by_database(lowered: Lowered, rule: Any, rows: Sequence[Entity], caller: Any, request: Request, database: OpenApp) -> list[bool]:
    library = database.running.library
    statement = library.plans.statements.load(type(rows[0]), rule=lowered.predicate)
    captured = captured_values(rule, captured_names(lowered.predicate))
    environment = Environment({"ids": [row.id for row in rows]}, caller, request, captured)
    found = await database.running.engine.rows(statement.sql, statement.bind(environment))
    chosen = {row.id for row in library.plans[type(rows[0])].rows(found)}
    return [row.id in chosen for row in rows]


def _by_python(lowered: Lowered, rule: Any, row: Entity, caller: Any, request: Request) -> bool:
    if not lowered.admits(caller):
        return False
    given = {"row": row, "caller": caller, "request": request}
    try:
        return bool(rule(*(given[parameter] for parameter in lowered.parameters)))
    except TypeError:  # an order between None and a value: false for the database, and for the rule as it was read
        return judge(lowered.predicate)(row, caller, request, captured_values(rule, captured_names(lowered.predicate)))


def _agree(rule: Any, row: Entity, caller: Any, database: bool, python: bool) -> None:
    if database is not python:
        name = getattr(rule, "__qualname__", repr(rule))
        raise AssertionError(f"{name}: the database says {database}, Python says {python}, of\n{row!r}\nasked by {caller!r}")
