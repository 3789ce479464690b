"""What deliveries remember of a project: the text that was generated for each file, so that later edits can be told from later designs.

`.backwright/delivered.json` has a line for each file; the texts lie in `.backwright/delivered/`, compressed, each under its digest. Both
belong into version control: a clone remembers as well. Plain copies of the sources would be found by every search and linter.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath
from typing import Any, cast

from backwright.worker import journal
from backwright.worker.merge import patch
from backwright.worker.merge.merged import Remembered
from backwright.worker.prove import seal

RECORD = ".backwright/delivered.json"
TEXTS = ".backwright/delivered"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, by digests of texts."""

    generated: str = ""
    """What was generated last; empty for a file that is made once, like a migration."""
    base: str = ""
    """What the next merge starts from: `generated`, but for the conflicts that nobody has settled; empty if there never was one."""
    left: str = ""
    """The file as the delivery left it; empty where there is none."""
    conflict: bool = False
    """A patch was left to somebody."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A file that is being written: what it was, what it becomes, and the entry that holds once it is."""

    was: str
    becomes: str
    entry: Entry | None


@dataclass(slots=True)
class Memory:
    """The record of a folder."""

    folder: Path
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])

    def text(self, digest: str) -> str | None:
        """The text of that digest; None where it is not kept or damaged."""
        try:
            data = gzip.decompress(self._place(digest).read_bytes())
        except (OSError, EOFError, ValueError):
            return None
        return decoded(data) if seal.digest(data) == digest else None

    def keep(self, text: str) -> str:
        """Keep a text; gives its digest."""
        data = encoded(text)
        digest = seal.digest(data)
        if self.text(digest) is None:
            journal.replace(self._place(digest), gzip.compress(data, mtime=0))
        return digest

    def save(self, writing: Mapping[str, Writing] | None = None) -> None:
        """Put the record in place."""
        files = {path: _said(entry) for path, entry in sorted(self.entries.items())}
        record: dict[str, Any] = {"format": 2, "files": files}
        if writing:
            record["writing"] = {
                path: {"was": one.was, "becomes": one.becomes, "entry": _said(one.entry) if one.entry else None}
                for path, one in writing.items()
            }
        journal.replace(self.folder / RECORD, json.dumps(record, indent=1).encode() + b"\n")

    def prune(self) -> None:
        """Forget texts and patches that no entry names."""
        named = {digest for entry in self.entries.values() for digest in (entry.generated, entry.base)}
        for file in (self.folder / TEXTS).glob("*.gz"):
            if file.name.removesuffix(".gz") not in named:
                file.unlink(missing_ok=True)
        opened = {self.folder / patch.place(path) for path, entry in self.entries.items() if entry.conflict}
        for file in (self.folder / patch.FOLDER).rglob("*.patch"):
            if file not in opened:
                file.unlink(missing_ok=True)

    def remembered(self) -> dict[str, Remembered]:
        """The texts, by path. A conflict whose patch somebody has deleted is settled: the next merge starts from what was generated."""
        return {path: self._remembered(path, entry) for path, entry in self.entries.items()}

    def _remembered(self, path: str, entry: Entry) -> Remembered:
        if not entry.generated:
            return Remembered(left=entry.left, once=True)
        generated = self.text(entry.generated)
        if generated is None and seal.of_file(self.folder / path) == entry.generated:
            generated = texts(self.folder, [path]).get(path)
        settled = not entry.conflict or not (self.folder / patch.place(path)).is_file()
        base = generated if settled else self.text(entry.base) if entry.base else None
        return Remembered(base, generated, entry.left)

    def _place(self, digest: str) -> Path:
        return self.folder / TEXTS / f"{digest}.gz"


def memory(folder: Path) -> Memory:
    """What is remembered of the folder; after a delivery that was killed, what is true of each file now. Nothing is written."""
    try:
        record = journal.mapping((folder / RECORD).read_bytes()) or {}
    except OSError:
        record = {}
    found = Memory(folder)
    if "format" not in record:  # the digests alone, as they were kept before texts were
        found.entries = {path: Entry(digest, digest, digest) for path, digest in record.items() if isinstance(digest, str)}
        return found
    found.entries = {path: entry for path, said in _object(record.get("files")).items() if (entry := _entry(said)) is not None}
    for path, said in _object(record.get("writing")).items():
        _settle(found, path, _object(said))
    found.entries = {path: entry for path, entry in found.entries.items() if ".." not in PurePosixPath(path).parts and path[:1] != "/"}
    return found


def encoded(text: str) -> bytes:
    """The bytes of a text."""
    return text.encode("utf-8")


def decoded(data: bytes) -> str:
    """The text of bytes; what is no UTF-8 is marked by U+FFFD, and such a text is never written back."""
    return data.decode("utf-8", "replace")


def texts(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """The texts of the files that are there and can be read."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            found[path] = decoded((folder / path).read_bytes())
        except OSError:
            continue
    return found


def _settle(found: Memory, path: str, said: dict[str, Any]) -> None:
    """A delivery was killed while it wrote this file: was it written? What somebody has edited since goes by what it resembles more."""
    was, becomes, entry = str(said.get("was", "")), str(said.get("becomes", "")), _entry(said.get("entry"))
    now = seal.of_file(found.folder / path)
    if now not in (was, becomes):
        now = becomes if now and _nearer(found, path, becomes, was) else was
    if now == becomes and entry is not None:
        found.entries[path] = entry
    elif now == becomes:
        found.entries.pop(path, None)


def _nearer(found: Memory, path: str, one: str, other: str) -> bool:
    here = texts(found.folder, [path]).get(path, "").split("\n")
    first, second = (SequenceMatcher(None, here, (found.text(d) or "").split("\n"), autojunk=False).ratio() for d in (one, other))
    return first >= second


def _entry(said: Any) -> Entry | None:
    if not isinstance(said, dict):
        return None
    found = _object(said)
    generated, base, left = (str(found.get(name, found.get("generated", ""))) for name in ("generated", "base", "left"))
    return Entry(generated, base, left, found.get("conflict") is True)


def _object(value: Any) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _said(entry: Entry) -> dict[str, Any]:
    """As short as it can be: an unedited file has one digest."""
    found: dict[str, Any] = {"generated": entry.generated}
    found |= {name: value for name in ("base", "left") if (value := getattr(entry, name)) != entry.generated}
    return found | ({"conflict": True} if entry.conflict else {})
