"""The ``.gitignore`` files of a repository, nested ones too, whether or not it is one of git's."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.worker.source.text import Text, read

STARS = 5
"""Wildcards in one part of a pattern. More make matching slow enough to be an attack, and nobody needs them."""
_LIMIT = 200_000
_STAR = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one ``.gitignore`` says about the paths below its folder."""

    prefix: str
    """The folder with a slash behind it; empty for the root."""
    spec: Any

    def says(self, path: str) -> bool | None:
        """True: ignored; False: named as an exception; None: nothing. A folder has a slash at its end."""
        found: bool | None = self.spec.check_file(path[len(self.prefix) :]).include
        return found


def ignored(rules: tuple[Rules, ...], path: str) -> bool:
    """Whether the path is ignored: the nearest file that says something decides, as in git."""
    return next((said for rule in reversed(rules) if (said := rule.says(path)) is not None), False)


def rules_in(file: Path, prefix: str) -> tuple[Rules | None, list[str]]:
    """The rules of one file, and what is wrong with it. Lines that are no pattern are left out."""
    found = read(file, limit=_LIMIT)
    if not isinstance(found, Text):
        return None, [found.reason]
    from pathspec import GitIgnoreSpec

    patterns: list[Any] = []
    wrong: list[str] = []
    for number, line in enumerate(found.text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if any(len(_STAR.findall(part)) > STARS for part in line.split("/")):
            wrong.append(f"line {number}: more than {STARS} wildcards in one name")
            continue
        try:
            patterns += GitIgnoreSpec.from_lines([line]).patterns
        except Exception as error:  # pathspec raises its own kinds and re.error
            wrong.append(f"line {number}: {error}")
    return (Rules(prefix, GitIgnoreSpec(patterns)) if patterns else None), wrong
