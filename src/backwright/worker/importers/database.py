"""Reads a database that is there already: its catalog as the SQL that would make it, each thing with the name of its table for a place.

Nothing is written, not by accident either: the transaction is read only. There are deadlines on connecting and on each statement. What the
user of the database has no right to see is a warning, and the rest is read. Passwords are in no message and no place.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.probe import dialect_of
from backwright.worker.design import Design
from backwright.worker.importers.catalogs.said import Said, Unreachable
from backwright.worker.importers.sql.design import design_of
from backwright.worker.importers.sql.sound import unsound
from backwright.worker.importers.sql.statements import Reader
from backwright.worker.place import BrokenDesign, Problem
from backwright.worker.tables import Dialect, Tables


def shown(url: str) -> str:
    """The address as it may be shown: without user, password and parameters."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme.partition('+')[0]}://{parts.hostname or ''}{port}{parts.path}"


def import_database(url: str) -> Design:
    """The design of a database. Raises `BrokenDesign` if it cannot be read; single things that cannot be read are warnings."""
    problems: list[Problem] = []
    try:
        tables = read_database(url, problems)
    except (Unreachable, MigrationError) as error:
        mend = error.mend if isinstance(error, Unreachable) else "Write postgresql://… or sqlite:///file.db."
        what = error.what if isinstance(error, Unreachable) else "This is no database that is read here."
        raise BrokenDesign((Problem(shown(url), 0, "", "error", what, mend),)) from None
    if not tables.tables:
        raise BrokenDesign((Problem(shown(url), 0, "", "error", "The database holds no tables.", "Name one that does."), *problems))
    title = shown(url).rpartition("/")[2].partition(".")[0]
    return design_of(tables, shown(url), title, tuple(problems))


def read_database(url: str, problems: list[Problem]) -> Tables:
    """The tables of a database. Raises `Unreachable` and `MigrationError`."""
    dialect: Dialect = dialect_of(url)
    warnings: list[str] = []
    reader = Reader(dialect, (found := []))
    for said in _readers()[dialect](url, warnings):
        reader.read(said.place, said.sql, lines=False)
    tables = replace(reader.tables(), live=True)
    found += unsound(tables)
    problems += [replace(p, severity="warning") for p in found]
    problems += [Problem(shown(url), 0, "", "warning", what, "Give the user the right to see it, or go on without.") for what in warnings]
    return tables


def _readers() -> dict[Dialect, Callable[[str, list[str]], list[Said]]]:
    from backwright.worker.importers.catalogs.postgresql import read_postgresql
    from backwright.worker.importers.catalogs.sqlite import read_sqlite

    return {"postgresql": read_postgresql, "sqlite": read_sqlite}
