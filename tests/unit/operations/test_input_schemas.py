"""Published schemas: valid JSON Schema, complete, and telling what is taken and what is shown."""

from typing import Any

import jsonschema_rs
import pytest

from backwright.operations.inputs import create_type, patch_type, replace_type
from backwright.operations.schemas import Schemas, json_schema, view_shape
from tests.support.shelf import MODEL, Book, Chapter


@pytest.mark.parametrize("kind", [create_type(MODEL, Book, parts={Chapter}), replace_type(MODEL, Book), patch_type(MODEL, Book)])
def test_every_schema_is_valid(kind: Any) -> None:
    """The schemas of inputs and views satisfy the 2020-12 meta-schema."""
    assert jsonschema_rs.meta.is_valid(json_schema(kind.shape))
    assert jsonschema_rs.meta.is_valid(json_schema(view_shape(MODEL, Book), "out"))


def test_what_is_taken_leaves_out_what_only_the_server_sets() -> None:
    """Managed, secret and kept fields are not keys of an input, and unknown keys are refused."""
    found = json_schema(create_type(MODEL, Book).shape)
    assert not {"rank", "cost", "id", "version", "created_at"} & found["properties"].keys()
    assert found["additionalProperties"] is False and sorted(found["required"]) == ["author_id", "price", "title"]


def test_what_is_shown_leaves_out_secrets_only() -> None:
    """A view has the id, managed and kept fields and parts, all required; secrets are not even mentioned."""
    found = json_schema(view_shape(MODEL, Book), "out")
    assert {"id", "rank", "version", "created_at", "chapters"} <= set(found["required"]) and "cost" not in str(found)
    assert found["properties"]["price"]["type"] == "string"


def test_a_patch_requires_nothing() -> None:
    """Every key of a patch may be absent, and shows no default."""
    found = json_schema(patch_type(MODEL, Book).shape)
    assert "required" not in found and not any("default" in p for p in found["properties"].values())


def test_named_parts_are_published_once() -> None:
    """Enumerations and objects become definitions under the given prefix; another shape of the same name gets its own."""
    schemas = Schemas("#/components/schemas/")
    schemas.of(create_type(MODEL, Book).shape)
    reference = schemas.of(create_type(MODEL, Book, without={"title"}).shape)
    assert reference == {"$ref": "#/components/schemas/NewBook2"}
    assert list(schemas.definitions) == ["NewBook", "Cover", "IntRange", "Point", "NewBook2"]
