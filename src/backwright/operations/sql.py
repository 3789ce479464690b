"""Hand-written SQL of users' operations: named parameters, never text; each text is turned once into the dialect's own form.

Values go in and come out as the kit stores them, so that a `UUID` or a `datetime` means the same in raw SQL as in a field.
"""

import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from backwright.data.engines.engine import Dialect, Session
from backwright.data.sql.kinds import encoder, loader
from backwright.domain.model import Field, Kind

R = TypeVar("R")
_PARTS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|::|:([A-Za-z_]\w*)""", re.DOTALL)
_KINDS: tuple[tuple[type, Kind], ...] = (
    (Enum, Kind.ENUM), (datetime, Kind.DATETIME), (date, Kind.DATE), (time, Kind.TIME), (timedelta, Kind.DURATION), (UUID, Kind.UUID),
    (dict, Kind.JSON),
)  # fmt: skip


class RawStatements:
    """Texts with ``:name`` parameters, remembered in the dialect's form."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect
        self._sign = "$" if dialect == "postgresql" else "?"
        self._known: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._encoders = {python: encoder(Field("", "", "", kind, python), dialect) for python, kind in _KINDS}
        if dialect == "postgresql":
            self._encoders[date] = None  # its column says that it is one
        self._makers: dict[Any, Callable[[Sequence[Any]], Any]] = {}

    async def rows(self, session: Session, result: type[R], text: str, values: Mapping[str, Any]) -> list[R]:
        """Rows as values of `result`."""
        sql, args = self.bound(text, values)
        make = self._makers.get(result)
        if make is None:
            make = self._makers[result] = _maker(result, self._dialect)
        return [make(row) for row in await session.rows(sql, args)]

    async def run(self, session: Session, text: str, values: Mapping[str, Any]) -> int:
        """Run a statement; returns the number of rows it touched."""
        sql, args = self.bound(text, values)
        return await session.run(sql, args)

    def bound(self, text: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """The dialect's text and its arguments in order. Raises ``TypeError`` if names and values differ."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._translate(text)
        sql, names = known
        if set(names) != set(values):
            raise TypeError(f"the statement names {sorted(names)}, but {sorted(values)} were given")
        return sql, [self._stored(values[name]) for name in names]

    def _stored(self, value: Any) -> Any:
        for python, encode in self._encoders.items():
            if isinstance(value, python):
                return value if encode is None else encode(value)
        return value

    def _translate(self, text: str) -> tuple[str, tuple[str, ...]]:
        names: list[str] = []

        def number(match: re.Match[str]) -> str:
            name = match.group(1)
            if name is None:
                return match.group(0)
            if name not in names:
                names.append(name)
            return f"{self._sign}{names.index(name) + 1}"

        return _PARTS.sub(number, text), tuple(names)


def _maker(result: Any, dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    """The function from a row to a value of `result`: a Struct or a dataclass by position, or the first column as a plain type."""
    fields: tuple[str, ...] = getattr(result, "__struct_fields__", None) or tuple(getattr(result, "__dataclass_fields__", ()))
    if not fields:
        load = _loader(result, dialect)
        return lambda row: msgspec.convert(load(row[0]), result, strict=False)
    hints = typing.get_type_hints(result)
    keys: tuple[str, ...] = getattr(result, "__struct_encode_fields__", fields)
    columns = tuple((key, _loader(hints[name], dialect)) for key, name in zip(keys, fields, strict=True))

    def make(row: Sequence[Any]) -> Any:
        return msgspec.convert({key: load(value) for (key, load), value in zip(columns, row, strict=True)}, result, strict=False)

    return make


def _loader(hint: Any, dialect: Dialect) -> Callable[[Any], Any]:
    """How a column's value becomes the Python value; what is not the kit's own form is left to msgspec."""
    options = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    bare = next((option for option in options if option is not type(None)), hint)
    kind = {datetime: Kind.DATETIME, timedelta: Kind.DURATION, dict: Kind.JSON}.get(typing.get_origin(bare) or bare)
    load = None if kind is None else loader(Field("", "", "", kind, typing.get_origin(bare) or bare), dialect)
    if load is None:
        return lambda value: value
    stored = str if kind is Kind.JSON else int
    return lambda value: load(value) if isinstance(value, stored) else value
