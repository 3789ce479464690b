"""The text of a migration file. Pure: the same steps give the same text and the same revision."""

import re
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from hashlib import sha256
from typing import Any

from backwright.data.layout import FALSE, NOW, TRUE, Sql, Type
from backwright.data.migrations.steps import Step
from backwright.domain.model import Kind

_WIDTH = 120
_WORDS = {NOW: "bw.NOW", TRUE: "bw.TRUE", FALSE: "bw.FALSE"}


def slug(message: str) -> str:
    """A message as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:40].rstrip("_") or "change"


def revision_of(down_revision: str | None, message: str, steps: tuple[Step, ...]) -> str:
    """Twelve hexadecimal digits that name the migration: the same for the same steps after the same revision."""
    return sha256("\0".join([down_revision or "", message, *map(repr, steps)]).encode()).hexdigest()[:12]


def migration_text(
    message: str,
    down_revision: str | None,
    steps: tuple[Step, ...],
    *,
    losses: Iterable[str] = (),
    warnings: Iterable[str] = (),
    irreversible: str = "",
) -> str:
    """The whole file."""
    lost = tuple(losses)
    head = [f'"""{_sentence(message)}"""', "", "from backwright.data.migrations import types as bw", ""]
    head += [f"revision = {_literal(revision_of(down_revision, message, steps))}", f"down_revision = {_literal(down_revision)}"]
    if irreversible:
        head += [f"irreversible = {_literal(irreversible)}"]
    if lost:
        head += [
            "",
            "# DATA LOSS: going up throws this away. If something was renamed, make the migration again with --rename.",
            f"loses = {source(lost)}",
        ]
    notes = [f"#   {line}" for line in warnings]
    head += ["", *(["# Mind, where others use the tables meanwhile:", *notes] if notes else [])]
    return "\n".join([*head, f"steps = {source(steps)}", "", "upgrade, downgrade = bw.both_ways(steps)", ""])


def _sentence(message: str) -> str:
    text = message.strip().replace("\\", "\\\\").replace('"', "'")
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def source(value: Any, indent: int = 0) -> str:
    """A value as Python source that makes it again, wrapped where it is long."""
    flat = _flat(value)
    if len(flat) + indent <= _WIDTH:
        return flat
    if isinstance(value, tuple):
        return _wrapped("(", [source(item, indent + 4) for item in _items(value)], ")", indent)
    if is_dataclass(value) and not isinstance(value, Type):
        return _wrapped(f"bw.{type(value).__name__}(", [name + source(item, indent + 4) for name, item in _arguments(value)], ")", indent)
    return flat


def _wrapped(start: str, items: list[str], end: str, indent: int) -> str:
    pad = " " * (indent + 4)
    return "\n".join([start, *(f"{pad}{item}," for item in items), " " * indent + end])


def _flat(value: Any) -> str:
    if isinstance(value, Type):
        return f"bw.decimal({value.digits}, {value.scale})" if value.kind is Kind.DECIMAL else f"bw.{value.kind.name}"
    if isinstance(value, Sql) and value in _WORDS:
        return _WORDS[value]
    if isinstance(value, tuple):
        items = _items(value)
        return "(" + ", ".join(map(_flat, items)) + ("," if len(items) == 1 else "") + ")"
    if is_dataclass(value):
        return f"bw.{type(value).__name__}(" + ", ".join(name + _flat(item) for name, item in _arguments(value)) + ")"
    return _literal(value)


def _items(value: Any) -> list[Any]:
    return list(value)


def _literal(value: Any) -> str:
    if isinstance(value, str) and '"' not in value and "\\" not in value and value.isprintable():
        return f'"{value}"'
    return repr(value)


def _arguments(value: Any) -> list[tuple[str, Any]]:
    """The fields that differ from their defaults: by position as long as none is left out."""
    found: list[tuple[str, Any]] = []
    by_name = False
    for item in fields(value):
        content = getattr(value, item.name)
        if item.default is not MISSING and content == item.default:
            by_name = True
        else:
            found.append((f"{item.name}=" if by_name or item.default is not MISSING else "", content))
    return found
