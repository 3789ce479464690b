"""The text of one file of a foreign repository: bounded, decoded, or not read for a reason that is said."""

import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

LIMIT = 2_000_000
"""Bytes. Larger files are not read unless the reader says so: source that people write is smaller."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_HEAD = 3000
_GENERATED_NAME = re.compile(
    r"(_pb2(_grpc)?\.pyi?|\.pb(\.gw)?\.go|_grpc_pb\.js|\.g\.cs|\.designer\.cs|\.generated\.\w+|\.gen\.(go|ts))$", re.I
)
_MINIFIED_NAME = re.compile(r"[.-](min|bundle|chunk)\.(js|mjs|cjs|css)$", re.I)
_GENERATED = re.compile(
    r"^\W{0,8}(code generated\b.*\bdo not edit|<auto-?generated|@generated\b"
    r"|.{0,80}\b(auto-?|automatically |protoc-)?generated\b.{0,120}\b(do not (edit|modify|change)|any changes)"
    r"|.{0,80}\bdo not (edit|modify)\b.{0,120}\bgenerated\b)",
    re.I | re.M,
)
_COMMENT = re.compile(r"^\s*(<\?|//|#|/?\*|<!--|--|;|'|%|\"\"\"|$)")


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says. Line ends are as they stand in it."""

    text: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A file whose text cannot or should not be read, and why."""

    reason: str


def read(path: Path, *, limit: int = LIMIT) -> Text | Unread:
    """The text of the file: UTF-8, UTF-16 or UTF-32 with a byte order mark, else Latin-1. Never raises for what lies on the disk.

    No link is followed, and nothing but an ordinary file is opened for long: a pipe that took its place cannot make it wait.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        return Unread("a link" if error.errno == errno.ELOOP else why(error))
    except ValueError:
        return Unread("its name is not possible here")
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode):  # a folder could not even be opened as a file
        os.close(handle)
        return Unread("not an ordinary file")
    with open(handle, "rb") as file:
        try:
            data = file.read(min(limit, state.st_size) + 1)  # a buffer of the whole limit would cost more than the file
        except OSError as error:
            return Unread(why(error))
    if len(data) > limit:
        return Unread(f"too large: {max(state.st_size, len(data)) / 1e6:.1f} MB, at most {limit / 1e6:.1f} MB are read")
    return decode(data)


def decode(data: bytes) -> Text | Unread:
    """The bytes as text; what holds NUL bytes and no byte order mark is binary."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return Text(data.decode(encoding), encoding)
            except UnicodeDecodeError:
                return Unread(f"not valid {encoding.upper()}, though its byte order mark says so")
    if b"\0" in data:
        return Unread("binary")
    try:
        return Text(data.decode(), "utf-8")
    except UnicodeDecodeError:
        return Text(data.decode("latin-1"), "latin-1")


def made(path: str, text: str) -> str | None:
    """Why nobody wrote this source by hand: it is minified or generated, by its name or by what it says itself. None for the rest."""
    if _MINIFIED_NAME.search(path) or _long_lines(path, text):
        return "minified"
    if _GENERATED_NAME.search(path):
        return "generated"
    head = text[:_HEAD]
    if "enerated" in head and _GENERATED.search("\n".join(_comments(head))):
        return "generated"
    return None


def _comments(head: str) -> list[str]:
    """The comment that a file begins with: a line further down that speaks of generated code is not about the file."""
    lines: list[str] = []
    for line in head.splitlines()[:40]:
        if not _COMMENT.match(line):
            break
        lines.append(line)
    return lines


def _long_lines(path: str, text: str) -> bool:
    if not path.lower().endswith((".js", ".mjs", ".cjs", ".css")) or len(text) < 2_000:
        return False
    return len(text) / (text.count("\n") + 1) > 400


def why(error: OSError) -> str:
    """The reason of the operating system, without the path that the finding names anyway."""
    return (error.strerror or type(error).__name__).lower()
