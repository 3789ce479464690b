"""How each kind of field is stored, given to the driver, taken back, and written as JSON by the database. Pure tables.

Text compares by code point on both databases; times are UTC microseconds; decimals are scaled integers on SQLite.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from backwright.data.engines.engine import Dialect
from backwright.data.errors import OutOfRange
from backwright.domain.model import Field, Kind

DIGITS, SCALE = 19, 4
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EXACT = Context(prec=400, Emax=MAX_EMAX, Emin=MIN_EMIN)
_MOST = 2**63 - 1
_AS_JSON = (Kind.JSON, Kind.LIST, Kind.RANGE, Kind.POINT)

_POSTGRESQL = {
    Kind.TEXT: 'text COLLATE "C"', Kind.INT: "bigint", Kind.FLOAT: "double precision", Kind.BOOL: "boolean", Kind.DATE: "date",
    Kind.TIME: "time", Kind.DATETIME: "timestamptz", Kind.DURATION: "bigint", Kind.UUID: "uuid", Kind.BYTES: "bytea",
    Kind.JSON: "jsonb", Kind.LIST: "jsonb", Kind.RANGE: "jsonb", Kind.POINT: "jsonb",
}  # fmt: skip
_SQLITE = {
    Kind.TEXT: "TEXT", Kind.INT: "INTEGER", Kind.FLOAT: "REAL", Kind.DECIMAL: "INTEGER", Kind.BOOL: "INTEGER", Kind.DATE: "TEXT",
    Kind.TIME: "TEXT", Kind.DATETIME: "INTEGER", Kind.DURATION: "INTEGER", Kind.UUID: "TEXT", Kind.BYTES: "BLOB",
    Kind.JSON: "TEXT", Kind.LIST: "TEXT", Kind.RANGE: "TEXT", Kind.POINT: "TEXT",
}  # fmt: skip


def digits(field: Field) -> int:
    """Digits in all of a decimal field."""
    return field.limits.digits or DIGITS


def scale(field: Field) -> int:
    """Digits behind the point of a decimal field."""
    return SCALE if field.limits.scale is None else field.limits.scale


def stored_kind(field: Field) -> Kind:
    """The kind of the column: a reference is stored as its target's id, an enum as its values."""
    if field.kind is Kind.REFERENCE:
        return Kind.INT if field.type is int else Kind.UUID
    if field.kind is Kind.ENUM:
        return Kind.INT if all(isinstance(member.value, int) for member in field.type) else Kind.TEXT
    return field.kind


def column_type(field: Field, dialect: Dialect) -> str:
    """The column's type in DDL."""
    kind = stored_kind(field)
    if dialect == "postgresql" and kind is Kind.DECIMAL:
        return f"numeric({digits(field)},{scale(field)})"
    return (_POSTGRESQL if dialect == "postgresql" else _SQLITE)[kind]


def placeholder_cast(field: Field, dialect: Dialect) -> str:
    """What to write behind a PostgreSQL placeholder where the type cannot be told from its place, e.g. ``::uuid``."""
    if dialect == "sqlite":
        return ""
    return _CASTS.get(kind := stored_kind(field)) or "::" + _POSTGRESQL[kind].split(" COLLATE")[0]


def array_cast(field: Field, dialect: Dialect) -> str:
    """The same for a list of such values, e.g. ``::uuid[]``."""
    return "".join(f"::{cast}[]" for cast in placeholder_cast(field, dialect).split("::")[1:])


_CASTS = {Kind.DECIMAL: "::numeric", Kind.DATE: "::text::date"}
"""Dates go as text: the driver takes 9999-12-31, which many mean literally, for infinity."""


# --- Python value -> driver value -------------------------------------------------------------------------------------


def microseconds(moment: datetime) -> int:
    """Microseconds since the epoch of an aware time. Raises `OutOfRange` for the two that stand for infinity."""
    return (_finite(moment) - EPOCH) // _MICROSECOND


def _finite(moment: datetime) -> datetime:
    if moment in (_FIRST, _LAST):  # PostgreSQL's driver takes them for infinity, which no wire form shows
        raise OutOfRange(f"{moment} is the end of time: give a finite one")
    return moment


