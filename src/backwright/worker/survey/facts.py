"""What is there: the facts about the folder that a delivery writes into. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RULES = "rules/"
BUSINESS = (RULES, "operations.py", "sign_in.py")
"""Where a project keeps its functions."""


@dataclass(frozen=True, slots=True)
class Found:
    """A function that somebody has written."""

    name: str
    file: str
    line: int
    asynchronous: bool
    kind: str
    """What its first parameter is: ``Transaction``, ``SignIn``, ``Job``, ``Run``, or nothing."""
    answer: str
    """Its result type as written, or nothing."""
    written: bool
    """False for one that only raises ``NotImplementedYet``."""

    @property
    def module(self) -> str:
        """The dotted name of its file."""
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True, slots=True)
class Git:
    """The state of version control: whose repository this is, on which branch, and what is not committed."""

    own: bool
    """The folder is the repository's root, not just somewhere below it."""
    branch: str
    commits: bool
    """Whether there is anything to branch off from."""
    uncommitted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a plan needs to know about a folder."""

    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Each file of the project with its digest; what is made from others is left out."""
    delivered: Mapping[str, str] = field(default_factory=dict[str, str])
    """The digests of what an earlier delivery wrote."""
    functions: tuple[Found, ...] = ()
    unreadable: tuple[str, ...] = ()
    """Python files that do not parse, each with the reason."""
    migrations: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    git: Git | None = None

    @property
    def empty(self) -> bool:
        """Nothing is there yet."""
        return not self.files

    @property
    def kit_project(self) -> bool:
        """Whether this is a project of the kit already."""
        return "app.py" in self.files and "model.py" in self.files

    def touched(self, path: str) -> bool:
        """Whether the file is there and is somebody's work: not exactly what an earlier delivery wrote."""
        return path in self.files and self.delivered.get(path) != self.files[path]

    def business(self, name: str) -> Found | None:
        """The function of that name, where a project keeps its functions; one that is written before one that is not."""
        found = [f for f in self.functions if f.name == name and f.asynchronous and f.file.startswith(BUSINESS)]
        return next((f for f in found if f.written), found[0] if found else None)
