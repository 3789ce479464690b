"""Where new ids come from: UUIDs from the clock, integers from the database ahead of need. The only clock and randomness of this area."""

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import UUID

from backwright.data.engines.engine import Session
from backwright.data.errors import SerializationFailed
from backwright.data.sql.shapes import literal, quoted
from backwright.domain.entity import Entity
from backwright.domain.ids import uuid7
from backwright.domain.model import Model


class UuidSource:
    """UUIDv7 that never go back within a process: the random part counts up within a millisecond."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0
        self._random = 0

    def __call__(self) -> UUID:
        now = int(self._clock() * 1000)
        if now > self._last:
            self._last, self._random = now, secrets.randbits(73)
        else:
            self._random += 1 + secrets.randbits(20)
        return uuid7(self._last, self._random)


new_uuid = UuidSource()
"""The process's source of time-ordered ids."""


class IdsRanOut(SerializationFailed):
    """One transaction adds more rows than there were ids ready for it: it runs again, with more of them."""


class IntegerIds:
    """Integer ids for entities declared with ``id=int``, taken before a transaction needs them: `Transaction.add` does no I/O."""

    def __init__(self, model: Model, block: int = 100) -> None:
        self._tables = {m.entity: (m.table, m.id.column) for m in model.entities.values() if m.id_type is int}
        self._blocks: dict[type[Entity], int] = dict.fromkeys(self._tables, block)
        self._ready: dict[type[Entity], deque[int]] = {entity: deque() for entity in self._tables}
        self._next: dict[type[Entity], Iterator[int]] = {}

    async def reserve(self, session: Session, dialect: str) -> None:
        """Make a block ready for each entity. On SQLite a transaction has the only writer's turn: to count on from the highest is exact."""
        for entity, (table, column) in self._tables.items():
            ready, block = self._ready[entity], self._blocks[entity]
            if dialect == "sqlite":
                highest: Any = (await session.rows(f"SELECT coalesce(max({quoted(column)}), 0) FROM {quoted(table)}"))[0][0]
                self._next[entity] = count(highest + 1)
            elif len(ready) < block:
                sequence = f"nextval(pg_get_serial_sequence({literal(quoted(table))}, {literal(column)}))"
                ready.extend(row[0] for row in await session.rows(f"SELECT {sequence} FROM generate_series(1, {block * 2})"))

    def take(self, entity: type[Entity]) -> int:
        """The next id. Raises `IdsRanOut` when one transaction adds more rows than are kept ready; the next one finds ten times as many."""
        if entity in self._next:
            return next(self._next[entity])
        try:
            return self._ready[entity].popleft()
        except IndexError:
            self._blocks[entity] *= 10
            raise IdsRanOut(f"more than {self._blocks[entity] // 5} new {entity.__name__} in one transaction") from None
