"""Other ASGI apps under a prefix of ours."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI 3 application; each framework types the arguments in its own way."""

_SPEC = frozenset({
    "type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path", "headers", "client", "server",
    "subprotocols", "state", "extensions",
})  # fmt: skip
"""What ASGI says is in a scope. What an outer framework added (its router) would lead an inner one astray."""


def find_mount(mounts: Mapping[str, Asgi], scope: Scope) -> tuple[Asgi, Scope] | None:
    """The app that is mounted over this path, and the scope as it sees it: with the prefix in ``root_path`` (ASGI, HTTP scope)."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    below = path.removeprefix(root) if root else path
    for prefix, mounted in mounts.items():
        if below.startswith(prefix) and below[len(prefix) : len(prefix) + 1] in ("", "/"):
            whole = path if root and path.startswith(root) else root + path
            plain = {key: value for key, value in scope.items() if key in _SPEC}
            return mounted, {**plain, "root_path": root + prefix, "path": whole}
    return None
