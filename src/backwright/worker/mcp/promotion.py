"""Promotion: what was done to a copy is done to the project, if proof allows it and the project has not changed meanwhile."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backwright.worker import journal
from backwright.worker.mcp.copies import OWN, Copy, Manifest, manifest, record_files
from backwright.worker.mcp.refused import Refused
from backwright.worker.prove import seal
from backwright.worker.prove.ledger import Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.verify import verify

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Allowed:
    """A promotion that proof allows: what it will do to the project, and the claims it rests on."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    claims: tuple[str, ...]


def allowed(copy: Copy, asked: Sequence[Standard]) -> Allowed:
    """What may be promoted. Nothing is written.

    Raises `Refused` unless every standard asked for holds for exactly the files of the copy, the ledger is as the harness left it, and each
    file of the project is what it was when the copy was made, or, after a promotion that was broken off, what it is to become.
    """
    if not copy.made:
        raise Refused("there is no copy in this session: nothing was done that could be promoted")
    now, base = manifest(copy.folder), copy.base()
    claims = _proved(copy, now, asked)
    _unchanged(copy, base, now)
    _extends(copy)
    written = tuple(sorted(name for name in now if now[name] != base.get(name)))
    removed = tuple(sorted(name for name in base if name not in now))
    for name in (*written, *removed):
        _place(copy.project, name)
    return Allowed(written, removed, claims)


def promote(copy: Copy, asked: Sequence[Standard]) -> Allowed:
    """Bring the copy's changes into the project, under a lock. Raises `Refused` as `allowed` does, with the project untouched."""
    with journal.locked(copy.project / OWN / "promotion.lock"):
        found = allowed(copy, asked)
        for name in found.written:
            _put(copy.folder / name, _place(copy.project, name))
        for name in found.removed:
            _place(copy.project, name).unlink(missing_ok=True)
        _bring_record(copy)
    return found


def _proved(copy: Copy, now: Manifest, asked: Sequence[Standard]) -> tuple[str, ...]:
    if not asked:
        raise Refused("no standard is asked for: a promotion without proof is not possible")
    ledger = Ledger(copy.folder)
    if exposed := verify(ledger):
        raise Refused(f"the ledger of the copy is not what the harness left: {exposed[0]}. Prove again in a new session.")
    files, claims = copy.proof()
    if files and files != now:
        changed = sorted(name for name in files | now if files.get(name) != now.get(name))
        raise Refused(f"the copy has changed since it was proved ({_some(changed)}): prove it again")
    standing = ledger.standing()
    lacking: list[str] = []
    for standard in asked:
        held = standing.get(standard.id)
        if held is None or claims.get(standard.id) != held.claim.id:
            lacking.append(f"{standard.id}: not measured on these files")
        elif held.touched:
            lacking.append(f"{standard.id}: changed since it was measured: {_some(held.touched)}")
        elif not held.verdict.good:
            lacking.append(f"{standard.id}: {held.verdict}, {held.claim.finding}")
    if lacking:
        raise Refused("\n".join(["The copy is not proved, so it is not promoted:", *lacking]))
    return tuple(claims[standard.id] for standard in asked)


def _unchanged(copy: Copy, base: Manifest, now: Manifest) -> None:
    """Each file of the project is what the copy began with, or already what it is to become."""
    there = manifest(copy.project)
    changed = [name for name in sorted(base | there) if there.get(name) not in (base.get(name), now.get(name))]
    if changed:
        raise Refused(
            f"the project has changed since the copy was made ({_some(changed)}): nothing was promoted. "
            "Discard the copy and deliver again, or undo those changes."
        )


def _extends(copy: Copy) -> None:
    """The copy's ledger begins with the project's: no claim is lost by putting it in its place."""
    theirs, ours = Ledger(copy.project).lines(), Ledger(copy.folder).lines()
    if ours[: len(theirs)] != theirs:
        raise Refused("claims were entered about the project since the copy was made: discard the copy and prove again")


def _place(project: Path, name: str) -> Path:
    """Where a file goes. Raises `Refused` when a link on the way leads out of the project."""
    place = project / name
    if project not in place.parent.resolve().parents and place.parent.resolve() != project:
        raise Refused(f"{name} leads out of the project by a link: nothing is written there")
    if place.is_symlink():
        raise Refused(f"{name} is a link in the project: it is not replaced")
    folder = next(parent for parent in place.parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(f"{name} cannot be written: {folder} is not a folder that this user may write to")
    return place


def _put(source: Path, place: Path) -> None:
    """Write a file whole or not at all, with the copy's mode."""
    journal.replace(place, source.read_bytes())
    shutil.copymode(source, place)


def _bring_record(copy: Copy) -> None:
    """The claims with their evidence, and what deliveries remember: the ledger's head last, so that a promotion that broke off shows."""
    last = ("proof/ledger.jsonl", "proof/head.json")
    names = record_files(copy.folder)
    for name in [*(name for name in names if name not in last), *(name for name in last if name in names)]:
        source, place = copy.folder / OWN / name, copy.project / OWN / name
        if seal.of_file(source) != seal.of_file(place):
            journal.replace(place, source.read_bytes())


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
