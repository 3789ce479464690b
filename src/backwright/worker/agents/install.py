"""Installing the agents into a project and taking them out again: never over an edit, and as often as one likes."""

import difflib
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from backwright.worker import journal
from backwright.worker.agents import definitions, merging
from backwright.worker.agents.merging import Entry, Unmergeable, Values
from backwright.worker.prove import seal

RECORD = ".backwright/agents.json"
"""What was installed: the digest of each whole file; the entries added to shared ones, and their text before and after."""
What = Literal["written", "updated", "unchanged", "merged", "kept", "removed", "restored"]


class CannotInstall(Exception):
    """The folder cannot be installed into; the text says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. ``detail`` says why it was kept, with the difference where there is one."""

    path: str
    what: What
    detail: str = ""


def install(folder: Path, *, command: str = "backwright", real: frozenset[str] = frozenset()) -> list[Outcome]:
    """Write what a coding assistant loads. ``real`` names the servers of which the real program is used. Raises `CannotInstall`."""
    with _record(folder) as record:
        found = [_write(folder, path, record) for path in definitions.WHOLE]
        found.append(_merge(folder, definitions.MCP_CONFIGURATION, definitions.servers(command, real), record))
        found.append(_merge(folder, definitions.SETTINGS, definitions.hooks(command), record))
    return found


def uninstall(folder: Path) -> list[Outcome]:
    """Take out what was installed and is still as it was. Shared files get their text back, or lose our entries. Raises `CannotInstall`."""
    with _record(folder) as record:
        found = [_remove(folder, path, record) for path in sorted(record["files"])]
        found += [_restore(folder, path, record) for path in sorted(record["shared"])]
    if not record["files"] and not record["shared"]:
        (folder / RECORD).unlink(missing_ok=True)
    _remove_empty(folder)
    return found


@contextmanager
def _record(folder: Path) -> Generator[Values]:
    """The record, written back whatever happens: what was done is remembered."""
    if not folder.is_dir():
        raise CannotInstall(f"{folder} is not a folder")
    try:
        found = journal.mapping((folder / RECORD).read_bytes()) if (folder / RECORD).exists() else {}
    except OSError as error:
        raise CannotInstall(f"{folder / RECORD}: {error.strerror}") from None
    if found is None:
        raise CannotInstall(f"{folder / RECORD} cannot be read: without it nobody knows what was installed. Mend or remove it.")
    record: Values = {name: dict(found[name]) if isinstance(found.get(name), dict) else {} for name in ("files", "shared")}
    try:
        yield record
    except OSError as error:
        raise CannotInstall(f"{error.filename or folder}: {error.strerror}") from None
    finally:
        if record != found and (record["files"] or record["shared"] or found):
            _remember(folder, record)


def _remember(folder: Path, record: Values) -> None:
    try:
        journal.replace(folder / RECORD, merging.write(record).encode())
    except OSError as error:
        raise CannotInstall(f"{folder / RECORD}: {error.strerror}") from None


# --- whole files ------------------------------------------------------------------------------------------------------


def _write(folder: Path, path: str, record: Values) -> Outcome:
    place, wanted = _place(folder, path), definitions.text(path)
    was, now = record["files"].get(path), seal.of_file(place)
    fresh = seal.digest(wanted.encode())
    if now == fresh:
        record["files"][path] = fresh
        return Outcome(path, "unchanged")
    if os.path.lexists(place) and now != was:
        why = "you have changed it since it was installed" if was else "it was there before"
        return Outcome(path, "kept", f"{why}; what would be written differs:\n{_difference(path, _text(place), wanted)}")
    journal.replace(place, wanted.encode())
    record["files"][path] = fresh
    return Outcome(path, "updated" if now else "written")


def _remove(folder: Path, path: str, record: Values) -> Outcome:
    place = _place(folder, path)
    was, now = record["files"].pop(path), seal.of_file(place)
    if not os.path.lexists(place):
        return Outcome(path, "removed", "it was gone already")
    if now != was:
        written = _difference(path, definitions.text(path), _text(place)) if path in definitions.WHOLE else ""
        return Outcome(path, "kept", f"you have changed it since it was installed:\n{written}")
    place.unlink()
    return Outcome(path, "removed")


