"""``backwright dev``: serves, and starts again when a file of the project changes."""

import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backwright.cli.saying import plainly
from backwright.cli.serve import Host, Port, Target, folder_of, listening_on, take
from backwright.cli.server import url_of
from backwright.cli.workers import Workers, on_stop
from backwright.settings.kit import KitSettings

SHOWN = 3


def dev(target: Target = ".", host: Host = None, port: Port = None) -> None:
    """Serve while you write. The address stays; who asks while it starts again waits a moment."""
    with plainly():
        take(BACKWRIGHT_HOST=host, BACKWRIGHT_PORT=port, BACKWRIGHT_WORKERS=1)
        settings = KitSettings.read()
        listening = listening_on(settings)
        folder = folder_of(target)
        server = Workers(target, listening, 1, settings.drain)
        stop = threading.Event()
        on_stop(stop.set)
        print(f"{url_of(listening)} · watching {folder.resolve()}", file=sys.stderr, flush=True)
        server.start()
        for changes in _changes(folder, stop):
            _say(changes, folder)
            if not server.restart():
                print("it did not start: waiting for the next change", file=sys.stderr, flush=True)
        server.stop()
        server.end()


def _changes(folder: Path, stop: threading.Event) -> Iterable[Any]:
    from watchfiles import PythonFilter, watch

    # migrations are written by a command, not by hand while serving; data is ours
    ignored = [folder.resolve() / name for name in ("data", "migrations", ".venv", "tests")]
    return watch(folder, watch_filter=PythonFilter(ignore_paths=ignored), stop_event=stop, raise_interrupt=False)


def _say(changes: Iterable[tuple[Any, str]], folder: Path) -> None:
    names = sorted({os.path.relpath(path, folder) for _, path in changes})
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    print(f"changed: {', '.join(names[:SHOWN])}{more}; starting again", file=sys.stderr, flush=True)
