"""Forms: urlencoded bodies, and multipart bodies read piece by piece, large files spooled to disk off the event loop."""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, cast

from backwright.api.http.negotiate import Media, parse_media
from backwright.api.http.pairs import parse_pairs
from backwright.domain.refusals import Malformed, Problem, TooLarge
from backwright.operations.given_inputs import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLimits:
    """Bounds of a form, in bytes and in parts."""

    max_bytes: int = 32 * 1024 * 1024
    max_parts: int = 100
    max_field_bytes: int = 64 * 1024
    max_file_bytes: int = 16 * 1024 * 1024
    max_header_bytes: int = 8 * 1024
    memory_bytes: int = 256 * 1024
    """A file larger than this goes to disk while it arrives."""


@dataclass(slots=True)
class FormData:
    """What a form held, in order; close it when the request ends."""

    fields: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    files: list[tuple[str, Upload]] = field(default_factory=list[tuple[str, Upload]])

    def close(self) -> None:
        """Delete the uploaded files."""
        for _, upload in self.files:
            upload.file.close()


async def read_form(chunks: AsyncIterable[bytes], media: Media, limits: FormLimits = FormLimits()) -> FormData:
    """Read ``application/x-www-form-urlencoded`` or ``multipart/form-data``.

    Raises `Malformed` (not a form, bad encoding, too many parts) or `TooLarge`; nothing is left open then.
    """
    if media.essence == "multipart/form-data":
        return await _read_multipart(chunks, media.parameters.get("boundary", ""), limits)
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limits.max_bytes:
            raise TooLarge(limit=limits.max_bytes)
    pairs = parse_pairs(bytes(body), most=limits.max_parts)
    for name, value in pairs:
        if len(value.encode()) > limits.max_field_bytes:
            raise wrong(f"the field {safe_name(name)} is larger than {limits.max_field_bytes} bytes")
    return FormData(pairs)


async def _read_multipart(chunks: AsyncIterable[bytes], boundary: str, limits: FormLimits) -> FormData:
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser

    if not 0 < len(boundary) <= 70 or not boundary.isascii():
        raise wrong("the content type names no usable boundary")
    assembly = _Assembly(limits)
    parser = MultipartParser(boundary.encode(), cast("Any", assembly.callbacks()), max_header_size=limits.max_header_bytes)
    try:
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            if size > limits.max_bytes:
                raise TooLarge(limit=limits.max_bytes)
            for at in range(0, len(chunk), 65536):
                parser.write(chunk[at : at + 65536])
                await assembly.flush()
        parser.finalize()
        if not assembly.ended:
            raise wrong("it ends before its last boundary")
        for _, upload in assembly.form.files:
            upload.file.seek(0)
        return assembly.form
    except FormParserError:
        assembly.close()
        raise wrong("its parts cannot be told apart") from None
    except BaseException:
        assembly.close()
        raise


class _Assembly:
    """Puts the parser's events together. The parser is not async, so what must go to a file waits for `flush`."""

    def __init__(self, limits: FormLimits) -> None:
        self.limits, self.form, self.ended = limits, FormData(), False
        self._parts = self._header_bytes = self._size = 0
        self._field, self._value = bytearray(), bytearray()
        self._headers: dict[str, str] = {}
        self._name = ""
        self._filename: str | None = None
        self._text = bytearray()
        self._file: SpooledTemporaryFile[bytes] | None = None
        self._waiting: list[tuple[IO[bytes], bytes]] = []

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all,
        }

    async def flush(self) -> None:
        """Write what has arrived: at once while the file is in memory, in a thread when it is on disk."""
        waiting, self._waiting = self._waiting, []
        for file, data in waiting:
            if file.tell() + len(data) <= self.limits.memory_bytes:
                file.write(data)
            else:
                await asyncio.to_thread(file.write, data)

    def close(self) -> None:
        self.form.close()
        if self._file is not None:
            self._file.close()

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > self.limits.max_parts:
            raise wrong(f"it has more than {self.limits.max_parts} parts")
        self._headers, self._header_bytes, self._size = {}, 0, 0
        self._text.clear()

    def _count(self, added: int) -> None:
        self._header_bytes += added
        if self._header_bytes > self.limits.max_header_bytes:
            raise wrong(f"a part's headers are larger than {self.limits.max_header_bytes} bytes")

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._field.decode("latin-1").lower()] = decoded(bytes(self._value))
        self._field.clear()
        self._value.clear()

    def _headers_finished(self) -> None:
        disposition = disposition_parameters(self._headers.get("content-disposition", ""))
        if disposition is None or "name" not in disposition:
            raise wrong("a part has no name")
        self._name, self._filename = disposition["name"], disposition.get("filename")
        if self._filename is not None:
            self._file = SpooledTemporaryFile(max_size=self.limits.memory_bytes)  # noqa: SIM115  # closed with the form

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is not None:
            if self._size > self.limits.max_file_bytes:
                raise TooLarge(limit=self.limits.max_file_bytes)
            self._waiting.append((cast("IO[bytes]", self._file), data[start:end]))
            return
        if self._size > self.limits.max_field_bytes:
            raise TooLarge(limit=self.limits.max_field_bytes)
        self._text += data[start:end]

    def _end(self) -> None:
        if self._file is None:
            self.form.fields.append((self._name, decoded(bytes(self._text))))
            return
        claimed = parse_media(self._headers.get("content-type", ""))
        essence = claimed.essence if claimed is not None else "application/octet-stream"
        self.form.files.append((self._name, Upload(safe_name(self._filename or ""), essence, self._size, cast(BinaryIO, self._file))))
        self._file = None

    def _all(self) -> None:
        self.ended = True


_ITEM = re.compile(r';[ \t]*([A-Za-z*]{1,20})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*+)"|([^\s";]*))', re.DOTALL)


def disposition_parameters(header: str) -> dict[str, str] | None:
    """``name`` and ``filename`` of a part's Content-Disposition; browsers escape only the double quote, as ``%22`` or ``\\"``."""
    if not header.lstrip(" \t").lower().startswith("form-data"):
        return None
    found: dict[str, str] = {}
    for match in _ITEM.finditer(header):
        value = match[2].replace('\\"', '"').replace("%22", '"') if match[2] is not None else match[3]
        found.setdefault(match[1].lower(), value)
    return found


def decoded(raw: bytes) -> str:
    """UTF-8, or `Malformed`."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise wrong("it is not UTF-8") from None


def safe_name(name: str) -> str:
    """A file's name that is only a name: no directories, control or bidirectional characters, leading dots; at most 255 bytes."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    name = "".join("_" if c in '<>:"|?*' else c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(ending) > 20 or not stem:
        stem, dot, ending = name, "", ""
    room = 255 - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending or "file"


def wrong(what: str) -> Malformed:
    """The refusal of a form that cannot be read."""
    return Malformed(problems=(Problem(f"The form cannot be read: {what}.", code="form"),))
