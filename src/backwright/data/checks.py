"""The named CHECKs of a field: what `Limits`, enums and booleans become in the database. Pure.

A pattern is checked by PostgreSQL only, and only where its regular expressions and Python's agree (`postgresql_pattern`); the rest of
the patterns, all patterns on SQLite, and formats (e-mail, URI, phone) are the decoder's affair.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from backwright.data.layout import Check, Sql, Text, short
from backwright.data.sql.kinds import scale, stored_kind
from backwright.data.sql.shapes import literal, quoted
from backwright.domain.model import Field, Kind

_COMPARISONS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
_LENGTHS = {"min_length": ">=", "max_length": "<="}
_LENGTH_OF = {
    Kind.TEXT: Sql("char_length({})", "length({})"),
    Kind.BYTES: Sql("octet_length({})", "length({})"),
    Kind.LIST: Sql("jsonb_array_length({})", "json_array_length({})"),
}
_SAME_MEANING = re.compile(
    r"""\^?(?:                                          # anchors at the ends only: inside, the engines differ
        (?: [^\\^$.|?*+()\[\]{}]                        # a character that stands for itself
          | \\[^\w\s]                                   # or is escaped to do so
          | \[\^?(?:[^\\\[\]^]|\\[^\w\s])+\]            # a class of characters, without classes in it
          | \)
        )(?:[?*+]|\{\d{1,2}(?:,\d{0,2})?\})?            # how often
      | \((?:\?:)? | \|                                # groups and alternatives
    )*(?P<end>\$?)""",
    re.VERBOSE,
)


def checks(table: str, field: Field) -> tuple[Check, ...]:
    """The CHECKs of one field, in a fixed order."""
    found = [*_bounds(field), *_lengths(field), *_values(field)]
    return tuple(Check(check_name(table, field.column, word), text) for word, text in found)


def check_name(table: str, column: str, word: str) -> str:
    """The name of the CHECK for one word of `Limits` (``ge``, ``max_length``, ``pattern``…), or for ``enum`` and ``bool``."""
    return short(f"ck_{table}_{column}_{word}")


def _bounds(field: Field) -> Iterator[tuple[str, Text]]:
    column, kind = quoted(field.column), stored_kind(field)
    if kind not in (Kind.INT, Kind.FLOAT, Kind.DECIMAL):
        return
    for word, sign in _COMPARISONS.items():
        bound = getattr(field.limits, word)
        if bound is None:
            continue
        plain = f"{column} {sign} {_number(bound)}"
        if kind is Kind.DECIMAL:
            scaled = f"{column} {sign} {_number(Decimal(str(bound)).scaleb(scale(field)))}"
            yield word, Sql(plain, scaled) if scaled != plain else plain
        else:
            yield word, plain


def _number(bound: int | float | Decimal) -> str:
    if isinstance(bound, float):
        return repr(bound)
    whole = isinstance(bound, int) or bound == bound.to_integral_value()
    return str(int(bound)) if whole else format(bound, "f")


def _lengths(field: Field) -> Iterator[tuple[str, Text]]:
    length = _LENGTH_OF.get(field.kind)
    for word, sign in _LENGTHS.items():
        bound = getattr(field.limits, word)
        if bound is not None and length is not None:
            column = quoted(field.column)
            yield word, Sql(f"{length.postgresql.format(column)} {sign} {bound}", f"{length.sqlite.format(column)} {sign} {bound}")


def _values(field: Field) -> Iterator[tuple[str, Text]]:
    column = quoted(field.column)
    if field.kind is Kind.TEXT and field.limits.pattern is not None:
        pattern = postgresql_pattern(field.limits.pattern)
        if pattern is not None:
            yield "pattern", Sql(postgresql=f"{column} ~ {literal(pattern)}")
    if field.kind is Kind.ENUM:
        values = [literal(m.value) if isinstance(m.value, str) else str(int(m.value)) for m in field.type]
        yield "enum", f"{column} IN ({', '.join(values)})"
    if field.kind is Kind.BOOL:
        yield "bool", Sql(sqlite=f"{column} IN (0, 1)")


def postgresql_pattern(pattern: str) -> str | None:
    """The same regular expression for PostgreSQL's ``~``; ``None`` where the two may disagree (``.``, ``\\d``, ``\\b``, look-around…)."""
    match = _SAME_MEANING.fullmatch(pattern)
    if match is None or re.search(r"--|&&|~~", pattern):  # set operations to come in Python's classes
        return None
    try:
        re.compile(pattern)
    except re.error:
        return None
    # Alternatives bind weaker than the anchors, so an end anchor may stand for one branch only: the same in both.
    # Python's $ also matches before a last line break.
    return pattern[:-1] + "\\n?$" if match["end"] else pattern
