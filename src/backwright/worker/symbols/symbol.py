"""What a reader of symbols is told. Pure."""

from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any


class Refused(ValueError):
    """What was asked cannot be done; nothing was changed. The text says why and how to mend it."""


class Kind(StrEnum):
    """What a symbol is. A field or property of a class is a variable; a trait or record is a class."""

    MODULE = "module"
    CLASS = "class"
    INTERFACE = "interface"
    STRUCT = "struct"
    ENUM = "enum"
    TYPE = "type"
    FUNCTION = "function"
    METHOD = "method"
    CONSTANT = "constant"
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. Lines and columns count from 1, columns in characters; the end is the first place behind it."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition in a file."""

    name: str
    name_path: str
    """``Class/method``; ``Class/method[1]`` is the second of that name."""
    kind: Kind
    file: str
    """Relative to the root, with forward slashes."""
    place: Place
    """All of the definition, decorators included; not the comment in front."""
    signature: str
    language: str
    docstring: str | None = None
    body: str | None = None
    children: "tuple[Symbol, ...]" = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a file that whoever reads the answer must know."""

    file: str
    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """The symbols of one file."""

    file: str
    language: str
    symbols: tuple[Symbol, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search through a tree brought."""

    symbols: tuple[Symbol, ...]
    files: int
    """How many files were looked at."""
    more: bool = False
    """The limit was reached; there are more."""
    findings: tuple[Finding, ...] = ()
    left_out: tuple[str, ...] = ()
    """Folders and files that were not looked at, with the reason."""


def plain(value: Any) -> Any:
    """The value as JSON takes it: dataclasses become objects, without what is None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(part) for f in fields(value) if (part := getattr(value, f.name)) is not None}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]  # pyright: ignore[reportUnknownVariableType]
    return value
