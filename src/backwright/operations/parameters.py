"""Path and query texts → typed values, all problems at once."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from backwright.domain.model import Kind
from backwright.domain.refusals import Invalid, Malformed, Problem
from backwright.operations.explaining import MOST, SUGGESTIONS, choices, leaf_judge, nearest, size_judge
from backwright.operations.finishing import bound_checks, decimal_check, decimal_of, finisher
from backwright.operations.formats import Wrong
from backwright.operations.prescan import shown, text_problem
from backwright.operations.shapes import Leaf, ListOf, Member, Unreadable

ReadText = Callable[[str], Any]
Where = Literal["path", "query", "header", "form"]

_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_TYPES: dict[Kind, Any] = {
    Kind.UUID: UUID, Kind.DATE: date, Kind.BYTES: bytes, Kind.DURATION: timedelta, Kind.TIME: time, Kind.DATETIME: datetime,
}  # fmt: skip


class ParameterDecoder:
    """Decodes the parameters of one operation. Built once from their members; raises `Unreadable` for a type no text can carry."""

    def __init__(self, members: Iterable[Member], where: Where = "query") -> None:
        self.where = where
        self._members = {m.wire: m for m in members}
        self._readers = {m.wire: text_reader(m.shape.element if isinstance(m.shape, ListOf) else m.shape) for m in self._members.values()}
        self._sizes = {m.wire: size_judge(m.shape.limits, "values") for m in self._members.values() if isinstance(m.shape, ListOf)}

    def decode(self, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Values by Python name, absent ones by their default.

        Raises `Malformed` (of a form: `Invalid`) with every unknown, missing, repeated or unreadable parameter.
        """
        texts: dict[str, list[str]] = {}
        for name, text in pairs:
            texts.setdefault(name, []).append(text)
        unknown = [name for name in texts if name not in self._members]
        problems = [self._unknown(name, suggest=n < SUGGESTIONS) for n, name in enumerate(unknown[:MOST])]
        values: dict[str, Any] = {}
        for wire, m in self._members.items():
            try:
                values[m.name] = self._value(m, texts[wire]) if wire in texts else self._absent(m)
            except Wrong as wrong:
                problems.append(Problem(wrong.detail, parameter=wire, code=wrong.code))
        if problems:
            raise (Invalid if self.where == "form" else Malformed)(problems=tuple(problems[:MOST]))
        return values

    def _value(self, m: Member, texts: list[str]) -> Any:
        read = self._readers[m.wire]
        if not isinstance(m.shape, ListOf):
            if len(texts) > 1:
                raise Wrong("must be given only once", "repeated")
            return read(texts[0])
        self._sizes[m.wire](texts)
        values = [read(text) for text in texts]
        if m.shape.distinct and len(set(values)) != len(values):
            raise Wrong("must not name the same item twice", "duplicate")
        return values if m.shape.build is None else m.shape.build(values)

    def _absent(self, m: Member) -> Any:
        if m.default_factory is not msgspec.NODEFAULT:
            return m.default_factory()
        if m.default is not msgspec.NODEFAULT:
            return m.default
        if isinstance(m.shape, ListOf):
            self._sizes[m.wire]([])
            return []
        raise Wrong("is required", "required")

    def _unknown(self, name: str, suggest: bool) -> Problem:
        guess = nearest(name, self._members) if suggest else None
        meant = f'; did you mean "{guess}"?' if guess is not None else ""
        return Problem(f"is not a parameter here{meant}", parameter=shown(name), code="unknown")


def text_reader(shape: Any) -> ReadText:
    """A function from one text to a scalar; it raises `Wrong`. No coercions: ``+5``, `` 5``, ``5_0``, ``TRUE`` are refused."""
    if not isinstance(shape, Leaf) or shape.kind is Kind.JSON:
        raise Unreadable("a path or query parameter must be a scalar or a list of scalars")
    parse = _parser(shape)
    checks = _checks(shape)

    def read(text: str) -> Any:
        value = parse(text)
        for check in checks:
            value = check(value)
        return value

    return read


def _checks(leaf: Leaf) -> tuple[Callable[[Any], Any], ...]:
    """What is left to check, and to convert, once the text was parsed."""
    finish = decimal_check(leaf.limits) if leaf.kind is Kind.DECIMAL else finisher(leaf)
    later = () if finish is None else (finish,)
    if leaf.kind is Kind.FLOAT:
        return (_bounded(leaf), *later)
    if leaf.kind in (Kind.INT, Kind.TEXT):
        judge = leaf_judge(leaf)
        return (lambda value: (judge(value), value)[1], *later)
    return later


def _bounded(leaf: Leaf) -> Callable[[Any], Any]:
    bounds = bound_checks(leaf.limits)

    def check(value: Any) -> Any:
        for test, detail, code in bounds:
            if not test(value):
                raise Wrong(detail, code)
        return value

    return check


def _parser(leaf: Leaf) -> ReadText:
    match leaf.kind:
        case Kind.TEXT:
            return clean_text
        case Kind.INT:
            return _whole
        case Kind.FLOAT:
            return _number
        case Kind.DECIMAL:
            return decimal_of
        case Kind.BOOL:
            return _truth
        case Kind.ENUM:
            return _choice(leaf.python)
        case Kind.UUID:
            return _uuid
        case _:
            return _converted(leaf)


def clean_text(text: str) -> str:
    """The text, if it can be stored: no NUL, no half of a surrogate pair."""
    if (problem := text_problem(text)) is not None:
        raise Wrong(f"must not be a text {problem}", "text")
    return text


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Wrong("must be a whole number", "type")
    return int(text)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or not math.isfinite(number := float(text)):
        raise Wrong("must be a number", "type")
    return number


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise Wrong("must be true or false", "type")
    return text == "true"


def _uuid(text: str) -> UUID:
    try:
        if len(text) == 36:
            return msgspec.convert(text, UUID)
    except msgspec.ValidationError:
        pass
    raise Wrong("must be a UUID, for example 0197c0de-0000-7000-8000-00000000000a", "format")


def _choice(kind: Any) -> ReadText:
    values = choices(kind)
    members = {str(v): kind(v) if isinstance(kind, type) else v for v in values}
    allowed = ", ".join(map(str, values[:20]))

    def read(text: str) -> Any:
        if text not in members:
            raise Wrong(f"must be one of: {allowed}", "choice")
        return members[text]

    return read


def _converted(leaf: Leaf) -> ReadText:
    judge, wanted = leaf_judge(leaf), _TYPES[leaf.kind]

    def read(text: str) -> Any:
        judge(text)
        return msgspec.convert(text, wanted)

    return read
