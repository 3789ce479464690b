"""The composition root: gathers the declarations, compiles them once, opens the database, serves, and closes again.

The only file of the kit that sees every area. An `App` is declared without touching a driver, a secret or the environment; all of
that is read when it opens.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backwright.api.rest.contract import Rest
from backwright.app.lifespans import Lifespans
from backwright.app.mounts import Asgi, Receive, Scope, Send, find_mount
from backwright.data.database import Database
from backwright.domain.access import Grant
from backwright.domain.entity import Account, Entity
from backwright.domain.finding import named_entities, with_parts
from backwright.domain.model import Model, build_model
from backwright.identity.declare import Password
from backwright.identity.passwords import Work
from backwright.observe.events import Observer
from backwright.operations.limits import DEFAULT_TIERS, Tier
from backwright.operations.operation import Catalogue, build_catalogue

if TYPE_CHECKING:
    from backwright.app.running import Running


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

    ``mounts`` are other ASGI apps by their prefix, e.g. ``{"/legacy": fastapi_app}``; they get the requests below it, past the gate,
    and start and end with this app. ``observers`` are told every event, in the loop: they must be quick.
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
        mounts: Mapping[str, Asgi] = {},
        observers: Sequence[Observer] = (),
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
        self.mounts = {prefix.rstrip("/"): mounted for prefix, mounted in mounts.items()}
        self.observers = tuple(observers)
        self.folder = Path(sys._getframe(1).f_code.co_filename).resolve().parent  # pyright: ignore[reportPrivateUsage]
        self._model: Model | None = None
        self._catalogue: Catalogue | None = None
        self._running: Running | None = None
        self._lifespans = Lifespans(self.mounts)
        self._opening: asyncio.Task[Running] | None = None

    @property
    def rest(self) -> Rest:
        """The REST contract that is served."""
        return next(door for door in self.doors if isinstance(door, Rest))  # pyright: ignore[reportUnnecessaryIsInstance]  # not for long

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
        """Serve one ASGI connection. An app that is mounted somewhere opens with its first request, unless `lifespan` opened it."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._lifespan(receive, send)
        elif self.mounts and (mounted := find_mount(self.mounts, scope)) is not None:
            if self._running is None:
                await self.open(logs=True)
            inner, seen = mounted
            state = self._lifespans.state(inner)
            await inner({**seen, "state": state} if state is not None else seen, receive, send)
        elif kind == "http":
            running = self._running or await self.open(logs=True)
            await running.serve(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def open(self, *, migrate: bool = False, **options: Any) -> "Running":
        """Compile, read the settings, open the database; gives the running app. Who comes while it opens waits for the same.

        Raises `DeclarationError`, `SettingsError`, `DatabaseUnavailable` and `MigrationError`, each with everything that is wrong, and
        `MountFailed` where a mounted app does not start.
        """
        if self._running is not None:
            return self._running
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open(migrate, options))
            self._opening.add_done_callback(self._opened)
        return await asyncio.shield(self._opening)

    async def _open(self, migrate: bool, options: dict[str, Any]) -> "Running":
        from backwright.app.running import Running

        running = Running(self, **options)
        await running.open(migrate=migrate)
        try:
            await self._lifespans.start()
        except BaseException:
            await running.close("a mounted app did not start")
            raise
        return running

    def _opened(self, opening: "asyncio.Task[Running]") -> None:
        self._opening = None
        if not opening.cancelled() and opening.exception() is None:
            self._running = opening.result()

    async def close(self, reason: str = "closed") -> None:
        """Let running requests end, then close the database. It can be opened again."""
        running, self._running = self._running, None
        if running is not None:
            await self._lifespans.stop()
            await running.close(reason)

    @asynccontextmanager
    async def lifespan(self, _outer: object = None) -> AsyncGenerator[None]:
        """Open for as long as the block lasts. Give it to the app that this one is mounted in: ``FastAPI(lifespan=shop.lifespan)``."""
        await self.open(logs=True)
        try:
            yield
        finally:
            await self.close("the outer app closed")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.open(logs=True)
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close("the server stopped")
        await send({"type": "lifespan.shutdown.complete"})
