"""Bad input over a real app: always an answer of the one error format, never a fault, nothing half-written."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.testing import Client
from backwright.testing.answer import Answer
from tests.support.served import Author, Book, Note, served_app

KEY = "0197c0de-0000-7000-8000-00000000000a"
JSON = "application/json"


async def raw(client: Client, scope: dict[str, Any], body: bytes = b"") -> Answer:
    """Send a request as it is: no client tidies it up."""
    whole = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "headers": [],
        "client": ("192.0.2.9", 1),
        "server": ("testserver", 80),
        "query_string": b"",
        "method": "GET",
        "path": "/",
        **scope,
    }
    return await client._send(whole, body)  # pyright: ignore[reportPrivateUsage]


def is_problem(answer: Answer) -> None:
    """Fail unless this is an error of the one format, and of the caller."""
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= body.keys() and body["status"] == answer.status
    assert body["instance"] == answer.headers["x-request-id"]


def served(test: Callable[[Client], Awaitable[None]]) -> None:
    async def main() -> None:
        async with Client(served_app()) as client:
            await test(client)
            assert client.app.faults == []

    asyncio.run(main())


BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"null", 422),
    (b"1", 422),
    (b'"x"', 422),
    (b"{}", 422),
    (b'{"text":1}', 422),
    (b'{"text":"a","nose":1}', 422),
    (b'{"text":"a","text":"b"}', 400),
    (b'{"text":"a\\u0000"}', 400),
    (b'{"text":"a\x00"}', 400),
    (b'{"text":"\\ud800"}', 400),
    (b'{"text":"\xff"}', 400),
    (b'{"text":"\xed\xa0\x80"}', 400),
    (b"\xef\xbb\xbf{}", 400),
    (b'{"text":NaN}', 400),
    (b'{"text":' + b"9" * 500 + b"}", 400),
    (b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    (b'{"text":"' + b"x" * 1_048_577 + b'"}', 413),
    (b"\x00" * 100, 400),
    (b'{"text":"a"} {}', 400),
    (b"text=a", 400),
    (b'{"\\u0074ext":"a","text":"b"}', 400),
    (b'{"text":"a","\x00":1}', 400),
]


@pytest.mark.parametrize(("body", "status"), BODIES, ids=[repr(b[:20]) for b, _ in BODIES])
def test_bad_bodies(body: bytes, status: int) -> None:
    """Malformed JSON, wrong types, unknown and duplicate keys, NUL, surrogates, absurd numbers, huge and deep bodies."""

    async def test(client: Client) -> None:
        answer = await client.post("/v1/notes", body=body, content_type=JSON)
        is_problem(answer)
        assert (answer.status, await client.app.count(Note)) == (status, 0)

    served(test)


@pytest.mark.parametrize(
    "value", ["1e400", "1e-400", "9" * 300, "-9223372036854775809", "9223372036854775808", "1.5", "true", '"1"', "[]", "1e2"]
)
def test_absurd_numbers_for_an_integer(value: str) -> None:
    """What is no integer of 64 bits is refused as such."""

    async def test(client: Client) -> None:
        author = await client.app.given(Author(name="A"))
        body = f'{{"isbn":"1","author_id":"{author.id}","price":"1","stock":{value}}}'.encode()
        is_problem(await client.post("/v1/books", body=body, content_type=JSON))
        assert await client.app.count(Book) == 0

    served(test)


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/jsonx", "application/xml; charset=utf-8", "\xff", "multipart/form-data", "a" * 5000]
)
def test_wrong_content_types(kind: str | None) -> None:
    """A body of another type is 415 and says what is accepted."""

    async def test(client: Client) -> None:
        headers = [] if kind is None else [(b"content-type", kind.encode("latin-1"))]
        answer = await raw(client, {"method": "POST", "path": "/v1/notes", "headers": headers}, b'{"text":"a"}')
        is_problem(answer)
        assert (answer.status, answer.headers["accept"]) == (415, JSON)

    served(test)


PATHS = [
    "/v1/notes/%",
    "/v1/notes/%zz",
    "/v1/notes/%ff",
    "/v1/notes/%ed%a0%80",
    "/v1/notes/%00",
    "/v1/notes/x",
    "/v1/notes/" + "a" * 9000,
    "/v1/notes/../../etc/passwd",
    "//v1/notes",
    "/v1/notes/",
    "/v1//notes",
    "",
    "*",
    "/v1/notes/" + KEY + "/",
    "/v1/labels/99999999999999999999",
    "/v1/labels/-1e5",
    "/v1/notes/" + KEY.upper() + "x",
    "/%76%31/n%6ftes/%2e%2e",
]


@pytest.mark.parametrize("path", PATHS, ids=[p[:30] for p in PATHS])
def test_bad_paths(path: str) -> None:
    """Broken escapes, bytes that are no UTF-8, absurd keys and paths that are not there are 400 or 404."""

    async def test(client: Client) -> None:
        for method in ("GET", "PATCH", "DELETE"):
            scope = {
                "method": method,
                "path": path.replace("%", "\ufffd"),
                "raw_path": path.encode(),
                "headers": [(b"content-type", b"application/json")],
            }
            answer = await raw(client, scope, b"{}")
            is_problem(answer)
            assert answer.status in (400, 404, 405)

    served(test)


def test_escapes_in_a_path_are_read_once() -> None:
    """Unreserved characters may be escaped; ``%2525`` is the text ``%25``, and an escaped slash divides nothing."""

    async def test(client: Client) -> None:
        assert (await client.get("/v1/n%6Ftes")).status == 200
        assert (await client.get("/v1%2Fnotes")).status == 404
        assert (await client.get("/problems/not%2Dfound")).status == 200
        assert (await client.get("/problems/not%252Dfound")).status == 404

    served(test)


HEADERS = [
    (b"if-match", b"\xff\xfe"),
    (b"if-none-match", b'"'),
    (b"idempotency-key", b"\x00"),
    (b"idempotency-key", b""),
    (b"idempotency-key", b"k" * 256),
    (b"idempotency-key", "é".encode()),
    (b"authorization", b"Bearer"),
    (b"authorization", b"Bearer \xff"),
    (b"authorization", b"Basic x"),
    (b"authorization", b"Bearer a.b.c"),
    (b"authorization", b"Bearer " + b"a" * 9000),
    (b"if-match", b"," * 5000),
]


@pytest.mark.parametrize("header", HEADERS, ids=[repr(h)[:40] for h in HEADERS])
def test_bad_headers(header: tuple[bytes, bytes]) -> None:
    """Junk in a header that means something is refused: 400, 401 or 412."""

    async def test(client: Client) -> None:
        note = await client.app.given(Note(text="n"))
        read = header[0] == b"if-none-match"
        scope = {
            "method": "GET" if read else "PATCH",
            "path": f"/v1/notes/{note.id}",
            "headers": [(b"content-type", b"application/json"), header],
        }
        answer = await raw(client, scope, b'{"text":"m"}')
        is_problem(answer)
        assert answer.status in (400, 401, 412) and (await client.app.get(Note, note.id)).text == "n"

    served(test)


@pytest.mark.parametrize(
    "header",
    [
        (b"content-length", b"-1"),
        (b"content-length", b"9" * 30),
        (b"x-request-id", b"\xff\r\n"),
        (b"traceparent", b"\xff"),
        (b"accept", b"\xff"),
        (b"range", b"bytes=9-1"),
        (b"origin", b"\xff"),
        (b"cookie", b"\xff=\x00"),
        (b"expect", b"x"),
        (b"x-forwarded-for", b"\xff,,"),
    ],
)
def test_junk_in_other_headers_is_no_fault(header: tuple[bytes, bytes]) -> None:
    """Headers that mean nothing here, or say nothing sensible, never make a fault."""

    async def test(client: Client) -> None:
        answer = await raw(
            client, {"method": "POST", "path": "/v1/notes", "headers": [(b"content-type", b"application/json"), header]}, b'{"text":"a"}'
        )
        assert answer.status in (201, 400, 413)

    served(test)


def test_every_method_is_answered() -> None:
    """Methods that a path does not have are 405 with what it has; odd ones too."""

    async def test(client: Client) -> None:
        for method in ("PUT", "TRACE", "CONNECT", "get", "FOO", "X" * 300):
            answer = await raw(client, {"method": method, "path": "/v1/notes"})
            is_problem(answer)
            assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")

    served(test)


# --- fuzz -------------------------------------------------------------------------------------------------------------

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.just(KEY)
    | st.sampled_from(["1.5", "hard", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(
    [
        "isbn",
        "author_id",
        "price",
        "stock",
        "cover",
        "weight",
        "printed",
        "opens",
        "sold_at",
        "lasts",
        "code",
        "scan",
        "extra",
        "words",
        "during",
        "spot",
        "label_ids",
        "rank",
        "text",
        "id",
        "version",
        "book_id",
        "copies",
        "name",
    ]
)
bodies = (
    st.binary(max_size=40)
    | st.dictionaries(fields, junk, max_size=6).map(lambda d: json.dumps(d).encode())
    | junk.map(lambda v: json.dumps(v).encode())
)
paths = st.sampled_from(
    [
        "/v1/books",
        f"/v1/books/{KEY}",
        "/v1/notes",
        "/v1/labels/1",
        "/v1/chapters",
        "/v1/quote",
        "/v1/take",
        "/v1/contact",
        "/v1/set-cover",
        "/v1/hook",
        "/v1/sign-up",
        "/v1/sign-in",
        "/v1/refresh",
        "/v1/me",
        "/v1/perhaps",
        "/openapi.json",
    ]
) | st.text(max_size=12).map(lambda t: "/v1/" + t)
queries = st.binary(max_size=30) | st.builds(
    lambda name, sign, value: f"{name}{sign}={value}".encode("utf-8", "replace"),
    fields,
    st.sampled_from(["", "[in]", "[lt]", "[null]"]),
    st.text(max_size=6),
)
headers = st.lists(
    st.tuples(
        st.sampled_from([b"content-type", b"if-match", b"if-none-match", b"idempotency-key", b"authorization", b"range", b"accept"]),
        st.binary(max_size=20),
    )
    | st.just((b"content-type", b"application/json"))
    | st.just((b"content-type", b"multipart/form-data; boundary=b"))
    | st.just((b"content-type", b"application/x-www-form-urlencoded")),
    max_size=4,
)
methods = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ODD"])


@asynccontextmanager
async def furnished() -> AsyncIterator[Client]:
    async with Client(served_app()) as client:
        author = Author(name="A")
        author._id = UUID(KEY)  # type: ignore[assignment]
        await client.app.given(author)
        yield client


def test_no_request_makes_a_fault() -> None:
    """Whatever comes, in any combination of method, path, query, headers and body: an answer, and no fault."""
    with asyncio.Runner() as runner:
        opened = furnished()
        client = runner.run(opened.__aenter__())

        @given(methods, paths, queries, headers, bodies)
        @settings(max_examples=600, deadline=None, database=None)
        def one(method: str, path: str, query: bytes, sent: list[tuple[bytes, bytes]], body: bytes) -> None:
            scope = {"method": method, "path": path, "raw_path": path.encode("utf-8", "replace"), "query_string": query, "headers": sent}
            answer = runner.run(raw(client, scope, body))
            assert answer.status < 500
            if answer.status >= 400 and method != "HEAD":
                is_problem(answer)

        try:
            one()
        finally:
            runner.run(opened.__aexit__(None, None, None))
