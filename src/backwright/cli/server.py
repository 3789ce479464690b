"""One server process: an app, a listening socket, uvicorn between them. Ends with status 0 when it is told to stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator
from typing import Any

import uvicorn

from backwright.api.http.server import protocol_for
from backwright.app.app import App
from backwright.app.running import Running
from backwright.observe.events import ServerStarted

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any that is free. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    made.set_inheritable(True)
    return made


def url_of(listening: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{host}:{port}"


class Server(uvicorn.Server):
    """uvicorn, which leaves signals to us: it would end by the signal, and not with status 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def stop(self) -> None:
        """Stop accepting, let running requests end, then return from `serve`."""
        self.should_exit = True


def serve_app(
    app: App, listening: socket.socket, *, worker: int = 0, migrate: bool = False, started: Callable[[Running], None],
    until_closed: int | None = None,
) -> None:  # fmt: skip
    """Serve until SIGTERM or SIGINT, or until the pipe `until_closed` is closed at its other end. `started` is told once all is open.

    Raises what `App.open` raises.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(app, listening, worker, migrate, started, until_closed))


async def _serve(
    app: App, listening: socket.socket, worker: int, migrate: bool, started: Callable[[Running], None], until_closed: int | None
) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if until_closed is not None:
        loop.add_reader(until_closed, stopped.set)
    begun = loop.time()
    running = await app.open(worker=worker, migrate=migrate, logs=True)
    server = Server(_config(app, running))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    watching = asyncio.create_task(_stop_when(stopped, server))
    try:
        running.observer(_event(running, listening, loop.time() - begun))
        started(running)
        await serving
    finally:
        watching.cancel()
        if until_closed is not None:
            loop.remove_reader(until_closed)
        await app.close("asked to stop")


async def _stop_when(stopped: asyncio.Event, server: Server) -> None:
    await stopped.wait()
    server.stop()


def _config(app: App, running: Running) -> uvicorn.Config:
    return uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none",
        http="httptools" if app.mounts else protocol_for(lambda: running.edge),  # type: ignore[arg-type]  # what is mounted speaks ASGI only
        timeout_graceful_shutdown=max(1, round(running.settings.drain)), backlog=BACKLOG,
    )  # fmt: skip


def _event(running: Running, listening: socket.socket, seconds: float) -> ServerStarted:
    settings = running.settings
    return ServerStarted(
        url_of(listening), environment=settings.environment.value, database=running.engine.dialect, worker=running.worker,
        workers=settings.workers, seconds=seconds,
    )  # fmt: skip


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:  # not on Windows
        return None
    return uvloop.new_event_loop
