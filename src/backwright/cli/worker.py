"""One of several server processes: ``python -m backwright.cli.worker TARGET --socket FD --number N --pipe FD``. Started by `workers`."""

import os
import socket
import sys

from backwright.cli.loading import load_app
from backwright.cli.saying import plainly
from backwright.cli.server import serve_app


def main(target: str, listening: int, number: int, pipe: int, ready: int) -> None:
    """Serve on an inherited socket until told to stop, or until the parent is gone, however it went."""
    with plainly():
        serve_app(
            load_app(target), socket.socket(fileno=listening), worker=number, until_closed=pipe,
            started=lambda running: _tell(ready),
        )  # fmt: skip


def _tell(ready: int) -> None:
    os.write(ready, b"!")
    os.close(ready)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]))
