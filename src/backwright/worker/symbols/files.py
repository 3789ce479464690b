"""The source files that a question is about: one of them, or all below a folder, one at a time."""

import re
from collections.abc import Callable, Generator, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from backwright.worker.source import text
from backwright.worker.source.text import Text, Unread
from backwright.worker.source.walk import LeftOut, Walk, walk
from backwright.worker.symbols.code import Code
from backwright.worker.symbols.known import LANGUAGES, language_of
from backwright.worker.symbols.symbol import Finding, Refused

Told = Callable[[int], None]
"""Hears how many files were met."""


def silent(files: int) -> None:
    """Tells nobody."""


_TESTS = re.compile(
    r"(^|/)(tests?|__tests__|specs?|testdata|e2e|fixtures|migrations|db/migrate)/|(^|/)(test_[^/]*|conftest)\.py$|(_test|\.test|\.spec|_spec)\.\w+$"
    r"|(^|/)\w*Tests?\.(java|kt|cs|php)$"
)


def aside(file: str) -> bool:
    """Whether the file is a test or a migration, by its path: what it defines is not what is served."""
    return bool(_TESTS.search(file))


def inside(root: Path, path: str) -> Path:
    """The place of a path below the root. Raises ``Refused`` for one that is absolute, leads out, or is not there."""
    if not root.is_dir():
        raise Refused(f"{root} is not a folder")
    given = PurePosixPath(path.replace("\\", "/") or ".")
    if "\0" in path or given.is_absolute() or ".." in given.parts or (given.parts and given.parts[0].endswith(":")):
        raise Refused(f"{path!r} is not below the root: write a path relative to it, without ..")
    place = root / given
    try:
        real = place.resolve(strict=True)
    except (OSError, RuntimeError):
        raise Refused(f"{path!r} is not there, or cannot be reached") from None
    if not real.is_relative_to(root.resolve()):
        raise Refused(f"{path!r} leads out of the root through a link")
    return real


def one(root: Path, path: str) -> Code:
    """The file of that path. Raises ``Refused`` for what is no readable source."""
    place = inside(root, path)
    file = place.relative_to(root.resolve()).as_posix()
    if place.is_dir():
        raise Refused(f"{path!r} is a folder: name a file in it")
    if (language := language_of(file)) is None:
        raise Refused(f"{file}: its language is not read. Read are: {' '.join(s for known in LANGUAGES for s in known.suffixes)}")
    read = text.read(place)
    if isinstance(read, Unread):
        raise Refused(f"{file}: {read.reason}")
    return Code(file, language, read.text.encode("utf-8", "surrogatepass"), read.encoding)


Beside = Mapping[str, Callable[[str, str], None]]
"""Suffixes of files in no language that is parsed → who hears their path and text."""


def several(walked: Walk, *, within: str = "", holding: str = "", beside: Beside = MappingProxyType({})) -> Generator[Code]:
    """The files of a walk below ``within`` that hold a text. Each is read, and parsed only when its tree is asked for."""
    prefix = PurePosixPath(within).as_posix().rstrip("/") + "/" if within and PurePosixPath(within).parts else ""
    for met in walked.files():
        if prefix and not met.path.startswith(prefix):
            continue
        if (language := language_of(met.path)) is None:
            hears = beside.get(PurePosixPath(met.path).suffix)
            if hears is not None and isinstance(other := walked.read(met), Text):
                hears(met.path, other.text)
            continue
        read = walked.read_source(met)
        if isinstance(read, Text) and holding in read.text:
            yield Code(met.path, language, read.text.encode("utf-8", "surrogatepass"), read.encoding)


class Look:
    """Looks through one file or a folder of them, and keeps what must be said about it."""

    def __init__(self, root: Path, within: str | None = None, *, told: Told = silent) -> None:
        self.root = root.resolve()
        self.place = inside(root, within or "")
        self.walked = walk(self.root, told=told)
        self.files = 0
        self._findings: list[Finding] = []

    def served(self, beside: Beside = MappingProxyType({})) -> Generator[Code]:
        """The files without tests and migrations, which are counted as left out."""
        for code in self.through(beside=beside):
            if aside(code.file) and not self.place.is_file():
                self.walked.left_out.add(code.file, "a test or a migration")
            else:
                yield code

    def through(self, *, holding: str = "", beside: Beside = MappingProxyType({})) -> Generator[Code]:
        """The files that hold the text; those whose source is generated are left out unless named."""
        within = self.place.relative_to(self.root).as_posix()
        if self.place.is_file():
            self.files = 1
            yield one(self.root, within)
            return
        for code in several(self.walked, within=within, holding=holding, beside=beside):
            self.files += 1
            yield code

    def note(self, code: Code, most: int = 100) -> None:
        """Keep what is wrong with a file that was parsed."""
        if len(self._findings) < most:
            self._findings += code.findings

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the files that were parsed, and what could not be read."""
        return (*self._findings, *(Finding(trouble.path, trouble.reason) for trouble in self.walked.troubles))

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was not looked at: each reason, how often, and an example."""
        return said(self.walked.left_out)


def said(left_out: LeftOut) -> tuple[str, ...]:
    """Each reason with its count and its first example."""
    return tuple(f"{reason}: {times}, such as {left_out.examples[reason][0]}" if left_out.examples.get(reason) else f"{reason}: {times}"
                 for reason, times in sorted(left_out.counts.items()))  # fmt: skip
