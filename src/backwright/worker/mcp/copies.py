"""The disposable copy that a session's tools work on. The project itself is only read, until a promotion that proof allows.

A copy lies in the user's cache folder, under a name that follows from the session's folder: a server that starts again finds it. Beside it
lies the manifest of the project as it was when the copy was made.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from backwright.worker import journal
from backwright.worker.mcp.refused import Refused
from backwright.worker.prove import seal, tree

Manifest = dict[str, str]
"""The digest of each file, by its path relative to the project."""

OWN = ".backwright"
LEFT = frozenset({"sessions", "cache", "agents.json", "promotion.lock", "deliver.lock"})
"""What of the worker's own record a copy does not begin with: the rest, such as claims, is carried there and back."""
_LONGEST = 4_000
_NAMES = re.compile(r"[^\x00-\x1f]+")


def inside(root: Path, path: str) -> Path:
    """The place of a file below the folder. Raises `Refused` for one that is outside, or belongs to git or to the worker's record."""
    if not path or len(path) > _LONGEST or not _NAMES.fullmatch(path):
        raise Refused(f"{path[:80]!r} is not a path")
    given = Path(path)
    if given.is_absolute() or given.drive or ".." in given.parts:
        raise Refused(f"{path} is not inside the project: give a path relative to its root, without ..")
    try:
        place = (root / given).resolve()
    except (OSError, RuntimeError):  # a ring of links
        raise Refused(f"{path} cannot be followed: its links lead in a circle") from None
    whole = root.resolve()
    if place != whole and whole not in place.parents:
        raise Refused(f"{path} leads out of the project by a link")
    if {".git", OWN} & set(place.relative_to(whole).parts):
        raise Refused(f"{path} belongs to {'git' if '.git' in place.parts else 'the record of the worker'}: no tool reads or writes it")
    return place


def manifest(folder: Path) -> Manifest:
    """Every file of a project that is no link, with its digest. What is made from other files is left out."""
    return {name: seal.of_file(folder / name) for name in tree.files(folder) if _plain(folder / name)}


def _plain(place: Path) -> bool:
    return place.is_file() and not place.is_symlink()


def record_files(folder: Path) -> list[str]:
    """The files of the worker's own record that go with a copy, relative to the record."""
    own = folder / OWN
    listed = [place for place in sorted(own.rglob("*")) if _plain(place)] if own.is_dir() and not own.is_symlink() else []
    return [name for place in listed if (name := place.relative_to(own).as_posix()).partition("/")[0] not in LEFT]


def cache() -> Path:
    """Where copies are kept: ``$XDG_CACHE_HOME/backwright/copies``, readable by this user alone."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base).resolve() / "backwright" / "copies"


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that the copy and the project do not have in common, and what a promotion would do to the project's."""

    path: str
    kind: str
    """``added``, ``changed`` or ``removed``."""


class Copy:
    """A session's copy of its project."""

    def __init__(self, project: Path, session: Path, *, root: Path | None = None) -> None:
        self.project = project.resolve()
        self.session = session.resolve()
        self.place = (root or cache()) / sha256(os.fsencode(self.session)).hexdigest()[:24]
        self.folder = self.place / self.project.name
        self._base = self.place / "base.json"
        self._proved = self.place / "proved.json"

    @property
    def made(self) -> bool:
        """Whether there is one that was finished."""
        return self._base.is_file() and self.folder.is_dir()

    @property
    def view(self) -> Path:
        """What is to be read: the copy once there is one, until then the project itself."""
        return self.folder if self.made else self.project

    def make(self, say: Callable[[str], None] = lambda _: None) -> Path:
        """The copy's folder, made now if there is none. Raises `Refused` when a file changes while it is copied twice over."""
        if self.made:
            return self.folder
        self.discard()
        self.folder.mkdir(parents=True, mode=0o700)
        self.place.chmod(0o700)
        names = [name for name in tree.files(self.project) if _plain(self.project / name)]
        say(f"copying {len(names)} files")
        base: Manifest = {}
        for name in names:
            base[name] = _copied(self.project / name, self.folder / name)
        for name in record_files(self.project):
            _copied(self.project / OWN / name, self.folder / OWN / name)
        journal.replace(self._base, json.dumps(base).encode())  # last: a copy without it was not finished
        return self.folder

    def base(self) -> Manifest:
        """The project as it was when the copy was made."""
        return dict(json.loads(self._base.read_bytes()))

    def differences(self) -> list[Difference]:
        """What was done to the copy since it was made."""
        if not self.made:
            return []
        was, now = self.base(), manifest(self.folder)
        kinds = {name: "added" if name not in was else "removed" if name not in now else "changed" for name in sorted(was | now)}
        return [Difference(name, kind) for name, kind in kinds.items() if was.get(name) != now.get(name)]

    def note_proof(self, before: Manifest, claims: dict[str, str]) -> None:
        """Remember which claims were made on exactly these files; what was remembered about other files is forgotten."""
        held = self.proof()
        kept = held[1] if held[0] == before else {}
        journal.replace(self._proved, json.dumps({"files": before, "claims": kept | claims}).encode())

    def proof(self) -> tuple[Manifest, dict[str, str]]:
        """The files that were proved last, and the claims made on them: standard → id."""
        found = journal.mapping(self._proved.read_bytes()) if self._proved.is_file() else None
        return (dict(found["files"]), dict(found["claims"])) if found else ({}, {})

    def discard(self) -> None:
        """Throw the copy away. The project is as it was."""
        for name in (self._base, self._proved):
            name.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def held(self) -> Generator[None]:
        """Keep every other call, of whichever client and process, off the copy. Raises `Refused` when one is at work."""
        self.place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as stack:
            try:
                stack.enter_context(journal.held(self.place / "lock"))
            except journal.Held:
                raise Refused("another call is at work in this session: wait until it has ended, or cancel it") from None
            yield


def _copied(source: Path, place: Path) -> str:
    """Copy a file with its mode and return its digest. Where the file system can share blocks, nothing is copied."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as reading, place.open("xb") as writing:
        if not _shared(reading.fileno(), writing.fileno()):
            reading.seek(0)
            writing.seek(0)
            writing.truncate()
            shutil.copyfileobj(reading, writing, 1 << 20)
    with suppress(OSError):
        shutil.copymode(source, place)
    return seal.of_file(place)


def _shared(source: int, target: int) -> bool:
    try:
        while os.copy_file_range(source, target, 1 << 30):
            pass
    except (OSError, AttributeError):
        return False
    return os.fstat(source).st_size == os.fstat(target).st_size

