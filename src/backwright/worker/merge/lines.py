"""Three-way merge of lines: what a base became on two sides, put together where the two leave each other alone. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Lines = Sequence[str]
Side = Literal["base", "theirs", "ours"]
LARGEST = 20_000
"""Lines between the common head and tail beyond which nothing is compared: the whole is one chunk."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of lines on all three sides. ``clean`` unless both sides changed it, and not alike."""

    base: Lines
    theirs: Lines
    ours: Lines

    @property
    def clean(self) -> bool:
        """Whether one side left it alone, or both made the same of it."""
        return self.theirs == self.base or self.ours == self.base or self.theirs == self.ours

    @property
    def merged(self) -> Lines:
        """What a clean chunk becomes."""
        return self.ours if self.theirs == self.base else self.theirs


def diff3(base: Lines, theirs: Lines, ours: Lines) -> list[Chunk]:
    """The three sides cut into chunks that, put together, are each side again. Changes that touch each other share a chunk
    (Khanna, Kunal, Pierce: A Formal Investigation of Diff3, 2007)."""
    if (whole := Chunk(base, theirs, ours)).clean:
        return [whole]
    left, right = dict(_matches(base, theirs)), dict(_matches(base, ours))
    found: list[Chunk] = []
    b = t = o = 0
    for line in [n for n in range(len(base)) if n in left and n in right]:
        if (b, t, o) != (line, left[line], right[line]):
            found.append(Chunk(base[b:line], theirs[t : left[line]], ours[o : right[line]]))
        found.append(Chunk(*(3 * [base[line : line + 1]])))
        b, t, o = line + 1, left[line] + 1, right[line] + 1
    if (b, t, o) != (len(base), len(theirs), len(ours)):
        found.append(Chunk(base[b:], theirs[t:], ours[o:]))
    return found


def taken(chunks: Sequence[Chunk], conflicts: Side) -> list[str]:
    """The lines merged; a conflict reads as it does on the side given."""
    return [line for chunk in chunks for line in (chunk.merged if chunk.clean else getattr(chunk, conflicts))]


def rebased(chunks: Sequence[Chunk]) -> list[str]:
    """The base of the next merge: our side, but as it was where there is a conflict, so that it stays one until somebody settles it."""
    return [line for chunk in chunks for line in (chunk.ours if chunk.clean else chunk.base)]


def _matches(before: Lines, after: Lines) -> Iterator[tuple[int, int]]:
    """The lines that stayed: their numbers before and after, rising on both sides."""
    head = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    most = min(len(before), len(after)) - head
    tail = next((n for n in range(most) if before[-1 - n] != after[-1 - n]), most)
    yield from ((n, n) for n in range(head))
    middle_before, middle_after = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(middle_before) + len(middle_after) <= LARGEST:
        for a, b, size in SequenceMatcher(None, middle_before, middle_after, autojunk=False).get_matching_blocks():
            yield from ((head + a + n, head + b + n) for n in range(size))
    yield from ((len(before) - tail + n, len(after) - tail + n) for n in range(tail))
