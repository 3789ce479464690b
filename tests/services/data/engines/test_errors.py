"""What a database says against a statement arrives in one vocabulary, whichever database it is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from backwright.data.engines.engine import Engine
from backwright.data.errors import (
    CheckViolated,
    DatabaseUnavailable,
    DataError,
    OutOfRange,
    ReferenceViolated,
    StatementTimedOut,
    UniqueViolated,
)
from tests.support.engines import TABLE, add, ids, opened, placed, with_items


def failure(url: str, *statements: str, args: tuple[Any, ...] = ()) -> DataError:
    """The error of the last statement, with the table `item` in place; the engine must work afterwards."""
    caught: list[DataError] = []

    async def body(engine: Engine) -> None:
        for sql in statements[:-1]:
            await engine.write(sql)
        with pytest.raises(DataError) as error:
            await engine.write(placed(engine, statements[-1]), args)
        caught.append(error.value)
        await add(engine, 99)

    with_items(url, body)
    return caught[0]


def test_a_unique_violation_names_its_columns(database_url: str) -> None:
    """A double code is the table's and the column's."""
    error = failure(
        database_url, "INSERT INTO item (id, name, code) VALUES (1, 'a', 'x')", "INSERT INTO item (id, name, code) VALUES (2, 'b', 'x')"
    )
    assert isinstance(error, UniqueViolated)
    assert (error.table, error.columns) == ("item", ("code",))


def test_a_double_primary_key_is_a_unique_violation(database_url: str) -> None:
    """The primary key is unique like any other key."""
    error = failure(database_url, "INSERT INTO item (id, name) VALUES (1, 'a')", "INSERT INTO item (id, name) VALUES (1, 'b')")
    assert isinstance(error, UniqueViolated)
    assert (error.table, error.columns) == ("item", ("id",))


def test_several_unique_columns_are_all_named(database_url: str) -> None:
    """A key of two columns, one of them with capitals, is told whole."""
    index = 'CREATE UNIQUE INDEX pair_key ON "Pair" ("First", second)'
    row = """INSERT INTO "Pair" ("First", second) VALUES (1, 2)"""
    error = failure(database_url, 'CREATE TABLE "Pair" ("First" INTEGER, second INTEGER)', index, row, row)
    assert isinstance(error, UniqueViolated)
    assert (error.table, error.columns) == ("Pair", ("First", "second"))


def test_a_unique_expression_is_known_by_its_index(database_url: str) -> None:
    """An index on an expression has no column; its name is told."""
    row = "INSERT INTO item (id, name) VALUES ({}, '{}')"
    error = failure(database_url, "CREATE UNIQUE INDEX by_lower ON item (lower(name))", row.format(1, "a"), row.format(2, "A"))
    assert isinstance(error, UniqueViolated)
    assert error.name == "by_lower"


def test_a_missing_target_is_a_reference_violation(database_url: str) -> None:
    """Pointing at nothing: PostgreSQL says where, SQLite only that."""
    error = failure(database_url, "INSERT INTO item (id, name, parent_id) VALUES (1, 'a', 7)")
    assert isinstance(error, ReferenceViolated)
    if database_url.startswith("postgresql"):
        assert (error.table, error.columns, error.missing) == ("item", ("parent_id",), True)
    else:
        assert error.missing is None


def test_a_row_that_is_still_referenced_stays(database_url: str) -> None:
    """Deleting what another row points at with ON DELETE RESTRICT is told apart from a missing target."""
    error = failure(
        database_url,
        "CREATE TABLE part (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES item (id) ON DELETE RESTRICT)",
        "INSERT INTO item (id, name) VALUES (1, 'a')",
        "INSERT INTO part (id, item_id) VALUES (1, 1)",
        "DELETE FROM item WHERE id = 1",
    )
    assert isinstance(error, ReferenceViolated)
    assert error.missing is False


@pytest.mark.parametrize(("row", "name"), [("(1, 'a', -1)", "item_stock"), ("(1, NULL, 0)", "item.name")], ids=["check", "not null"])
def test_a_check_is_named(database_url: str, row: str, name: str) -> None:
    """A CHECK tells its name, a NOT NULL its table and column."""
    error = failure(database_url, f"INSERT INTO item (id, name, stock) VALUES {row}")
    assert isinstance(error, CheckViolated)
    assert error.name == name


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "lone \ud800 surrogate"], ids=["too large", "too small", "surrogate"])
def test_a_value_that_does_not_fit_is_out_of_range(database_url: str, value: Any) -> None:
    """Numbers beyond 64 bits and text that is no Unicode are the argument's fault, and the connection lives."""
    column = "name" if isinstance(value, str) else "stock"
    sql = f"INSERT INTO item (id, name, {column}) VALUES (1, 'a', ?)" if column == "stock" else "INSERT INTO item (id, name) VALUES (1, ?)"
    assert isinstance(failure(database_url, sql, args=(value,)), OutOfRange)


