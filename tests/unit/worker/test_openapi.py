"""OpenAPI 3.0 and 3.1 read to the same model; references are followed; every element is named."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.design import ABSENT, elements
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.place import Place
from tests.unit.worker.designs import HEAD, problems, read, said, written

SCHEMAS = "paths: {}\ncomponents:\n  schemas:\n"
OLD = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"


def test_nullable(tmp_path: Path) -> None:
    """``nullable: true`` of 3.0 and ``type: [string, null]`` of 3.1 mean the same."""
    (old,) = read(tmp_path, OLD + SCHEMAS + "    A: {type: string, nullable: true}\n").named
    (new,) = read(tmp_path, HEAD + SCHEMAS + "    A: {type: [string, 'null']}\n").named
    assert (old.types, old.nullable) == (new.types, new.nullable) == (("string",), True)


def test_exclusive_bounds(tmp_path: Path) -> None:
    """A boolean beside the bound (3.0) and a number (3.1) mean the same."""
    (old,) = read(tmp_path, OLD + SCHEMAS + "    A: {type: number, minimum: 1, exclusiveMinimum: true}\n").named
    (new,) = read(tmp_path, HEAD + SCHEMAS + "    A: {type: number, exclusiveMinimum: 1}\n").named
    assert (old.minimum, old.exclusive_minimum) == (new.minimum, new.exclusive_minimum) == (None, 1)


def test_type_list_in_30(tmp_path: Path) -> None:
    """3.0 has no lists of types, and says so."""
    assert any("OpenAPI 3.0 does not have" in what for _, what in said(tmp_path, OLD + SCHEMAS + "    A: {type: [string]}\n"))


def test_beside_a_reference(tmp_path: Path) -> None:
    """What stands beside ``$ref`` counts in 3.1 and not in 3.0."""
    text = (
        SCHEMAS
        + "    A: {type: object, properties: {b: {$ref: '#/components/schemas/B', description: mine}}}\n"
        + "    B: {type: string, description: its}\n"
    )
    found = [read(tmp_path, head + text) for head in (OLD, HEAD)]
    assert [d.whole(d.named[0].properties[0].schema).description for d in found] == ["its", "mine"]


def test_const(tmp_path: Path) -> None:
    """``const`` is an enum of one in 3.1, and no keyword in 3.0."""
    text = SCHEMAS + "    A: {const: x}\n"
    assert read(tmp_path, HEAD + text).named[0].enum == ("x",)
    assert [e.kind for e in read(tmp_path, OLD + text).elements if e.name == "const"] == ["unknown"]


def test_all_of(tmp_path: Path) -> None:
    """``allOf`` is merged, and each property remembers the place that declares it."""
    text = (
        "    A:\n      allOf: [{$ref: '#/components/schemas/B'}]\n      properties: {a: {}}\n"
        "      required: [b]\n    B:\n      properties:\n        b: {}\n"
    )
    design = read(tmp_path, HEAD + SCHEMAS + text)
    whole = design.whole(design.named[0])
    assert [(p.name, p.required, p.origin.line) for p in whole.properties] == [("b", True, 12), ("a", False, 8)]


def test_zero_is_a_bound(tmp_path: Path) -> None:
    """Merging does not take 0 for nothing said."""
    text = "    A: {allOf: [{$ref: '#/components/schemas/B'}], minimum: 0}\n    B: {type: integer, minimum: 5, default: 7}\n"
    design = read(tmp_path, HEAD + SCHEMAS + text)
    whole = design.whole(design.named[0])
    assert (whole.minimum, whole.default) == (0, 7)


def test_circle_of_properties(tmp_path: Path) -> None:
    """A schema may hold itself; only being built from itself is a mistake."""
    design = read(tmp_path, HEAD + SCHEMAS + "    A: {properties: {next: {$ref: '#/components/schemas/A'}}}\n")
    (node,) = design.named
    assert design.whole(node.properties[0].schema).properties[0].name == "next"


def test_relative_files(tmp_path: Path) -> None:
    """References lead into files beside the design, and from there back."""
    (tmp_path / "parts").mkdir()
    written(tmp_path, "Book: {properties: {author: {$ref: '../common.json#/Author'}}}\n", "parts/book.yaml")
    written(
        tmp_path, '{"Author": {"type": "object",\n "properties": {"name": {"$ref": "api.yaml#/components/schemas/Name"}}}}', "common.json"
    )
    design = read(tmp_path, HEAD + SCHEMAS + "    Name: {type: string}\n    Book: {$ref: 'parts/book.yaml#/Book'}\n")
    book = design.whole(design.schemas["api.yaml#/components/schemas/Book"])
    author = design.target(book.properties[0].schema)
    assert author.place == Place("common.json", 1, "/Author")
    assert design.whole(author.properties[0].schema).types == ("string",)
    assert {e.place.file for e in design.elements} == {"api.yaml", "parts/book.yaml", "common.json"}


def test_json(tmp_path: Path) -> None:
    """JSON is read with its lines, surrogate pairs included."""
    text = '{"openapi": "3.1.0",\n "info": {"title": "\\ud83e\\udd80 \\/", "version": "1"},\n "paths": {}, "tags": [\n {"name": 5}]}'
    assert [line for line, _ in said(tmp_path, text)] == [4, 4]
    assert read(tmp_path, text.replace("5", '"five"')).info.title == "🦀 /"


def test_words_that_yaml_11_reads_otherwise(tmp_path: Path) -> None:
    """Scalars follow YAML 1.2: ``no``, times and dates are text."""
    design = read(tmp_path, HEAD + SCHEMAS + "    A: {enum: [no, 09:00, 2023-10-29, 0o17, 1e3, ~, yes]}\n")
    assert design.named[0].enum == ("no", "09:00", "2023-10-29", 15, 1000.0, "yes")


def test_path_item_parameters(tmp_path: Path) -> None:
    """Parameters of the path item hold for each operation, unless it has its own of that name."""
    text = """paths:
  /a/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: q, in: query, schema: {type: string}}
    get:
      parameters: [{name: q, in: query, schema: {type: integer}}]
      responses: {'200': {description: ok}}
