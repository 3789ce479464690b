"""``backwright deliver``: from an API design to a running, proved backend."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from backwright.worker.compiled import Uncompiled
from backwright.worker.delivery import admission
from backwright.worker.delivery.deliver import Delivered
from backwright.worker.delivery.deliver import deliver as work
from backwright.worker.delivery.gates import NotAgreed
from backwright.worker.journal import Held
from backwright.worker.place import BrokenDesign
from backwright.worker.plan import DeliveryPlan
from backwright.worker.progress import Progress
from backwright.worker.protocol.opening import NoSession
from backwright.worker.protocol.phase import PhaseTimeout
from backwright.worker.prove.ledger import Broken

BROKEN, NOT_PROVED = 2, 1
_DESIGN = "OpenAPI, SQL, a folder of them, or the URL of a database; several together. None: DIR/docs/project/api-design."


def deliver(
    into: Annotated[Path | None, typer.Option("--into", help="The folder of the project.", file_okay=False, show_default=False)] = None,
    design: Annotated[list[str] | None, typer.Argument(help=_DESIGN, show_default=False)] = None,
    serve: Annotated[bool, typer.Option(help="Serve it on http://127.0.0.1:8000 afterwards.")] = False,
    session_root: Annotated[Path | None, typer.Option(help="Where sessions are kept, or one session's folder.", file_okay=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to the plan without being asked.")] = False,
    allow_dirty: Annotated[bool, typer.Option("--allow-dirty", help="Deliver although files of the project are not committed.")] = False,
    drop_data: Annotated[bool, typer.Option("--drop-data", help="Agree to migrations that drop stored data.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Write the response without the key evidence.")] = False,
    task: Annotated[str, typer.Option("--task", help="The task's id in the work log.")] = "",
    resume: Annotated[Path | None, typer.Option("--resume", help="The session to go on with: its folder or its id.")] = None,
) -> None:
    """Deliver a design: checked, planned, written, proved, reported. Exit status: 0 proved, 1 not, 2 nothing was written."""
    show = Progress()
    try:
        session = None if resume is None else admission.named(resume, into)
        place, sources = admission.begun(session) if session is not None else (into, [])
        if (place := into or place) is None:
            raise typer.BadParameter("say where: --into DIR", param_hint="--into")
        found = work(
            design or sources, place, agree=lambda plan, text: _agree(plan, text, show, yes, drop_data), show=show,
            session_root=session_root, strict=strict, task=task, resume=session, asked=not yes and sys.stdin.isatty(),
            allow_dirty=allow_dirty,
        )  # fmt: skip
    except BrokenDesign as broken:
        for problem in broken.problems:
            typer.echo(str(problem), err=True)
        typer.echo(f"this cannot be built from: {len(broken.problems)} problems, nothing was written", err=True)
        raise typer.Exit(BROKEN) from None
    except (NotAgreed, NoSession, Held) as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(BROKEN) from None
    except (Uncompiled, PhaseTimeout, Broken, OSError) as error:
        typer.echo(f"the delivery stopped; its session says how far it came:\n{error}", err=True)
        raise typer.Exit(NOT_PROVED) from None
    _summary(found, show)
    if serve:
        _serve(found.into)
    raise typer.Exit(0 if found.proved else NOT_PROVED)


def _agree(plan: DeliveryPlan, text: str, show: Progress, yes: bool, drop_data: bool) -> bool:
    show.say("")
    for line in text.splitlines():
        show.say(line)
    show.say("")
    if plan.losses and not drop_data:
        show.say(f"Stored data would be dropped: {'; '.join(plan.losses)}", "red")
        if yes or not sys.stdin.isatty():
            show.say("Say --drop-data to agree to that as well.", "red")
            return False
        if not typer.confirm("Drop it when the migration is applied?", default=False):
            return False
    if yes:
        return True
    if not sys.stdin.isatty():
        show.say("There is nobody to ask: say --yes to agree to the plan.", "red")
        return False
    return typer.confirm(f"Write {len(plan.written)} files?", default=False)


def _summary(found: Delivered, show: Progress) -> None:
    show.say("")
    for name in found.unwritten:
        show.say(f"✗ the business rule {name} is not written yet: it answers 501", "red")
    show.say(("✓ proved: " if found.proved else "✗ not proved: ") + found.sentence, "green" if found.proved else "red")
    show.say(f"  project   {found.into}")
    show.say(f"  notes     {found.session / 'backend_notes.md'}")
    show.say(f"  response  {found.session / 'backend_response.json'}")


def _serve(into: Path) -> None:
    from backwright.cli.serve import serve

    serve(str(into), migrate=True)
