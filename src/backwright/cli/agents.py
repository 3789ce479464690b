"""``backwright agents``: what a coding assistant loads, installed into a project and taken out again; the stop hook that it calls."""

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from backwright.worker.agents import install as installing
from backwright.worker.agents import resolving, stop_hook
from backwright.worker.agents.install import CannotInstall, Outcome
from backwright.worker.progress import Progress

commands = typer.Typer(help="Agent definitions, MCP servers and the stop hook for a coding assistant.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="The project's folder.", file_okay=False, resolve_path=True)]
_MARKS = {"kept": ("!", "yellow"), "unchanged": ("=", "dim")}


@commands.command()
def install(
    dir: Folder = Path("."),
    command: Annotated[str, typer.Option(help="How the assistant starts this program, e.g. 'uv run backwright'.")] = "backwright",
    offline: Annotated[bool, typer.Option("--offline", help="Do not look for the real Serena and Context7 servers.")] = False,
) -> None:
    """Install the agents. What you have edited is kept, with the difference shown. Exit status 1 if something was kept."""
    real, reasons = (frozenset[str](), dict[str, str]()) if offline else resolving.real_servers()
    found = _done(lambda: installing.install(dir, command=command, real=real))
    show = Progress()
    _tell(show, found)
    for name in sorted(real):
        show.say(f"{name}: the real server is here and answers")
    for name, reason in reasons.items():
        show.say(f"{name}: {reason}; `backwright mcp --as {name}` answers in its place", "dim")
    if shutil.which(command.split()[0]) is None:
        show.say(f"! there is no program {command.split()[0]} on PATH: the assistant will not find its servers", "yellow")
    raise typer.Exit(1 if any(outcome.what == "kept" for outcome in found) else 0)


@commands.command()
def uninstall(dir: Folder = Path(".")) -> None:
    """Take out what is as it was installed, and give shared files back. What you have edited stays. Exit status 1 if something stayed."""
    found = _done(lambda: installing.uninstall(dir))
    _tell(Progress(), found)
    raise typer.Exit(1 if any(outcome.what == "kept" for outcome in found) else 0)


@commands.command()
def check(dir: Folder = Path(".")) -> None:
    """Start every server that the installed agents name, and say of each tool whether it is there. Exit status 1 if one is not."""
    found, show = resolving.check(dir), Progress()
    for one in found:
        agent = Path(one.agent).stem
        show.say(f"{'✗' if one.problem else '✓'} {agent:<20} {one.tool:<44} {one.problem or one.by}", "red" if one.problem else "green")
    lacking = sum(bool(one.problem) for one in found)
    show.say(f"{len(found) - lacking} of {len(found)} tools resolve")
    raise typer.Exit(1 if lacking or not found else 0)


@commands.command("stop-hook")
def stop_hook_() -> None:
    """Called by the assistant before it stops, with its event on standard input: 2 keeps it at work, and standard error says why."""
    text = "" if sys.stdin.isatty() else sys.stdin.buffer.read(stop_hook.LARGEST_INPUT).decode("utf-8", "replace")
    status, said = stop_hook.ask(text, Path.cwd())
    if said:
        typer.echo(said, err=True)
    raise typer.Exit(status)


def _done(work: Callable[[], Sequence[Outcome]]) -> Sequence[Outcome]:
    try:
        return work()
    except CannotInstall as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _tell(show: Progress, found: Sequence[Outcome]) -> None:
    for outcome in found:
        mark, style = _MARKS.get(outcome.what, ("✓", "green"))
        first, _, rest = outcome.detail.partition("\n")
        show.say(f"{mark} {outcome.what:<10} {outcome.path}{f': {first}' if first else ''}", style)
        for line in rest.splitlines():
            show.say(f"    {line}")
    if not found:
        show.say("nothing is installed here")
