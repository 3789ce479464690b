"""Files as responses: validators, ranges (RFC 9110, 14), HEAD, and static directories that cannot be left."""

import asyncio
import mimetypes
import os
import re
import stat
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

from backwright.api.http.etag import Tag, content_tag, matches_strongly, matches_weakly, parse_tags
from backwright.api.http.message import Header, HttpResponse
from backwright.api.http.problems import RangeNotSatisfiable
from backwright.domain.refusals import NotFound, VersionConflict
from backwright.operations.answers import File

PIECE: Final = 256 * 1024
_AT_ONCE: Final = 64 * 1024
_MOST_RANGES: Final = 16
_RANGES: Final = re.compile(r"bytes=[ \t]*([0-9, \t-]{1,1000})", re.ASCII | re.IGNORECASE)
_ONE: Final = re.compile(r"([0-9]{0,18})-([0-9]{0,18})", re.ASCII)
_TYPES: Final = mimetypes.MimeTypes()

Span = tuple[int, int]
"""First byte and the one after the last."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Bytes of a known length, in memory or in an open file."""

    size: int
    tag: Tag
    changed: datetime | None
    data: bytes | None
    file: BinaryIO | None


async def file_response(answer: File, method: str, headers: Mapping[bytes, bytes]) -> HttpResponse:
    """Answer GET or HEAD for a file: 200, 206, or 304.

    Raises `NotFound` if it is not there, `RangeNotSatisfiable`, and `VersionConflict` for an If-Match of another content.
    """
    source = _held(answer.content) if isinstance(answer.content, bytes) else await asyncio.to_thread(_opened, answer.content)
    response: HttpResponse | None = None
    try:
        common = _common(answer, source)
        spans = None
        if _not_modified(source, headers):
            return HttpResponse(304, [h for h in common if h[0] != b"content-type"])
        if method == "GET":
            spans = _asked(source, headers)
        response = await _send(source, common, spans, head=method == "HEAD")
        return response
    finally:
        if source.file is not None and (response is None or response.chunks is None):
            source.file.close()


def _held(data: bytes) -> _Source:
    return _Source(len(data), content_tag(data), None, data, None)


def _opened(path: Path) -> _Source:
    """Open first, ask after: what is sent is what was looked at."""
    try:
        file = path.open("rb")
    except (OSError, ValueError):
        raise NotFound from None
    info = os.fstat(file.fileno())
    if not stat.S_ISREG(info.st_mode):
        file.close()
        raise NotFound
    seal = blake2b(f"{info.st_mtime_ns}-{info.st_size}-{info.st_ino}".encode(), digest_size=9).hexdigest()
    return _Source(info.st_size, Tag(seal), datetime.fromtimestamp(int(info.st_mtime), UTC), None, file)


def _common(answer: File, source: _Source) -> list[Header]:
    name = answer.filename or (answer.content.name if isinstance(answer.content, Path) else "")
    headers = [
        (b"content-type", content_type(name, answer.content_type).encode("latin-1")),
        (b"etag", str(source.tag).encode()),
        (b"accept-ranges", b"bytes"),
    ]
    if source.changed is not None:
        headers.append((b"last-modified", format_datetime(source.changed, usegmt=True).encode()))
    if answer.filename is not None:
        headers.append((b"content-disposition", attachment(answer.filename).encode("latin-1")))
    return headers + [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in answer.headers]


def content_type(name: str, claimed: str | None = None) -> str:
    """The media type by the name's ending; texts are UTF-8."""
    found = claimed or _TYPES.guess_type(name, strict=True)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") and "charset" not in found else found


