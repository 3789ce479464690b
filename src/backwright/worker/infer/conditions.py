"""What the CHECKs of a table mean: bounds, lengths, patterns and lists of values of single columns. The one file that uses sqlglot."""

import logging
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backwright.worker.tables import Dialect

MAX_LENGTH = 10_000
_TURNED = {"ge": "le", "le": "ge", "gt": "lt", "lt": "gt", "eq": "eq"}
_WORDS = {"GTE": "ge", "GT": "gt", "LTE": "le", "LT": "lt", "EQ": "eq", "NEQ": "ne"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a check asks of one column."""

    column: str
    word: str
    """A word of ``Limits``, or ``values`` for a list of those allowed, or ``not_null``."""
    value: Any


class Strange(Exception):
    """The condition says more than the kit can declare."""


def conditions(text: str, dialect: Dialect) -> list[Condition] | None:
    """What a check asks, if that is all about single columns and the kit has words for it; None otherwise."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        return _all(_parsed(text, dialect))
    except (Strange, RecursionError):
        return None


def _parsed(text: str, dialect: Dialect) -> Any:
    from sqlglot import parse_one
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    text = re.sub(r"\s+COLLATE\s+\S+", "", text, flags=re.IGNORECASE)
    try:
        return parse_one(f"SELECT {text}", read="postgres" if dialect == "postgresql" else "sqlite").expressions[0]
    except (SqlglotError, ValueError, IndexError):
        raise Strange from None


def _all(node: Any) -> list[Condition]:
    node = _bare(node)
    kind = type(node).__name__
    if node.args.get("negate") and kind != "Is":
        raise Strange
    if kind == "And":
        return [*_all(node.this), *_all(node.expression)]
    if kind == "Or":
        return [_either([*_all(node.this), *_all(node.expression)])]
    if kind == "Between":
        return [*_compared("ge", node.this, node.args["low"]), *_compared("le", node.this, node.args["high"])]
    if kind == "In" and node.expressions:
        return [Condition(_column(node.this), "values", tuple(_literal(e) for e in node.expressions))]
    if kind == "RegexpLike":
        return [Condition(_column(node.this), "pattern", str(_literal(node.expression)))]
    if kind == "Is" and node.args.get("negate") and type(_bare(node.expression)).__name__ == "Null":
        return [Condition(_column(node.this), "not_null", True)]
    if kind in _WORDS:
        return _compared(_WORDS[kind], node.this, node.expression)
    raise Strange


def _compared(word: str, left: Any, right: Any) -> list[Condition]:
    left, right = _bare(left), _bare(right)
    if type(right).__name__ == "Any":  # as PostgreSQL's catalog spells IN
        items = _bare(right.this)
        return [Condition(_column(left), "values", tuple(_literal(e) for e in items.expressions))]
    if type(left).__name__ in ("Literal", "Neg"):
        if word not in _TURNED:
            raise Strange
        left, right, word = right, left, _TURNED[word]
    value = _literal(right)
    if type(left).__name__ in ("Length", "Char_length", "ByteLength"):
        return _length(_column(left.this), word, value)
    if word == "ne" and value == "":
        return [Condition(_column(left), "min_length", 1)]
    if word == "eq":
        return [Condition(_column(left), "values", (value,))]
    if isinstance(value, str) or word == "ne":
        raise Strange
    return [Condition(_column(left), word, value)]


def _length(column: str, word: str, value: Any) -> list[Condition]:
    if not isinstance(value, int):
        raise Strange
    least, most = Condition(column, "min_length", value), Condition(column, "max_length", value)
    found: dict[str, list[Condition]] = {
        "ge": [least], "le": [most], "eq": [least, most], "gt": [Condition(column, "min_length", value + 1)],
        "lt": [Condition(column, "max_length", value - 1)],
    }  # fmt: skip
    if word not in found:
        raise Strange
    return found[word]


def _either(found: list[Condition]) -> Condition:
    """``a = 1 OR a = 2`` is a list of values."""
    if any(c.word != "values" or c.column != found[0].column for c in found):
        raise Strange
    return Condition(found[0].column, "values", tuple(v for c in found for v in c.value))


def _bare(node: Any) -> Any:
    while type(node).__name__ in ("Paren", "Cast", "Alias", "Array") and (type(node).__name__ != "Array"):
        node = node.this
    return node


def _column(node: Any) -> str:
    node = _bare(node)
    if type(node).__name__ != "Column" or node.table:
        raise Strange
    return str(node.name)


def _literal(node: Any) -> Any:
    node = _bare(node)
    kind = type(node).__name__
    if kind == "Neg":
        return -_literal(node.this)
    if kind == "Boolean":
        return bool(node.this)
    if kind != "Literal":
        raise Strange
    if node.is_string:
        return str(node.this)
    text = str(node.this)
    return int(text) if re.fullmatch(r"\d+", text) else Decimal(text)
