"""Append-only files of JSON lines that survive a kill -9: a torn last line is left out on reading and cut on appending."""

import json
import os
import shutil
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

if sys.platform != "win32":
    import fcntl

_SETTLE = 0.02


def encode(record: Mapping[str, Any]) -> bytes:
    """The record as one line of JSON, line feed included; keys stay in the order given."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def locked(path: Path) -> Generator[BinaryIO]:
    """The file of JSON lines open for appending, under an exclusive lock, its torn tail mended. Other processes that append wait."""
    with alone(path) as file:
        mend(file)
        yield file


@contextmanager
def alone(path: Path) -> Generator[BinaryIO]:
    """The file open for reading and appending, under an exclusive lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


class Held(Exception):
    """Another process holds the file: it is working there now."""


@contextmanager
def held(path: Path) -> Generator[None]:
    """Hold the file, which says so, for as long as the block runs and the process lives. Raises `Held` when another one has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise Held(f"process {file.read(32).decode('ascii', 'replace').strip() or 'unknown'} is working here: {path}") from None
        file.truncate(0)
        put(file, f"{os.getpid()}\n".encode())
        yield


def append(path: Path, record: Mapping[str, Any], *, sync: bool = False) -> None:
    """Write the record behind the last one. With ``sync`` it is on the disk when this returns."""
    with locked(path) as file:
        put(file, encode(record))
        if sync:
            os.fsync(file.fileno())


def put(file: BinaryIO, data: bytes) -> None:
    """Write all of the data: an unbuffered file may take a part of it only, as on a disk that is filling up. Raises ``OSError``."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def read(path: Path) -> list[bytes]:
    """The lines that were written in full, oldest first; nothing for a file that is not there."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    tail = lines.pop()
    return [line for line in lines if line] + ([tail] if _whole(tail) else [])


def records(path: Path) -> list[dict[str, Any]]:
    """The lines decoded. A line that is not a JSON object is left out: whoever must notice reads the lines themselves."""
    return [record for line in read(path) if (record := mapping(line)) is not None]


def mend(file: BinaryIO) -> None:
    """Complete a last line that only lacks its line feed; cut one that was torn in the middle."""
    if not (tail := _tail(file)):
        return
    time.sleep(_SETTLE)  # a writer that knows no lock may be in the middle of its line
    if not (tail := _tail(file)):
        return
    if _whole(tail):
        file.write(b"\n")
    else:
        file.truncate(file.seek(0, os.SEEK_END) - len(tail))


def _tail(file: BinaryIO) -> bytes:
    """What stands behind the last line feed."""
    end = file.seek(0, os.SEEK_END)
    tail = b""
    while end > 0:
        start = max(0, end - 65536)
        file.seek(start)
        block = file.read(end - start)
        _, feed, last = block.rpartition(b"\n")
        tail = (last if feed else block) + tail
        if feed:
            break
        end = start
    return tail


def _whole(line: bytes) -> bool:
    return mapping(line) is not None


def mapping(text: str | bytes) -> dict[str, Any] | None:
    """The JSON object that the text is; None when it is anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, Any], found) if isinstance(found, dict) else None


def pretty(record: Mapping[str, Any]) -> bytes:
    """JSON for people: indented, one line feed at the end."""
    return json.dumps(record, indent=2, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace") + b"\n"


def replace(path: Path, data: bytes) -> None:
    """Put the data in the file's place at once and on the disk: a reader sees the old file or the new one, never a half.

    A file that is replaced keeps its rights.
    """
    with _beside(path, data) as beside:
        with suppress(OSError):
            shutil.copymode(path, beside)
        os.replace(beside, path)


def create(path: Path, data: bytes) -> None:
    """The same for a file that must not be there yet. Raises ``FileExistsError``."""
    with _beside(path, data) as beside:
        os.link(beside, path)


@contextmanager
def _beside(path: Path, data: bytes) -> Generator[Path]:
    """The data in a whole file beside the path, gone afterwards; what was done to the folder meanwhile is on the disk too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
