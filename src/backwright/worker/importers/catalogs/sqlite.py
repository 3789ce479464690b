"""What an SQLite file says of itself: the very statements that made it."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from backwright.data.migrations.probe import sqlite_path
from backwright.worker.importers.catalogs.said import OWN, Said, Unreachable

DEADLINE = 15.0


def read_sqlite(url: str, warnings: list[str]) -> list[Said]:
    """Everything in the file, in the order in which it was made; the file is opened for reading only. Raises `Unreachable`."""
    path = Path(sqlite_path(url))
    if not path.is_file():
        raise Unreachable(f"There is no file {path.name}.", "Write sqlite:///path/to/file.db; an absolute path has four slashes.")
    began = time.monotonic()
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5)) as connection:
            connection.set_progress_handler(lambda: int(time.monotonic() - began > DEADLINE), 10_000)
            rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql > '' ORDER BY rowid").fetchall()
    except sqlite3.Error as error:
        raise Unreachable(f"{path.name} cannot be read: {error}.", "Check that it is an SQLite database, and not locked.") from None
    found = [
        Said(f"{'table' if kind in ('table', 'index') else kind} {table}", f"{sql};") for kind, _, table, sql in rows if not _own(table)
    ]
    return sorted(found, key=lambda said: not said.place.startswith("table "))


def _own(table: str) -> bool:
    return table.startswith(OWN)
