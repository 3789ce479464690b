"""Kinds and limits as annotations. Pure."""

from decimal import Decimal
from typing import Any

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.blueprint import FREE
from backwright.worker.write.source import Source, literal

_BUILTIN = {Kind.TEXT: "str", Kind.INT: "int", Kind.FLOAT: "float", Kind.BOOL: "bool", Kind.BYTES: "bytes"}
_IMPORTED = {
    Kind.DECIMAL: ("decimal", "Decimal"), Kind.DATE: ("datetime", "date"), Kind.TIME: ("datetime", "time"),
    Kind.DATETIME: ("datetime", "datetime"), Kind.DURATION: ("datetime", "timedelta"), Kind.UUID: ("uuid", "UUID"),
    Kind.JSON: ("typing", "Any"), Kind.POINT: ("backwright", "Point"),
}  # fmt: skip


def plain(
    source: Source, kind: Kind, *, element: Kind | None = None, enum: str = "", target: str = "", value: str = "", model: str = ""
) -> str:
    """The bare type of a value. ``model`` is the module that enums and entities are imported from; nothing in that module itself."""

    def named(name: str) -> str:
        return source.use(model, name) if model else name

    if value:
        return f"list[{named(value)}]" if kind is Kind.LIST else named(value)
    if kind is Kind.LIST:
        return f"list[{named(enum) if enum else plain(source, element or Kind.JSON)}]"
    if kind is Kind.JSON and element is not None:
        return f"dict[str, {plain(source, element)}]"
    if kind is Kind.RANGE:
        return f"{source.kit('Range')}[{plain(source, element or Kind.INT)}]"
    if kind in (Kind.REFERENCE, Kind.MANY) and not target:
        return source.use("uuid", "UUID") if kind is Kind.REFERENCE else f"list[{source.use('uuid', 'UUID')}]"
    if kind is Kind.REFERENCE:
        return f"{source.kit('Id')}[{named(target)}]"
    if kind is Kind.MANY:
        return f"{source.kit('Many')}[{named(target)}]"
    if enum:
        return named(enum)
    return _BUILTIN.get(kind) or _imported(source, *_IMPORTED[kind])


def _imported(source: Source, module: str, name: str) -> str:
    """A field called ``date`` hides the type of that name in its class: then the module stands before it."""
    if name in source.qualified and module == "datetime":
        source.module("datetime as dt")
        return f"dt.{name}"
    return source.use(module, name)


def limits(source: Source, said: Limits, kind: Kind) -> str:
    """``Limits(ge=1, le=5)``; nothing where nothing is limited."""
    given = {name: getattr(said, name) for name in Limits.__slots__ if getattr(said, name) is not None}
    if kind is Kind.DECIMAL:
        given = {name: value for name, value in given.items() if (name, value) not in (("scale", 4), ("digits", 19))}
    if said == FREE or not given:
        return ""
    return f"{source.kit('Limits')}({', '.join(f'{name}={_bound(value)}' for name, value in given.items())})"


def _bound(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() else repr(float(value))
    return literal(value)


def annotated(source: Source, type: str, *marks: str) -> str:
    """The type with what is said about it."""
    said = [mark for mark in marks if mark]
    return f"{source.use('typing', 'Annotated')}[{type}, {', '.join(said)}]" if said else type
