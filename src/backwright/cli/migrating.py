"""``backwright migrate``, mounted: how a project's folder becomes what the migration commands need."""

from dataclasses import dataclass
from pathlib import Path

from backwright.cli.loading import load_app
from backwright.cli.migrate import migrate_app
from backwright.cli.saying import plainly
from backwright.data.migrations.errors import MigrationError
from backwright.domain.model import Model


@dataclass(frozen=True, slots=True)
class Project:
    """A project as migrations see it."""

    model: Model
    database_url: str
    directory: Path


def project(folder: Path) -> Project:
    """The project in a folder; needs no secrets and no running database. Ends the program where there is none."""
    with plainly():
        app = load_app(str(folder))
        try:
            database = app.database.resolve(folder=app.folder)
        except ValueError as error:
            raise MigrationError(str(error)) from None
        assert database.url is not None
        return Project(app.model, database.url, app.folder / "migrations")
    raise AssertionError("unreachable")


commands = migrate_app(project)
