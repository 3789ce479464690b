"""Statements that go straight to the driver's protocol, as long as the driver is made as we know it."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from backwright.data.engines.asyncpg_driver import Quick, quick


class Protocol:
    """The driver's protocol: answers every statement with one row."""

    async def bind_execute(self, state: str, args: Sequence[Any], *rest: Any) -> tuple[list[Any], bytes, bool]:
        return [(state, *args)], b"SELECT 1", True


def test_a_statement_goes_straight_to_the_protocol() -> None:
    """Its rows and the server's word come from there."""
    statement: Any = SimpleNamespace(_connection=SimpleNamespace(_protocol=Protocol()), _state="prepared")
    found = quick(statement)

    assert isinstance(found, Quick)
    assert asyncio.run(found.fetch(7)) == [("prepared", 7)]
    assert found.get_statusmsg() == "SELECT 1"


def test_an_unknown_driver_is_used_as_it_documents() -> None:
    """Without the parts we know, the statement stays what it is."""
    statement: Any = SimpleNamespace(_connection=SimpleNamespace(), _state="prepared")

    assert quick(statement) is statement
