"""What happens to each file of a folder: what was generated last, what lies there and what is generated now, put together. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from backwright.worker.merge import names, patch
from backwright.worker.merge.merged import Merged, Remembered
from backwright.worker.merge.texts import WHOLE, merge, plain, unreadable, whole

Kind = Literal["create", "update", "merge", "keep", "remove"]
ROUNDS = 6
"""How often the files are put together anew because one needs a name of another."""
DESIGN = "design/"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one file, and why. ``text`` is what is written; nothing where the file is kept or removed."""

    path: str
    kind: Kind
    reason: str
    text: str = ""
    generated: str | None = None
    """What is generated for it now, and remembered; None where the file is no longer the worker's."""
    base: str | None = None
    """What the next merge starts from; None where the file was there before any delivery."""
    conflicts: tuple[str, ...] = ()
    """Where the design and somebody's work differ; the file keeps the work."""
    notes: tuple[str, ...] = ()
    here: str = ""
    """The file's text once this is done, where there is a patch."""
    wanted: str = ""
    """Where the patch leads."""

    @property
    def open(self) -> bool:
        """Whether a part of the design is not in the file."""
        return bool(self.conflicts) and self.base is not None


def changes(
    wanted: Mapping[str, str], remembered: Mapping[str, Remembered], theirs: Mapping[str, str], elsewhere: Mapping[str, str]
) -> tuple[list[Change], list[str]]:
    """A change for every file that is wanted or was generated before, and what would be left broken.

    ``theirs`` are the texts of those files as far as they are there, ``elsewhere`` those of all other Python files in the folder.
    """
    gone = [path for path, known in remembered.items() if path not in wanted and not known.once]
    needed: dict[str, frozenset[str]] = {}
    found: dict[str, Change] = {}
    lacking: dict[str, dict[str, list[str]]] = {}
    for _ in range(ROUNDS):
        for path in (*wanted, *gone):
            if path not in found:
                known, here, uses = remembered.get(path), theirs.get(path), needed.get(path, frozenset())
                found[path] = _wanted(path, wanted[path], known, here, uses) if path in wanted else _gone(path, known, here, uses, wanted)
        after = {**elsewhere, **results(found.values(), theirs)}
        lacking = _lacking(after, [*wanted, *gone])
        news = {path: uses for path, uses in lacking.items() if not uses.keys() <= needed.get(path, frozenset())}
        if not news:
            break
        for path in news:
            needed[path] = needed.get(path, frozenset()) | news[path].keys()
            found.pop(path, None)
    before = _lacking({**elsewhere, **theirs}, [*wanted, *gone])
    broken = [
        f"{user} needs {name} of {path}, which is not there"
        for path, uses in lacking.items()
        for name, users in uses.items()
        for user in users
        if name not in before.get(path, {})
    ]
    return list(found.values()), broken


def results(found: Iterable[Change], theirs: Mapping[str, str]) -> dict[str, str]:
    """The texts of the files once the changes are made."""
    written = {change.path: change.text for change in found if change.kind in ("create", "update", "merge")}
    return {c.path: theirs[c.path] for c in found if c.kind == "keep" and c.path in theirs} | written


def kept(change: Change, theirs: str, why: str) -> Change:
    """The same change as a conflict over the whole file, which stays as it is."""
    if change.generated is None or change.kind not in ("update", "merge"):
        return change
    merged = whole(change.path, change.base or "", theirs, change.generated, why)
    return _conflict(replace(change, kind="keep", text="", notes=()), merged, theirs)


def _wanted(path: str, ours: str, known: Remembered | None, theirs: str | None, needed: frozenset[str]) -> Change:
    new = Change(path, "create", "", ours, generated=ours, base=ours)
    known = None if known is not None and known.once else known
    if theirs is None:
        if known is None:
            return new
        if needed:
            return replace(new, reason=f"somebody has deleted it, but {', '.join(sorted(needed))} is still needed")
        return replace(new, kind="keep", text="", reason="somebody has deleted it, so it stays away")
    if theirs == ours:
        return replace(new, kind="keep", text="", reason="it is as it should be")
    if known is None or known.base is None:
        return _before(new, theirs)
    return _merged(new, ours, known.base, theirs, needed)


