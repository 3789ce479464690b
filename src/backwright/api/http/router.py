"""Which handler a method and path mean: exact paths by one look-up, templates by a tree of segments. Built once. Pure.

A request costs the same however many routes there are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

from backwright.domain.refusals import Malformed, MethodNotAllowed, NotFound, Problem

H = TypeVar("H")
_BROKEN = re.compile("%(?![0-9A-Fa-f]{2})")
_PLAIN = "!$&'()*+,;=:@-._~"


@dataclass(slots=True)
class _Node(Generic[H]):
    literal: dict[str, "_Node[H]"] = field(default_factory=dict[str, "_Node[H]"])
    parameter: "_Node[H] | None" = None
    methods: dict[str, H] = field(default_factory=dict[str, H])
    rest: dict[str, H] = field(default_factory=dict[str, H])
    """Handlers for ``{name:path}``: whatever follows."""


class Router(Generic[H]):
    """Routes by method and path template, e.g. ``/v1/books/{id}`` or ``/static/{file:path}``."""

    def __init__(self) -> None:
        self._exact: dict[str, dict[str, H]] = {}
        self._root: _Node[H] = _Node()
        self.templates: list[tuple[str, str]] = []

    def add(self, method: str, template: str, handler: H) -> None:
        """Add a route. Raises ``ValueError`` if it is there already."""
        self.templates.append((method, template))
        template = quote(template, safe=_PLAIN + "/{}%")
        methods = self._place(template) if "{" in template else self._exact.setdefault(template, {})
        if method in methods:
            raise ValueError(f"{method} {template} is routed twice")
        methods[method] = handler

    def _place(self, template: str) -> dict[str, H]:
        node = self._root
        for segment in template.strip("/").split("/"):
            if segment.endswith(":path}"):
                return node.rest
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        return node.methods

    def match(self, method: str, path: str) -> tuple[H, tuple[str, ...]]:
        """The handler and the path's parameters. Raises `NotFound`, `MethodNotAllowed`."""
        methods = self._exact.get(path)
        if methods is not None:
            handler = methods.get(method)
            if handler is not None:
                return handler, ()
        found = self._walk(self._root, path.split("/")[1:], 0, ())
        if found is not None:
            templated, params = found
            handler = templated.get(method)
            if handler is not None:
                return handler, params
            methods = {**templated, **(methods or {})}
        if not methods:
            raise NotFound()
        raise MethodNotAllowed(allow=allowed(methods))

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path answers to; empty if it is not there."""
        found = self._walk(self._root, path.split("/")[1:], 0, ())
        return allowed({**(found[0] if found else {}), **self._exact.get(path, {})})

    def _walk(
        self, node: _Node[H], segments: list[str], at: int, params: tuple[str, ...]
    ) -> tuple[Mapping[str, H], tuple[str, ...]] | None:
        if at == len(segments):
            return (node.methods, params) if node.methods else None
        segment = segments[at]
        literal = node.literal.get(segment)
        if literal is not None and (found := self._walk(literal, segments, at + 1, params)) is not None:
            return found
        if node.parameter is not None and segment:
            found = self._walk(node.parameter, segments, at + 1, (*params, segment))
            if found is not None:
                return found
        return (node.rest, (*params, "/".join(segments[at:]))) if node.rest else None


def allowed(methods: Mapping[str, object]) -> tuple[str, ...]:
    """The methods for an Allow header: HEAD comes with GET, OPTIONS always."""
    if not methods:
        return ()
    return tuple(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))


def decoded(segment: str) -> str:
    """A path parameter without its percent-encoding. Raises `Malformed` for bytes that are no UTF-8 and for broken escapes."""
    if "%" not in segment:
        return segment
    if _BROKEN.search(segment):
        raise _unreadable("a % that is not followed by two hexadecimal digits")
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise _unreadable("bytes that are not UTF-8") from None


def normal(path: str) -> str:
    """The path with every character that needs no escape unescaped (RFC 3986, 6.2.2.2), so that all spellings find one route."""
    return "/".join(quote(decoded(segment), safe=_PLAIN) for segment in path.split("/"))


def _unreadable(what: str) -> Malformed:
    return Malformed(problems=(Problem(f"The path has {what}.", code="encoding"),))
