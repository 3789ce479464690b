"""Entity tags and the conditions made of them (RFC 9110, 8.8.3 and 13.1). Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal
from zlib import crc32

from backwright.domain.refusals import Malformed, Problem

Any_ = Literal["*"]
_ONE = re.compile(r'[ \t]*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)')
_EMPTY = re.compile(r"[ \t]*,")
_VERSION = re.compile(r"([1-9][0-9]{0,18})(?:-|$)", re.ASCII)
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Tag:
    """One entity tag: ``"abc"``, or weak: ``W/"abc"``."""

    opaque: str
    weak: bool = False

    def __str__(self) -> str:
        return f'W/"{self.opaque}"' if self.weak else f'"{self.opaque}"'


def content_tag(content: bytes) -> Tag:
    """The strong tag of these very bytes."""
    return Tag(blake2b(content, digest_size=12).hexdigest())


def parse_tags(header: str, name: str) -> tuple[Tag, ...] | Any_:
    """The tags of an If-Match or If-None-Match header, or ``"*"``. Raises `Malformed`, naming the header."""
    if header.strip(" \t") == "*":
        return "*"
    tags: list[Tag] = []
    at = 0
    while at < len(header) <= _LONGEST:
        if (match := _ONE.match(header, at)) is not None:
            tags.append(Tag(match[2], weak=match[1] is not None))
        elif (match := _EMPTY.match(header, at)) is None:
            break
        at = match.end()
    if at < len(header) or not tags:
        detail = 'must be "*" or a list of entity tags in double quotes, for example "3"'
        raise Malformed(problems=(Problem(detail, parameter=name, code="etag"),))
    return tuple(tags)


def matches_strongly(tags: Iterable[Tag] | Any_, current: Tag | None) -> bool:
    """If-Match: whether the request may go on. ``current`` is None where there is nothing."""
    if current is None:
        return False
    return isinstance(tags, str) or any(not t.weak and not current.weak and t.opaque == current.opaque for t in tags)


def matches_weakly(tags: Iterable[Tag] | Any_, current: Tag | None) -> bool:
    """If-None-Match: whether the client has it already (a GET is then answered 304, a change 412)."""
    if current is None:
        return False
    return isinstance(tags, str) or any(t.opaque == current.opaque for t in tags)


def wanted_versions(header: str) -> tuple[int, ...] | None:
    """The versions that an If-Match header allows; None for ``*``, empty if no tag in it can ever match. Raises `Malformed`.

    The tags of representations begin with the row's version: ``"3-5a1f"``.
    """
    tags = parse_tags(header, "If-Match")
    if isinstance(tags, str):
        return None
    return tuple(number for t in tags if not t.weak and (found := _VERSION.match(t.opaque)) and (number := int(found[1])) < 2**63)


def representation_tag(body: bytes, version: int | None) -> bytes:
    """The strong tag of these very bytes; in front of it the version that If-Match goes by.

    The version alone would not do: counters and expanded references change without it.
    """
    return b'"%d-%x-%x"' % (version or 0, len(body), crc32(body))


def known_already(header: bytes, tag: bytes) -> bool:
    """Whether If-None-Match names this tag. Raises `Malformed`."""
    if header == tag:
        return True
    return matches_weakly(parse_tags(header.decode("latin-1"), "If-None-Match"), Tag(tag[1:-1].decode()))
