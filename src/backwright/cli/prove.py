"""The commands of proof. They end with 0 only if nothing failed, nothing is unmeasured and nothing is forged."""

import json
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from backwright.worker.progress import Progress
from backwright.worker.prove import acceptance, agreed, harness
from backwright.worker.prove import challenge as challenging
from backwright.worker.prove.challenge import Planted, catalogue, caught
from backwright.worker.prove.ledger import Broken, Claim, Ledger, Standing, count
from backwright.worker.prove.replay import Replayed
from backwright.worker.prove.replay import replay as run_again
from backwright.worker.prove.standard import Standard, UnknownStandard, select
from backwright.worker.prove.standards import EVERY, ON_REQUEST, STANDARDS
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Verdict

Folder = Annotated[Path, typer.Argument(help="The project's folder.", exists=True, file_okay=False, resolve_path=True)]
In = Annotated[Path, typer.Option("--in", help="The project's folder.", exists=True, file_okay=False, resolve_path=True)]
AppName = Annotated[str, typer.Option("--app", help="Where the app is: module:name.")]
Databases = Annotated[list[str] | None, typer.Option("--database", help="A server on which checks may create databases of their own.")]
Only = Annotated[list[str] | None, typer.Option("--only", help="Ids or groups, e.g. code.clean,db")]
Advisories = Annotated[
    Path | None,
    typer.Option(
        "--advisories", help="Known advisories in the OSV format: a file or a folder.", exists=True, show_default="DIR/advisories"
    ),
]
Json = Annotated[Path | None, typer.Option("--json", help="Write the claims to this file too.", dir_okay=False)]


def prove(
    dir: Folder,
    json: Json = None,
    only: Only = None,
    app: AppName = "app:app",
    database: Databases = None,
    challenge: Annotated[bool, typer.Option(help="Plant each standard's faults too, and print how many were caught.")] = False,
    faults: Annotated[bool, typer.Option("--faults", help="List the faults that can be planted here, and measure nothing.")] = False,
    advisories: Advisories = None,
    accept_access: Annotated[
        bool, typer.Option("--accept-access", help="Record what is granted now as agreed to, in access.lock.")
    ] = False,
) -> None:
    """Measure the standards on a project and enter a sealed claim for each."""
    target = _target(dir, app, database, advisories)
    show = Progress()
    try:
        chosen = _chosen(only, target)
        if faults:
            _list_faults(show, chosen, dir)
            return
        if accept_access:
            _accept(show, target)
            return
        planted: list[Planted] = []
        if challenge:
            claims, planted = challenging.prove(target, chosen, told=lambda claim: _tell(show, claim), progress=_tell_progress(show))
        else:
            claims = harness.prove(target, chosen, told=lambda claim: _tell(show, claim))
    except (UnknownStandard, Broken, agreed.NoPolicy) as error:
        raise _stop(error) from None
    ledger = Ledger(target.dir)
    good = bool(claims) and all(claim.verdict.good for claim in claims)
    if not only:
        _tell_unasked(show, {claim.standard for claim in claims})
    show.say(_summary([claim.verdict for claim in claims]) + f"  ({ledger.file})")
    if json is not None:
        _write(json, ledger, claims, good)
    if challenge:
        show.say(caught(planted), "green" if all(one.caught is not False for one in planted) else "red")
    raise typer.Exit(0 if good else 1)


def replay(
    claim: Annotated[str | None, typer.Argument(help="A claim's id, or a standard's: its newest claim.")] = None,
    dir: In = Path("."),
    database: Databases = None,
    every: Annotated[bool, typer.Option("--all", help="Every standard's newest claim; says how many came out the same.")] = False,
    advisories: Advisories = None,
) -> None:
    """Run one claim's check again, or all of them, and compare what comes out with what was claimed."""
    ledger, show = Ledger(dir), Progress()
    if every == (claim is not None):
        raise _stop(ValueError("name a claim or a standard, or say --all"))
    if every:
        raise typer.Exit(0 if _all_again(show, ledger, _target(dir, "app:app", database, advisories)) else 1)
    try:
        found = ledger.find(claim or "")
        again = run_again(found, ledger, _target(dir, found.app, database, advisories), EVERY)
    except LookupError as error:
        raise _stop(error) from None
    _tell_again(show, again)
    raise typer.Exit(0 if again.agrees and found.verdict.good else 1)


