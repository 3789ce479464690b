"""A broken design: every problem is named with its file, its line and its pointer."""

from pathlib import Path

import pytest

from tests.unit.worker.designs import HEAD, problems, said

PATHS = HEAD + "paths:\n"
SCHEMAS = HEAD + "paths: {}\ncomponents:\n  schemas:\n"
OK = "      responses: {'200': {description: ok}}\n"

KINDS: dict[str, tuple[str | bytes, int, str]] = {
    "empty": (b"", 1, "The file is empty"),
    "only comments": ("# nothing\n", 1, "holds no document"),
    "binary": (b"\x89PNG\r\n\x1a\n", 1, "not text"),
    "control character": (b"openapi: 3.1.0\ninfo: \x01\n", 2, "control character U+0001"),
    "syntax": ("openapi: 3.1.0\ninfo: {title: [\n", 3, "neither YAML nor JSON"),
    "two documents": ("openapi: 3.1.0\n---\na: 1\n", 2, "more than one document"),
    "tag": ("a: !!python/object:os.system x\n", 1, "not plain data"),
    "not openapi": ("a: 1\n", 1, "there is no key openapi"),
    "a list": ("- 1\n", 1, "not a mapping"),
    "swagger": ("swagger: '1.2'\n", 1, "Swagger 1.2 is not read"),
    "swagger without paths": ("swagger: '2.0'\ninfo: {title: T, version: '1'}\n", 1, "no paths"),
    "swagger of a wrong form": ("swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths: {/a: 5}\n", 3, "where a path belongs"),
    "swagger with two bodies": (
        "swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    post:\n      responses: {'200': {description: .}}\n"
        "      parameters: [{name: a, in: body, schema: {}}, {name: b, in: formData, type: string}]\n",
        7,
        "more than one body",
    ),
    "version": ("openapi: 4.0.0\n", 1, "OpenAPI 4.0.0 is not read"),
    "no info": ("openapi: 3.0.0\npaths: {}\n", 1, "no info"),
    "no paths": ("openapi: 3.0.0\ninfo: {title: T, version: '1'}\n", 1, "no paths"),
    "number for text": ("openapi: 3.0.0\npaths: {}\ninfo: {title: T, version: 1}\n", 3, "where text belongs"),
    "duplicate key": (PATHS + "  /a:\n    get:\n" + OK + "  /a:\n    put:\n" + OK, 7, "stands here a second time (first in line 4)"),
    "missing reference": (PATHS + "  /a:\n    get:\n      responses:\n        '200': {$ref: '#/components/responses/X'}\n", 7,
        "X is not there"),
    "remote reference": (SCHEMAS + "    A: {$ref: 'https://example.org/a.yaml'}\n", 6, "nothing is fetched"),
    "missing file": (SCHEMAS + "    A: {$ref: 'other.yaml#/A'}\n", 6, "does not exist"),
    "file of another kind": (SCHEMAS + "    A: {$ref: '/etc/passwd'}\n", 6, "is not .yaml, .yml or .json"),
    "reference of another kind": (
        SCHEMAS + "    A: {$ref: '#/components/responses/R'}\n  responses:\n    R: {description: r}\n", 6,
        "refers to a response, where a schema"),
    "circular reference": (SCHEMAS + "    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n", 6,
        "leads back to itself"),
    "circular allOf": (SCHEMAS + "    A: {allOf: [{$ref: '#/components/schemas/A'}]}\n", 6, "built from itself"),
    "duplicate operationId": (
        PATHS + "  /a:\n    get:\n      operationId: x\n" + OK + "    put:\n      operationId: x\n" + OK, 8,
        "used twice (first in line 5)"),
    "path parameter not declared": (PATHS + "  /a/{id}:\n    get:\n" + OK, 5, "'id' is not declared"),
    "path parameter not in path": (
        PATHS + "  /a:\n    get:\n      parameters:\n        - {name: id, in: path, required: true, schema: {type: string}}\n" + OK, 7,
        "not in the path"),
    "path parameter optional": (
        PATHS + "  /a/{id}:\n    get:\n      parameters:\n        - {name: id, in: path, schema: {type: string}}\n" + OK, 7,
        "not required: true"),
    "parameter twice": (
        PATHS + "  /a:\n    get:\n      parameters:\n        - &p {name: q, in: query, schema: {type: string}}\n        - *p\n" + OK, 8,
        "declared twice"),
    "parameter nowhere": (PATHS + "  /a:\n    get:\n      parameters:\n        - {name: q, in: body, schema: {}}\n" + OK, 7,
        "is in 'body'"),
    "parameter without schema": (PATHS + "  /a:\n    get:\n      parameters:\n        - {name: q, in: query}\n" + OK, 7, "has no schema"),
    "same path": (PATHS + "  /a/{x}: {}\n  /a/{y}: {}\n", 5, "the same as the one in line 4"),
    "path without slash": (PATHS + "  a: {}\n", 4, "does not start with a slash"),
    "no responses": (PATHS + "  /a:\n    get: {summary: x}\n", 5, "no responses"),
    "bad status": (PATHS + "  /a:\n    get:\n      responses: {'2000': {description: x}}\n", 6, "'2000' is not a status"),
    "no description": (PATHS + "  /a:\n    get:\n      responses:\n        '200': {}\n", 7, "without a description"),
    "bad media type": (PATHS + "  /a:\n    post:\n      requestBody: {content: {json: {}}}\n" + OK, 6, "not a media type"),
    "unknown type": (SCHEMAS + "    A:\n      type: text\n", 7, "The type 'text' is unknown"),
    "bad pattern": (SCHEMAS + "    A:\n      type: string\n      pattern: '(['\n", 8, "not a regular expression"),
    "foreign pattern": (SCHEMAS + "    A:\n      type: string\n      pattern: '\\p{L}'\n", 8, "only ECMAScript knows"),
    "required property": (SCHEMAS + "    A:\n      type: object\n      required: [x]\n      properties: {y: {}}\n", 8,
        "required names 'x'"),
    "required not a list": (SCHEMAS + "    A:\n      type: object\n      required: true\n", 8, "not a list of property names"),
    "default outside enum": (SCHEMAS + "    A:\n      enum: [a, b]\n      default: c\n", 8, "'c' is not one of 'a', 'b'"),
    "default outside bounds": (SCHEMAS + "    A:\n      type: integer\n      maximum: 5\n      default: 6\n", 9, "6 is more than 5"),
    "bounds crossed": (SCHEMAS + "    A:\n      type: string\n      minLength: 5\n      maxLength: 1\n", 8, "above the upper bound"),
    "bound not a number": (SCHEMAS + "    A:\n      type: integer\n      minimum: '5'\n", 8, "not a number"),
    "empty enum": (SCHEMAS + "    A:\n      enum: []\n", 7, "at least one value"),
    "enum twice": (SCHEMAS + "    A:\n      enum: [a, a]\n", 7, "twice"),
    "example": (SCHEMAS + "    A:\n      type: integer\n      example: x\n", 8, "does not fit its schema"),
    "body example": (
        PATHS + "  /a:\n    get:\n      responses:\n        '200':\n          description: ok\n          content:\n"
        "            application/json:\n              schema: {type: array, items: {type: integer}}\n              example: [1, x]\n", 12,
        "/1: 'x' is not of type integer"),
    "security not defined": (PATHS + "  /a:\n    get:\n      security:\n        - key: []\n" + OK, 7, "'key' is not defined"),
    "security scheme": (HEAD + "paths: {}\ncomponents:\n  securitySchemes:\n    k: {type: http}\n", 6, "does not say its scheme"),
    "server": (HEAD + "paths: {}\nservers:\n  - {description: x}\n", 5, "without a url"),
    "tag twice": (HEAD + "paths: {}\ntags:\n  - {name: a}\n  - {name: a}\n", 6, "declared twice"),
    "mapping for list": (HEAD + "paths: {}\ntags: {name: a}\n", 4, "where a list belongs"),
    "list for mapping": (HEAD + "paths:\n  - a\n", 3, "where a mapping of paths belongs"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_named(kind: str, tmp_path: Path) -> None:
    """Each kind of problem is found at its line and says what is wrong and how to mend it."""
    text, line, what = KINDS[kind]
    found = problems(tmp_path, text)
    assert any(problem.line == line and what in problem.what for problem in found), found
    assert all(problem.file == "api.yaml" and problem.what and problem.mend for problem in found)


def test_all_at_once(tmp_path: Path) -> None:
    """One reading names every problem, in the order of the document."""
    text = (
        SCHEMAS + "    A: {type: text}\n    B: {$ref: '#/nowhere'}\n    C: {enum: [a], default: b}\n    D: {type: string, pattern: '('}\n"
    )
    assert [line for line, _ in said(tmp_path, text)] == [6, 7, 8, 9]


def test_huge_file(tmp_path: Path) -> None:
    """Fifty megabytes are refused before they are read."""
    path = tmp_path / "api.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    from backwright.worker.importers.openapi import import_openapi
    from backwright.worker.place import BrokenDesign

    with pytest.raises(BrokenDesign, match="52,428,800 bytes"):
        import_openapi(path)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a problem like any other."""
    from backwright.worker.importers.openapi import import_openapi
    from backwright.worker.place import BrokenDesign

    with pytest.raises(BrokenDesign, match="cannot be read"):
        import_openapi(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "- " * 5_000], ids=["lists", "mappings", "blocks"])
def test_deep(text: str, tmp_path: Path) -> None:
    """Nesting without end is refused, not followed."""
    assert any("deeper than 200" in what for _, what in said(tmp_path, text))


def test_bomb(tmp_path: Path) -> None:
    """A few aliases that stand for a billion values are refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert any("aliases followed" in what for _, what in said(tmp_path, "\n".join(lines)))


def test_alias_of_itself(tmp_path: Path) -> None:
    """An anchor that holds its own alias is a problem, not a loop."""
    assert any("no anchor that ends before it" in what for _, what in said(tmp_path, "a: &a {b: *a}"))


def test_warning_alone_does_not_stop(tmp_path: Path) -> None:
    """A wrong example is a warning: the design is read, and keeps it."""
    found = problems(tmp_path, SCHEMAS + "    A:\n      type: integer\n      example: x\n")
    assert [problem.severity for problem in found] == ["warning"]
