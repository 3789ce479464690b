"""The outbox: what was promised in a transaction, as rows of that transaction. Relaying them is another's work."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from backwright.domain.entity import Entity, index
from backwright.domain.events import Event
from backwright.domain.fields import Limits


class OutboxMessage(Entity, table="backwright_outbox", stamps=False, versioned=False):
    """A domain event that was committed and waits to be relayed."""

    name: Annotated[str, Limits(max_length=200)]
    payload: dict[str, Any]
    emitted_at: datetime
    relayed_at: datetime | None = None
    attempts: int = 0

    @index()
    def waiting(self) -> object:
        return self.relayed_at, self.emitted_at


def message(event: Event, now: datetime) -> OutboxMessage:
    """The outbox row of an event. Its name is the event's class in full, so that two modules may use one word."""
    kind = type(event)
    return OutboxMessage(name=f"{kind.__module__}.{kind.__qualname__}", payload=msgspec.to_builtins(event), emitted_at=now)
