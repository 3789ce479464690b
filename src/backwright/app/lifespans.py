"""The lifespan of a mounted app, kept by us: it starts before its first request and ends after its last (ASGI Lifespan 2.0)."""

import asyncio
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from backwright.app.mounts import Asgi


class MountFailed(Exception):
    """A mounted app did not start; the message is its own."""


class Lifespan:
    """One mounted app's. ``state`` is what it gives its requests to share; None for an app that knows no lifespan."""

    def __init__(self, prefix: str, app: Asgi) -> None:
        self.prefix, self._app = prefix, app
        self.state: dict[str, Any] | None = None
        self._told: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self._asked: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Let it start. Raises `MountFailed` if it says that it cannot; one that breaks at the question does not know lifespans."""
        state: dict[str, Any] = {}
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
        await self._asked.put({"type": "lifespan.startup"})
        running: asyncio.Task[Any] = asyncio.ensure_future(self._app(scope, self._asked.get, self._told.put))
        try:
            told = await self._next(running)
        except BaseException:  # whoever waits has given up: nobody would ever end it
            running.cancel()
            raise
        if told is None:
            with suppress(Exception):
                await running
        elif told["type"] == "lifespan.startup.failed":
            with suppress(Exception):
                await running
            *_, said = ["it does not say why", *str(told.get("message") or "").strip().splitlines()]  # the end of a stack trace, often
            raise MountFailed(f"what is mounted at {self.prefix} did not start: {said}")
        else:
            self._running, self.state = running, state

    async def stop(self) -> None:
        """Let it end."""
        running, self._running = self._running, None
        if running is None:
            return
        await self._asked.put({"type": "lifespan.shutdown"})
        await self._next(running)
        with suppress(Exception):  # it has answered, or ended: what it raises afterwards changes nothing
            await running

    async def _next(self, running: "asyncio.Task[Any]") -> MutableMapping[str, Any] | None:
        """The next thing it says; None if it ends without a word."""
        saying = asyncio.ensure_future(self._told.get())
        await asyncio.wait((saying, running), return_when=asyncio.FIRST_COMPLETED)
        if saying.done():
            return saying.result()
        saying.cancel()
        return self._told.get_nowait() if not self._told.empty() else None


class Lifespans:
    """Those of all mounted apps: started in their order, ended in the other."""

    def __init__(self, mounts: Mapping[str, Asgi]) -> None:
        self._mounts = mounts
        self._started: list[Lifespan] = []

    async def start(self) -> None:
        """Start them all; if one fails, those before it end again. Raises `MountFailed`."""
        for prefix, app in self._mounts.items():
            lifespan = Lifespan(prefix, app)
            try:
                await lifespan.start()
            except BaseException:
                await self.stop()
                raise
            self._started.append(lifespan)

    async def stop(self) -> None:
        """End them all."""
        while self._started:
            await self._started.pop().stop()

    def state(self, app: Asgi) -> dict[str, Any] | None:
        """What a request to this app shares with its lifespan: a copy of its own each time, as servers do."""
        found = next((one.state for one in self._started if self._mounts.get(one.prefix) is app), None)
        return None if found is None else dict(found)
