"""Planted faults: a check is only worth something if it fails when it should. Each fault is planted in a disposable copy."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class NothingToPlant(Exception):
    """The project has no place for this fault, for example no owner rule to drop."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What plants a fault: `where` says for people where it goes; called with a copy it edits it, or raises `NothingToPlant`."""

    where: str
    apply: Callable[[Path], None]

    def __call__(self, copy: Path) -> None:
        self.apply(copy)


@dataclass(frozen=True, slots=True)
class Plant:
    """One fault that the standard's check must catch. ``apply`` edits the copy it is given, or raises `NothingToPlant`."""

    id: str
    standard: str
    description: str
    apply: Edit


def add(name: str, text: str) -> Edit:
    """A fault that is one more file, or more text at the end of one."""

    def apply(copy: Path) -> None:
        place = copy / name
        place.parent.mkdir(parents=True, exist_ok=True)
        before = place.read_text(encoding="utf-8") if place.exists() else ""
        place.write_text(before + text, encoding="utf-8")

    return Edit(f"any project: `{name}`", apply)


def rewrite(pattern: str, replacement: str, *, files: str = "**/*.py") -> Edit:
    """A fault that changes the first match of the pattern (a multi-line regular expression) in the files of the copy."""
    regex = re.compile(pattern, re.MULTILINE)

    def apply(copy: Path) -> None:
        for place in sorted(copy.glob(files)):
            text = place.read_text(encoding="utf-8")
            changed, times = regex.subn(replacement, text, count=1)
            if times and changed != text:
                place.write_text(changed, encoding="utf-8")
                return
        raise NothingToPlant(f"nothing matches {pattern!r}")

    return Edit(f"a match in `{files}`", apply)
