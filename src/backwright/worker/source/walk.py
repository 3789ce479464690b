"""One walk through a foreign repository: every file that people wrote, in a fixed order, in bounded memory.

What is left out is said: ignored by git, installed, generated, built, linked, unreadable. No link is followed, so that a walk neither
leaves the repository nor goes in circles; a link's target within the repository is met where it lies.
"""

import os
import stat
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

from backwright.worker.source import languages
from backwright.worker.source.ignoring import Rules, ignored, rules_in
from backwright.worker.source.text import LIMIT, Text, Unread, made, read, why

KEPT = 100
"""How many examples of each reason are kept; all are counted."""
STEP = 500
"""Progress is told after so many files."""

ALWAYS = {
    "version control": (".git", ".hg", ".svn", ".jj"),
    "installed packages": (
        "node_modules", "bower_components", "jspm_packages", ".venv", "venv", "site-packages", ".yarn", ".pnpm-store", "Pods", ".bundle",
    ),
    "a copy of others' code": ("_vendor", "vendored", "_vendored", "third_party", "third-party", "thirdparty", "3rdparty"),
    "a cache or tool's folder": (
        "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".tox", ".nox", ".cache", ".parcel-cache", ".turbo",
        ".gradle", ".terraform", ".serverless", ".aws-sam", ".idea", ".vscode", ".vs", ".eggs", ".nyc_output", ".backwright", ".dart_tool",
    ),
    "built": (".next", ".nuxt", ".output", ".svelte-kit", "htmlcov", "cdk.out", "storybook-static", "generated-sources"),
    "generated": ("__generated__", "generated"),
}  # fmt: skip
"""Folders that are never source, by name."""

BESIDE = {
    "vendor": ("go.mod", "composer.json", "Gemfile", "package.json", "pyproject.toml", "setup.py"),
    "dist": ("package.json", "pyproject.toml", "setup.py", "setup.cfg", "project.json", "tsconfig.json", "lerna.json"),
    "build": (
        "package.json", "pyproject.toml", "setup.py", "setup.cfg", "build.gradle", "build.gradle.kts", "settings.gradle",
        "settings.gradle.kts", "pom.xml", "CMakeLists.txt", "build.xml",
    ),
    "out": ("package.json", "build.gradle", "build.gradle.kts", "pom.xml", "tsconfig.json"),
    "target": ("pom.xml", "Cargo.toml", "build.sbt", "build.gradle", "build.gradle.kts"),
    "bin": (".csproj", ".fsproj", ".vbproj", ".sln", ".slnx"),
    "obj": (".csproj", ".fsproj", ".vbproj", ".sln", ".slnx"),
    "coverage": ("package.json", "Gemfile"),
}  # fmt: skip
"""Folders whose name is an ordinary word: left out only beside a manifest that would make them (a name, or the end of one)."""

WITHIN = {
    "vendor": ("assets", "static", "public", "lib", "js", "css", "www", "resources", "javascripts"),
    "lib": ("wwwroot",),
    "libs": ("wwwroot",),
}  # fmt: skip
"""Folders left out within a parent of that name: libraries for browsers, copied in."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the repository: its path with forward slashes, relative to the root, and its size in bytes."""

    path: str
    size: int

    @property
    def language(self) -> str | None:
        """Its language by name; None for data, prose and lock files."""
        return languages.language(self.path)