def attachment(filename: str) -> str:
    """A Content-Disposition that saves under this name in every browser (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in filename)
    return f'attachment; filename="{plain}"' + ("" if plain == filename else f"; filename*=UTF-8''{quote(filename, safe='')}")


def _not_modified(source: _Source, headers: Mapping[bytes, bytes]) -> bool:
    if (wanted := headers.get(b"if-match")) is not None and not matches_strongly(
        parse_tags(wanted.decode("latin-1"), "If-Match"), source.tag
    ):
        raise VersionConflict
    if (known := headers.get(b"if-none-match")) is not None:
        return matches_weakly(parse_tags(known.decode("latin-1"), "If-None-Match"), source.tag)
    since = _date(headers.get(b"if-modified-since"))
    return since is not None and source.changed is not None and source.changed <= since


def _date(header: bytes | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header.decode("latin-1")) if header else None
        return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _asked(source: _Source, headers: Mapping[bytes, bytes]) -> list[Span] | None:
    """The spans to send; None for everything."""
    header = headers.get(b"range")
    if header is None or not _still_the_same(source, headers.get(b"if-range")):
        return None
    spans = parse_ranges(header.decode("latin-1"), source.size)
    if spans is not None and not spans:
        raise RangeNotSatisfiable(size=source.size)
    return spans


def _still_the_same(source: _Source, condition: bytes | None) -> bool:
    if condition is None:
        return True
    text = condition.decode("latin-1").strip()
    return text == str(source.tag) if text.startswith(('"', "W/")) else source.changed is not None and _date(condition) == source.changed


def parse_ranges(header: str, size: int) -> list[Span] | None:
    """The satisfiable spans of a Range header, sorted and joined where they touch; empty if none is; None to ignore the header.

    Ignored: other units, bad syntax, more than 16 ranges (RFC 9110, 14.2 allows it).
    """
    if (match := _RANGES.fullmatch(header.strip())) is None:
        return None
    spans: list[Span] = []
    parts = [p.strip() for p in match[1].split(",") if p.strip()]
    if not 0 < len(parts) <= _MOST_RANGES:
        return None
    for part in parts:
        if (one := _ONE.fullmatch(part)) is None or part == "-" or (one[1] and one[2] and int(one[2]) < int(one[1])):
            return None
        first = int(one[1]) if one[1] else max(0, size - int(one[2]))
        end = min(size, int(one[2]) + 1) if one[1] and one[2] else size
        if first < end:
            spans.append((first, end))
    return _joined(spans)


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for first, end in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((first, end))
    return joined


async def _send(source: _Source, common: list[Header], spans: list[Span] | None, head: bool) -> HttpResponse:
    if spans is None:
        return await _body(200, common, source, [(b"", (0, source.size), b"")], head)
    if len(spans) == 1:
        first, end = spans[0]
        return await _body(206, [*common, _content_range(first, end, source.size)], source, [(b"", spans[0], b"")], head)
    boundary = b"part-" + source.tag.opaque[:16].encode()
    inner = next(v for n, v in common if n == b"content-type")
    pieces = [
        (
            b"--" + boundary + b"\r\ncontent-type: " + inner + b"\r\ncontent-range: " + _content_range(*span, source.size)[1] + b"\r\n\r\n",
            span,
            b"\r\n",
        )
        for span in spans
    ]
    pieces.append((b"--" + boundary + b"--\r\n", (0, 0), b""))
    outer = [h for h in common if h[0] != b"content-type"] + [(b"content-type", b"multipart/byteranges; boundary=" + boundary)]
    return await _body(206, outer, source, pieces, head)


def _content_range(first: int, end: int, size: int) -> Header:
    return b"content-range", f"bytes {first}-{end - 1}/{size}".encode()


async def _body(status: int, headers: list[Header], source: _Source, pieces: list[tuple[bytes, Span, bytes]], head: bool) -> HttpResponse:
    length = sum(len(before) + span[1] - span[0] + len(after) for before, span, after in pieces)
    headers = [*headers, (b"content-length", str(length).encode())]
    if head:
        return HttpResponse(status, headers)
    if source.data is not None:
        data = source.data
        return HttpResponse(status, headers, b"".join(before + data[span[0] : span[1]] + after for before, span, after in pieces))
    assert source.file is not None
    file = source.file
    if length <= _AT_ONCE:
        parts = [before + await asyncio.to_thread(_read, file, *span) + after for before, span, after in pieces]
        return HttpResponse(status, headers, b"".join(parts))

    async def close() -> None:
        file.close()

    return HttpResponse(status, headers, chunks=_stream(file, pieces), close=close)


def _read(file: BinaryIO, first: int, end: int) -> bytes:
    file.seek(first)
    return file.read(end - first)


async def _stream(file: BinaryIO, pieces: list[tuple[bytes, Span, bytes]]) -> AsyncIterator[bytes]:
    """Pieces of at most 256 KiB, read off the event loop; the file is closed however it ends."""
    try:
        for before, (first, end), after in pieces:
            if before:
                yield before
            for at in range(first, end, PIECE):
                data = await asyncio.to_thread(_read, file, at, min(end, at + PIECE))
                if not data:
                    return
                yield data
            if after:
                yield after
    finally:
        file.close()


@dataclass(frozen=True, slots=True)
class StaticDirectory:
    """Files under a directory, found by their path in the URL."""

    root: Path
    index: str | None = "index.html"

    def find(self, path: str) -> Path:
        """The file of a decoded URL path (without leading slash). Raises `NotFound` for everything outside, hidden, or not a file."""
        steps = [step for step in path.split("/") if step]
        if any(step.startswith(".") or "\\" in step or "\x00" in step or ":" in step for step in steps):
            raise NotFound
        try:
            root = self.root.resolve(strict=True)
            found = root.joinpath(*steps).resolve(strict=True)
            if found.is_dir() and self.index is not None:
                found = (found / self.index).resolve(strict=True)
            if not found.is_relative_to(root) or not found.is_file():
                raise NotFound
        except (OSError, ValueError, RuntimeError):
            raise NotFound from None
        return found
