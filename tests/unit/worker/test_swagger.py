"""Swagger 2.0 is read as the same design in OpenAPI 3.0 would be, and everything in it is accounted for."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.design import Design, elements
from backwright.worker.differences import compare
from backwright.worker.importers.document import Node
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.importers.swagger import as_openapi
from backwright.worker.infer.blueprint import infer
from backwright.worker.place import BrokenDesign, Place, Problem
from tests.unit.worker.designs import read, written

SWAGGER = """swagger: '2.0'
info: {title: Pets, version: '1'}
host: pets.example.org
basePath: /v2
schemes: [https]
consumes: [application/json]
produces: [application/json, application/xml]
securityDefinitions:
  key: {type: basic}
  other: {type: oauth2, flow: accessCode, authorizationUrl: 'https://a.example', tokenUrl: 'https://t.example', scopes: {all: everything}}
security: [{key: []}]
parameters:
  size: {name: size, in: query, type: integer, minimum: 1, maximum: 50, default: 20}
  pet: {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
responses:
  gone: {description: Not there, schema: {$ref: '#/definitions/Error'}}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - $ref: '#/parameters/size'
        - {name: tag, in: query, type: array, items: {type: string}, collectionFormat: multi}
      responses:
        '200':
          description: Pets
          schema: {type: array, items: {$ref: '#/definitions/Pet'}}
          headers: {X-Total: {type: integer, description: How many}}
          examples: {application/json: []}
    post:
      operationId: addPet
      parameters: [{$ref: '#/parameters/pet'}]
      responses: {'201': {description: Made, schema: {$ref: '#/definitions/Pet'}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, type: integer, format: int64}]
    get:
      operationId: getPet
      responses: {'200': {description: One, schema: {$ref: '#/definitions/Pet'}}, '404': {$ref: '#/responses/gone'}}
  /pets/{id}/photo:
    parameters: [{name: id, in: path, required: true, type: integer, format: int64}]
    post:
      operationId: addPhoto
      consumes: [multipart/form-data]
      parameters:
        - {name: caption, in: formData, type: string, maxLength: 80}
        - {name: photo, in: formData, type: file, required: true}
      responses: {'204': {description: Kept}}
definitions:
  Pet:
    type: object
    required: [id, name]
    properties:
      id: {type: integer, format: int64}
      name: {type: string}
      nick: {type: string, x-nullable: true}
      kind: {type: string, enum: [cat, dog]}
  Error: {type: object, properties: {message: {type: string}}}
"""
OPENAPI = """openapi: 3.0.3
info: {title: Pets, version: '1'}
servers: [{url: 'https://pets.example.org/v2'}]
security: [{key: []}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - $ref: '#/components/parameters/size'
        - {name: tag, in: query, schema: {type: array, items: {type: string}}, style: form, explode: true}
      responses:
        '200':
          description: Pets
          content:
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}, example: []}
            application/xml: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}
          headers: {X-Total: {description: How many, schema: {type: integer}}}
    post:
      operationId: addPet
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {description: Made, content: &pet {
        application/json: {schema: {$ref: '#/components/schemas/Pet'}}, application/xml: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /pets/{id}:
    parameters: &id [{name: id, in: path, required: true, schema: {type: integer, format: int64}}]
    get:
      operationId: getPet
      responses: {'200': {description: One, content: *pet}, '404': {$ref: '#/components/responses/gone'}}
  /pets/{id}/photo:
    parameters: *id
    post:
      operationId: addPhoto
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [photo]
              properties: {caption: {type: string, maxLength: 80}, photo: {type: string, format: binary}}
      responses: {'204': {description: Kept}}
components:
  parameters: {size: {name: size, in: query, schema: {type: integer, minimum: 1, maximum: 50, default: 20}}}
  requestBodies: {pet: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  responses:
    gone:
      description: Not there
      content:
        application/json: {schema: {$ref: '#/components/schemas/Error'}}
        application/xml: {schema: {$ref: '#/components/schemas/Error'}}
  securitySchemes:
    key: {type: http, scheme: basic}
    other:
      type: oauth2
      flows:
        authorizationCode: {authorizationUrl: 'https://a.example', tokenUrl: 'https://t.example', scopes: {all: everything}}
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, format: int64}
        name: {type: string}
        nick: {type: string, nullable: true}
        kind: {type: string, enum: [cat, dog]}
    Error: {type: object, properties: {message: {type: string}}}
"""


def told(design: Design) -> list[tuple[str, str]]:
    """Its elements, whatever their order and places."""
    return sorted((e.kind, e.name) for e in design.elements)


def test_both_versions_are_the_same_design(tmp_path: Path) -> None:
    """No difference either way, the same elements but for a schema that is referred to instead of repeated, the same plan."""
    old, new = read(tmp_path, SWAGGER), read(tmp_path, OPENAPI)
    assert compare(old, new) == compare(new, old) == []
    assert set(told(old)) == set(told(new))
    first, second = infer(old), infer(new)
    assert [(e.name, [(f.name, f.kind, f.limits) for f in e.fields]) for e in first.entities] == [
        (e.name, [(f.name, f.kind, f.limits) for f in e.fields]) for e in second.entities
    ]
    assert [(o.name, o.kind, o.who, o.answer.status) for o in first.operations] == [
        (o.name, o.kind, o.who, o.answer.status) for o in second.operations
    ]


def test_every_element_has_its_line_and_its_answer(tmp_path: Path) -> None:
    """Places have the lines of the file as it was written, and pointers that are each other's only once."""
    design = read(tmp_path, SWAGGER)
    lines = SWAGGER.splitlines()
    (pet,) = (e for e in design.elements if e.place.pointer == "/components/schemas/Pet/properties/nick")
    assert "nick:" in lines[pet.place.line - 1]
    account = infer(design).account
    assert [entry.element for entry in account] == elements(design)
    assert len({e.address for e in design.elements}) == len(design.elements)


def test_what_3_0_has_no_word_for_is_told(tmp_path: Path) -> None:
    """Tabs between items, schemes of one operation, a shared form field that nobody takes: each is refused in the account."""
    text = SWAGGER.replace("collectionFormat: multi", "collectionFormat: tsv").replace(
        "operationId: getPet", "operationId: getPet\n      schemes: [ws]"
    )
    text = text.replace("  size: {name", "  lost: {name: lost, in: formData, type: string}\n  size: {name")
    refused = {e.element.name for e in infer(read(tmp_path, text)).account if e.verdict == "refused"}
    assert {"collectionFormat", "schemes", "x-parameters-of-forms"} <= refused


def test_shared_parameters_are_taken_in_place(tmp_path: Path) -> None:
    """A path's body and form fields belong to its operations; an operation's own field of the same name holds."""
    text = """swagger: '2.0'
info: {title: T, version: '1'}
parameters: {a: {name: a, in: formData, type: integer, required: true}}
paths:
  /one:
    parameters: [{$ref: '#/parameters/a'}, {name: b, in: formData, type: string}]
    post: {parameters: [{name: b, in: formData, type: boolean}], responses: {'204': {description: .}}}
"""
    (operation,) = read(tmp_path, text).operations
    assert operation.body is not None and operation.body.required and operation.parameters == ()
    (media,) = operation.body.media
    assert media.schema is not None
    fields = [(p.name, p.schema.types, p.required) for p in media.schema.properties]
    assert (media.type, sorted(fields)) == ("application/x-www-form-urlencoded", [("a", ("integer",), True), ("b", ("boolean",), False)])


def test_other_versions_are_refused(tmp_path: Path) -> None:
    """1.2 is not read, and the problem says what is."""
    try:
        import_openapi(written(tmp_path, "swagger: '1.2'\n"))
    except BrokenDesign as broken:
        assert "openapi: 3.0.3" in broken.problems[0].mend
    else:
        raise AssertionError("read")


_LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "body", "formData", "query", "#/parameters/a", "file", ""])
_KEYS = st.sampled_from([
    "paths", "/a", "get", "post", "parameters", "a", "in", "name", "schema", "responses", "200", "definitions", "$ref", "consumes",
    "produces",
    "examples", "headers", "type", "properties", "items", "host", "basePath", "schemes", "securityDefinitions", "flow", "x-nullable",
])  # fmt: skip
_TREES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=40)


def tree(value: Any) -> Node:
    """A value as nodes."""
    if isinstance(value, dict):
        value = {str(key): tree(one) for key, one in value.items()}  # pyright: ignore
    elif isinstance(value, list):
        value = [tree(one) for one in value]  # pyright: ignore
    return Node(value, Place("f", 1, ""))


@given(st.dictionaries(_KEYS, _TREES, max_size=8))
def test_any_tree_becomes_a_tree(value: dict[str, Any]) -> None:
    """Whatever stands there, nothing falls over; a wrong form stays for the reader to name."""
    problems: list[Problem] = []
    made = as_openapi(tree(value | {"swagger": "2.0"}), problems)
    assert made.string("openapi") == "3.0.3"
    if not isinstance(value.get("paths", {}), dict):
        assert made.map["paths"].plain() == value["paths"]
