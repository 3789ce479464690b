"""Three-way merge of one file, whatever it is: Python by structure, the rest by lines. What comes out can be read like what went in, or
it is a conflict and the file stays as it was. Pure."""

import ast
import json
import re
import tomllib
from collections import Counter
from difflib import SequenceMatcher

from backwright.worker.merge import lines, names
from backwright.worker.merge.merged import Merged
from backwright.worker.merge.python import Unmergeable, merge_python

WHOLE = "the whole file"
_ENDS = re.compile("(\r\n|\r|\n)")
_BOM = "\ufeff"


def merge(path: str, base: str, theirs: str, ours: str, needed: frozenset[str] = frozenset()) -> Merged:
    """Merge what was generated last, what lies in the folder and what is generated now. Line endings stay theirs. ``needed`` are names
    that other files import from this one."""
    here, was, now = _plain(theirs), _plain(base), _plain(ours)
    if here == now:
        return Merged(theirs, theirs, ours)
    if why := unreadable(path, here):
        return whole(path, was, theirs, now, f"it cannot be read and is left alone: {why}")
    if not path.endswith(".py"):
        found = _by_lines(path, was, here, now)
    elif was in (here, now) and _has(now if was == here else here, needed):
        found = Merged(now, now, now) if was == here else Merged(here, here, now)
    else:
        try:
            found = merge_python(was, here, now, needed)
        except (SyntaxError, ValueError, Unmergeable, RecursionError) as error:
            return whole(path, was, theirs, now, f"it cannot be merged by its structure: {error}")
    if found.text == here:
        return Merged(theirs, _with_ends(theirs, found.wanted), found.base, found.conflicts, found.notes)
    if why := unreadable(path, found.text):
        return whole(path, was, theirs, now, f"merged, it could not be read: {why}")
    return Merged(_with_ends(theirs, found.text), _with_ends(theirs, found.wanted), found.base, found.conflicts, found.notes)


def whole(path: str, base: str, theirs: str, ours: str, why: str) -> Merged:
    """The file stays as it is; the patch leads to what lines alone would make of it, where that can be read, else to ours."""
    guess = "\n".join(lines.taken(lines.diff3(base.split("\n"), _plain(theirs).split("\n"), ours.split("\n")), "ours"))
    return Merged(theirs, _with_ends(theirs, ours if unreadable(path, guess) else guess), base, (WHOLE,), (why,))


def unreadable(path: str, text: str) -> str:
    """Why a file of that name could not be read; nothing where it can."""
    try:
        if path.endswith(".py"):
            ast.parse(text)
        elif path.endswith(".json"):
            json.loads(text)
        elif path.endswith(".toml"):
            tomllib.loads(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return " ".join(str(error).split())
    return ""


def _by_lines(path: str, base: str, theirs: str, ours: str) -> Merged:
    chunks = lines.diff3(base.split("\n"), theirs.split("\n"), ours.split("\n"))
    wanted = "\n".join(lines.taken(chunks, "ours"))
    return Merged("\n".join(lines.taken(chunks, "theirs")), wanted, "\n".join(lines.rebased(chunks)), tuple(_places(chunks)))


def _places(chunks: list[lines.Chunk]) -> list[str]:
    found, line = list[str](), 1
    for chunk in chunks:
        found += [] if chunk.clean else [f"line {line}"]
        line += len(chunk.merged if chunk.clean else chunk.theirs)
    return found


def _has(text: str, needed: frozenset[str]) -> bool:
    if not needed:
        return True
    try:
        bound = names.bound(text)
    except (SyntaxError, ValueError):
        return True
    return bound is None or needed <= bound


def _plain(text: str) -> str:
    return _ENDS.sub("\n", text.removeprefix(_BOM))


def _with_ends(theirs: str, merged: str) -> str:
    """The merged text with the line endings of the file in the folder: each line its own, new ones the usual one."""
    mark = _BOM if theirs.startswith(_BOM) else ""
    if "\r" not in theirs:
        return mark + merged
    pieces = _ENDS.split(theirs.removeprefix(_BOM))
    had, ends = pieces[::2], pieces[1::2]
    usual = Counter(ends).most_common(1)[0][0]
    now = merged.split("\n")
    found = [usual] * (len(now) - 1) + [""]
    for a, b, size in SequenceMatcher(None, had, now, autojunk=False).get_matching_blocks():
        for n in range(size):
            if a + n < len(ends) and b + n < len(now) - 1:
                found[b + n] = ends[a + n]
    return mark + "".join(line + end for line, end in zip(now, found, strict=True))
