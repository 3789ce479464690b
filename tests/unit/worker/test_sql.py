"""Reading SQL: what is said is found at its line, and what cannot be read is named."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.worker.importers.sql.design import read_sql
from backwright.worker.infer.stored_elements import elements_of
from backwright.worker.place import Problem
from tests.unit.worker.tabled import FORUM, read, said


def test_columns() -> None:
    """A column has its type, arguments, null, default and line."""
    (table,) = read("CREATE TABLE t (\n id bigserial PRIMARY KEY,\n price numeric(10, 2) NOT NULL DEFAULT 0,\n tags text[]\n);").tables
    key, price, tags = table.columns
    assert (key.type, key.identity, key.nullable) == ("bigint", True, False)
    assert (price.type, price.arguments, price.nullable, str(price.place)) == ("numeric", (10, 2), False, "schema.sql:3")
    assert price.default is not None
    assert price.default.text == "0"
    assert (tags.type, tags.array, tags.nullable) == ("text", True, True)


def test_constraints() -> None:
    """Keys of several columns, actions, checks and their names are kept, wherever they are said."""
    text = (
        "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y));"
        "CREATE TABLE b (id int PRIMARY KEY, x int, y int, CONSTRAINT both FOREIGN KEY (x, y) REFERENCES a ON DELETE CASCADE);"
        "ALTER TABLE ONLY b ADD CONSTRAINT small CHECK (x < 9), ADD COLUMN z text UNIQUE; ALTER TABLE b ALTER COLUMN z SET NOT NULL;"
    )
    a, b = read(text).tables
    assert a.primary is not None
    assert a.primary.columns == ("x", "y")
    (key,) = b.foreign_keys
    assert (key.name, key.columns, key.target, key.on_delete) == ("both", ("x", "y"), "a", "CASCADE")
    assert [(c.name, c.text) for c in b.checks] == [("small", "x < 9")]
    assert [u.columns for u in b.uniques] == [("z",)]
    assert [c.nullable for c in b.columns if c.name == "z"] == [False]


def test_indexes() -> None:
    """Method, expressions, order, included columns and condition of an index."""
    table = "CREATE TABLE t (id int PRIMARY KEY, a text, b int);"
    text = f"{table} CREATE UNIQUE INDEX i ON t USING gin (lower(a), b DESC) INCLUDE (a) WHERE b > 0;"
    (index,) = read(text).tables[0].indexes
    assert (index.name, index.method, index.unique, index.parts) == ("i", "gin", True, ("(lower(a))", "b"))
    assert (index.descending, index.include, index.where) == (True, ("a",), "b > 0")


def test_types_and_domains() -> None:
    """An enum type keeps its values; a domain gives its type and its checks to the columns that use it."""
    tables = read(
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN few AS int CHECK (VALUE < 5); CREATE TABLE t (id few PRIMARY KEY, m mood);"
    )
    (table,) = tables.tables
    assert tables.enums[0].values == ("sad", "ok")
    assert [(c.type, c.enum) for c in table.columns] == [("integer", ""), ("enum", "mood")]
    assert [c.text for c in table.checks] == ['"id" < 5']


def test_names() -> None:
    """PostgreSQL folds names without quotes; SQLite keeps them, and compares without case."""
    folded = read('CREATE TABLE Abc (Id uuid PRIMARY KEY); CREATE TABLE "Order Items" ("A ""b" uuid PRIMARY KEY);')
    assert [(t.name, t.columns[0].name) for t in folded.tables] == [("abc", "id"), ("Order Items", 'A "b')]
    (table, other) = read("CREATE TABLE Abc (Id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE d (e INTEGER REFERENCES ABC(ID));").tables
    assert (table.name, table.columns[0].name, other.foreign_keys[0].target) == ("Abc", "Id", "Abc")


def test_everything_is_an_element() -> None:
    """Each thing of a schema is one element with an address of its own; rows are counted, not listed."""
    tables = read(FORUM)
    elements = elements_of(tables)
    assert len({e.address for e in elements}) == len(elements) == 117
    kinds = {e.kind for e in elements}
    assert kinds >= {
        "table", "column", "primary key", "foreign key", "unique", "check", "index", "default", "generated", "comment", "enum type",
        "domain", "view", "trigger", "function", "sequence", "seed data", "on delete", "on update", "not null", "identity",
    }  # fmt: skip
    assert [o.count for o in tables.others if o.kind == "seed data"] == [2]


def test_dumps() -> None:
    """The rows of COPY, the commands of psql and bodies with semicolons are passed over."""
    text = (
        "\\restrict x\nCREATE TABLE t (id int PRIMARY KEY);\nCOPY t (id) FROM stdin;\n1\n2;'\n\\.\n"
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT ';'; END;\n/* a /* nested */ one */\n"
        "CREATE TABLE u (id int PRIMARY KEY);"
    )
    assert [t.name for t in read(text).tables] == ["t", "u"]


BROKEN = {
    "text": ("CREATE TABLE t (id int PRIMARY KEY,\n a text DEFAULT 'x);", ":2: error: The text that ' begins here never ends"),
    "name": ('CREATE TABLE "t (id int);', "The name that \" begins here never ends"),
    "dollars": ("CREATE FUNCTION f() AS $a$ x $$", "$a$ begins here never ends"),
    "comment": ("/* never", "The comment that begins here never ends"),
    "NUL": ("CREATE TABLE t (a\0b int);", "is not understood"),
    "statement": ("CREATE TABLE t (id int PRIMARY KEY);\nGO\n", ":2: error: GO begins no statement"),
    "spelling": ("CREATE TABEL t (id int);", "CREATE TABEL is not known"),
    "other database": ("CREATE TABLE t (id int AUTO_INCREMENT, x timestamptz)", "is no type of PostgreSQL"),
    "comma": ("CREATE TABLE t (id int,);", "A comma stands before"),
    "table twice": ("CREATE TABLE t (id int PRIMARY KEY);\nCREATE TABLE t (id int PRIMARY KEY);", "made twice; first in schema.sql:1"),
    "column twice": ("CREATE TABLE t (id int PRIMARY KEY,\n id text);", ":2: error: t has the column id twice"),
    "two keys": ("CREATE TABLE t (id int PRIMARY KEY, x int PRIMARY KEY);", "a second primary key"),
    "no table": ("CREATE TABLE t (id int PRIMARY KEY, x int REFERENCES gone);", "the table gone, which is not there"),
    "no column": ("CREATE TABLE t (id int PRIMARY KEY, UNIQUE (gone));", "t has no column gone"),
    "types of keys": ("CREATE TABLE t (id uuid PRIMARY KEY); CREATE TABLE u (id uuid PRIMARY KEY, t int REFERENCES t);", "u.t is integer"),
    "not unique": ("CREATE TABLE t (id int PRIMARY KEY, x int, y int REFERENCES t (x));", "is not unique"),
    "number of keys": ("CREATE TABLE t (a int, b int, y int REFERENCES t, PRIMARY KEY (a, b));", "2 columns of t with 1"),
    "ends": ("CREATE TABLE t (id int CHECK ((((", "ends too early"),
    "nothing": ("-- nothing", "There is no CREATE TABLE"),
    "comment on nothing": ("CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE x IS 'y';", "There is no table x"),
    "value twice": ("CREATE TYPE m AS ENUM ('a', 'a'); CREATE TABLE t (id int PRIMARY KEY);", "has a value twice"),
    "words": ("CREATE TABLE t (" + ", ".join(f"c{n} int" for n in range(70_000)) + ");", "more than 200,000 words"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """What is wrong is named with its line."""
    text, words = BROKEN[name]
    assert any(words in line and "error" in line for line in said(text)), said(text)


def test_all_at_once() -> None:
    """One bad statement does not hide the next."""
    assert len([line for line in said("CREATE TABEL a;\nCREATE TABLE b (id int,);\nNONSENSE;") if "error" in line]) == 3


def test_no_key() -> None:
    """A table without a primary key is a warning; circles of references are fine."""
    assert [line for line in said("CREATE TABLE t (x int);") if "warning: The table t has no primary key" in line]
    assert said("CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);") == []


def test_one_long_line() -> None:
    """Rows in one line of a megabyte are passed over."""
    rows = ",".join(["(1, 'a;b')"] * 100_000)
    (table,) = read(f"CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES {rows};").tables
    assert table.name == "t"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_mutations(seed: int) -> None:
    """Whatever happens to a text, it is read or refused, never a fault."""
    chance, text = random.Random(seed), list(FORUM)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text))
        text[at : at + chance.choice((0, 1, 9))] = chance.choice(("", ";", "(", ")", "'", '"', "$$", "--", "/*", "[", ".", " CHECK ", "\0"))
    problems: list[Problem] = []
    read_sql({"schema.sql": "".join(text)}, problems)
    assert all(problem.what and problem.mend for problem in problems)
