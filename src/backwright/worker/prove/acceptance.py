"""Acceptance: whether what a ledger says may be believed. Every reason against it; none means that it is accepted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from backwright.worker.prove.ledger import Ledger, Standing
from backwright.worker.prove.replay import Replayed, replay
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verify import verify


def on_paper(ledger: Ledger, target: Target, standards: Sequence[Standard], on_request: Sequence[Standard] = ()) -> Iterator[str]:
    """Reasons that need no check to run: what does not hold together, is missing, not good, stale, or about another app."""
    yield from map(str, verify(ledger, (*standards, *on_request)))
    standing = ledger.standing()
    for standard in standards:
        if standard.id not in standing:
            yield f"{standard.id}: there is no claim"
    for name, held in standing.items():
        yield from _against(name, held, target)


def _against(name: str, held: Standing, target: Target) -> Iterator[str]:
    if held.claim.app != target.app:
        yield f"{name}: it is about {held.claim.app}, not {target.app}"
    if not held.verdict.good:
        yield f"{name}: {held.verdict}{': changed since: ' + ', '.join(held.touched[:5]) if held.touched else ': ' + held.claim.finding}"


def again(ledger: Ledger, target: Target, standards: Iterable[Standard], *, first: str = "") -> Iterator[Replayed]:
    """Every standard's newest claim, run again one after the other, that of the standard ``first`` before the others."""
    known = {standard.id: standard for standard in standards}
    for held in sorted(ledger.standing().values(), key=lambda held: held.claim.standard != first):
        if held.claim.standard in known:
            yield replay(held.claim, ledger, replace(target, app=held.claim.app), [known[held.claim.standard]])


def reproduced(replayed: Iterable[Replayed]) -> str:
    """``reproduced 27 of 28 (96.4 %)``."""
    every = list(replayed)
    same = sum(one.agrees for one in every)
    return f"reproduced {same} of {len(every)} ({100 * same / len(every):.1f} %)" if every else "reproduced 0 of 0: there is no claim"
