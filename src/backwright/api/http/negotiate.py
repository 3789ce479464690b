"""Media types: what a request's body is (RFC 9110, 8.3). Pure."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from backwright.domain.refusals import UnsupportedMedia

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE: Final = re.compile(rf"[ \t]*({_TOKEN})/({_TOKEN})[ \t]*")
_PARAMETER: Final = re.compile(rf';[ \t]*(?:({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*+"))?[ \t]*', re.DOTALL)
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Media:
    """A media type with its parameters; names in lower case."""

    type: str
    subtype: str
    parameters: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def essence(self) -> str:
        return f"{self.type}/{self.subtype}"

    @property
    def is_json(self) -> bool:
        return self.essence == "application/json" or (self.type == "application" and self.subtype.endswith("+json"))


@lru_cache(maxsize=256)
def parse_media(header: str) -> Media | None:
    """The media type of a Content-Type header, or None if it is not one."""
    return _parse(header) if len(header) <= _LONGEST else None


def _parse(text: str) -> Media | None:
    if (match := _TYPE.match(text)) is None:
        return None
    parameters: dict[str, str] = {}
    at = match.end()
    while at < len(text):
        if (found := _PARAMETER.match(text, at)) is None:
            return None
        if found[1]:
            value = found[2]
            parameters.setdefault(found[1].lower(), re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value)
        at = found.end()
    return Media(match[1].lower(), match[2].lower(), parameters)


def require_media(header: str | None, accepts: tuple[str, ...]) -> Media:
    """The body's media type, which must be one of ``accepts`` and, if it is text or JSON, UTF-8. Raises `UnsupportedMedia`.

    ``application/json`` among ``accepts`` stands for every ``application/*+json`` as well; ``*/*`` for anything.
    """
    media = parse_media(header) if header else None
    if media is None or not any(_covers(a, media) for a in accepts):
        raise UnsupportedMedia(accepts=accepts)
    charset = media.parameters.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii") and (media.is_json or media.type == "text"):
        raise UnsupportedMedia(accepts=tuple(f"{a};charset=utf-8" for a in accepts))
    return media


def _covers(accepted: str, media: Media) -> bool:
    return accepted in ("*/*", media.essence) or (accepted == "application/json" and media.is_json)
