"""Three-way merge of Python by its structure: definitions, fields and entries are known by name, imports are a set, and lines are
compared inside a definition only. Comments and order are those of whoever edited the file. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from backwright.worker.merge import lines, names
from backwright.worker.merge.imports import Import, imports, is_import, rewritten
from backwright.worker.merge.merged import Merged
from backwright.worker.merge.parts import Inner, Lines, Part, meaning, module


class Unmergeable(Exception):
    """The sides cannot be merged by structure; the message says why."""


def merge_python(base: str, theirs: str, ours: str, needed: frozenset[str] = frozenset()) -> Merged:
    """Merge three modules. ``needed`` are names that other files import from this one. Raises `Unmergeable`, and ``SyntaxError``
    for a side that does not parse."""
    sides = _Sides(module(base), module(theirs), module(ours))
    kept, back = frozenset[str](), frozenset[str]()
    while True:  # ends: each round keeps or brings back at least one name more
        merge = _Merge(kept, back, "theirs")
        found = merge.module(sides)
        text = _ordered(found, _early(theirs))
        lacking = names.undefined(text) - names.undefined(theirs)
        here = names.bound(text)
        lacking |= needed - here if here is not None else frozenset()
        in_theirs, in_ours = _defined(sides.theirs), _defined(sides.ours)
        more_kept, more_back = lacking & in_theirs - kept, (lacking & in_ours) - in_theirs - back
        if not more_kept and not more_back:
            break
        kept, back = kept | more_kept, back | more_back
    if lost := (names.undefined(text) - names.undefined(theirs)):
        raise Unmergeable(f"{', '.join(sorted(lost))} would not be defined")
    other = _Merge(kept, back, "ours")
    wanted = "\n".join(other.module(sides).lines) if merge.conflicts else text
    again = "\n".join(_rebased(sides.base, sides.ours, frozenset(merge.conflicts), ""))
    notes = [f"{name} was deleted, and is still needed: it is back" for name in sorted(back)]
    notes += [f"{name} is no longer part of the design, and still used: it is kept" for name in sorted(kept)]
    return Merged(text, wanted, again, tuple(dict.fromkeys(merge.conflicts)), tuple(notes))


@dataclass(frozen=True, slots=True)
class _Sides:
    """The same thing on three sides."""

    base: Inner
    theirs: Inner
    ours: Inner


@dataclass(slots=True)
class _Merge:
    kept: frozenset[str]
    """Names that stay although our side has done away with them."""
    back: frozenset[str]
    """Names that come back although their side has deleted them."""
    pick: lines.Side
    """Which side a conflict reads as."""
    conflicts: list[str] = field(default_factory=list[str])

    def module(self, sides: _Sides) -> Inner:
        """The whole file: everything but imports by name, then the imports that it needs."""
        without = _Sides(_only(sides.base, _no_import), sides.theirs, _only(sides.ours, _no_import))
        found = self.inner(without, "")
        was, here, now = imports(sides.base.parts), imports(sides.theirs.parts), imports(sides.ours.parts)
        used = names.words("\n".join(line for part in found.parts if not is_import(part) for line in part.text))
        has = {name for part in found.parts for name in part.names}
        drop = [one for one in here if one in was and one not in now and one.binds not in used]
        left = has - {one.binds for one in drop}
        add = [one for one in now if one not in here and one.binds in used and (one not in was or one.binds not in left)]
        add = [one for one in add if one.binds not in left or _replaces(one.binds, drop)]
        return replace(found, parts=tuple(rewritten(found.parts, add, drop)))

    def inner(self, sides: _Sides, place: str) -> Inner:
        """What something is made of, piece by piece."""
        base, theirs, ours = sides.base, sides.theirs, sides.ours
        head = self.lines(base.open, theirs.open, ours.open, _at(place, "its first lines"))
        found = [(part.key, self.part(part.key, sides, place)) for part in _every(theirs, ours)]
        kept = {key: part for key, part in found if part is not None}
        order = _order(_keys(base), _keys(theirs), _keys(ours), kept)
        tail = self.lines(base.close, theirs.close, ours.close, _at(place, "its last lines"))
        return Inner(head, tuple(kept[key] for key in order), tail)

    def part(self, key: str, sides: _Sides, place: str) -> Part | None:
        """What becomes of the part of that name; None where it goes."""
        base, theirs, ours = (next((p for p in side.parts if p.key == key), None) for side in (sides.base, sides.theirs, sides.ours))
        at = _at(place, key)
        if theirs is not None and ours is not None:
            return self.both(base, theirs, ours, at)
        if theirs is not None:
            if base is None:
                return theirs
            used = bool(base.names & self.kept)
            return None if _same(base, theirs) and not used else self.choose(theirs, None, at)
        if ours is None or base is None:
            return ours
        if ours.names & self.back:
            return ours
        return None if _same(base, ours) else self.choose(None, ours, at)

    def both(self, base: Part | None, theirs: Part, ours: Part, at: str) -> Part | None:
        """A part that is there on both sides."""
        if base is None:
            return theirs if _alike(theirs, ours) else self.choose(theirs, ours, at)
        lead = lines.diff3(base.lead, theirs.lead, ours.lead)
        if not all(chunk.clean for chunk in lead) and any(line.strip() for line in (*theirs.lead, *ours.lead)):
            return self.choose(theirs, ours, at)
        above = tuple(lines.taken(lead, "theirs"))
        if _alike(base, theirs):
            same = theirs if _alike(base, ours) else ours
            return replace(same, lead=above)
        if _alike(base, ours) or _alike(theirs, ours):
            return replace(theirs, lead=above)
        if base.inner is not None and theirs.inner is not None and ours.inner is not None:
            inner = self.inner(_Sides(base.inner, theirs.inner, ours.inner), at)
            return replace(theirs, lead=above, text=inner.lines, inner=inner)
        chunks = lines.diff3(base.text, theirs.text, ours.text)
        if all(chunk.clean for chunk in chunks):
            return replace(theirs, lead=above, text=tuple(lines.taken(chunks, "theirs")), inner=None)
        return self.choose(theirs, ours, at)

    def choose(self, theirs: Part | None, ours: Part | None, at: str) -> Part | None:
        """A conflict."""
        self.conflicts.append(at)
        return theirs if self.pick == "theirs" else ours

    def lines(self, base: Lines, theirs: Lines, ours: Lines, at: str) -> Lines:
        """Lines without a name, such as the head of a class."""
        chunks = lines.diff3(base, theirs, ours)
        if all(chunk.clean for chunk in chunks):
            return tuple(lines.taken(chunks, "theirs"))
        if not any(line.strip() for line in (*theirs, *ours)):
            return theirs
        self.conflicts.append(at)
        return theirs if self.pick == "theirs" else ours


def _rebased(base: Inner, ours: Inner, conflicts: frozenset[str], place: str) -> Iterator[str]:
    """Our text, with everything that is in conflict as it was in the base."""
    was = {part.key: part for part in base.parts}
    yield from base.open if _at(place, "its first lines") in conflicts else ours.open
    listed = [part.key for part in ours.parts]
    gone = [part.key for part in base.parts if part.key not in listed and _at(place, part.key) in conflicts]
    now = {part.key: part for part in (*base.parts, *ours.parts)}
    for key in _placed(listed, [part.key for part in base.parts], gone):
        at, old = _at(place, key), was.get(key)
        if at in conflicts:
            yield from old.lines if old is not None else ()
        elif any(c.startswith(f"{at} › ") for c in conflicts) and old is not None and old.inner and (inner := now[key].inner):
            yield from now[key].lead
            yield from _rebased(old.inner, inner, conflicts, at)
        else:
            yield from now[key].lines
    yield from base.close if _at(place, "its last lines") in conflicts else ours.close


def _order(base: Sequence[str], theirs: Sequence[str], ours: Sequence[str], kept: Iterable[str]) -> list[str]:
    """The order of what is left: theirs where somebody has reordered, else ours; what only one side has stays where it stood."""
    left = set(kept)
    shared = [key for key in base if key in theirs]
    moved = shared != [key for key in theirs if key in base]
    first, second = (theirs, ours) if moved else (ours, theirs)
    skeleton = [key for key in first if key in left]
    return _placed(skeleton, second, [key for key in second if key in left and key not in first])


def _placed(skeleton: Sequence[str], other: Sequence[str], extra: Sequence[str]) -> list[str]:
    """The skeleton with the extra keys, each behind the nearest one that it stands behind in the other order."""
    found = list(skeleton)
    for key in extra:
        before = [k for k in other[: other.index(key)] if k in found]
        found.insert(found.index(before[-1]) + 1 if before else 0, key)
    return found


def _ordered(found: Inner, already: frozenset[str]) -> str:
    """The text, with each definition that is used while the file loads moved above its first use."""
    for _ in range(len(found.parts)):
        text = "\n".join(found.lines)
        early = next(((line, name) for line, name in names.too_early(text) if name not in already), None)
        if early is None:
            return text
        found = _moved(found, *early)
    raise Unmergeable("its definitions use each other in a circle")


def _moved(found: Inner, line: int, name: str) -> Inner:
    parts = list(found.parts)
    ends: list[int] = []
    for part in parts:
        ends.append((ends[-1] if ends else len(found.open)) + len(part.lines))
    user = next(n for n, end in enumerate(ends) if line < end)
    binder = next((n for n, part in enumerate(parts) if name in part.names and n > user), None)
    if binder is None:
        raise Unmergeable(f"{name} is used before it is defined")
    part = parts.pop(binder)
    parts.insert(user, part)
    return replace(found, parts=tuple(parts))


def _early(text: str) -> frozenset[str]:
    return frozenset(name for _, name in names.too_early(text))


def _same(base: Part, other: Part) -> bool:
    """Nothing of it was changed, its comments included."""
    return _alike(base, other) and _said(base) == _said(other)


def _alike(one: Part, other: Part) -> bool:
    """They say the same, perhaps in another layout."""
    if one.text == other.text:
        return True
    said = meaning(one)
    return said is not None and said == meaning(other)


def _said(part: Part) -> list[str]:
    return [line.strip() for line in part.lead if line.strip()]


def _keys(side: Inner) -> list[str]:
    return [part.key for part in side.parts]


def _every(*sides: Inner) -> list[Part]:
    return list({part.key: part for side in sides for part in side.parts}.values())


def _only(side: Inner, keep: Callable[[Part], bool]) -> Inner:
    return replace(side, parts=tuple(part for part in side.parts if keep(part)))


def _no_import(part: Part) -> bool:
    return not is_import(part)


def _defined(side: Inner) -> frozenset[str]:
    return frozenset(name for part in side.parts if not is_import(part) for name in part.names)


def _replaces(name: str, drop: Iterable[Import]) -> bool:
    return any(one.binds == name for one in drop)


def _at(place: str, key: str) -> str:
    return f"{place} › {key}" if place else key
