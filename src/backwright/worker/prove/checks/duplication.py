"""Copied code: how many tokens stand in a run that occurs elsewhere too. Comments, layout and docstrings do not count."""

import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

WINDOW = 60
"""So many equal tokens in a row are a copy: about eight lines."""

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}


@dataclass(frozen=True, slots=True)
class Copies:
    """The share of copied tokens in per cent, and where copies stand: pairs of ``file:line``, the first of each run."""

    percent: float
    places: tuple[tuple[str, str], ...]


def copies(texts: Mapping[str, str]) -> Copies:
    """Look for runs of `WINDOW` tokens that occur more than once in these files (name → text)."""
    seen: dict[tuple[str, ...], tuple[str, int]] = {}
    places: list[tuple[str, str]] = []
    total = copied = 0
    for file, text in texts.items():
        words, lines = _tokens(text)
        covered = bytearray(len(words))
        for at in range(len(words) - WINDOW + 1):
            window = tuple(words[at : at + WINDOW])
            first_file, first = seen.setdefault(window, (file, at))
            if (first_file, first) == (file, at) or (first_file == file and at - first < WINDOW):
                continue
            if not covered[at]:
                places.append((f"{file}:{lines[at]}", first_file))
            covered[at : at + WINDOW] = b"\1" * WINDOW
        total += len(words)
        copied += sum(covered)
    return Copies(round(100 * copied / total, 2) if total else 0.0, tuple(places))


def _tokens(text: str) -> tuple[list[str], list[int]]:
    words: list[str] = []
    lines: list[int] = []
    before = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        docstring = token.type == tokenize.STRING and before in _LAYOUT
        if token.type not in _LAYOUT and not docstring:
            words.append(token.string)
            lines.append(token.start[0])
        before = token.type
    return words, lines
