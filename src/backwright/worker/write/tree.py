"""The only file of the worker that touches a project's tree: writes what a plan says, on a branch of its own where there is one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from backwright.worker import journal
from backwright.worker.merge import patch
from backwright.worker.merge.changes import Change
from backwright.worker.merge.memory import Entry, Writing, encoded, memory, texts
from backwright.worker.prove import seal
from backwright.worker.survey.facts import Facts
from backwright.worker.survey.read import git


def branch(folder: Path, facts: Facts, now: datetime) -> str:
    """Where the folder is a repository of its own with commits: begin a branch and give its name. Else nothing."""
    if facts.git is None or not facts.git.own or not facts.git.commits:
        return ""
    if facts.git.branch.startswith("backwright/"):
        return facts.git.branch
    name = f"backwright/{now:%Y-%m-%d-%H-%M-%S}"
    return name if git(folder, "switch", "--quiet", "--create", name) is not None else ""


def write(folder: Path, changes: Sequence[Change]) -> list[str]:
    """Make the changes, each file whole or not at all, and remember what was generated; gives the files that were touched, in order.

    A record of what is about to be written goes before the first file, one of what was written behind the last: whoever surveys the
    folder after this was killed knows of each file whether it was written.
    """
    known = memory(folder)
    after = dict(known.entries)
    writing: dict[str, Writing] = {}
    for change in changes:
        place = _inside(folder, change.path)
        was = seal.of_file(place)
        becomes = was if change.kind == "keep" else digest_after(change)
        if change.conflicts:
            said = patch.patch(change.path, change.here, change.wanted, [*change.conflicts, *change.notes])
            journal.replace(folder / patch.place(change.path), encoded(said))
        after.pop(change.path, None)
        if change.generated is not None:
            generated, base = known.keep(change.generated), known.keep(change.base) if change.base is not None else ""
            old = known.entries.get(change.path, Entry())
            left = becomes if becomes in (generated, "") or change.kind != "keep" else old.left
            after[change.path] = Entry(generated, base, left, bool(change.conflicts))
        if was != becomes:
            writing[change.path] = Writing(was, becomes, after.get(change.path))
    for text in [*texts(folder, writing).values(), *(change.text for change in changes if change.path in writing)]:
        known.keep(text)
    known.save(writing)
    for change in changes:
        if change.path in writing:
            if change.kind == "remove":
                _inside(folder, change.path).unlink(missing_ok=True)
            else:
                journal.replace(_inside(folder, change.path), encoded(change.text))
    known.entries = after
    known.save()
    known.prune()
    return list(writing)


def digest_after(change: Change) -> str:
    """The digest of the file once the change is made; nothing for one that is removed."""
    return "" if change.kind == "remove" else seal.digest(encoded(change.text))


def note(folder: Path, paths: Iterable[str]) -> None:
    """Remember further files that the delivery made once, such as migrations."""
    known = memory(folder)
    known.entries |= {path: Entry(left=digest) for path in paths if (digest := seal.of_file(folder / path))}
    known.save()


def _inside(folder: Path, path: str) -> Path:
    """The place of a file. Raises ``ValueError`` for one that is not inside the folder, links followed."""
    place = folder / path
    root = folder.resolve()
    if root not in place.resolve().parents:
        raise ValueError(f"{path} is not inside {folder}")
    return place
