"""The ASGI edge: an ASGI 3 application for a site, one layer, so that it runs on any server and mounts anywhere."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from backwright.api.http.edge import Edge
from backwright.api.http.message import HttpRequest, HttpResponse, Receive

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class AsgiEdge(Edge):
    """An ASGI application for a site."""

    async def http(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        client = scope.get("client")
        request = HttpRequest(
            scope["method"], path_of(scope), scope["query_string"], scope["headers"], receive, client[0] if client else "", scope["scheme"],
        )  # fmt: skip
        request.root_path = scope.get("root_path", "")
        self.begin(request)
        task = asyncio.current_task()
        assert task is not None
        running = self.running
        running.tasks[task] = (asyncio.get_running_loop().time(), request)
        try:
            response = await self.answer(request)
            if response is not None:
                await self.write(request, response, send)
        finally:
            running.done(task)
        if response is not None:
            self.tell(request, response)

    async def write(self, request: HttpRequest, response: HttpResponse, send: Send) -> None:
        """Send a response. A HEAD has no body, but the headers of the GET."""
        try:
            await send({"type": "http.response.start", "status": response.status, "headers": response.all_headers()})
            if response.chunks is None or request.method == "HEAD":
                await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else response.body})
            else:
                async for chunk in response.chunks:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except asyncio.CancelledError:
            if request.ended != "gone":
                raise
        finally:
            if response.close is not None:
                await response.close()


def path_of(scope: Scope) -> str:
    """The path below the mount, still percent-encoded where it was: ``%2F`` in a parameter must not become a slash."""
    path: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if raw is not None and b"%" in raw:
        path = raw.partition(b"?")[0].decode("latin-1")
    elif "%" in path or not path.isascii():
        path = quote(path)
    root: str = scope.get("root_path", "")
    return path[len(root) :] or "/" if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/") else path