def moment(micros: int) -> datetime:
    """The aware UTC time of `micros` microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=micros)


def encoder(field: Field, dialect: Dialect) -> Callable[[Any], Any] | None:
    """The function from a Python value (never None) to what the driver takes; None where the value goes as it is."""
    if field.kind is Kind.ENUM:
        return _enum_value
    if field.kind in _AS_JSON:
        return _json_text
    if field.kind is Kind.DURATION:
        return _micros
    kind = stored_kind(field)
    if dialect == "postgresql":
        return {Kind.DATE: date.isoformat, Kind.DATETIME: _finite}.get(kind)
    if kind is Kind.DECIMAL:
        places, most = scale(field), 10 ** digits(field)
        return lambda value: _scaled(value, places, most)
    return _SQLITE_ENCODERS.get(kind)


def _scaled(value: Any, places: int, most: int) -> int:
    """A decimal as a whole number of its smallest unit, rounded half away from zero as PostgreSQL does."""
    number = Decimal(value)
    if not number.is_finite():
        raise OutOfRange(f"{number} is no number that a decimal column can hold")
    scaled = int(number.scaleb(places, _EXACT).to_integral_value(ROUND_HALF_UP, _EXACT))
    if not -most < scaled < most or not -_MOST <= scaled <= _MOST:
        raise OutOfRange(f"{number} has too many digits for its column")
    return scaled


def _micros(value: timedelta) -> int:
    micros = value // _MICROSECOND
    if not -_MOST <= micros <= _MOST:
        raise OutOfRange(f"{value} is too long a duration to be stored")
    return micros


_SQLITE_ENCODERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.UUID: str, Kind.DATETIME: lambda value: microseconds(value), Kind.DATE: date.isoformat, Kind.TIME: time.isoformat,
}  # fmt: skip


def _enum_value(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


# --- driver value -> Python value -------------------------------------------------------------------------------------


def loader(field: Field, dialect: Dialect) -> Callable[[Any], Any] | None:
    """The function from a driver's value (never None) to the Python value; None where it comes as it is."""
    if field.kind is Kind.ENUM:
        return field.type  # type: ignore[no-any-return]
    if field.kind in _AS_JSON:
        wanted = field.type[field.element] if field.element is not None else field.type
        decode = msgspec.json.Decoder(wanted).decode
        return lambda text: decode(text)
    if field.kind is Kind.DURATION:
        return lambda micros: timedelta(microseconds=micros)
    if dialect == "postgresql":
        return None
    kind = stored_kind(field)
    if kind is Kind.DECIMAL:
        places = -scale(field)
        return lambda number: Decimal(number).scaleb(places)
    return _SQLITE_LOADERS.get(kind)


_SQLITE_LOADERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.UUID: UUID, Kind.DATETIME: lambda micros: moment(micros), Kind.DATE: date.fromisoformat, Kind.TIME: time.fromisoformat,
    Kind.BOOL: bool,
}  # fmt: skip


# --- column -> JSON, inside the database ------------------------------------------------------------------------------


def json_expression(field: Field, column: str, dialect: Dialect) -> str:
    """The SQL expression whose value, put in a JSON object by the database, is the field's wire form."""
    kind = stored_kind(field)
    if field.wire_number and kind is Kind.DECIMAL:
        return column if dialect == "postgresql" else f"json({_lite_decimal(field, column)})"
    make = (_POSTGRESQL_JSON if dialect == "postgresql" else _SQLITE_JSON).get(kind)
    if make is None:
        return column
    text = make(field, column)
    if not field.optional or dialect == "postgresql":
        return text
    return f"CASE WHEN typeof({column}) = 'null' THEN NULL ELSE {text} END"  # RETURNING gets IS NULL wrong in SQLite 3.40


def _pg_time(field: Field, c: str) -> str:
    whole = f"extract(microseconds from {c})::bigint % 1000000 = 0"
    return f"CASE WHEN {whole} THEN to_char({c}, 'HH24:MI:SS') ELSE to_char({c}, 'HH24:MI:SS.US') END"


def _pg_duration(field: Field, c: str) -> str:
    sign = f"CASE WHEN {c} < 0 THEN '-PT' ELSE 'PT' END || abs({c}) / 1000000"
    return f"{sign} || CASE WHEN {c} % 1000000 = 0 THEN '' ELSE '.' || lpad((abs({c}) % 1000000)::text, 6, '0') END || 'S'"


def _lite_decimal(field: Field, c: str) -> str:
    places = scale(field)
    if places == 0:
        return f"printf('%d', {c})"
    unit = 10**places
    return f"printf('%s%d.%0{places}d', CASE WHEN {c} < 0 THEN '-' ELSE '' END, abs({c}) / {unit}, abs({c}) % {unit})"


def _lite_datetime(field: Field, c: str) -> str:
    if field.stamp:  # never before 1970, so the remainder is never negative
        return f"strftime('%Y-%m-%dT%H:%M:%S', {c} / 1000000, 'unixepoch') || printf('.%06dZ', {c} % 1000000)"
    rest = f"(({c} % 1000000) + 1000000) % 1000000"
    return f"strftime('%Y-%m-%dT%H:%M:%S', ({c} - {rest}) / 1000000, 'unixepoch') || printf('.%06dZ', {rest})"


def _lite_duration(field: Field, c: str) -> str:
    whole = f"printf('%sPT%d', CASE WHEN {c} < 0 THEN '-' ELSE '' END, abs({c}) / 1000000)"
    return f"{whole} || CASE WHEN {c} % 1000000 = 0 THEN '' ELSE printf('.%06d', abs({c}) % 1000000) END || 'S'"


_Make = Callable[[Field, str], str]
_POSTGRESQL_JSON: dict[Kind, _Make] = {
    Kind.DECIMAL: lambda field, c: f"{c}::text",
    Kind.DATETIME: lambda field, c: f"""to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    Kind.TIME: _pg_time,
    Kind.DURATION: _pg_duration,
    Kind.BYTES: lambda field, c: f"replace(encode({c}, 'base64'), E'\\n', '')",
}
_SQLITE_JSON: dict[Kind, _Make] = {
    Kind.DECIMAL: _lite_decimal,
    Kind.DATETIME: _lite_datetime,
    Kind.DURATION: _lite_duration,
    Kind.BOOL: lambda field, c: f"json(CASE WHEN {c} THEN 'true' ELSE 'false' END)",
    Kind.BYTES: lambda field, c: f"bw_base64({c})",
    Kind.FLOAT: lambda field, c: f"json(bw_float({c}))",
    **dict.fromkeys(_AS_JSON, lambda field, c: f"json({c})"),
}
