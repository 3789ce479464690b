"""A design and what is served are the same if they mean the same; every real difference is named."""

from pathlib import Path

import pytest

from backwright.worker.differences import compare, unexplained
from tests.unit.worker.designs import HEAD, read

BASE = """servers: [{url: /v1}]
paths:
  /books/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: lang, in: query, schema: {type: string, maxLength: 2}}
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
      responses: {'204': {description: Done.}}
components:
  schemas:
    Book: {type: object, required: [title], properties: {title: {type: string, minLength: 1}, pages: {type: integer}}}
"""

SAME = {
    "order": ("{type: object, required: [title], properties: {title: {type: string, minLength: 1}, pages: {type: integer}}}",
              "{properties: {pages: {type: integer}, title: {minLength: 1, type: string}}, required: [title], type: object}"),
    "by reference": ("title: {type: string, minLength: 1}",
        "title: {$ref: '#/components/schemas/Title'}}}\n    Title: {type: string, minLength: 1"),
    "prefix in paths": ("servers: [{url: /v1}]\npaths:\n  /books", "paths:\n  /v1/books"),
    "parameter names in the path": ("{id}", "{key}"),
    "a single branch": ("pages: {type: integer}", "pages: {anyOf: [{type: integer}]}"),
}  # fmt: skip
OTHER = {
    "type": ("pages: {type: integer}", "pages: {type: string}", "pages", "is string instead of integer"),
    "limit": ("minLength: 1", "minLength: 2", "title", "minLength 2 instead of 1"),
    "required": ("required: [title]", "required: [title, pages]", "PUT", "is required"),
    "missing property": (", pages: {type: integer}", "", "pages", "is not"),
    "status": ("'204'", "'200'", "204", "is never answered"),
    "media type": ("content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}\n    put",
        "content: {text/plain: {schema: {type: string}}}\n    put",
                   "200", "is not answered as application/json"),
    "parameter": ("name: lang", "name: language", "lang", "is not taken"),
    "operation": ("    put:", "    patch:", "PUT", "is not served"),
    "security": ("    put:", "    put:\n      security: [{k: []}]", "PUT", "takes credentials as http bearer instead of none"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAME)
def test_same_meaning(kind: str, tmp_path: Path) -> None:
    """Another spelling of the same contract is no difference."""
    old, new = SAME[kind]
    served = BASE.replace(old, new)
    if kind == "by reference":
        served = served.replace("minLength: 1, pages: {type: integer}}}", "minLength: 1}").replace(
            "Title'}}}", "Title'}, pages: {type: integer}}}"
        )
    if kind == "parameter names in the path":
        served = served.replace("name: id", "name: key")
    assert compare(read(tmp_path, HEAD + BASE), read(tmp_path, HEAD + served)) == []


@pytest.mark.parametrize("kind", OTHER)
def test_other_meaning(kind: str, tmp_path: Path) -> None:
    """Each broken promise is named with its place."""
    old, new, where, what = OTHER[kind]
    schemes = "  securitySchemes: {k: {type: http, scheme: bearer}}\n"
    found = unexplained(compare(read(tmp_path, HEAD + BASE + schemes), read(tmp_path, HEAD + BASE.replace(old, new) + schemes)))
    assert any(where in one.where and what in one.what for one in found), found


def test_what_is_read_back_is_explained(tmp_path: Path) -> None:
    """A member that the server takes and does not use, and says so, keeps the promise; one that it refuses does not."""
    served = BASE.replace("pages: {type: integer}", "pages: {type: integer, readOnly: true}")
    found = compare(read(tmp_path, HEAD + BASE), read(tmp_path, HEAD + served))
    assert ("PUT /v1/books/{} request.pages", "is read-only") in [(one.where, one.what) for one in found] and unexplained(found) == []


def test_additions_are_explained(tmp_path: Path) -> None:
    """More operations, optional parameters and failures of the kit's own break no promise, and are listed."""
    served = BASE.replace("'204': {description: Done.}", "'204': {description: Done.}, '429': {description: Slow.}").replace(
        "        - {name: lang", "        - {name: fields, in: query, schema: {type: string}}\n        - {name: lang"
    )
    served = served.replace("paths:\n", "paths:\n  /health: {get: {responses: {'200': {description: ok}}}}\n")
    found = compare(read(tmp_path, HEAD + BASE), read(tmp_path, HEAD + served))
    assert len(found) == 3
    assert unexplained(found) == []


def test_circles(tmp_path: Path) -> None:
    """Schemas that hold themselves are compared without end of the world."""
    text = BASE.replace("pages: {type: integer}", "next: {$ref: '#/components/schemas/Book'}")
    assert compare(read(tmp_path, HEAD + text), read(tmp_path, HEAD + text)) == []
