"""The commands of proof. They end with 0 only if nothing failed, nothing is unmeasured and nothing is forged."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from backwright.worker.progress import Progress
from backwright.worker.prove import challenge as challenging
from backwright.worker.prove import harness
from backwright.worker.prove.challenge import Planted, catalogue, caught
from backwright.worker.prove.ledger import Broken, Claim, Ledger, Standing, count
from backwright.worker.prove.replay import Replayed
from backwright.worker.prove.replay import replay as run_again
from backwright.worker.prove.standard import Standard, UnknownStandard, select
from backwright.worker.prove.standards import STANDARDS
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Verdict
from backwright.worker.prove.verify import verify as expose

Folder = Annotated[Path, typer.Argument(help="The project's folder.", exists=True, file_okay=False, resolve_path=True)]
In = Annotated[Path, typer.Option("--in", help="The project's folder.", exists=True, file_okay=False, resolve_path=True)]
AppName = Annotated[str, typer.Option("--app", help="Where the app is: module:name.")]
Databases = Annotated[list[str] | None, typer.Option("--database", help="A server on which checks may create databases of their own.")]
Only = Annotated[list[str] | None, typer.Option("--only", help="Ids or groups, e.g. code.clean,db")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the claims to this file too.", dir_okay=False)]


def prove(
    dir: Folder,
    json: Json = None,
    only: Only = None,
    app: AppName = "app:app",
    database: Databases = None,
    challenge: Annotated[bool, typer.Option(help="Plant each standard's faults too, and print how many were caught.")] = False,
    faults: Annotated[bool, typer.Option("--faults", help="List the faults that can be planted here, and measure nothing.")] = False,
) -> None:
    """Measure the standards on a project and enter a sealed claim for each."""
    target = _target(dir, app, database)
    show = Progress()
    try:
        chosen = select(STANDARDS, [word for words in only or [] for word in words.split(",") if word])
        if faults:
            _list_faults(show, chosen, dir)
            return
        planted: list[Planted] = []
        if challenge:
            claims, planted = challenging.prove(target, chosen, told=lambda claim: _tell(show, claim), progress=_tell_progress(show))
        else:
            claims = harness.prove(target, chosen, told=lambda claim: _tell(show, claim))
    except (UnknownStandard, Broken) as error:
        raise _stop(error) from None
    ledger = Ledger(target.dir)
    good = bool(claims) and all(claim.verdict.good for claim in claims)
    show.say(_summary([claim.verdict for claim in claims]) + f"  ({ledger.file})")
    if json is not None:
        _write(json, ledger, claims, good)
    if challenge:
        show.say(caught(planted), "green" if all(one.caught is not False for one in planted) else "red")
    raise typer.Exit(0 if good else 1)


def replay(
    claim: Annotated[str, typer.Argument(help="A claim's id, or a standard's: its newest claim.")],
    dir: In = Path("."),
    database: Databases = None,
) -> None:
    """Run one claim's check again and compare what comes out with what was claimed."""
    ledger = Ledger(dir)
    try:
        found = ledger.find(claim)
        again = run_again(found, ledger, _target(dir, found.app, database), STANDARDS)
    except LookupError as error:
        raise _stop(error) from None
    _tell_again(Progress(), again)
    raise typer.Exit(0 if again.agrees and found.verdict.good else 1)


def verify(
    dir: Folder,
    with_replay: Annotated[bool, typer.Option("--replay", help="Run every standard's newest check again as well.")] = False,
    database: Databases = None,
) -> None:
    """Recompute every seal of the ledger, and say what still holds: an edited file turns the claims that list it stale."""
    ledger, show = Ledger(dir), Progress()
    exposed = expose(ledger)
    standing = ledger.standing()
    for standard in STANDARDS:
        _tell_standing(show, standard.id, standing.get(standard.id))
    for item in exposed:
        show.say(f"✗ {item}", "red")
    good = not exposed and all(standing[s.id].verdict.good if s.id in standing else False for s in STANDARDS)
    if with_replay:
        good &= _all_again(show, ledger, dir, database, standing)
    show.say("every claim holds" if good else "not every claim holds", "green" if good else "red")
    raise typer.Exit(0 if good else 1)


def _target(dir: Path, app: str, database: list[str] | None) -> Target:
    return Target(dir, app, tuple(database or ()), cache=dir / ".backwright" / "cache")


def _all_again(show: Progress, ledger: Ledger, dir: Path, database: list[str] | None, standing: dict[str, Standing]) -> bool:
    agree = True
    for held in standing.values():
        try:
            again = run_again(held.claim, ledger, _target(dir, held.claim.app, database), STANDARDS)
        except LookupError as error:
            show.say(f"✗ {error}", "red")
            agree = False
            continue
        _tell_again(show, again)
        agree &= again.agrees
    return agree


def _list_faults(show: Progress, chosen: Sequence[Standard], dir: Path) -> None:
    every, here = catalogue(chosen), {row[0] for row in catalogue(chosen, dir)}
    show.say("| fault | standard | what is planted | where | here |")
    show.say("|---|---|---|---|---|")
    for row in every:
        show.say(f"| {' | '.join(row)} | {'yes' if row[0] in here else 'no place for it'} |")
    show.say(f"{len(every)} faults of {len({row[1] for row in every})} standards; {len(here)} can be planted in {dir.name}")


def _tell_progress(show: Progress) -> Callable[[int, int, object], None]:
    began = time.monotonic()

    def tell(done: int, of: int, one: object) -> None:
        style = "red" if isinstance(one, Planted) and one.caught is False else "dim"
        show.say(f"  [{done}/{of}, {time.monotonic() - began:.0f} s] {str(one)[:160]}", style)

    return tell


def _tell(show: Progress, claim: Claim) -> None:
    planted = claim.figures.get("faults_planted")
    caught = f"  [{claim.figures['faults_caught']} of {planted} planted faults caught]" if planted is not None else ""
    show.verdict(claim.standard, claim.verdict, claim.finding + caught)


def _tell_standing(show: Progress, standard: str, held: Standing | None) -> None:
    if held is None:
        show.verdict(standard, Verdict.NOT_MEASURED, "there is no claim")
    elif held.touched:
        show.verdict(standard, held.verdict, f"changed since: {', '.join(held.touched[:5])}{' …' if len(held.touched) > 5 else ''}")
    else:
        show.verdict(standard, held.verdict, held.claim.finding)


def _tell_again(show: Progress, again: Replayed) -> None:
    show.verdict(again.claim.id, again.finding.verdict, again.finding.finding)
    for line in (*(f"changed since: {name}" for name in again.touched), *again.differences):
        show.say(f"    {line}", "yellow")


def _summary(verdicts: list[Verdict]) -> str:
    return " · ".join(f"{times} {verdict}" for verdict, times in count(verdicts).items() if times) or "nothing was measured"


def _write(file: Path, ledger: Ledger, claims: list[Claim], good: bool) -> None:
    body: dict[str, Any] = {
        "project": ledger.project.name,
        "ledger": str(ledger.file),
        "ok": good,
        "verdicts": count(claim.verdict for claim in claims),
        "claims": [msgspec.to_builtins(claim) for claim in claims],
    }
    file.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _stop(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)