# --- shared files -----------------------------------------------------------------------------------------------------


def _merge(folder: Path, path: str, entries: Sequence[Entry], record: Values) -> Outcome:
    place = _place(folder, path)
    before = _text(place) if place.exists() else None
    known = record["shared"].get(path)
    try:
        values = merging.read(before or "")
        if known is not None:
            values, _ = merging.without(values, [e for e in _entries(known) if e not in entries])
        values, added, taken = merging.merged(values, entries)
    except (Unmergeable, UnicodeDecodeError) as error:
        return Outcome(path, "kept", f"{error}; add these entries by hand:\n{merging.write(merging.merged({}, entries)[0])}")
    said = "".join(f"{entry.name} is there already, with another value: it stays as it is\n" for entry in taken).rstrip()
    after = merging.write(values)
    if values == merging.read(before or "") and before is not None:
        return Outcome(path, "kept" if taken else "unchanged", said)
    mine = [e for e in entries if e in added or (known is not None and e in _entries(known))]
    original = before if known is None else known.get("before")
    journal.replace(place, after.encode())
    record["shared"][path] = {
        "before": original if known is None or seal.digest((before or "").encode()) == known.get("after") else None,
        "created": before is None or bool(known and known.get("created")),
        "after": seal.digest(after.encode()),
        "entries": [{"path": list(e.path), "key": e.key, "value": e.value} for e in mine],
    }
    return Outcome(path, "written" if before is None else "merged", said)


def _restore(folder: Path, path: str, record: Values) -> Outcome:
    place, known = _place(folder, path), record["shared"].pop(path)
    if not place.exists():
        return Outcome(path, "removed", "it was gone already")
    text = _text(place)
    if seal.digest(text.encode()) == known.get("after") and (known.get("before") is not None or known.get("created")):
        return _put_back(place, path, known.get("before"))
    try:
        values, edited = merging.without(merging.read(text), _entries(known))
    except (Unmergeable, UnicodeDecodeError) as error:
        return Outcome(path, "kept", f"{error}; take our entries out by hand: {', '.join(e.name for e in _entries(known))}")
    said = "".join(f"{entry.name} was changed: it stays\n" for entry in edited).rstrip()
    return _put_back(place, path, merging.write(values) if values or not known.get("created") else None, said)


def _put_back(place: Path, path: str, text: str | None, said: str = "") -> Outcome:
    if text is None:
        place.unlink()
        return Outcome(path, "removed", said)
    journal.replace(place, text.encode())
    return Outcome(path, "restored", said)


def _entries(known: dict[str, Any]) -> list[Entry]:
    return [Entry(tuple(e["path"]), e["value"], e["key"]) for e in known.get("entries", ())]


# --- places -----------------------------------------------------------------------------------------------------------


def _place(folder: Path, path: str) -> Path:
    """Where a file goes. Raises `CannotInstall` where a link leads out of the folder."""
    place, root = folder / path, folder.resolve()
    try:
        if root not in place.resolve().parents:
            raise CannotInstall(f"{path} leads out of {folder} by a link: nothing is written there")
    except RuntimeError:
        raise CannotInstall(f"{path} is a link that leads in a circle") from None
    return place


def _remove_empty(folder: Path) -> None:
    for path in (".claude/agents", ".claude/templates/workers", ".claude/templates", ".claude/protocols", ".claude", ".backwright"):
        place = folder / path
        if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
            place.rmdir()


def _text(place: Path) -> str:
    return place.read_bytes().decode("utf-8", "surrogateescape")


def _difference(path: str, there: str, wanted: str) -> str:
    lines = difflib.unified_diff(there.splitlines(), wanted.splitlines(), f"{path} (as it is)", f"{path} (as installed)", lineterm="", n=1)
    return "\n".join(line.encode("utf-8", "replace").decode() for line in list(lines)[:200])
