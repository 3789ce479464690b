"""The OpenAPI document of a served app: valid, complete, and true of what the app answers."""

import asyncio
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from backwright.api.rest.published import docs_page
from backwright.testing import Client
from backwright.testing.answer import Answer
from tests.support.served import Author, Book, Chapter, Label, Note, served_app

Document = dict[str, Any]
ROW = "0197c0de-0000-7000-8000-00000000000a"


def fetched(**rest: Any) -> Document:
    """The document as it is served."""

    async def main() -> Document:
        async with Client(served_app(**rest)) as client:
            answer = await client.get(rest.get("docs", "/docs").rpartition("/")[0] + "/openapi.json")
            assert answer.status == 200
            return answer.json()

    return asyncio.run(main())


DOCUMENT = fetched()
CAMEL = fetched(case="camel", prefix="/api")


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Every operation with its path and method."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


IDS = [operation["operationId"] for _, _, operation in operations(DOCUMENT)]


def resolved(document: Document, part: Any) -> Any:
    """What a reference refers to."""
    while isinstance(part, dict) and "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def check(document: Document, schema: Any, value: Any) -> None:
    """Fail unless the value is of the schema."""
    jsonschema_rs.validator_for({**schema, "components": document["components"]}, validate_formats=True).validate(value)


@pytest.mark.parametrize("document", [DOCUMENT, CAMEL], ids=["default", "camel"])
def test_the_document_is_openapi(document: Document) -> None:
    """It satisfies the schema of OpenAPI 3.1, and every reference in it leads somewhere."""
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []
    for target in re.findall(r"\"\$ref\": ?\"(#[^\"]+)\"", str(document).replace("'", '"')):
        assert resolved(document, {"$ref": target}) is not None


def test_ids_are_unique() -> None:
    """No two operations share an id."""
    assert len(IDS) == len(set(IDS))


@pytest.mark.parametrize("document", [DOCUMENT, CAMEL], ids=["default", "camel"])
def test_every_shown_answer_is_of_its_schema(document: Document) -> None:
    """Examples of successes and of errors satisfy the schemas that stand beside them."""
    seen = 0
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            for content in resolved(document, response).get("content", {}).values():
                shown = [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]
                for value in shown:
                    check(document, content["schema"], value)
                    seen += 1
    assert seen > 200


@pytest.mark.parametrize("document", [DOCUMENT, CAMEL], ids=["default", "camel"])
def test_every_shown_request_is_of_its_schema(document: Document) -> None:
    """Examples of bodies and parameters satisfy their schemas."""
    for _, _, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for value in [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]:
                check(document, content["schema"], value)
        for parameter in (resolved(document, p) for p in operation.get("parameters", ())):
            if "example" in parameter:
                check(document, parameter["schema"], parameter["example"])


def identified(row: Any, key: Any) -> Any:
    """The row under an id of our choice."""
    row._id = key
    return row


async def furnish(client: Client, operation: str) -> None:
    """The rows that the examples speak of, under the ids that the examples use; what is to be deleted has nothing that refers to it."""
    key = UUID(ROW)
    rows = {
        "author": identified(Author(name="A"), key),
        "label": identified(Label(word="seen"), 1),
        "book": identified(Book(isbn="seen", author=key, price=Decimal(1), labels=[]), key),  # type: ignore[arg-type]
        "chapter": identified(Chapter(book=key, heading="One"), key),  # type: ignore[arg-type]
        "note": identified(Note(text="seen"), key),
    }
    only = operation.removeprefix("delete_")
    wanted = [only] if operation in ("delete_author", "delete_label") else list(rows)
    await client.app.given(*(rows[name] for name in wanted))


def _request(document: Document, path: str, operation: Document) -> tuple[str, dict[str, Any]]:
    """The path and the parameters of an operation as its examples have them."""
    query: list[str] = []
    for parameter in (resolved(document, p) for p in operation.get("parameters", ())):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
        elif parameter["in"] == "query" and parameter["required"]:
            value = parameter["example"]
            query.append(f"{parameter['name']}={str(value).lower() if isinstance(value, bool) else value}")
    given: dict[str, Any] = {}
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if media == "application/json":
            examples = content.get("examples")
            given = {"json": examples["one"]["value"] if examples else content["example"]}
        elif media == "multipart/form-data" and "picture" in content["schema"].get("properties", {}):
            given = {"form": {}, "files": {"picture": ("a.png", b"png")}}
        elif media == "application/x-www-form-urlencoded":
            given = {"form": {name: str(value) for name, value in content["example"].items()}}
        elif media == "*/*":
            given = {"body": b"anything"}
    return path + ("?" + "&".join(query) if query else ""), given


