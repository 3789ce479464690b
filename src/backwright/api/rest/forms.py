"""The form of a function's route: fields and uploads read piece by piece, checked with every problem, and deleted when the call ends."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

from backwright.api.http.body import body_chunks
from backwright.api.http.forms import FormData, FormLimits, read_form
from backwright.api.http.message import HttpRequest
from backwright.api.http.negotiate import require_media
from backwright.api.rest.conditions import remember_key
from backwright.api.rest.documented import FORM, MULTIPART
from backwright.domain.refusals import Invalid, Problem
from backwright.operations.call import Call
from backwright.operations.given_inputs import Upload
from backwright.operations.parameters import ParameterDecoder
from backwright.operations.prescan import shown
from backwright.operations.shapes import Member
from backwright.operations.signatures import FilePart


class FormReader:
    """Reads the forms of one function."""

    def __init__(self, members: Sequence[Member], parts: Sequence[tuple[str, FilePart]], max_bytes: int) -> None:
        self._fields = ParameterDecoder(members, "form")
        self._parts = dict(parts)
        self._limits = FormLimits() if parts else FormLimits(max_bytes=max_bytes)
        self.media = (MULTIPART,) if parts else (FORM, MULTIPART)

    async def read(self, request: HttpRequest, call: Call) -> tuple[dict[str, Any], FormData]:
        """The inputs, and what must be closed after the call. Raises `UnsupportedMedia`, `Malformed`, `TooLarge`, `Invalid`."""
        media = require_media(request.header(b"content-type"), self.media)
        form = await read_form(body_chunks(request), media, self._limits)
        try:
            values = self._values(form)
            if (key := request.headers.get(b"idempotency-key")) is not None:
                remember_key(request, key, await asyncio.to_thread(digest, form), call)
        except BaseException:
            form.close()
            raise
        return values, form

    def _values(self, form: FormData) -> dict[str, Any]:
        problems: list[Problem] = []
        values = self._files(form, problems)
        try:
            values.update(self._fields.decode(form.fields))
        except Invalid as refused:
            problems += refused.problems
        if problems:
            raise Invalid(problems=tuple(problems))
        return values

    def _files(self, form: FormData, problems: list[Problem]) -> dict[str, Any]:
        found: dict[str, list[Upload]] = {}
        for name, upload in form.files:
            found.setdefault(name, []).append(upload)
        problems += [Problem("is not a file here", parameter=shown(name), code="unknown") for name in found if name not in self._parts]
        values: dict[str, Any] = {}
        for wire, part in self._parts.items():
            files = found.get(wire, [])
            if part.required and not files:
                problems.append(Problem("is required", parameter=wire, code="required"))
            elif len(files) > 1 and not part.several:
                problems.append(Problem("must be given only once", parameter=wire, code="repeated"))
            elif part.several or files:
                values[part.name] = files if part.several else files[0]
        return values


def digest(form: FormData) -> bytes:
    """Bytes that are equal for equal forms, whatever their boundary."""
    seen = hashlib.sha256()
    for name, value in form.fields:
        seen.update(f"{len(name)}:{name}{len(value)}:{value}".encode())
    for name, upload in form.files:
        seen.update(f"{len(name)}:{name}{upload.size}:".encode())
        upload.file.seek(0)
        for piece in iter(lambda file=upload.file: file.read(65536), b""):  # type: ignore[misc]
            seen.update(piece)
        upload.file.seek(0)
    return seen.digest()
