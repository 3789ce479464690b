"""Whether the database is there: told that it may be away, it looks, says so, and says when it is back."""

import asyncio
from collections.abc import Callable

from backwright.data.engines.engine import Engine
from backwright.data.errors import Busy, DatabaseUnavailable, DataError
from backwright.observe.events import DatabaseBack, DatabaseLost, Observer

PATIENCE = 2.0
"""Seconds that one look may take."""


class DatabaseWatch:
    """Looks only when something went wrong; while all is well it costs nothing. `ticks` gives seconds."""

    def __init__(self, engine: Engine, observer: Observer, ticks: Callable[[], float]) -> None:
        self._engine = engine
        self._observer = observer
        self._ticks = ticks
        self._looking: asyncio.Task[None] | None = None
        self.lost = False

    def suspect(self, error: DatabaseUnavailable) -> None:
        """Somebody could not reach it: look, unless that is being done."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._until_back(str(error)))

    async def reason(self) -> str | None:
        """Why requests that need the database cannot be served now; None if they can."""
        return "database unavailable" if self.lost or not await self._answers() else None

    def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()

    async def _until_back(self, reason: str) -> None:
        if await self._answers():
            return
        since, pause = self._ticks(), 0.1
        self.lost = True
        self._observer(DatabaseLost(reason))
        while not await self._answers():
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        self.lost = False
        self._observer(DatabaseBack(self._ticks() - since))

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._engine.rows("SELECT 1")
        except Busy:
            return True  # it is there; too many want it
        except (DataError, TimeoutError):
            return False
        return True
