"""The command line: one word for each thing that the kit and the worker do. A sub-command is imported when it is used."""

import importlib
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS: dict[str, tuple[str, str]] = {
    "deliver": ("deliver:deliver", "From an API design to a running, proved backend."),
    "survey": ("survey:survey", "What a repository is made of, in any framework."),
    "prove": ("prove:prove", "Measure the quality standards on a project."),
    "replay": ("prove:replay", "Run one claim's check again."),
    "verify": ("prove:verify", "Recompute the seals: what still holds?"),
    "report": ("report:report", "What is proved, as a page for people and as SARIF and JUnit for CI."),
    "docs": ("report:docs", "Write the documentation of the API, the database and the services."),
    "mcp": ("mcp:mcp", "The worker's tools for a coding agent."),
    "agents": ("agents:commands", "Install the agents for a coding assistant."),
    "session": ("session:commands", "What sessions there are, and the steps of one."),
    "synthesize": ("session:synthesize", "Merge several workers' responses; name their conflicts."),
    "triggers": ("triggers:triggers", "Does a text call for the backend worker?"),
    "new": ("new:new", "Start a project."),
    "serve": ("serve:serve", "Serve a project."),
    "dev": ("dev:dev", "Serve while you write: starts again when a file changes."),
    "migrate": ("migrating:commands", "Make, apply and undo changes of the database."),
    "account": ("account:commands", "Make accounts, such as the first administrator."),
    "symbols": ("symbols:commands", "What a repository defines, uses and serves; edits by symbol."),
    "explain": ("explain:explain", "What an operation does: route, rule, SQL, plan, limits."),
    "profile": ("profile:profile", "Where an operation spends its time."),
    "openapi": ("openapi:openapi", "Print the OpenAPI document."),
}
"""Each command's ``module:attribute`` in this package (a function, or a group of its own), and its line in the help."""


class Lazy(TyperGroup):
    """A group that knows its commands by name and imports none of them for ``--help``.

    The arguments are typer's own copy of click's, whose module is private.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found = getattr(importlib.import_module(f"backwright.cli.{module}"), name)
        return _command(cmd_name, found)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _command(name: str, found: Any) -> Any:
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(found)
    return get_command(alone)


app = typer.Typer(
    cls=Lazy, name="backwright", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Give it an API design, get a running backend and the proof that it does what the report says.",
)  # fmt: skip


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("backwright"))
        raise typer.Exit()


@app.callback()
def _options(version: bool = typer.Option(False, "--version", is_eager=True, callback=_version, help="Print the version and end.")) -> None:
    """What every command shares: nothing yet but the version."""


def run() -> None:
    """The ``backwright`` program."""
    app()


if __name__ == "__main__":
    run()
