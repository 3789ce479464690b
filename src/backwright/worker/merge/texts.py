"""Three-way merge of one file, whatever it is: Python by structure, the rest by lines. What comes out can be read like what went in, or
it is a conflict and the file stays as it was. Pure."""

import ast
import json
import re
import tomllib
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache

from backwright.worker.merge import lines, names
from backwright.worker.merge.merged import Merged
from backwright.worker.merge.python import Unmergeable, merge_python

WHOLE = "the whole file"
_ENDS = re.compile("(\r\n|\r|\n)")
_BOM = "\ufeff"


def merge(path: str, base: str, theirs: str, ours: str, needed: frozenset[str] = frozenset()) -> Merged:
    """Merge what was generated last, what lies in the folder and what is generated now. Line endings stay theirs. ``needed`` are names
    that other files import from this one."""
    here, was, now = plain(theirs), plain(base), plain(ours)
    if here == now:
        return Merged(theirs, theirs, ours)
    if why := unreadable(path, here):
        return whole(path, was, theirs, now, f"it cannot be read and is left alone: {why}")
    try:
        found = _merged(path, was, here, now, needed)
        again = _merged(path, found.base, found.text, now, needed) if found.conflicts else found
    except (SyntaxError, ValueError, Unmergeable, RecursionError) as error:
        return whole(path, was, theirs, now, f"it cannot be merged by its structure: {error}")
    if (again.text, len(again.conflicts)) != (found.text, len(found.conflicts)):
        return whole(path, was, theirs, now, "what is in conflict cannot be told from what is not")
    if found.text == here:
        return Merged(theirs, _with_ends(theirs, found.wanted), found.base, found.conflicts, found.notes)
    if why := unreadable(path, found.text):
        return whole(path, was, theirs, now, f"merged, it could not be read: {why}")
    return Merged(_with_ends(theirs, found.text), _with_ends(theirs, found.wanted), found.base, found.conflicts, found.notes)


def _merged(path: str, base: str, theirs: str, ours: str, needed: frozenset[str]) -> Merged:
    if not path.endswith(".py"):
        return _by_lines(base, theirs, ours)
    if base == theirs and _has(ours, needed):
        return Merged(ours, ours, ours)
    if base == ours and _has(theirs, needed):
        return Merged(theirs, theirs, ours)
    return merge_python(base, theirs, ours, needed)


def whole(path: str, base: str, theirs: str, ours: str, why: str) -> Merged:
    """The file stays as it is; the patch leads to what lines alone would make of it, where that can be read, else to ours."""
    guess = "\n".join(lines.taken(lines.diff3(base.split("\n"), plain(theirs).split("\n"), ours.split("\n")), "ours"))
    return Merged(theirs, _with_ends(theirs, ours if unreadable(path, guess) else guess), base, (WHOLE,), (why,))


def plain(text: str) -> str:
    """The text without its byte order mark, lines ended by line feeds."""
    return _ENDS.sub("\n", text.removeprefix(_BOM))


def unreadable(path: str, text: str) -> str:
    """Why a file of that name could not be read; nothing where it can."""
    return _unreadable(path.rpartition(".")[2], text.removeprefix(_BOM))


@lru_cache(names.CACHED)
def _unreadable(ending: str, text: str) -> str:
    if "\ufffd" in text:
        return "it is not UTF-8, or holds the mark (U+FFFD) of what was not"
    try:
        if ending == "py":
            ast.parse(text)
        elif ending == "json":
            json.loads(text)
        elif ending == "toml":
            tomllib.loads(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return " ".join(str(error).split())
    return ""


def _by_lines(base: str, theirs: str, ours: str) -> Merged:
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
