"""An app that is open: the engine, the gate, the compiled doors, the listeners. Made by `App.open`, gone with `App.close`."""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from backwright.api.http.asgi import AsgiEdge
from backwright.api.http.health import Exposition, Health, Readiness
from backwright.api.rest.door import RestDoor
from backwright.api.rest.published import publish
from backwright.app.checks import contradicting, unpayable
from backwright.app.database_watch import DatabaseWatch
from backwright.app.housekeeping import Housekeeping
from backwright.app.mounts import Receive, Scope, Send
from backwright.app.signing import Signing
from backwright.data.database import Database
from backwright.data.engines.address import address
from backwright.domain.mistakes import DeclarationError
from backwright.identity.passwords import Work
from backwright.observe.events import ServerStopping, SettingDoubtful, StatementSlow
from backwright.observe.logs import Logs
from backwright.observe.mask import Mask
from backwright.observe.metrics import CONTENT_TYPE, Metrics
from backwright.observe.observer import Observers
from backwright.observe.request_id import RequestIds
from backwright.observe.traces import Sampler
from backwright.operations.execution import Executor
from backwright.operations.gate import Gate, NobodyKnown
from backwright.operations.guard import AddressGuard
from backwright.operations.library import Library
from backwright.operations.limits import windows
from backwright.operations.prescan import InputLimits
from backwright.settings.kit import KitSettings
from backwright.settings.settings import SettingsError


class Running:
    """Everything that lives while an app is open. `clock` gives Unix seconds, `ticks` seconds that never go back.

    ``logs`` writes every event to standard output. Raises `DeclarationError` and `SettingsError` with everything that is wrong.
    """

    def __init__(
        self, app: Any, *, settings: KitSettings | None = None, logs: bool = False, worker: int = 0, database: Database | None = None,
        clock: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic, password_work: Work | None = None,
    ) -> None:  # fmt: skip
        self.app = app
        self.settings = settings = settings or KitSettings.read()
        self.worker, self.clock, self.ticks = worker, clock, ticks
        self.database = _resolved(database or app.database, app.folder)
        self.metrics = Metrics(worker=worker)
        self.logs = Logs(human=settings.human_logs, mask=Mask(*settings.secrets())) if logs else None
        self.observer = Observers(self.metrics, *app.observers, *([self.logs] if self.logs else []))
        self._judge()
        self.engine = self.database.engine(self._slow)
        self.library = Library(app.model, self.engine.dialect, app.catalogue.read)
        self.executor = Executor(self.engine, self.library, asyncio.sleep)
        self.watch = DatabaseWatch(self.engine, self.observer, time.monotonic)
        self.executor.away = self.watch.suspect
        guard = AddressGuard()
        self.signing = (
            Signing(app, settings, self.executor, guard, self.observer, clock=clock, ticks=ticks, work=password_work)
            if app.sign_in
            else None
        )
        self.housekeeping = Housekeeping(self.executor, self.signing.sessions if self.signing else None, clock)
        self.gate = Gate(
            guard=guard,
            windows=windows(settings.tiers_over(app.tiers), workers=settings.workers, worker=worker),
            credentials=self.signing.authenticator if self.signing else NobodyKnown(),
            clock=ticks,
            wall=clock,
        )
        self.door = self._door()
        self.edge = AsgiEdge(
            self.door.site, self.observer, deadline=settings.deadline, request_id=RequestIds(secrets.randbits(64)),
            proxies=settings.proxies(), sampler=Sampler(settings.trace_ratio, trust_parent=settings.trust_trace_parent),
        )  # fmt: skip
        self.edge.away = self.watch.suspect
        self.metrics.gauge("requests_in_flight", "Requests being answered.", lambda: len(self.edge.running.tasks))
        self.metrics.gauge("database_connections_in_use", "Connections that requests hold.", lambda: self.engine.occupancy().in_use)
        self.metrics.gauge("database_waiting", "Requests in line for a connection.", lambda: self.engine.occupancy().waiting)
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    def _judge(self) -> None:
        mistakes = unpayable(self.app.access, self.settings.tiers_over(self.app.tiers), self.settings.workers)
        if mistakes := [*mistakes, *contradicting(self.app.sign_in)]:
            raise DeclarationError(mistakes)

    def _door(self) -> RestDoor:
        app = self.app
        door = RestDoor(
            app.rest, app.model, app.catalogue, self.executor, self.gate,
            secret=self.settings.keys("cursors", app.folder)[0], limits=InputLimits(max_bytes=self.settings.body_size), clock=self.clock,
            folder=app.folder,
        )  # fmt: skip
        if self.signing and app.rest.accounts:
            self.signing.route(door)
        for path, endpoint in (
            ("/health/live", Health()),
            ("/health/ready", Readiness(self._unready)),
            ("/metrics", Exposition(CONTENT_TYPE, self.metrics.exposition)),
        ):
            if ("GET", path) not in door.site.router.templates:  # the contract comes first
                door.site.add("GET", path, endpoint)
        publish(door, app.folder)
        return door

    async def _unready(self) -> str | None:
        return "stopping" if self._closing else await self.watch.reason()

    async def open(self, *, ensure: bool = True, migrate: bool = False) -> None:
        """Open the database and begin to watch running requests.

        ``ensure`` sees to it that the database can serve the model: an empty one is filled, one that is behind is refused unless
        ``migrate``. Raises `DatabaseUnavailable` and `MigrationError`, each with what helps.
        """
        _make_room(self.database)
        await self.engine.open()
        try:
            if ensure:
                await self._ensure(migrate)
        except BaseException:
            await self.engine.close()
            raise
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self.edge.running.sweep()), loop.create_task(self.housekeeping.forever())]
        if not self.settings.secret_key:
            self.observer(SettingDoubtful("BACKWRIGHT_SECRET_KEY", "not set: a key for development was made in the data folder"))

    async def _ensure(self, migrate: bool) -> None:
        from backwright.data.migrations.ensure import ensure

        assert self.database.url is not None
        await ensure(self.database.url, self.app.model, self.app.folder / "migrations", migrate)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request of ASGI."""
        await self.edge.http(scope, receive, send)

    async def close(self, reason: str = "closed") -> None:
        """Let running requests end, at most as long as the settings say; then stop watching, and close the database and the log."""
        self._closing = True
        tasks = self.edge.running.tasks
        self.observer(ServerStopping(reason, len(tasks), self.worker))
        own = asyncio.current_task()
        if waiting := [task for task in tasks if task is not own]:
            await asyncio.wait(waiting, timeout=self.settings.drain)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.watch.close()
        if self.signing:
            self.signing.passwords.close()
        await self.engine.close()
        if self.logs:
            self.logs.close()

    def shown(self) -> str:
        """The database as it may be shown."""
        return address(self.database.url or "").shown

    def _slow(self, sql: str, seconds: float) -> None:
        self.observer(StatementSlow(sql, seconds))


def _make_room(database: Database) -> None:
    """The folder of a database that is a file. Where it cannot be made, opening says why."""
    where = address(database.url or "")
    if where.dialect == "sqlite" and where.target != ":memory:":
        with suppress(OSError):
            Path(where.target).parent.mkdir(parents=True, exist_ok=True)


def _resolved(database: Database, folder: Path) -> Database:
    try:
        return database.resolve(folder=folder)
    except ValueError as error:
        raise SettingsError([str(error)]) from None
