"""``backwright session``: what sessions there are, how far one is, and the steps that a coding agent calls. ``backwright synthesize``."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from backwright.worker import by_hand, journal
from backwright.worker.protocol import decisions, opening, steps
from backwright.worker.protocol.completion import WORKER, Incomplete, unfinished
from backwright.worker.protocol.logger import WorkerLogger
from backwright.worker.protocol.record import RESERVED, read
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.steps import ORDER, Step
from backwright.worker.report import outputs
from backwright.worker.stamps import iso, utc_now
from backwright.worker.synthesis import Handed, checked
from backwright.worker.synthesis import synthesize as merge

LEFT, WRONG = 1, 2
Folder = Annotated[Path, typer.Argument(metavar="SESSION", help="The session's folder.", file_okay=False, show_default=False)]
Text = Annotated[Path, typer.Argument(help="The file to hand in; - reads standard input.", allow_dash=True, show_default=False)]
commands = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="What sessions there are, and the steps of one."
)


@commands.command("list")
def listed(project: Annotated[Path, typer.Argument(help="The project, or a folder of sessions.")] = Path()) -> None:
    """One line for each session: its id, how it stands, the next step."""
    kept = project / ".backwright" / "sessions"
    root = kept if kept.is_dir() else project
    with _plainly():
        for folder in sorted(place for place in root.iterdir() if opening.is_session(place)) if root.is_dir() else []:
            record = read(folder, WORKER)
            following = steps.following(record.events)
            typer.echo(f"{folder.name}  {record.status}" + (f"  next: {following}" if following and record.status != "none" else ""))


@commands.command()
def show(session: Folder) -> None:
    """How far a session is: its steps, open questions, what could not be read."""
    with _plainly():
        record = read(session, WORKER)
        if record.status == "none":
            raise opening.NoSession(f"{WORKER} has not begun in {session}")
        typer.echo(f"{session.resolve().name}: {record.status}\n{record.begun.get('task', '')}")
        for step in ORDER:
            held = record.done.get(step)
            typer.echo(f"  {'✓' if held and held.needed else '–' if held else ' '} {step}" + (_why(held.details) if held else ""))
        for one in decisions.open_ones(session):
            typer.echo(f"open: {one.get('to')} {one['file']}: {one.get('reason')}" + (" (blocks)" if one.get("blocks") else ""))
        if record.unreadable:
            typer.echo(f"{record.unreadable} lines of EVENTS.jsonl cannot be read")


@commands.command()
def check(session: Folder) -> None:
    """What is still to be done; exit status 0 when it is completed, 1 when something is left. Fit for a stop hook."""
    left = unfinished(session)
    for one in left:
        typer.echo(one, err=True)
    raise typer.Exit(LEFT if left else 0)


@commands.command()
def start(
    task: Annotated[str, typer.Argument(help="What is to be done.")],
    at: Annotated[Path, typer.Option("--in", help="The project.", file_okay=False)] = Path(),
    session_root: Annotated[Path | None, typer.Option(help="Where sessions are kept, or one session's folder.", file_okay=False)] = None,
    task_id: Annotated[str, typer.Option("--task", help="The task's id in the work log.")] = "",
    worker: Annotated[str, typer.Option("--agent", help="Who works.")] = WORKER,
) -> None:
    """Open a session, or join one, and print its folder."""
    with _plainly():
        typer.echo(opening.start(task, at, session_root=session_root, task_id=task_id, worker=worker).folder)


@commands.command()
def step(
    session: Folder,
    name: Annotated[Step, typer.Argument(help="The step that is done.", show_default=False)],
    file: Annotated[list[str] | None, typer.Option("--file", help="A file of the step, relative to the project. Several.")] = None,
    not_needed: Annotated[str, typer.Option(help="Why it is not needed.")] = "",
    run: Annotated[str, typer.Option(help="For tests_written: the command that runs them; they have to fail.")] = "",
) -> None:
    """Record a step. The program looks for itself first; a step before its turn is refused."""
    with _plainly():
        by_hand.take(_open(session), name, files=file or (), needless=not_needed, run=run)
        typer.echo(f"{name} is recorded; next: {steps.following(read(session, WORKER).events)}")


@commands.command()
def log(
    session: Folder,
    type: Annotated[str, typer.Argument(help="What happened, in a word.")],
    details: Annotated[str, typer.Argument(help="The particulars: text, or a JSON object.")],
    status: Annotated[str, typer.Option(help="started, completed, failed, …")] = "",
    agent: Annotated[str, typer.Option(help="Who tells it.")] = WORKER,
) -> None:
    """Add a line to EVENTS.jsonl."""
    with _plainly():
        if type in RESERVED:
            raise ValueError(f"{type} is written by the program itself, when it is true; choose another word")
        if not opening.is_session(session):
            raise opening.NoSession(f"{session} is no session")
        WorkerLogger(session, agent).log_event(type, journal.mapping(details) or details, status or None)


@commands.command("save-analysis")
def save_analysis(session: Folder, file: Text) -> None:
    """Hand in the notes: the first output."""
    with _plainly():
        held = _open(session)
        with held.step(Step.NOTES) as told:
            told["file"] = held.log.save_analysis(_text(file)).name
        typer.echo(f"{told['file']} is written")


@commands.command("save-json")
def save_json(
    session: Folder,
    file: Text,
    strict: Annotated[bool, typer.Option("--strict", help="Write it without the key evidence.")] = False,
) -> None:
    """Hand in the response: the second output."""
    with _plainly():
        held, body = _open(session), journal.mapping(_text(file))
        if body is None:
            raise ValueError(f"{file} is no JSON object")
        with held.step(Step.RESPONSE) as told:
            told["file"] = outputs.save_response(held.log, body, strict=strict).name
        typer.echo(f"{told['file']} is written")


@commands.command()
def answer(
    session: Folder,
    number: Annotated[str, typer.Argument(help="The decision's number, as its file begins: 002.")],
    decision: Annotated[str, typer.Argument(help="approved, refused, or a sentence.")],
    by: Annotated[str, typer.Option(help="Who decides.")],
) -> None:
    """Answer an open question of the session."""
    with _plainly():
        place = decisions.answer(session, number.zfill(3), decision, by, iso(utc_now()))
        typer.echo(f"{place.name}: {decision}")


@commands.command()
def complete(session: Folder, result: Annotated[str, typer.Argument(help="How it ended, in a sentence.")]) -> None:
    """End the session. Refused, with every reason, while the checklist is not done."""
    with _plainly():
        _open(session).complete(result)
        typer.echo("completed")


@commands.command()
def fail(session: Folder, reason: Annotated[str, typer.Argument(help="Why it ends without its outputs, in a sentence.")]) -> None:
    """End the session without its outputs, saying why."""
    with _plainly():
        _open(session).fail(reason)
        typer.echo("failed")


def synthesize(
    sessions: Annotated[list[Path], typer.Argument(metavar="SESSION…", help="Folders of sessions, or response files.", show_default=False)],
    into: Annotated[Path | None, typer.Option("--json", help="Write the merged responses here.", dir_okay=False)] = None,
) -> None:
    """Merge the responses of several workers and name their conflicts. Exit status: 0 none, 1 some, 2 nothing that could be merged."""
    found = merge(one for place in sessions for one in _responses(place))
    for one in found.left_out:
        typer.echo(f"left out {one.source}: {'; '.join(one.wrong[:5])}", err=True)
    for conflict in found.conflicts:
        typer.echo(str(conflict))
    if into is not None:
        with _plainly():
            journal.replace(into, journal.pretty(found.told()))
    typer.echo(f"{len(found.sources)} responses, {len(found.conflicts)} conflicts, {len(found.left_out)} left out")
    raise typer.Exit(WRONG if not found.sources else LEFT if found.conflicts or found.left_out else 0)


def _responses(place: Path) -> list[Handed]:
    """The responses of a session: the worker's own, and those of others in ``workers/json/``."""
    if place.is_dir():
        found = [place / outputs.RESPONSE, *sorted((place / "workers" / "json").glob("*_response.json"))]
        there = [file for file in found if file.is_file()]
        return [_response(file) for file in there] or [Handed(str(place), None, ("there is no response",))]
    return [_response(place)]


def _response(file: Path) -> Handed:
    try:
        return checked(str(file), json.loads(file.read_bytes()))
    except OSError as error:
        return Handed(str(file), None, (f"it cannot be read: {error.strerror}",))
    except (ValueError, RecursionError) as error:
        return Handed(str(file), None, (f"it is no JSON: {error}",))


def _open(folder: Path) -> Session:
    return opening.reopen(folder)


def _text(file: Path) -> str:
    return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")


def _why(details: Any) -> str:
    return f" (not needed: {details['needless']})" if "needless" in details else ""


@contextmanager
def _plainly() -> Generator[None]:
    """What its user can mend is said in a sentence and ends with status 2."""
    try:
        yield
    except (
        steps.Skipped, Incomplete, by_hand.NotTaken, opening.NoSession, decisions.Unanswerable, outputs.OutOfOrder, outputs.Misshapen,
        OSError, ValueError,
    ) as error:  # fmt: skip
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG) from None