async def _answered(client: Client, path: str, method: str, operation: Document) -> Answer:
    target, given = _request(DOCUMENT, path, operation)
    as_: Any = None
    if {"token": []} in operation.get("security", ()) and {} not in operation["security"]:
        signed = await client.post("/v1/sign-up", {"email": "ann@example.org", "password": "a long enough one"})
        assert signed.status == 201, signed
        as_ = (await client.post("/v1/sign-in", {"email": "ann@example.org", "password": "a long enough one"})).json()["access_token"]
        if "{id}" in path:
            target = path.replace("{id}", signed.json()["id"])
    if operation["operationId"] == "sign_in":
        await client.post("/v1/sign-up", given["json"])
    return await client.request(method, target, as_=as_, **given)


KNOWN = {"missing": 404, "refresh": 401}
"""Operations whose example is refused: one always is, and nobody has the other's token."""


@pytest.mark.parametrize("name", IDS)
def test_the_shown_request_is_answered_as_shown(name: str) -> None:
    """The example of each operation, sent to the app, is answered with the documented status and a body of the documented schema."""
    path, method, operation = next(found for found in operations(DOCUMENT) if found[2]["operationId"] == name)

    async def main() -> None:
        async with Client(served_app()) as client:
            await furnish(client, name)
            answer = await _answered(client, path, method, operation)
            expected = KNOWN.get(name) or int(next(status for status in operation["responses"] if status < "400"))
            assert answer.status == expected, answer
            documented = resolved(DOCUMENT, operation["responses"][str(expected)])
            media = answer.headers.get("content-type", "").partition(";")[0]
            content = documented.get("content", {})
            assert (media in content or "*/*" in content) if answer.body else not content, (media, content)
            if media.endswith("json"):
                check(DOCUMENT, content[media]["schema"], answer.json())
            for header in documented["headers"]:
                assert header.lower() in answer.headers or (header in ("ETag", "Location") and not answer.body), header

    asyncio.run(main())


def test_the_refusals_of_a_function_are_shown() -> None:
    """What a function raises stands under its status, with its details."""
    response = resolved(DOCUMENT, DOCUMENT["paths"]["/v1/take"]["post"]["responses"]["409"])
    shown = response["content"]["application/problem+json"]["examples"]["sold-out"]
    assert shown["summary"] == "There is no copy left." and {"book", "left"} < shown["value"].keys()


def test_docstrings_are_descriptions() -> None:
    """The documentation of classes, fields and functions is the documentation of schemas and operations."""
    author = DOCUMENT["components"]["schemas"]["Author"]
    assert author["description"] == "Somebody who writes."
    assert author["properties"]["name"]["description"] == "As on the title page."
    assert DOCUMENT["paths"]["/v1/quote"]["post"]["summary"] == "What some copies cost."


def test_a_contract_names_its_keys() -> None:
    """In camel case the document, the inputs and the answers of entities and dataclasses are in camel case."""
    assert "authorId" in CAMEL["components"]["schemas"]["NewBook"]["properties"]
    assert {"totalPrice", "validUntil"} < CAMEL["components"]["schemas"]["Quote"]["properties"].keys()
    assert "SomeValue" in CAMEL["components"]["schemas"]["Renamed"]["properties"]


def test_the_contracts_own_error_shape_is_shown() -> None:
    """Error examples are made by the contract's error shape, and their schema is read off them."""

    class Own:
        def __call__(self, what: Any, request_id: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
            return [(b"content-type", b"application/json")], b'{"error":"%d"}' % what.status

    document = fetched(errors=Own())
    response = resolved(document, document["paths"]["/v1/notes"]["get"]["responses"]["429"])
    assert response["content"]["application/json"]["examples"]["too-many-requests"]["value"] == {"error": "429"}
    assert document["components"]["schemas"]["Error"] == {"type": "object", "properties": {"error": {"type": "string"}}}


def test_the_docs_page_needs_nothing_from_elsewhere() -> None:
    """One file without any address in it; its policy lets the browser run and load nothing else."""
    page, policy = docs_page()
    assert not re.search(rb"https?://|@import|\ssrc=", page)
    assert page.count(b"<script>") == page.count(b"<style>") == 1
    assert policy.startswith(b"default-src 'none'; script-src 'sha256-") and b"connect-src 'self'" in policy


def test_the_page_and_the_document_are_cached() -> None:
    """Both have validators, and only one policy each."""

    async def main() -> None:
        async with Client(served_app()) as client:
            for path in ("/docs", "/openapi.json"):
                first = await client.get(path)
                again = await client.get(path, headers={"if-none-match": first.headers["etag"]})
                assert (first.status, again.status, again.body) == (200, 304, b"")
                assert len(first.headers.all("content-security-policy")) == 1

    asyncio.run(main())


def test_the_documentation_can_be_moved_or_left_out() -> None:
    """``docs`` is its path; None serves neither the page nor the document."""
    assert fetched(docs="/help/api")["openapi"].startswith("3.1")

    async def main() -> None:
        async with Client(served_app(docs=None)) as client:
            assert (await client.get("/docs")).status == (await client.get("/openapi.json")).status == 404

    asyncio.run(main())
