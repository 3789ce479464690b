"""Which commands change a connection, so that only raw transactions may give them."""

import pytest

from backwright.data.engines.session_commands import refuse_session_command
from backwright.data.errors import DataError


@pytest.mark.parametrize(
    "sql",
    [
        "BEGIN",
        "commit;",
        " END",
        "Rollback to x",
        "SET search_path TO a",
        "RESET ALL",
        "/* a */ -- b\n LISTEN x",
        "ATTACH 'x' AS y",
        "DISCARD ALL",
    ],
)
def test_a_command_for_the_connection_is_refused(sql: str) -> None:
    """In any case, behind any comment."""
    with pytest.raises(DataError, match="serves others too"):
        refuse_session_command(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "UPDATE t SET a = 1",
        "SET LOCAL lock_timeout = 5",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "beginning",
        "INSERT INTO t VALUES ('COMMIT')",
    ],
)
def test_any_other_statement_is_not(sql: str) -> None:
    """Statements, and settings that end with the transaction, may run anywhere."""
    refuse_session_command(sql)
