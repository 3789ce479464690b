"""The migration files of a project, in order: Alembic revisions in ``versions/``. Reading them loads neither Alembic nor a driver."""

import runpy
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from backwright.data.layout import Layout
from backwright.data.migrations.errors import MigrationError
from backwright.data.migrations.replay import ImpossibleStep, replay
from backwright.data.migrations.steps import CreateIndex, DropIndex, Step


@dataclass(frozen=True, slots=True)
class Version:
    """One migration file."""

    revision: str
    down_revision: str | None
    path: Path
    checksum: str
    steps: tuple[Step, ...]
    irreversible: str
    loses: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's name without its ending: what people call it."""
        return self.path.stem

    @property
    def concurrent(self) -> bool:
        """Whether it builds indexes beside writers, and so outside any transaction on PostgreSQL."""
        return any(isinstance(step, CreateIndex | DropIndex) and step.concurrently for step in self.steps)


@dataclass(frozen=True)
class History:
    """All migrations of one project, the oldest first."""

    versions: tuple[Version, ...]

    @property
    def head(self) -> str | None:
        """The newest revision, ``None`` before the first."""
        return self.versions[-1].revision if self.versions else None

    def position(self, revision: str | None) -> int:
        """How many migrations lie behind a revision. Raises `MigrationError` for an unknown one."""
        if revision is None:
            return 0
        for n, version in enumerate(self.versions, 1):
            if revision == version.revision:
                return n
        raise MigrationError(
            f"the database is at revision {revision}, which no file here has: check out the release that made it, or restore its file"
        )

    def find(self, word: str) -> str | None:
        """The revision meant by ``head``, ``base``, a revision, or the beginning of a file's name. Raises `MigrationError`."""
        if word in ("head", "base"):
            return self.head if word == "head" else None
        found = [v.revision for v in self.versions if v.revision == word or v.name.startswith(word)]
        if len(found) != 1:
            raise MigrationError(f"{word!r} names {len(found)} migrations: use a revision, the beginning of a file's name, head or base")
        return found[0]

    def layout(self, revision: str | None) -> Layout:
        """What the database holds at a revision."""
        return self._layouts[self.position(revision)]

    @cached_property
    def _layouts(self) -> list[Layout]:
        found = [Layout()]
        for version in self.versions:
            try:
                found.append(replay(found[-1], version.steps))
            except ImpossibleStep as error:
                raise MigrationError(f"{version.path}: {error}") from None
        return found


def versions_folder(directory: Path) -> Path:
    """Where a project's migration files lie."""
    return directory / "versions"


def read_history(directory: Path) -> History:
    """Read the migrations below a project's migrations folder; none if it is not there. Raises `MigrationError`."""
    files = sorted(path for path in versions_folder(directory).glob("*.py") if not path.name.startswith("_"))
    return History(_in_order([_read(path) for path in files]))


def _read(path: Path) -> Version:
    text = path.read_bytes()
    try:
        names = runpy.run_path(str(path))
        checksum = sha256(text.replace(b"\r\n", b"\n")).hexdigest()
        steps, losses = _steps(names, path), tuple(names.get("loses", ()))
        return Version(names["revision"], names["down_revision"], path, checksum, steps, names.get("irreversible", ""), losses)
    except MigrationError:
        raise
    except KeyError as missing:
        raise MigrationError(f"{path} does not say {missing}: a migration has revision, down_revision and steps") from None
    except Exception as error:
        raise MigrationError(f"{path} cannot be read: {type(error).__name__}: {error}") from error


def _steps(names: dict[str, Any], path: Path) -> tuple[Step, ...]:
    found: Any = names["steps"]
    if not isinstance(found, tuple) or not all(isinstance(step, Step) for step in cast("tuple[object, ...]", found)):
        raise MigrationError(f"{path}: steps must be a tuple of bw steps; mind the comma behind a single one")
    steps = cast("tuple[Step, ...]", found)
    beside = [isinstance(step, CreateIndex | DropIndex) and step.concurrently for step in steps]
    if any(beside) and not all(beside):
        raise MigrationError(
            f"{path}: indexes that are built concurrently cannot be undone with the other steps: move them to a migration of their own"
        )
    return steps


def _in_order(versions: list[Version]) -> tuple[Version, ...]:
    """One line from the first to the last: two that follow the same one were made on two branches."""
    after: dict[str | None, Version] = {}
    for version in versions:
        if (other := after.setdefault(version.down_revision, version)) is not version:
            raise MigrationError(
                f"{other.name} and {version.name} both follow {version.down_revision or 'nothing'}: "
                f"set down_revision of the later one to {other.revision!r}, or make it again"
            )
    line: list[Version] = []
    revision: str | None = None
    while (following := after.pop(revision, None)) is not None:
        line.append(following)
        revision = following.revision
    if after:
        lost = next(iter(after.values()))
        raise MigrationError(f"{lost.name} follows revision {lost.down_revision}, which no file has")
    return tuple(line)
