"""Media types: what a request's body is, and what the client accepts (RFC 9110, 8.3 and 12.5.1). Pure."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from backwright.domain.refusals import Malformed, Problem, UnsupportedMedia

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE: Final = re.compile(rf"[ \t]*({_TOKEN})/({_TOKEN})[ \t]*")
_PARAMETER: Final = re.compile(rf';[ \t]*(?:({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*+"))?[ \t]*', re.DOTALL)
_QUALITY: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
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


@lru_cache(maxsize=256)
def choose(header: str | None, offers: tuple[str, ...]) -> str | None:
    """The offer that an Accept header likes best (the first of equals), or None if it likes none. No header likes everything.

    Raises `Malformed` for a header that cannot be read.
    """
    if header is None or not header.strip():
        return offers[0]
    ranges = _ranges(header)
    best, score = None, 0.0
    for offer in offers:
        if (quality := _quality(ranges, _parse(offer) or Media("*", "*"))) > score:
            best, score = offer, quality
    return best


def _ranges(header: str) -> list[tuple[Media, float]]:
    found: list[tuple[Media, float]] = []
    for part in header[:_LONGEST].split(",") if len(header) <= _LONGEST else ["?"]:
        if not part.strip():
            continue
        media = _parse(part)
        quality = media.parameters.pop("q", "1") if media is not None else ""
        if media is None or not _QUALITY.fullmatch(quality):
            raise Malformed(
                problems=(Problem("must be a list of media types, for example application/json;q=0.9", parameter="Accept", code="accept"),)
            )
        found.append((media, float(quality)))
    return found


def _quality(ranges: list[tuple[Media, float]], offer: Media) -> float:
    """The quality of the most specific range that covers the offer."""
    best, found = -1, 0.0
    for media, quality in ranges:
        if media.type not in ("*", offer.type) or media.subtype not in ("*", offer.subtype):
            continue
        if any(offer.parameters.get(name, "").lower() != value.lower() for name, value in media.parameters.items()):
            continue
        rank = (media.type != "*") + (media.subtype != "*") + len(media.parameters)
        if rank > best:
            best, found = rank, quality
    return found
