"""What is inferred from small designs: one decision each, with its reason."""

from pathlib import Path

import pytest

from backwright.domain.model import Kind
from backwright.worker.blueprint import Blueprint, FieldPlan
from backwright.worker.infer import names
from backwright.worker.infer.access import read as read_access
from backwright.worker.infer.blueprint import infer
from tests.unit.worker.designs import HEAD, read

THINGS = """paths:
  /things:
    get:
      parameters: [PARAMETERS]
      responses: {'200': {description: All., content: {application/json: {schema: {type: array,
          items: {$ref: '#/components/schemas/Thing'}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewThing'}}}}
      responses: {'201': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
  /things/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
      responses: {'200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
components:
  schemas:
    NewThing: {type: object, required: [REQUIRED], properties: {NEW}}
    Thing: {type: object, required: [id], properties: {id: {type: string, format: uuid}, SHOWN}}
"""


def things(folder: Path, new: str, shown: str = "", required: str = "", parameters: str = "") -> Blueprint:
    """The blueprint of a design with one entity."""
    text = THINGS.replace("REQUIRED", required).replace("NEW", new).replace("SHOWN", shown or new).replace("PARAMETERS", parameters)
    return infer(read(folder, HEAD + text.replace("Thing: {type", "Thing: {type").replace("NEWThing", "NewThing")))


def field(blueprint: Blueprint, name: str) -> FieldPlan:
    """A field of the one entity."""
    found = blueprint.entity("Thing").field(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("{type: string}", Kind.TEXT), ("{type: integer}", Kind.INT), ("{type: number}", Kind.FLOAT), ("{type: boolean}", Kind.BOOL),
        ("{type: string, format: date}", Kind.DATE), ("{type: string, format: date-time}", Kind.DATETIME),
        ("{type: string, format: uuid}", Kind.UUID),
        ("{type: string, format: decimal}", Kind.DECIMAL), ("{type: [string, number], format: decimal}", Kind.DECIMAL),
        ("{type: string, format: byte}", Kind.BYTES),
        ("{enum: [a, b]}", Kind.ENUM), ("{type: array, items: {type: string}}", Kind.LIST), ("{type: object}", Kind.JSON), ("{}",
            Kind.JSON),
        ("{anyOf: [{type: integer}, {type: 'null'}]}", Kind.INT), ("{oneOf: [{type: integer}, {type: string}]}", Kind.JSON),
    ],
)  # fmt: skip
def test_kind(schema: str, kind: Kind, tmp_path: Path) -> None:
    """Each schema is stored as the kind that holds its values."""
    assert field(things(tmp_path, f"a: {schema}", required="a"), "a").kind is kind


def test_managed(tmp_path: Path) -> None:
    """What answers show and no request carries is the server's, and the assumption is written down."""
    blueprint = things(tmp_path, "a: {type: string}", "a: {type: string}, hits: {type: integer}")
    assert field(blueprint, "hits").managed
    assert any(a.about == "Thing.hits" and "server sets it" in a.decision for a in blueprint.assumptions)


def test_no_invented_text(tmp_path: Path) -> None:
    """A text that the answer must show and nothing gives makes the creation a business rule."""
    text = (
        THINGS.replace("REQUIRED", "")
        .replace("NEW", "a: {type: string}", 1)
        .replace("SHOWN", "code: {type: string}")
        .replace("required: [id]", "required: [id, code]")
    )
    blueprint = infer(read(tmp_path, HEAD + text.replace("PARAMETERS", "")))
    (created,) = [o for o in blueprint.operations if o.method == "POST"]
    assert created.kind == "command" and "code" in created.because


@pytest.mark.parametrize(
    ("parameter", "filter"),
    [
        ("price", ("price", "eq")), ("price[gte]", ("price", "gte")), ("minPrice", ("price", "gte")), ("price_max", ("price", "lte")),
        ("color", None), ("q", None),
    ],
)  # fmt: skip
def test_filter(parameter: str, filter: tuple[str, str] | None, tmp_path: Path) -> None:
    """A parameter that names a field narrows the list; any other needs a function, and the plan says so."""
    blueprint = things(tmp_path, "price: {type: number}", parameters=f"{{name: '{parameter}', in: query, schema: {{type: number}}}}")
    listed = blueprint.operations[0]
    assert [(f.field, f.operator) for f in listed.filters] == ([filter] if filter else [])
    assert bool(listed.needs) == (filter is None)


@pytest.mark.parametrize(
    ("parameters", "style"),
    [
        ("limit offset", "offset"),
        ("page per_page", "page"),
        ("pageToken pageSize", "cursor"),
        ("limit cursor offset", "cursor"),
        ("limit", "offset"),
        ("", "none"),
    ],
)
def test_pages(parameters: str, style: str, tmp_path: Path) -> None:
    """The names of the parameters say how a list is cut into pages."""
    listed = ", ".join(f"{{name: {name}, in: query, schema: {{type: integer}}}}" for name in parameters.split())
    page = things(tmp_path, "a: {type: string}", parameters=listed).operations[0].page
    assert page is not None and page.style == style


def test_extensions_speak_last(tmp_path: Path) -> None:
    """What ``x-`` extensions say is not guessed again."""
    blueprint = things(
        tmp_path, "a: {type: string, x-unique: true}, slug: {type: string, x-unique: false}, b: {type: string, x-managed: true}"
    )
    assert (field(blueprint, "a").unique, field(blueprint, "slug").unique, field(blueprint, "b").managed) == (True, False, True)


@pytest.mark.parametrize(
    "word", ["order_line", "category", "address", "status", "box", "person", "house", "cache", "bus", "series", "event", "day"]
)
def test_singular_is_the_inverse_of_plural(word: str) -> None:
    """The singular of the plural is the word itself."""
    from backwright.domain.naming import plural

    assert names.singular(plural(word)) == word


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("NewArticle", "Article"),
        ("UpdateArticleInput", "Article"),
        ("ArticleResponse", "Article"),
        ("UserDto", "User"),
        ("News", "News"),
        ("Input", "Input"),
    ],
)
def test_bare(name: str, bare: str) -> None:
    """The role that a schema plays is taken from its name; a name that is only a role stays."""
    assert names.bare(name) == bare


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("anyone", (("anyone",), "")),
        ("owner or staff", (("owner", "staff"), "is_staff")),
        ("signed-in", (("signed_in",), "")),
        ("is_editor", (("staff",), "is_editor")),
    ],
)
def test_access_words(text: str, who: tuple[tuple[str, ...], str]) -> None:
    """The words of ``x-access``."""
    assert read_access(text) == who
