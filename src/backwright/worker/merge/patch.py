"""A conflict as a patch that a person can read, apply and delete. Pure."""

from collections.abc import Sequence
from difflib import unified_diff

FOLDER = ".backwright/conflicts"


def place(path: str) -> str:
    """Where the patch of a file lies."""
    return f"{FOLDER}/{path}.patch"


def patch(path: str, text: str, wanted: str, why: Sequence[str]) -> str:
    """The unified diff from what is in the folder to what the design wants, for ``git apply`` or ``patch -p1`` in the project's folder."""
    head = [
        f"{path}: the design and somebody's own work differ; the file keeps that work.",
        *(f"  {line}" for line in why),
        f"In the project's folder: git apply {place(path)}",
        "Then deliver again. Or delete this file: the conflict counts as settled, with the file as it is.",
        "",
    ]
    lines = unified_diff(_lines(text), _lines(wanted), f"a/{path}", f"b/{path}")
    found = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "\n".join(head) + "\n" + "".join(found)


def _lines(text: str) -> list[str]:
    """With their line feeds, but for what stands behind the last one."""
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + ([last] if last else [])
