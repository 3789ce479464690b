"""What is there: the facts about the folder that a delivery writes into. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backwright.worker.merge.merged import Remembered
from backwright.worker.survey.repository import Repository

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
    """Relative to the folder; files of the folder only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a plan needs to know about a folder."""

    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Each file of the project with its digest; what is made from others is left out."""
    remembered: Mapping[str, Remembered] = field(default_factory=dict[str, Remembered])
    """What earlier deliveries generated, by file."""
    functions: tuple[Found, ...] = ()
    unreadable: tuple[str, ...] = ()
    """Python files that do not parse, each with the reason."""
    migrations: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    git: Git | None = None
    repository: Repository | None = None
    """What the folder holds in any framework; None for a folder that is not there."""

    @property
    def empty(self) -> bool:
        """Nothing is there yet."""
        return not self.files

    @property
    def kit_project(self) -> bool:
        """Whether this is a project of the kit already."""
        return "app.py" in self.files and "model.py" in self.files

    def own(self, path: str) -> bool:
        """Whether the file is there, and no delivery ever wrote it."""
        return path in self.files and path not in self.remembered

    def origin(self, name: str) -> str:
        """The file for which the function of that name was generated; nothing if none was."""
        head = f"async def {name}("
        known = ((file, r.generated) for file, r in self.remembered.items() if file.startswith(BUSINESS) and r.generated)
        return next((file for file, text in known if any(line.startswith(head) for line in text.splitlines())), "")

    @property
    def uncommitted(self) -> tuple[str, ...]:
        """Files that version control does not have as they are, and that no delivery left so: somebody's unsaved work."""
        listed = self.git.uncommitted if self.git is not None and self.git.commits else ()
        left = {path: known.left for path, known in self.remembered.items()}
        return tuple(path for path in listed if not path.startswith(".backwright/") and left.get(path) != self.files.get(path, ""))

    def business(self, name: str) -> Found | None:
        """The function of that name, where a project keeps its functions; one that is written before one that is not."""
        found = [f for f in self.functions if f.name == name and f.asynchronous and f.file.startswith(BUSINESS)]
        return next((f for f in found if f.written), found[0] if found else None)
