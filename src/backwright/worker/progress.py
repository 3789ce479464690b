"""Showing what is going on while it goes on: colours on a terminal, plain lines anywhere else."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

_MARKS = {"proved": ("✓", "green"), "failed": ("✗", "red"), "not applicable": ("–", "dim"), "stale": ("~", "yellow")}


class Progress:
    """Writes one line for each step. ``quiet`` writes nothing."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self.stream = stream or sys.stdout
        self.quiet = quiet
        self._write = _rich(self.stream) if self.stream.isatty() else self._plain

    def say(self, text: str, style: str = "") -> None:
        """One line."""
        if not self.quiet:
            self._write(text, style)

    def verdict(self, subject: str, verdict: str, finding: str) -> None:
        """One line for a claim: its mark, what it is about, what was found."""
        mark, style = _MARKS.get(verdict, ("?", "yellow"))
        self.say(f"{mark} {subject:<28} {verdict:<14} {finding}", style)

    @contextmanager
    def step(self, text: str) -> Generator[None]:
        """Say what begins, and how long it took; say so too when it fails."""
        self.say(f"{text} …", "bold")
        started = time.monotonic()
        try:
            yield
        except BaseException as error:
            self.say(f"{text}: failed after {time.monotonic() - started:.1f} s: {type(error).__name__}", "red")
            raise
        self.say(f"{text}: done in {time.monotonic() - started:.1f} s", "dim")

    def _plain(self, text: str, style: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()


def _rich(stream: TextIO) -> Callable[[str, str], None]:
    from rich.console import Console

    console = Console(file=stream, highlight=False)
    return lambda text, style: console.print(text, style=style or None, markup=False, soft_wrap=True)
