"""Stored values as clients send and see them: for filters, paths and comparisons."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from backwright.domain.model import Field, Kind


def text(value: Any, field: Field) -> str:
    """One value as a query parameter or a path segment spells it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Enum():
            return str(value.value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case Decimal():
            return f"{value:f}"
        case timedelta() | date() | time():
            return str(msgspec.to_builtins(value))
        case UUID():
            return str(value)
        case _:
            return str(value)


def plain(value: Any, field: Field) -> Any:
    """One value as a JSON body holds it."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return value
    if type(value) is list:
        return [plain(item, field) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Decimal):
        scale = 4 if field.limits.scale is None else field.limits.scale
        return float(value) if field.wire_number else f"{value:.{scale}f}"
    return msgspec.to_builtins(value, enc_hook=str) if field.kind in (Kind.JSON, Kind.RANGE, Kind.POINT, Kind.BYTES) else text(value, field)
