"""Random pairs of edit and design change, merged, and looked at: no lost line, no unreported broken build."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from backwright.worker.merge import names
from backwright.worker.merge.changes import Change, changes, results
from backwright.worker.merge.imports import imports
from backwright.worker.merge.merged import Remembered
from backwright.worker.merge.parts import module
from backwright.worker.merge.texts import unreadable
from tests.support.random_designs import Step, walks
from tests.support.random_edits import Hand


@dataclass(frozen=True, slots=True)
class Pair:
    """A generated project, what somebody made of it, and what is generated once the design has changed."""

    number: int
    before: Step
    after: Step
    theirs: Mapping[str, str]
    edits: tuple[str, ...]
    laid_out: frozenset[str]


@dataclass(slots=True)
class Figures:
    """What came of many pairs. Each lost line or unreported break is a sentence."""

    pairs: int = 0
    files: int = 0
    merged: int = 0
    conflicts: int = 0
    with_conflicts: int = 0
    edits: Counter[str] = field(default_factory=Counter[str])
    lost: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    """Any other promise that was not kept."""

    @property
    def sentence(self) -> str:
        """All of it on a line."""
        return (
            f"{self.pairs:,} pairs of edit and design change, {self.files:,} files, {self.merged:,} merged: lost lines {len(self.lost)}, "
            f"conflicts {self.conflicts:,} in {self.with_conflicts:,} pairs, unreported broken builds {len(self.broken)}, "
            f"other promises broken {len(self.wrong)}"
        )


def pairs(count: int, seed: int) -> Iterator[Pair]:
    """That many pairs. One in twenty has no edit, one in twenty no change of the design."""
    dice = random.Random(seed)
    every = walks(dice, 12)
    for number in range(count):
        walk = dice.choice(every)
        before = dice.choice(walk)
        after = before if number % 20 == 7 else dice.choice([step for step in walk if step is not before])
        hand = Hand(dice, dict(before.files), after.files)
        for _ in range(0 if number % 20 == 3 else dice.randint(1, 4)):
            hand.edit()
        yield Pair(number, before, after, hand.files, tuple(hand.done), frozenset(hand.laid_out))


def measured(listed: Iterator[Pair]) -> Figures:
    """Merge them all, and look."""
    figures = Figures()
    for pair in listed:
        found, broken = merged(pair)
        figures.pairs += 1
        figures.files += len(found)
        figures.edits.update(pair.edits)
        figures.merged += sum(change.kind == "merge" for change in found)
        conflicts = [place for change in found for place in change.conflicts]
        figures.conflicts += len(conflicts)
        figures.with_conflicts += bool(conflicts)
        about = f"pair {pair.number} ({pair.before.name}; {', '.join(pair.edits) or 'no edit'}): "
        figures.lost += [about + line for line in lost(pair, found)]
        figures.broken += [about + line for line in unreported(pair, found, broken)]
        figures.wrong += [about + line for line in wrong(pair, found)]
    return figures


def merged(pair: Pair) -> tuple[list[Change], list[str]]:
    """What a delivery would do."""
    return _changes(pair.after.files, {path: Remembered(text, text) for path, text in pair.before.files.items()}, pair.theirs)


def _changes(wanted: Mapping[str, str], known: Mapping[str, Remembered], here: Mapping[str, str]) -> tuple[list[Change], list[str]]:
    ours = {*known, *wanted}
    theirs = {path: text for path, text in here.items() if path in ours}
    return changes(wanted, known, theirs, {path: text for path, text in here.items() if path not in ours})


def lost(pair: Pair, found: Sequence[Change]) -> Iterator[str]:
    """Lines that somebody added or changed and that are no longer in the file; lines that the design added and that are neither in the
    file nor in its patch."""
    now = results(found, pair.theirs)
    for change in found:
        path = change.path
        was, here = pair.before.files.get(path, ""), pair.theirs.get(path)
        if here is not None:
            left = Counter(_lines(now.get(path, "")))
            for line, count in Counter(added(was, here)).items():
                if left[line] < count and not _kept_otherwise(pair, path, line, now.get(path, "")):
                    yield f"{path}: {line!r} of somebody is gone"
        if path in pair.after.files and here is not None:
            there = set(_lines(now.get(path, ""))) | set(_lines(change.wanted))
            for line in added(was, pair.after.files[path]):
                if line not in there and not _is_import(line) and not _same_by_layout(pair, path, line):
                    yield f"{path}: {line!r} of the design is neither in the file nor in the patch"


def unreported(pair: Pair, found: Sequence[Change], broken: Sequence[str]) -> Iterator[str]:
    """What can no longer be read or loaded, and could before, and that nobody was told of."""
    now = results(found, pair.theirs)
    elsewhere = {path: text for path, text in pair.theirs.items() if path not in now and not any(c.path == path for c in found)}
    for path, text in now.items():
        here = pair.theirs.get(path, pair.after.files.get(path, ""))
        if why := unreadable(path, text):
            if not unreadable(path, here):
                yield f"{path}: {why}"
        elif path.endswith(".py") and not unreadable(path, here):
            known = names.undefined(here.removeprefix("\ufeff")) | names.undefined(pair.after.files.get(path, ""))
            for name in names.undefined(text.removeprefix("\ufeff")) - known:
                yield f"{path}: {name} is not defined"
    for line in _unresolved({**elsewhere, **now}) - _unresolved(pair.theirs) - _unresolved(pair.after.files):
        if line not in broken:
            yield line


def wrong(pair: Pair, found: Sequence[Change]) -> Iterator[str]:
    """What was promised beside: untouched files follow the design, no design change touches nothing, a second merge changes nothing."""
    noted = {change.path for change in found if change.notes or "still" in change.reason}
    for change in found:
        path = change.path
        here, was, wanted = (files.get(path) for files in (pair.theirs, pair.before.files, pair.after.files))
        result = results([change], pair.theirs).get(path)
        if here == was and result != wanted and path not in noted:
            yield f"{path} was untouched, and is not what is generated now"
        if wanted == was and result != here and path not in noted:
            yield f"{path} has the same design as before, and was changed"
    now = {**{p: t for p, t in pair.theirs.items() if not any(c.path == p for c in found)}, **results(found, pair.theirs)}
    again = {c.path: Remembered(c.base, c.generated) for c in found if c.generated is not None}
    second, _ = _changes(pair.after.files, again, now)
    for change in second:
        if change.kind != "keep":
            yield f"{change.path} is changed by a second merge: {change.reason}"
    conflicts = ({c.path: len(c.conflicts) for c in listed if c.conflicts} for listed in (found, second))
    if next(conflicts) != next(conflicts):
        yield "a second merge finds other conflicts"


def added(before: str, after: str) -> Iterator[str]:
    """The lines that are new or changed."""
    a, b = before.split("\n"), _plain(after).split("\n")
    for tag, _, _, first, end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag in ("insert", "replace"):
            yield from (line.rstrip() for line in b[first:end] if line.strip())


def _kept_otherwise(pair: Pair, path: str, line: str, now: str) -> bool:
    """Imports are a set; layout alone is nobody's work; a line that merely moved is where it was."""
    if _is_import(line):
        before = _imported(pair.before.files.get(path, ""))
        return set(_words(line)) <= set(_words(now)) or _imported(pair.theirs[path]) <= _imported(now) | before
    return line in map(str.rstrip, pair.before.files.get(path, "").split("\n")) or _same_by_layout(pair, path, line)


def _same_by_layout(pair: Pair, path: str, line: str) -> bool:
    return path in pair.laid_out and "mine_" not in line


def _imported(text: str) -> set[str]:
    return set() if unreadable("x.py", _plain(text)) else {f"{one.module} {one.text}" for one in imports(module(_plain(text)).parts)}


def _is_import(line: str) -> bool:
    return line.startswith(("from ", "import ")) or (line.startswith("    ") and line.strip().rstrip(",").isidentifier())


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace("(", " ").replace(")", " ").split()


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in _plain(text).split("\n")]


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _unresolved(files: Mapping[str, str]) -> set[str]:
    """Imports between the files that lead nowhere."""
    read = {path: _plain(text) for path, text in files.items() if path.endswith(".py") and not unreadable(path, _plain(text))}
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in read}
    found: set[str] = set()
    for user, text in read.items():
        for source, name in names.imported(text):
            bound = names.bound(read[modules[source]]) if source in modules else None
            if bound is not None and name not in bound and f"{source}.{name}" not in modules:
                found.add(f"{user} needs {name} of {modules[source]}, which is not there")
    return found
