"""Commands that change the connection itself. Connections serve many, so only a raw transaction may give them."""

import re
from functools import lru_cache

from backwright.data.errors import DataError

_COMMAND = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(BEGIN|START|COMMIT|END|ABORT|ROLLBACK|SAVEPOINT|RELEASE|SET(?!\s+(?:LOCAL|CONSTRAINTS)\b)|RESET|DISCARD|LISTEN|UNLISTEN|PREPARE|DEALLOCATE"
    r"|LOAD|ATTACH|DETACH)\b",
    re.IGNORECASE | re.DOTALL,
)


@lru_cache(4096)
def refuse_session_command(sql: str) -> None:
    """Raises `DataError` for a command that would end the transaction or outlive it."""
    if found := _COMMAND.match(sql):
        raise DataError(f"{found[1].upper()} changes the connection, which serves others too: use savepoint(), or transaction(raw=True)")
