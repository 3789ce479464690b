"""Puts a generated project and the folder that it goes into together, and tries the result on a copy before anybody agrees to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backwright.worker import compiled, journal
from backwright.worker.merge.changes import Change, changes, kept, results
from backwright.worker.merge.memory import encoded, texts
from backwright.worker.merge.texts import unreadable
from backwright.worker.prove import tree
from backwright.worker.survey.facts import Facts
from backwright.worker.write.format import formatted


@dataclass(frozen=True, slots=True)
class Put:
    """What happens to the files, what stays broken all the same, and what stored data a migration would drop."""

    changes: tuple[Change, ...]
    broken: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()


def put_together(folder: Path, facts: Facts, wanted: Mapping[str, str]) -> Put:
    """The changes that bring the folder to what is wanted and lose nothing of what people did to it; a merge that does not load is none."""
    theirs = texts(folder, {*wanted, *facts.remembered})
    elsewhere = texts(folder, [file for file in facts.files if file.endswith(".py") and file not in theirs])
    found, broken = changes(wanted, facts.remembered, theirs, elsewhere)
    found = _formatted(found, theirs)
    if not facts.remembered or all(change.kind == "keep" for change in found):
        return Put(tuple(found), tuple(broken))
    return _tried(folder, found, broken, theirs)


def _tried(folder: Path, found: list[Change], broken: list[str], theirs: Mapping[str, str]) -> Put:
    """The first of these that loads: everything merged; without the merges that the error names; without any; nothing but new files."""
    told = _compiled(folder, found, theirs)
    if isinstance(told, dict):
        return Put(tuple(found), tuple(broken), tuple(told["losses"]))
    why = told.strip().splitlines()[-1]
    merged = [change.path for change in found if change.kind == "merge"]
    named = [path for path in merged if f'{path}"' in told]
    rest = [change.path for change in found if change.kind in ("update", "remove") and change.path.endswith(".py")]
    for without in (named, merged, [*merged, *rest]):
        if without:
            fewer = [_without(change, theirs, why) if change.path in without else change for change in found]
            again = _compiled(folder, fewer, theirs)
            if isinstance(again, dict):
                return Put(tuple(fewer), tuple(broken), tuple(again["losses"]))
    return Put(tuple(found), (*broken, f"the project does not load, before or after this: {why}"))


def _without(change: Change, theirs: Mapping[str, str], why: str) -> Change:
    if change.kind == "remove":
        return replace(change, kind="keep", reason=f"the design no longer needs it, but without it the project does not load: {why}")
    return kept(change, theirs[change.path], f"merged, the project would not load: {why}")


def _compiled(folder: Path, found: list[Change], theirs: Mapping[str, str]) -> dict[str, Any] | str:
    """What the changed project says about itself; the error where it does not load."""
    with tree.disposable(folder) as copy:
        for change in found:
            if change.kind == "remove":
                (copy / change.path).unlink(missing_ok=True)
        for path, text in results(found, theirs).items():
            journal.replace(copy / path, encoded(text))
        try:
            return compiled.compile(copy, copy.parent / "compiled.json", migration="trial")
        except compiled.Uncompiled as error:
            return str(error)


def _formatted(found: list[Change], theirs: Mapping[str, str]) -> list[Change]:
    """Merged Python laid out by ruff, where the file in the folder was."""
    texts = {f"theirs/{c.path}": theirs[c.path] for c in found if c.kind == "merge" and c.path.endswith(".py")}
    if not texts:
        return found
    tidy = {name.removeprefix("theirs/") for name, text in formatted(texts, unused=False).items() if text == texts[name]}
    sides = {"text": "text", "here": "here", "wanted": "wanted"}
    raw = {f"{side}/{c.path}": getattr(c, side) for c in found if c.path in tidy for side in sides}
    made = formatted({name: text for name, text in raw.items() if not unreadable(name, text)}, unused=False)
    return [
        replace(change, **{side: made.get(f"{side}/{change.path}", getattr(change, side)) for side in sides})
        if change.path in tidy
        else change
        for change in found
    ]
