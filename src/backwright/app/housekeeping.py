"""What has to be thrown away now and then: expired sessions, and idempotency keys that are older than a day."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from backwright.data.errors import DataError
from backwright.identity.sessions import Sessions
from backwright.operations.execution import Executor
from backwright.operations.idempotency import Claims

EVERY = 600.0
"""Seconds between two rounds, roughly: workers should not all begin at once."""
AT_MOST = 30.0
"""Seconds that one round may take."""
KEYS_LIVE = timedelta(hours=24)
"""How long an Idempotency-Key is remembered at least."""


class Housekeeping:
    """One round deletes what is due; what fails is done in the next. `clock` gives Unix seconds."""

    def __init__(self, executor: Executor, sessions: Sessions | None, clock: Callable[[], float]) -> None:
        self._executor, self._sessions, self._clock = executor, sessions, clock
        self._claims = Claims(executor.library.plans)

    async def forever(self) -> None:
        """Round after round, until cancelled."""
        while True:
            await asyncio.sleep(EVERY * random.uniform(0.8, 1.2))
            await self.round()

    async def round(self) -> None:
        """Throw away what is due, now."""
        steps: list[Callable[[], Awaitable[object]]] = [self._forget_keys]
        if (sessions := self._sessions) is not None:
            steps.append(lambda: sessions.clean(self._clock()))
        for step in steps:
            with suppress(DataError, TimeoutError):
                async with asyncio.timeout(AT_MOST):
                    await step()

    async def _forget_keys(self) -> None:
        before = datetime.fromtimestamp(self._clock(), UTC) - KEYS_LIVE
        async with self._executor.engine.transaction() as session:
            await session.run(self._claims.forget, (self._claims.cutoff(before),))
