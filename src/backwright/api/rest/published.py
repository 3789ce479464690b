"""What an API serves about itself: its OpenAPI document, a documentation page, pages for its kinds of problems, and static folders."""

import asyncio
import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from backwright.api.http.etag import representation_tag
from backwright.api.http.files import StaticDirectory, file_response
from backwright.api.http.message import Header, HttpRequest, HttpResponse
from backwright.api.http.problems import ProblemJson
from backwright.api.http.router import decoded
from backwright.api.rest.door import RestDoor
from backwright.api.rest.openapi import openapi
from backwright.api.rest.writing import unchanged
from backwright.domain.mistakes import DeclarationError, Mistake
from backwright.domain.refusals import NotFound, Refusal
from backwright.operations.answers import File

PAGE = Path(__file__).with_name("docs.html")
_INLINE = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


class Fixed:
    """Answers the same bytes, made at the first request; a client that has them is answered 304."""

    def __init__(self, name: str, headers: list[Header], make: Callable[[], bytes]) -> None:
        self.name = name
        self._headers = headers
        self._make = make
        self._made: tuple[bytes, bytes] | None = None

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """The bytes."""
        if self._made is None:
            body = await asyncio.to_thread(self._make)  # of a large contract it takes a while
            self._made = representation_tag(body, None), body
        tag, body = self._made
        headers = [*self._headers, (b"etag", tag), (b"cache-control", b"no-cache")]
        response = HttpResponse(304, headers[-2:]) if unchanged(request, tag) else HttpResponse(200, headers, body)
        response.own = frozenset(name for name, _ in headers)
        return response


class ProblemPages:
    """``/problems/{code}``: what the ``type`` of a problem means."""

    name = "problems"

    def __init__(self) -> None:
        self._kinds: dict[str, type[Refusal]] = {}

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """The title, the status and the explanation of one kind. Raises `NotFound`."""
        return HttpResponse(200, [(b"content-type", b"text/plain; charset=utf-8")], self.text(decoded(request.params[0])).encode())

    def text(self, code: str) -> str:
        """The page. Raises `NotFound`."""
        if code == "internal-error":
            return "Internal error (500)\n\nSomething went wrong on our side. The instance of the problem finds it in the logs.\n"
        if code not in self._kinds:
            self._kinds = {kind.code(): kind for kind in _kinds(Refusal)}
        if (found := self._kinds.get(code)) is None:
            raise NotFound
        details = "".join(f"\n  {name}" for name in found.detail_types())
        more = f"\nIt comes with these members:{details}\n" if details else ""
        return f"{code.replace('-', ' ').capitalize()} ({found.status})\n\n{found.message()}\n{more}"


def _kinds(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


class StaticFiles:
    """The files of one folder, with validators and ranges."""

    def __init__(self, folder: Path) -> None:
        self.name = "static"
        self._folder = StaticDirectory(folder)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """The file. Raises `NotFound`, `RangeNotSatisfiable`."""
        found = self._folder.find(decoded(request.params[0]) if request.params else "")
        response = await file_response(File(found), request.method, request.headers)
        response.own = frozenset(name for name, _ in response.headers)
        return response


def publish(door: RestDoor, folder: Path) -> None:
    """Serve what belongs to the contract's site besides its operations; a path that the contract itself uses is left to it.

    Raises `DeclarationError` for a static folder that is not there.
    """
    rest, site = door.rest, door.site
    title = rest.title or folder.name.replace("_", " ").replace("-", " ").capitalize()
    missing = [name for name in rest.static.values() if not (folder / name).is_dir()]
    if missing:
        mend = f"Make the folder {folder / missing[0]}, or take it out of Rest(static=...)."
        raise DeclarationError([Mistake("Rest(...)", 0, f"The static folder {missing[0]!r} is not there.", mend)])

    def add(path: str, endpoint: Fixed | ProblemPages | StaticFiles) -> None:
        if ("GET", path) not in site.router.templates:
            site.add("GET", path, endpoint)

    if rest.docs is not None:
        page, policy = docs_page()
        add(rest.docs, Fixed("docs", [(b"content-type", b"text/html; charset=utf-8"), (b"content-security-policy", policy)], lambda: page))
        beside = rest.docs.rpartition("/")[0] + "/openapi.json"
        add(beside, Fixed("openapi", [(b"content-type", b"application/json")], lambda: msgspec.json.encode(openapi(door, title))))
    if isinstance(site.errors, ProblemJson) and site.errors.base.startswith("/"):
        add(f"{site.errors.base}{{code}}", ProblemPages())
    for prefix, name in rest.static.items():
        files = StaticFiles(folder / name)
        add(f"{prefix.rstrip('/')}/{{file:path}}", files)
        add(prefix.rstrip("/") or "/", files)


def docs_page() -> tuple[bytes, bytes]:
    """The page, and the policy that lets a browser run only what stands in it and ask only this server."""
    page = PAGE.read_bytes()
    hashes = {kind: "'sha256-" + base64.b64encode(hashlib.sha256(text).digest()).decode() + "'" for kind, text in _INLINE.findall(page)}
    policy = (
        f"default-src 'none'; script-src {hashes[b'script']}; style-src {hashes[b'style']}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page, policy.encode()
