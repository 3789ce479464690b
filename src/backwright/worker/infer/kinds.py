"""From a schema to the kit's kind of value: what is stored, and with which limits. Pure."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.blueprint import FREE, EnumPlan
from backwright.worker.design import Design, Schema
from backwright.worker.infer import names
from backwright.worker.infer.notes import Notes

_FORMATS = {
    "date-time": Kind.DATETIME, "datetime": Kind.DATETIME, "date": Kind.DATE, "time": Kind.TIME, "duration": Kind.DURATION,
    "uuid": Kind.UUID,
    "byte": Kind.BYTES, "binary": Kind.BYTES, "base64": Kind.BYTES, "decimal": Kind.DECIMAL, "money": Kind.DECIMAL,
}  # fmt: skip
_CHECKED: dict[str, Literal["email", "uri", "phone"]] = {
    "email": "email",
    "uri": "uri",
    "url": "uri",
    "iri": "uri",
    "phone": "phone",
    "tel": "phone",
}
KNOWN_FORMATS = {*_FORMATS, *_CHECKED, "int32", "int64", "float", "double", "password", "string"}
_SCALARS = {"integer": Kind.INT, "number": Kind.FLOAT, "boolean": Kind.BOOL}


@dataclass(frozen=True, slots=True)
class Held:
    """What a schema holds."""

    kind: Kind
    element: Kind | None = None
    """The kind of a list's items; of JSON, that of the values of an object whose keys are data."""
    limits: Limits = FREE
    enum: str = ""
    nullable: bool = False


class Kinds:
    """Reads kinds and collects the enums met on the way, each once and under one name."""

    def __init__(self, design: Design, notes: Notes) -> None:
        self.design, self.notes = design, notes
        self.enums: dict[str, EnumPlan] = {}

    def of(self, schema: Schema, about: str) -> Held:
        """The kind of a value; ``about`` names an enum written in place, e.g. ``Order.status``."""
        whole = self.design.plain(schema)
        nullable = whole.nullable
        if whole.enum and all(isinstance(v, str) or (isinstance(v, int) and not isinstance(v, bool)) for v in whole.enum):
            return Held(Kind.ENUM, enum=self.enum(whole, about), nullable=nullable)
        if _FORMATS.get(whole.format) is Kind.DECIMAL and set(whole.types) <= {"string", "number"}:
            return Held(Kind.DECIMAL, limits=_limits(whole), nullable=nullable)
        if len(whole.types) != 1:
            return Held(Kind.JSON, nullable=nullable)
        kind = whole.types[0]
        if kind == "array":
            return self.array(whole, about)
        if kind == "object" and not (whole.properties or whole.one_of or whole.any_of):
            return Held(Kind.JSON, under_keys(self.design, whole), nullable=nullable)
        if kind == "string":
            return Held(self.text(whole), limits=_limits(whole), nullable=nullable)
        return Held(_SCALARS.get(kind, Kind.JSON), limits=_limits(whole) if kind in ("integer", "number") else FREE, nullable=nullable)

    def array(self, whole: Schema, about: str) -> Held:
        limits = Limits(min_length=whole.min_items, max_length=whole.max_items)
        if whole.items is None:
            return Held(Kind.JSON, nullable=whole.nullable)
        inner = self.of(whole.items, about)
        if inner.kind in (Kind.JSON, Kind.LIST):
            return Held(Kind.LIST, Kind.JSON, limits, nullable=whole.nullable)
        return Held(Kind.LIST, inner.kind, limits, inner.enum, whole.nullable)

    def text(self, whole: Schema) -> Kind:
        return _FORMATS.get(whole.format, Kind.TEXT)

    def enum(self, whole: Schema, about: str) -> str:
        members = tuple((member_name(value), value) for value in whole.enum)
        name = names.pascal(whole.name) if whole.name else _enum_name(about)
        for known in self.enums.values():
            if known.members == members and (known.place == whole.place or known.name == name):
                return known.name
        while name in self.enums:
            name = f"{name}2" if not name[-1].isdigit() else f"{name[:-1]}{int(name[-1]) + 1}"
        self.enums[name] = EnumPlan(name, members, whole.description, whole.place)
        return name


def under_keys(design: Design, whole: Schema) -> Kind:
    """What an object without named properties holds under its keys: texts, numbers, booleans; else anything, which is not checked."""
    inner = design.plain(whole.additional) if isinstance(whole.additional, Schema) else None
    if inner is None or len(inner.types) != 1 or inner.nullable or inner.enum or _limits(inner) != FREE:
        return Kind.JSON
    if inner.types == ("string",):
        return Kind.JSON if inner.format in _FORMATS else Kind.TEXT
    return _SCALARS.get(inner.types[0], Kind.JSON)


def _enum_name(about: str) -> str:
    entity, _, field = about.rpartition(".")
    return names.pascal(f"{names.norm(names.bare(entity))}_{names.norm(field)}")


def member_name(value: Any) -> str:
    """The name of a member of an ``Enum`` for a value: ``in progress`` → ``IN_PROGRESS``."""
    word = names.norm(str(value)).upper() or "EMPTY"
    if str(value).startswith("-"):
        word = f"MINUS_{word}"
    return word if not word[0].isdigit() else f"N{word}"


def _limits(whole: Schema) -> Limits:
    if _FORMATS.get(whole.format) is Kind.DECIMAL:
        found = _decimal(whole)
    elif whole.types != ("string",):
        found = Limits(ge=whole.minimum, gt=whole.exclusive_minimum, le=whole.maximum, lt=whole.exclusive_maximum)
    elif whole.format in _FORMATS:
        found = FREE
    else:
        found = Limits(min_length=whole.min_length, max_length=whole.max_length, pattern=whole.pattern, format=_CHECKED.get(whole.format))
    return FREE if found == FREE else found


def _decimal(whole: Schema) -> Limits:
    """Bounds, and what a pattern such as ``^[0-9]{1,15}(\\.[0-9]{1,2})?$`` says about sign and digits."""
    pattern = whole.pattern or ""
    behind = re.search(r"\\\.(?:\\d|\[0-9\])\{(?:\d+,)?(\d+)\}", pattern)
    before = re.match(r"\^-?\(?(?:\\d|\[0-9\])\{(?:\d+,)?(\d+)\}", pattern)
    positive = re.match(r"\^\(?(?:\\d|\[0-9\])", pattern) is not None
    lowest = whole.minimum if whole.minimum is not None else 0 if positive and whole.exclusive_minimum is None else None
    return Limits(
        ge=lowest,
        gt=whole.exclusive_minimum,
        le=whole.maximum,
        lt=whole.exclusive_maximum,
        digits=int(before[1]) + int(behind[1]) if before is not None and behind is not None else None,
        scale=int(behind[1]) if behind is not None else None,
    )
