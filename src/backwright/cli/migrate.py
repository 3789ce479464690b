"""``backwright migrate``: the words on the command line for the functions in `data.migrations.commands`."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer

from backwright.data.migrations.errors import MigrationError

T = TypeVar("T")
AppDir = Annotated[Path, typer.Option("--app", help="The folder of the project.", show_default="the current one")]
LockTimeout = Annotated[float, typer.Option(help="Seconds to wait for a lock (PostgreSQL) before giving up with nothing changed.")]


def migrate_app(load: Callable[[Path], Any]) -> typer.Typer:  # noqa: C901 - one function a command
    """The sub-commands. ``load`` gives a `Migratable` for a project's folder: its model, its database URL, its migrations folder."""
    commands = typer.Typer(name="migrate", help="Make, apply and undo changes of the database.", no_args_is_help=True)

    @commands.command()
    def make(
        message: Annotated[str, typer.Argument(help="What changed, in a few words.")],
        app: AppDir = Path(),
        rename: Annotated[
            list[str] | None, typer.Option(help="table:new or table.column:new; unsaid, a rename is a drop and an add.")
        ] = None,
        existing: Annotated[list[str] | None, typer.Option(help="table.column=SQL: the value of the rows that are there.")] = None,
    ) -> None:
        """Write the migration from the newest file to the model. Needs no database."""
        from backwright.data.migrations import commands as do

        values = {column: text for column, _, text in (item.partition("=") for item in existing or [])}
        made = _said(lambda: do.make(load(app), message, renames=rename or (), existing=values))
        if not made.files:
            typer.echo("the model has not changed")
        for line in (*(f"wrote {path}" for path in made.files), *(f"  {step}" for step in made.steps)):
            typer.echo(line)
        for line in (*(f"LOST  {loss}" for loss in made.losses), *(f"mind  {warning}" for warning in made.warnings)):
            typer.secho(line, fg="yellow", err=True)

    @commands.command()
    def up(to: Annotated[str, typer.Argument(help="head, a revision, or the beginning of a file's name.")] = "head",
           app: AppDir = Path(), lock_timeout: LockTimeout = 5.0) -> None:  # fmt: skip
        """Apply what is pending."""
        from backwright.data.migrations import commands as do

        done = _waited(lambda: do.up(load(app), to, lock_timeout=lock_timeout, say=typer.echo))
        typer.echo(f"{len(done)} applied" if done else "nothing is pending")

    @commands.command(context_settings={"ignore_unknown_options": True})
    def down(to: Annotated[str, typer.Argument(help="-1, -2…, base, a revision, or the beginning of a file's name.")] = "-1",
             app: AppDir = Path(), lock_timeout: LockTimeout = 5.0) -> None:  # fmt: skip
        """Undo the newest migration, or all down to a revision."""
        from backwright.data.migrations import commands as do

        done = _waited(lambda: do.down(load(app), to, lock_timeout=lock_timeout, say=typer.echo))
        typer.echo(f"{len(done)} undone")

    @commands.command()
    def status(app: AppDir = Path()) -> None:
        """Compare the database, the files and the model. Exit status: 0 agree, 3 pending, 4 model changed, 5 database or files differ."""
        from backwright.data.migrations import commands as do

        found = _waited(lambda: do.status(load(app)))
        typer.echo(f"current  {found.current or 'base'}\nhead     {found.head or 'base'}")
        for word, lines in (
            ("pending", found.pending),
            ("edited", found.edited),
            ("differs", found.drift),
            ("unmade", found.unmade),
            ("unknown", found.unknown),
        ):
            for line in lines:
                typer.echo(f"{word:<9}{line}")
        raise typer.Exit(found.code)

    @commands.command()
    def sql(
        app: AppDir = Path(),
        dialect: Annotated[str, typer.Option(help="sqlite or postgresql; that of the project's database unless said.")] = "",
        start: Annotated[str, typer.Option("--from", help="The revision to start from.")] = "base",
        to: Annotated[str, typer.Option(help="The revision to end at; before --from, the way down.")] = "head",
    ) -> None:
        """Print the SQL, and run nothing."""
        from backwright.data.migrations import commands as do
        from backwright.data.migrations.probe import dialect_of

        def text() -> str:
            project = load(app)
            wanted: Literal["postgresql", "sqlite"] = dialect_of(f"{dialect}:" if dialect else project.database_url)
            return do.sql(project, wanted, start=start, to=to)

        typer.echo(_said(text))

    @commands.command()
    def baseline(to: Annotated[str, typer.Argument(help="The revision that the database is at.")] = "head", app: AppDir = Path()) -> None:
        """Note in an existing database that it is at a revision already, after checking that it matches."""
        from backwright.data.migrations import commands as do

        typer.echo(f"the database is at {_waited(lambda: do.baseline(load(app), to))}")

    return commands


def _waited(start: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return _said(lambda: asyncio.run(start()))


def _said(work: Callable[[], T]) -> T:
    """Do the work; what went wrong is said in one sentence, with exit status 1."""
    try:
        return work()
    except MigrationError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None
