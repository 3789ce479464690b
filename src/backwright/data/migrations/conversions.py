"""How a column's values become values of another type, on both databases. Pure. What is not tabled here loses its values."""

from backwright.data.layout import Sql, Text, Type
from backwright.data.sql.shapes import quoted
from backwright.domain.model import Kind

_PLAIN: dict[tuple[Kind, Kind], tuple[str, str]] = {
    (Kind.INT, Kind.FLOAT): ("{}::double precision", "CAST({} AS REAL)"),
    (Kind.FLOAT, Kind.INT): ("round({})::bigint", "CAST(round({}) AS INTEGER)"),
    (Kind.INT, Kind.TEXT): ("{}::text", "CAST({} AS TEXT)"),
    (Kind.UUID, Kind.TEXT): ("{}::text", "{}"),
    (Kind.DATE, Kind.TEXT): ("{}::text", "{}"),
    (Kind.TIME, Kind.TEXT): ("{}::text", "{}"),
    (Kind.BOOL, Kind.INT): ("{}::int", "{}"),
    (Kind.INT, Kind.BOOL): ("({} <> 0)", "({} <> 0)"),
    (Kind.TEXT, Kind.JSON): ("to_jsonb({})", "json_quote({})"),
    (Kind.DATE, Kind.DATETIME): ("({}::timestamp AT TIME ZONE 'UTC')", "CAST(strftime('%s', {}) AS INTEGER) * 1000000"),
    (Kind.DATETIME, Kind.DATE): ("({} AT TIME ZONE 'UTC')::date", "date({} / 1000000, 'unixepoch')"),
}
_BACK: dict[tuple[Kind, Kind], tuple[str, str]] = {
    (Kind.TEXT, Kind.INT): ("{}::bigint", "CAST({} AS INTEGER)"),
    (Kind.TEXT, Kind.UUID): ("{}::uuid", "{}"),
    (Kind.TEXT, Kind.DATE): ("{}::date", "{}"),
    (Kind.TEXT, Kind.TIME): ("{}::time", "{}"),
    (Kind.JSON, Kind.TEXT): ("({} #>> '{{}}')", "json_extract({}, '$')"),
}
_NARROWER = {
    (Kind.FLOAT, Kind.INT),
    (Kind.DECIMAL, Kind.INT),
    (Kind.DECIMAL, Kind.FLOAT),
    (Kind.INT, Kind.BOOL),
    (Kind.DATETIME, Kind.DATE),
}


def conversion(column: str, old: Type, new: Type) -> Text | None:
    """The expression that keeps the values, ``None`` where no value of the new type says the same."""
    return _expression(column, old, new, _PLAIN)


def way_back(column: str, old: Type, new: Type) -> Text | None:
    """The expression for going down again: it need only take what `conversion` made."""
    return _expression(column, old, new, _PLAIN | _BACK)


def narrows(old: Type, new: Type) -> bool:
    """Whether the conversion can round or cut values."""
    fewer = old.kind is new.kind is Kind.DECIMAL and (new.scale < old.scale or new.digits - new.scale < old.digits - old.scale)
    return fewer or (old.kind, new.kind) in _NARROWER


def _expression(column: str, old: Type, new: Type, known: dict[tuple[Kind, Kind], tuple[str, str]]) -> Text | None:
    name = quoted(column)
    if Kind.DECIMAL in (old.kind, new.kind):
        return _decimal(name, old, new)
    pair = known.get((old.kind, new.kind))
    return None if pair is None else Sql(*(text.format(name) for text in pair))


def _decimal(name: str, old: Type, new: Type) -> Text | None:
    if not {old.kind, new.kind} <= {Kind.DECIMAL, Kind.INT, Kind.FLOAT}:
        return None
    shift = new.scale - old.scale
    if new.kind is Kind.FLOAT:
        return Sql(f"{name}::double precision", f"{name} / {10**old.scale}.0")
    cast = f"{name}::numeric({new.digits},{new.scale})" if new.kind is Kind.DECIMAL else f"round({name})::bigint"
    if old.kind is not Kind.FLOAT and shift >= 0:
        return Sql(cast, f"{name} * {10**shift}")
    factor = f"* {10**new.scale}" if old.kind is Kind.FLOAT else f"/ {10**-shift}.0"
    return Sql(cast, f"CAST(round({name} {factor}) AS INTEGER)")
