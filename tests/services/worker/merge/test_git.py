"""Merging lines as git does it, where there is only one way to see what changed; and patches that git applies."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.worker.merge.lines import diff3, taken
from backwright.worker.merge.patch import patch, place

BASE = [f"line {n}" for n in range(10)]
EDIT = st.tuples(st.sampled_from(["insert", "delete", "replace"]), st.integers(0, 9))


def edited(edits: list[tuple[str, int]], who: str) -> list[str]:
    """The base with each line edited as said; every new line is unlike all others."""
    found: list[str] = []
    said = {at: kind for kind, at in edits}
    for n, line in enumerate(BASE):
        kind = said.get(n, "")
        found += [f"{who} {n}"] if kind in ("insert", "replace") else []
        found += [] if kind in ("delete", "replace") else [line]
    return found


def git_merge(folder: Path, base: list[str], theirs: list[str], ours: list[str], favor: str) -> tuple[list[str], bool]:
    """What ``git merge-file`` makes of it, and whether that is clean."""
    for name, lines in (("base", base), ("theirs", theirs), ("ours", ours)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    command = ["git", "merge-file", "-p", "-q", "theirs", "base", "ours"]
    clean = subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
    ran = subprocess.run([*command[:2], favor, *command[2:]], cwd=folder, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines(), clean


@settings(max_examples=60, deadline=None)
@given(st.lists(EDIT, max_size=4), st.lists(EDIT, max_size=4))
def test_as_git_does(theirs_edits: list[tuple[str, int]], ours_edits: list[tuple[str, int]]) -> None:
    """Where no line occurs twice, both see the same conflicts and come to the same text."""
    theirs, ours = edited(theirs_edits, "theirs"), edited(ours_edits, "ours")
    chunks = diff3(BASE, theirs, ours)
    with TemporaryDirectory() as folder:
        found, clean = git_merge(Path(folder), BASE, theirs, ours, "--ours")
    assert clean == all(chunk.clean for chunk in chunks)
    if clean:
        assert found == taken(chunks, "theirs")


@settings(max_examples=30, deadline=None)
@given(st.lists(EDIT, max_size=4), st.lists(EDIT, min_size=1, max_size=4), st.booleans(), st.booleans(), st.booleans())
def test_git_applies_patches(before: list[tuple[str, int]], after: list[tuple[str, int]], a: bool, b: bool, crlf: bool) -> None:
    """A patch leads from the one text to the other, with or without a last line feed, whatever the line ends."""
    end = "\r\n" if crlf else "\n"
    here, wanted = (end.join(edited(e, "x")) + (end if feed else "") for e, feed in ((before, a), (after, b)))
    if here == wanted:
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules").mkdir()
        (folder / "rules/a.py").write_bytes(here.encode())
        (folder / place("rules/a.py")).parent.mkdir(parents=True)
        (folder / place("rules/a.py")).write_bytes(patch("rules/a.py", here, wanted, ["class A › b"]).encode())
        subprocess.run(["git", "apply", place("rules/a.py")], cwd=folder, check=True, capture_output=True)
        assert (folder / "rules/a.py").read_bytes() == wanted.encode()
