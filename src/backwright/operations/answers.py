"""What a function may answer instead of JSON: text, HTML, a file, a stream, a redirect. Plain values; the doors send them."""

from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Json:
    """A value as JSON with a status and headers of its own."""

    value: Any
    status: int = 200
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, UTF-8."""

    text: str
    status: int = 200
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Html:
    """A page: markup that is sent as it is, or the name of a template with its values, which are escaped.

    ``Html("<h1>Hello</h1>")`` or ``Html(template="receipt.html", values={"order": order})``.
    """

    markup: str = ""
    template: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file on disk, or bytes, sent with ranges and validators. ``filename`` makes the browser save it under that name."""

    content: Path | bytes
    filename: str | None = None
    content_type: str | None = None
    """None: by the name's ending, else ``application/octet-stream``."""
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """Pieces of a body as they come. Texts are sent as UTF-8."""

    pieces: AsyncIterable[bytes | str]
    content_type: str = "application/octet-stream"
    status: int = 200
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go there instead: 303 See Other unless another 3xx is given. A path of this server, or an absolute https URL."""

    location: str
    status: int = 303
    headers: Headers = ()


Answer = Json | Text | Html | File | Stream | Redirect
