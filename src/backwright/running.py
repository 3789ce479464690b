"""An app that is open: the engine, the gate, the compiled doors, the listeners. Made by `App.open`, gone with `App.close`."""

import asyncio
import secrets
import time
from typing import Any

from backwright.api.http.asgi import AsgiEdge
from backwright.api.rest.door import RestDoor
from backwright.observe.observer import Observers
from backwright.observe.request_id import RequestIds
from backwright.operations.execution import Executor
from backwright.operations.gate import Gate, NobodyKnown
from backwright.operations.guard import AddressGuard
from backwright.operations.library import Library
from backwright.operations.limits import windows
from backwright.operations.prescan import InputLimits


class Running:
    """Everything that lives while an app is open."""

    def __init__(self, app: Any, *, observers: Observers | None = None, settings: Any = None) -> None:
        self.app = app
        self.observer = observers or Observers()
        self.database = app.database.resolve(folder=app.folder)
        self.engine = self.database.engine()
        self.library = Library(app.model, self.engine.dialect, app.catalogue.read)
        self.executor = Executor(self.engine, self.library, asyncio.sleep)
        self.gate = Gate(guard=AddressGuard(), windows=windows(app.tiers), credentials=NobodyKnown(), clock=time.monotonic)
        self.secret = secrets.token_bytes(32)
        self.door = RestDoor(
            app.rest, app.model, app.catalogue, self.executor, self.gate, secret=self.secret, limits=InputLimits(), clock=time.time
        )
        self.edge = AsgiEdge(self.door.site, self.observer, request_id=RequestIds(secrets.randbits(64)))
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the database and begin to watch running requests."""
        await self.engine.open()
        self._sweeper = asyncio.get_running_loop().create_task(self.edge.running.sweep())

    async def close(self) -> None:
        """Stop watching and close the database."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        await self.engine.close()
