"""A client inside the process: whole HTTP requests through every layer of an app, without a socket."""

import asyncio
from collections.abc import Mapping, MutableMapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote_to_bytes, urlencode

import msgspec

from backwright.app.app import App
from backwright.domain.entity import Account
from backwright.testing.answer import Answer
from backwright.testing.database import OpenApp, open_app
from backwright.testing.multipart import File, encoded

Query = Mapping[str, str] | list[tuple[str, str]]


class ServerFault(AssertionError):
    """The app failed while it answered: its traceback, which no client of the real server would see."""


class Client:
    """Sends requests to an app: ``answer = await client.get("/v1/books", as_=ada)``.

    Takes an app from `open_app`, or a declared one, which it opens on a fresh database of its own (`app` is it, once entered).
    ``as_`` is an account of the database, whose access token is sent, or a token. A fault in the app raises `ServerFault`, unless
    ``raise_faults=False``: then it is answered as outside, with 500. Refusals are always answers.
    """

    def __init__(self, app: App | OpenApp, *, address: str = "192.0.2.1", raise_faults: bool = True, root_path: str = "") -> None:
        self._given = app
        self._address = address
        self._raise = raise_faults
        self._root = root_path
        self._opened = AsyncExitStack()
        self._app = app if isinstance(app, OpenApp) else None

    @property
    def app(self) -> OpenApp:
        """The app it talks to. Raises ``LookupError`` before ``async with``."""
        if self._app is None:
            raise LookupError("this client opens its app on entering: async with Client(app) as client: ...")
        return self._app

    async def __aenter__(self) -> Self:
        if not isinstance(self._given, OpenApp):
            self._app = await self._opened.enter_async_context(open_app(self._given))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._opened.aclose()

    async def get(self, path: str, **given: Any) -> Answer:
        """GET; takes what `request` takes, without a body: ``as_=``, ``query=``, ``headers=``."""
        return await self.request("GET", path, **given)

    async def head(self, path: str, **given: Any) -> Answer:
        """HEAD."""
        return await self.request("HEAD", path, **given)

    async def post(self, path: str, json: Any = msgspec.UNSET, **given: Any) -> Answer:
        """POST a JSON body, or what `request` takes: ``form=``, ``files=``, ``body=``."""
        return await self.request("POST", path, json=json, **given)

    async def put(self, path: str, json: Any = msgspec.UNSET, **given: Any) -> Answer:
        """PUT."""
        return await self.request("PUT", path, json=json, **given)

    async def patch(self, path: str, json: Any = msgspec.UNSET, **given: Any) -> Answer:
        """PATCH."""
        return await self.request("PATCH", path, json=json, **given)

    async def delete(self, path: str, **given: Any) -> Answer:
        """DELETE."""
        return await self.request("DELETE", path, **given)

    async def options(self, path: str, **given: Any) -> Answer:
        """OPTIONS."""
        return await self.request("OPTIONS", path, **given)

    async def request(
        self, method: str, path: str, *, json: Any = msgspec.UNSET, form: Mapping[str, str] | None = None,
        files: Mapping[str, File] | None = None, body: bytes | str = b"", content_type: str | None = None,
        headers: Mapping[str, str] = {}, query: Query | None = None, as_: Account | str | None = None,
    ) -> Answer:  # fmt: skip
        """One request with at most one kind of body: a value as JSON, a form (with files: multipart), or bytes of any `content_type`."""
        raw = body.encode() if isinstance(body, str) else body
        if json is not msgspec.UNSET:
            content_type, raw = content_type or "application/json", msgspec.json.encode(json, enc_hook=str)
        elif form is not None or files is not None:
            content_type, raw = encoded(form, files)
        sent = {name.lower(): value for name, value in headers.items()}
        if raw or content_type:
            sent = {"content-type": content_type or "application/octet-stream", "content-length": str(len(raw)), **sent}
        if as_ is not None:
            sent["authorization"] = await self.app.authorization(as_)
        return await self._send(_scope(method, path, query, {"host": "testserver", **sent}, self._address, self._root), raw)

    async def _send(self, scope: dict[str, Any], body: bytes) -> Answer:
        messages: list[MutableMapping[str, Any]] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else await asyncio.Future[dict[str, Any]]()  # a client that stays, and is silent

        async def send(message: MutableMapping[str, Any]) -> None:
            messages.append(message)

        before = len(self.app.faults)
        # a task of its own, as every server makes one: deadlines cancel it
        await asyncio.create_task(self.app.running.serve(scope, receive, send))
        start = messages[0]
        answer = Answer(start["status"], list(start["headers"]), b"".join(m.get("body", b"") for m in messages[1:]))
        if self._raise:
            for fault in self.app.faults[before:]:
                if fault.request_id == answer.headers.get("x-request-id"):
                    raise ServerFault(f"{scope['method']} {scope['path']}: {fault.traceback}")
        return answer


def _scope(method: str, path: str, query: Query | None, headers: Mapping[str, str], address: str, root: str) -> dict[str, Any]:
    path, _, written = path.partition("?")
    said = "&".join(part for part in (written, urlencode(query or {})) if part)
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method.upper(),
        "scheme": "http", "path": root + unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": (root + path).encode(),
        "query_string": said.encode(), "root_path": root, "client": (address, 50000), "server": ("testserver", 80), "state": {},
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
    }  # fmt: skip