def test_nul_in_text_is_out_of_range_on_postgresql(postgres_url: str) -> None:
    """PostgreSQL cannot store NUL in text."""
    assert isinstance(failure(postgres_url, "INSERT INTO item (id, name) VALUES (1, ?)", args=("a\0b",)), OutOfRange)


def test_a_wrong_statement_says_what_is_wrong(database_url: str) -> None:
    """A mistake in SQL is a plain `DataError` with the database's words."""
    error = failure(database_url, "INSERT INTO nowhere VALUES (1)")
    assert type(error) is DataError
    assert "nowhere" in str(error)


def test_an_argument_the_driver_does_not_know_is_an_error(database_url: str) -> None:
    """A value of a foreign type fails before anything is sent, and the connection lives."""
    assert isinstance(failure(database_url, "INSERT INTO item (id, name) VALUES (1, ?)", args=(object(),)), DataError)


def test_a_statement_has_a_deadline(database_url: str) -> None:
    """A statement that runs past its deadline is stopped; the next one works."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"

    async def body(engine: Engine) -> None:
        with pytest.raises(StatementTimedOut):
            await engine.rows(endless)
        with pytest.raises(StatementTimedOut):
            async with engine.transaction() as tx:
                await add(tx, 1)
                await tx.rows(endless)
        with pytest.raises(StatementTimedOut):
            await engine.write(f"INSERT INTO item (id, name) SELECT i, 'x' FROM ({endless.replace('count(*)', 'i')}) AS n")
        await add(engine, 2)
        assert await ids(engine) == [2]

    with_items(database_url, body, statement_timeout=0.2)


@pytest.mark.parametrize("threshold", [0.0, 1000.0], ids=["over", "under"])
def test_a_statement_over_the_threshold_is_told_of(database_url: str, threshold: float) -> None:
    """The hook hears each statement at or over the threshold once, with its text and seconds, and nothing of those under it."""
    heard: list[str] = []
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"

    async def body(engine: Engine) -> None:
        await engine.rows("SELECT 1")
        await engine.rows(slow)
        await engine.rows(slow)
        async with engine.transaction() as tx:
            await tx.rows("SELECT 2")
        await engine.write("DELETE FROM item")
        own = [sql for sql in heard if sql not in ("BEGIN", "COMMIT", TABLE)]
        assert own == (["SELECT 1", slow, slow, "SELECT 2", "DELETE FROM item"] if threshold == 0 else [])

    def hook(sql: str, seconds: float) -> None:
        assert seconds > 0
        heard.append(sql)

    with_items(database_url, body, on_statement=hook, slow=threshold)


def test_a_full_disk_makes_the_database_unavailable(database_url: str) -> None:
    """Where there is no room, writing says so, reading goes on, and nothing is half written."""
    fill = "INSERT INTO item (id, name) VALUES (?, ?)"

    async def body(engine: Engine) -> None:
        await add(engine, 1)
        with pytest.raises(DatabaseUnavailable, match="full"):
            if engine.dialect == "sqlite":
                await engine.write(fill, (2, "x" * 200_000))
            else:  # the server's own error for it, as filling a real disk is nobody's wish
                await engine.write("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$")
        assert await ids(engine) == [1]
        await add(engine, 3)

    with_items(database_url, body, **({"max_pages": 20} if database_url.startswith("sqlite") else {}))


def refused(url: str) -> str:
    """What opening a database that cannot be opened says."""

    async def main() -> str:
        with pytest.raises(DatabaseUnavailable) as error:
            async with opened(url):
                pass
        return str(error.value)

    return asyncio.run(main())


def test_a_missing_server_says_what_to_do() -> None:
    """A server that is not there is named, without the password."""
    text = refused("postgresql://someone:s3cret@127.0.0.1:1/nothing")
    assert "127.0.0.1:1" in text
    assert "is the server up" in text
    assert "s3cret" not in text


def test_a_missing_database_says_what_to_do(postgres_url: str) -> None:
    """A database that is not there is to be created."""
    assert "create the database" in refused(f"{postgres_url}_missing")


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    """SQLite makes files, not folders."""
    assert "folder" in refused(f"sqlite:///{tmp_path}/nowhere/a.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A foreign file is not touched."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 100)
    assert "not an SQLite database" in refused(f"sqlite:///{path}")
    assert path.read_text() == "Dear reader, " * 100