def verify(
    dir: Annotated[Path, typer.Argument(help="The project's folder.", exists=True, file_okay=False, resolve_path=True)] = Path("."),
    with_replay: Annotated[bool, typer.Option("--replay", help="Run every standard's newest check again as well.")] = False,
    database: Databases = None,
    app: AppName = "app:app",
    report: Annotated[
        list[Path] | None,
        typer.Option("--report", help="Compare this report (Markdown or JSON) with the ledger too.", exists=True, dir_okay=False),
    ] = None,
    advisories: Advisories = None,
    challenge: Annotated[bool, typer.Option("--challenge", help="Try every known lie on a small project: is one accepted?")] = False,
) -> None:
    """Recompute every seal of the ledger, and say what still holds: an edited file turns the claims that list it stale."""
    show = Progress()
    if challenge:
        raise typer.Exit(0 if _try_lies(show) else 1)
    ledger, target = Ledger(dir), _target(dir, app, database, advisories)
    standing = ledger.standing()
    for standard in EVERY:
        if standard.id in standing or standard not in ON_REQUEST:
            _tell_standing(show, standard.id, standing.get(standard.id))
    _tell_unasked(show, standing.keys())
    reasons = list(acceptance.on_paper(ledger, target, STANDARDS, ON_REQUEST))
    for reason in (*reasons, *(wrong := _reported(dir, report or []))):
        show.say(f"✗ {reason}", "red")
    good = not reasons and not wrong
    if with_replay:
        good &= _all_again(show, ledger, target)
    show.say("every claim holds" if good else "not every claim holds", "green" if good else "red")
    raise typer.Exit(0 if good else 1)


def _target(dir: Path, app: str, database: list[str] | None, advisories: Path | None) -> Target:
    own = dir / "advisories"
    return Target(
        dir, app, tuple(database or ()), cache=dir / ".backwright" / "cache", advisories=advisories or (own if own.is_dir() else None)
    )


def _chosen(only: list[str] | None, target: Target) -> tuple[Standard, ...]:
    words = [word for words in only or [] for word in words.split(",") if word]
    if words:
        return select(EVERY, words)
    return EVERY if target.advisories is not None else STANDARDS


def _accept(show: Progress, target: Target) -> None:
    before = agreed.read(target.dir)
    now = agreed.accept(target)
    for line in agreed.wider(before, now) if before is not None else agreed.lines(now):
        show.say(f"agreed: {line}")
    show.say(f"{agreed.LOCK} says what is granted now; commit it like code")


def _reported(dir: Path, reports: list[Path]) -> list[str]:
    from backwright.worker.report.agree import disagreements
    from backwright.worker.report.proof import Proof

    proof = Proof(dir)
    return [wrong for report in reports for wrong in disagreements(report, proof)]


def _try_lies(show: Progress) -> bool:
    from backwright.worker.lies.trial import trial

    return trial(show)


def _all_again(show: Progress, ledger: Ledger, target: Target) -> bool:
    done: list[Replayed] = []
    for one in acceptance.again(ledger, target, EVERY):
        _tell_again(show, one)
        done.append(one)
    show.say(acceptance.reproduced(done))
    return bool(done) and all(one.agrees for one in done)


def _tell_unasked(show: Progress, claimed: Collection[str]) -> None:
    for standard in ON_REQUEST:
        if standard.id not in claimed:
            show.verdict(standard.id, Verdict.NOT_MEASURED, f"not asked for: {standard.on_request}; does not count")


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
