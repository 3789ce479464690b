"""An app that is open: the engine, the gate, the compiled doors, the listeners. Made by `App.open`, gone with `App.close`."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from backwright.api.http.asgi import AsgiEdge
from backwright.api.rest.door import RestDoor
from backwright.app.signing import Signing
from backwright.data.database import Database
from backwright.identity.passwords import Work
from backwright.observe.events import StatementSlow
from backwright.observe.metrics import Metrics
from backwright.observe.observer import Observers
from backwright.observe.request_id import RequestIds
from backwright.operations.execution import Executor
from backwright.operations.gate import Gate, NobodyKnown
from backwright.operations.guard import AddressGuard
from backwright.operations.library import Library
from backwright.operations.limits import windows
from backwright.operations.prescan import InputLimits
from backwright.settings.kit import KitSettings

Message = MutableMapping[str, Any]


class Running:
    """Everything that lives while an app is open. `clock` gives Unix seconds, `ticks` seconds that never go back."""

    def __init__(
        self, app: Any, *, settings: KitSettings | None = None, observers: Observers | None = None, worker: int = 0,
        database: Database | None = None, clock: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic,
        password_work: Work | None = None,
    ) -> None:  # fmt: skip
        self.app = app
        self.settings = settings or KitSettings.read()
        self.clock = clock
        self.metrics = Metrics(worker=worker)
        self.observer = observers or Observers()
        self.observer.add(self.metrics)
        self.database = (database or app.database).resolve(folder=app.folder)
        self.engine = self.database.engine(self._slow)
        self.library = Library(app.model, self.engine.dialect, app.catalogue.read)
        self.executor = Executor(self.engine, self.library, asyncio.sleep)
        guard = AddressGuard()
        self.signing = (
            Signing(app, self.settings, self.executor, guard, self.observer, clock=clock, ticks=ticks, work=password_work)
            if app.sign_in
            else None
        )
        self.gate = Gate(
            guard=guard,
            windows=windows(self.settings.tiers_over(app.tiers), workers=self.settings.workers, worker=worker),
            credentials=self.signing.authenticator if self.signing else NobodyKnown(),
            clock=ticks,
            wall=clock,
        )
        self.door = RestDoor(
            app.rest, app.model, app.catalogue, self.executor, self.gate,
            secret=self.settings.keys("cursors", app.folder)[0], limits=InputLimits(max_bytes=self.settings.body_size), clock=clock,
        )  # fmt: skip
        if self.signing and app.rest.accounts:
            self.signing.route(self.door)
        self.edge = AsgiEdge(
            self.door.site, self.observer, deadline=self.settings.deadline, request_id=RequestIds(secrets.randbits(64)),
            proxies=self.settings.proxies(),
        )  # fmt: skip
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the database and begin to watch running requests."""
        await self.engine.open()
        self._sweeper = asyncio.get_running_loop().create_task(self.edge.running.sweep())

    async def serve(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        """Answer one HTTP connection of ASGI."""
        await self.edge.http(scope, receive, send)

    async def close(self) -> None:
        """Stop watching and close the database."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self.signing:
            self.signing.passwords.close()
        await self.engine.close()

    def _slow(self, sql: str, seconds: float) -> None:
        self.observer(StatementSlow(sql, seconds))
