"""Hand-written SQL of users' operations: named parameters, never text; each text is turned once into the dialect's own form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from backwright.data.engines.engine import Dialect, Session

R = TypeVar("R")
_PARTS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|::|:([A-Za-z_]\w*)""", re.DOTALL)


class RawStatements:
    """Texts with ``:name`` parameters, remembered in the dialect's form."""

    def __init__(self, dialect: Dialect) -> None:
        self._sign = "$" if dialect == "postgresql" else "?"
        self._known: dict[str, tuple[str, tuple[str, ...]]] = {}

    async def rows(self, session: Session, result: type[R], text: str, values: Mapping[str, Any]) -> list[R]:
        """Rows as values of `result`."""
        sql, args = self.bound(text, values)
        rows = await session.rows(sql, args)
        fields = getattr(result, "__struct_fields__", None) or tuple(getattr(result, "__dataclass_fields__", ()))
        return [_value(result, fields, row) for row in rows]

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
        return sql, [values[name] for name in names]

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


def _value(result: type[R], fields: Sequence[str], row: Sequence[Any]) -> R:
    if not fields:
        return msgspec.convert(row[0], result, strict=False)
    return msgspec.convert(dict(zip(fields, row, strict=True)), result, strict=False)