@dataclass(slots=True)
class LeftOut:
    """What a walk did not look at: every reason with its count, and the first paths of each. Folders end with a slash."""

    counts: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def add(self, path: str, reason: str) -> None:
        """Count it, and keep it if there are few of its kind."""
        self.counts[reason] += 1
        kept = self.examples.setdefault(reason, [])
        if len(kept) < KEPT:
            kept.append(path)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What should have been readable and was not: a folder without rights, a broken ``.gitignore``, a name that is no text."""

    path: str
    reason: str


@dataclass(slots=True)
class Walk:
    """A walk through ``root``. `left_out` and `troubles` fill while `files` runs and are complete when it ends."""

    root: Path
    told: Callable[[int], None]
    left_out: LeftOut = field(default_factory=LeftOut)
    troubles: list[Trouble] = field(default_factory=list[Trouble])

    def files(self) -> Generator[Source]:
        """Every file that is not left out, sorted by the parts of its path. Holds one folder's names per level, nothing more."""
        self.left_out, self.troubles = LeftOut(), []
        seen = 0
        stack = [self._folder("", ())]
        while stack:
            found = next(stack[-1], None)
            if found is None:
                stack.pop()
            elif isinstance(found, Source):
                seen += 1
                if seen % STEP == 0:
                    self.told(seen)
                yield found
            else:
                stack.append(self._folder(*found))
        self.told(seen)

    def read(self, source: Source, *, limit: int = LIMIT) -> Text | Unread:
        """The file's text."""
        return read(self.root / source.path, limit=limit)

    def read_source(self, source: Source) -> Text | Unread:
        """The text of source that people wrote; generated and minified files, and unreadable ones, are entered as left out."""
        found = self.read(source)
        if isinstance(found, Text) and (reason := made(source.path, found.text)):
            found = Unread(reason)
        if isinstance(found, Unread):
            self.left_out.add(source.path, found.reason.partition(":")[0])
            if found.reason == "permission denied":
                self._trouble(source.path, found.reason)
        return found

    def _folder(self, folder: str, rules: tuple[Rules, ...]) -> Generator[Source | tuple[str, tuple[Rules, ...]]]:
        """The files of one folder and, in their place, the folders in it with the rules that hold there."""
        names = self._names(folder)
        if "pyvenv.cfg" in names and folder:
            self.left_out.add(folder, "installed packages")
            return
        rules = self._rules(folder, names, rules)
        for name in names:
            path = folder + name
            try:
                state = os.lstat(self.root / path)
            except OSError as error:
                self._trouble(path, why(error))
                continue
            is_folder = stat.S_ISDIR(state.st_mode)
            path += "/" if is_folder else ""
            if reason := _no_source(folder, name, names) if is_folder else self._no_file(name, path, state.st_mode):
                self.left_out.add(path, reason)
            elif ignored(rules, path):
                self.left_out.add(path, "ignored by git")
            else:
                yield (path, rules) if is_folder else Source(path, state.st_size)

    def _no_file(self, name: str, path: str, mode: int) -> str | None:
        """Why an entry that is no folder is not looked at; None for an ordinary file."""
        if stat.S_ISLNK(mode):
            return self._link(path)
        if not stat.S_ISREG(mode):
            return "not an ordinary file"
        return "version control" if name == ".git" else None

    def _names(self, folder: str) -> dict[str, None]:
        """The names in a folder, sorted; those that are no text are trouble."""
        try:
            listed = sorted(os.listdir(self.root / folder))
        except OSError as error:
            self._trouble(folder or ".", why(error))
            return {}
        names: dict[str, None] = {}
        for name in listed:
            if name.isascii() or _is_text(name):
                names[name] = None
            else:
                self._trouble(folder + name.encode("utf-8", "backslashreplace").decode(), "its name is not UTF-8")
        return names

    def _rules(self, folder: str, names: dict[str, None], rules: tuple[Rules, ...]) -> tuple[Rules, ...]:
        files = [".gitignore"] if ".gitignore" in names else []
        if not folder and ".git" in names:
            files.insert(0, ".git/info/exclude")
        for file in files:
            if not (self.root / folder / file).is_file():
                continue
            more, wrong = rules_in(self.root / folder / file, folder)
            rules = (*rules, more) if more else rules
            for reason in wrong:
                self._trouble(folder + file, reason)
        return rules

    def _link(self, path: str) -> str:
        try:
            target = (self.root / path).resolve(strict=True)
        except (OSError, RuntimeError):
            return "a link that leads nowhere"
        return "a link within the repository" if target.is_relative_to(self.root) else "a link out of the repository"

    def _trouble(self, path: str, reason: str) -> None:
        if len(self.troubles) < KEPT:
            self.troubles.append(Trouble(path, reason))
        self.left_out.counts["unreadable"] += 1


def walk(root: Path, *, told: Callable[[int], None] = lambda files: None) -> Walk:
    """A walk through the folder; ``told`` hears how many files it has met. Raises ``NotADirectoryError`` where there is none."""
    if not root.is_dir():
        raise NotADirectoryError(f"{root} is not a folder")
    return Walk(root.resolve(), told)


def _no_source(folder: str, name: str, beside: dict[str, None]) -> str | None:
    """Why a folder holds nothing that people of this repository wrote; None when it may."""
    if name in _REASONS:
        return _REASONS[name]
    if name.endswith((".egg-info", ".dist-info")):
        return "installed packages"
    makers = BESIDE.get(name)
    if makers is not None and any(other.endswith(makers) for other in beside):
        return "a copy of others' code" if name == "vendor" else "built"
    parent = folder.rstrip("/").rpartition("/")[2]
    return "a copy of others' code" if parent in WITHIN.get(name, ()) else None


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


_REASONS = {name: reason for reason, names in ALWAYS.items() for name in names}
