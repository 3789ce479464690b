"""Where something stands in a document, and what is wrong there. Pure values."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: the file as it was named, the line from 1, and the JSON pointer (RFC 6901) in that file.

    In a database there are no lines: then the line is 0, and the file reads ``table public.book``.
    """

    file: str
    line: int
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a design: where, what, and how to mend it. A warning does not stop a delivery."""

    file: str
    line: int
    pointer: str
    severity: Severity
    what: str
    mend: str

    def __str__(self) -> str:
        where = str(Place(self.file, self.line, self.pointer))
        return f"{where}: {self.severity}: {self.what} {self.mend} (at #{self.pointer})"


class BrokenDesign(Exception):
    """The document cannot be built from. ``problems`` lists every reason, in the order of the document, warnings included."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