def _merged(new: Change, ours: str, base: str, theirs: str, needed: frozenset[str]) -> Change:
    path = new.path
    if path.startswith(DESIGN) and theirs != base != ours:
        return _conflict(new, whole(path, base, theirs, ours, "a design is not mixed with another"), theirs)
    merged = merge(path, base, theirs, ours, needed)
    if merged.conflicts:
        return _conflict(new, merged, theirs)
    if merged.text == theirs:
        return replace(new, kind="keep", text="", notes=merged.notes, reason="somebody has changed it, and the design has not")
    if merged.text == ours:
        return replace(new, kind="update", reason="the design has changed since it was delivered")
    reason = "the design has changed since it was delivered, and so has somebody: both are kept"
    return replace(new, kind="merge", text=merged.text, reason=reason, notes=merged.notes)


def _before(new: Change, theirs: str) -> Change:
    if not _says(new.path, new.text):
        return replace(new, kind="keep", text="", reason="it was there before")
    reason = f"it was there before; {patch.place(new.path)} shows how the design's would differ"
    return replace(
        new, kind="keep", text="", base=None, conflicts=(WHOLE,), here=theirs, wanted=new.generated or "", reason=reason
    )  # fmt: skip


def _conflict(change: Change, merged: Merged, theirs: str) -> Change:
    where = ", ".join(merged.conflicts[:3]) + (f" and {len(merged.conflicts) - 3} more" if len(merged.conflicts) > 3 else "")
    same = merged.text == theirs
    reason = f"the design and somebody's work differ in {where}: the work stays, see {patch.place(change.path)}"
    return replace(
        change, kind="keep" if same else "merge", text="" if same else merged.text, base=merged.base, conflicts=merged.conflicts,
        notes=merged.notes, here=merged.text, wanted=merged.wanted, reason=reason,
    )  # fmt: skip


def _gone(path: str, known: Remembered | None, theirs: str | None, needed: frozenset[str], wanted: Collection[str]) -> Change:
    generated = known.generated if known is not None else None
    if theirs is None:
        return Change(path, "keep", "it is neither wanted nor there any more")
    if path.startswith(DESIGN) and not any(other.startswith(DESIGN) for other in wanted):
        return Change(path, "keep", "the design lies here", generated=generated, base=generated)
    if theirs != generated:
        return Change(path, "keep", "the design no longer needs it, but somebody has changed it: it stays, and is yours")
    if needed:
        reason = f"the design no longer needs it, but {', '.join(sorted(needed))} is still used: it stays"
        return Change(path, "keep", reason, generated=generated, base=generated)
    return Change(path, "remove", "the design no longer needs it, and nobody has changed it")


def _says(path: str, text: str) -> bool:
    """Not just the mark of a package."""
    return not path.endswith("__init__.py") or len(text.splitlines()) > 1


def _lacking(after: Mapping[str, str], of: Collection[str]) -> dict[str, dict[str, list[str]]]:
    """File → names that others import from it and that it lacks → those others; only for the files given."""
    modules = {_module(path): path for path in {*after, *of} if path.endswith(".py")}
    bound = {path: _bound(text) for path, text in after.items() if path.endswith(".py")}
    found: dict[str, dict[str, list[str]]] = {}
    for user, text in after.items():
        for module, name in _imported(user, text):
            path = modules.get(module)
            if path is None or path == user or path not in of or f"{module}.{name}" in modules:
                continue
            here = bound.get(path, frozenset[str]())
            if here is not None and name not in here:
                found.setdefault(path, {}).setdefault(name, []).append(user)
    return found


def _imported(path: str, text: str) -> Iterable[tuple[str, str]]:
    return () if not path.endswith(".py") or unreadable(path, text) else names.imported(plain(text))


def _bound(text: str) -> frozenset[str] | None:
    return None if unreadable("x.py", text) else names.bound(plain(text))


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
