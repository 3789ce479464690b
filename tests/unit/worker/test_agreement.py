"""A contract and tables together: what they say against each other is named with both places; where one is silent, the other holds."""

from pathlib import Path

import pytest

from backwright.worker.blueprint import EntityPlan
from backwright.worker.importers.design import import_design
from backwright.worker.infer.blueprint import infer
from backwright.worker.place import BrokenDesign
from tests.unit.worker.designs import written

CONTRACT = """openapi: 3.1.0
info: {title: Shop, version: '1'}
security: [{token: []}]
paths:
  /books:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Book'}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
      responses: {'201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Book:
      type: object
      required: [title]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        title: {type: string, maxLength: 90}
        PROPERTY
"""
PROPERTY = "pageCount: {type: integer, minimum: 1}"
COLUMNS = "id uuid PRIMARY KEY, title varchar(90) NOT NULL, page_count bigint CHECK (page_count >= 1)"


def both(folder: Path, prop: str = PROPERTY, columns: str = COLUMNS, more: str = "") -> EntityPlan:
    """The books of a contract with this property and a table with these columns."""
    contract = written(folder, CONTRACT.replace("PROPERTY", prop))
    schema = written(folder, f"{more}\nCREATE TABLE books ({columns});\n", "schema.sql")
    return infer(import_design([contract, schema])).entity("Book")


def test_matched(tmp_path: Path) -> None:
    """Entities meet whatever their number, fields whatever their case; the table's name, columns and limits are kept."""
    found = both(tmp_path, columns=f"{COLUMNS}, isbn varchar(17) UNIQUE")
    assert (found.table, found.id_kind) == ("books", "uuid")
    fields = {f.name: f for f in found.fields}
    assert fields["page_count"].wire == "pageCount"
    assert fields["page_count"].limits.ge == 1
    assert (fields["isbn"].wire, fields["isbn"].unique) == ("", True)


def test_the_table_says_more(tmp_path: Path) -> None:
    """A limit that only the table has holds, as an assumption."""
    found = both(tmp_path, "isbn: {type: string}", "id uuid PRIMARY KEY, title varchar(90) NOT NULL, isbn varchar(17)")
    assert next(f.limits.max_length for f in found.fields if f.name == "isbn") == 17


AGAINST = {
    "type": (PROPERTY, COLUMNS.replace("bigint CHECK (page_count >= 1)", "boolean"), "Book.pageCount is int, and the column page_count"),
    "length": (PROPERTY, COLUMNS.replace("varchar(90)", "varchar(20)"), "Book.title has max_length 90, and the column title"),
    "enum": ("kind: {type: string, enum: [a, b]}", "id uuid PRIMARY KEY, title text NOT NULL, kind text CHECK (kind IN ('a'))", "may be b"),
    "null": (PROPERTY, COLUMNS.replace("bigint", "bigint NOT NULL"), "may be null or left out, and the column page_count"),
    "missing column": (PROPERTY, "id uuid PRIMARY KEY, title varchar(90) NOT NULL", "the table books (schema.sql:2) has no such column"),
    "missing property": (PROPERTY, f"{COLUMNS}, isbn text NOT NULL", "The table books asks for isbn (schema.sql:2)"),
    "two ids": (PROPERTY, COLUMNS.replace("id uuid", "id bigserial"), "id is a UUID, or text, and that of the table is a whole"),
}  # fmt: skip


@pytest.mark.parametrize("name", AGAINST)
def test_against(name: str, tmp_path: Path) -> None:
    """A contradiction is an error at the contract's place, which names that of the table."""
    prop, columns, words = AGAINST[name]
    with pytest.raises(BrokenDesign) as found:
        both(tmp_path, prop, columns)
    errors = [p for p in found.value.problems if p.severity == "error"]
    assert [words in p.what for p in errors] == [True], errors
    assert errors[0].file == "api.yaml"
    assert "schema.sql:2" in errors[0].what


def test_missing_table(tmp_path: Path) -> None:
    """What the contract keeps and no table does is an error."""
    contract = written(tmp_path, CONTRACT.replace("PROPERTY", PROPERTY))
    schema = written(tmp_path, "CREATE TABLE cars (id uuid PRIMARY KEY);", "schema.sql")
    with pytest.raises(BrokenDesign) as found:
        import_design([contract, schema])
    assert ["no table does" in p.what for p in found.value.problems if p.severity == "error"] == [True]


def test_all_at_once(tmp_path: Path) -> None:
    """Every contradiction comes at once."""
    with pytest.raises(BrokenDesign) as found:
        both(tmp_path, PROPERTY, "id bigserial PRIMARY KEY, title varchar(5) NOT NULL, page_count date, isbn text NOT NULL")
    assert len([p for p in found.value.problems if p.severity == "error"]) == 4


def test_two_sets_of_tables(tmp_path: Path) -> None:
    """SQL files are one set of tables; a later one may alter what an earlier one made."""
    first = written(tmp_path, "CREATE TABLE t (id uuid PRIMARY KEY);", "a.sql")
    second = written(tmp_path, "ALTER TABLE t ADD COLUMN x text;", "b.sql")
    (table,) = import_design([first, second]).tables.tables
    assert [(c.name, str(c.place)) for c in table.columns] == [("id", "a.sql:1"), ("x", "b.sql:1")]
