"""From a column to the kit's kind of value: what it holds, with which limits, and what becomes of its default. Pure."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.blueprint import FREE
from backwright.worker.design import ABSENT
from backwright.worker.infer.conditions import Condition
from backwright.worker.infer.kinds import Held
from backwright.worker.tables import Column, Dialect

_KINDS = {
    "smallint": Kind.INT, "integer": Kind.INT, "bigint": Kind.INT, "numeric": Kind.DECIMAL, "money": Kind.DECIMAL, "real": Kind.FLOAT,
    "double precision": Kind.FLOAT, "boolean": Kind.BOOL, "text": Kind.TEXT, "varchar": Kind.TEXT, "char": Kind.TEXT, "citext": Kind.TEXT,
    "name": Kind.TEXT, "date": Kind.DATE, "time": Kind.TIME, "timestamp": Kind.DATETIME, "timestamp with time zone": Kind.DATETIME,
    "interval": Kind.DURATION, "uuid": Kind.UUID, "bytea": Kind.BYTES, "blob": Kind.BYTES, "varbinary": Kind.BYTES, "binary": Kind.BYTES,
    "json": Kind.JSON, "jsonb": Kind.JSON, "point": Kind.POINT, "enum": Kind.ENUM,
}  # fmt: skip
_RANGES = {"int4range": Kind.INT, "int8range": Kind.INT, "numrange": Kind.DECIMAL, "daterange": Kind.DATE, "tsrange": Kind.DATETIME,
           "tstzrange": Kind.DATETIME}  # fmt: skip
_STORED: dict[Dialect, dict[str, Kind]] = {
    "postgresql": {},
    "sqlite": {"numeric": Kind.FLOAT, "timestamp": Kind.TEXT, "timestamp with time zone": Kind.TEXT, "interval": Kind.TEXT},
}
"""What a table that is there already really holds, where that is not what the kit would store."""
CHANGED = {
    "smallint": "kept as a whole number of 8 bytes", "integer": "kept as a whole number of 8 bytes", "real": "kept with double precision",
    "char": "kept as text of at most that length, not filled up with spaces", "citext": "kept as text that compares by code point",
    "timestamp": "kept as a moment in UTC", "time with time zone": "kept as text", "money": "kept as a decimal with two digits",
    "json": "kept as jsonb", "interval": "kept as a number of microseconds", "point": "kept as jsonb",
    "enum": "kept as text with a CHECK of its values",
}  # fmt: skip


def held(column: Column, dialect: Dialect, *, live: bool) -> tuple[Held, str]:
    """What a column holds, and what is not kept of its type; nothing if all is."""
    kind = _STORED[dialect].get(column.type) if live else None
    kind = kind or _KINDS.get(column.type) or (_affinity(column.type) if dialect == "sqlite" else None)
    if column.array:
        return Held(Kind.LIST, kind or Kind.TEXT, nullable=column.nullable), "kept as a JSON list"
    if column.type in _RANGES:
        return Held(Kind.RANGE, _RANGES[column.type], nullable=column.nullable), "kept as jsonb with its two bounds"
    if kind is None:
        return Held(Kind.TEXT, nullable=column.nullable), f"the kit has no {column.type or 'type'}; kept as text"
    return Held(kind, limits=_limits(column, kind), nullable=column.nullable), _why(column, kind, dialect)


def foreign(column: Column, dialect: Dialect) -> bool:
    """Whether a column of a table that is there already holds its values in a form that the kit neither reads nor writes."""
    known = column.type in _KINDS and column.type not in ("interval", "point", "money", "enum")
    return dialect == "postgresql" and (column.array or not known)


def _why(column: Column, kind: Kind, dialect: Dialect) -> str:
    if column.type == "numeric" and kind is Kind.DECIMAL and not column.arguments:
        return "kept with 19 digits, 4 of them behind the point"
    if column.type == "numeric" and kind is Kind.FLOAT:
        return "read as the floating number that SQLite keeps"
    if dialect == "sqlite" and kind is Kind.INT:
        return ""
    return "kept as JSON, which holds anything" if not column.type else CHANGED.get(column.type, "")


def _affinity(type_: str) -> Kind:
    """SQLite, 3.1 of "Datatypes": the type follows from parts of its name."""
    upper = type_.upper()
    for parts, kind in (
        (("INT",), Kind.INT), (("CHAR", "CLOB", "TEXT"), Kind.TEXT), (("BLOB",), Kind.BYTES), (("REAL", "FLOA", "DOUB"), Kind.FLOAT),
    ):  # fmt: skip
        if any(part in upper for part in parts):
            return kind
    return Kind.FLOAT if type_ else Kind.JSON


def _limits(column: Column, kind: Kind) -> Limits:
    if kind is Kind.DECIMAL:
        if column.type == "money":
            return Limits(scale=2)
        digits, scale = (*column.arguments, 0)[:2] if column.arguments else (None, None)
        return Limits(digits=digits, scale=scale) if digits is not None else FREE
    if kind is Kind.TEXT and column.type in ("varchar", "char") and column.arguments:
        return Limits(max_length=column.arguments[0])
    if column.type == "char" and kind is Kind.TEXT:
        return Limits(max_length=1)
    return FREE


def limited(limits: Limits, found: list[Condition]) -> Limits:
    """The limits with what checks ask; the narrower of two bounds holds."""
    for one in found:
        if one.word in Limits.__slots__:
            known, value = getattr(limits, one.word), _number(one.value)
            if known is not None and one.word in ("ge", "gt", "min_length"):
                value = max(known, value)
            elif known is not None and one.word in ("le", "lt", "max_length"):
                value = min(known, value)
            limits = replace(limits, **{one.word: value})
    return limits


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


# --- defaults ---------------------------------------------------------------------------------------------------------

_NOW = re.compile(
    r"\(*\s*(now\(\)|current_timestamp(\(\d\))?|current_date|localtimestamp|statement_timestamp\(\)|transaction_timestamp\(\)|"
    r"datetime\('now'[^)]*\)|date\('now'\)|timezone\('utc'[^)]*\)+|strftime\(.*\)|clock_timestamp\(\)|now\(\) at time zone 'utc')\s*\)*"
    r"(::[\w ]+)?", re.IGNORECASE,
)  # fmt: skip


def is_now(text: str) -> bool:
    """Whether a default is the time of the insertion."""
    return _NOW.fullmatch(text.strip()) is not None


def default(text: str, kind: Kind, values: tuple[Any, ...] = ()) -> Any:
    """The JSON value of a default; ABSENT for one that is computed, or that does not fit."""
    bare = _uncast(text)
    if bare.upper() == "NULL":
        return None
    quoted = re.fullmatch(r"(?:[eE])?'((?:[^']|'')*)'", bare)
    said = quoted[1].replace("''", "'") if quoted is not None else bare
    if kind is Kind.ENUM:
        return next((v for v in values if str(v) == said), ABSENT)
    readers: dict[Kind, Callable[[], Any]] = {
        Kind.TEXT: lambda: said if quoted is not None else ABSENT,
        Kind.INT: lambda: int(said),
        Kind.FLOAT: lambda: float(said),
        Kind.DECIMAL: lambda: str(Decimal(said)),
        Kind.BOOL: lambda: {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}[said.lower()],
        Kind.JSON: lambda: json.loads(said),
        Kind.LIST: lambda: [] if said in ("{}", "[]", "ARRAY[]") else ABSENT,
        Kind.DATE: lambda: said if quoted is not None and re.fullmatch(r"\d{4}-\d\d-\d\d", said) else ABSENT,
    }
    try:
        return readers[kind]() if kind in readers else ABSENT
    except (ValueError, KeyError, ArithmeticError):
        return ABSENT


def _uncast(text: str) -> str:
    """``('a'::character varying)`` → ``'a'``."""
    before = ""
    while before != text:
        before, text = text, text.strip()
        text = re.sub(r"::[\w\s.\"\[\]]+(\([\d,\s]*\))?$", "", text)
        if text.startswith("(") and text.endswith(")") and ")" not in text[1:-1]:
            text = text[1:-1]
    return text