"""
    (operation,) = read(tmp_path, HEAD + text).operations
    assert [(p.name, p.schema.types if p.schema else ()) for p in operation.parameters] == [("id", ("string",)), ("q", ("integer",))]


def test_elements_of_everything(tmp_path: Path) -> None:
    """Every element is named with its pointer: keywords, examples, extensions, and what nobody knows."""
    text = "paths: {}\nx-a: 1\ncomponents:\n  schemas:\n    A: {type: string, minLenght: 3, x-b: 2, examples: [q]}\n"
    found = {(e.kind, e.place.pointer) for e in elements(read(tmp_path, HEAD + text))}
    assert found == {
        ("info", "/info"), ("extension", "/x-a"), ("schema", "/components/schemas/A"), ("constraint", "/components/schemas/A/type"),
        ("unknown", "/components/schemas/A/minLenght"), ("extension", "/components/schemas/A/x-b"), ("example",
            "/components/schemas/A/examples"),
    }  # fmt: skip


def test_server_base(tmp_path: Path) -> None:
    """The base path of a server: without host, with its variables' defaults, without a final slash."""
    text = (
        "paths: {}\nservers:\n"
        "  - {url: 'https://{h}.example.org/{v}/', variables: {h: {default: a}, v: {default: v2}}}\n  - {url: /}\n  - {url: api}\n"
    )
    assert [server.base for server in read(tmp_path, HEAD + text).servers] == ["/v2", "", "/api"]


names = st.lists(st.text(alphabet="ab/~% é{}#", min_size=1, max_size=6), min_size=1, max_size=6, unique=True)


@given(names, st.data())
def test_any_name_can_be_referred_to(names: list[str], data: st.DataObject) -> None:
    """A reference finds the schema of any name once it is escaped as RFC 6901 and 3986 ask: the inverse of naming it."""
    from tempfile import TemporaryDirectory
    from urllib.parse import quote

    wanted = data.draw(st.sampled_from(names))
    pointer = quote(wanted.replace("~", "~0").replace("/", "~1"))
    schemas: dict[str, object] = {name: {"type": "string", "title": name} for name in names}
    schemas["Start"] = {"$ref": f"#/components/schemas/{pointer}"}
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "api.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        design = import_openapi(path)
    assert design.whole(design.schemas["api.json#/components/schemas/Start"]).title == wanted


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=200), inner, max_size=3),
        max_leaves=12,
    )
)
def test_any_json_value_survives(value: object) -> None:
    """A value written as JSON is read back as it was, at any place."""
    from tempfile import TemporaryDirectory

    from backwright.worker.importers.document import load

    with TemporaryDirectory() as folder:
        path = Path(folder) / "v.json"
        path.write_text(json.dumps({"v": value}), encoding="utf-8")
        problems_: list[object] = []
        node = load(path, "v.json", problems_)  # type: ignore[arg-type]
    assert node is not None, problems_
    assert node.plain() == {"v": value}


def test_absent_is_not_null(tmp_path: Path) -> None:
    """A default of null is a default."""
    first, second = read(tmp_path, HEAD + SCHEMAS + "    A: {type: [string, 'null'], default: null}\n    B: {type: string}\n").named
    assert (first.default, second.default) == (None, ABSENT)


def test_no_problems_for_a_clean_design(tmp_path: Path) -> None:
    """A clean design has no problems at all."""
    assert problems(tmp_path, HEAD + "paths: {}\n") == []
