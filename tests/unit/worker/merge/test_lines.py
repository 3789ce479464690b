"""Three-way merge of lines: nothing is made up, nothing is lost, and only what both sides changed is a conflict."""

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.merge.lines import LARGEST, Chunk, diff3, rebased, taken

TEXT = st.lists(st.sampled_from("abcde"), max_size=12)


@given(TEXT, TEXT, TEXT)
def test_chunks_are_the_sides(base: list[str], theirs: list[str], ours: list[str]) -> None:
    """Put together, the chunks are each side again."""
    chunks = diff3(base, theirs, ours)
    for side, text in (("base", base), ("theirs", theirs), ("ours", ours)):
        assert [line for chunk in chunks for line in getattr(chunk, side)] == text


@given(TEXT, TEXT)
def test_one_side_changed(base: list[str], other: list[str]) -> None:
    """Where one side changed nothing, the other is what comes out; what both made alike is no conflict."""
    for theirs, ours in ((base, other), (other, base), (other, other)):
        chunks = diff3(base, theirs, ours)
        assert all(chunk.clean for chunk in chunks) and taken(chunks, "theirs") == other


@given(TEXT, TEXT, TEXT)
def test_again(base: list[str], theirs: list[str], ours: list[str]) -> None:
    """Merged again from the base that is left, nothing changes."""
    chunks = diff3(base, theirs, ours)
    merged = taken(chunks, "theirs")
    if all(chunk.clean for chunk in chunks):
        assert rebased(chunks) == ours
        assert taken(diff3(ours, merged, ours), "theirs") == merged


def test_conflict() -> None:
    """Both changed one line: each side can be taken, and the base of the next merge keeps the conflict."""
    chunks = diff3(["a", "b", "c"], ["a", "B", "c"], ["a", "β", "c", "d"])
    assert [chunk for chunk in chunks if not chunk.clean] == [Chunk(["b"], ["B"], ["β"])]
    assert taken(chunks, "theirs") == ["a", "B", "c", "d"]
    assert taken(chunks, "ours") == ["a", "β", "c", "d"]
    assert rebased(chunks) == ["a", "b", "c", "d"]


def test_too_long() -> None:
    """What is too long to compare is one chunk between the common head and tail."""
    middle = [str(n) for n in range(LARGEST)]
    chunks = diff3(["a", *middle, "z"], ["a", *middle, "mine", "z"], ["a", *middle, "yours", "z"])
    assert [len(chunk.base) for chunk in chunks if not chunk.clean] == [0] or len(chunks) == 3
