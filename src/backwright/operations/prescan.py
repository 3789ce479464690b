"""Reading JSON exactly: everything the fast decoder lets pass or cannot explain. Linear in the size of the body."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn, TypeGuard

import msgspec

from backwright.domain.refusals import Malformed, Problem

_SYNTAX = msgspec.json.Decoder(msgspec.Raw)
_PLACE = re.compile(r"\(byte (\d+)\)")
_LONGEST_NUMBER = 400


@dataclass(frozen=True, slots=True)
class InputLimits:
    """How much a body may be: bytes in all, and levels of nesting."""

    max_bytes: int = 1_048_576
    max_depth: int = 32


def shown(text: str) -> str:
    """A name that came from outside, fit to be quoted in an answer: printable, at most 60 characters."""
    short = text if len(text) <= 60 else text[:57] + "..."
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short)


def is_object(found: object) -> TypeGuard[dict[str, Any]]:
    """Whether a parsed JSON value is an object."""
    return isinstance(found, dict)


def is_list(found: object) -> TypeGuard[list[Any]]:
    """Whether a parsed JSON value is an array."""
    return isinstance(found, list)


def malformed(detail: str, code: str, pointer: str | None = "") -> Malformed:
    """The refusal of a body that cannot be read, with one problem."""
    return Malformed(problems=(Problem(detail, pointer=pointer, code=code),))


def read_exactly(body: bytes, limits: InputLimits) -> Any:
    """The parsed body: whole numbers as int, others as Decimal.

    Raises `Malformed` for what is not JSON (RFC 8259), not UTF-8, too deep, has duplicate keys, NUL characters, lone surrogates,
    or numbers no machine can hold.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise malformed(f"The body is not UTF-8: byte {wrong.start} cannot be decoded.", "encoding") from None
    _check_syntax(body)
    try:
        document = _PARSER.decode(text)
    except RecursionError:
        raise too_deep(limits) from None
    except ValueError:
        raise malformed("The body is not JSON.", "not-json") from None
    if body.count(b"[") + body.count(b"{") > limits.max_depth or b"\\u" in body:
        _check_tree(document, limits)
    return document


def too_deep(limits: InputLimits) -> Malformed:
    return malformed(f"The body is nested more than {limits.max_depth} levels deep.", "depth")


def _check_syntax(body: bytes) -> None:
    if not body.strip():
        raise malformed("The body is empty; JSON is expected.", "not-json")
    if body.startswith(b"\xef\xbb\xbf"):
        raise malformed("The body starts with a byte order mark; send plain UTF-8.", "encoding")
    try:
        _SYNTAX.decode(body)
    except RecursionError:
        raise malformed("The body is nested too deeply.", "depth") from None
    except msgspec.DecodeError as wrong:
        place = _PLACE.search(str(wrong))
        where = f"unexpected character at byte {place[1]}" if place else "it ends too early"
        raise malformed(f"The body is not JSON: {where}.", "not-json") from None


def _check_tree(document: Any, limits: InputLimits) -> None:
    """Depth, NUL and surrogates; without recursion."""
    level, depth = [document], 0
    while level:
        depth += 1
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif is_object(item):
                for key in item:
                    _check_text(key)
                below += item.values()
            elif is_list(item):
                below += item
        if depth > limits.max_depth and any(isinstance(item, dict | list) for item in level):
            raise too_deep(limits)
        level = below


def _check_text(text: str) -> None:
    if (problem := text_problem(text)) is not None:
        raise malformed(f"The body has a text {problem}.", "text")


def text_problem(text: str) -> str | None:
    """Why a text cannot be stored, if it cannot."""
    if "\x00" in text:
        return "with a NUL character (\\u0000)"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "with half of a surrogate pair"
    return None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise malformed(f'The key "{shown(key)}" stands twice in one object.', "duplicate-key")
            seen.add(key)
    return found


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _absurd(text)
    return int(text)


def _fraction(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise _absurd(text)
    number = Decimal(text)
    if number and number.adjusted() > 308:
        raise _absurd(text)
    return number


def _absurd(text: str) -> Malformed:
    return malformed(f"The number {shown(text)} is beyond what can be held.", "number")


def _constant(text: str) -> NoReturn:
    raise malformed(f"{text} is not JSON.", "not-json")


_PARSER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_whole, parse_float=_fraction, parse_constant=_constant)
