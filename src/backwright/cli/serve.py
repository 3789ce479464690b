"""``backwright serve``: a project in one process or several."""

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from backwright.app.app import App
from backwright.app.running import Running
from backwright.cli.loading import load_app
from backwright.cli.saying import plainly
from backwright.cli.server import listen, serve_app, url_of
from backwright.cli.workers import Workers, on_stop
from backwright.settings.kit import KitSettings
from backwright.settings.settings import SettingsError

Target = Annotated[str, typer.Argument(help="The folder with app.py, or module:name.")]
Host = Annotated[str | None, typer.Option(help="The address to listen on.", show_default="BACKWRIGHT_HOST, else 127.0.0.1")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="0: any free one.", show_default="BACKWRIGHT_PORT, else 8000")]
Number = Annotated[int | None, typer.Option(min=1, max=1024, help="Processes.", show_default="BACKWRIGHT_WORKERS, else 1")]


def serve(
    target: Target = ".", host: Host = None, port: Port = None, workers: Number = None,
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring a database that is behind up to date first.")] = False,
) -> None:  # fmt: skip
    """Serve a project. An empty database is filled; SIGTERM lets running requests end and exits with status 0."""
    with plainly():
        take(BACKWRIGHT_HOST=host, BACKWRIGHT_PORT=port, BACKWRIGHT_WORKERS=workers)
        app = load_app(target)
        settings = KitSettings.read()
        listening = listening_on(settings)
        if settings.workers == 1:
            serve_app(app, listening, migrate=migrate, started=lambda running: announce(app, running, url_of(listening)))
            return
        asyncio.run(prepare(app, migrate, url_of(listening)))
        several = Workers(target, listening, settings.workers, settings.drain)
        on_stop(several.stop)
        several.start()
        raise SystemExit(several.watch())


async def prepare(app: App, migrate: bool, url: str) -> None:
    """Find every mistake and see to the database before workers start, so that it is said once."""
    running = Running(app)
    await running.open(migrate=migrate)
    await running.close()
    announce(app, running, url)


def announce(app: App, running: Running, url: str) -> None:
    """The one line that says where it is."""
    workers = running.settings.workers
    parts = [
        f"{app.rest.title or app.folder.name} on {url}",
        *([f"docs {url}{app.rest.docs}"] if app.rest.docs else []),
        running.shown(),
        *([f"{workers} workers"] if workers > 1 else []),
        running.settings.environment.value,
    ]
    print(" · ".join(parts), file=sys.stderr, flush=True)


def listening_on(settings: KitSettings) -> socket.socket:
    """The socket that the settings ask for. Raises `SettingsError`."""
    try:
        return listen(settings.host, settings.port)
    except OSError as error:
        raise SettingsError(
            [f"cannot listen on {settings.host} port {settings.port}: {error.strerror}. Choose another: --port 0"]
        ) from None


def take(**words: object) -> None:
    """What was said on the command line wins over the environment, here and in the processes we start."""
    os.environ.update({name: str(value) for name, value in words.items() if value is not None})


def folder_of(target: str) -> Path:
    """The folder whose files belong to the project."""
    return Path(target) if Path(target).is_dir() else Path.cwd()
