"""Lists that ask for more than equal fields: free text, orders, two things in the path; and maps."""

from pathlib import Path

from backwright.worker.blueprint import Blueprint
from backwright.worker.differences import compare
from backwright.worker.infer.blueprint import infer
from backwright.worker.survey.facts import Facts
from backwright.worker.write.project import project
from backwright.worker.write.serving import settled
from tests.unit.worker.designs import HEAD, read

PATHS = """security: [{b: []}]
paths:
  /books:
    get:
      parameters: [{name: q, in: query, description: '%s', schema: {type: string}}, %s]
      responses: {'200': {description: ., content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Book'}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewBook'}}}}
      responses: {'201': {description: ., content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}}
  /books/{id}/chapters:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get:
      responses:
        '200': {description: ., content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Chapter'}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewChapter'}}}}
      responses: {'201': {description: ., content: {application/json: {schema: {$ref: '#/components/schemas/Chapter'}}}}}
  /books/{id}/chapters/{chapter_id}/notes:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: chapter_id, in: path, required: true, schema: {type: string, format: uuid}}
    get:
      operationId: listNotes
      responses: {'200': {description: ., content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewNote'}}}}
      responses: {'201': {description: ., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
components:
  securitySchemes: {b: {type: http, scheme: bearer}}
  schemas:
    NewBook:
      type: object
      required: [title, text]
      properties: &book
        title: {type: string}
        text: {type: string}
        price: {type: number}
        labels: {type: object, additionalProperties: {type: string}}
        loose: {type: object}
        bounded: {type: object, additionalProperties: {type: string, maxLength: 3}}
    Book:
      type: object
      required: [id, title, text, created_at]
      properties: {<<: *book, id: {type: string, format: uuid}, created_at: {type: string, format: date-time}}
    NewNote: {type: object, required: [name], properties: {name: {type: string}}}
    NewChapter: {type: object, required: [name], properties: {name: {type: string}}}
    Chapter: {type: object, required: [id, name], properties: {id: {type: string, format: uuid}, name: {type: string}}}
    Note: {type: object, required: [id, name], properties: {id: {type: string, format: uuid}, name: {type: string}}}
"""
SORT = "{name: sort, in: query, schema: {type: string, enum: [-created_at, title, price_desc], default: -created_at}}"
WAYS = "{name: sort_by, in: query, schema: {enum: [title]}}, {name: order, in: query, schema: {enum: [asc, desc]}}"


def inferred(folder: Path, described: str = "Words", sort: str = SORT) -> Blueprint:
    """The blueprint of the design, with this description of the search and this parameter for the order."""
    return settled(infer(read(folder, HEAD + PATHS % (described, sort))))


def written(blueprint: Blueprint) -> dict[str, str]:
    """The files; no function may be left to write."""
    made = project(blueprint, Facts())
    assert not made.unwritten
    return dict(made.files)


def test_free_text_looks_into_the_fields_that_are_named(tmp_path: Path) -> None:
    """The description names them; else all texts, as a guess that is listed."""
    found = [
        next(a for a in inferred(tmp_path, words).assumptions if a.about == "Book list, parameter q")
        for words in ("In the title.", "Words.")
    ]
    assert [(a.decision.partition(" in ")[2], a.confidence) for a in found] == [
        ("title, as it is written", "likely"), ("title or text, as it is written", "guess"),
    ]  # fmt: skip


def test_an_order_that_a_parameter_names_is_written(tmp_path: Path) -> None:
    """Each value by its sign or ending, with the design's default; what names no field stays with a person."""
    text = written(inferred(tmp_path))["operations.py"]
    assert "sort: BookSort = BookSort.MINUS_CREATED_AT" in text
    assert "query.order_by(lambda it: it.price, descending=True)" in text and "query.order_by(lambda it: it.title)\n" in text
    strange = project(inferred(tmp_path, sort=SORT.replace("title", "relevance")), Facts())
    assert [strange.reasons[name] for name in strange.unwritten] == [
        "the order relevance of sort is no field of Book, so a function must say what it means"
    ]


def test_the_way_of_an_order_may_have_its_own_parameter(tmp_path: Path) -> None:
    """``order=desc`` turns what ``sort_by`` names."""
    text = written(inferred(tmp_path, sort=WAYS))["operations.py"]
    assert "descending = order is BookOrder.DESC" in text and "it.title, descending=descending)" in text


def test_a_path_that_names_two_things_is_walked(tmp_path: Path) -> None:
    """Each is read, and belongs to the one before it; the row refers to the last."""
    text = written(inferred(tmp_path))["operations.py"].partition("async def find_notes")[2].partition("async def")[0]
    lines = [line.strip() for line in text.splitlines()]
    assert lines.index("if chapter.book != book.id:") == lines.index("raise NotFound") - 1
    assert "query = tx.query(Note).where(lambda it: it.chapter == chapter_key)" in lines


def test_maps_keep_what_their_values_are(tmp_path: Path) -> None:
    """Plain values are typed; what asks for more is any object, and the account says that nobody checks it."""
    blueprint = inferred(tmp_path)
    text = written(blueprint)["model.py"]
    assert "labels: Maybe[dict[str, str]]" in text
    assert text.count("Maybe[dict[str, Any]]") == 2
    told = {e.element.place.pointer: e for e in blueprint.account}
    entry = told["/components/schemas/NewBook/properties/bounded/additionalProperties"]
    assert (entry.verdict, "not checked" in entry.reason) == ("changed", True)


def test_values_under_free_keys_are_compared(tmp_path: Path) -> None:
    """Another kind of value is a difference; a map of anything is one that the account announces."""
    design = read(tmp_path, HEAD + PATHS % ("", SORT))
    other = read(
        tmp_path, HEAD + (PATHS % ("", SORT)).replace("additionalProperties: {type: string}", "additionalProperties: {type: integer}")
    )
    loose = read(tmp_path, HEAD + (PATHS % ("", SORT)).replace(", additionalProperties: {type: string}", ""))
    kinds = [d for d in compare(design, other) if "labels" in d.where]
    assert {(d.what, d.explained) for d in kinds} == {("is integer instead of string", "")}
    assert all(d.explained for d in compare(design, loose) if "labels" in d.where)
    assert [d for d in compare(design, loose) if "labels" in d.where]
