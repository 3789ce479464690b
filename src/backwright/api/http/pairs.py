"""``name=value&...`` → decoded pairs, for query strings and urlencoded forms. Strict: bad UTF-8 and bad escapes are refused."""

import re
from urllib.parse import unquote_to_bytes

from backwright.domain.refusals import Malformed, Problem

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse_pairs(raw: bytes, *, most: int = 200) -> list[tuple[str, str]]:
    """The pairs in order, blanks kept, ``+`` read as a blank. Raises `Malformed` for bad escapes, bad UTF-8, or more than ``most``."""
    if not raw:
        return []
    parts = raw.split(b"&", most)
    if len(parts) > most:
        raise _wrong(f"holds more than {most} values", "too-many")
    pairs: list[tuple[str, str]] = []
    for part in parts:
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((_text(name), _text(value)))
    return pairs


def _text(raw: bytes) -> str:
    raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        if _BAD_ESCAPE.search(raw):
            raise _wrong("has a % that is not followed by two hexadecimal digits", "encoding")
        raw = unquote_to_bytes(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise _wrong("is not UTF-8", "encoding") from None


def _wrong(what: str, code: str) -> Malformed:
    return Malformed(problems=(Problem(f"the query or form {what}", code=code),))
