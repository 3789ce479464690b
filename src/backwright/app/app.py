"""The composition root: gathers the declarations, compiles them once, opens the database, serves, and closes again.

The only file of the kit that sees every area. An `App` is declared without touching a driver, a secret or the environment; all of
that is read when it opens.
"""

import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.api.rest.contract import Rest
from backwright.data.database import Database
from backwright.domain.access import Grant
from backwright.domain.entity import Account, Entity
from backwright.domain.finding import named_entities, with_parts
from backwright.domain.model import Model, build_model
from backwright.identity.declare import Password
from backwright.identity.passwords import Work
from backwright.operations.limits import DEFAULT_TIERS, Tier
from backwright.operations.operation import Catalogue, build_catalogue

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The load that the app is meant for: what the ``run.*`` and ``db.*`` checks measure against."""

    rows: int = 10_000
    """Rows of each entity."""
    rate: int = 50
    """Requests a second."""


class App:
    """A backend: what is stored, who may do what, how it is served.

    ``access`` names everything that can be reached. Entities are found from it: its targets, the types in its functions' signatures,
    what they refer to, and their parts. ``entities`` adds those that only the insides of functions name. Mistakes in the
    declarations raise `DeclarationError` when the app is compiled, with every mistake.
    """

    def __init__(
        self,
        *,
        access: Sequence[Grant] = (),
        sign_in: Sequence[Password[Any]] = (),
        serve: Sequence[Rest] = (Rest(),),
        database: Database = Database(),
        services: Sequence[Any] = (),
        entities: Iterable[type[Entity]] = (),
        tiers: Sequence[Tier] = DEFAULT_TIERS,
        tier_of: Callable[[Any], str] | None = None,
        load: Load = Load(),
        password_work: Work | None = None,
    ) -> None:
        self.access = tuple(access)
        self.sign_in = tuple(sign_in)
        self.doors = tuple(serve)
        self.database = database
        self.services = tuple(services)
        self.entities = tuple(entities)
        self.tiers = tuple(tiers)
        self.tier_of = tier_of
        self.load = load
        self.password_work = password_work
        self.folder = Path(sys._getframe(1).f_code.co_filename).resolve().parent
        self._model: Model | None = None
        self._catalogue: Catalogue | None = None
        self._running: Any = None

    @property
    def rest(self) -> Rest:
        """The REST contract that is served."""
        return next(door for door in self.doors if isinstance(door, Rest))

    @property
    def model(self) -> Model:
        """All entities, checked, the kit's own tables included. Raises `DeclarationError`."""
        if self._model is None:
            from backwright.data.outbox import OutboxMessage
            from backwright.identity.sessions import SignInSession
            from backwright.operations.idempotency import IdempotencyClaim

            accounts: list[type[Account]] = [way.account for way in self.sign_in]
            kept: list[type[Entity]] = [OutboxMessage, IdempotencyClaim, *([SignInSession] if accounts else [])]
            self._model = build_model([*with_parts([*named_entities(self.access), *accounts, *self.entities]), *kept])
        return self._model

    @property
    def catalogue(self) -> Catalogue:
        """Every operation that can be asked for. Raises `DeclarationError`."""
        if self._catalogue is None:
            self._catalogue = build_catalogue(self.access, self.model)
        return self._catalogue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection (HTTP or lifespan)."""
        if scope["type"] == "http":
            running = self._running
            if running is None:
                running = await self.open()
            await running.edge.http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def open(self, **options: Any) -> Any:
        """Compile, read the settings, open the database; gives the running app. Called by the server's lifespan, or by whoever mounts it."""
        from backwright.app.running import Running

        if self._running is None:
            running = Running(self, **options)
            await running.open()
            self._running = running
        return self._running

    async def close(self) -> None:
        """Let running requests end, then close the database. It can be opened again."""
        running, self._running = self._running, None
        if running is not None:
            await running.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.open()
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    raise
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
