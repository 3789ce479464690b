"""What the SQLite engine remembers of slow statements, and what it takes for a read."""

import pytest

from backwright.data.engines.slow_statements import SlowStatements
from backwright.data.engines.sqlite_session import is_read


def test_memory_is_bounded() -> None:
    """Of too many texts the oldest are forgotten."""
    slow = SlowStatements(most=10)
    for number in range(100):
        slow.add(f"SELECT {number}")
    assert list(slow.texts) == [f"SELECT {number}" for number in range(90, 100)]


def test_a_statement_fast_several_times_in_a_row_is_forgotten() -> None:
    """One slow run in between starts the count again."""
    slow = SlowStatements()
    slow.add("q")
    for _ in range(7):
        slow.was_fast("q")
    slow.add("q")
    for _ in range(7):
        slow.was_fast("q")
    assert "q" in slow.texts
    slow.was_fast("q")
    assert "q" not in slow.texts


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT 1", True),
        ("  select 1", True),
        ("VALUES (1)", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", False),
        ("WITH a AS (SELECT 1) delete from t", False),
        ("INSERT INTO t VALUES (1)", False),
        ("UPDATE t SET a = 1", False),
        ("SELECTED", False),
        ("PRAGMA user_version = 1", False),
    ],
)
def test_only_what_surely_reads_counts_as_a_read(sql: str, reads: bool) -> None:
    """Stopping a read undoes nothing; where in doubt it is a write."""
    assert is_read(sql) is reads
