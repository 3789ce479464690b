"""Hand-written SQL for both databases: written once with PostgreSQL's ``$1``, turned to the dialect's placeholders. Pure."""

import re

from backwright.data.engines.engine import Dialect

_PIECE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\d+)")


def numbered(sql: str, dialect: Dialect) -> str:
    """`sql` with ``?1`` in the place of ``$1`` on SQLite; text in quotes is left alone. A cast after a placeholder is not understood."""
    return sql if dialect == "postgresql" else _PIECE.sub(lambda piece: f"?{piece[1]}" if piece[1] else piece[0], sql)
