"""Hand-written SQL in both placeholder styles."""

from backwright.data.sql.text import numbered


def test_postgresql_is_left_alone() -> None:
    """SQL is written in PostgreSQL's style."""
    assert numbered("SELECT $1, $2", "postgresql") == "SELECT $1, $2"


def test_sqlite_gets_question_marks() -> None:
    """Each placeholder keeps its number, so one may be used twice."""
    assert numbered("SELECT $1, $12, $1", "sqlite") == "SELECT ?1, ?12, ?1"


def test_quoted_text_is_left_alone() -> None:
    """A dollar in a string or an identifier is no placeholder."""
    assert numbered("""SELECT '$1 ''$2', "a$3" WHERE x = $4""", "sqlite") == """SELECT '$1 ''$2', "a$3" WHERE x = ?4"""
